/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-document-private.h"

#include <string.h>

/* What tells one device from another of its kind; what is not listed is told apart by its place. */
static const struct
{
  const char *name;
  const char *identity[2]; /* paths below the element */
} identities[] = {
  { "disk", { "target/@dev", NULL } },     { "interface", { "mac/@address", NULL } },
  { "controller", { "@type", "@index" } }, { "feature", { "@name", NULL } },
  { "timer", { "@name", NULL } },          { "graphics", { "@type", NULL } },
  { "channel", { "target/@name", NULL } }, { "filesystem", { "target/@dir", NULL } },
};

typedef struct
{
  ValiseDocument *before, *after;
  GPtrArray *changes;
} Diff;

static void
add_change (Diff *diff, char *path, const char *before, const char *after)
{
  ValiseDocumentChange *change = g_new0 (ValiseDocumentChange, 1);

  change->path = path;
  change->before = g_strdup (before);
  change->after = g_strdup (after);
  g_ptr_array_add (diff->changes, change);
}

static const char *
qualified (const ValiseSourceMap *map, guint element, gsize *length)
{
  const ValiseSourceElement *found = _valise_source_element (map, element);

  *length = found->name_end - found->name;
  return map->text + found->name;
}

static char *
value_below (ValiseDocument *document, guint element, const char *path)
{
  ValisePlace place;

  if (_valise_document_resolve_below (document, element, path, &place) != VALISE_PLACE_FOUND)
    return NULL;
  return _valise_document_value_at (document, &place);
}

/* The namespace and name, and the identity where there is one: equal for two elements that are the same thing. */
static char *
key_of (ValiseDocument *document, guint element)
{
  const ValiseSourceElement *found = _valise_source_element (document->map, element);
  GString *key = g_string_new (NULL);
  gsize length;
  const char *name = qualified (document->map, element, &length);

  if (_valise_source_ns_is_known (found->ns))
    g_string_append_printf (key, "%s:%.*s", _valise_source_ns_prefix (found->ns),
                            (int) (found->name_end - found->local), document->text + found->local);
  else
    g_string_append_len (key, name, (gssize) length);
  for (gsize i = 0; i < G_N_ELEMENTS (identities); i++)
    if (strcmp (identities[i].name, key->str) == 0)
      {
        for (gsize j = 0; j < G_N_ELEMENTS (identities[i].identity) && identities[i].identity[j] != NULL; j++)
          {
            g_autofree char *value = value_below (document, element, identities[i].identity[j]);

            g_string_append_printf (key, "\n%s", value != NULL ? value : "");
          }
        break;
      }
  return g_string_free (key, FALSE);
}

typedef struct
{
  guint element;
  char *key;     /* with its place among equal keys */
  gboolean used; /* matched, or told as removed */
} Child;

static void
child_clear (gpointer child)
{
  g_free (((Child *) child)->key);
}

static GArray *
children_of (ValiseDocument *document, guint parent)
{
  GArray *children = g_array_new (FALSE, FALSE, sizeof (Child));
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint element = _valise_source_element (document->map, parent)->first_child;

  g_array_set_clear_func (children, child_clear);
  for (; element != VALISE_SOURCE_NONE; element = _valise_source_element (document->map, element)->next)
    {
      g_autofree char *key = key_of (document, element);
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (seen, key));
      Child child = { element, g_strdup_printf ("%s\n%u", key, n), FALSE };

      g_hash_table_insert (seen, g_steal_pointer (&key), GUINT_TO_POINTER (n + 1));
      g_array_append_val (children, child);
    }
  return children;
}

/* A namespace that is declared along with what needs it is no setting. */
static gboolean
is_declaration (ValiseDocument *document, guint attribute)
{
  const char *prefix;
  gsize length;

  return _valise_source_declares (document->map, attribute, &prefix, &length);
}

/* Every leaf of an element that only one side has. */
static void
tell_all (Diff *diff, ValiseDocument *document, guint element)
{
  const ValiseSourceElement *found = _valise_source_element (document->map, element);
  g_autofree char *text = _valise_source_element_text (document->map, element);
  gboolean removed = document == diff->before;
  guint child = found->first_child;

  for (guint i = 0; i < found->n_attributes; i++)
    {
      g_autofree char *value = _valise_source_attribute_value (document->map, found->first_attribute + i);

      if (!is_declaration (document, found->first_attribute + i))
        add_change (diff, _valise_document_attribute_path (document, element, found->first_attribute + i),
                    removed ? value : NULL, removed ? NULL : value);
    }
  if (*text != '\0' || (found->n_attributes == 0 && child == VALISE_SOURCE_NONE))
    add_change (diff, _valise_document_element_path (document, element), removed ? text : NULL, removed ? NULL : text);
  for (; child != VALISE_SOURCE_NONE; child = _valise_source_element (document->map, child)->next)
    tell_all (diff, document, child);
}

