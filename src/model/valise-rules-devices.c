/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-rules-private.h"

#include <glib/gi18n-lib.h>

#include "model/valise-label.h"

static char *
name_of (ValiseRulesRun *run, xmlNode *device)
{
  g_autofree char *path = valise_document_path_of (run->document, device);

  return valise_label_device (run->document, path);
}

static guint64
number_or_zero (xmlNode *node, const char *name)
{
  const char *text = _valise_rules_attribute (node, name);

  return text != NULL ? g_ascii_strtoull (text, NULL, 0) : 0;
}

/* What makes an address one place; NULL for kinds that cannot clash. Drives of one bus share an address space. */
static char *
address_key (xmlNode *device, xmlNode *address)
{
  const char *type = _valise_rules_attribute (address, "type");
  const char *bus = _valise_rules_attribute (_valise_rules_child (device, "target"), "bus");
  const char *port = _valise_rules_attribute (address, "port");

  if (g_strcmp0 (type, "pci") == 0)
    return g_strdup_printf ("pci %" G_GINT64_MODIFIER "x:%" G_GINT64_MODIFIER "x:%" G_GINT64_MODIFIER
                            "x.%" G_GINT64_MODIFIER "x",
                            number_or_zero (address, "domain"), number_or_zero (address, "bus"),
                            number_or_zero (address, "slot"), number_or_zero (address, "function"));
  if (g_strcmp0 (type, "drive") == 0 && bus != NULL)
    return g_strdup_printf ("%s %" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                            bus, number_or_zero (address, "controller"), number_or_zero (address, "bus"),
                            number_or_zero (address, "target"), number_or_zero (address, "unit"));
  if (g_strcmp0 (type, "usb") == 0 && port != NULL)
    return g_strdup_printf ("usb %" G_GUINT64_FORMAT ":%s", number_or_zero (address, "bus"), port);
  return NULL;
}

static void
check_addresses (ValiseRulesRun *run)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (xmlNode *device = xmlFirstElementChild (run->devices); device != NULL; device = xmlNextElementSibling (device))
    {
      xmlNode *address = _valise_rules_child (device, "address");
      g_autofree char *key = address != NULL ? address_key (device, address) : NULL;
      xmlNode *other = key != NULL ? g_hash_table_lookup (seen, key) : NULL;
      g_autofree char *other_name = other != NULL ? name_of (run, other) : NULL;

      if (other != NULL)
        _valise_rules_set_fix (run,
                               _valise_rules_add (run, VALISE_SEVERITY_ERROR, "address-duplicate", device, "address",
                                                  /* Translators: a device, as in "Disk vda" */
                                                  g_strdup_printf (_ ("%s is at the same address."), other_name),
                                                  _ ("Let the address be chosen automatically.")),
                               device, "address", NULL);
      else if (key != NULL)
        g_hash_table_insert (seen, g_steal_pointer (&key), device);
    }
}

static guint
next_free_order (GHashTable *taken)
{
  guint order = 1;

  while (g_hash_table_contains (taken, GUINT_TO_POINTER (order)))
    order++;
  return order;
}

static gboolean
read_order (xmlNode *device, guint *order)
{
  guint64 number;

  if (!_valise_rules_number (_valise_rules_attribute (_valise_rules_child (device, "boot"), "order"), &number)
      || number == 0 || number > G_MAXINT)
    return FALSE;
  *order = number;
  return TRUE;
}

static void
check_boot_order (ValiseRulesRun *run)
{
  g_autoptr (GHashTable) taken = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) twice = g_ptr_array_new ();
  guint order = 0;

  for (xmlNode *device = xmlFirstElementChild (run->devices); device != NULL; device = xmlNextElementSibling (device))
    if (read_order (device, &order) && !g_hash_table_insert (taken, GUINT_TO_POINTER (order), device))
      g_ptr_array_add (twice, device);
  for (guint i = 0; i < twice->len; i++)
    {
      g_autofree char *fix = g_strdup_printf ("%u", next_free_order (taken));

      read_order (twice->pdata[i], &order);
      _valise_rules_set_fix (
          run,
          _valise_rules_add (run, VALISE_SEVERITY_ERROR, "boot-order-duplicate", twice->pdata[i], "boot/@order",
                             g_strdup_printf (_ ("Two devices are number %u in the boot order."), order),
                             _ ("Put this one behind the others.")),
          twice->pdata[i], "boot/@order", fix);
    }
}

