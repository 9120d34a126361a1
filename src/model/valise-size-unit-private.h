/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes of one unit as libvirt spells it ("KiB", "M", "bytes"): KiB for %NULL, which is libvirt's own default, and 0 for no unit. */
guint64 _valise_size_unit_bytes (const char *unit);

G_END_DECLS
