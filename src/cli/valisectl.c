/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/valise-command.h"
#include "cli/valise-door-private.h"
#include "cli/valise-editor-private.h"
#include "cli/valise-verb-service.h"
#include "valise-config.h"

/* How long to wait for another valisectl that holds the embedded driver and has no door open yet, or is just going. */
#define BUSY_TRIES 40
#define BUSY_PAUSE_US (G_USEC_PER_SEC / 4)

typedef struct
{
  char *uri;
  char *library;
  gboolean json;
  gboolean version;
  gboolean help;
} Globals;

static int
print_help (void)
{
  g_print ("%s\n\n", _ ("Usage: valisectl [--connect URI] [--library DIR] [--json] VERB ..."));
  for (const ValiseCommand *command = valise_command_table (); command->name != NULL; command++)
    g_print ("  %-10s %s\n             %s\n", command->name, _ (command->summary), command->synopsis);
  g_print ("\n%s\n%s\n", _ ("MACHINE is a name or the path of a bundle. KNOB is a path below <domain>: vcpu, memory,"),
           _ ("devices/disk[1]/driver/@cache. The manual page valisectl(1) has the exit codes."));
  return VALISE_EXIT_OK;
}

static gboolean
parse_globals (int *argc, char ***argv, Globals *globals, GError **error)
{
  GOptionEntry entries[] = {
    { "connect", 'c', 0, G_OPTION_ARG_STRING, &globals->uri, NULL, NULL },
    { "library", 'l', 0, G_OPTION_ARG_FILENAME, &globals->library, NULL, NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &globals->json, NULL, NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &globals->version, NULL, NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &globals->help, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  return g_option_context_parse (context, argc, argv, error);
}

/* Ctrl+C cancels the verb, which undoes what it half did, instead of killing it. */
static gpointer
wait_for_signal (gpointer cancellable)
{
  sigset_t set;
  int number;

  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  sigwait (&set, &number);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
catch_signals (GCancellable *cancellable)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
  g_thread_unref (g_thread_new ("signals", wait_for_signal, cancellable));
}

static int
fail (const GError *error)
{
  g_printerr ("valisectl: %s\n", error->message);
  return valise_command_exit_code (error);
}

/* Connects. While another process holds the embedded driver, knocks at its door instead; then @code is the verb's exit
 * code and the answer FALSE. */
static gboolean
connect_or_knock (ValiseCall *call, ValiseHost *host, char **arguments, int *code, GError **error)
{
  for (int tries = BUSY_TRIES;; tries--)
    {
      g_autoptr (GError) busy = NULL;

      if (valise_host_connect_sync (host, call->cancellable, &busy))
        return TRUE;
      if (g_error_matches (busy, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_BUSY) && tries > 0)
        {
          if (valise_door_knock (arguments, call->directory, valise_library_get_directory (call->library), code,
                                 call->cancellable, NULL))
            return FALSE;
          if (!g_cancellable_is_cancelled (call->cancellable))
            {
              g_usleep (BUSY_PAUSE_US);
              continue;
            }
        }
      g_propagate_error (error, g_steal_pointer (&busy));
      return FALSE;
    }
}

/* Whether the verb is "edit" and its only word the machine: then somebody wants to see an editor. */
static gboolean
wants_editor (char **arguments)
{
  return g_str_equal (arguments[0], "edit") && g_strv_length (arguments) == 2 && *arguments[1] != '-';
}

/* The editor belongs to this terminal, so that each step is a valisectl of its own, wherever that is carried out. */
static int
run_editor (const Globals *globals, const char *machine)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  g_ptr_array_add (words, (gpointer) "/proc/self/exe");
  if (globals->uri != NULL)
    {
      g_ptr_array_add (words, (gpointer) "--connect");
      g_ptr_array_add (words, globals->uri);
    }
  if (globals->library != NULL)
    {
      g_ptr_array_add (words, (gpointer) "--library");
      g_ptr_array_add (words, globals->library);
    }
  g_ptr_array_add (words, NULL);
  return _valise_editor_run ((const char *const *) words->pdata, machine);
}

/* Runs the verb here, and lets others in meanwhile; stays until the last of them is served. */
static int
run_here (ValiseCall *call, ValiseHost *host, char **arguments)
{
  g_autoptr (ValiseVerbService) service = NULL;
  int code;

  if (valise_host_is_embedded (host))
    service = valise_verb_service_new (call->library, NULL);
  code = valise_command_run (call, arguments);
  if (service != NULL)
    valise_verb_service_wait_idle (service, call->cancellable);
  return code;
}

static int
run (const Globals *globals, char **arguments)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *directory = g_get_current_dir ();
  g_autofree char *place = globals->library != NULL ? g_canonicalize_filename (globals->library, directory) : NULL;
  g_autoptr (ValiseHost) host = valise_host_new (globals->uri);
  g_autoptr (ValiseLibrary) library = valise_library_new (host, place);
  g_autoptr (GStrvBuilder) with_json = g_strv_builder_new ();
  g_auto (GStrv) forwarded = NULL;
  g_autoptr (GError) error = NULL;
  const ValiseCommand *command = valise_command_find (arguments[0]);
  int code = VALISE_EXIT_FAILED;
  ValiseCall call = {
    .library = library,
    .directory = directory,
    .json = globals->json,
    .out = stdout,
    .err = stderr,
    .cancellable = cancellable,
  };

  if (command == NULL || command->alone)
    return valise_command_run (&call, arguments);
  catch_signals (cancellable);
  g_strv_builder_add (with_json, arguments[0]);
  if (globals->json)
    g_strv_builder_add (with_json, "--json");
  g_strv_builder_addv (with_json, (const char **) arguments + 1);
  forwarded = g_strv_builder_end (with_json);

  if (connect_or_knock (&call, host, forwarded, &code, &error))
    return run_here (&call, host, arguments);
  if (error == NULL)
    return code;
  if (command->needs_host)
    return fail (error);
  /* What the files alone can tell needs no hypervisor. */
  g_printerr ("valisectl: %s\n", error->message);
  return valise_command_run (&call, arguments);
}

int
main (int argc, char **argv)
{
  Globals globals = { NULL };
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, VALISE_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (!parse_globals (&argc, &argv, &globals, &error))
    return fail (error);
  if (globals.version)
    {
      g_print ("valisectl %s\n", VALISE_VERSION);
      return VALISE_EXIT_OK;
    }
  if (globals.help || argc < 2)
    {
      print_help ();
      return globals.help ? VALISE_EXIT_OK : VALISE_EXIT_USAGE;
    }
  if (wants_editor (argv + 1))
    return run_editor (&globals, argv[2]);
  return run (&globals, argv + 1);
}
