/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-pairs-private.h"

#include "base/valise-xml.h"
#include "model/valise-node-private.h"
#include "model/valise-same-value-private.h"

typedef struct
{
  xmlNode *one;
  xmlNode *other;
  GHashTable *pairs;
  GHashTable *taken; /* children of other */
} Pairing;

/* Two that are both told must be the same; libvirt fills in what is left open. */
static gboolean
agree (xmlNode *one, xmlNode *other, const char *attribute)
{
  g_autofree char *a = one != NULL ? _valise_node_get (one, attribute) : NULL;
  g_autofree char *b = other != NULL ? _valise_node_get (other, attribute) : NULL;

  return a == NULL || b == NULL || _valise_value_is_rewritten (a, b);
}

static gboolean
children_agree (xmlNode *one, xmlNode *other, const char *child, const char *attribute)
{
  return agree (_valise_node_child (one, child), _valise_node_child (other, child), attribute);
}

static gboolean
may_be_same (xmlNode *one, xmlNode *other)
{
  static const char *const OWN[] = { "type", "index", "id",    "name", "model",   "bus",
                                     "mode", "vcpu",  "vcpus", "cpus", "iothread" };
  static const char *const BELOW[][2] = {
    { "target", "name" }, { "target", "port" }, { "model", "type" }, { "backend", "model" }, { "mac", "address" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (OWN); i++)
    if (!agree (one, other, OWN[i]))
      return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (BELOW); i++)
    if (!children_agree (one, other, BELOW[i][0], BELOW[i][1]))
      return FALSE;
  return !_valise_node_is (one, "disk") || children_agree (one, other, "target", "dev");
}

/* How much of @one stands in @other. */
static guint
count_same (xmlNode *one, xmlNode *other)
{
  g_autofree char *a = _valise_node_text (one);
  g_autofree char *b = _valise_node_text (other);
  guint count = *a != '\0' && _valise_value_is_rewritten (a, b) ? 1 : 0;

  for (xmlAttr *attribute = one->properties; attribute != NULL; attribute = attribute->next)
    {
      const char *name = (const char *) attribute->name;

      if (xmlHasProp (other, attribute->name) != NULL && agree (one, other, name))
        count++;
    }
  for (xmlNode *child = xmlFirstElementChild (one); child != NULL; child = xmlNextElementSibling (child))
    {
      xmlNode *same = _valise_node_child (other, (const char *) child->name);

      if (same != NULL)
        count += 1 + count_same (child, same);
    }
  return count;
}

static xmlNode *
find_most_alike (Pairing *self, xmlNode *child)
{
  xmlNode *best = NULL;
  guint most = 0;

  for (xmlNode *node = xmlFirstElementChild (self->other); node != NULL; node = xmlNextElementSibling (node))
    {
      guint count;

      if (!_valise_node_is (node, (const char *) child->name) || g_hash_table_contains (self->taken, node)
          || !may_be_same (child, node))
        continue;
      count = 1 + count_same (child, node);
      if (count <= most)
        continue;
      best = node;
      most = count;
    }
  return best;
}

static xmlNode *
find_left (Pairing *self, xmlNode *child)
{
  for (xmlNode *node = xmlFirstElementChild (self->other); node != NULL; node = xmlNextElementSibling (node))
    if (_valise_node_is (node, (const char *) child->name) && !g_hash_table_contains (self->taken, node))
      return node;
  return NULL;
}

static void
pair_all (Pairing *self, xmlNode *(*find) (Pairing *self, xmlNode *child))
{
  for (xmlNode *child = xmlFirstElementChild (self->one); child != NULL; child = xmlNextElementSibling (child))
    {
      xmlNode *found = child->ns == NULL && !g_hash_table_contains (self->pairs, child) ? find (self, child) : NULL;

      if (found == NULL)
        continue;
      g_hash_table_insert (self->pairs, child, found);
      g_hash_table_add (self->taken, found);
    }
}

GHashTable *
_valise_pairs_new (xmlNode *one, xmlNode *other)
{
  Pairing self = { one, other, g_hash_table_new (NULL, NULL), g_hash_table_new (NULL, NULL) };

  if (other != NULL)
    {
      pair_all (&self, find_most_alike);
      pair_all (&self, find_left);
    }
  g_hash_table_unref (self.taken);
  return self.pairs;
}
