/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#include "base/valise-size.h"
#include "cli/valise-json-private.h"
#include "engine/valise-disk-jobs.h"
#include "engine/valise-shrink-job.h"

static void
print_freed (ValiseCall *call, guint64 bytes)
{
  g_autofree char *size = valise_size_format (bytes);
  g_autoptr (JsonBuilder) builder = NULL;

  if (!call->json)
    {
      fprintf (call->out, _ ("%s freed\n"), size);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  _valise_json_add_number (builder, "freed", (gint64) bytes);
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
}

gboolean
_valise_command_compact (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (ValiseJob) job = NULL;
  const char *const *targets;
  gboolean compress = FALSE;
  GOptionEntry entries[] = {
    { "compress", 0, 0, G_OPTION_ARG_NONE, &compress, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "compact", entries, arguments, &operands, 1, G_MAXUINT, error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  targets = operands[1] != NULL ? (const char *const *) operands + 1 : NULL;
  job = compress ? valise_compress_job_new (machine, targets) : valise_compact_job_new (machine, targets);
  if (!valise_call_run_job (call, job, error))
    return FALSE;
  print_freed (call, valise_compact_job_get_freed (job));
  return TRUE;
}

gboolean
_valise_command_convert (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (ValiseJob) job = NULL;
  g_autofree char *format = NULL;
  g_autofree char *made = NULL;
  GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_FILENAME, &format, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "convert", entries, arguments, &operands, 2, 2, error))
    return FALSE;
  if (g_strcmp0 (format, "qcow2") != 0 && g_strcmp0 (format, "raw") != 0)
    {
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("--format takes qcow2 or raw."));
      return FALSE;
    }
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  job = valise_convert_job_new (machine, operands[1], format);
  if (!valise_call_run_job (call, job, error))
    return FALSE;
  made = valise_job_dup_result_path (job);
  valise_call_print_path (call, made);
  return TRUE;
}

static void
print_kept (ValiseCall *call, ValiseMachine *machine, const char *snapshot)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (!call->json)
    {
      fprintf (call->out, _ ("To have it back as it was: valisectl snapshot revert \"%s\" %s\n"),
               valise_machine_get_path (machine), snapshot);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  _valise_json_add_string (builder, "snapshot", snapshot);
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
}

gboolean
_valise_command_shrink (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (ValiseJob) job = NULL;
  g_autofree char *snapshot = NULL;
  gboolean lose = FALSE;
  guint64 bytes;
  GOptionEntry entries[] = {
    { "lose-data", 0, 0, G_OPTION_ARG_NONE, &lose, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "shrink", entries, arguments, &operands, 3, 3, error)
      || !valise_size_parse (operands[2], 1, &bytes, error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  job = valise_shrink_job_new (machine, operands[1], bytes, lose);
  if (!valise_call_run_job (call, job, error))
    return FALSE;
  snapshot = valise_shrink_job_dup_snapshot (job);
  print_kept (call, machine, snapshot);
  return TRUE;
}
