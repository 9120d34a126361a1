/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-change.h"

#include <glib/gi18n-lib.h>

#include "base/valise-xml.h"
#include "model/valise-label.h"
#include "model/valise-live-device.h"

typedef struct
{
  ValiseDocument *before; /* a copy, to be aligned with @after */
  ValiseDocument *after;
  GPtrArray *differences; /* ValiseDocumentChange, owned */
  GHashTable *seen;       /* "+path" of added, "-path" of removed, "=path" of changed ones that are in the list */
  GPtrArray *changes;
} Comparison;

typedef struct
{
  const char *element;
  const char *leaf; /* what the device is told apart by */
  const char *same; /* what shows that it is the same one under another name */
  const char *only; /* the value of it that does, or NULL for any */
} Identity;

static const Identity IDENTITIES[] = {
  { "disk", "target/@dev", "source/@file", NULL },
  { "disk", "target/@dev", "@device", "cdrom" },
  { "interface", "mac/@address", "@type", NULL },
};

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
  ValiseChange *change;

  if (!see (self, added ? '+' : '-', device))
    return;
  change = add_change (self, device);
  change->label = g_strdup_printf (added ? _ ("%s added") : _ ("%s removed"), name);
  if (added ? valise_live_device_can_come (self->after, device, self->before)
            : valise_live_device_comes_and_goes (self->before, device))
    change->timing = VALISE_KNOB_LIVE;
}

/* --- images that are to be made or grown --- */

static gboolean
is_about_image (const char *path)
{
  return g_str_has_prefix (path, "metadata/valise:machine/valise:disk");
}

/* "Disk vdb: size"; %NULL when no disk has the image that @path is about. */
static char *
image_label (ValiseDocument *document, const char *path)
{
  g_autofree char *entry = g_strndup (path, (gsize) (strrchr (path, '/') - path));
  g_autofree char *source_path = g_strconcat (entry, "/@source", NULL);
  g_autofree char *source = valise_document_get (document, source_path);

  for (guint i = 1; source != NULL && i <= valise_document_count (document, "devices/disk"); i++)
    {
      g_autofree char *other = valise_document_get_device (document, "disk", i, "source/@file");
      g_autofree char *device = g_strdup_printf ("devices/disk[%u]", i);

      if (g_strcmp0 (other, source) == 0)
        {
          g_autofree char *name = valise_label_device (document, device);

          /* Translators: a disk, as in "Disk vdb: size" */
          return g_strdup_printf (_ ("%s: size"), name);
        }
    }
  return NULL;
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

/* A running machine can be given no more than what it was started with. */
static gboolean
fits_running (Comparison *self, const char *path)
{
  guint64 most, wanted;

  if (g_str_equal (path, "vcpu/@current"))
    {
      g_autofree char *all = valise_document_get (self->before, "vcpu");
      g_autofree char *current = valise_document_get (self->after, path);

      return all != NULL && current != NULL && g_ascii_strtoull (current, NULL, 10) <= g_ascii_strtoull (all, NULL, 10);
    }
  return !g_str_equal (path, "currentMemory")
         || (valise_label_get_size (self->before, "memory", &most) && valise_label_get_size (self->after, path, &wanted)
             && wanted <= most);
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
  change->label = is_about_image (path) ? image_label (named_by, path) : NULL;
  if (change->label == NULL)
    change->label = valise_label_knob (named_by, path);
  change->before = g_steal_pointer (&before);
  change->after = g_steal_pointer (&after);
  change->timing = fits_running (self, path) ? knob->timing : VALISE_KNOB_AFTER_RESTART;
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
  change->timing = knob != NULL && fits_running (self, difference->path) ? knob->timing : VALISE_KNOB_AFTER_RESTART;
}

static void
add_difference (Comparison *self, const ValiseDocumentChange *difference)
{
  g_autofree char *device = valise_label_device_path (difference->path);
  g_autofree char *size = size_of_unit (difference->path);
  gboolean added = difference->before == NULL;

  /* Whose size it is is said with the size. */
  if (is_about_image (difference->path) && g_str_has_suffix (difference->path, "/@source"))
    return;
  if (device != NULL && (added || difference->after == NULL) && is_whole_device (self, device, added))
    add_device (self, device, added);
  else if (size != NULL)
    add_size (self, size, valise_knob_lookup (size));
  else
    add_value (self, difference);
}

/* --- devices that only changed what they are told apart by --- */

static GHashTable *
collect_leaves (ValiseDocument *document, const char *element, const char *leaf)
{
  GHashTable *leaves = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *all = g_strconcat ("devices/", element, NULL);

  for (guint i = valise_document_count (document, all); i > 0; i--)
    {
      char *value = valise_document_get_device (document, element, i, leaf);

      if (value != NULL)
        g_hash_table_add (leaves, value);
    }
  return leaves;
}

/* The number of the device in @after that came in the place of the @number-th of @before; 0 for none. */
static guint
find_successor (Comparison *self, const Identity *identity, guint number, GHashTable *known)
{
  g_autofree char *all = g_strconcat ("devices/", identity->element, NULL);
  guint count = valise_document_count (self->after, all);
  g_autofree char *same = valise_document_get_device (self->before, identity->element, number, identity->same);

  if (same == NULL || (identity->only != NULL && !g_str_equal (same, identity->only)))
    return 0;
  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *name = valise_document_get_device (self->after, identity->element, i, identity->leaf);
      g_autofree char *other = valise_document_get_device (self->after, identity->element, i, identity->same);

      if (name != NULL && !g_hash_table_contains (known, name) && g_strcmp0 (same, other) == 0)
        return i;
    }
  return 0;
}

