/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-effective.h"

#include <string.h>

#include "base/valise-xml.h"
#include "model/valise-node-private.h"
#include "model/valise-whitelist-private.h"

/* One thing to write into the stored document. Collected first, because an edit makes the tree anew. */
typedef struct
{
  char *parent;
  char *fragment;
} Addition;

static void
addition_free (Addition *self)
{
  g_free (self->parent);
  g_free (self->fragment);
  g_free (self);
}

static void
add_to (GPtrArray *additions, char *parent, char *fragment)
{
  Addition *self = g_new0 (Addition, 1);

  self->parent = parent;
  self->fragment = fragment;
  g_ptr_array_add (additions, self);
}

/* --- what a live device looks like in the stored document --- */

/* Only what the whitelist calls harmless is ever written: <address type='pci' .../>. */
static void
append_element (GString *text, xmlNode *node, const char *path, gboolean close)
{
  g_string_append_printf (text, "<%s", (const char *) node->name);
  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    {
      const char *name = (const char *) attribute->name;
      g_autofree char *value = _valise_node_get (node, name);
      g_autofree char *escaped = g_markup_escape_text (value, -1);

      if (_valise_whitelist_attribute (path, name, value) == VALISE_VERDICT_PASS)
        g_string_append_printf (text, " %s='%s'", name, escaped);
    }
  g_string_append (text, close ? "/>" : ">");
}

static gboolean
is_kept (xmlNode *address)
{
  static const char *const kinds[] = { "pci",  "drive",     "usb", "virtio-serial", "ccid", "isa",
                                       "dimm", "spapr-vio", "ccw", "virtio-mmio",   NULL };
  g_autofree char *type = address != NULL ? _valise_node_get (address, "type") : NULL;

  return type != NULL && g_strv_contains (kinds, type);
}

static char *
address_fragment (xmlNode *address)
{
  GString *text = g_string_new (NULL);

  append_element (text, address, "devices/disk/address", TRUE);
  return g_string_free (text, FALSE);
}

static char *
controller_fragment (xmlNode *controller)
{
  static const char *const parts[] = { "model", "target", "master", "address", NULL };
  GString *text = g_string_new (NULL);
  gsize start;

  append_element (text, controller, "devices/controller", FALSE);
  start = text->len;
  for (guint i = 0; parts[i] != NULL; i++)
    {
      xmlNode *part = _valise_node_child (controller, parts[i]);
      g_autofree char *path = g_strconcat ("devices/controller/", parts[i], NULL);

      if (part == NULL || (g_str_equal (parts[i], "address") && !is_kept (part)))
        continue;
      g_string_append (text, "\n  ");
      append_element (text, part, path, TRUE);
    }
  if (text->len == start)
    {
      g_string_truncate (text, start - 1);
      g_string_append (text, "/>");
    }
  else
    g_string_append (text, "\n</controller>");
  return g_string_free (text, FALSE);
}

/* --- which live device is which stored one --- */

static char *
child_value (xmlNode *device, const char *child, const char *attribute)
{
  xmlNode *node = _valise_node_child (device, child);

  return node != NULL ? _valise_node_get (node, attribute) : NULL;
}

/* Two that are both told must be the same; libvirt fills in what the stored document leaves open. */
static gboolean
agree (char *first, char *second)
{
  gboolean same = first == NULL || second == NULL || g_ascii_strcasecmp (first, second) == 0;

  g_free (first);
  g_free (second);
  return same;
}

static gboolean
both_agree (xmlNode *stored, xmlNode *live, const char *attribute)
{
  return agree (_valise_node_get (stored, attribute), _valise_node_get (live, attribute));
}

static gboolean
children_agree (xmlNode *stored, xmlNode *live, const char *child, const char *attribute)
{
  return agree (child_value (stored, child, attribute), child_value (live, child, attribute));
}

static gboolean
child_is_same (xmlNode *stored, xmlNode *live, const char *child, const char *attribute)
{
  g_autofree char *first = child_value (stored, child, attribute);
  g_autofree char *second = child_value (live, child, attribute);

  return first != NULL && second != NULL && g_ascii_strcasecmp (first, second) == 0;
}

static gboolean
matches (xmlNode *stored, xmlNode *live)
{
  const char *kind = (const char *) stored->name;

  if (!_valise_node_is (live, kind))
    return FALSE;
  if (g_str_equal (kind, "disk"))
    return child_is_same (stored, live, "target", "dev");
  if (g_str_equal (kind, "interface"))
    return child_is_same (stored, live, "mac", "address");
  if (g_str_equal (kind, "controller"))
    return both_agree (stored, live, "type") && both_agree (stored, live, "index")
           && both_agree (stored, live, "model");
  return both_agree (stored, live, "type") && both_agree (stored, live, "model") && both_agree (stored, live, "bus")
         && both_agree (stored, live, "mode") && children_agree (stored, live, "model", "type")
         && children_agree (stored, live, "target", "name") && children_agree (stored, live, "backend", "model");
}