static guint
attribute_named (ValiseDocument *document, guint element, const char *name, gsize length)
{
  const ValiseSourceElement *found = _valise_source_element (document->map, element);

  for (guint i = 0; i < found->n_attributes; i++)
    {
      const ValiseSourceAttribute *attribute = _valise_source_attribute (document->map, found->first_attribute + i);

      if (attribute->name_end - attribute->name == length
          && memcmp (document->text + attribute->name, name, length) == 0)
        return found->first_attribute + i;
    }
  return VALISE_SOURCE_NONE;
}

/* Attributes that @here has and @there has not or has otherwise; both directions together are all differences. */
static void
compare_attributes (Diff *diff, ValiseDocument *here, guint element, ValiseDocument *there, guint other)
{
  const ValiseSourceElement *found = _valise_source_element (here->map, element);
  gboolean newer = here == diff->after;

  for (guint i = found->first_attribute; i < found->first_attribute + found->n_attributes; i++)
    {
      const ValiseSourceAttribute *attribute = _valise_source_attribute (here->map, i);
      guint match = attribute_named (there, other, here->text + attribute->name, attribute->name_end - attribute->name);
      g_autofree char *value = _valise_source_attribute_value (here->map, i);
      g_autofree char *old = NULL;

      if (is_declaration (here, i))
        continue;
      if (match == VALISE_SOURCE_NONE)
        add_change (diff, _valise_document_attribute_path (here, element, i), newer ? NULL : value,
                    newer ? value : NULL);
      else if (newer && strcmp (old = _valise_source_attribute_value (there->map, match), value) != 0)
        add_change (diff, _valise_document_attribute_path (here, element, i), old, value);
    }
}

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\r\n")] == '\0';
}

static void compare (Diff *diff, guint before, guint after);

/* Tells as removed what stood before the @end-th child and found no match. */
static void
tell_removed (Diff *diff, GArray *old, guint end)
{
  for (guint i = 0; i < end; i++)
    {
      Child *child = &g_array_index (old, Child, i);

      if (!child->used)
        tell_all (diff, diff->before, child->element);
      child->used = TRUE;
    }
}

static void
compare_children (Diff *diff, guint before, guint after)
{
  g_autoptr (GArray) old = children_of (diff->before, before);
  g_autoptr (GArray) new = children_of (diff->after, after);
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) kept = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < old->len; i++)
    g_hash_table_insert (places, g_array_index (old, Child, i).key, GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < new->len; i++)
    g_hash_table_add (kept, g_array_index (new, Child, i).key);
  /* What stays is never told as removed, whatever order it now has. */
  for (guint i = 0; i < old->len; i++)
    g_array_index (old, Child, i).used = g_hash_table_contains (kept, g_array_index (old, Child, i).key);
  for (guint i = 0; i < new->len; i++)
    {
      Child *child = &g_array_index (new, Child, i);
      guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, child->key));

      if (place == 0)
        {
          tell_all (diff, diff->after, child->element);
          continue;
        }
      tell_removed (diff, old, place - 1);
      compare (diff, g_array_index (old, Child, place - 1).element, child->element);
    }
  tell_removed (diff, old, old->len);
}

static void
compare (Diff *diff, guint before, guint after)
{
  g_autofree char *old = _valise_source_element_text (diff->before->map, before);
  g_autofree char *new = _valise_source_element_text (diff->after->map, after);

  compare_attributes (diff, diff->after, after, diff->before, before);
  /* Of the other direction only what is gone is new. */
  compare_attributes (diff, diff->before, before, diff->after, after);
  /* White space is no value: it comes and goes with the elements in it. */
  if (strcmp (old, new) != 0 && !(is_blank (old) && is_blank (new)))
    add_change (diff, _valise_document_element_path (diff->after, after), old, new);
  compare_children (diff, before, after);
}

static void
change_free (ValiseDocumentChange *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self->before);
  g_free (self->after);
  g_free (self);
}

GPtrArray *
valise_document_diff (ValiseDocument *before, ValiseDocument *after)
{
  Diff diff = { before, after, g_ptr_array_new_with_free_func ((GDestroyNotify) change_free) };

  g_return_val_if_fail (before != NULL && after != NULL, diff.changes);
  if (before != after && strcmp (before->text, after->text) != 0)
    compare (&diff, 0, 0);
  return diff.changes;
}
