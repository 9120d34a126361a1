/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes of one unit as libvirt spells it ("KiB", "M", "bytes"), 0 for no unit. For %NULL what libvirt takes a number at
 * @knob for: KiB, but for some elements MiB or bytes. */
guint64 _valise_size_unit_bytes (const char *knob, const char *unit);

G_END_DECLS
