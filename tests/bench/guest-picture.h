/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <string.h>

/* QEMU shows a notice of this size until the guest has set up its graphics card. */
#define NOTICE_WIDTH 640
#define NOTICE_HEIGHT 480
/* More than a blinking cursor. */
#define FEWEST_LIT 64

/* Whether the guest itself has painted: another size than QEMU's notice, and something on it. @pixels: x8r8g8b8, rows
 * @stride bytes apart. Both sides of the comparison ask this. */
static inline gboolean
guest_has_painted (const guint8 *pixels, gsize stride, int width, int height)
{
  guint32 first, pixel;
  guint lit = 0;

  if (pixels == NULL || (width == NOTICE_WIDTH && height == NOTICE_HEIGHT))
    return FALSE;
  memcpy (&first, pixels, sizeof first);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        memcpy (&pixel, pixels + (gsize) y * stride + (gsize) x * 4, sizeof pixel);
        if (((pixel ^ first) & 0xffffff) != 0 && ++lit >= FEWEST_LIT)
          return TRUE;
      }
  return FALSE;
}
