/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-library.h"

G_BEGIN_DECLS

/* GRUB's menu with the light bar has over 20,000 pixels; what the firmware writes when it finds no system has 6,400. */
#define FOREIGN_FIXTURE_MENU_PIXELS 15000
/* The test of memory fills its screen. */
#define FOREIGN_FIXTURE_MEMTEST_PIXELS 100000

/* What the shell does, which must succeed. */
void foreign_fixture_run (const char *script);
/* The one machine of @file. (transfer full) */
ValiseMachine *foreign_fixture_bring_in (ValiseLibrary *library, const char *file);
/* Waits until so many pixels of its screen are not black and its firmware writes nothing any more, and stops it. */
void foreign_fixture_start_and_see (ValiseMachine *machine, guint pixels);

G_END_DECLS
