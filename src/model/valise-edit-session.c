/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-edit-session.h"

#include <glib/gi18n-lib.h>

#include "base/valise-size.h"
#include "base/valise-xml.h"
#include "model/valise-consequence-private.h"
#include "model/valise-knob-catalogue.h"
#include "model/valise-label.h"
#include "model/valise-rules.h"
#include "model/valise-size-unit-private.h"

/* Steps are whole texts; ten thousand edits of an ordinary machine fit. */
#define UNDO_LIMIT (100 * VALISE_MIB)
/* Checking against libvirt's schema costs time by the length; no machine that people edit is this long. */
#define SCHEMA_LIMIT (128 * VALISE_KIB)

struct _ValiseEditSession
{
  GObject parent_instance;

  ValiseDocument *original;
  ValiseDocument *draft;
  ValiseCapabilities *capabilities;
  char *directory;

  GQueue undo; /* texts, the latest at the head */
  GQueue redo;
  gsize undo_bytes;
  char *step_start; /* the text before the step that is being made */
  guint step_depth;

  GPtrArray *findings;
  ValiseReadBack *back; /* NULL until libvirt was asked */
  gboolean running;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseEditSession, valise_edit_session, G_TYPE_OBJECT)

static void
clear_steps (GQueue *steps)
{
  g_queue_clear_full (steps, g_free);
}

static void
push_undo (ValiseEditSession *self, char *text)
{
  g_queue_push_head (&self->undo, text);
  self->undo_bytes += strlen (text);
  while (self->undo_bytes > UNDO_LIMIT && self->undo.length > 1)
    {
      g_autofree char *oldest = g_queue_pop_tail (&self->undo);

      self->undo_bytes -= strlen (oldest);
    }
}

static char *
pop_undo (ValiseEditSession *self)
{
  char *text = g_queue_pop_head (&self->undo);

  self->undo_bytes -= strlen (text);
  return text;
}