static void
check_boot_mix (ValiseRulesRun *run)
{
  xmlNode *boot = _valise_rules_find (run->domain, "os/boot");
  guint order;

  for (xmlNode *device = xmlFirstElementChild (run->devices); boot != NULL && device != NULL;
       device = xmlNextElementSibling (device))
    if (read_order (device, &order))
      {
        valise_finding_set_fix (
            _valise_rules_add (run, VALISE_SEVERITY_ERROR, "boot-order-mixed", boot, NULL,
                               g_strdup (_ ("The boot order is given twice: by kind of device and by device.")),
                               _ ("Keep the one by device.")),
            "os/boot", NULL);
        return;
      }
}

/* The next address that no card of this machine has. */
static char *
free_mac (GHashTable *seen, const char *mac)
{
  char **bytes = g_strsplit (mac, ":", -1);
  char *found = NULL;

  for (guint64 step = 1; g_strv_length (bytes) == 6 && found == NULL && step < 256; step++)
    {
      guint64 last = (g_ascii_strtoull (bytes[5], NULL, 16) + step) & 0xff;
      g_autofree char *candidate =
          g_strdup_printf ("%s:%s:%s:%s:%s:%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], (guint) last);
      g_autofree char *key = g_ascii_strdown (candidate, -1);

      if (!g_hash_table_contains (seen, key))
        found = g_steal_pointer (&candidate);
    }
  g_strfreev (bytes);
  return found;
}

static void
check_mac_of (ValiseRulesRun *run, xmlNode *card, GHashTable *seen)
{
  const char *mac = _valise_rules_attribute (_valise_rules_child (card, "mac"), "address");
  g_autofree char *key = mac != NULL ? g_ascii_strdown (mac, -1) : NULL;
  gboolean multicast = mac != NULL && strlen (mac) == 17 && g_ascii_xdigit_value (mac[1]) % 2 == 1;
  g_autofree char *fix = NULL;
  ValiseFinding *finding;

  if (multicast)
    {
      fix = g_strdup (mac);
      fix[1] = "0123456789abcdef"[g_ascii_xdigit_value (mac[1]) - 1];
      finding = _valise_rules_add (run, VALISE_SEVERITY_ERROR, "mac-multicast", card, "mac/@address",
                                   g_strdup (_ ("This is an address for groups; a network card cannot have it.")),
                                   _ ("Use the address of a single card."));
      _valise_rules_set_fix (run, finding, card, "mac/@address", fix);
    }
  else if (key != NULL && g_hash_table_contains (seen, key))
    {
      fix = free_mac (seen, mac);
      finding = _valise_rules_add (run, VALISE_SEVERITY_ERROR, "mac-duplicate", card, "mac/@address",
                                   g_strdup (_ ("Another network card of this machine has the same address.")),
                                   _ ("Give this one another."));
      if (fix != NULL)
        _valise_rules_set_fix (run, finding, card, "mac/@address", fix);
    }
  if (key != NULL)
    g_hash_table_add (seen, g_steal_pointer (&key));
}

static void
check_macs (ValiseRulesRun *run)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (xmlNode *card = _valise_rules_child (run->devices, "interface"); card != NULL; card = _valise_rules_next (card))
    check_mac_of (run, card, seen);
}

static gboolean
has_gl (ValiseRulesRun *run)
{
  for (xmlNode *display = _valise_rules_child (run->devices, "graphics"); display != NULL;
       display = _valise_rules_next (display))
    {
      const char *type = _valise_rules_attribute (display, "type");
      const char *gl = _valise_rules_attribute (_valise_rules_child (display, "gl"), "enable");

      if (g_strcmp0 (type, "egl-headless") == 0 || g_strcmp0 (gl, "yes") == 0)
        return TRUE;
    }
  return FALSE;
}

static void
check_acceleration (ValiseRulesRun *run)
{
  for (xmlNode *video = _valise_rules_child (run->devices, "video"); video != NULL; video = _valise_rules_next (video))
    {
      xmlNode *model = _valise_rules_child (video, "model");
      const char *accel = _valise_rules_attribute (_valise_rules_child (model, "acceleration"), "accel3d");

      if (g_strcmp0 (accel, "yes") == 0 && !has_gl (run))
        _valise_rules_set_fix (run,
                               _valise_rules_add (run, VALISE_SEVERITY_ERROR, "video-3d-needs-opengl", video,
                                                  "model/acceleration/@accel3d",
                                                  g_strdup (
                                                      _ ("3D acceleration needs a display that draws with OpenGL.")),
                                                  _ ("Switch 3D acceleration off.")),
                               video, "model/acceleration/@accel3d", "no");
    }
}

static const ValiseRule RULES[] = {
  check_addresses, check_boot_order, check_boot_mix, check_macs, check_acceleration, NULL,
};

const ValiseRule *const _valise_rules_devices = RULES;
