/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-rules.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "base/valise-xml.h"
#include "bundle/valise-forms.h"
#include "model/valise-knob.h"
#include "model/valise-schema-private.h"

/* Any absolute path will do: the schema asks for absolute ones, and the stored form has relative ones. */
#define SOME_DIRECTORY "/valise.vmbundle"
#define LONGEST_QUOTE 60
/* The search validates once for each element and attribute of a part; a stranger's document may have very large
 * ones. */
#define LARGEST_SEARCH 200
#define MOST_VALIDATIONS 2000
/* Devices found right before, by their source. */
#define MOST_KNOWN 4096

/* A validator says that a document is wrong, seldom where. So each part is put into a machine that is known to be
 * right, and what is wrong in it is what makes it right by going away. */
#define FRAME "<domain type='kvm'><name>n</name><memory>1024</memory><os><type>hvm</type></os></domain>"

typedef struct
{
  ValiseDocument *document;
  GPtrArray *findings;
  xmlDoc *frame;     /* holds the part that is being looked at */
  guint left;        /* validations that may still be made */
  char *unexplained; /* what was said about everything but the devices, when no part of it is wrong by itself */
} Search;

/* Copies know what they were copied from by their _private. */
static void
link_copies (xmlNode *original, xmlNode *copy)
{
  copy->_private = original;
  for (xmlNode *a = original->children, *b = copy->children; a != NULL && b != NULL; a = a->next, b = b->next)
    if (a->type == XML_ELEMENT_NODE)
      link_copies (a, b);
}

static xmlNode *
child_named (xmlNode *parent, const xmlChar *name)
{
  for (xmlNode *child = xmlFirstElementChild (parent); child != NULL; child = xmlNextElementSibling (child))
    if (xmlStrEqual (child->name, name))
      return child;
  return NULL;
}

/* Puts a copy of @part into a fresh frame, below @parent ("devices") or <domain>, in the place of its namesake. */
static xmlNode *
frame_part (Search *self, xmlNode *part, const char *parent)
{
  xmlNode *root, *copy, *namesake;

  g_clear_pointer (&self->frame, xmlFreeDoc);
  self->frame = valise_xml_parse (FRAME, -1, "frame", NULL);
  root = xmlDocGetRootElement (self->frame);
  if (parent != NULL)
    root = xmlNewChild (root, NULL, BAD_CAST parent, NULL);
  namesake = child_named (root, part->name);
  if (namesake != NULL)
    {
      xmlUnlinkNode (namesake);
      xmlFreeNode (namesake);
    }
  copy = xmlDocCopyNode (part, self->frame, 1);
  xmlAddChild (root, copy);
  link_copies (part, copy);
  return copy;
}

static gboolean
is_right (Search *self)
{
  if (self->left == 0)
    return FALSE;
  self->left--;
  return _valise_schema_validate (self->frame, NULL);
}

static gboolean
is_right_with_value (Search *self, xmlNode *node, const char *name, const char *value)
{
  xmlSetProp (node, BAD_CAST name, BAD_CAST value);
  return is_right (self);
}

/* Whether the attribute is what is wrong: without it, or with a value of another kind where it must be there, all is
 * right. */
static gboolean
is_wrong_attribute (Search *self, xmlNode *node, const char *name)
{
  static const char *const VALUES[] = { "1", "yes", "on", "/x", "x" };
  g_autoptr (ValiseXmlChar) value = xmlGetNoNsProp (node, BAD_CAST name);
  g_autofree char *element = valise_document_path_of (self->document, node->_private);
  g_autofree char *path = g_strconcat (element, "/@", name, NULL);
  const ValiseKnob *knob = valise_knob_lookup (path);
  gboolean right;

  xmlUnsetProp (node, BAD_CAST name);
  right = is_right (self);
  for (guint i = 0; !right && i < G_N_ELEMENTS (VALUES); i++)
    right = is_right_with_value (self, node, name, VALUES[i]);
  if (!right && knob != NULL && knob->choices != NULL)
    right = is_right_with_value (self, node, name, knob->choices[0].value);
  xmlSetProp (node, BAD_CAST name, value);
  return right;
}

static gboolean
is_right_without_element (Search *self, xmlNode *element)
{
  xmlNode *parent = element->parent;
  xmlNode *next = element->next;
  gboolean right;

  xmlUnlinkNode (element);
  right = is_right (self);
  if (next != NULL)
    xmlAddPrevSibling (next, element);
  else
    xmlAddChild (parent, element);
  return right;
}

