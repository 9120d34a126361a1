/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-boot-once.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "model/valise-effective-private.h"
#include "model/valise-node-private.h"

/* The longest that libvirt can be told, so that nobody has to hurry. */
#define MENU_MS "65535"
#define LABEL_MOST 48

static const char *const bootable[] = { "disk", "interface", "hostdev", "redirdev", "filesystem", NULL };

/* --- what there is to choose from --- */

static void
boot_once_free (ValiseBootOnce *self)
{
  g_free (self->word);
  g_free (self->label);
  g_free (self);
}

static void
add (GPtrArray *list, const char *word, char *label)
{
  ValiseBootOnce *entry = g_new0 (ValiseBootOnce, 1);

  entry->word = g_strdup (word);
  entry->label = label;
  g_ptr_array_add (list, entry);
}

/* The kind of drive that <disk device=...> says, in words; with what is in it. */
static char *
label_of_disk (const char *device, const char *source, const char *target)
{
  g_autofree char *base = source != NULL ? g_path_get_basename (source) : NULL;
  g_autofree char *shown = valise_text_for_display (base != NULL ? base : target, LABEL_MOST);

  if (g_strcmp0 (device, "cdrom") == 0)
    return g_strdup_printf (_ ("CD: %s"), shown);
  if (g_strcmp0 (device, "floppy") == 0)
    return g_strdup_printf (_ ("Floppy disk: %s"), shown);
  return g_strdup_printf (_ ("Disk: %s"), shown);
}

static void
add_disk (GPtrArray *list, ValiseDocument *stored, guint number)
{
  g_autofree char *device = valise_document_get_device (stored, "disk", number, "@device");
  g_autofree char *target = valise_document_get_device (stored, "disk", number, "target/@dev");
  g_autofree char *file = valise_document_get_device (stored, "disk", number, "source/@file");
  g_autofree char *source = g_strdup_printf ("devices/disk[%u]/source", number);

  if (target != NULL && valise_document_has (stored, source))
    add (list, target, label_of_disk (device, file, target));
}

GPtrArray *
valise_boot_once_list (ValiseDocument *stored)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) boot_once_free);
  guint disks;

  g_return_val_if_fail (stored != NULL, list);
  disks = valise_document_count (stored, "devices/disk");
  for (guint i = 1; i <= disks; i++)
    add_disk (list, stored, i);
  if (valise_document_has (stored, "devices/interface"))
    add (list, VALISE_BOOT_ONCE_NETWORK, g_strdup (_ ("Network")));
  add (list, VALISE_BOOT_ONCE_SETUP,
       g_strdup (valise_effective_get_firmware (stored) == VALISE_FIRMWARE_BIOS ? _ ("Boot menu of the BIOS")
                                                                                : _ ("Settings of the firmware")));
  return list;
}

/* --- the document that libvirt gets --- */

static gboolean
is_kind (xmlNode *disk, const char *kind)
{
  return _valise_node_is_set_to (disk, "device", kind)
         || (g_str_equal (kind, "disk") && _valise_node_is_set_to (disk, "device", NULL));
}

static gboolean
is_meant (xmlNode *node, const char *word)
{
  if (g_str_equal (word, VALISE_BOOT_ONCE_NETWORK))
    return _valise_node_is (node, "interface");
  if (!_valise_node_is (node, "disk"))
    return FALSE;
  if (g_str_equal (word, VALISE_BOOT_ONCE_DISK))
    return is_kind (node, "disk");
  if (g_str_equal (word, VALISE_BOOT_ONCE_CD))
    return is_kind (node, "cdrom") && _valise_node_child (node, "source") != NULL;
  return _valise_node_child (node, "target") != NULL
         && _valise_node_is_set_to (_valise_node_child (node, "target"), "dev", word);
}

static xmlNode *
find_meant (xmlNode *devices, const char *word)
{
  for (xmlNode *node = devices->children; node != NULL; node = node->next)
    if (is_meant (node, word))
      return node;
  return NULL;
}

