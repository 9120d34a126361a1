/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-size.h"
#include "bundle/valise-archive.h"
#include "engine/valise-export.h"
#include "engine/valise-machine-snapshots.h"

typedef struct
{
  char *format;
  char *disk;
  char *mac;
  char *without;
  char *snapshot;   /* as it was said; then its id */
  gboolean secrets; /* to be left out */
  gboolean dry_run;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->format);
  g_free (self->disk);
  g_free (self->mac);
  g_free (self->without);
  g_free (self->snapshot);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
set_usage (GError **error, const char *text)
{
  g_set_error_literal (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, text);
  return FALSE;
}

/* --- what was asked for --- */

static gboolean
read_mac (const Options *options, ValiseExportChoice *choice, GError **error)
{
  static const char *const words[] = { "keep", "new", "strip", NULL };

  for (guint i = 0; words[i] != NULL; i++)
    if (options->mac == NULL || g_str_equal (options->mac, words[i]))
      {
        choice->macs = options->mac == NULL ? VALISE_SHARE_MACS_KEEP : (ValiseShareMacs) i;
        return TRUE;
      }
  return set_usage (error, _ ("--mac is “keep”, “new” or “strip”."));
}

static gboolean
leave_out (ValiseExportChoice *choice, const char *word)
{
  if (g_str_equal (word, "snapshots"))
    choice->snapshots = FALSE;
  else if (g_str_equal (word, "suspended"))
    choice->suspended = FALSE;
  else if (g_str_equal (word, "tpm"))
    choice->tpm = FALSE;
  else if (g_str_equal (word, "iso"))
    choice->media = FALSE;
  else
    return FALSE;
  return TRUE;
}

static gboolean
read_without (const Options *options, ValiseExportChoice *choice, GError **error)
{
  g_auto (GStrv) words = g_strsplit (options->without != NULL ? options->without : "", ",", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && !leave_out (choice, words[i]))
      return set_usage (error,
                        _ ("--without takes “snapshots”, “suspended”, “tpm” and “iso”, with commas between them."));
  return TRUE;
}

static gboolean
set_unknown_format (const Options *options, const char *target, GError **error)
{
  g_autoptr (GString) words = g_string_new (NULL);

  for (const ValiseExportFormat *format = valise_export_formats (); format->word != NULL; format++)
    g_string_append_printf (words, "%s%s", words->len > 0 ? ", " : "", format->word);
  if (options->format != NULL)
    g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
                 _ ("There is no format “%s”. Choose from %s."), options->format, words->str);
  else
    g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
                 _ ("There is no folder “%s”. End the name with %s for one file, with %s for a copy of the bundle, or "
                    "choose a --format: %s."),
                 target, VALISE_BUNDLE_ARCHIVE_SUFFIX, VALISE_BUNDLE_SUFFIX, words->str);
  return FALSE;
}

/* What is there without a known ending is a folder, or the error of one that is none. */
static gboolean
read_choice (const Options *options, const char *target, ValiseExportChoice *choice, GError **error)
{
  const char *word = options->format;

  if (!valise_export_choose (choice, word, target)
      && (word != NULL || !g_file_test (target, G_FILE_TEST_EXISTS)
          || !valise_export_choose (choice, "bundle", target)))
    return set_unknown_format (options, target, error);
  choice->disk = options->disk;
  choice->share = options->secrets;
  return read_mac (options, choice, error) && read_without (options, choice, error);
}

/* --- machines --- */

static GPtrArray *
find_machines (ValiseCall *call, char **operands, GError **error)
{
  g_autoptr (GPtrArray) machines = g_ptr_array_new_with_free_func (g_object_unref);
  guint count = g_strv_length (operands) - 1;

  for (guint i = 0; i < count; i++)
    {
      g_autoptr (ValiseMachine) machine = valise_call_find (call, operands[i], error);

      if (machine == NULL)
        return NULL;
      if (g_ptr_array_find (machines, machine, NULL))
        {
          g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("“%s” is named twice."),
                       operands[i]);
          return NULL;
        }
      g_ptr_array_add (machines, g_steal_pointer (&machine));
    }
  return g_steal_pointer (&machines);
}

/* --- a snapshot --- */

static gboolean
find_snapshot (GPtrArray *machines, Options *options, ValiseExportChoice *choice, GError **error)
{
  g_autoptr (GPtrArray) snapshots = NULL;
  const ValiseSnapshot *snapshot;

  if (options->snapshot == NULL)
    return TRUE;
  if (machines->len > 1)
    return set_usage (error, _ ("--snapshot is for one machine."));
  snapshots = valise_machine_list_snapshots (machines->pdata[0], error);
  snapshot = snapshots != NULL ? valise_snapshots_find (snapshots, options->snapshot, error) : NULL;
  if (snapshot == NULL)
    return FALSE;
  g_free (options->snapshot);
  options->snapshot = g_strdup (snapshot->id);
  choice->snapshot = options->snapshot;
  return TRUE;
}

/* --- the verb --- */

static gboolean
tell (ValiseCall *call, GPtrArray *machines, const ValiseExportChoice *choice, GError **error)
{
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);
  guint64 bytes = 0;

  for (guint i = 0; i < machines->len; i++)
    {
      g_autoptr (GPtrArray) report = valise_export_report (machines->pdata[i], choice, error);

      if (report == NULL)
        return FALSE;
      g_ptr_array_extend_and_steal (findings, g_steal_pointer (&report));
      bytes += valise_export_estimate (machines->pdata[i], choice, NULL);
    }
  valise_call_print_estimate (call, bytes, valise_export_is_compressed (choice), findings);
  return TRUE;
}

static gboolean
run (ValiseCall *call, GPtrArray *machines, const char *target, const ValiseExportChoice *choice, GError **error)
{
  g_autoptr (ValiseJob) job = valise_export_machines_job_new (machines, target, choice);
  g_autoptr (GPtrArray) report = NULL;
  g_autofree char *made = NULL;

  if (!valise_call_run_job (call, job, error))
    return FALSE;
  report = valise_export_job_get_report (job);
  valise_call_print_findings (call, report);
  made = valise_job_dup_result_path (job);
  valise_call_print_path (call, made);
  return TRUE;
}

gboolean
_valise_command_export (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (GPtrArray) machines = NULL;
  g_autofree char *target = NULL;
  g_auto (Options) options = { 0 };
  ValiseExportChoice choice;
  GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_FILENAME, &options.format, NULL, NULL },
    { "disk", 0, 0, G_OPTION_ARG_FILENAME, &options.disk, NULL, NULL },
    { "mac", 0, 0, G_OPTION_ARG_FILENAME, &options.mac, NULL, NULL },
    { "snapshot", 0, 0, G_OPTION_ARG_STRING, &options.snapshot, NULL, NULL },
    { "without", 0, 0, G_OPTION_ARG_FILENAME, &options.without, NULL, NULL },
    { "without-secrets", 0, 0, G_OPTION_ARG_NONE, &options.secrets, NULL, NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options.dry_run, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "export", entries, arguments, &operands, 2, 100, error))
    return FALSE;
  target = valise_call_resolve (call, operands[g_strv_length (operands) - 1]);
  machines = find_machines (call, operands, error);
  if (machines == NULL || !read_choice (&options, target, &choice, error)
      || !find_snapshot (machines, &options, &choice, error))
    return FALSE;
  return options.dry_run ? tell (call, machines, &choice, error) : run (call, machines, target, &choice, error);
}
