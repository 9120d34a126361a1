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

  GtkWidget *content;
  HdyLeaflet *leaflet;
  HdyHeaderBar *library_header;
  HdyHeaderBar *machine_header;
  GtkWidget *library_pane;
  GtkWidget *machine_pane;
  GtkStack *stack;
  HdyStatusPage *several_page; /* made when several machines are first selected */
  GtkMenuButton *new_button;
  GtkMenuButton *app_button;
  GtkWidget *back_button;
  GtkWidget *start_button;
  GtkWidget *once_button; /* what else it can start from */
  GtkWidget *shutdown_button;
  GtkWidget *settings_button;
  GtkWidget *window_button;
  GtkMenuButton *machine_button;
  GtkMenuButton *jobs_button;
  ValiseMachineList *machine_list;
  ValiseNoticeBar *notices;
  GMenuModel *new_menu; /* each button has its own when it is first pressed */
  GMenuModel *app_menu;
  GMenuModel *machine_menu;
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
void _valise_window_start_once (ValiseWindow *self, ValiseMachine *machine, const char *from);
void _valise_window_start_disposable (ValiseWindow *self, ValiseMachine *machine);
/* Whether one of the selected machines, or several, can do this now. */
gboolean _valise_window_any_can (ValiseWindow *self, ValiseVerb verb);

/* valise-window-changes.c: what writes into bundles: name, group, undo */
void _valise_window_add_change_actions (ValiseWindow *self);
void _valise_window_set_group (ValiseWindow *self, const char *group);

/* valise-window-clone.c: a second machine of one, templates, another folder */
void _valise_window_add_clone_actions (ValiseWindow *self);
void _valise_window_update_clone_actions (ValiseWindow *self);

/* valise-window-export.c: a copy to hand on */
void _valise_window_add_export_actions (ValiseWindow *self);

/* valise-window-files.c: files that are dropped, chosen or given on the command line; the file manager */
void _valise_window_add_file_actions (ValiseWindow *self);

/* valise-window-foreign.c: machines of other programs */
/* In the assistant; those of @several files that need no decision at once. */
void _valise_window_import_foreign (ValiseWindow *self, const char *path, gboolean several);

/* valise-window-house.c: what takes its room, and whether it is whole */
void _valise_window_add_house_actions (ValiseWindow *self);

/* valise-window-snapshots.c: earlier moments of the machine */
void _valise_window_add_snapshot_actions (ValiseWindow *self);

/* valise-window-start.c: starting from something else once */
void _valise_window_add_start_actions (ValiseWindow *self);
void _valise_window_show_start_menu (ValiseWindow *self);

/* valise-window-trash.c: deleted, and brought back */
void _valise_window_add_trash_actions (ValiseWindow *self);
/* Offers no longer to bring back what is back by another way. */
void _valise_window_review_trash (ValiseWindow *self);

/* The selected machine if it is one alone. (nullable) */
ValiseMachine *_valise_window_get_machine (ValiseWindow *self);

G_END_DECLS
