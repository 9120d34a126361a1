/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "engine/valise-library.h"

G_BEGIN_DECLS

typedef enum
{
  VALISE_GROUP_RUNNING,
  VALISE_GROUP_NAMED,
  VALISE_GROUP_REST, /* in no group */
} ValiseGroupKind;

typedef struct
{
  ValiseGroupKind kind;
  const char *name; /* of a named group; interned */
  guint count;
  gboolean collapsed;
} ValiseGroup;

/* A line of the list: a machine, or the heading of a group (then @entry is NULL). */
typedef struct
{
  const ValiseLibraryEntry *entry;
  const ValiseGroup *group;
} ValiseMachineRow;

/**
 * ValiseMachineTree:
 *
 * The library as the lines of the list: searched, grouped, with headings that fold. A flat #GtkTreeModel whose lines
 * are two pointers each, so that ten thousand machines cost nothing but the lines that are seen.
 *
 * Signals: "reset-begin" and "reset-end" around a change too large for single rows (the view lets go of the model
 * between them); "rebuilding" and "rebuilt" around any change of lines.
 */
#define VALISE_TYPE_MACHINE_TREE (valise_machine_tree_get_type ())
G_DECLARE_FINAL_TYPE (ValiseMachineTree, valise_machine_tree, VALISE, MACHINE_TREE, GObject)

ValiseMachineTree *valise_machine_tree_new (ValiseLibrary *library);
/* @text: (nullable): shows only machines whose name or group contains it. */
void valise_machine_tree_set_search (ValiseMachineTree *self, const char *text);
const ValiseMachineRow *valise_machine_tree_get_row (ValiseMachineTree *self, GtkTreeIter *iter);
const ValiseMachineRow *valise_machine_tree_get_row_at (ValiseMachineTree *self, guint position);
guint valise_machine_tree_get_n_rows (ValiseMachineTree *self);
/* %FALSE when it is not shown (searched away or folded). */
gboolean valise_machine_tree_find (ValiseMachineTree *self, const ValiseLibraryEntry *entry, guint *position);
void valise_machine_tree_fold (ValiseMachineTree *self, const ValiseGroup *group, gboolean collapsed);
/* Unfolds the group that hides @entry. */
void valise_machine_tree_reveal (ValiseMachineTree *self, const ValiseLibraryEntry *entry);
/* Names of all groups, sorted. (element-type utf8) (transfer container) */
GPtrArray *valise_machine_tree_list_groups (ValiseMachineTree *self);
/* Says that what a row shows has changed (its picture). */
void valise_machine_tree_touch (ValiseMachineTree *self, const char *bundle_path);

G_END_DECLS
