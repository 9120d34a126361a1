/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-sieve-private.h"

#include <string.h>

#include "base/valise-path.h"
#include "base/valise-xml.h"
#include "model/valise-firmware-private.h"
#include "model/valise-node-private.h"
#include "model/valise-whitelist-private.h"

typedef struct
{
  ValiseSieve *sieve;
  ValiseDocument *stored;
  const char *directory;
  ValiseGrants *grants;
  GPtrArray *firmware;
} Pass;

static void sift (Pass *pass, xmlNode *source, const char *path, xmlNode *into);

static void
file_free (ValiseSieveFile *file)
{
  g_free (file->attribute);
  g_free (file->relative);
  g_free (file);
}

void
valise_ask_free (ValiseAsk *self)
{
  if (self == NULL)
    return;
  g_free (self->knob);
  g_free (self->value);
  g_free (self->text);
  g_free (self);
}

/* --- asking --- */

/* Notes that @value stands at @node (or its @attribute) and says whether it was granted. */
static gboolean
ask (Pass *pass, xmlNode *node, const char *pattern, const char *attribute, const char *value)
{
  g_autofree char *element = valise_document_path_of (pass->stored, node);
  g_autofree char *full = attribute != NULL ? g_strdup_printf ("%s/@%s", pattern, attribute) : g_strdup (pattern);
  ValiseAsk *self = g_new0 (ValiseAsk, 1);

  self->knob = attribute != NULL ? g_strdup_printf ("%s/@%s", element, attribute) : g_steal_pointer (&element);
  self->value = g_strdup (value);
  self->text = _valise_ask_text (full, value, node);
  self->granted = pass->grants != NULL && valise_grants_has (pass->grants, self->knob, value);
  g_ptr_array_add (pass->sieve->asks, self);
  return self->granted;
}

/* --- files --- */

char *
_valise_sieve_relative (const char *directory, const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, directory);
  g_autofree char *base = g_canonicalize_filename (directory, "/");
  gsize length = strlen (base);

  if (*path == '\0' || strncmp (absolute, base, length) != 0 || absolute[length] != '/'
      || !valise_path_is_plain_relative (absolute + length + 1))
    return NULL;
  return g_strdup (absolute + length + 1);
}

static void
remember_file (Pass *pass, xmlNode *node, const char *attribute, const char *relative)
{
  ValiseSieveFile *file = g_new0 (ValiseSieveFile, 1);

  file->node = node;
  file->attribute = g_strdup (attribute);
  file->relative = g_strdup (relative);
  g_ptr_array_add (pass->sieve->files, file);
}

/* The path to write into the new tree, or %NULL to leave it out. */
static char *
sift_path (Pass *pass, xmlNode *node, const char *path, const char *attribute, const char *value, xmlNode *target)
{
  g_autofree char *relative = _valise_sieve_relative (pass->directory, value);
  g_autofree char *absolute = NULL;

  if (relative != NULL)
    {
      remember_file (pass, target, attribute, relative);
      return g_steal_pointer (&relative);
    }
  absolute = g_canonicalize_filename (value, pass->directory);
  return ask (pass, node, path, attribute, absolute) ? g_steal_pointer (&absolute) : NULL;
}

/* --- whole elements --- */

static gboolean
is_device (xmlNode *node)
{
  return node->parent != NULL && _valise_node_is (node->parent, "devices");
}

/* What the guest sees of a granted device is sifted all the same; its grant says nothing about it. */
static void
sift_guest_side (Pass *pass, xmlNode *source, const char *path, xmlNode *copy)
{
  static const char *const parts[] = { "address", "boot", "alias", NULL };

  for (xmlNode *node = source->children; node != NULL; node = node->next)
    if (node->type == XML_ELEMENT_NODE && g_strv_contains (parts, (const char *) node->name))
      {
        g_autofree char *joined = _valise_node_join (path, node);

        sift (pass, node, joined, copy);
      }
}

/* An audio backend that is not granted leaves a silent one behind, because sound cards name it by number. */
static void
add_silent_audio (xmlNode *source, xmlNode *into)
{
  g_autofree char *id = _valise_node_get (source, "id");
  xmlNode *silent;

  if (id == NULL || _valise_whitelist_attribute ("devices/audio", "id", id) != VALISE_VERDICT_PASS)
    return;
  silent = xmlNewChild (into, NULL, (const xmlChar *) "audio", NULL);
  xmlNewProp (silent, (const xmlChar *) "id", (const xmlChar *) id);
  xmlNewProp (silent, (const xmlChar *) "type", (const xmlChar *) "none");
}

