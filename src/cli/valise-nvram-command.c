/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#include "cli/valise-json-private.h"
#include "engine/valise-variables.h"

static char *
format_time (gint64 time)
{
  g_autoptr (GDateTime) moment = time > 0 ? g_date_time_new_from_unix_local (time) : NULL;

  return moment != NULL ? g_date_time_format (moment, "%F %T") : g_strdup (_ ("never"));
}

static void
print (ValiseCall *call, const ValiseVariables *variables)
{
  g_autofree char *written = format_time (variables->written);
  g_autofree char *reset = format_time (variables->reset);
  g_autoptr (JsonBuilder) builder = NULL;

  if (!call->json)
    {
      if (!variables->keeps)
        fprintf (call->out, "%s\n", _ ("The firmware of this machine keeps nothing in its folder."));
      else
        fprintf (call->out, _ ("written: %s\nreset: %s\n"), written, reset);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  _valise_json_add_boolean (builder, "keeps", variables->keeps);
  _valise_json_add_number (builder, "written", variables->written);
  _valise_json_add_number (builder, "reset", variables->reset);
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
}

gboolean
_valise_command_nvram (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  gboolean reset = FALSE, put_back = FALSE;
  ValiseVariables variables;
  GOptionEntry entries[] = {
    { "reset", 0, 0, G_OPTION_ARG_NONE, &reset, NULL, NULL },
    { "put-back", 0, 0, G_OPTION_ARG_NONE, &put_back, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "nvram", entries, arguments, &operands, 1, 1, error))
    return FALSE;
  if (reset && put_back)
    {
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("Give either %s or %s."), "--reset",
                   "--put-back");
      return FALSE;
    }
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  if (reset || put_back)
    return valise_machine_reset_variables (machine, put_back, call->cancellable, error);
  variables = valise_variables_look (valise_machine_get_path (machine), valise_machine_get_document (machine));
  print (call, &variables);
  return TRUE;
}
