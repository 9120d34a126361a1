/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "cli/valise-editor-private.h"
#include "cli/valise-json-private.h"
#include "cli/valise-knob-check-private.h"
#include "model/valise-edit-session.h"

/* The "=" between knob and value: the first one outside brackets, because cpu/feature[@name='vmx']/@policy has one
 * inside. */
static const char *
find_equals (const char *word)
{
  int depth = 0;

  for (; *word != '\0'; word++)
    {
      if (*word == '[')
        depth++;
      else if (*word == ']')
        depth--;
      else if (*word == '=' && depth == 0)
        return word;
    }
  return NULL;
}

static gboolean
set_one (ValiseEditSession *session, const char *word, GError **error)
{
  const char *equals = find_equals (word);
  g_autofree char *path = NULL;

  if (equals == NULL || equals == word)
    {
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("“%s” is not KNOB=VALUE, as in vcpu=4."),
                   word);
      return FALSE;
    }
  path = g_strndup (word, (gsize) (equals - word));
  return _valise_knob_check (path, equals + 1, error) && valise_edit_session_set (session, path, equals + 1, error);
}

static gboolean
unset_one (ValiseEditSession *session, const char *word, GError **error)
{
  /* What no libvirt knows can still be taken out of a machine that has it. */
  return (valise_document_has (valise_edit_session_get_draft (session), word) || _valise_knob_is_possible (word, error))
         && valise_edit_session_unset (session, word, error);
}

/* --- what is wrong before and after --- */

typedef struct
{
  ValiseSeverity worst;
  GHashTable *told; /* owned */
} Before;

static char *
name_finding (const ValiseFinding *finding)
{
  return g_strjoin ("\n", finding->code, finding->where != NULL ? finding->where : "", finding->text, NULL);
}

static void
before_init (Before *self, ValiseEditSession *session)
{
  GPtrArray *findings = valise_edit_session_get_findings (session);

  self->worst = valise_findings_worst (findings);
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < findings->len; i++)
    g_hash_table_add (self->told, name_finding (findings->pdata[i]));
}

static void
before_clear (Before *self)
{
  g_clear_pointer (&self->told, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Before, before_clear)

/* Only what the change itself made wrong is told, and stops it. */
static gboolean
check (ValiseCall *call, ValiseEditSession *session, const Before *before, GError **error)
{
  GPtrArray *after = valise_edit_session_get_findings (session);
  g_autoptr (GPtrArray) fresh = g_ptr_array_new ();

  for (guint i = 0; i < after->len; i++)
    {
      g_autofree char *name = name_finding (after->pdata[i]);

      if (!g_hash_table_contains (before->told, name))
        g_ptr_array_add (fresh, after->pdata[i]);
    }
  valise_call_print_findings (call, fresh);
  if (valise_findings_worst (fresh) < VALISE_SEVERITY_ERROR || before->worst == VALISE_SEVERITY_ERROR)
    return TRUE;
  g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
               _ ("Nothing was changed. Give values that fit what is marked as an error above."));
  return FALSE;
}

/* What libvirt does not accept may be right in another place, or another value in this one. */
static void
print_hints (ValiseCall *call, ValiseDocument *draft, char **words)
{
  for (; *words != NULL; words++)
    {
      const char *equals = find_equals (*words);
      g_autofree char *path = equals != NULL ? g_strndup (*words, (gsize) (equals - *words)) : g_strdup (*words);
      g_autofree char *hint = _valise_knob_hint (draft, path, equals != NULL ? equals + 1 : NULL);

      if (hint != NULL)
        fprintf (call->err, "note: %s: %s\n", path, hint);
    }
}

static ValiseEditSession *
open_session (ValiseMachine *machine)
{
  return valise_edit_session_new (valise_machine_get_document (machine),
                                  valise_host_get_capabilities (valise_machine_get_host (machine)),
                                  valise_machine_get_path (machine));
}

/* What was checked goes to the machine, running or not. */
static gboolean
apply (ValiseCall *call, ValiseMachine *machine, ValiseEditSession *session, GError **error)
{
  g_autoptr (GPtrArray) refused = NULL;

  if (!valise_machine_apply (machine, valise_edit_session_get_draft (session), &refused, call->cancellable, error))
    return FALSE;
  valise_call_print_findings (call, refused);
  return TRUE;
}

static gboolean
change_settings (ValiseCall *call,
                 const char *verb,
                 gboolean (*change) (ValiseEditSession *, const char *, GError **),
                 char **arguments,
                 GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (ValiseEditSession) session = NULL;
  g_auto (Before) before = { 0 };
  gboolean done = TRUE;

  if (!valise_call_parse (call, verb, NULL, arguments, &operands, 2, G_MAXUINT, error))
    return FALSE;
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  session = open_session (machine);
  before_init (&before, session);
  valise_edit_session_begin (session);
  for (char **word = operands + 1; done && *word != NULL; word++)
    done = change (session, *word, error);
  valise_edit_session_end (session);
  if (done && !check (call, session, &before, error))
    {
      print_hints (call, valise_edit_session_get_draft (session), operands + 1);
      return FALSE;
    }
  return done && apply (call, machine, session, error);
}

