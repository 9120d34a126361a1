/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-display-view.h"
#include "ui/valise-display-window.h"

G_BEGIN_DECLS

struct _ValiseDisplayView
{
  GtkBox parent_instance;

  GtkWidget *toolbar;
  GtkLabel *hint_label;
  GtkStack *stack;
  GtkScrolledWindow *scroller;
  GtkWidget *state_box;
  GtkSpinner *state_spinner;
  GtkLabel *state_label;
  GtkButton *state_button;
  GtkRevealer *edge_revealer;
  GtkLabel *edge_label;
  GtkRevealer *hint_revealer;
  GtkLabel *overlay_hint_label;
  GtkRevealer *message_revealer;
  GtkLabel *message_label;
  GtkWidget *message_folder;
  GtkMenuButton *keys_button;
  GtkMenuButton *edge_keys_button;
  GMenuModel *keys_menu;
  GtkMenuButton *scaling_button;
  GMenuModel *scaling_menu;
  GtkMenuButton *type_button;
  GtkPopover *type_popover;
  GtkTextView *type_text;
  GtkWidget *type_send;

  ValiseMachine *machine;
  ValiseDisplay *display;      /* NULL while away */
  ValiseDisplayWindow *window; /* while away: where the picture is; weak */
  GSimpleActionGroup *actions;
  GCancellable *cancellable; /* of the machine at hand */
  GError *error;             /* why there is no picture */
  gboolean opening;
  gboolean fullscreen;
  guint attempts; /* to reconnect since the last picture */
  guint retry_id;
  guint spin_id;
  guint hint_id;
  guint resize_id;
  guint message_id; /* hides what need not be read */
  char *folder;     /* of the last screenshot */
};

/* valise-display-view-tools.c: what the buttons of the bar do. */
void _valise_display_view_add_tools (ValiseDisplayView *self);
void _valise_display_view_enable_tools (ValiseDisplayView *self, gboolean connected);
/* What was begun may end after the view was destroyed: then there is nothing left to write on. */
gboolean _valise_display_view_is_gone (ValiseDisplayView *self);
void _valise_display_view_say (ValiseDisplayView *self, const char *text, const char *folder);
void _valise_display_view_send_text (ValiseDisplayView *self);
void _valise_display_view_open_folder (ValiseDisplayView *self);
void _valise_display_view_close_message (ValiseDisplayView *self);

G_END_DECLS
