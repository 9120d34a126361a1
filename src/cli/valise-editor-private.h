/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * _valise_editor_run:
 * @valisectl: this program and its own options, %NULL-terminated
 * @machine: the operand of "edit"
 *
 * Opens the machine's settings in $VISUAL or $EDITOR and hands what was written to `valisectl edit --from`. What is
 * refused can be edited again; what is given up is kept in a file that is named.
 *
 * Returns: the exit code
 */
int _valise_editor_run (const char *const *valisectl, const char *machine);

/* What to do where there is no editor to be had. */
const char *_valise_editor_missing (void);

G_END_DECLS
