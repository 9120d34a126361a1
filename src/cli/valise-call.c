/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "base/valise-size.h"
#include "cli/valise-json-private.h"

#define PROGRESS_INTERVAL_US (G_USEC_PER_SEC / 5)

static gboolean
count_operands (const char *verb, char **operands, guint least, guint most, GError **error)
{
  guint count = g_strv_length (operands);

  if (count >= least && count <= most)
    return TRUE;
  for (const ValiseCommand *command = valise_command_table (); command->name != NULL; command++)
    if (g_str_equal (command->name, verb))
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("Use it like this: valisectl %s %s"),
                   verb, command->synopsis);
  return FALSE;
}

static void
print_progress (ValiseCall *call, ValiseJob *job)
{
  g_autofree char *stage = valise_job_dup_stage (job);
  g_autofree char *speed = valise_size_format (valise_job_get_speed (job));
  double fraction = valise_job_get_fraction (job);

  if (fraction < 0)
    fprintf (call->err, "\r\033[K%s", stage != NULL ? stage : "");
  else
    fprintf (call->err, "\r\033[K%s  %3.0f %%  %s/s", stage != NULL ? stage : "", fraction * 100, speed);
  fflush (call->err);
}

typedef struct
{
  ValiseCall *call;
  ValiseJob *job;
  GMutex mutex;
  GCond done;
  gboolean is_done;
} Progress;

static gpointer
show_progress (gpointer data)
{
  Progress *self = data;

  g_mutex_lock (&self->mutex);
  while (!self->is_done)
    {
      g_cond_wait_until (&self->done, &self->mutex, g_get_monotonic_time () + PROGRESS_INTERVAL_US);
      print_progress (self->call, self->job);
    }
  g_mutex_unlock (&self->mutex);
  fprintf (self->call->err, "\r\033[K");
  fflush (self->call->err);
  return NULL;
}

static void
progress_stop (Progress *self, GThread *thread)
{
  g_mutex_lock (&self->mutex);
  self->is_done = TRUE;
  g_cond_signal (&self->done);
  g_mutex_unlock (&self->mutex);
  g_thread_join (thread);
}

static void
on_cancelled_cb (GCancellable *cancellable, gpointer job)
{
  valise_job_cancel (job);
}

gboolean
valise_call_parse (ValiseCall *call,
                   const char *verb,
                   GOptionEntry *entries,
                   char **arguments,
                   char ***operands,
                   guint least,
                   guint most,
                   GError **error)
{
  GOptionEntry common[] = { { "json", 0, 0, G_OPTION_ARG_NONE, &call->json, NULL, NULL }, { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = NULL;
  gboolean has_dashes;

  /* GOption takes the first word for the program's name. */
  g_strv_builder_add (builder, verb);
  g_strv_builder_addv (builder, (const char **) arguments);
  words = g_strv_builder_end (builder);

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse_strv (context, &words, error))
    return FALSE;
  /* GOption leaves the "--" that ends the options in front of what follows. */
  has_dashes = words[1] != NULL && g_str_equal (words[1], "--");
  *operands = g_strdupv (words + (has_dashes ? 2 : 1));
  return count_operands (verb, *operands, least, most, error);
}

ValiseMachine *
valise_call_find_unread (ValiseCall *call, const char *name, GError **error)
{
  g_autofree char *path = valise_call_resolve (call, name);

  if (g_str_has_suffix (path, VALISE_BUNDLE_SUFFIX) && g_file_test (path, G_FILE_TEST_IS_DIR))
    return valise_library_find (call->library, path, error);
  if (!valise_library_scan (call->library, error))
    return NULL;
  return valise_library_find (call->library, name, error);
}

ValiseMachine *
valise_call_find (ValiseCall *call, const char *name, GError **error)
{
  g_autoptr (ValiseMachine) machine = valise_call_find_unread (call, name, error);

  if (machine == NULL || !valise_machine_load (machine, FALSE, error))
    return NULL;
  return g_steal_pointer (&machine);
}

char *
valise_call_resolve (ValiseCall *call, const char *file)
{
  g_autofree char *path = g_canonicalize_filename (file, call->directory);
  gsize length = strlen (path);

  while (length > 1 && path[length - 1] == '/')
    path[--length] = '\0';
  return g_steal_pointer (&path);
}

void
valise_call_print_json (ValiseCall *call, JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, TRUE);

  fprintf (call->out, "%s\n", text);
}

gboolean
valise_call_run_job (ValiseCall *call, ValiseJob *job, GError **error)
{
  Progress progress = { .call = call, .job = job };
  GThread *thread = isatty (fileno (call->err)) ? g_thread_new ("progress", show_progress, &progress) : NULL;
  gulong handler = g_cancellable_connect (call->cancellable, G_CALLBACK (on_cancelled_cb), job, NULL);
  gboolean done = valise_job_run_sync (job, error);

  g_cancellable_disconnect (call->cancellable, handler);
  if (thread != NULL)
    progress_stop (&progress, thread);
  return done;
}

void
valise_call_print_findings (ValiseCall *call, GPtrArray *findings)
{
  static const char *const words[] = { "note", "warning", "error" };

  for (guint i = 0; findings != NULL && i < findings->len; i++)
    {
      ValiseFinding *finding = g_ptr_array_index (findings, i);

      fprintf (call->err, "%s: %s%s%s%s%s\n", words[finding->severity], finding->where != NULL ? finding->where : "",
               finding->where != NULL ? ": " : "", finding->text, finding->remedy != NULL ? " " : "",
               finding->remedy != NULL ? finding->remedy : "");
    }
}

gboolean
valise_call_adopt (ValiseCall *call, ValiseJob *job, GError **error)
{
  g_autofree char *path = valise_job_dup_result_path (job);
  g_autoptr (ValiseMachine) machine = valise_library_open (call->library, path, error);
  g_autoptr (JsonBuilder) builder = NULL;

  if (machine == NULL)
    return FALSE;
  if (!call->json)
    return fprintf (call->out, "%s\n", path) >= 0;
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  _valise_json_add_string (builder, "path", path);
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
  return TRUE;
}