static void
add_renamed (Comparison *self, const Identity *identity, guint number, guint successor, GHashTable *known)
{
  g_autofree char *old_path = g_strdup_printf ("devices/%s[%u]/%s", identity->element, number, identity->leaf);
  g_autofree char *path = g_strdup_printf ("devices/%s[%u]/%s", identity->element, successor, identity->leaf);
  ValiseChange *change = add_change (self, path);
  char *name = valise_document_get (self->after, path);

  change->label = valise_label_knob (self->after, path);
  change->before = valise_label_value (self->before, old_path);
  change->after = valise_label_value (self->after, path);
  valise_document_set (self->before, old_path, name, NULL);
  g_hash_table_add (known, name);
}

/* Gives devices in @before the names that they have in @after, so that the rest of them is compared. */
static void
align (Comparison *self, const Identity *identity)
{
  g_autoptr (GHashTable) known = collect_leaves (self->before, identity->element, identity->leaf);
  g_autoptr (GHashTable) kept = collect_leaves (self->after, identity->element, identity->leaf);
  g_autofree char *all = g_strconcat ("devices/", identity->element, NULL);
  guint count = valise_document_count (self->before, all);

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *name = valise_document_get_device (self->before, identity->element, i, identity->leaf);
      guint successor =
          name != NULL && !g_hash_table_contains (kept, name) ? find_successor (self, identity, i, known) : 0;

      if (successor > 0)
        add_renamed (self, identity, i, successor, known);
    }
}

static void
change_free (ValiseChange *self)
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
  g_autoptr (ValiseDocument) aligned = NULL;
  g_autoptr (GPtrArray) differences = NULL;
  g_autoptr (GHashTable) seen = NULL;
  Comparison self = { 0 };

  g_return_val_if_fail (before != NULL && after != NULL, NULL);

  self.before = aligned = valise_document_copy (before);
  self.after = after;
  self.changes = g_ptr_array_new_with_free_func ((GDestroyNotify) change_free);
  self.seen = seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (IDENTITIES); i++)
    align (&self, &IDENTITIES[i]);
  self.differences = differences = valise_document_diff (aligned, after);
  for (guint i = 0; i < differences->len; i++)
    add_difference (&self, g_ptr_array_index (differences, i));
  return self.changes;
}