static gboolean
is_plain_leaf (xmlNode *node)
{
  return node->children != NULL && node->properties == NULL && node->ns == NULL && xmlChildElementCount (node) == 0;
}

/* The element made from the very value that was granted, not from the source: white space that the value does not show
 * must not make another path of it. */
static xmlNode *
copy_granted (Pass *pass, xmlNode *source, const char *value)
{
  g_autoptr (xmlDoc) parsed = NULL;
  xmlNode *leaf;

  if (!is_plain_leaf (source))
    {
      parsed = valise_xml_parse (value, -1, "grant", NULL);
      return parsed != NULL ? xmlDocCopyNode (xmlDocGetRootElement (parsed), pass->sieve->tree, 1) : NULL;
    }
  leaf = xmlNewDocNode (pass->sieve->tree, NULL, source->name, NULL);
  xmlNodeAddContent (leaf, (const xmlChar *) value);
  return leaf;
}

static void
ask_whole (Pass *pass, xmlNode *source, const char *path, xmlNode *into)
{
  g_autofree char *value = is_plain_leaf (source) ? _valise_node_text (source) : _valise_node_canonical (source);
  xmlNode *copy = ask (pass, source, path, NULL, value) ? copy_granted (pass, source, value) : NULL;

  if (copy == NULL)
    {
      if (g_str_equal (path, "devices/audio"))
        add_silent_audio (source, into);
      return;
    }
  xmlAddChild (into, copy);
  g_hash_table_add (pass->sieve->granted, copy);
  if (is_device (source))
    sift_guest_side (pass, source, path, copy);
}

/* --- what decides about an element as a whole --- */

static gboolean
attributes_pass (xmlNode *node, const char *path)
{
  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    {
      g_autoptr (ValiseXmlChar) value = xmlNodeGetContent ((xmlNode *) attribute);

      if (attribute->ns == NULL
          && _valise_whitelist_attribute (path, (const char *) attribute->name,
                                          value != NULL ? (const char *) value : "")
                 == VALISE_VERDICT_ASK)
        return FALSE;
    }
  return TRUE;
}

static gboolean
subtree_passes (xmlNode *node, const char *path)
{
  g_autofree char *text = _valise_node_text (node);

  if (node->ns != NULL || _valise_whitelist_element (path) == VALISE_VERDICT_ASK || !attributes_pass (node, path)
      || _valise_whitelist_text (path, text) == VALISE_VERDICT_ASK)
    return FALSE;
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    {
      g_autofree char *joined = child->type == XML_ELEMENT_NODE ? _valise_node_join (path, child) : NULL;

      if (joined != NULL && !subtree_passes (child, joined))
        return FALSE;
    }
  return TRUE;
}

/* A device is taken or asked about as one when its kind, or what it is connected to, is not known to be harmless: half
 * a device is none. (A disk's source is a path, and paths are asked about by themselves.) */
static gboolean
device_passes (xmlNode *device, const char *path)
{
  static const char *const ends[] = { "source", "backend", "target", "protocol", NULL };

  if (!attributes_pass (device, path))
    return FALSE;
  for (xmlNode *child = device->children; child != NULL; child = child->next)
    {
      g_autofree char *joined = child->type == XML_ELEMENT_NODE ? _valise_node_join (path, child) : NULL;

      if (joined == NULL || !g_strv_contains (ends, (const char *) child->name)
          || g_str_equal (joined, "devices/disk/source"))
        continue;
      if (!subtree_passes (child, joined))
        return FALSE;
    }
  return TRUE;
}

/* Where distributions put QEMU. Naming it asks for nothing: this host's own is taken in any case. */
static ValiseVerdict
judge_emulator (Pass *pass, xmlNode *node)
{
  static const char *const directories[] = { "/usr/bin/", "/usr/libexec/", "/usr/local/bin/", NULL };
  g_autofree char *path = _valise_node_text (node);

  for (guint i = 0; directories[i] != NULL; i++)
    {
      const char *name = path + strlen (directories[i]);

      if (!g_str_has_prefix (path, directories[i]) || strchr (name, '/') != NULL)
        continue;
      if (g_str_has_prefix (name, "qemu-system-") || g_str_equal (name, "qemu-kvm") || g_str_equal (name, "kvm"))
        return VALISE_VERDICT_DROP;
    }
  return VALISE_VERDICT_ASK;
}

