/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-image-chain.h"
#include "cli/valise-json-private.h"
#include "cli/valise-knob-check-private.h"
#include "model/valise-effective.h"
#include "model/valise-label.h"

#define SHOWN_NAME_LENGTH 60
#define SHOWN_PATH_LENGTH 400

static void
add_knob (JsonBuilder *builder, const char *member, ValiseDocument *document, const char *knob)
{
  g_autofree char *value = valise_document_get (document, knob);

  _valise_json_add_string (builder, member, value);
}

/* --- list --- */

/* One at a time: ten thousand that stay are ten thousand documents in memory. */
static ValiseMachine *
open_entry (ValiseCall *call, const ValiseLibraryEntry *entry)
{
  ValiseMachine *machine = valise_library_entry_get_state (entry) >= VALISE_MACHINE_STARTING
                               ? g_object_ref (valise_library_entry_get_machine (call->library, entry))
                               : valise_machine_new (valise_library_get_host (call->library), entry->path);

  /* A broken one is listed with its error, not left out. */
  valise_machine_load (machine, FALSE, NULL);
  return machine;
}

static void
list_machine (ValiseCall *call, JsonBuilder *builder, ValiseMachine *machine)
{
  const char *state = valise_machine_state_to_word (valise_machine_get_state (machine));
  g_autoptr (GError) error = valise_machine_dup_error (machine);
  g_autofree char *name = valise_text_for_display (valise_machine_get_name (machine), SHOWN_NAME_LENGTH);

  if (builder == NULL)
    {
      fprintf (call->out, "%-10s %-30s %s\n", state, name, valise_machine_get_path (machine));
      return;
    }
  json_builder_begin_object (builder);
  _valise_json_add_string (builder, "name", valise_machine_get_name (machine));
  _valise_json_add_string (builder, "state", state);
  _valise_json_add_string (builder, "path", valise_machine_get_path (machine));
  _valise_json_add_string (builder, "error", error != NULL ? error->message : NULL);
  json_builder_end_object (builder);
}

/* Whole, one line each, which can be given to other verbs. */
static void
print_name (ValiseCall *call, ValiseMachine *machine)
{
  const char *name = valise_machine_get_name (machine);

  if (strchr (name, '\n') == NULL)
    fprintf (call->out, "%s\n", name);
  else
    fprintf (call->out, "%s\n", valise_machine_get_path (machine));
}

/* On standard error: no machine, and a script that reads the list is not to trip over it. */
static void
tell_leftovers (ValiseCall *call)
{
  g_autoptr (GPtrArray) leftovers = valise_library_list_leftovers (call->library);

  for (guint i = 0; i < leftovers->len; i++)
    {
      g_autofree char *path = valise_text_for_display (leftovers->pdata[i], SHOWN_PATH_LENGTH);
      g_autofree char *quoted = g_shell_quote (path);

      fprintf (call->err,
               _ ("valisectl: %s was left half made when work was broken off. To remove it: valisectl rm %s\n"), path,
               quoted);
    }
}

gboolean
_valise_command_list (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (JsonBuilder) builder = NULL;
  gboolean names = FALSE;
  GOptionEntry entries[] = { { "names", 0, 0, G_OPTION_ARG_NONE, &names, NULL, NULL }, { NULL } };
  GListModel *machines = G_LIST_MODEL (call->library);

  if (!valise_call_parse (call, "list", entries, arguments, &operands, 0, 0, error)
      || !valise_library_scan (call->library, error))
    return FALSE;
  builder = call->json ? json_builder_new () : NULL;
  if (builder != NULL)
    json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (machines); i++)
    {
      g_autoptr (ValiseMachine) machine = open_entry (call, valise_library_get_entry (call->library, i));

      if (names && !call->json)
        print_name (call, machine);
      else
        list_machine (call, builder, machine);
    }
  if (builder != NULL)
    {
      json_builder_end_array (builder);
      valise_call_print_json (call, builder);
    }
  tell_leftovers (call);
  return TRUE;
}

/* --- show --- */

static void
add_in (JsonBuilder *builder,
        const char *member,
        ValiseDocument *document,
        const char *device,
        guint number,
        const char *rest)
{
  g_autofree char *value = valise_document_get_device (document, device, number, rest);

  _valise_json_add_string (builder, member, value);
}

static void
add_image_sizes (JsonBuilder *builder, ValiseMachine *machine, const char *source, const char *format)
{
  g_autofree char *path = NULL;
  g_autoptr (ValiseImageInfo) info = NULL;

  if (source == NULL || format == NULL)
    return;
  path = valise_bundle_source_path (valise_machine_get_path (machine), source);
  info = valise_image_inspect_chain (path, format, NULL, NULL);
  if (info == NULL)
    return;
  _valise_json_add_number (builder, "size", (gint64) info->virtual_size);
  _valise_json_add_number (builder, "taken", (gint64) info->actual_size);
}

