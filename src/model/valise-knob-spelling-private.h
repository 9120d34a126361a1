/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What libvirt's names are when they are written out: "iothreadsched" as "I/O thread scheduling". @name is a whole
 * name, a part of one ("sec" of "total_bytes_sec"), or one with "devices/" before it where only the device is called so.
 * Names of libvirt's are not translated, and neither are these. %NULL: it is a word as it is.
 * (transfer none) */
const char *_valise_knob_spelling_lookup (const char *name);

G_END_DECLS
