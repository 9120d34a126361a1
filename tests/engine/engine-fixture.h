/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A state directory, library and runtime directory of this test program's own, so that its embedded driver is no other's; what QEMU answers the
 * driver's first questions (seconds) is kept between programs in the build directory. */
void engine_fixture_begin (void);
/* Removes it all; the domains that are still there are killed first, by their pid files. */
void engine_fixture_end (void);
const char *engine_fixture_directory (void);

G_END_DECLS
