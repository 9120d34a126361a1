/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"

#define OWNER_ONLY 0600

static gboolean
save_png (GdkPixbuf *pixbuf, const char *file, GError **error)
{
  g_autofree char *bytes = NULL;
  gsize length;

  return gdk_pixbuf_save_to_buffer (pixbuf, &bytes, &length, "png", error, NULL)
         && valise_file_replace (file, bytes, (gssize) length, OWNER_ONLY, error);
}

gboolean
_valise_command_screenshot (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (GdkPixbuf) pixbuf = NULL;
  g_autofree char *file = NULL;

  if (!valise_call_parse (call, "screenshot", NULL, arguments, &operands, 2, 2, error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  pixbuf = valise_machine_screenshot (machine, call->cancellable, error);
  file = valise_call_resolve (call, operands[1]);
  return pixbuf != NULL && save_png (pixbuf, file, error);
}

gboolean
_valise_command_type (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autofree char *text = NULL;
  gboolean enter = FALSE;
  GOptionEntry entries[] = { { "enter", 0, 0, G_OPTION_ARG_NONE, &enter, NULL, NULL }, { NULL } };

  if (!valise_call_parse (call, "type", entries, arguments, &operands, 2, 2, error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  text = g_strconcat (operands[1], enter ? "\n" : "", NULL);
  return machine != NULL && valise_machine_type (machine, text, call->cancellable, error);
}

gboolean
_valise_command_keys (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;

  if (!valise_call_parse (call, "keys", NULL, arguments, &operands, 2, G_MAXUINT, error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  for (char **combination = operands + 1; *combination != NULL; combination++)
    if (!valise_machine_send_keys (machine, *combination, call->cancellable, error))
      return FALSE;
  return TRUE;
}
