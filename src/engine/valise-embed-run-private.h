/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * _valise_embed_run_place:
 * @root: an embedded driver's directory, claimed by this process and not open yet
 * @places: (nullable): where a directory in memory may be made; %NULL: where this computer has one
 *
 * Puts the driver's "run" into memory, where a machine's state costs nothing to write and goes with the machine when
 * the computer restarts. Where that cannot be, or where a run is there already, nothing is done.
 */
void _valise_embed_run_place (const char *root, const char *const *places);

G_END_DECLS