/* The text of an element that holds nothing else, or NULL. */
static char *
quote_content (xmlNode *node)
{
  g_autoptr (ValiseXmlChar) content = xmlFirstElementChild (node) == NULL ? xmlNodeGetContent (node) : NULL;
  g_autofree char *stripped = content != NULL ? g_strstrip (g_strdup ((const char *) content)) : NULL;

  return stripped != NULL && *stripped != '\0' ? valise_text_for_display (stripped, LONGEST_QUOTE) : NULL;
}

static void
add_finding (Search *self, xmlNode *copy, const char *attribute, const char *value)
{
  g_autofree char *element = valise_document_path_of (self->document, copy->_private);
  g_autofree char *where =
      attribute != NULL ? g_strjoin ("/@", *element != '\0' ? element : "", attribute, NULL) : g_strdup (element);
  g_autofree char *name = valise_text_for_display ((const char *) copy->name, LONGEST_QUOTE);
  g_autofree char *quote = value != NULL ? valise_text_for_display (value, LONGEST_QUOTE) : NULL;
  g_autofree char *content = quote_content (copy);
  g_autofree char *text = NULL;

  if (attribute == NULL && content != NULL)
    /* Translators: text, and the XML element that it stands in */
    text = g_strdup_printf (_ ("libvirt does not accept “%s” in <%s>."), content, name);
  else if (attribute == NULL)
    text = g_strdup_printf (_ ("libvirt does not accept <%s> as it stands here."), name);
  else
    /* Translators: an attribute, its value, and the XML element that it stands in */
    text = g_strdup_printf (_ ("libvirt does not accept %s=\"%s\" in <%s>."), attribute, quote, name);
  g_ptr_array_add (self->findings, valise_finding_new (VALISE_SEVERITY_ERROR, "schema-invalid", where, text,
                                                       _ ("Look for a spelling mistake, or remove it.")));
}

/* The name of the attribute that is wrong, or NULL. */
static char *
find_wrong_attribute (Search *self, xmlNode *node, char **value)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    if (attribute->ns == NULL)
      g_ptr_array_add (names, g_strdup ((const char *) attribute->name));
  for (guint i = 0; i < names->len; i++)
    if (is_wrong_attribute (self, node, names->pdata[i]))
      {
        g_autoptr (ValiseXmlChar) found = xmlGetNoNsProp (node, names->pdata[i]);

        *value = g_strdup ((const char *) found);
        return g_strdup (names->pdata[i]);
      }
  return NULL;
}

static gboolean find_wrong_in (Search *self, xmlNode *node);

