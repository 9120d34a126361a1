/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Where a path was chosen last, at first the downloads. (transfer full) */
char *valise_file_dialog_dup_folder (void);
/* That is where the next one begins. */
void valise_file_dialog_remember (const char *folder);

/* A file chooser above @parent that begins where the one before it ended, at first among the downloads. Its owner
 * connects to "response", shows it, and ends it there with valise_file_dialog_take(). */
GtkFileChooserNative *
valise_file_dialog_new (const char *title, GtkWindow *parent, GtkFileChooserAction action, const char *accept);

/* (transfer none): one more kind of file to choose from; the first is chosen at the beginning. */
GtkFileFilter *valise_file_dialog_add_kind (GtkFileChooserNative *dialog, const char *name, const char *pattern);

/* From "response": the path that was chosen, or %NULL. The dialog goes when the event that answered it has been dealt
 * with: GTK goes on with a key in widgets that would be gone. */
char *valise_file_dialog_take (GtkFileChooserNative *dialog, int response);

G_END_DECLS
