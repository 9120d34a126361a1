/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-change.h"

#include <glib/gi18n-lib.h>

#include "base/valise-xml.h"
#include "model/valise-label.h"

typedef struct
{
  ValiseDocument *before;
  ValiseDocument *after;
  GPtrArray *differences; /* ValiseDocumentChange, owned */
  GHashTable *seen;       /* "+path" of added, "-path" of removed, "=path" of changed ones that are in the list */
  GPtrArray *changes;
} Comparison;

static guint
count_attributes (xmlNode *node)
{
  guint count = 0;

  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    count++;
  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    count += count_attributes (child);
  return count;
}

static gboolean
lies_in (const char *path, const char *device)
{
  gsize length = strlen (device);

  return strncmp (path, device, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* Whether each attribute that the device has is among those that came (or went). */
static gboolean
is_whole_device (Comparison *self, const char *device, gboolean added)
{
  g_autofree char *source = valise_document_get_fragment (added ? self->after : self->before, device);
  g_autoptr (xmlDoc) tree = source != NULL ? valise_xml_parse (source, -1, device, NULL) : NULL;
  guint listed = 0;

  for (guint i = 0; i < self->differences->len; i++)
    {
      const ValiseDocumentChange *difference = g_ptr_array_index (self->differences, i);

      if (lies_in (difference->path, device) && (added ? difference->before : difference->after) == NULL)
        {
          if (g_str_equal (difference->path, device))
            return TRUE;
          listed += strstr (difference->path, "/@") != NULL;
        }
    }
  return tree != NULL && listed >= count_attributes (xmlDocGetRootElement (tree));
}

static gboolean
see (Comparison *self, char kind, const char *path)
{
  return g_hash_table_add (self->seen, g_strdup_printf ("%c%s", kind, path));
}

static ValiseChange *
add_change (Comparison *self, const char *knob)
{
  ValiseChange *change = g_new0 (ValiseChange, 1);

  change->knob = g_strdup (knob);
  change->timing = VALISE_KNOB_AFTER_RESTART;
  g_ptr_array_add (self->changes, change);
  return change;
}

static void
add_device (Comparison *self, const char *device, gboolean added)
{
  g_autofree char *name = valise_label_device (added ? self->after : self->before, device);

  if (!see (self, added ? '+' : '-', device))
    return;
  add_change (self, device)->label = g_strdup_printf (added ? _ ("%s added") : _ ("%s removed"), name);
}

/* "memory" of "memory/@unit": number and unit are one value to people. */
static char *
size_of_unit (const char *path)
{
  g_autofree char *owner =
      g_str_has_suffix (path, "/@unit") ? g_strndup (path, strlen (path) - strlen ("/@unit")) : NULL;
  const ValiseKnob *knob = owner != NULL ? valise_knob_lookup (owner) : NULL;

  return knob != NULL && knob->kind == VALISE_KNOB_SIZE ? g_steal_pointer (&owner) : NULL;
}

static void
add_size (Comparison *self, const char *path, const ValiseKnob *knob)
{
  ValiseDocument *named_by = valise_document_has (self->after, path) ? self->after : self->before;
  g_autofree char *before = valise_label_value (self->before, path);
  g_autofree char *after = valise_label_value (self->after, path);
  ValiseChange *change;

  if (g_strcmp0 (before, after) == 0 || !see (self, '=', path))
    return;
  change = add_change (self, path);
  change->label = valise_label_knob (named_by, path);
  change->before = g_steal_pointer (&before);
  change->after = g_steal_pointer (&after);
  change->timing = knob->timing;
}

static void
add_value (Comparison *self, const ValiseDocumentChange *difference)
{
  ValiseDocument *named_by = difference->after != NULL ? self->after : self->before;
  const ValiseKnob *knob = valise_label_lookup (named_by, difference->path);
  ValiseChange *change;

  if (knob != NULL && knob->kind == VALISE_KNOB_SIZE)
    {
      add_size (self, difference->path, knob);
      return;
    }
  change = add_change (self, difference->path);
  change->label = valise_label_knob (named_by, difference->path);
  change->before = difference->before != NULL ? valise_label_text (knob, difference->before) : NULL;
  change->after = difference->after != NULL ? valise_label_text (knob, difference->after) : NULL;
  change->timing = knob != NULL ? knob->timing : VALISE_KNOB_AFTER_RESTART;
}

static void
add_difference (Comparison *self, const ValiseDocumentChange *difference)
{
  g_autofree char *device = valise_label_device_path (difference->path);
  g_autofree char *size = size_of_unit (difference->path);
  gboolean added = difference->before == NULL;

  if (device != NULL && (added || difference->after == NULL) && is_whole_device (self, device, added))
    add_device (self, device, added);
  else if (size != NULL)
    add_size (self, size, valise_knob_lookup (size));
  else
    add_value (self, difference);
}

void
valise_change_free (ValiseChange *self)
{
  if (self == NULL)
    return;
  g_free (self->knob);
  g_free (self->label);
  g_free (self->before);
  g_free (self->after);
  g_free (self);
}

GPtrArray *
valise_change_list (ValiseDocument *before, ValiseDocument *after)
{
  g_autoptr (GPtrArray) differences = valise_document_diff (before, after);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Comparison self = { before, after, differences, seen,
                      g_ptr_array_new_with_free_func ((GDestroyNotify) valise_change_free) };

  for (guint i = 0; i < differences->len; i++)
    add_difference (&self, g_ptr_array_index (differences, i));
  return self.changes;
}