static gboolean
same_address (xmlNode *stored, xmlNode *live)
{
  xmlNode *first = _valise_node_child (stored, "address");
  xmlNode *second = _valise_node_child (live, "address");
  g_autofree char *one = first != NULL ? address_fragment (first) : NULL;
  g_autofree char *other = second != NULL ? address_fragment (second) : NULL;

  return one != NULL && g_strcmp0 (one, other) == 0;
}

/* A stored device that has its address already takes the live one at that address, so that the next of its kind finds
 * its own. */
static xmlNode *
find_live (xmlNode *stored, xmlNode *live_devices, GHashTable *taken)
{
  xmlNode *found = NULL;

  for (xmlNode *node = live_devices->children; node != NULL; node = node->next)
    {
      if (node->type != XML_ELEMENT_NODE || g_hash_table_contains (taken, node) || !matches (stored, node))
        continue;
      if (same_address (stored, node))
        return node;
      if (found == NULL)
        found = node;
    }
  return found;
}

static gboolean
has_address (xmlNode *device)
{
  return _valise_node_child (device, "address") != NULL;
}

static void
match_device (ValiseDocument *stored, xmlNode *device, xmlNode *live_devices, GHashTable *taken, GPtrArray *additions)
{
  xmlNode *live = find_live (device, live_devices, taken);
  xmlNode *address = live != NULL ? _valise_node_child (live, "address") : NULL;

  if (live == NULL)
    return;
  g_hash_table_add (taken, live);
  if (!has_address (device) && is_kept (address))
    add_to (additions, valise_document_path_of (stored, device), address_fragment (address));
}

/* Those with an address first: they know which live device they are. */
static void
match_devices (ValiseDocument *stored, xmlNode *devices, xmlNode *live_devices, GHashTable *taken, GPtrArray *additions)
{
  for (int with_address = 1; with_address >= 0; with_address--)
    for (xmlNode *node = devices->children; node != NULL; node = node->next)
      if (node->type == XML_ELEMENT_NODE && node->ns == NULL && has_address (node) == with_address)
        match_device (stored, node, live_devices, taken, additions);
}

static void
add_controllers (xmlNode *live_devices, GHashTable *taken, GPtrArray *additions)
{
  for (xmlNode *node = live_devices->children; node != NULL; node = node->next)
    if (_valise_node_is (node, "controller") && !g_hash_table_contains (taken, node))
      add_to (additions, g_strdup ("devices"), controller_fragment (node));
}

static gboolean
apply (ValiseDocument *stored, GPtrArray *additions, GError **error)
{
  for (guint i = 0; i < additions->len; i++)
    {
      const Addition *addition = additions->pdata[i];

      if (!valise_document_add_fragment (stored, addition->parent, addition->fragment, error))
        return FALSE;
    }
  return TRUE;
}

/* "q35" becomes "pc-q35-7.2": a later QEMU must show the guest the same board. */
static gboolean
keep_machine_type (ValiseDocument *stored, ValiseDocument *live, gboolean *changed, GError **error)
{
  static const char *const knobs[] = { "os/type/@arch", "os/type/@machine" };

  for (guint i = 0; i < G_N_ELEMENTS (knobs); i++)
    {
      g_autofree char *now = valise_document_get (live, knobs[i]);
      g_autofree char *before = valise_document_get (stored, knobs[i]);

      if (now == NULL || g_strcmp0 (now, before) == 0)
        continue;
      if (!valise_document_set (stored, knobs[i], now, error))
        return FALSE;
      *changed = TRUE;
    }
  return TRUE;
}

gboolean
valise_effective_keep_addresses (ValiseDocument *stored, ValiseDocument *live, GError **error)
{
  g_autoptr (GPtrArray) additions = g_ptr_array_new_with_free_func ((GDestroyNotify) addition_free);
  g_autoptr (GHashTable) taken = g_hash_table_new (NULL, NULL);
  g_autoptr (ValiseDocument) draft = NULL;
  xmlNode *devices, *live_devices;
  gboolean changed = FALSE;

  g_return_val_if_fail (stored != NULL && live != NULL, FALSE);

  draft = valise_document_copy (stored);
  if (!keep_machine_type (draft, live, &changed, error))
    return FALSE;
  devices = _valise_node_child (xmlDocGetRootElement (valise_document_get_tree (draft)), "devices");
  live_devices = _valise_node_child (xmlDocGetRootElement (valise_document_get_tree (live)), "devices");
  if (devices != NULL && live_devices != NULL)
    {
      match_devices (draft, devices, live_devices, taken, additions);
      add_controllers (live_devices, taken, additions);
    }
  if (!apply (draft, additions, error))
    return FALSE;
  if (!changed && additions->len == 0)
    return FALSE;
  return valise_document_set_text (stored, valise_document_get_text (draft),
                                   (gssize) valise_document_get_length (draft), error);
}