static gboolean
has_finding_at (GPtrArray *findings, const char *where)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (findings, i);

      if (where != NULL && g_strcmp0 (finding->where, where) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_same_text (GPtrArray *findings, const char *text)
{
  for (guint i = 0; i < findings->len; i++)
    if (g_str_equal (((const ValiseFinding *) g_ptr_array_index (findings, i))->text, text))
      return TRUE;
  return FALSE;
}

/* What libvirt's schema does not know is an error when it was written here. What the machine came with may be for a
 * newer libvirt, and must not stand in the way of other edits. What a rule says already in better words is not said
 * again. */
static void
add_schema_findings (ValiseEditSession *self)
{
  g_autoptr (GPtrArray) now = NULL;
  g_autoptr (GPtrArray) before = NULL;

  if (valise_document_get_length (self->draft) > SCHEMA_LIMIT)
    return;
  now = valise_rules_check_schema (self->draft);
  if (now->len > 0)
    before = valise_rules_check_schema (self->original);
  for (guint i = 0; i < now->len; i++)
    {
      ValiseFinding *finding = valise_finding_copy (g_ptr_array_index (now, i));

      if (has_same_text (before, finding->text))
        finding->severity = VALISE_SEVERITY_WARNING;
      if (has_finding_at (self->findings, finding->where))
        valise_finding_free (finding);
      else
        g_ptr_array_add (self->findings, finding);
    }
}

/* Once each, after what is said without libvirt. */
static void
add_read_back (ValiseEditSession *self)
{
  GPtrArray *found = valise_edit_session_wants_read_back (self) ? NULL : valise_read_back_get_findings (self->back);

  for (guint i = 0; found != NULL && i < found->len; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (found, i);

      if (!has_finding_at (self->findings, finding->where))
        g_ptr_array_add (self->findings, valise_finding_copy (finding));
    }
}

static void
remove_read_back (ValiseEditSession *self)
{
  for (guint i = self->findings->len; i > 0; i--)
    if (g_str_has_prefix (((ValiseFinding *) g_ptr_array_index (self->findings, i - 1))->code, "read-back-"))
      g_ptr_array_remove_index (self->findings, i - 1);
}

static void
find (ValiseEditSession *self)
{
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  self->findings = valise_rules_check (self->draft, self->capabilities, self->directory);
  add_schema_findings (self);
  add_read_back (self);
}

static void
settle (ValiseEditSession *self)
{
  find (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
restore (ValiseEditSession *self, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!valise_document_set_text (self->draft, text, -1, &error))
    g_critical ("an earlier state of the draft does not parse: %s", error->message);
}

/* Ends a step; one that failed in the middle leaves the draft as it was before it. */
static gboolean
finish_step (ValiseEditSession *self, char *before, gboolean success)
{
  g_autofree char *text = before;

  if (!success && !g_str_equal (text, valise_document_get_text (self->draft)))
    restore (self, text);
  valise_edit_session_end (self);
  return success;
}

static char *
start_step (ValiseEditSession *self)
{
  valise_edit_session_begin (self);
  return g_strdup (valise_document_get_text (self->draft));
}

static gboolean
means_no (const char *value)
{
  return g_str_equal (value, "no") || g_str_equal (value, "off") || g_str_equal (value, "false")
         || g_str_equal (value, "0");
}

static gboolean
means_yes (const char *value)
{
  return g_str_equal (value, "yes") || g_str_equal (value, "on") || g_str_equal (value, "true")
         || g_str_equal (value, "1") || *value == '\0';
}

static gboolean
is_attribute (const char *path)
{
  const char *leaf = strrchr (path, '/');

  return (leaf != NULL ? leaf[1] : path[0]) == '@';
}

static char *
parent_of (const char *path)
{
  const char *leaf = strrchr (path, '/');

  return leaf != NULL ? g_strndup (path, leaf - path) : NULL;
}

static guint
count_predicates (const char *path)
{
  const char *leaf = strrchr (path, '/');
  guint count = 0;

  for (const char *p = leaf != NULL ? leaf : path; *p != '\0'; p++)
    count += p[0] == '[' && p[1] == '@';
  return count;
}

/* Whether nothing is left in an element but what the path knows it by. */
static gboolean
is_hollow (ValiseDocument *document, const char *element)
{
  g_autofree char *source = valise_document_get_fragment (document, element);
  g_autoptr (xmlDoc) tree = source != NULL ? valise_xml_parse (source, -1, element, NULL) : NULL;
  xmlNode *root = tree != NULL ? xmlDocGetRootElement (tree) : NULL;
  guint attributes = 0;

  if (root == NULL)
    return FALSE;
  for (xmlAttr *attribute = root->properties; attribute != NULL; attribute = attribute->next)
    attributes++;
  for (xmlNode *child = root->children; child != NULL; child = child->next)
    if (!xmlIsBlankNode (child))
      return FALSE;
  return attributes <= count_predicates (element);
}

/* Of a hypervisor's own namespace, as <qemu:commandline>: it is there for what stands in it alone. */
static gboolean
is_foreign (const char *element)
{
  const char *leaf = strrchr (element, '/');

  return strchr (leaf != NULL ? leaf : element, ':') != NULL;
}

/* A <boot/> without order or a <feature name='x'/> without policy means something else than none: what an unset leaves
 * empty goes too, up to but not including a device or a child of <domain> that is libvirt's own. */
static gboolean
prune (ValiseDocument *document, const char *path, GError **error)
{
  g_autofree char *element = parent_of (path);

  while (element != NULL && (strchr (element, '/') != NULL || is_foreign (element)))
    {
      g_autofree char *device = valise_label_device_path (element);

      if (g_strcmp0 (device, element) == 0 || !is_hollow (document, element))
        return TRUE;
      if (!valise_document_unset (document, element, error))
        return FALSE;
      g_free (g_steal_pointer (&device));
      device = parent_of (element);
      g_free (element);
      element = g_steal_pointer (&device);
    }
  return TRUE;
}

/* Devices are added and removed as such. */
static gboolean
was_made_here (ValiseEditSession *self, const char *element)
{
  g_autofree char *device = valise_label_device_path (element);

  return g_strcmp0 (device, element) != 0 && !valise_document_has (self->original, element)
         && is_hollow (self->draft, element);
}

/* What stood around a value only because that was set here goes with it, so that setting and unsetting leaves nothing
 * behind. */
static gboolean
prune_made_here (ValiseEditSession *self, const char *path, GError **error)
{
  g_autofree char *element = parent_of (path);

  while (element != NULL && (!valise_document_has (self->draft, element) || was_made_here (self, element)))
    {
      char *above;

      if (!valise_document_unset (self->draft, element, error))
        return FALSE;
      above = parent_of (element);
      g_free (element);
      element = above;
    }
  return TRUE;
}

static gboolean
unset_and_prune (ValiseEditSession *self, const char *knob, GError **error)
{
  g_autofree char *around = parent_of (knob);
  gboolean was_set = valise_document_has (self->draft, knob);
  gboolean prunes = is_attribute (knob) || (around != NULL && is_foreign (around));

  return valise_document_unset (self->draft, knob, error) && (!was_set || !prunes || prune (self->draft, knob, error))
         && (!was_set || prune_made_here (self, knob, error));
}

/* What our table does not know, libvirt's schema does. */
static ValiseKnobKind
kind_of (const char *path)
{
  const ValiseKnob *knob = valise_knob_lookup (path);
  const ValiseKnobEntry *entry =
      knob == NULL ? valise_knob_catalogue_lookup (valise_knob_catalogue_get_default (), path) : NULL;

  if (knob == NULL && entry != NULL)
    knob = &entry->knob;
  return knob != NULL ? knob->kind : VALISE_KNOB_TEXT;
}

static gboolean
write_value (ValiseEditSession *self, const char *path, const char *value, GError **error)
{
  ValiseKnobKind kind = kind_of (path);
  guint64 bytes;

  if (kind == VALISE_KNOB_PRESENCE && means_no (value))
    return unset_and_prune (self, path, error);
  if (kind == VALISE_KNOB_PRESENCE && means_yes (value))
    return valise_document_has (self->draft, path) || valise_document_set (self->draft, path, "", error);
  if (kind == VALISE_KNOB_SIZE && value[strspn (value, "0123456789 ")] != '\0'
      && valise_size_parse (value, 1, &bytes, NULL))
    return _valise_consequence_write_size (self->draft, path, bytes, error);
  return valise_document_set (self->draft, path, value, error);
}

/* Paths with and without "[1]" name the same thing. */
static gboolean
next_char (const char **path)
{
  if (g_str_has_prefix (*path, "[1]"))
    *path += strlen ("[1]");
  return **path != '\0';
}

static gboolean
is_about (const char *where, const char *knob, gboolean with_inside)
{
  while (next_char (&knob))
    {
      if (!next_char (&where) || *where != *knob)
        return FALSE;
      where++;
      knob++;
    }
  return !next_char (&where) || (with_inside && *where == '/');
}

static void
valise_edit_session_finalize (GObject *object)
{
  ValiseEditSession *self = VALISE_EDIT_SESSION (object);

  clear_steps (&self->undo);
  clear_steps (&self->redo);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  g_clear_pointer (&self->original, valise_document_unref);
  g_clear_pointer (&self->draft, valise_document_unref);
  g_clear_pointer (&self->capabilities, valise_capabilities_unref);
  g_clear_pointer (&self->back, valise_read_back_unref);
  g_free (self->directory);
  g_free (self->step_start);
  G_OBJECT_CLASS (valise_edit_session_parent_class)->finalize (object);
}

static void
valise_edit_session_class_init (ValiseEditSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = valise_edit_session_finalize;
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_edit_session_init (ValiseEditSession *self)
{
  g_queue_init (&self->undo);
  g_queue_init (&self->redo);
}

ValiseEditSession *
valise_edit_session_new (ValiseDocument *original, ValiseCapabilities *capabilities, const char *directory)
{
  ValiseEditSession *self;

  g_return_val_if_fail (original != NULL && capabilities != NULL, NULL);

  self = g_object_new (VALISE_TYPE_EDIT_SESSION, NULL);
  self->original = valise_document_copy (original);
  self->draft = valise_document_copy (original);
  self->capabilities = valise_capabilities_ref (capabilities);
  self->directory = g_strdup (directory);
  find (self);
  return self;
}

ValiseDocument *
valise_edit_session_get_draft (ValiseEditSession *self)
{
  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self), NULL);

  return self->draft;
}

ValiseDocument *
valise_edit_session_get_original (ValiseEditSession *self)
{
  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self), NULL);

  return self->original;
}

