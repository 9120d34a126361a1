/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The user's preferences (io.github.valise.Valise.gschema.xml). Finds the schema of an uninstalled build too.
 * (transfer none) */
GSettings *valise_gsettings_get (void);

G_END_DECLS
