/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-shared-edit.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/valise-boot-places.h"
#include "model/valise-knob-catalogue.h"
#include "model/valise-label.h"

#define DEVICES "devices/"

struct _ValiseSharedEdit
{
  GPtrArray *parts;
  char *knob;
  char *value;
};

/* --- parts --- */

static void
clear_answer (ValiseSharedPart *self)
{
  self->state = VALISE_SHARED_PENDING;
  g_ptr_array_set_size (self->changes, 0);
  g_ptr_array_set_size (self->findings, 0);
  g_clear_pointer (&self->value, g_free);
  g_clear_pointer (&self->reason, g_free);
}

static void
part_free (gpointer data)
{
  ValiseSharedPart *self = data;

  g_clear_object (&self->session);
  g_ptr_array_unref (self->changes);
  g_ptr_array_unref (self->findings);
  g_hash_table_unref (self->known);
  g_free (self->value);
  g_free (self->reason);
  g_free (self);
}

static char *
key_of (const ValiseFinding *finding)
{
  return g_strdup_printf ("%s %s %s", finding->code, finding->where != NULL ? finding->where : "", finding->text);
}

static void
take_session (ValiseSharedPart *self, ValiseEditSession *session)
{
  GPtrArray *findings = valise_edit_session_get_findings (session);

  g_set_object (&self->session, session);
  g_hash_table_remove_all (self->known);
  for (guint i = 0; i < findings->len; i++)
    g_hash_table_add (self->known, key_of (findings->pdata[i]));
}

/* --- where the knob is --- */

/* Behind the second step, which may have a predicate with anything in it. */
static const char *
end_of_device (const char *knob)
{
  const char *at = knob + strlen (DEVICES);
  gboolean inside = FALSE;

  for (; *at != '\0' && (inside || *at != '/'); at++)
    inside = *at == '[' || (inside && *at != ']');
  return at;
}

char *
valise_shared_edit_device (const char *knob)
{
  g_return_val_if_fail (knob != NULL, NULL);

  return g_str_has_prefix (knob, DEVICES) ? g_strndup (knob, (gsize) (end_of_device (knob) - knob)) : NULL;
}

/* CD and floppy drives are <disk> as well, and nobody who sets a disk's cache means them. */
static gboolean
is_meant (ValiseDocument *document, const char *device, const char *element, guint number)
{
  g_autofree char *path = g_strdup_printf ("%s[%u]/@device", element, number);
  g_autofree char *kind = NULL, *quoted = NULL;

  if (!g_str_equal (element, DEVICES "disk"))
    return TRUE;
  kind = valise_document_get (document, path);
  if (strchr (device, '[') == NULL)
    return g_strcmp0 (kind, "cdrom") != 0 && g_strcmp0 (kind, "floppy") != 0;
  quoted = g_strdup_printf ("'%s'", kind != NULL ? kind : "disk");
  return strstr (device, quoted) != NULL;
}

GPtrArray *
valise_shared_edit_paths (ValiseDocument *document, const char *knob)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *device = NULL, *element = NULL;

  g_return_val_if_fail (document != NULL && knob != NULL, paths);

  device = valise_shared_edit_device (knob);
  if (device == NULL)
    {
      g_ptr_array_add (paths, g_strdup (knob));
      return paths;
    }
  element = g_strndup (device, strcspn (device, "["));
  for (guint i = 1; i <= valise_document_count (document, element); i++)
    if (is_meant (document, device, element, i))
      g_ptr_array_add (paths, g_strdup_printf ("%s[%u]%s", element, i, end_of_device (knob)));
  return paths;
}

const char *
valise_shared_edit_reason (const char *knob)
{
  const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (valise_knob_catalogue_get_default (), knob);

  if (entry != NULL && (entry->knob.kind == VALISE_KNOB_MAC || entry->knob.kind == VALISE_KNOB_UUID))
    return _ ("Each machine needs one of its own.");
  if (g_str_equal (knob, "name") || g_str_equal (knob, "title")
      || g_str_has_prefix (knob, "metadata/valise:machine/@name") || g_str_equal (knob, "devices/disk/source/@file"))
    return _ ("Each machine has one of its own.");
  return NULL;
}

/* --- what it makes of a machine --- */

static void
refuse (ValiseSharedPart *part, const char *reason)
{
  part->state = VALISE_SHARED_REFUSED;
  g_free (part->reason);
  part->reason = g_strdup (reason);
}

/* Where the knob means nothing: a disk that is no file has no such source. */
static gboolean
is_possible (ValiseSharedPart *part, const char *path)
{
  const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (valise_knob_catalogue_get_default (), path);

  return entry == NULL || valise_knob_entry_is_possible (entry, valise_edit_session_get_draft (part->session), path);
}

static void
refuse_situation (ValiseSharedEdit *self, ValiseSharedPart *part)
{
  const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (valise_knob_catalogue_get_default (), self->knob);
  g_autofree char *situations = entry != NULL ? valise_knob_entry_describe_situations (entry) : NULL;
  /* Translators: %s is a condition: "devices/disk/@type is file or block". */
  g_autofree char *reason = g_strdup_printf (_ ("Only where %s."), situations != NULL ? situations : self->knob);

  refuse (part, reason);
}

