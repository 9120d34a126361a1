/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-space.h"
#include "cli/valise-json-private.h"
#include "engine/valise-machine-orphans.h"

static void
add_part (JsonBuilder *builder, const ValiseSpacePart *part)
{
  json_builder_begin_object (builder);
  _valise_json_add_string (builder, "kind", valise_space_kind_to_word (part->kind));
  _valise_json_add_string (builder, "name", part->name);
  _valise_json_add_string (builder, "file", part->path);
  _valise_json_add_number (builder, "taken", (gint64) part->taken);
  if (part->most > 0)
    _valise_json_add_number (builder, "most", (gint64) part->most);
  if (part->kind == VALISE_SPACE_ORPHAN)
    _valise_json_add_boolean (builder, "in-history", part->undone);
  json_builder_end_object (builder);
}

static void
print_json (ValiseCall *call, GPtrArray *parts)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  _valise_json_add_number (builder, "taken", (gint64) valise_space_total (parts));
  json_builder_set_member_name (builder, "parts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < parts->len; i++)
    add_part (builder, parts->pdata[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
}

static void
print_part (ValiseCall *call, const ValiseSpacePart *part)
{
  g_autofree char *taken = valise_size_format (part->taken);
  g_autofree char *most = valise_size_format (part->most);
  g_autofree char *name = valise_text_for_display (part->name, 200);
  /* Translators: the most that a disk can take. */
  g_autofree char *of = part->most > 0 ? g_strdup_printf (_ (" of %s"), most) : g_strdup ("");

  fprintf (call->out, "%10s%s  %s: %s%s\n", taken, of, valise_space_kind_to_label (part->kind), name,
           part->undone ? _ (" (an earlier version of the settings names it)") : "");
}

/* What an earlier version of the settings names may be wanted with it, and is named by itself. */
static char **
list_orphans (ValiseCall *call, ValiseMachine *machine, GError **error)
{
  g_autoptr (GPtrArray) parts = valise_space_measure (valise_machine_get_path (machine), call->cancellable, error);
  g_autoptr (GStrvBuilder) files = g_strv_builder_new ();

  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      const ValiseSpacePart *part = parts->pdata[i];

      if (part->kind == VALISE_SPACE_ORPHAN && !part->undone)
        g_strv_builder_add (files, part->path);
    }
  return parts != NULL ? g_strv_builder_end (files) : NULL;
}

static gboolean
trash (ValiseCall *call, ValiseMachine *machine, char **named, gboolean all, GError **error)
{
  g_auto (GStrv) files = all ? list_orphans (call, machine, error) : g_strdupv (named);

  return files != NULL
         && (files[0] == NULL
             || valise_machine_trash_orphans (machine, (const char *const *) files, call->cancellable, error));
}

gboolean
_valise_command_size (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_auto (GStrv) named = NULL;
  gboolean all = FALSE;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (GPtrArray) parts = NULL;
  g_autofree char *total = NULL;
  GOptionEntry entries[] = {
    { "trash", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &named, NULL, NULL },
    { "trash-all", 0, 0, G_OPTION_ARG_NONE, &all, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "size", entries, arguments, &operands, 1, 1, error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL || ((all || named != NULL) && !trash (call, machine, named, all, error)))
    return FALSE;
  parts = valise_space_measure (valise_machine_get_path (machine), call->cancellable, error);
  if (parts == NULL)
    return FALSE;
  if (call->json)
    {
      print_json (call, parts);
      return TRUE;
    }
  for (guint i = 0; i < parts->len; i++)
    print_part (call, parts->pdata[i]);
  total = valise_size_format (valise_space_total (parts));
  fprintf (call->out, _ ("%10s  in all\n"), total);
  return TRUE;
}
