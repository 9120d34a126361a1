/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-machine.h"

#include <glib/gi18n-lib.h>

static const GEnumValue values[] = {
  { VALISE_MACHINE_UNREAD, "VALISE_MACHINE_UNREAD", "unread" },
  { VALISE_MACHINE_BROKEN, "VALISE_MACHINE_BROKEN", "broken" },
  { VALISE_MACHINE_OFF, "VALISE_MACHINE_OFF", "off" },
  { VALISE_MACHINE_SUSPENDED, "VALISE_MACHINE_SUSPENDED", "suspended" },
  { VALISE_MACHINE_STARTING, "VALISE_MACHINE_STARTING", "starting" },
  { VALISE_MACHINE_RUNNING, "VALISE_MACHINE_RUNNING", "running" },
  { VALISE_MACHINE_PAUSED, "VALISE_MACHINE_PAUSED", "paused" },
  { VALISE_MACHINE_STOPPING, "VALISE_MACHINE_STOPPING", "stopping" },
  { 0, NULL, NULL },
};

static const char *const labels[] = {
  [VALISE_MACHINE_UNREAD] = N_ ("Not read yet"),
  [VALISE_MACHINE_BROKEN] = N_ ("Cannot be read"),
  [VALISE_MACHINE_OFF] = N_ ("Off"),
  [VALISE_MACHINE_SUSPENDED] = N_ ("Suspended"),
  [VALISE_MACHINE_STARTING] = N_ ("Starting"),
  [VALISE_MACHINE_RUNNING] = N_ ("Running"),
  [VALISE_MACHINE_PAUSED] = N_ ("Paused"),
  [VALISE_MACHINE_STOPPING] = N_ ("Stopping"),
};

GType
valise_machine_state_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("ValiseMachineState", values));
  return type;
}

const char *
valise_machine_state_to_label (ValiseMachineState state)
{
  g_return_val_if_fail (state < G_N_ELEMENTS (labels), NULL);
  return _ (labels[state]);
}

const char *
valise_machine_state_to_word (ValiseMachineState state)
{
  g_return_val_if_fail (state < G_N_ELEMENTS (labels), NULL);
  return values[state].value_nick;
}
