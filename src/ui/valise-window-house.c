/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include "ui/valise-space-window.h"
#include "ui/valise-verify-window.h"

static void
on_verify_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = _valise_window_get_machine (self);

  if (machine != NULL)
    valise_verify_window_present (machine, self->library, GTK_WINDOW (self));
}

static void
on_space_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = _valise_window_get_machine (self);

  if (machine != NULL)
    valise_space_window_present (machine, GTK_WINDOW (self));
}

static const GActionEntry entries[] = {
  { .name = "space", .activate = on_space_cb },
  { .name = "verify", .activate = on_verify_cb },
};

void
_valise_window_add_house_actions (ValiseWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self->machine_actions), entries, G_N_ELEMENTS (entries), self);
}