static ValiseVerdict
judge_loader (Pass *pass, xmlNode *node)
{
  g_autofree char *path = _valise_node_text (node);

  return *path == '\0' || _valise_firmware_owns (pass->firmware, path) ? VALISE_VERDICT_DROP : VALISE_VERDICT_ASK;
}

static ValiseVerdict
judge_nvram (Pass *pass, xmlNode *node)
{
  g_autofree char *path = _valise_node_text (node);
  g_autofree char *template = _valise_node_get (node, "template");
  g_autofree char *relative = *path != '\0' ? _valise_sieve_relative (pass->directory, path) : NULL;

  if (template != NULL && !_valise_firmware_owns (pass->firmware, template))
    return VALISE_VERDICT_ASK;
  if (xmlHasProp (node, (const xmlChar *) "type") != NULL || xmlChildElementCount (node) > 0)
    return VALISE_VERDICT_ASK;
  return *path == '\0' || relative != NULL ? VALISE_VERDICT_DROP : VALISE_VERDICT_ASK;
}

static gboolean
is_local (const char *address)
{
  return address == NULL || g_str_equal (address, "127.0.0.1") || g_str_equal (address, "::1")
         || g_str_equal (address, "localhost");
}

/* A screen over VNC that nobody from outside can reach is what every machine gets anyway. */
static ValiseVerdict
judge_graphics (Pass *pass, xmlNode *node)
{
  static const char *const harmless[] = { "type",   "port",        "autoport",     "listen",
                                          "keymap", "sharePolicy", "powerControl", NULL };
  g_autofree char *address = _valise_node_get (node, "listen");

  if (!_valise_node_is_set_to (node, "type", "vnc") || !is_local (address))
    return VALISE_VERDICT_ASK;
  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    if (!g_strv_contains (harmless, (const char *) attribute->name))
      return VALISE_VERDICT_ASK;
  for (xmlNode *listen = node->children; listen != NULL; listen = listen->next)
    {
      g_autofree char *where = listen->type == XML_ELEMENT_NODE ? _valise_node_get (listen, "address") : NULL;

      if (listen->type == XML_ELEMENT_NODE
          && (!_valise_node_is (listen, "listen") || xmlHasProp (listen, (const xmlChar *) "socket") != NULL
              || xmlHasProp (listen, (const xmlChar *) "network") != NULL || !is_local (where)))
        return VALISE_VERDICT_ASK;
    }
  return VALISE_VERDICT_DROP;
}

static ValiseVerdict
judge_element (Pass *pass, xmlNode *node, const char *path)
{
  static const struct
  {
    const char *path;
    ValiseVerdict (*judge) (Pass *pass, xmlNode *node);
  } judges[] = {
    { "devices/emulator", judge_emulator },
    { "devices/graphics", judge_graphics },
    { "os/loader", judge_loader },
    { "os/nvram", judge_nvram },
  };

  if (node->ns != NULL)
    return VALISE_VERDICT_ASK;
  for (guint i = 0; i < G_N_ELEMENTS (judges); i++)
    if (g_str_equal (judges[i].path, path))
      return judges[i].judge (pass, node);
  if (is_device (node) && !device_passes (node, path))
    return VALISE_VERDICT_ASK;
  if (g_str_equal (path, "sysinfo") && !attributes_pass (node, path))
    return VALISE_VERDICT_ASK;
  return _valise_whitelist_element (path);
}

/* --- sifting --- */

static void
sift_attribute (Pass *pass, xmlNode *source, const char *path, xmlAttr *attribute, xmlNode *target)
{
  g_autoptr (ValiseXmlChar) content = xmlNodeGetContent ((xmlNode *) attribute);
  const char *value = content != NULL ? (const char *) content : "";
  const char *name = (const char *) attribute->name;
  g_autofree char *file = NULL;

  if (attribute->ns != NULL)
    return; /* libvirt has none; it would come out as another attribute */
  switch (_valise_whitelist_attribute (path, name, value))
    {
    case VALISE_VERDICT_DROP:
      return;
    case VALISE_VERDICT_ASK:
      if (!ask (pass, source, path, name, value))
        return;
      break;
    case VALISE_VERDICT_PATH:
      file = sift_path (pass, source, path, name, value, target);
      if (file == NULL)
        return;
      value = file;
      break;
    case VALISE_VERDICT_PASS:
      break;
    }
  xmlNewProp (target, attribute->name, (const xmlChar *) value);
}

