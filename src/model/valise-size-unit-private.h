/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes of one unit as libvirt spells it ("KiB", "M", "bytes"), 0 for no unit. For %NULL what libvirt takes a number at
 * @knob for: KiB, but for some elements MiB or bytes. */
guint64 _valise_size_unit_bytes (const char *knob, const char *unit);
/* The same for an attribute that is a size and has no unit beside it: bytes, but KiB for the memory of a video card. */
guint64 _valise_size_unit_of_attribute (const char *knob);

G_END_DECLS