ValiseCapabilities *
valise_edit_session_get_capabilities (ValiseEditSession *self)
{
  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self), NULL);

  return self->capabilities;
}

void
valise_edit_session_set_capabilities (ValiseEditSession *self, ValiseCapabilities *capabilities)
{
  g_return_if_fail (VALISE_IS_EDIT_SESSION (self) && capabilities != NULL);

  if (self->capabilities == capabilities)
    return;
  valise_capabilities_ref (capabilities);
  valise_capabilities_unref (self->capabilities);
  self->capabilities = capabilities;
  settle (self);
}

const char *
valise_edit_session_get_directory (ValiseEditSession *self)
{
  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self), NULL);

  return self->directory;
}

char *
valise_edit_session_get (ValiseEditSession *self, const char *knob)
{
  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self) && knob != NULL, NULL);

  return valise_document_get (self->draft, knob);
}

gboolean
valise_edit_session_set (ValiseEditSession *self, const char *knob, const char *value, GError **error)
{
  g_autoptr (ValiseConsequence) consequence = NULL;
  char *before;

  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self) && knob != NULL && value != NULL, FALSE);

  consequence = _valise_consequence_before (self->draft, knob);
  before = start_step (self);
  return finish_step (self, before,
                      write_value (self, knob, value, error)
                          && _valise_consequence_follow (consequence, self->draft, error));
}