/* What a child holds comes before the child as a whole: the smallest thing is the one to name. */
static gboolean
find_wrong_child (Search *self, xmlNode *node)
{
  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    {
      if (find_wrong_in (self, child))
        return TRUE;
      if (is_right_without_element (self, child))
        {
          add_finding (self, child, NULL, NULL);
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
find_wrong_in (Search *self, xmlNode *node)
{
  g_autofree char *value = NULL;
  g_autofree char *attribute = NULL;

  if (find_wrong_child (self, node))
    return TRUE;
  attribute = find_wrong_attribute (self, node, &value);
  if (attribute != NULL)
    add_finding (self, node, attribute, value);
  return attribute != NULL;
}

static guint
count_elements (xmlNode *node)
{
  guint count = 1;

  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    count += count_elements (child);
  return count;
}

static void
check_part (Search *self, xmlNode *part, const char *parent)
{
  xmlNode *copy = frame_part (self, part, parent);

  if (self->left == 0 || is_right (self))
    return;
  if (count_elements (copy) > LARGEST_SEARCH || !find_wrong_in (self, copy))
    add_finding (self, copy, NULL, NULL);
}

static void
check_domain_type (Search *self, xmlNode *domain)
{
  g_autoptr (ValiseXmlChar) type = xmlGetNoNsProp (domain, BAD_CAST "type");
  xmlNode *root;

  g_clear_pointer (&self->frame, xmlFreeDoc);
  self->frame = valise_xml_parse (FRAME, -1, "frame", NULL);
  root = xmlDocGetRootElement (self->frame);
  xmlSetProp (root, BAD_CAST "type", type != NULL ? type : BAD_CAST "");
  if (!is_right (self))
    g_ptr_array_add (self->findings,
                     valise_finding_new (VALISE_SEVERITY_ERROR, "schema-invalid", "@type",
                                         _ ("libvirt does not know this kind of machine."), _ ("Write kvm or qemu.")));
}

/* --- devices, of which only those are looked at that are new --- */

static gboolean
is_known (const char *source, gboolean remember)
{
  static GMutex mutex;
  static GHashTable *known;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  if (known == NULL)
    known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (remember && g_hash_table_size (known) >= MOST_KNOWN)
    g_hash_table_remove_all (known);
  if (remember)
    g_hash_table_add (known, g_strdup (source));
  return g_hash_table_contains (known, source);
}

static void
check_device (Search *self, xmlNode *device)
{
  xmlBuffer *source = xmlBufferCreate ();
  guint found = self->findings->len;

  xmlNodeDump (source, device->doc, device, 0, 0);
  if (!is_known ((const char *) xmlBufferContent (source), FALSE))
    {
      check_part (self, device, "devices");
      if (self->findings->len == found && self->left > 0)
        is_known ((const char *) xmlBufferContent (source), TRUE);
    }
  xmlBufferFree (source);
}

static void
check_devices (Search *self, xmlNode *domain)
{
  xmlNode *devices = child_named (domain, BAD_CAST "devices");

  for (xmlNode *device = devices != NULL ? xmlFirstElementChild (devices) : NULL; device != NULL;
       device = xmlNextElementSibling (device))
    check_device (self, device);
}

/* --- everything else --- */

/* Of these a machine has one at most, which only the whole can show. */
static gboolean
is_single (xmlNode *device)
{
  static const char *const SINGLE[] = { "emulator", "memballoon", "nvram", "iommu", "vsock", "tpm", NULL };

  return g_strv_contains (SINGLE, (const char *) device->name);
}

/* The document without its devices: validating takes the longer the more of them there are. */
static xmlDoc *
copy_head (xmlNode *domain)
{
  xmlDoc *head = xmlNewDoc (BAD_CAST "1.0");
  xmlNode *root = xmlDocCopyNode (domain, head, 2);

  xmlDocSetRootElement (head, root);
  for (xmlNode *child = xmlFirstElementChild (domain); child != NULL; child = xmlNextElementSibling (child))
    {
      gboolean devices = child->ns == NULL && xmlStrEqual (child->name, BAD_CAST "devices");
      xmlNode *copy = xmlAddChild (root, xmlDocCopyNode (child, head, devices ? 2 : 1));

      for (xmlNode *device = devices ? xmlFirstElementChild (child) : NULL; device != NULL;
           device = xmlNextElementSibling (device))
        if (is_single (device))
          xmlAddChild (copy, xmlDocCopyNode (device, head, 1));
    }
  return head;
}

static void
add_message (Search *self, const char *message)
{
  g_autofree char *text = g_strdup_printf (_ ("libvirt does not accept this machine: %s."), message);

  g_ptr_array_add (self->findings, valise_finding_new (VALISE_SEVERITY_ERROR, "schema-invalid", NULL, text,
                                                       _ ("Look for something that is there twice or missing.")));
}

static void
check_head (Search *self, xmlNode *domain)
{
  g_autoptr (xmlDoc) head = copy_head (domain);
  g_autofree char *message = NULL;

  if (_valise_schema_validate (head, &message))
    return;
  check_domain_type (self, domain);
  for (xmlNode *child = xmlFirstElementChild (domain); child != NULL; child = xmlNextElementSibling (child))
    if (child->ns != NULL || !xmlStrEqual (child->name, BAD_CAST "devices"))
      check_part (self, child, NULL);
  self->unexplained = self->findings->len == 0 ? g_steal_pointer (&message) : NULL;
}

GPtrArray *
valise_rules_check_schema (ValiseDocument *document)
{
  Search self = { NULL, g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free), NULL, MOST_VALIDATIONS };
  g_autoptr (ValiseDocument) absolute = NULL;
  xmlNode *domain;

  g_return_val_if_fail (document != NULL, NULL);

  absolute = valise_document_copy (document);
  /* A path that cannot be made absolute fails below, where it is named. */
  valise_forms_to_absolute (absolute, SOME_DIRECTORY, NULL);
  self.document = absolute;
  domain = xmlDocGetRootElement (valise_document_get_tree (absolute));
  if (_valise_schema_is_there ())
    {
      check_head (&self, domain);
      check_devices (&self, domain);
    }
  /* A wrong device may be the reason; else something right is there twice, or missing. */
  if (self.unexplained != NULL && self.findings->len == 0)
    add_message (&self, self.unexplained);
  g_free (self.unexplained);
  g_clear_pointer (&self.frame, xmlFreeDoc);
  return self.findings;
}