static void
add_disk (JsonBuilder *builder, ValiseMachine *machine, ValiseDocument *document, guint number)
{
  g_autofree char *source = valise_document_get_device (document, "disk", number, "source/@file");
  g_autofree char *format = valise_document_get_device (document, "disk", number, "driver/@type");

  json_builder_begin_object (builder);
  add_in (builder, "device", document, "disk", number, "@device");
  add_in (builder, "target", document, "disk", number, "target/@dev");
  add_in (builder, "bus", document, "disk", number, "target/@bus");
  _valise_json_add_string (builder, "file", source);
  _valise_json_add_string (builder, "format", format);
  add_image_sizes (builder, machine, source, format);
  json_builder_end_object (builder);
}

static void
add_interface (JsonBuilder *builder, ValiseDocument *document, guint number)
{
  json_builder_begin_object (builder);
  add_in (builder, "type", document, "interface", number, "@type");
  add_in (builder, "model", document, "interface", number, "model/@type");
  add_in (builder, "mac", document, "interface", number, "mac/@address");
  json_builder_end_object (builder);
}

static void
add_asks (JsonBuilder *builder, ValiseMachine *machine)
{
  gboolean settled = FALSE;
  g_autoptr (GPtrArray) asks = valise_machine_list_asks (machine, &settled);

  _valise_json_add_boolean (builder, "asks_settled", settled);
  _valise_json_add_asks (builder, "asks", asks);
}

static JsonBuilder *
describe (ValiseMachine *machine)
{
  ValiseDocument *document = valise_machine_get_document (machine);
  g_autoptr (GError) error = valise_machine_dup_error (machine);
  g_autofree char *vcpu = valise_document_get (document, "vcpu");
  JsonBuilder *builder = json_builder_new ();
  guint64 memory;

  json_builder_begin_object (builder);
  _valise_json_add_string (builder, "name", valise_machine_get_name (machine));
  _valise_json_add_string (builder, "path", valise_machine_get_path (machine));
  _valise_json_add_string (builder, "state", valise_machine_state_to_word (valise_machine_get_state (machine)));
  _valise_json_add_string (builder, "error", error != NULL ? error->message : NULL);
  add_knob (builder, "uuid", document, "uuid");
  _valise_json_add_number (builder, "cpus", vcpu != NULL ? g_ascii_strtoll (vcpu, NULL, 10) : 1);
  _valise_json_add_number (builder, "memory",
                           valise_label_get_size (document, "memory", &memory) ? (gint64) memory : 0);
  _valise_json_add_string (builder, "firmware", valise_firmware_words ()[valise_effective_get_firmware (document)]);
  add_knob (builder, "accel", document, "metadata/valise:machine/@accel");
  json_builder_set_member_name (builder, "disks");
  json_builder_begin_array (builder);
  for (guint i = 1; i <= valise_document_count (document, "devices/disk"); i++)
    add_disk (builder, machine, document, i);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "interfaces");
  json_builder_begin_array (builder);
  for (guint i = 1; i <= valise_document_count (document, "devices/interface"); i++)
    add_interface (builder, document, i);
  json_builder_end_array (builder);
  add_asks (builder, machine);
  json_builder_end_object (builder);
  return builder;
}

gboolean
_valise_command_show (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (JsonNode) root = NULL;

  if (!valise_call_parse (call, "show", NULL, arguments, &operands, 1, 1, error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  builder = describe (machine);
  if (call->json)
    {
      valise_call_print_json (call, builder);
      return TRUE;
    }
  root = json_builder_get_root (builder);
  _valise_json_print_plain (call->out, "", root);
  return TRUE;
}

/* --- xml, get --- */

static void
print_value (ValiseCall *call, const char *member, const char *value)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (!call->json)
    {
      fprintf (call->out, "%s%s", value, g_str_has_suffix (value, "\n") ? "" : "\n");
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  _valise_json_add_string (builder, member, value);
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
}

gboolean
_valise_command_xml (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;

  if (!valise_call_parse (call, "xml", NULL, arguments, &operands, 1, 1, error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  print_value (call, "xml", valise_document_get_text (valise_machine_get_document (machine)));
  return TRUE;
}

gboolean
_valise_command_get (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autofree char *value = NULL;

  if (!valise_call_parse (call, "get", NULL, arguments, &operands, 2, 2, error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  value = valise_document_get (valise_machine_get_document (machine), operands[1]);
  if (value == NULL && !_valise_knob_is_possible (operands[1], error))
    return FALSE;
  if (value == NULL)
    {
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_UNSET, _ ("“%s” is not set in “%s”."), operands[1],
                   valise_machine_get_name (machine));
      return FALSE;
    }
  print_value (call, "value", value);
  return TRUE;
}
