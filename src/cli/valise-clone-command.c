/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-size.h"
#include "engine/valise-clone-job.h"
#include "engine/valise-machine-snapshots.h"

typedef struct
{
  gboolean linked, dry_run;
  char *snapshot, *mac, *tpm, *to;
  char **disks;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->snapshot);
  g_free (self->mac);
  g_free (self->tpm);
  g_free (self->to);
  g_strfreev (self->disks);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* @keeps: (out): left as it is without an answer */
static gboolean
read_policy (const char *option, const char *word, gboolean *keeps, GError **error)
{
  if (word == NULL)
    return TRUE;
  *keeps = g_str_equal (word, "keep");
  if (*keeps || g_str_equal (word, "new"))
    return TRUE;
  g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("%s is “keep” or “new”."), option);
  return FALSE;
}

static gboolean
read_disk (GHashTable *disks, const char *text, GError **error)
{
  static const char *const words[] = { "clone", "share", "leave" };
  const char *sign = strrchr (text, '=');

  for (guint i = 0; sign != NULL && sign != text && i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (sign + 1, words[i]))
      {
        g_hash_table_insert (disks, g_strndup (text, (gsize) (sign - text)), GUINT_TO_POINTER (i));
        return TRUE;
      }
  g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
               _ ("--disk takes a disk and what becomes of it: vdb=clone, vdb=share or vdb=leave, not “%s”."), text);
  return FALSE;
}

static gboolean
read_disks (const Options *options, ValiseCloneChoice *choice, GError **error)
{
  choice->disks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; options->disks != NULL && options->disks[i] != NULL; i++)
    if (!read_disk (choice->disks, options->disks[i], error))
      return FALSE;
  return TRUE;
}

/* @id: (out) (transfer full) (nullable) */
static gboolean
find_snapshot (ValiseMachine *machine, const char *which, char **id, GError **error)
{
  g_autoptr (GPtrArray) snapshots = NULL;
  const ValiseSnapshot *found;

  if (which == NULL)
    return TRUE;
  snapshots = valise_machine_list_snapshots (machine, error);
  found = snapshots != NULL ? valise_snapshots_find (snapshots, which, error) : NULL;
  if (found == NULL)
    return FALSE;
  *id = g_strdup (found->id);
  return TRUE;
}

static gboolean
tell (ValiseCall *call, ValiseMachine *machine, const ValiseCloneChoice *choice, GError **error)
{
  guint64 bytes = 0;

  if (!valise_clone_estimate (valise_machine_get_bundle (machine), choice, &bytes, error))
    return FALSE;
  valise_call_print_estimate (call, bytes, TRUE, NULL);
  return TRUE;
}

static gboolean
run (ValiseCall *call, char **operands, const Options *options, ValiseCloneChoice *choice, GError **error)
{
  g_autoptr (ValiseMachine) machine = valise_call_find (call, operands[0], error);
  g_autofree char *id = NULL;
  g_autofree char *directory = options->to != NULL ? valise_call_resolve (call, options->to)
                                                   : g_strdup (valise_library_get_directory (call->library));
  g_autoptr (ValiseJob) job = NULL;

  if (machine == NULL || !find_snapshot (machine, options->snapshot, &id, error))
    return FALSE;
  choice->snapshot = id;
  if (options->dry_run)
    return tell (call, machine, choice, error);
  job = valise_clone_job_new (machine, directory, operands[1], choice);
  return valise_call_run_job (call, job, error) && valise_call_adopt (call, job, error);
}

gboolean
_valise_command_clone (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_auto (Options) options = { 0 };
  ValiseCloneChoice choice = { .keep_keys = TRUE };
  GOptionEntry entries[] = {
    { "linked", 0, 0, G_OPTION_ARG_NONE, &options.linked, NULL, NULL },
    { "snapshot", 0, 0, G_OPTION_ARG_FILENAME, &options.snapshot, NULL, NULL },
    { "mac", 0, 0, G_OPTION_ARG_FILENAME, &options.mac, NULL, NULL },
    { "tpm", 0, 0, G_OPTION_ARG_FILENAME, &options.tpm, NULL, NULL },
    { "disk", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.disks, NULL, NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options.dry_run, NULL, NULL },
    { "to", 0, 0, G_OPTION_ARG_FILENAME, &options.to, NULL, NULL },
    { NULL },
  };
  gboolean done;

  if (!valise_call_parse (call, "clone", entries, arguments, &operands, 2, 2, error)
      || !read_policy ("--mac", options.mac, &choice.keep_macs, error)
      || !read_policy ("--tpm", options.tpm, &choice.keep_keys, error))
    return FALSE;
  choice.linked = options.linked;
  done = read_disks (&options, &choice, error) && run (call, operands, &options, &choice, error);
  g_clear_pointer (&choice.disks, g_hash_table_unref);
  return done;
}

gboolean
_valise_command_detach (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (ValiseJob) job = NULL;

  if (!valise_call_parse (call, "detach", NULL, arguments, &operands, 1, 1, error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  job = valise_detach_job_new (machine);
  return valise_call_run_job (call, job, error);
}
