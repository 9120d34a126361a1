/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The first sectors of a disc, made by hand. */
#define DISC_SECTOR 2048
#define DISC_SECTORS 300
typedef struct
{
  guint8 bytes[DISC_SECTORS * DISC_SECTOR];
} Disc;

void disc_put_text (guint8 *at, const char *text, gsize field);
void disc_put_le32 (guint8 *at, guint32 value);
guint8 *disc_sector (Disc *disc, guint number);
void disc_put_descriptor (Disc *disc, guint number, guint8 type, const char *name);
/* ISO 9660's descriptors in sectors 16 and 18. */
void disc_put_primary (Disc *disc, const char *label);
/* El Torito's in sector 17. */
void disc_put_boot (Disc *disc, guint32 catalog);
/* @second_platform: -1 for none */
void disc_put_catalog (Disc *disc, guint number, guint8 first_platform, int second_platform);

G_END_DECLS
