/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include "ui/valise-snapshots-window.h"

static void
on_snapshots_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = _valise_window_get_machine (self);
  g_autoptr (GError) error = NULL;

  if (machine == NULL)
    return;
  if (valise_machine_load (machine, FALSE, &error))
    valise_snapshots_window_present (machine, self->library, GTK_WINDOW (self));
  else
    valise_notice_bar_say_error (self->notices, valise_machine_get_name (machine), error);
}

static const GActionEntry entries[] = {
  { .name = "snapshots", .activate = on_snapshots_cb },
};

void
_valise_window_add_snapshot_actions (ValiseWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self->machine_actions), entries, G_N_ELEMENTS (entries), self);
}
