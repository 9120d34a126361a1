/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-ovf-private.h"

#include <string.h>

/* Of one key; who repeats it more often only wants to keep us busy. */
#define MOST_PROPERTIES 64

/* --- made once: looking through the file for every drive would take a hostile one's square of time --- */

/* The first of a name counts. */
static void
index_node (GHashTable *table, xmlNode *node, const char *attribute)
{
  char *value = valise_foreign_xml_attribute (node, attribute);

  if (value == NULL || *value == '\0' || g_hash_table_contains (table, value))
    g_free (value);
  else
    g_hash_table_insert (table, value, node);
}

static void
index_files (ValiseOvf *self)
{
  xmlNode *references = valise_foreign_xml_child (self->root, "References");

  for (xmlNode *file = valise_foreign_xml_child (references, "File"); file != NULL;
       file = valise_foreign_xml_next (file->next, "File"))
    {
      index_node (self->files, file, "id");
      index_node (self->files_by_href, file, "href");
    }
}

static void
index_disks (ValiseOvf *self)
{
  for (xmlNode *section = _valise_ovf_section (self->root, "DiskSection"); section != NULL;
       section = _valise_ovf_next_section (section->next, "DiskSection"))
    for (xmlNode *disk = valise_foreign_xml_child (section, "Disk"); disk != NULL;
         disk = valise_foreign_xml_next (disk->next, "Disk"))
      {
        index_node (self->disks, disk, "diskId");
        index_node (self->disks_by_file, disk, "fileRef");
      }
}

static void
add_property (ValiseOvf *self, const char *key, xmlNode *property)
{
  GPtrArray *same = g_hash_table_lookup (self->properties, key);

  if (same == NULL)
    {
      same = g_ptr_array_new ();
      g_hash_table_insert (self->properties, g_strdup (key), same);
    }
  if (same->len < MOST_PROPERTIES)
    g_ptr_array_add (same, property);
}

/* A property goes by its key, or by "class.key.instance". */
static void
index_product (ValiseOvf *self, xmlNode *product)
{
  g_autofree char *class = valise_foreign_xml_attribute (product, "class");
  g_autofree char *instance = valise_foreign_xml_attribute (product, "instance");

  for (xmlNode *property = valise_foreign_xml_child (product, "Property"); property != NULL;
       property = valise_foreign_xml_next (property->next, "Property"))
    {
      g_autofree char *key = valise_foreign_xml_attribute (property, "key");
      g_autofree char *full = NULL;

      if (key == NULL)
        continue;
      full = g_strconcat (class != NULL ? class : "", class != NULL ? "." : "", key, instance != NULL ? "." : "",
                          instance != NULL ? instance : "", NULL);
      add_property (self, key, property);
      if (!g_str_equal (key, full))
        add_property (self, full, property);
    }
}

static void
index_properties (ValiseOvf *self, xmlNode *parent)
{
  for (xmlNode *node = _valise_ovf_section (parent, "ProductSection"); node != NULL;
       node = _valise_ovf_next_section (node->next, "ProductSection"))
    index_product (self, node);
  for (xmlNode *node = parent->children; node != NULL; node = node->next)
    if (_valise_ovf_is_section (node, "VirtualSystem") || _valise_ovf_is_section (node, "VirtualSystemCollection"))
      index_properties (self, node);
}

static GHashTable *
new_index (GDestroyNotify free_value)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_value);
}

void
_valise_ovf_make_index (ValiseOvf *self)
{
  self->files = new_index (NULL);
  self->files_by_href = new_index (NULL);
  self->disks = new_index (NULL);
  self->disks_by_file = new_index (NULL);
  self->properties = new_index ((GDestroyNotify) g_ptr_array_unref);
  index_files (self);
  index_disks (self);
  index_properties (self, self->root);
}

/* --- asked --- */

xmlNode *
_valise_ovf_file (ValiseOvf *self, const char *id)
{
  xmlNode *file = g_hash_table_lookup (self->files, id);

  return file != NULL ? file : g_hash_table_lookup (self->files_by_href, id);
}

xmlNode *
_valise_ovf_disk (ValiseOvf *self, const char *id)
{
  xmlNode *disk = g_hash_table_lookup (self->disks, id);

  /* Some write disks without an id, and mean them by their file. */
  return disk != NULL ? disk : g_hash_table_lookup (self->disks_by_file, id);
}

const ValisePackageMember *
_valise_ovf_find (ValiseOvf *self, const char *href)
{
  return valise_package_find (self->package, self->folder, href);
}

static char *
property_value (ValiseOvf *self, const xmlNode *property)
{
  for (xmlNode *value = valise_foreign_xml_child (property, "Value"); value != NULL;
       value = valise_foreign_xml_next (value->next, "Value"))
    {
      gboolean labelled;

      if (_valise_ovf_applies (self, value, &labelled) && labelled)
        return valise_foreign_xml_attribute (value, "value");
    }
  return valise_foreign_xml_attribute (property, "value");
}

/* The machine's own before those of what it is in. */
static char *
find_property (ValiseOvf *self, xmlNode *system, const char *key)
{
  GPtrArray *same = g_hash_table_lookup (self->properties, key);

  for (xmlNode *level = system; same != NULL && level != NULL; level = level->parent)
    for (guint i = 0; i < same->len; i++)
      {
        const xmlNode *property = same->pdata[i];

        if (property->parent->parent == level && _valise_ovf_applies (self, property, NULL))
          return property_value (self, property);
      }
  return NULL;
}

char *
_valise_ovf_expand (ValiseOvf *self, xmlNode *system, const char *text)
{
  gsize length = text != NULL ? strlen (text) : 0;
  g_autofree char *key = NULL;

  if (length < strlen ("${x}") || !g_str_has_prefix (text, "${") || text[length - 1] != '}')
    return g_strdup (text);
  key = g_strndup (text + 2, length - 3);
  return find_property (self, system, key);
}
