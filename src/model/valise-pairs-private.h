/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/valise-libxml2.h"

G_BEGIN_DECLS

/* Which child of @other (nullable) is which child of @one, where one document was made from the other: what a device is
 * known by must agree where both tell it; of several that do, the most alike; and what finds nobody that way takes what
 * is left of its name, in order. (element-type xmlNode xmlNode) (transfer full) */
GHashTable *_valise_pairs_new (xmlNode *one, xmlNode *other);

G_END_DECLS
