/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-import-plan-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"

#define MAC_BYTES 6
#define QEMU_VENDOR 0x525400u

static const struct
{
  const char *stated; /* a part of what is written, in lower case */
  const char *here;
} models[] = {
  { "virtio", "virtio" }, { "e1000e", "e1000e" },      { "82574", "e1000e" }, { "vmxnet3", "vmxnet3" },
  { "e1000", "e1000" },   { "82540", "e1000" },        { "82543", "e1000" },  { "82545", "e1000" },
  { "pcnet", "pcnet" },   { "vlance", "pcnet" },       { "am79c", "pcnet" },  { "rtl8139", "rtl8139" },
  { "ne2k", "ne2k_pci" }, { "paravirtual", "virtio" },
};

/* The card that nearly every system has a driver for. */
static const char *
safe_model (const ValiseImportPlan *self)
{
  if (!_valise_import_plan_is_pc (self) || (self->has_linux && self->blueprint->nics->len > 0))
    return "virtio";
  /* Windows has brought a driver for it since 2000, and none for Intel's before Server 2003. */
  if (self->has_old_windows)
    return "rtl8139";
  return self->has_windows && g_str_equal (self->machine, "q35") ? "e1000e" : "e1000";
}

static const char *
find_model (const ValiseImportPlan *self, const char *stated)
{
  g_autofree char *lower = stated != NULL ? g_ascii_strdown (stated, -1) : NULL;

  for (gsize i = 0; lower != NULL && i < G_N_ELEMENTS (models); i++)
    if (strstr (lower, models[i].stated) != NULL)
      return _valise_import_plan_is_pc (self) || g_str_has_prefix (models[i].here, "virtio") ? models[i].here : NULL;
  return NULL;
}

static void
plan_model (ValiseImportPlan *self, ValiseImportNic *nic, const char *place)
{
  const char *stated = nic->source->model;
  g_autofree char *shown = NULL;
  g_autofree char *text = NULL;

  nic->model = nic->choice->model != NULL ? nic->choice->model : find_model (self, stated);
  if (nic->model != NULL)
    return;
  nic->model = safe_model (self);
  if (stated == NULL)
    return;
  shown = valise_text_for_display (stated, 40);
  text = g_strdup_printf (_ ("The network card %s cannot be had here; the machine gets %s."), shown, nic->model);
  _valise_import_plan_tell (self, VALISE_SEVERITY_INFO, "nic-approximated", place, text, NULL);
}

/* Twelve hexadecimal digits, whatever stands between them. */
static gboolean
read_mac (const char *text, guint8 *mac)
{
  guint digits = 0;

  memset (mac, 0, MAC_BYTES);
  for (; *text != '\0'; text++)
    {
      if (strchr (":-. ", *text) != NULL)
        continue;
      if (!g_ascii_isxdigit (*text) || digits == MAC_BYTES * 2)
        return FALSE;
      mac[digits / 2] = (guint8) (mac[digits / 2] << 4 | g_ascii_xdigit_value (*text));
      digits++;
    }
  return digits == MAC_BYTES * 2;
}

static char *
format_mac (const guint8 *mac)
{
  return g_strdup_printf ("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

char *
_valise_import_random_mac (void)
{
  guint32 random = g_random_int ();
  guint8 mac[MAC_BYTES] = { QEMU_VENDOR >> 16,
                            QEMU_VENDOR >> 8 & 0xff,
                            QEMU_VENDOR & 0xff,
                            (guint8) (random >> 16 & 0xff),
                            (guint8) (random >> 8 & 0xff),
                            (guint8) (random & 0xff) };

  return format_mac (mac);
}

static gboolean
is_taken (const ValiseImportPlan *self, const char *mac)
{
  for (guint i = 0; i < self->nics->len; i++)
    if (g_strcmp0 (((ValiseImportNic *) g_ptr_array_index (self->nics, i))->mac, mac) == 0)
      return TRUE;
  return FALSE;
}

/* The address of the source made right, or NULL when there is none in it. */
static char *
kept_mac (ValiseImportPlan *self, const char *stated, const char *place)
{
  static const guint8 none[MAC_BYTES];
  guint8 mac[MAC_BYTES];

  if (stated == NULL || *stated == '\0')
    return NULL;
  if (!read_mac (stated, mac) || memcmp (mac, none, MAC_BYTES) == 0)
    {
      _valise_import_plan_tell (self, VALISE_SEVERITY_INFO, "mac-invalid", place,
                                _ ("The address of a network card cannot be read; it gets a new one."), NULL);
      return NULL;
    }
  if ((mac[0] & 1) != 0)
    {
      mac[0] &= 0xfe;
      _valise_import_plan_tell (self, VALISE_SEVERITY_INFO, "mac-multicast", place,
                                _ ("The address of a network card was one for groups, which no card may have; it was "
                                   "corrected."),
                                NULL);
    }
  return format_mac (mac);
}

static void
plan_mac (ValiseImportPlan *self, ValiseImportNic *nic, const char *place)
{
  if (nic->choice->mac == VALISE_MAC_KEEP)
    nic->mac = kept_mac (self, nic->source->mac, place);
  if (nic->mac != NULL && is_taken (self, nic->mac))
    {
      g_clear_pointer (&nic->mac, g_free);
      _valise_import_plan_tell (self, VALISE_SEVERITY_INFO, "mac-duplicate", place,
                                _ ("Two network cards had the same address; the second gets a new one."), NULL);
    }
  if (nic->mac == NULL)
    nic->mac = g_strdup (nic->choice->fresh);
  while (is_taken (self, nic->mac))
    {
      g_free (nic->mac);
      nic->mac = _valise_import_random_mac ();
    }
}

/* Behind this computer's own address every machine reaches the world, and nothing reaches it. */
static void
tell_network (ValiseImportPlan *self, const ValiseImportNic *card, const char *place)
{
  const ValiseBlueprintNic *nic = card->source;
  static const char *const same[] = { "nat", "user", "emulated", "shared", "default", NULL };
  g_autofree char *lower = nic->network != NULL ? g_ascii_strdown (nic->network, -1) : NULL;
  g_autofree char *shown = NULL;
  g_autofree char *text = NULL;

  if (lower == NULL || g_strv_contains (same, lower) || !g_str_equal (card->choice->network, "user"))
    return;
  shown = valise_text_for_display (nic->network, 80);
  text = g_strdup_printf (_ ("The network “%s” is not there; the card reaches the internet through this computer."),
                          shown);
  _valise_import_plan_tell (self, VALISE_SEVERITY_INFO, "network-approximated", place, text,
                            _ ("Choose another network in the machine's settings."));
}

static void
plan_nic (ValiseImportPlan *self, guint number)
{
  ValiseImportNic *nic = g_new0 (ValiseImportNic, 1);
  g_autofree char *place = g_strdup_printf ("devices/interface[%u]", self->nics->len + 1);

  nic->source = g_ptr_array_index (self->blueprint->nics, number);
  nic->choice = &self->choices->nics[number];
  plan_model (self, nic, place);
  plan_mac (self, nic, place);
  tell_network (self, nic, place);
  g_ptr_array_add (self->nics, nic);
}

void
_valise_import_plan_nics (ValiseImportPlan *self)
{
  for (guint i = 0; i < self->blueprint->nics->len; i++)
    if (self->choices->nics[i].taken)
      plan_nic (self, i);
}
