/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/valise-command.h"
#include "cli/valise-editor-private.h"
#include "cli/valise-turn-private.h"
#include "cli/valise-verb-service.h"
#include "valise-config.h"

/* How long to wait for a program that holds the embedded driver and has no door: as long as the driver may take to open
 * for the first time, or less where the files alone tell something. */
#define WAIT_SECONDS 60
#define SHORT_WAIT_SECONDS 10

typedef struct
{
  char *uri;
  char *library;
  gboolean json;
  gboolean version;
  gboolean help;
} Globals;

static void
globals_clear (Globals *self)
{
  g_free (self->uri);
  g_free (self->library);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Globals, globals_clear)

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

/* "help", "help VERB", "VERB --help". */
static gboolean
wants_help (char **arguments)
{
  if (g_str_equal (arguments[0], "help"))
    return TRUE;
  for (char **word = arguments + 1; *word != NULL && !g_str_equal (*word, "--"); word++)
    if (g_str_equal (*word, "--help") || g_str_equal (*word, "-h"))
      return valise_command_find (arguments[0]) != NULL;
  return FALSE;
}

static int
print_verb_help (char **arguments)
{
  const char *verb = g_str_equal (arguments[0], "help") ? arguments[1] : arguments[0];
  const ValiseCommand *command = verb != NULL ? valise_command_find (verb) : NULL;

  if (command == NULL)
    return print_help ();
  g_print ("valisectl %s %s\n  %s\n", command->name, command->synopsis, _ (command->summary));
  return VALISE_EXIT_OK;
}

static gboolean
parse_globals (int *argc, char ***argv, Globals *globals, GError **error)
{
  GOptionEntry entries[] = {
    { "connect", 'c', 0, G_OPTION_ARG_FILENAME, &globals->uri, NULL, NULL },
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

/* Ctrl+C, or the end of an ssh, cancels the verb, which undoes what it half did, instead of killing it. */
typedef struct
{
  GCancellable *cancellable;
  sigset_t set;
} Signals;

static gpointer
wait_for_signal (gpointer data)
{
  g_autofree Signals *signals = data;
  int number;

  sigwait (&signals->set, &number);
  g_cancellable_cancel (signals->cancellable);
  return NULL;
}

/* What nohup, or a shell for its background, has switched off stays so. */
static void
catch_signals (GCancellable *cancellable)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
  Signals *signals = g_new (Signals, 1);

  signals->cancellable = cancellable;
  sigemptyset (&signals->set);
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      struct sigaction action;

      if (sigaction (numbers[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
        sigaddset (&signals->set, numbers[i]);
    }
  pthread_sigmask (SIG_BLOCK, &signals->set, NULL);
  g_thread_unref (g_thread_new ("signals", wait_for_signal, signals));
}

/* A descriptor that is closed would be given to the next file that is opened, and what is printed would go into that;
 * one that cannot be written to is no use to whoever carries out the verb instead. */
static void
settle_descriptors (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    {
      int flags = fcntl (fd, F_GETFL);
      int nowhere;

      if (flags >= 0 && (fd == STDIN_FILENO || (flags & O_ACCMODE) != O_RDONLY))
        continue;
      nowhere = open ("/dev/null", O_RDWR);
      if (nowhere < 0 || nowhere == fd)
        continue;
      dup2 (nowhere, fd);
      close (nowhere);
    }
}

/* Whether the verb is "edit" and its only word the machine: then somebody wants to see an editor. */
static gboolean
wants_editor (char **arguments)
{
  guint length = g_strv_length (arguments);

  return g_str_equal (arguments[0], "edit")
         && ((length == 2 && *arguments[1] != '-') || (length == 3 && g_str_equal (arguments[1], "--")));
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
    valise_verb_service_close (service, call->cancellable);
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

  if (_valise_turn_take (&call, forwarded, command->needs_host ? WAIT_SECONDS : SHORT_WAIT_SECONDS, &code, &error))
    return run_here (&call, host, arguments);
  if (error == NULL)
    return code;
  if (command->needs_host || g_cancellable_is_cancelled (cancellable))
    return valise_command_fail (&call, error);
  /* What the files alone can tell needs no hypervisor. */
  g_printerr ("valisectl: %s\n", error->message);
  return valise_command_run (&call, arguments);
}

static int
refuse_globals (char **argv, const GError *wrong)
{
  ValiseCall call = { .json = g_strv_contains ((const char *const *) argv, "--json"), .out = stdout, .err = stderr };
  g_autoptr (GError) error = NULL;

  g_set_error (&error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("%s. Try valisectl --help."),
               wrong->message);
  return valise_command_fail (&call, error);
}

int
main (int argc, char **argv)
{
  g_auto (Globals) globals = { NULL };
  g_autoptr (GError) error = NULL;

  settle_descriptors ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, VALISE_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (!parse_globals (&argc, &argv, &globals, &error))
    return refuse_globals (argv, error);
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
  if (wants_help (argv + 1))
    return print_verb_help (argv + 1);
  if (wants_editor (argv + 1))
    return run_editor (&globals, argv[argc - 1]);
  return run (&globals, argv + 1);
}
