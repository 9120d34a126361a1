/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#define DEFAULT_TIMEOUT_SECONDS 60

static gboolean
do_verb (ValiseCall *call, const char *name, ValiseVerb verb, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;

  if (!valise_call_parse (call, name, NULL, arguments, &operands, 1, 1, error))
    return FALSE;
  machine = valise_call_find_unread (call, operands[0], error);
  return machine != NULL && valise_machine_do (machine, verb, call->cancellable, error);
}

#define DEFINE_LIFE_COMMAND(name, verb)                                                                                \
  gboolean _valise_command_##name (ValiseCall *call, char **arguments, GError **error)                                 \
  {                                                                                                                    \
    return do_verb (call, #name, verb, arguments, error);                                                              \
  }

DEFINE_LIFE_COMMAND (shutdown, VALISE_VERB_SHUTDOWN)
DEFINE_LIFE_COMMAND (stop, VALISE_VERB_STOP)
DEFINE_LIFE_COMMAND (reset, VALISE_VERB_RESET)
DEFINE_LIFE_COMMAND (pause, VALISE_VERB_PAUSE)
DEFINE_LIFE_COMMAND (resume, VALISE_VERB_RESUME)
DEFINE_LIFE_COMMAND (suspend, VALISE_VERB_SUSPEND)
DEFINE_LIFE_COMMAND (discard, VALISE_VERB_DISCARD)

gboolean
_valise_command_start (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autofree char *from = NULL;
  gboolean disposable = FALSE, trusts = FALSE;
  GOptionEntry entries[] = {
    { "boot-once", 0, 0, G_OPTION_ARG_FILENAME, &from, NULL, NULL },
    { "disposable", 0, 0, G_OPTION_ARG_NONE, &disposable, NULL, NULL },
    { "trust-memory", 0, 0, G_OPTION_ARG_NONE, &trusts, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "start", entries, arguments, &operands, 1, 1, error))
    return FALSE;
  if (disposable + trusts + (from != NULL) > 1)
    {
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
                   _ ("Say only one of --disposable, --boot-once and --trust-memory."));
      return FALSE;
    }
  machine = valise_call_find_unread (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  if (trusts)
    return valise_machine_start_trusting (machine, call->cancellable, error);
  if (disposable)
    return valise_machine_start_disposable (machine, call->cancellable, error);
  return from != NULL ? valise_machine_start_once (machine, from, call->cancellable, error)
                      : valise_machine_do (machine, VALISE_VERB_START, call->cancellable, error);
}

gboolean
_valise_command_wait (ValiseCall *call, char **arguments, GError **error)
{
  static const ValiseMachineState states[] = { VALISE_MACHINE_RUNNING, VALISE_MACHINE_OFF, VALISE_MACHINE_PAUSED };
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autofree char *goal = NULL;
  int seconds = DEFAULT_TIMEOUT_SECONDS;
  guint timeout;
  GOptionEntry entries[] = {
    { "for", 0, 0, G_OPTION_ARG_FILENAME, &goal, NULL, NULL },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &seconds, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "wait", entries, arguments, &operands, 1, 1, error))
    return FALSE;
  if (seconds < 0)
    {
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
                   _ ("--timeout takes a number of seconds from 0, not “%d”."), seconds);
      return FALSE;
    }
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  timeout = (guint) MIN (seconds, G_MAXINT / 1000) * 1000;
  if (g_strcmp0 (goal, "frame") == 0)
    return valise_machine_wait_frame (machine, timeout, call->cancellable, error);
  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_strcmp0 (goal, valise_machine_state_to_word (states[i])) == 0)
      return valise_machine_wait_state (machine, states[i], timeout, call->cancellable, error);
  g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
               _ ("--for takes running, off, paused or frame."));
  return FALSE;
}