/* %FALSE when the element cannot stand without its text, which was refused. */
static gboolean
sift_text (Pass *pass, xmlNode *source, const char *path, xmlNode *target)
{
  g_autofree char *text = _valise_node_text (source);
  g_autofree char *file = NULL;
  const char *value = text;

  switch (_valise_whitelist_text (path, text))
    {
    case VALISE_VERDICT_DROP:
      return FALSE;
    case VALISE_VERDICT_ASK:
      if (!ask (pass, source, path, NULL, text))
        return FALSE;
      break;
    case VALISE_VERDICT_PATH:
      file = sift_path (pass, source, path, NULL, text, target);
      if (file == NULL)
        return FALSE;
      value = file;
      break;
    case VALISE_VERDICT_PASS:
      break;
    }
  if (*value != '\0')
    xmlNodeAddContent (target, (const xmlChar *) value);
  return TRUE;
}

/* What libvirt reads once must not come twice: a check of the first would say nothing about the second. */
static gboolean
is_repeated (xmlNode *node, const char *path)
{
  static const char *const once[] = { "source", "driver", "target", "backend", "model", "mac", "backingStore", NULL };
  const char *name = (const char *) node->name;
  gboolean matters = strchr (path, '/') == NULL
                         ? !g_str_equal (name, "sysinfo") && node->ns == NULL
                         : node->parent != NULL && is_device (node->parent) && g_strv_contains (once, name);

  for (xmlNode *before = matters ? node->prev : NULL; before != NULL; before = before->prev)
    if (before->type == XML_ELEMENT_NODE && g_str_equal ((const char *) before->name, name))
      return TRUE;
  return FALSE;
}

static void
sift_children (Pass *pass, xmlNode *source, const char *path, xmlNode *target)
{
  for (xmlNode *child = source->children; child != NULL; child = child->next)
    {
      g_autofree char *joined = child->type == XML_ELEMENT_NODE ? _valise_node_join (path, child) : NULL;

      if (joined != NULL && !is_repeated (child, joined))
        sift (pass, child, joined, target);
    }
}

/* An element that may say nothing of what it said is left out: libvirt does not take <acceleration/>. */
static gboolean
has_lost_everything (xmlNode *source, xmlNode *target)
{
  return source->properties != NULL && target->properties == NULL && target->children == NULL;
}

static void
sift (Pass *pass, xmlNode *source, const char *path, xmlNode *into)
{
  xmlNode *target;

  switch (judge_element (pass, source, path))
    {
    case VALISE_VERDICT_DROP:
      return;
    case VALISE_VERDICT_ASK:
      ask_whole (pass, source, path, into);
      return;
    case VALISE_VERDICT_PATH:
    case VALISE_VERDICT_PASS:
      break;
    }
  target = xmlNewChild (into, NULL, source->name, NULL);
  if (!sift_text (pass, source, path, target))
    {
      _valise_node_remove (target);
      return;
    }
  for (xmlAttr *attribute = source->properties; attribute != NULL; attribute = attribute->next)
    sift_attribute (pass, source, path, attribute, target);
  sift_children (pass, source, path, target);
  if (has_lost_everything (source, target))
    {
      _valise_node_remove (target);
    }
}

ValiseSieve *
_valise_sieve_new (ValiseDocument *stored, const char *directory, ValiseGrants *grants)
{
  ValiseSieve *self = g_new0 (ValiseSieve, 1);
  g_autoptr (GPtrArray) firmware = _valise_firmware_list ();
  Pass pass = { self, stored, directory, grants, firmware };
  xmlNode *root = xmlDocGetRootElement (valise_document_get_tree (stored));

  self->tree = xmlNewDoc ((const xmlChar *) "1.0");
  self->asks = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_ask_free);
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) file_free);
  self->granted = g_hash_table_new (NULL, NULL);
  xmlDocSetRootElement (self->tree, xmlNewNode (NULL, (const xmlChar *) "domain"));
  sift_children (&pass, root, "", xmlDocGetRootElement (self->tree));
  return self;
}

void
_valise_sieve_free (ValiseSieve *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->tree, xmlFreeDoc);
  g_ptr_array_unref (self->asks);
  g_ptr_array_unref (self->files);
  g_hash_table_unref (self->granted);
  g_free (self);
}
