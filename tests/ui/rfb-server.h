/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RfbServer:
 *
 * A small RFB 3.8 server for tests and benchmarks: one client on one socket, raw pixels (32 bits, x8r8g8b8), a picture
 * that the test draws. Runs in a thread of its own; every call is safe from any thread.
 */
typedef struct _RfbServer RfbServer;

typedef struct
{
  gboolean down;
  guint32 keysym;
  guint32 scancode;
} RfbKey;

typedef struct
{
  guint8 buttons;
  guint16 x;
  guint16 y;
} RfbPointer;

/* Serves the client at the other end of @fd, which it takes over. */
RfbServer *rfb_server_new_for_fd (int fd, int width, int height);
/* As above, with a new pair of sockets; @client_fd: (out): the client's end. */
RfbServer *rfb_server_new (int width, int height, int *client_fd);
/* Instead of the usual opening these bytes, then nothing: for clients that meet something else. Before the first call
 * of _start. */
void rfb_server_set_opening (RfbServer *self, GBytes *opening);
/* Begins to talk. */
void rfb_server_start (RfbServer *self);
/* Closes and waits for the thread. */
void rfb_server_free (RfbServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RfbServer, rfb_server_free)

/* Draws: pixel (x, y) becomes (x * 3, y * 5, @seed + x / 7) as red, green, blue in each byte. Sent when the client
 * asks. */
guint32 rfb_server_pattern (int x, int y, guint seed);
void rfb_server_draw (RfbServer *self, const cairo_rectangle_int_t *area, guint seed);
/* A new picture of this size, drawn with @seed. */
void rfb_server_resize (RfbServer *self, int width, int height, guint seed);
/* From now on a new full picture @rate times a second, made of two that take turns; 0 stops. */
void rfb_server_animate (RfbServer *self, guint rate);
/* Bytes out of turn. */
void rfb_server_send (RfbServer *self, GBytes *bytes);
/* A cursor of one colour with a mask that is all set. */
void rfb_server_send_cursor (RfbServer *self, int width, int height, int hot_x, int hot_y);
void rfb_server_send_pointer_mode (RfbServer *self, gboolean absolute);
/* Closes the socket. */
void rfb_server_hang_up (RfbServer *self);

/* What came in; the oldest is taken off. FALSE if there is none within @timeout_ms. */
gboolean rfb_server_take_key (RfbServer *self, RfbKey *key, guint timeout_ms);
gboolean rfb_server_take_pointer (RfbServer *self, RfbPointer *pointer, guint timeout_ms);
guint rfb_server_count_updates (RfbServer *self);  /* updates sent */
guint rfb_server_count_requests (RfbServer *self); /* requests received */
guint64 rfb_server_count_pixels (RfbServer *self); /* pixels sent */

G_END_DECLS
