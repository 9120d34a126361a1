/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A card's address says nothing of the card: at the same place this computer may have the disks that it runs from. */
#include "engine/valise-import-plan-private.h"

#include <glib/gi18n-lib.h>

#define CARDS "/sys/bus/pci/devices"

static const struct
{
  guint class;
  const char *name;
} kinds[] = {
  { 0x01, N_ ("a controller of disks") },   { 0x02, N_ ("a network card") },
  { 0x03, N_ ("a graphics card") },         { 0x04, N_ ("a sound or video card") },
  { 0x06, N_ ("a bridge to other cards") }, { 0x0c, N_ ("a USB controller or the like") },
};

char *
_valise_import_card_address (const ValiseBlueprintWish *wish)
{
  return g_strdup_printf ("%04x:%02x:%02x.%x", wish->address[0], wish->address[1], wish->address[2], wish->address[3]);
}

/* 0 when it cannot be read. */
static guint
read_number (const char *address, const char *name)
{
  g_autofree char *path = g_build_filename (CARDS, address, name, NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? (guint) g_ascii_strtoull (text, NULL, 16) : 0;
}

char *
_valise_import_card_describe (const ValiseBlueprintWish *wish)
{
  g_autofree char *address = _valise_import_card_address (wish);
  guint vendor = read_number (address, "vendor"), class = read_number (address, "class") >> 16;
  const char *name = N_ ("another kind of card");

  if (vendor == 0)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].class == class)
      name = kinds[i].name;
  return g_strdup_printf ("%s (%04x:%04x)", _ (name), vendor, read_number (address, "device"));
}
