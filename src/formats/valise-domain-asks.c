/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a libvirt description has of the computer that ran it: left out, and said so that it can be granted here. */
#include "formats/valise-domain-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-xml.h"

#define MOST_WORDS 64

/* --- elements as they are --- */

static void
append_shown (GString *shown, const char *text)
{
  if (*text != '\0')
    g_string_append_printf (shown, "%s%s", shown->len > 0 ? " " : "", text);
}

/* Every value and every text in it, and the name of what has neither, so that nothing is granted that was not seen. %FALSE: there is something that has no
 * words, like an element of somebody else's. */
static gboolean
show_all (const xmlNode *node, GString *shown)
{
  if (node->ns != NULL)
    return FALSE;
  if (node->properties == NULL && node->children == NULL)
    append_shown (shown, (const char *) node->name);
  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    {
      g_autoptr (ValiseXmlChar) value = xmlNodeGetContent ((xmlNode *) attribute);

      if (attribute->ns != NULL || value == NULL)
        return FALSE;
      append_shown (shown, (const char *) value);
    }
  for (const xmlNode *child = node->children; child != NULL; child = child->next)
    if (child->type == XML_ELEMENT_NODE ? !show_all (child, shown) : !xmlNodeIsText (child))
      return FALSE;
    else if (child->type != XML_ELEMENT_NODE)
      {
        g_autofree char *text = g_strstrip (g_strdup ((const char *) child->content));
        append_shown (shown, text);
      }
  return TRUE;
}

/* A copy without what the guest sees of it: here that is another place among other devices. */
static xmlNode *
copy_host_side (const xmlNode *node, gboolean port)
{
  xmlNode *copy = xmlCopyNode ((xmlNode *) node, 1);
  xmlNode *next;

  for (xmlNode *child = copy != NULL ? copy->children : NULL; child != NULL; child = next)
    {
      const char *name = (const char *) child->name;
      gboolean guest = g_str_equal (name, "address") || g_str_equal (name, "alias") || g_str_equal (name, "boot")
                       || (port && g_str_equal (name, "target"));

      next = child->next;
      if (child->type == XML_COMMENT_NODE || (child->type == XML_ELEMENT_NODE && guest))
        {
          xmlUnlinkNode (child);
          xmlFreeNode (child);
        }
    }
  return copy;
}

static char *
to_text (xmlNode *node)
{
  xmlBuffer *buffer = xmlBufferCreate ();
  char *text = NULL;

  if (xmlNodeDump (buffer, NULL, node, 0, 0) >= 0)
    text = g_strdup ((const char *) xmlBufferContent (buffer));
  xmlBufferFree (buffer);
  return text;
}

void
_valise_domain_ask_for (ValiseDomain *self, ValiseWishKind kind, xmlNode *node, const char *text)
{
  xmlNode *copy = copy_host_side (node, kind == VALISE_WISH_SERIAL);
  g_autoptr (GString) shown = g_string_new (NULL);
  gboolean known = copy != NULL && show_all (copy, shown);
  g_autofree char *xml = known ? to_text (copy) : NULL;

  _valise_domain_ask (self, g_strdup_printf ("%s (%s %s)", text, (const char *) node->name, shown->str));
  if (xml != NULL)
    valise_blueprint_wish_element (self->blueprint, kind, xml, shown->str);
  xmlFreeNode (copy);
}

/* --- devices of the computer --- */

static void
ask_for_folder (ValiseDomain *self, xmlNode *device)
{
  xmlNode *source = _valise_domain_child (device, "source");
  g_autofree char *path = _valise_domain_get (source, "dir");
  g_autofree char *tag = _valise_domain_get (_valise_domain_child (device, "target"), "dir");
  gboolean reads = _valise_domain_child (device, "readonly") != NULL;

  _valise_domain_ask (self, g_strdup_printf (reads ? _ ("To read the folder “%s” of this computer.")
                                                   : _ ("To read and write the folder “%s” of this computer."),
                                             path != NULL ? path : "?"));
  valise_blueprint_wish_folder (self->blueprint, path, tag, reads);
}

static guint64
read_number (xmlNode *node, const char *attribute, guint64 most)
{
  g_autofree char *written = _valise_domain_get (node, attribute);
  gboolean hexadecimal = written != NULL && g_str_has_prefix (written, "0x");
  guint64 number = 0;

  if (written == NULL
      || !g_ascii_string_to_unsigned (written + (hexadecimal ? 2 : 0), hexadecimal ? 16 : 10, 0, most, &number, NULL))
    return G_MAXUINT64;
  return number;
}

