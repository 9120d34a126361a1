/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-machine-list.h"
#include "ui/valise-machine-page.h"
#include "ui/valise-notice-bar.h"
#include "ui/valise-window.h"

G_BEGIN_DECLS

struct _ValiseWindow
{
  HdyApplicationWindow parent_instance;

  HdyLeaflet *leaflet;
  HdyHeaderBar *library_header;
  HdyHeaderBar *machine_header;
  GtkWidget *library_pane;
  GtkWidget *machine_pane;
  GtkStack *stack;
  GtkLabel *several_label;
  GtkWidget *back_button;
  GtkWidget *start_button;
  GtkWidget *shutdown_button;
  GtkWidget *settings_button;
  GtkWidget *window_button;
  GtkWidget *machine_button;
  GtkMenuButton *jobs_button;
  ValiseMachineList *machine_list;
  ValiseNoticeBar *notices;
  GMenuModel *row_menu;

  ValiseMachinePage *machine_page; /* made when the first machine is shown */
  ValiseLibrary *library;
  GPtrArray *selected; /* (element-type ValiseMachine) */
  GSimpleActionGroup *machine_actions;
  GCancellable *cancellable;
  guint update_id;
  gboolean chosen; /* the first machine was selected once, or the user did something */
};

/* valise-window-actions.c: what is done with the selected machines */
void _valise_window_init_actions (ValiseWindow *self);
void _valise_window_update_actions (ValiseWindow *self);
void _valise_window_do (ValiseWindow *self, ValiseMachine *machine, ValiseVerb verb);

/* valise-window-changes.c: what writes into bundles: name, group, undo, export, Trash */
void _valise_window_add_change_actions (ValiseWindow *self);
void _valise_window_set_group (ValiseWindow *self, const char *group);

/* valise-window-files.c: files that are dropped, chosen or given on the command line */
void _valise_window_add_file_actions (ValiseWindow *self);

/* The selected machine if it is one alone. (nullable) */
ValiseMachine *_valise_window_get_machine (ValiseWindow *self);

G_END_DECLS
