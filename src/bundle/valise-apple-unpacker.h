/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What unpacks LZ4 in the frames of Apple's Compression library. Private to this room. (transfer full) */
GConverter *_valise_apple_unpacker_new (void);

G_END_DECLS
