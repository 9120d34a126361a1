/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#include "bundle/valise-archive.h"
#include "bundle/valise-bundle.h"
#include "engine/valise-foreign-job.h"
#include "engine/valise-jobs.h"
#include "formats/valise-reader.h"

typedef struct
{
  char *name;
  char *in;
  char *configuration;
  char *mac;
  int machine; /* from 1; 0: all */
  gboolean dry_run;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->name);
  g_free (self->in);
  g_free (self->configuration);
  g_free (self->mac);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
set_usage (GError **error, const char *text)
{
  g_set_error_literal (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, text);
  return FALSE;
}

static gboolean
read_mac (const Options *options, ValiseMacPolicy *policy, GError **error)
{
  *policy = g_strcmp0 (options->mac, "new") == 0 ? VALISE_MAC_NEW : VALISE_MAC_KEEP;
  if (options->mac == NULL || g_str_equal (options->mac, "new") || g_str_equal (options->mac, "keep"))
    return TRUE;
  return set_usage (error, _ ("--mac is “new” or “keep”."));
}

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
import_own (ValiseCall *call, const char *file, const Options *options, GError **error)
{
  g_autofree char *directory = options->in != NULL ? valise_call_resolve (call, options->in) : NULL;
  g_autoptr (ValiseJob) job = valise_import_job_new (call->library, file, directory, options->name);

  return valise_call_run_job (call, job, error) && valise_call_adopt (call, job, error);
}

/* --- those of others --- */

static gboolean
import_machine (ValiseCall *call,
                ValisePackage *package,
                ValiseBlueprint *blueprint,
                const Options *options,
                ValiseMacPolicy mac,
                GError **error)
{
  g_autofree char *directory = options->in != NULL ? valise_call_resolve (call, options->in) : NULL;
  g_autoptr (ValiseJob) job = valise_foreign_job_new (call->library, package, blueprint, mac, directory, options->name);
  g_autoptr (GPtrArray) report = NULL;
  gboolean done = valise_call_run_job (call, job, error);

  report = valise_foreign_job_get_report (job);
  valise_call_print_findings (call, report);
  return done && valise_call_adopt (call, job, error);
}

static gboolean
check_choice (const Options *options, GPtrArray *machines, GError **error)
{
  if (options->machine < 0 || options->machine > (int) machines->len)
    {
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
                   ngettext ("There is %u machine in it.", "There are %u machines in it; --machine counts from 1.",
                             machines->len),
                   machines->len);
      return FALSE;
    }
  if (options->name != NULL && options->machine == 0 && machines->len > 1)
    return set_usage (error, _ ("There are several machines in it. Choose one with --machine to give it a name."));
  return TRUE;
}

static gboolean
import_machines (ValiseCall *call, ValisePackage *package, GPtrArray *machines, const Options *options, GError **error)
{
  ValiseMacPolicy mac;
  gboolean failed = FALSE;

  if (!check_choice (options, machines, error) || !read_mac (options, &mac, error))
    return FALSE;
  g_ptr_array_set_free_func (machines, NULL);
  for (guint i = 0; i < machines->len; i++)
    {
      ValiseBlueprint *blueprint = g_ptr_array_index (machines, i);

      if (!failed && (options->machine == 0 || (guint) options->machine == i + 1))
        failed = !import_machine (call, package, blueprint, options, mac, error);
      else
        valise_blueprint_free (blueprint);
    }
  return !failed;
}

static gboolean
import_foreign (ValiseCall *call, const char *file, const Options *options, GError **error)
{
  g_autoptr (ValisePackage) package = valise_package_open (file, error);
  g_autoptr (GPtrArray) machines = NULL;
  g_autoptr (GError) local = NULL;

  if (package == NULL)
    return FALSE;
  machines = valise_reader_read_package (package, options->configuration, &local);
  if (machines != NULL)
    return import_machines (call, package, machines, options, error);
  /* An archive of ours by another name. */
  if (g_error_matches (local, VALISE_READER_ERROR, VALISE_READER_ERROR_UNKNOWN))
    return import_own (call, file, options, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
report (ValiseCall *call, const char *file, const Options *options, GError **error)
{
  g_autoptr (GPtrArray) machines = valise_reader_read (file, options->configuration, error);
  ValiseMacPolicy mac;

  if (machines == NULL || !check_choice (options, machines, error) || !read_mac (options, &mac, error))
    return FALSE;
  _valise_import_report (call, machines, options->machine, mac);
  return TRUE;
}

gboolean
_valise_command_import (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autofree char *file = NULL;
  g_auto (Options) options = { 0 };
  GOptionEntry entries[] = {
    { "name", 0, 0, G_OPTION_ARG_FILENAME, &options.name, NULL, NULL },
    { "in", 0, 0, G_OPTION_ARG_FILENAME, &options.in, NULL, NULL },
    { "machine", 0, 0, G_OPTION_ARG_INT, &options.machine, NULL, NULL },
    { "configuration", 0, 0, G_OPTION_ARG_FILENAME, &options.configuration, NULL, NULL },
    { "mac", 0, 0, G_OPTION_ARG_FILENAME, &options.mac, NULL, NULL },
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
