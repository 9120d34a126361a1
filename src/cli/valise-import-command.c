/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"
#include "cli/valise-import-options.h"

#include <glib/gi18n-lib.h>

#include "bundle/valise-archive.h"
#include "bundle/valise-bundle.h"
#include "engine/valise-foreign-job.h"
#include "engine/valise-jobs.h"
#include "formats/valise-reader.h"

/* --- our own --- */

static gboolean
is_iso (const char *file)
{
  g_autofree char *lower = g_ascii_strdown (file, -1);

  return g_str_has_suffix (lower, ".iso");
}

static gboolean
is_own (const char *file)
{
  g_autofree char *config = g_build_filename (file, "config.xml", NULL);

  return g_str_has_suffix (file, VALISE_BUNDLE_ARCHIVE_SUFFIX) || g_file_test (config, G_FILE_TEST_IS_REGULAR);
}

static gboolean
import_own (ValiseCall *call, const char *file, const ValiseImportOptions *options, GError **error)
{
  g_autofree char *directory = options->in != NULL ? valise_call_resolve (call, options->in) : NULL;
  g_autoptr (ValiseJob) job =
      valise_import_job_new (call->library, file, directory, _valise_import_options_get_name (options));

  return valise_call_run_job (call, job, error) && valise_call_adopt (call, job, error);
}

/* --- those of others --- */

static gboolean
import_machine (ValiseCall *call,
                ValisePackage *package,
                ValiseImportChoices *choices,
                const ValiseImportOptions *options,
                GError **error)
{
  g_autofree char *directory = options->in != NULL ? valise_call_resolve (call, options->in) : NULL;
  g_autoptr (ValiseJob) job = valise_foreign_job_new (call->library, package, choices, directory);
  g_autoptr (GPtrArray) report = NULL;
  gboolean done = valise_call_run_job (call, job, error);

  report = valise_foreign_job_get_report (job);
  valise_call_print_findings (call, report);
  return done && valise_call_adopt (call, job, error);
}

static ValiseCapabilities *
capabilities_of (ValiseCall *call)
{
  return valise_host_get_capabilities (valise_library_get_host (call->library));
}

/* What cannot be brought in is said before the first of several is. */
static gboolean
check_machine (ValiseCall *call, const ValiseImportChoices *choices, GError **error)
{
  g_autoptr (ValiseImportPlan) plan =
      choices->blueprint->refused ? NULL : valise_import_plan_new (choices, capabilities_of (call), NULL);
  g_autoptr (GPtrArray) points = valise_import_points_new (choices, plan);
  gboolean refused = valise_import_points_get_outcome (points, choices) == VALISE_BLUEPRINT_REFUSED;
  const ValiseImportPoint *open = valise_import_points_find_open (points);
  g_autoptr (GPtrArray) findings = NULL;

  if (open == NULL)
    return TRUE;
  findings = valise_import_points_list_findings (points);
  valise_call_print_findings (call, findings);
  g_set_error (error, VALISE_READER_ERROR, refused ? VALISE_READER_ERROR_REFUSED : VALISE_READER_ERROR_DECISION,
               refused ? _ ("“%s” cannot be brought in.") : _ ("“%s” waits for a decision; --dry-run says which."),
               choices->blueprint->name);
  return FALSE;
}

static gboolean
import_machines (ValiseCall *call,
                 ValisePackage *package,
                 GPtrArray *chosen,
                 const ValiseImportOptions *options,
                 GError **error)
{
  gboolean failed = FALSE;

  for (guint i = 0; i < chosen->len; i++)
    if (!check_machine (call, chosen->pdata[i], error))
      return FALSE;
  while (!failed && chosen->len > 0)
    failed = !import_machine (call, package, g_ptr_array_steal_index (chosen, 0), options, error);
  return !failed;
}

static gboolean
import_foreign (ValiseCall *call, const char *file, const ValiseImportOptions *options, GError **error)
{
  g_autoptr (ValisePackage) package = valise_package_open (file, error);
  g_autoptr (GPtrArray) chosen = NULL;
  g_autoptr (GError) local = NULL;
  GPtrArray *machines;

  if (package == NULL)
    return FALSE;
  machines = valise_reader_read_package (package, options->configuration, call->cancellable, &local);
  if (machines != NULL)
    {
      chosen = _valise_import_options_choose (options, machines, capabilities_of (call), error);
      return chosen != NULL && import_machines (call, package, chosen, options, error);
    }
  /* An archive of ours by another name. */
  if (g_error_matches (local, VALISE_READER_ERROR, VALISE_READER_ERROR_UNKNOWN))
    return import_own (call, file, options, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
report (ValiseCall *call, const char *file, const ValiseImportOptions *options, GError **error)
{
  GPtrArray *machines = valise_reader_read (file, options->configuration, call->cancellable, error);
  g_autoptr (GPtrArray) chosen =
      machines != NULL ? _valise_import_options_choose (options, machines, capabilities_of (call), error) : NULL;

  if (chosen == NULL)
    return FALSE;
  _valise_import_report (call, chosen);
  return TRUE;
}

gboolean
_valise_command_import (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autofree char *file = NULL;
  g_auto (ValiseImportOptions) options = { 0 };
  GOptionEntry entries[] = {
    { "name", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.names, NULL, NULL },
    { "in", 0, 0, G_OPTION_ARG_FILENAME, &options.in, NULL, NULL },
    { "machine", 0, 0, G_OPTION_ARG_FILENAME, &options.machine, NULL, NULL },
    { "configuration", 0, 0, G_OPTION_ARG_FILENAME, &options.configuration, NULL, NULL },
    { "mac", 0, 0, G_OPTION_ARG_FILENAME, &options.mac, NULL, NULL },
    { "disk-bus", 0, 0, G_OPTION_ARG_FILENAME, &options.disk_bus, NULL, NULL },
    { "decide", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.decisions, NULL, NULL },
    { "grant", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.grants, NULL, NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options.dry_run, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "import", entries, arguments, &operands, 1, 1, error))
    return FALSE;
  file = valise_call_resolve (call, operands[0]);
  if (is_iso (file))
    {
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
                   _ ("“%s” is a disc, not a machine. To make one from it: valisectl create NAME --iso FILE"), file);
      return FALSE;
    }
  if (options.dry_run)
    return report (call, file, &options, error);
  return is_own (file) ? import_own (call, file, &options, error) : import_foreign (call, file, &options, error);
}
