/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "bundle/valise-bundle.h"
#include "cli/valise-json-private.h"
#include "model/valise-change.h"
#include "model/valise-rules.h"

static ValiseDocument *
read_document (const char *path, GError **error)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  return valise_document_new (text, (gssize) length, base, error);
}

static gboolean
is_file (const char *path)
{
  return g_str_has_suffix (path, ".xml") && g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

/* --- versions --- */

static GPtrArray *
list_versions (ValiseMachine *machine, GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (valise_machine_get_path (machine), error);

  return bundle != NULL ? valise_bundle_list_history (bundle) : NULL;
}

/* In ISO 8601 with the time zone; local. (transfer full) */
static char *
format_time (gint64 time)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = g_date_time_to_local (utc);

  return g_date_time_format_iso8601 (local);
}

static gboolean
print_versions (ValiseCall *call, ValiseMachine *machine, GError **error)
{
  g_autoptr (GPtrArray) versions = list_versions (machine, error);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (versions == NULL)
    return FALSE;
  json_builder_begin_array (builder);
  for (guint i = 0; i < versions->len; i++)
    {
      g_autofree char *time = format_time (((ValiseBundleVersion *) versions->pdata[i])->time);

      if (!call->json)
        fprintf (call->out, "%u %s\n", i + 1, time);
      json_builder_begin_object (builder);
      _valise_json_add_number (builder, "version", i + 1);
      _valise_json_add_string (builder, "replaced", time);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  if (call->json)
    valise_call_print_json (call, builder);
  return TRUE;
}

static ValiseDocument *
read_version (ValiseMachine *machine, guint64 number, GError **error)
{
  g_autoptr (GPtrArray) versions = list_versions (machine, error);

  if (versions == NULL)
    return NULL;
  if (number == 0 || number > versions->len)
    {
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_UNSET,
                   ngettext ("“%s” has %u earlier version. List them with --versions.",
                             "“%s” has %u earlier versions. List them with --versions.", versions->len),
                   valise_machine_get_name (machine), versions->len);
      return NULL;
    }
  return read_document (((ValiseBundleVersion *) versions->pdata[number - 1])->path, error);
}

/* --- comparing --- */

/* A number is a version, the newest being 1; a file that ends in .xml is one; everything else is a machine. */
static ValiseDocument *
read_other (ValiseCall *call, ValiseMachine *machine, const char *word, GError **error)
{
  g_autofree char *path = valise_call_resolve (call, word);
  g_autoptr (ValiseMachine) other = NULL;
  guint64 number;

  if (g_ascii_string_to_unsigned (word, 10, 0, G_MAXUINT, &number, NULL))
    return read_version (machine, number, error);
  if (is_file (path))
    return read_document (path, error);
  other = valise_call_find (call, word, error);
  return other != NULL ? valise_document_ref (valise_machine_get_document (other)) : NULL;
}

static void
print_change (ValiseCall *call, const ValiseChange *change)
{
  if (change->before == NULL && change->after == NULL)
    fprintf (call->out, "%s\n", change->label);
  else
    fprintf (call->out, "%s: %s → %s\n", change->label, change->before != NULL ? change->before : _ ("not set"),
             change->after != NULL ? change->after : _ ("not set"));
}

void
_valise_call_print_changes (ValiseCall *call, GPtrArray *changes)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < changes->len; i++)
    {
      const ValiseChange *change = changes->pdata[i];

      if (!call->json)
        print_change (call, change);
      json_builder_begin_object (builder);
      _valise_json_add_string (builder, "knob", change->knob);
      _valise_json_add_string (builder, "label", change->label);
      _valise_json_add_string (builder, "before", change->before);
      _valise_json_add_string (builder, "after", change->after);
      _valise_json_add_boolean (builder, "live", change->timing == VALISE_KNOB_LIVE);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  if (call->json)
    valise_call_print_json (call, builder);
}

gboolean
_valise_command_diff (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (ValiseDocument) other = NULL;
  g_autoptr (GPtrArray) changes = NULL;
  gboolean versions = FALSE;
  GOptionEntry entries[] = {
    { "versions", 0, 0, G_OPTION_ARG_NONE, &versions, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "diff", entries, arguments, &operands, 1, 2, error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  if (versions)
    return print_versions (call, machine, error);
  other = read_other (call, machine, operands[1] != NULL ? operands[1] : "1", error);
  if (other == NULL)
    return FALSE;
  changes = valise_change_list (other, valise_machine_get_document (machine));
  _valise_call_print_changes (call, changes);
  return TRUE;
}

/* --- what is wrong --- */

static void
print_findings_json (ValiseCall *call, ValiseDocument *document, GPtrArray *findings)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = findings->pdata[i];

      json_builder_begin_object (builder);
      _valise_json_add_finding (builder, "knob", finding);
      if (finding->where != NULL)
        _valise_json_add_number (builder, "line", valise_document_line_of (document, finding->where));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  valise_call_print_json (call, builder);
}

/* What libvirt itself makes of a machine; a plain file has no folder that it could be looked at in. */
static void
add_read_back (ValiseCall *call, ValiseMachine *machine, ValiseDocument *document, GPtrArray *findings)
{
  g_autoptr (ValiseReadBack) back =
      machine != NULL ? valise_machine_try (machine, document, NULL, call->cancellable, NULL) : NULL;
  GPtrArray *found = back != NULL ? valise_read_back_get_findings (back) : NULL;

  for (guint i = 0; found != NULL && i < found->len; i++)
    g_ptr_array_add (findings, valise_finding_copy (found->pdata[i]));
}

/* @machine: (nullable): the one that @document is of. */
static gboolean
judge (ValiseCall *call, ValiseMachine *machine, ValiseDocument *document, GError **error)
{
  const char *directory = machine != NULL ? valise_machine_get_path (machine) : NULL;
  ValiseCapabilities *capabilities = valise_host_get_capabilities (valise_library_get_host (call->library));
  g_autoptr (GPtrArray) findings = valise_rules_check (document, capabilities, directory);
  g_autoptr (GPtrArray) schema = valise_rules_check_schema (document);

  g_ptr_array_extend_and_steal (findings, g_steal_pointer (&schema));
  if (valise_findings_worst (findings) < VALISE_SEVERITY_ERROR)
    add_read_back (call, machine, document, findings);
  if (call->json)
    print_findings_json (call, document, findings);
  else
    valise_call_print_findings (call, findings);
  if (valise_findings_worst (findings) < VALISE_SEVERITY_ERROR)
    return TRUE;
  g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_INVALID,
               _ ("Something is wrong with these settings. Mend what is marked as an error."));
  return FALSE;
}

gboolean
_valise_command_validate (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autofree char *path = NULL;

  if (!valise_call_parse (call, "validate", NULL, arguments, &operands, 1, 1, error))
    return FALSE;
  path = valise_call_resolve (call, operands[0]);
  if (is_file (path))
    {
      document = read_document (path, error);
      return document != NULL && judge (call, NULL, document, error);
    }
  machine = valise_call_find (call, operands[0], error);
  return machine != NULL && judge (call, machine, valise_machine_get_document (machine), error);
}
