/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#include "engine/valise-machine-template.h"

gboolean
_valise_command_template (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  gboolean on;

  if (!valise_call_parse (call, "template", NULL, arguments, &operands, 2, 2, error))
    return FALSE;
  on = g_str_equal (operands[1], "on");
  if (!on && !g_str_equal (operands[1], "off"))
    {
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
                   _ ("A template is switched “on” or “off”."));
      return FALSE;
    }
  machine = valise_call_find (call, operands[0], error);
  return machine != NULL && valise_machine_set_template (machine, on, call->cancellable, error);
}
