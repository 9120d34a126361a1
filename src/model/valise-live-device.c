/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-live-device.h"

#include "base/valise-xml.h"
#include "model/valise-node-private.h"
#include "model/valise-same-value-private.h"

#define WORDS(...)                                                                                                     \
  (const char *const[])                                                                                                \
  {                                                                                                                    \
    __VA_ARGS__, NULL                                                                                                  \
  }

/* A folder shared by virtiofs is not among them: without control groups, which the embedded driver does not use, libvirt
 * 9.0 dies of adding one, and whoever embeds it with it. */
static const ValiseLiveKind kinds[] = {
  { "disk", "target/@dev", "target/@bus", WORDS ("virtio", "scsi", "usb") },
  { "interface", "mac/@address", NULL, NULL },
  { "hostdev", NULL, "@type", WORDS ("usb", "pci") },
  { "redirdev", NULL, NULL, NULL },
  { "memory", NULL, "@model", WORDS ("dimm", "nvdimm", "virtio-mem") },
  { "input", NULL, "@bus", WORDS ("usb", "virtio") },
  { "channel", "target/@name", "target/@type", WORDS ("virtio") },
  { "rng", NULL, NULL, NULL },
  { "shmem", "@name", NULL, NULL },
  { "watchdog", NULL, "@model", WORDS ("i6300esb", "diag288") },
  { NULL, NULL, NULL, NULL },
};

const ValiseLiveKind *
valise_live_kinds (void)
{
  return kinds;
}

static const ValiseLiveKind *
find_kind (const char *path)
{
  for (const ValiseLiveKind *kind = kinds; kind->element != NULL; kind++)
    {
      g_autofree char *all = g_strconcat ("devices/", kind->element, NULL);
      gsize length = strlen (all);

      if (strncmp (path, all, length) == 0 && (path[length] == '\0' || path[length] == '['))
        return kind;
    }
  return NULL;
}

gboolean
valise_live_device_comes_and_goes (ValiseDocument *document, const char *path)
{
  const ValiseLiveKind *kind;
  g_autofree char *knob = NULL;
  g_autofree char *word = NULL;

  g_return_val_if_fail (document != NULL && path != NULL, FALSE);

  kind = find_kind (path);
  if (kind == NULL || kind->leaf == NULL)
    return kind != NULL;
  knob = g_strdup_printf ("%s/%s", path, kind->leaf);
  word = valise_document_get (document, knob);
  return word != NULL && g_strv_contains (kind->words, word);
}

gboolean
valise_live_device_can_come (ValiseDocument *document, const char *path, ValiseDocument *running)
{
  g_return_val_if_fail (document != NULL && path != NULL && running != NULL, FALSE);

  if (!valise_live_device_comes_and_goes (document, path))
    return FALSE;
  return !g_str_equal (find_kind (path)->element, "memory") || valise_document_has (running, "maxMemory");
}

/* --- the same device in another document --- */

static gboolean
has_attributes (xmlNode *node, xmlNode *wanted)
{
  for (xmlAttr *attribute = wanted->properties; attribute != NULL; attribute = attribute->next)
    {
      g_autofree char *value = _valise_node_get (wanted, (const char *) attribute->name);
      g_autofree char *found = _valise_node_get (node, (const char *) attribute->name);

      if (!g_str_equal ((const char *) attribute->name, "unit")
          && (found == NULL || !_valise_value_is_same (found, value)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
has_text (xmlNode *node, xmlNode *wanted)
{
  g_autofree char *value = _valise_node_text (wanted);
  g_autofree char *found = _valise_node_text (node);

  if (xmlHasProp (wanted, (const xmlChar *) "unit") != NULL || xmlHasProp (node, (const xmlChar *) "unit") != NULL)
    return _valise_value_is_same_size (wanted, node);
  return *value == '\0' || _valise_value_is_same (found, value);
}

static gboolean has_all (xmlNode *node, xmlNode *wanted, gboolean whole);

static gboolean
has_child (xmlNode *node, xmlNode *wanted)
{
  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    if (_valise_node_is (child, (const char *) wanted->name) && has_all (child, wanted, FALSE))
      return TRUE;
  return FALSE;
}

/* @whole: a device, whose address and alias are the guest's and libvirt's. */
static gboolean
has_all (xmlNode *node, xmlNode *wanted, gboolean whole)
{
  if (!has_attributes (node, wanted) || !has_text (node, wanted))
    return FALSE;
  for (xmlNode *child = xmlFirstElementChild (wanted); child != NULL; child = xmlNextElementSibling (child))
    if (!(whole && (_valise_node_is (child, "address") || _valise_node_is (child, "alias")))
        && !has_child (node, child))
      return FALSE;
  return TRUE;
}

static gboolean
is_written_alike (xmlNode *one, xmlNode *other)
{
  g_autofree char *a = _valise_node_canonical (one);
  g_autofree char *b = _valise_node_canonical (other);

  return g_str_equal (a, b);
}

/* As the child that it is, so that its address and alias are seen for what they are. */
static xmlDoc *
read_device (ValiseDocument *document, const ValiseLiveKind *kind, guint number)
{
  g_autofree char *path = g_strdup_printf ("devices/%s[%u]", kind->element, number);
  g_autofree char *source = valise_document_get_fragment (document, path);

  g_autofree char *whole = source != NULL ? g_strconcat ("<devices>", source, "</devices>", NULL) : NULL;

  return whole != NULL ? valise_xml_parse (whole, -1, path, NULL) : NULL;
}

static xmlNode *
get_device (xmlDoc *document)
{
  return xmlFirstElementChild (xmlDocGetRootElement (document));
}

static gboolean
is_same (ValiseDocument *document,
         guint i,
         const ValiseLiveKind *kind,
         ValiseDocument *other,
         guint number,
         gboolean loose)
{
  g_autoptr (xmlDoc) wanted = NULL;
  g_autoptr (xmlDoc) found = NULL;

  if (kind->identity != NULL)
    {
      g_autofree char *name = valise_document_get_device (other, kind->element, number, kind->identity);
      g_autofree char *here = valise_document_get_device (document, kind->element, i, kind->identity);

      return name != NULL && here != NULL && g_ascii_strcasecmp (name, here) == 0;
    }
  wanted = read_device (other, kind, number);
  found = read_device (document, kind, i);
  if (wanted == NULL || found == NULL)
    return FALSE;
  return loose ? has_all (get_device (found), get_device (wanted), TRUE)
               : is_written_alike (get_device (found), get_device (wanted));
}

guint
valise_live_device_find (ValiseDocument *document,
                         const ValiseLiveKind *kind,
                         ValiseDocument *other,
                         guint number,
                         gboolean loose,
                         GHashTable *taken)
{
  g_autofree char *all = NULL;
  guint count;

  g_return_val_if_fail (document != NULL && kind != NULL && other != NULL && taken != NULL, 0);

  all = g_strconcat ("devices/", kind->element, NULL);
  count = valise_document_count (document, all);
  for (guint i = 1; i <= count; i++)
    if (!g_hash_table_contains (taken, GUINT_TO_POINTER (i)) && is_same (document, i, kind, other, number, loose))
      {
        g_hash_table_add (taken, GUINT_TO_POINTER (i));
        return i;
      }
  return 0;
}
