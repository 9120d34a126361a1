/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-lock.h"

G_BEGIN_DECLS

/* As valise_lock_take; with @by_text the kernel's locks are not used, as on a file system that has none. */
ValiseLock *_valise_lock_take (const char *bundle_path, const char *purpose, gboolean by_text, GError **error);

G_END_DECLS