static gboolean
write_all (ValiseSharedEdit *self, ValiseSharedPart *part, GPtrArray *paths, guint *written)
{
  g_autoptr (GError) error = NULL;
  gboolean done = TRUE;

  *written = 0;
  valise_edit_session_begin (part->session);
  for (guint i = 0; done && i < paths->len; i++)
    if (self->value == NULL)
      done = valise_edit_session_unset (part->session, paths->pdata[i], &error) && ++*written;
    else if (is_possible (part, paths->pdata[i]))
      done = valise_edit_session_set (part->session, paths->pdata[i], self->value, &error) && ++*written;
  valise_edit_session_end (part->session);
  if (!done)
    {
      valise_edit_session_revert (part->session);
      refuse (part, error->message);
    }
  return done;
}

static void
take_findings (ValiseSharedPart *part)
{
  GPtrArray *findings = valise_edit_session_get_findings (part->session);

  for (guint i = 0; i < findings->len; i++)
    {
      g_autofree char *key = key_of (findings->pdata[i]);

      if (!g_hash_table_contains (part->known, key))
        g_ptr_array_add (part->findings, valise_finding_copy (findings->pdata[i]));
    }
}

static void
take_changes (ValiseSharedPart *part)
{
  g_ptr_array_unref (part->changes);
  part->changes = valise_edit_session_list_changes (part->session);
  take_findings (part);
  if (!valise_edit_session_can_apply (part->session, &part->reason))
    part->state = VALISE_SHARED_REFUSED;
  else
    {
      g_clear_pointer (&part->reason, g_free);
      part->state = VALISE_SHARED_CHANGES;
    }
}

/* Each machine has devices of its own, and the kind of them is what is asked for. */
static void
work_out_boot (ValiseSharedEdit *self, ValiseSharedPart *part)
{
  g_autoptr (GError) error = NULL;
  const char *first;

  if (self->value != NULL && !valise_boot_places_put_first (part->session, self->value, &error))
    {
      valise_edit_session_revert (part->session);
      refuse (part, error->message);
      return;
    }
  first = valise_boot_places_first (valise_edit_session_get_draft (part->session));
  if (valise_edit_session_is_changed (part->session))
    take_changes (part);
  else if (first != NULL)
    part->value = g_strdup (valise_boot_places_label (first));
}

static void
work_out (ValiseSharedEdit *self, ValiseSharedPart *part)
{
  ValiseDocument *draft = valise_edit_session_get_draft (part->session);
  g_autoptr (GPtrArray) paths = NULL;
  guint written;

  clear_answer (part);
  if (valise_edit_session_is_changed (part->session))
    valise_edit_session_revert (part->session);
  part->state = VALISE_SHARED_SAME;
  if (self->knob == NULL)
    return;
  if (g_str_equal (self->knob, VALISE_SHARED_BOOT_FIRST))
    {
      work_out_boot (self, part);
      return;
    }
  if (valise_shared_edit_reason (self->knob) != NULL)
    {
      refuse (part, valise_shared_edit_reason (self->knob));
      return;
    }
  paths = valise_shared_edit_paths (draft, self->knob);
  if (paths->len == 0)
    refuse (part, _ ("The machine has no such device."));
  else if (write_all (self, part, paths, &written))
    {
      if (written == 0)
        refuse_situation (self, part);
      else if (valise_edit_session_is_changed (part->session))
        take_changes (part);
      else
        part->value = valise_label_value (draft, paths->pdata[0]);
    }
}

/* --- public --- */

ValiseSharedEdit *
valise_shared_edit_new (void)
{
  ValiseSharedEdit *self = g_new0 (ValiseSharedEdit, 1);

  self->parts = g_ptr_array_new_with_free_func (part_free);
  return self;
}

void
valise_shared_edit_free (ValiseSharedEdit *self)
{
  g_ptr_array_unref (self->parts);
  g_free (self->knob);
  g_free (self->value);
  g_free (self);
}

ValiseSharedPart *
valise_shared_edit_add (ValiseSharedEdit *self, ValiseEditSession *session)
{
  ValiseSharedPart *part;

  g_return_val_if_fail (self != NULL && session != NULL, NULL);

  part = g_new0 (ValiseSharedPart, 1);
  part->changes = g_ptr_array_new ();
  part->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);
  part->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  take_session (part, session);
  g_ptr_array_add (self->parts, part);
  return part;
}

void
valise_shared_edit_renew (ValiseSharedEdit *self, ValiseSharedPart *part, ValiseEditSession *session)
{
  g_return_if_fail (self != NULL && part != NULL && session != NULL);

  take_session (part, session);
  clear_answer (part);
}

void
valise_shared_edit_set (ValiseSharedEdit *self, const char *knob, const char *value)
{
  g_autofree char *new_knob = g_strdup (knob), *new_value = g_strdup (value);

  g_return_if_fail (self != NULL);

  g_free (self->knob);
  self->knob = g_steal_pointer (&new_knob);
  g_free (self->value);
  self->value = g_steal_pointer (&new_value);
  for (guint i = 0; i < self->parts->len; i++)
    clear_answer (self->parts->pdata[i]);
}

const char *
valise_shared_edit_get_knob (ValiseSharedEdit *self)
{
  return self->knob;
}

ValiseSharedPart *
valise_shared_edit_work (ValiseSharedEdit *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = 0; i < self->parts->len; i++)
    {
      ValiseSharedPart *part = self->parts->pdata[i];

      if (part->state != VALISE_SHARED_PENDING)
        continue;
      work_out (self, part);
      return part;
    }
  return NULL;
}

guint
valise_shared_edit_count (ValiseSharedEdit *self, ValiseSharedState state)
{
  guint count = 0;

  g_return_val_if_fail (self != NULL, 0);

  for (guint i = 0; i < self->parts->len; i++)
    count += ((ValiseSharedPart *) self->parts->pdata[i])->state == state;
  return count;
}
