/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "disc-fixture.h"

#include <string.h>

void
disc_put_text (guint8 *at, const char *text, gsize field)
{
  memset (at, ' ', field);
  memcpy (at, text, MIN (strlen (text), field));
}

void
disc_put_le32 (guint8 *at, guint32 value)
{
  at[0] = (guint8) value;
  at[1] = (guint8) (value >> 8);
  at[2] = (guint8) (value >> 16);
  at[3] = (guint8) (value >> 24);
}

guint8 *
disc_sector (Disc *disc, guint number)
{
  return disc->bytes + number * DISC_SECTOR;
}

void
disc_put_descriptor (Disc *disc, guint number, guint8 type, const char *name)
{
  guint8 *at = disc_sector (disc, number);

  at[0] = type;
  memcpy (at + 1, name, 5);
  at[6] = 1;
}

void
disc_put_primary (Disc *disc, const char *label)
{
  guint8 *at = disc_sector (disc, 16);

  disc_put_descriptor (disc, 16, 1, "CD001");
  disc_put_text (at + 8, "LINUX", 32);
  disc_put_text (at + 40, label, 32);
  disc_put_le32 (at + 80, 1000);
  at[128] = 0;
  at[129] = 8;
  disc_put_text (at + 318, "PUBLISHER", 128);
  disc_put_text (at + 574, "APPLICATION", 128);
  disc_put_descriptor (disc, 18, 255, "CD001");
}

void
disc_put_boot (Disc *disc, guint32 catalog)
{
  guint8 *at = disc_sector (disc, 17);

  disc_put_descriptor (disc, 17, 0, "CD001");
  disc_put_text (at + 7, "EL TORITO SPECIFICATION", 32);
  disc_put_le32 (at + 0x47, catalog);
}

void
disc_put_catalog (Disc *disc, guint number, guint8 first_platform, int second_platform)
{
  guint8 *at = disc_sector (disc, number);
  guint16 sum = 0;

  at[0] = 1;
  at[1] = first_platform;
  at[30] = 0x55;
  at[31] = 0xaa;
  for (guint i = 0; i < 32; i += 2)
    sum = (guint16) (sum + (at[i] | at[i + 1] << 8));
  at[28] = (guint8) (0x10000 - sum);
  at[29] = (guint8) ((0x10000 - sum) >> 8);
  at[32] = 0x88;
  if (second_platform < 0)
    return;
  at[64] = 0x91;
  at[65] = (guint8) second_platform;
  at[66] = 1;
  at[96] = 0x88;
}
