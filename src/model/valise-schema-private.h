/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/valise-libxml2.h"

G_BEGIN_DECLS

/* The installed libvirt's own description of a domain, read when it is first needed (tenths of a second) and kept. */

/* Where it lies: VALISE_SCHEMA_DIR, or libvirt/schemas below a data directory; %NULL when libvirt is not installed.
 * (transfer full) */
char *_valise_schema_find (void);

/* Whether it can be had at all. */
gboolean _valise_schema_is_there (void);

/* Any thread. @message: (out) (optional): the first thing that libxml2 had to say, for want of a better one. %TRUE when
 * there is no schema. */
gboolean _valise_schema_validate (xmlDoc *tree, char **message);

G_END_DECLS
