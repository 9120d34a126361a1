/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* libgvnc decodes the same protocol, but fetches 4 KiB at a time: a 1920x1080 frame costs it 2,000 system calls and two
 * copies, twice what everything else takes together; and it trusts the sizes of cursors. This reads pixels straight
 * into the framebuffer. */

/**
 * ValiseDisplayReader:
 *
 * The receiving half of RFB 3.8 with raw pixels (32 bits, x8r8g8b8 in the processor's order), as a machine on this
 * computer speaks it. Every byte comes from the guest's side and is checked before it is believed; what was not asked
 * for is an error.
 */
typedef struct _ValiseDisplayReader ValiseDisplayReader;

typedef struct
{
  /* Bytes of the opening to be sent back. */
  void (*say) (gpointer user_data, const void *bytes, gsize size);
  /* The screen is this large from now on: answer with valise_display_reader_set_framebuffer. FALSE: @error is set, and
   * the reader stops. */
  gboolean (*sized) (gpointer user_data, int width, int height, GError **error);
  /* The opening is over; after the first @sized. */
  void (*opened) (gpointer user_data);
  void (*damaged) (gpointer user_data, int x, int y, int width, int height);
  /* One whole update has been read: time to ask for the next one. @fresh: the screen was resized and holds nothing
   * yet. */
  void (*updated) (gpointer user_data, gboolean fresh);
  /* @pixels: r, g, b, a bytes, not premultiplied; %NULL: no cursor. */
  void (*cursor) (gpointer user_data, const guint8 *pixels, int width, int height, int hot_x, int hot_y);
  void (*pointer_mode) (gpointer user_data, gboolean absolute);
  void (*leds) (gpointer user_data, guint8 leds);
  void (*takes_scancodes) (gpointer user_data);
  void (*takes_sizes) (gpointer user_data);
} ValiseDisplayEvents;

#define VALISE_DISPLAY_CURSOR_SIDE 1024
#define VALISE_DISPLAY_LED_CAPS 4

/* What the reader understands, to be asked for in this order. */
extern const gint32 VALISE_DISPLAY_ENCODINGS[];
extern const guint VALISE_DISPLAY_N_ENCODINGS;

/* @events is kept, not copied. */
ValiseDisplayReader *valise_display_reader_new (const ValiseDisplayEvents *events, gpointer user_data);
void valise_display_reader_free (ValiseDisplayReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseDisplayReader, valise_display_reader_free)

/* @pixels: width * height pixels, rows @stride bytes apart, which outlive the reader or the next call. */
void
valise_display_reader_set_framebuffer (ValiseDisplayReader *self, guint8 *pixels, gsize stride, int width, int height);
/**
 * valise_display_reader_read:
 * @fd: a socket
 * @error: #ValiseDisplayError: _CLOSED or _PROTOCOL, or what @sized said
 *
 * Reads and tells what came, until nothing more is there at the moment or some megabytes have gone by. Never blocks. An
 * event may free nothing of the reader.
 *
 * Returns: %FALSE if this connection is over
 */
gboolean valise_display_reader_read (ValiseDisplayReader *self, int fd, GError **error);
/* An event may ask the reader to go no further. */
void valise_display_reader_stop (ValiseDisplayReader *self);

G_END_DECLS
