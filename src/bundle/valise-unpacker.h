/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What unpacks bytes as they come. Private to this room.
 * @compression: "gzip", "deflate" (without a header, as in a zip), "xz", "zstd" or "lz4-apple"
 * (transfer full): or %NULL for %NULL and any other word */
GConverter *_valise_unpacker_new (const char *compression);

G_END_DECLS
