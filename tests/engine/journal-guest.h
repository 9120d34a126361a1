/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A guest that is one boot sector. It keeps a journal on two disks and never stops: numbers, each with what it can be
 * checked by, first to the one disk, then to the other, of which the last 64 are kept. When it starts it looks at both:
 * each must hold its last 64 numbers whole, and the first be at most one ahead. It writes down what it found and goes on
 * from there, or stops. */

#define JOURNAL_GUEST_RING 64

/* Its two disks are what the machine may boot from, in this order, because SeaBIOS leaves others alone; both need 200
 * sectors that are zero. Writes it to the start of the raw image. */
void journal_guest_install (const char *image);
/* The newest number in a raw image. */
guint32 journal_guest_newest (const char *image);
/* Until that one is there. */
void journal_guest_wait (const char *image, guint32 least);
/* Asserts that the two are of one moment, and returns how far the second was. */
guint32
journal_guest_check (const char *first, const char *first_format, const char *second, const char *second_format);
/* What it found at its last start: "GOOD", "NEW " or "BAD!" in @word, which has room for five characters, and how far
 * the second disk was. */
guint32 journal_guest_read_verdict (const char *image, char *word);

G_END_DECLS
