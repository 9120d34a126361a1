/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include "ui/valise-export-dialog.h"
#include "ui/valise-export-notice.h"

static void
on_export_state_cb (ValiseJob *job, GParamSpec *pspec, ValiseWindow *self)
{
  if (valise_job_get_state (job) != VALISE_JOB_DONE || self->library == NULL)
    return;
  /* A job may tell its end more than once. */
  g_signal_handlers_disconnect_by_func (job, on_export_state_cb, self);
  valise_export_notice_say (self->notices, job);
}

static void
on_exported_cb (GtkWidget *dialog, ValiseJob *job, ValiseWindow *self)
{
  if (self->library == NULL)
    return;
  g_signal_connect_object (job, "notify::state", G_CALLBACK (on_export_state_cb), self, 0);
  valise_library_run_job (self->library, job);
}

static void
on_export_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  GtkWidget *dialog;

  if (self->selected->len == 0 || self->library == NULL)
    return;
  dialog = valise_export_dialog_new (self->selected, NULL, GTK_WINDOW (self));
  g_signal_connect_object (dialog, "exported", G_CALLBACK (on_exported_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static const GActionEntry entries[] = {
  { .name = "export", .activate = on_export_cb },
};

void
_valise_window_add_export_actions (ValiseWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self->machine_actions), entries, G_N_ELEMENTS (entries), self);
}