gboolean
valise_edit_session_unset (ValiseEditSession *self, const char *knob, GError **error)
{
  g_autoptr (ValiseConsequence) consequence = NULL;
  char *before;

  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self) && knob != NULL, FALSE);

  consequence = _valise_consequence_before (self->draft, knob);
  before = start_step (self);
  return finish_step (self, before,
                      unset_and_prune (self, knob, error)
                          && _valise_consequence_follow (consequence, self->draft, error));
}

gboolean
valise_edit_session_add (ValiseEditSession *self, const char *parent, const char *xml, GError **error)
{
  char *before;

  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self) && parent != NULL && xml != NULL, FALSE);

  before = start_step (self);
  return finish_step (self, before, valise_document_add_fragment (self->draft, parent, xml, error));
}

gboolean
valise_edit_session_set_text (ValiseEditSession *self, const char *text, GError **error)
{
  char *before;

  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self) && text != NULL, FALSE);

  before = start_step (self);
  return finish_step (self, before, valise_document_set_text (self->draft, text, -1, error));
}

gboolean
valise_edit_session_get_size (ValiseEditSession *self, const char *knob, guint64 *bytes)
{
  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self) && knob != NULL && bytes != NULL, FALSE);

  return valise_label_get_size (self->draft, knob, bytes);
}

void
valise_edit_session_begin (ValiseEditSession *self)
{
  g_return_if_fail (VALISE_IS_EDIT_SESSION (self));

  if (self->step_depth++ == 0)
    self->step_start = g_strdup (valise_document_get_text (self->draft));
}

void
valise_edit_session_end (ValiseEditSession *self)
{
  g_autofree char *before = NULL;

  g_return_if_fail (VALISE_IS_EDIT_SESSION (self) && self->step_depth > 0);

  if (--self->step_depth > 0)
    return;
  before = g_steal_pointer (&self->step_start);
  if (g_str_equal (before, valise_document_get_text (self->draft)))
    return;
  push_undo (self, g_steal_pointer (&before));
  clear_steps (&self->redo);
  settle (self);
}

gboolean
valise_edit_session_can_undo (ValiseEditSession *self)
{
  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self), FALSE);

  return self->undo.length > 0 && self->step_depth == 0;
}

gboolean
valise_edit_session_can_redo (ValiseEditSession *self)
{
  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self), FALSE);

  return self->redo.length > 0 && self->step_depth == 0;
}

void
valise_edit_session_undo (ValiseEditSession *self)
{
  g_autofree char *text = NULL;

  if (!valise_edit_session_can_undo (self))
    return;
  text = pop_undo (self);
  g_queue_push_head (&self->redo, g_strdup (valise_document_get_text (self->draft)));
  restore (self, text);
  settle (self);
}

void
valise_edit_session_redo (ValiseEditSession *self)
{
  g_autofree char *text = NULL;

  if (!valise_edit_session_can_redo (self))
    return;
  text = g_queue_pop_head (&self->redo);
  push_undo (self, g_strdup (valise_document_get_text (self->draft)));
  restore (self, text);
  settle (self);
}