static void
ask_for_card (ValiseDomain *self, xmlNode *address)
{
  guint64 domain = read_number (address, "domain", G_MAXUINT16), bus = read_number (address, "bus", G_MAXUINT8);
  guint64 slot = read_number (address, "slot", 31), function = read_number (address, "function", 7);
  g_autofree char *written = NULL;

  written = g_strdup_printf ("%04x:%02x:%02x.%x", (guint) (domain == G_MAXUINT64 ? 0 : domain), (guint) bus & 0xff,
                             (guint) slot & 0x1f, (guint) function & 7);
  _valise_domain_ask (self, g_strdup_printf (_ ("To use the card “%s” of this computer."), written));
  if (bus != G_MAXUINT64 && slot != G_MAXUINT64 && function != G_MAXUINT64)
    valise_blueprint_wish_card (self->blueprint, written);
}

static void
ask_for_usb (ValiseDomain *self, xmlNode *source)
{
  guint64 vendor = read_number (_valise_domain_child (source, "vendor"), "id", G_MAXUINT16);
  guint64 product = read_number (_valise_domain_child (source, "product"), "id", G_MAXUINT16);
  g_autofree char *written = g_strdup_printf ("%04x:%04x", (guint) vendor & 0xffff, (guint) product & 0xffff);

  _valise_domain_ask (self, g_strdup_printf (_ ("To use the USB device “%s” of this computer."), written));
  valise_blueprint_wish_usb (self->blueprint, vendor, product);
}

void
_valise_domain_ask_for_device (ValiseDomain *self, xmlNode *device)
{
  gboolean host = g_str_equal ((const char *) device->name, "hostdev");
  g_autofree char *type = _valise_domain_get (device, "type");
  xmlNode *source = _valise_domain_child (device, "source");

  if (g_str_equal ((const char *) device->name, "filesystem") && g_strcmp0 (type, "mount") == 0)
    ask_for_folder (self, device);
  else if (host && g_strcmp0 (type, "pci") == 0 && _valise_domain_child (source, "address") != NULL)
    ask_for_card (self, _valise_domain_child (source, "address"));
  else if (host && g_strcmp0 (type, "usb") == 0 && _valise_domain_child (source, "vendor") != NULL)
    ask_for_usb (self, source);
  else
    _valise_domain_ask_for (self, VALISE_WISH_DEVICE, device, _ ("Use something of this computer"));
}

/* --- beside the devices --- */

/* What stands in the environment of a program may be anything; only the arguments are taken. */
static void
ask_for_arguments (ValiseDomain *self, xmlNode *commandline)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *shown = NULL;
  gboolean others = FALSE;

  for (xmlNode *child = commandline->children; child != NULL && words->len <= MOST_WORDS; child = child->next)
    {
      char *word = child->type == XML_ELEMENT_NODE && g_str_equal ((const char *) child->name, "arg")
                       ? _valise_domain_get (child, "value")
                       : NULL;

      if (word != NULL)
        g_ptr_array_add (words, word);
      else
        others |= child->type == XML_ELEMENT_NODE;
    }
  g_ptr_array_add (words, NULL);
  shown = g_strjoinv (" ", (char **) words->pdata);
  _valise_domain_ask (self, g_strdup_printf (_ ("Start QEMU with arguments of its own: %s"), shown));
  if (!others)
    valise_blueprint_wish_arguments (self->blueprint, (const char *const *) words->pdata);
}

static const struct
{
  const char *element, *code, *text;
} bound[] = {
  { "commandline", "qemu-arguments", NULL },
  { "launchSecurity", "host-bound", N_ ("Use the processor's memory encryption of this computer") },
  { "numatune", "host-bound", N_ ("Use certain memory of this computer") },
  { "cputune", "host-bound", N_ ("Use certain processors of this computer") },
  { "resource", "host-bound", N_ ("Belong to a resource group of this computer") },
  { "memoryBacking", "host-bound", N_ ("Keep its memory in a certain way on this computer") },
};

void
_valise_domain_read_bound (ValiseDomain *self, xmlNode *domain)
{
  for (xmlNode *child = domain->children; child != NULL; child = child->next)
    for (gsize i = 0; child->type == XML_ELEMENT_NODE && i < G_N_ELEMENTS (bound); i++)
      if (g_str_equal ((const char *) child->name, bound[i].element))
        {
          if (bound[i].text != NULL)
            _valise_domain_ask_for (self, VALISE_WISH_SETTING, child, _ (bound[i].text));
          else
            ask_for_arguments (self, child);
          _valise_domain_tell (
              self, VALISE_SEVERITY_WARNING, bound[i].code, child,
              _ ("What is set here for the computer that runs the machine is left out unless it is allowed."),
              _ ("Allow it, or set it in the settings, if it is needed here as well."));
        }
}
