/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "cli/valise-json-private.h"

#define PROGRESS_INTERVAL_US (G_USEC_PER_SEC / 5)
/* Files are named by whoever made the folder. */
#define LONGEST_PLACE 300

static void
set_usage (GError **error, const char *verb, const char *what)
{
  const char *synopsis = valise_command_find (verb)->synopsis;

  g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("%s. Use it like this: valisectl %s%s%s"),
               what, verb, *synopsis != '\0' ? " " : "", synopsis);
}

static gboolean
count_operands (const char *verb, char **operands, guint least, guint most, GError **error)
{
  guint count = g_strv_length (operands);
  g_autofree char *more = count > most ? g_strdup_printf (_ ("“%s” is one word too many"), operands[most]) : NULL;

  if (count >= least && count <= most)
    return TRUE;
  set_usage (error, verb, more != NULL ? more : _ ("Something is missing"));
  return FALSE;
}

static gboolean
refuse_options (const char *verb, const GError *wrong, GError **error)
{
  g_autofree char *dash =
      g_error_matches (wrong, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION)
          ? g_strconcat (wrong->message, _ ("; what begins with a dash and is no option stands after “--”"), NULL)
          : NULL;

  set_usage (error, verb, dash != NULL ? dash : wrong->message);
  return FALSE;
}

/* GOption leaves the "--" that ends the options where something after it begins with a dash. (transfer full) */
static char **
without_dashes (char **words)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  gboolean has_passed = FALSE;

  for (; *words != NULL; words++)
    {
      if (has_passed || !g_str_equal (*words, "--"))
        g_strv_builder_add (builder, *words);
      else
        has_passed = TRUE;
    }
  return g_strv_builder_end (builder);
}

static gboolean
is_empty (const GOptionEntry *entry)
{
  const char *value = entry->arg == G_OPTION_ARG_FILENAME ? *(char **) entry->arg_data : NULL;
  const char *const *values = entry->arg == G_OPTION_ARG_FILENAME_ARRAY ? *(const char ***) entry->arg_data : NULL;

  return g_strcmp0 (value, "") == 0 || (values != NULL && g_strv_contains (values, ""));
}

/* A variable of a script that holds nothing is no name of a file, least of all the current directory's. Only a text may
 * be empty. */
static gboolean
refuse_empty (const char *verb, const GOptionEntry *entries, char **operands, GError **error)
{
  gboolean takes_text = g_str_equal (verb, "type") || g_str_equal (verb, "create");

  for (; entries != NULL && entries->long_name != NULL; entries++)
    {
      if (!is_empty (entries))
        continue;
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("--%s is empty. Give it a value."),
                   entries->long_name);
      return FALSE;
    }
  if (takes_text || !g_strv_contains ((const char *const *) operands, ""))
    return TRUE;
  set_usage (error, verb, _ ("One of the words is empty"));
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
  g_autoptr (GError) wrong = NULL;

  /* GOption takes the first word for the program's name. A "string" of its is one of the locale's, and in that of many
   * an ssh has no letters but English ones: texts are taken as they are, like names of files. */
  g_strv_builder_add (builder, verb);
  g_strv_builder_addv (builder, (const char **) arguments);
  words = g_strv_builder_end (builder);

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse_strv (context, &words, &wrong))
    return refuse_options (verb, wrong, error);
  *operands = without_dashes (words + 1);
  return count_operands (verb, *operands, least, most, error) && refuse_empty (verb, entries, *operands, error);
}

static gboolean
is_path (const char *word)
{
  return g_path_is_absolute (word) || (strchr (word, '/') != NULL && g_str_has_suffix (word, VALISE_BUNDLE_SUFFIX));
}

ValiseMachine *
valise_call_find_unread (ValiseCall *call, const char *name, GError **error)
{
  g_autofree char *path = valise_call_resolve (call, name);
  g_autoptr (GError) missing = NULL;
  ValiseMachine *machine;

  if (g_str_has_suffix (path, VALISE_BUNDLE_SUFFIX) && g_file_test (path, G_FILE_TEST_IS_DIR))
    return valise_library_find (call->library, path, error);
  if (!valise_library_scan (call->library, error))
    return NULL;
  machine = valise_library_find (call->library, is_path (name) ? path : name, &missing);
  if (machine != NULL)
    return machine;
  if (is_path (name) && !g_file_test (path, G_FILE_TEST_EXISTS))
    g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_UNSET,
                 _ ("There is no “%s”. “valisectl list” shows where the machines are."), path);
  else
    g_propagate_error (error, g_steal_pointer (&missing));
  return NULL;
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
  call->has_printed = TRUE;
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
  for (guint i = 0; findings != NULL && i < findings->len; i++)
    {
      ValiseFinding *finding = g_ptr_array_index (findings, i);
      g_autofree char *where = valise_text_for_display (finding->where, LONGEST_PLACE);

      fprintf (call->err, "%s: %s%s%s%s%s\n", valise_severity_to_word (finding->severity), where,
               finding->where != NULL ? ": " : "", finding->text, finding->remedy != NULL ? " " : "",
               finding->remedy != NULL ? finding->remedy : "");
    }
}

void
valise_call_print_path (ValiseCall *call, const char *path)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (!call->json)
    {
      fprintf (call->out, "%s\n", path);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  _valise_json_add_string (builder, "path", path);
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
}

void
valise_call_print_estimate (ValiseCall *call, guint64 bytes, gboolean at_most, GPtrArray *findings)
{
  g_autofree char *size = valise_size_format (bytes);
  g_autoptr (JsonBuilder) builder = NULL;

  valise_call_print_findings (call, findings);
  if (!call->json)
    {
      /* Translators: how large a copy will be. */
      fprintf (call->out, at_most ? _ ("At most about %s.\n") : _ ("About %s.\n"), size);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  _valise_json_add_number (builder, "bytes", (gint64) bytes);
  _valise_json_add_boolean (builder, "at_most", at_most);
  if (findings != NULL)
    _valise_json_add_findings (builder, "findings", findings);
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
}

gboolean
valise_call_adopt (ValiseCall *call, ValiseJob *job, GError **error)
{
  g_autofree char *path = valise_job_dup_result_path (job);
  g_autoptr (ValiseMachine) machine = valise_library_open (call->library, path, error);

  if (machine == NULL)
    return FALSE;
  valise_call_print_path (call, path);
  return TRUE;
}
