/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#include "cli/valise-json-private.h"
#include "engine/valise-jobs.h"
#include "model/valise-effective.h"

gboolean
_valise_command_rm (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autofree char *path = NULL;
  g_autoptr (ValiseMachine) machine = NULL;

  if (!valise_call_parse (call, "rm", NULL, arguments, &operands, 1, 1, error))
    return FALSE;
  path = valise_call_resolve (call, operands[0]);
  /* Nothing was ever in it that could be missed, so it goes for good, as it does from the window. */
  if (valise_bundle_is_leftover (path))
    return valise_bundle_remove_leftover (path, error);
  machine = valise_call_find_unread (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  if (g_file_test (valise_machine_get_path (machine), G_FILE_TEST_EXISTS))
    return valise_machine_trash (machine, call->cancellable, error);
  /* It lay outside of the library, and only its line in the list is left. */
  valise_library_forget (call->library, machine);
  return TRUE;
}

/* --- what must be settled before the first start --- */

static void
print_asks (ValiseCall *call, GPtrArray *asks, gboolean settled)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (!call->json)
    {
      for (guint i = 0; i < asks->len; i++)
        {
          ValiseAsk *ask = g_ptr_array_index (asks, i);

          fprintf (call->out, "%-4s %s: %s\n", ask->granted ? _ ("on") : _ ("off"), ask->knob, ask->text);
        }
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  _valise_json_add_boolean (builder, "settled", settled);
  _valise_json_add_asks (builder, "asks", asks);
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
}

static gboolean
refuse_both (gboolean are_given, const char *one, const char *other, GError **error)
{
  if (are_given)
    g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("Give either %s or %s."), one, other);
  return !are_given;
}

static gboolean
choose_asks (GPtrArray *asks, char **allowed, gboolean all, GPtrArray *chosen, GError **error)
{
  for (guint i = 0; i < asks->len; i++)
    {
      ValiseAsk *ask = g_ptr_array_index (asks, i);

      if (all || (allowed != NULL && g_strv_contains ((const char *const *) allowed, ask->knob)))
        g_ptr_array_add (chosen, ask);
    }
  for (char **knob = allowed; knob != NULL && *knob != NULL; knob++)
    {
      gboolean known = FALSE;

      for (guint i = 0; i < asks->len; i++)
        known |= g_str_equal (((ValiseAsk *) g_ptr_array_index (asks, i))->knob, *knob);
      if (known)
        continue;
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("This machine does not ask for “%s”."),
                   *knob);
      return FALSE;
    }
  return TRUE;
}

gboolean
_valise_command_asks (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_auto (GStrv) allowed = NULL;
  gboolean all = FALSE, none = FALSE, settled = FALSE;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (GPtrArray) asks = NULL;
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();
  GOptionEntry entries[] = {
    { "allow", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &allowed, NULL, NULL },
    { "allow-all", 0, 0, G_OPTION_ARG_NONE, &all, NULL, NULL },
    { "allow-none", 0, 0, G_OPTION_ARG_NONE, &none, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "asks", entries, arguments, &operands, 1, 1, error)
      || !refuse_both (none && (all || allowed != NULL), "--allow-none", all ? "--allow-all" : "--allow", error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  asks = valise_machine_list_asks (machine, &settled);
  if (allowed == NULL && !all && !none)
    {
      print_asks (call, asks, settled);
      return TRUE;
    }
  return choose_asks (asks, allowed, all, chosen, error) && valise_machine_settle_asks (machine, chosen, error);
}

gboolean
_valise_command_identity (ValiseCall *call, char **arguments, GError **error)
{
  static const char *const words[] = { "known", "new", "moved", "twin" };
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autofree char *other = NULL;
  gboolean moved = FALSE, copied = FALSE;
  ValiseIdentity identity;
  GOptionEntry entries[] = {
    { "moved", 0, 0, G_OPTION_ARG_NONE, &moved, NULL, NULL },
    { "copied", 0, 0, G_OPTION_ARG_NONE, &copied, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "identity", entries, arguments, &operands, 1, 1, error)
      || !refuse_both (moved && copied, "--moved", "--copied", error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  if (moved || copied)
    return valise_machine_settle_identity (machine, copied, call->cancellable, error);
  identity = valise_machine_check_identity (machine, &other);
  if (!call->json)
    fprintf (call->out, "%s%s%s\n", words[identity], other != NULL ? " " : "", other != NULL ? other : "");
  else
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      _valise_json_add_string (builder, "identity", words[identity]);
      _valise_json_add_string (builder, "other", other != NULL ? other : "");
      json_builder_end_object (builder);
      valise_call_print_json (call, builder);
    }
  return TRUE;
}
