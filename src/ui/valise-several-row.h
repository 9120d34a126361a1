/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "model/valise-shared-edit.h"

G_BEGIN_DECLS

/**
 * ValiseSeveralRow:
 *
 * A machine among several that get the same setting: what it was, what it becomes, what there is to say about it, and
 * how applying it went.
 */
#define VALISE_TYPE_SEVERAL_ROW (valise_several_row_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSeveralRow, valise_several_row, VALISE, SEVERAL_ROW, GtkListBoxRow)

typedef enum
{
  VALISE_SEVERAL_WAITS,  /* nothing to say yet */
  VALISE_SEVERAL_QUIET,  /* stays as it is */
  VALISE_SEVERAL_CHANGE, /* will be changed */
  VALISE_SEVERAL_DONE,
  VALISE_SEVERAL_FAILED,
} ValiseSeveralMark;

/* @name: as people call the machine */
GtkWidget *valise_several_row_new (const char *name);
/* @remarks: (nullable) */
void valise_several_row_say (ValiseSeveralRow *self, ValiseSeveralMark mark, const char *words, const char *remarks);
/* What was worked out for it; a row that told how applying went does so no longer. */
void valise_several_row_show (ValiseSeveralRow *self, const ValiseSharedPart *part);
/* It could not be applied; what was to be is still shown. */
void valise_several_row_fail (ValiseSeveralRow *self, const ValiseSharedPart *part, const char *words);

G_END_DECLS
