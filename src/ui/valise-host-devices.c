/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-host-devices.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "base/valise-path.h"

#define USB_CLASS_HUB "09"
#define LABEL_MAX 60

/* Words for the first byte of a PCI class. */
static const struct
{
  const char *prefix;
  const char *words;
} pci_classes[] = {
  { "0x01", N_ ("Disk controller") },  { "0x02", N_ ("Network card") },    { "0x03", N_ ("Graphics card") },
  { "0x0403", N_ ("Sound card") },     { "0x04", N_ ("Multimedia card") }, { "0x07", N_ ("Serial card") },
  { "0x0c03", N_ ("USB controller") }, { "0x0d", N_ ("Wireless card") },   { "0x10", N_ ("Encryption card") },
  { "0x12", N_ ("Processing card") },
};
#define PCI_BRIDGE "0x06"

static char *
sysfs (const char *rest)
{
  const char *root = g_getenv ("VALISE_SYSFS");

  return g_build_filename (root != NULL ? root : "/sys", rest, NULL);
}

/* A line of the kernel's about a device, fit for a label; %NULL when it says nothing. */
static char *
read_line (const char *directory, const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL) || *g_strstrip (text) == '\0')
    return NULL;
  return valise_text_for_display (text, LABEL_MAX);
}

static ValiseHostDevice *
read_usb (const char *directory)
{
  g_autofree char *vendor = read_line (directory, "idVendor");
  g_autofree char *product = read_line (directory, "idProduct");
  g_autofree char *class = read_line (directory, "bDeviceClass");
  g_autofree char *maker = read_line (directory, "manufacturer");
  g_autofree char *name = read_line (directory, "product");
  ValiseHostDevice *self;

  if (vendor == NULL || product == NULL || g_strcmp0 (class, USB_CLASS_HUB) == 0)
    return NULL;
  self = g_new0 (ValiseHostDevice, 1);
  self->type = "usb";
  self->id = g_strdup_printf ("usb:0x%s:0x%s", vendor, product);
  self->label = g_strdup_printf ("%s%s%s (%s:%s)", maker != NULL ? maker : "", maker != NULL && name != NULL ? " " : "",
                                 name != NULL    ? name
                                 : maker != NULL ? ""
                                                 : _ ("USB device"),
                                 vendor, product);
  return self;
}

static const char *
pci_words (const char *class)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pci_classes); i++)
    if (g_str_has_prefix (class, pci_classes[i].prefix))
      return _ (pci_classes[i].words);
  return _ ("PCI device");
}

static ValiseHostDevice *
read_pci (const char *directory)
{
  g_autofree char *vendor = read_line (directory, "vendor");
  g_autofree char *product = read_line (directory, "device");
  g_autofree char *class = read_line (directory, "class");
  g_autofree char *place = g_path_get_basename (directory);
  g_autofree char *group = g_build_filename (directory, "iommu_group", NULL);
  ValiseHostDevice *self;

  if (vendor == NULL || product == NULL || class == NULL || g_str_has_prefix (class, PCI_BRIDGE)
      || strlen (place) != strlen ("0000:00:00.0"))
    return NULL;
  self = g_new0 (ValiseHostDevice, 1);
  self->type = "pci";
  self->id = g_strdup_printf ("pci:%s", place);
  self->label = g_strdup_printf ("%s %s (%s:%s)", pci_words (class), place, vendor + (vendor[1] == 'x' ? 2 : 0),
                                 product + (product[1] == 'x' ? 2 : 0));
  if (!g_file_test (group, G_FILE_TEST_EXISTS))
    self->reason = g_strdup (_ ("this computer's IOMMU is off; switch it on in its firmware setup"));
  return self;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
list_bus (GPtrArray *list, const char *bus, ValiseHostDevice *(*read) (const char *directory))
{
  g_autofree char *path = sysfs (bus);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *each = g_build_filename (path, g_ptr_array_index (names, i), NULL);
      ValiseHostDevice *device = read (each);

      if (device != NULL)
        g_ptr_array_add (list, device);
    }
}

static void
host_device_free (ValiseHostDevice *self)
{
  g_free (self->id);
  g_free (self->label);
  g_free (self->reason);
  g_free (self);
}

GPtrArray *
valise_host_devices_list (const char *type)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) host_device_free);

  if (type == NULL || g_str_equal (type, "usb"))
    list_bus (list, "bus/usb/devices", read_usb);
  if (type == NULL || g_str_equal (type, "pci"))
    list_bus (list, "bus/pci/devices", read_pci);
  return list;
}

char *
valise_host_device_xml (const ValiseHostDevice *self)
{
  g_auto (GStrv) parts = g_strsplit_set (self->id, ":.", -1);

  if (g_str_equal (self->type, "usb"))
    return g_markup_printf_escaped (
        "<hostdev mode='subsystem' type='usb'><source><vendor id='%s'/><product id='%s'/></source></hostdev>", parts[1],
        parts[2]);
  return g_markup_printf_escaped ("<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x%s' "
                                  "bus='0x%s' slot='0x%s' function='0x%s'/></source></hostdev>",
                                  parts[1], parts[2], parts[3], parts[4]);
}