static gboolean
refuse (const char *word, xmlNode *meant, GError **error)
{
  g_autofree char *shown = valise_text_for_display (word, LABEL_MOST);
  const char *text = _ ("This machine has no disk or drive “%s” to start from once. Its settings list what it has.");

  if (meant != NULL)
    text = _ ("There is nothing in the drive “%s” to start from. Insert a disc, then start again.");
  else if (g_str_equal (word, VALISE_BOOT_ONCE_CD))
    text = _ ("There is no disc in a CD drive of this machine to start from. Insert one, then start again.");
  else if (g_str_equal (word, VALISE_BOOT_ONCE_NETWORK))
    text = _ ("This machine has no network card to start from. Add one in its settings.");
  else if (g_str_equal (word, VALISE_BOOT_ONCE_DISK))
    text = _ ("This machine has no disk to start from. Add one in its settings.");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_set_error (error, VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_BOOT, text, shown);
#pragma GCC diagnostic pop
  return FALSE;
}

static guint64
order_of (xmlNode *node)
{
  xmlNode *boot = _valise_node_child (node, "boot");
  g_autofree char *order = boot != NULL ? _valise_node_get (boot, "order") : NULL;

  return order != NULL ? g_ascii_strtoull (order, NULL, 10) : 0;
}

static int
compare_order (gconstpointer a, gconstpointer b)
{
  guint64 one = order_of (*(xmlNode *const *) a), other = order_of (*(xmlNode *const *) b);

  return one < other ? -1 : one > other;
}

/* Those that have a number, by it. */
static void
list_ordered (xmlNode *devices, GPtrArray *order)
{
  for (xmlNode *node = devices->children; node != NULL; node = node->next)
    if (node->type == XML_ELEMENT_NODE && g_strv_contains (bootable, (const char *) node->name) && order_of (node) > 0)
      g_ptr_array_add (order, node);
  g_ptr_array_sort (order, compare_order);
}

static void
add_first (xmlNode *devices, const char *dev, GPtrArray *order)
{
  static const char *const words[][2] = { { "hd", VALISE_BOOT_ONCE_DISK },
                                          { "cdrom", VALISE_BOOT_ONCE_CD },
                                          { "network", VALISE_BOOT_ONCE_NETWORK } };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      xmlNode *found = g_strcmp0 (dev, words[i][0]) == 0 ? find_meant (devices, words[i][1]) : NULL;

      if (found != NULL && !g_ptr_array_find (order, found, NULL))
        g_ptr_array_add (order, found);
    }
}

/* <boot dev='hd'/> and numbers do not go together: the words become numbers. */
static void
take_words (xmlNode *os, xmlNode *devices, GPtrArray *order)
{
  gboolean any = FALSE;

  for (xmlNode *node = os->children, *next; node != NULL; node = next)
    {
      g_autofree char *dev = _valise_node_is (node, "boot") ? _valise_node_get (node, "dev") : NULL;

      next = node->next;
      if (!_valise_node_is (node, "boot"))
        continue;
      any = TRUE;
      add_first (devices, dev, order);
      _valise_node_remove (node);
    }
  if (!any && order->len == 0)
    add_first (devices, "hd", order);
}

/* @first stands before all others, which keep their order after it. */
static void
number (GPtrArray *order, xmlNode *first)
{
  guint next = 1;

  g_ptr_array_remove (order, first);
  g_ptr_array_insert (order, 0, first);
  for (guint i = 0; i < order->len; i++)
    {
      xmlNode *boot = _valise_node_ensure (order->pdata[i], "boot");
      g_autofree char *text = g_strdup_printf ("%u", next++);

      _valise_node_set (boot, "order", text);
    }
}

static void
open_menu (xmlNode *os)
{
  xmlNode *menu = _valise_node_ensure (os, "bootmenu");

  _valise_node_set (menu, "enable", "yes");
  _valise_node_set (menu, "timeout", MENU_MS);
}

/* A kernel that is started directly would come before everything else. */
static void
remove_kernel (xmlNode *os)
{
  static const char *const names[] = { "kernel", "initrd", "cmdline" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    _valise_node_remove (_valise_node_child (os, names[i]));
}

gboolean
_valise_build_settle_boot_once (ValiseBuild *build, xmlNode *devices, GError **error)
{
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  const char *word = build->choice->boot_once;
  xmlNode *os = _valise_node_ensure (build->root, "os");
  xmlNode *meant;

  if (word == NULL)
    return TRUE;
  remove_kernel (os);
  if (g_str_equal (word, VALISE_BOOT_ONCE_SETUP))
    {
      open_menu (os);
      return TRUE;
    }
  meant = find_meant (devices, word);
  if (meant == NULL || (_valise_node_is (meant, "disk") && _valise_node_child (meant, "source") == NULL))
    return refuse (word, meant, error);
  list_ordered (devices, order);
  take_words (os, devices, order);
  number (order, meant);
  return TRUE;
}