void
valise_edit_session_revert (ValiseEditSession *self)
{
  g_return_if_fail (VALISE_IS_EDIT_SESSION (self));

  valise_edit_session_begin (self);
  restore (self, valise_document_get_text (self->original));
  valise_edit_session_end (self);
}

GPtrArray *
valise_edit_session_get_findings (ValiseEditSession *self)
{
  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self), NULL);

  return self->findings;
}

const ValiseFinding *
valise_edit_session_find (ValiseEditSession *self, const char *knob)
{
  const ValiseFinding *worst = NULL;
  g_autofree char *device = NULL;

  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self) && knob != NULL, NULL);

  device = valise_label_device_path (knob);
  for (guint i = 0; i < self->findings->len; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (self->findings, i);

      if (finding->where != NULL && is_about (finding->where, knob, g_strcmp0 (device, knob) == 0)
          && (worst == NULL || finding->severity > worst->severity))
        worst = finding;
    }
  return worst;
}

gboolean
valise_edit_session_wants_read_back (ValiseEditSession *self)
{
  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self), FALSE);

  return self->back == NULL || !valise_read_back_is_of (self->back, self->draft);
}

void
valise_edit_session_set_read_back (ValiseEditSession *self, ValiseReadBack *back)
{
  g_return_if_fail (VALISE_IS_EDIT_SESSION (self) && back != NULL);

  valise_read_back_ref (back);
  g_clear_pointer (&self->back, valise_read_back_unref);
  self->back = back;
  remove_read_back (self);
  add_read_back (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* With the unit that libvirt wrote it in. */
static char *
show_size (ValiseEditSession *self, const char *knob, const char *value)
{
  g_autofree char *unit_knob = g_strconcat (knob, "/@unit", NULL);
  g_autofree char *unit = valise_read_back_dup_default (self->back, unit_knob);
  guint64 number, bytes, one = _valise_size_unit_bytes (knob, unit);

  if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT64, &number, NULL)
      || !g_uint64_checked_mul (&bytes, number, one))
    return g_strdup (value);
  return valise_size_format (bytes);
}

char *
valise_edit_session_dup_default (ValiseEditSession *self, const char *knob)
{
  g_autofree char *value = NULL;

  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self) && knob != NULL, NULL);

  value = self->back != NULL ? valise_read_back_dup_default (self->back, knob) : NULL;
  if (value == NULL || *value == '\0')
    return NULL;
  if (kind_of (knob) == VALISE_KNOB_SIZE)
    return show_size (self, knob, value);
  return valise_label_text (valise_label_lookup (self->draft, knob), value);
}

GPtrArray *
valise_edit_session_list_changes (ValiseEditSession *self)
{
  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self), NULL);

  return valise_change_list (self->original, self->draft);
}

gboolean
valise_edit_session_is_changed (ValiseEditSession *self)
{
  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self), FALSE);

  return !g_str_equal (valise_document_get_text (self->original), valise_document_get_text (self->draft));
}

gboolean
valise_edit_session_can_apply (ValiseEditSession *self, char **reason)
{
  const char *why = NULL;

  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self), FALSE);

  if (!valise_edit_session_is_changed (self))
    why = _ ("Nothing has been changed.");
  for (guint i = 0; why == NULL && i < self->findings->len; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (self->findings, i);

      if (finding->severity == VALISE_SEVERITY_ERROR)
        why = finding->text;
    }
  if (reason != NULL)
    *reason = g_strdup (why);
  return why == NULL;
}

void
valise_edit_session_applied (ValiseEditSession *self)
{
  g_return_if_fail (VALISE_IS_EDIT_SESSION (self));

  valise_document_unref (self->original);
  self->original = valise_document_copy (self->draft);
  settle (self);
}

void
valise_edit_session_set_running (ValiseEditSession *self, gboolean running)
{
  g_return_if_fail (VALISE_IS_EDIT_SESSION (self));

  if (self->running == !!running)
    return;
  self->running = !!running;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

gboolean
valise_edit_session_get_running (ValiseEditSession *self)
{
  g_return_val_if_fail (VALISE_IS_EDIT_SESSION (self), FALSE);

  return self->running;
}
