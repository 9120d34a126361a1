/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "cli/valise-json-private.h"
#include "engine/valise-verify-job.h"

static void
print_json (ValiseCall *call, GPtrArray *findings, guint images)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  _valise_json_add_boolean (builder, "sound", valise_findings_worst (findings) < VALISE_SEVERITY_ERROR);
  _valise_json_add_number (builder, "images", images);
  _valise_json_add_findings (builder, "findings", findings);
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
}

static void
print_plain (ValiseCall *call, GPtrArray *findings, guint images)
{
  g_autofree char *checked =
      g_strdup_printf (ngettext ("%u disk image checked.", "%u disk images checked.", images), images);

  valise_call_print_findings (call, findings);
  fprintf (call->out, "%s %s\n", checked,
           valise_findings_worst (findings) > VALISE_SEVERITY_INFO ? _ ("Not everything is as it should be.")
                                                                   : _ ("Nothing wrong was found."));
}

/* Also one whose settings cannot be read: that is what it says then. */
gboolean
_valise_command_verify (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (ValiseJob) job = NULL;
  GPtrArray *findings;

  if (!valise_call_parse (call, "verify", NULL, arguments, &operands, 1, 1, error))
    return FALSE;
  machine = valise_call_find_unread (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  job = valise_verify_job_new (machine);
  if (!valise_call_run_job (call, job, error))
    return FALSE;
  findings = valise_verify_job_get_findings (job);
  if (call->json)
    print_json (call, findings, valise_verify_job_get_images (job));
  else
    print_plain (call, findings, valise_verify_job_get_images (job));
  if (valise_findings_worst (findings) == VALISE_SEVERITY_ERROR)
    call->exit = VALISE_EXIT_REFUSED;
  return TRUE;
}
