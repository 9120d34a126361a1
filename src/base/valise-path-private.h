/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-path.h"

G_BEGIN_DECLS

/* The part-by-part walk of valise_path_open_beneath for kernels without openat2; a bare descriptor or -1 with errno. */
int _valise_path_walk_beneath (int directory_fd, const char *relative, int flags, mode_t mode);

G_END_DECLS
