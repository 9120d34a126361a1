/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The same numbers as the enum of the setting "quit-behaviour". */
typedef enum
{
  VALISE_QUIT_ASK,
  VALISE_QUIT_KEEP,
  VALISE_QUIT_SUSPEND,
  VALISE_QUIT_SHUTDOWN,
} ValiseQuit;

/**
 * ValiseQuitDialog:
 *
 * What becomes of the running machines when Valise quits. Response %GTK_RESPONSE_ACCEPT: quit, as
 * valise_quit_dialog_get_choice says; it is remembered if the user wants so.
 */
#define VALISE_TYPE_QUIT_DIALOG (valise_quit_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ValiseQuitDialog, valise_quit_dialog, VALISE, QUIT_DIALOG, GtkDialog)

GtkWidget *valise_quit_dialog_new (GtkWindow *parent, guint n_running);
ValiseQuit valise_quit_dialog_get_choice (ValiseQuitDialog *self);

G_END_DECLS
