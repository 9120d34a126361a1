/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include "engine/valise-move-job.h"

gboolean
_valise_command_move (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (ValiseJob) job = NULL;
  g_autofree char *directory = NULL;

  if (!valise_call_parse (call, "move", NULL, arguments, &operands, 2, 2, error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  directory = valise_call_resolve (call, operands[1]);
  job = valise_move_job_new (machine, directory);
  if (!valise_call_run_job (call, job, error))
    return FALSE;
  valise_library_forget (call->library, machine);
  return valise_call_adopt (call, job, error);
}