gboolean
_valise_command_set (ValiseCall *call, char **arguments, GError **error)
{
  return change_settings (call, "set", set_one, arguments, error);
}

gboolean
_valise_command_unset (ValiseCall *call, char **arguments, GError **error)
{
  return change_settings (call, "unset", unset_one, arguments, error);
}

/* --- all of them, as a file --- */

static gboolean
check_unchanged (ValiseCall *call, ValiseMachine *machine, const char *file, GError **error)
{
  g_autofree char *path = valise_call_resolve (call, file);
  g_autofree char *now = g_strdup (valise_document_get_text (valise_machine_get_document (machine)));
  g_autofree char *was = NULL;

  if (!g_file_get_contents (path, &was, NULL, error))
    return FALSE;
  /* "xml" ends the last line in any case. */
  if (g_str_equal (g_strchomp (was), g_strchomp (now)))
    return TRUE;
  g_set_error (
      error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_CHANGED,
      _ ("The settings of “%s” were changed by somebody else meanwhile. Nothing was changed; edit them again."),
      valise_machine_get_name (machine));
  return FALSE;
}

static gboolean
take_text (ValiseCall *call, ValiseMachine *machine, const char *file, GError **error)
{
  g_autoptr (ValiseEditSession) session = open_session (machine);
  g_auto (Before) before = { 0 };
  g_autofree char *path = valise_call_resolve (call, file);
  g_autofree char *text = NULL;

  before_init (&before, session);
  return g_file_get_contents (path, &text, NULL, error) && valise_edit_session_set_text (session, text, error)
         && check (call, session, &before, error) && apply (call, machine, session, error);
}

/* Without --from it is the caller's process that asks an editor (valise-editor.c), because this one may be the
 * application. */
gboolean
_valise_command_edit (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autofree char *from = NULL;
  g_autofree char *was = NULL;
  GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_FILENAME, &from, NULL, NULL },
    { "was", 0, 0, G_OPTION_ARG_FILENAME, &was, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "edit", entries, arguments, &operands, 1, 1, error))
    return FALSE;
  if (from == NULL)
    {
      g_set_error_literal (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _valise_editor_missing ());
      return FALSE;
    }
  machine = valise_call_find (call, operands[0], error);
  return machine != NULL && (was == NULL || check_unchanged (call, machine, was, error))
         && take_text (call, machine, from, error);
}

/* --- media --- */

static gboolean
print_media (ValiseCall *call, ValiseDocument *document, const char *drive, GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  gboolean found = drive == NULL;

  json_builder_begin_array (builder);
  for (guint i = 1; i <= valise_document_count (document, "devices/disk"); i++)
    {
      g_autofree char *device = valise_document_get_device (document, "disk", i, "@device");
      g_autofree char *target = valise_document_get_device (document, "disk", i, "target/@dev");
      g_autofree char *file = valise_document_get_device (document, "disk", i, "source/@file");

      if ((g_strcmp0 (device, "cdrom") != 0 && g_strcmp0 (device, "floppy") != 0)
          || (drive != NULL && g_strcmp0 (drive, target) != 0))
        continue;
      found = TRUE;
      if (!call->json)
        fprintf (call->out, "%s: %s\n", target, file != NULL ? file : _ ("empty"));
      json_builder_begin_object (builder);
      _valise_json_add_string (builder, "drive", target);
      _valise_json_add_string (builder, "file", file != NULL ? file : "");
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  if (!found)
    {
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_UNSET,
                   _ ("There is no drive “%s”. “valisectl media” without --drive shows those there are."), drive);
      return FALSE;
    }
  if (call->json)
    valise_call_print_json (call, builder);
  return TRUE;
}

gboolean
_valise_command_media (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autofree char *insert = NULL;
  g_autofree char *drive = NULL;
  g_autofree char *file = NULL;
  gboolean eject = FALSE;
  GOptionEntry entries[] = {
    { "insert", 0, 0, G_OPTION_ARG_FILENAME, &insert, NULL, NULL },
    { "eject", 0, 0, G_OPTION_ARG_NONE, &eject, NULL, NULL },
    { "drive", 0, 0, G_OPTION_ARG_FILENAME, &drive, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "media", entries, arguments, &operands, 1, 1, error))
    return FALSE;
  if (insert != NULL && eject)
    {
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("Give either --insert or --eject."));
      return FALSE;
    }
  machine = valise_call_find (call, operands[0], error);
  if (machine == NULL)
    return FALSE;
  if (insert == NULL && !eject)
    return print_media (call, valise_machine_get_document (machine), drive, error);
  file = insert != NULL ? valise_call_resolve (call, insert) : NULL;
  return valise_machine_change_media (machine, drive, file, call->cancellable, error);
}
