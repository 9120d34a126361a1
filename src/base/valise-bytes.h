/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* Numbers as files have them: little- or big-endian, and wherever they happen to lie. */

static inline guint16
valise_bytes_get_le16 (const guint8 *at)
{
  guint16 value;

  memcpy (&value, at, sizeof value);
  return GUINT16_FROM_LE (value);
}

static inline guint32
valise_bytes_get_le32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_LE (value);
}

static inline guint64
valise_bytes_get_le64 (const guint8 *at)
{
  guint64 value;

  memcpy (&value, at, sizeof value);
  return GUINT64_FROM_LE (value);
}

static inline guint16
valise_bytes_get_be16 (const guint8 *at)
{
  return GUINT16_SWAP_LE_BE (valise_bytes_get_le16 (at));
}

static inline guint32
valise_bytes_get_be32 (const guint8 *at)
{
  return GUINT32_SWAP_LE_BE (valise_bytes_get_le32 (at));
}

static inline guint64
valise_bytes_get_be64 (const guint8 *at)
{
  return GUINT64_SWAP_LE_BE (valise_bytes_get_le64 (at));
}

static inline void
valise_bytes_put_le32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

static inline void
valise_bytes_put_le64 (guint8 *at, guint64 value)
{
  value = GUINT64_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

G_END_DECLS
