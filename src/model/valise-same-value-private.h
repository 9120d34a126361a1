/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/valise-libxml2.h"

G_BEGIN_DECLS

/* Whether two ways to write a value mean the same to libvirt: as text, or as a whole number that may be in
 * hexadecimal. */
gboolean _valise_value_is_same (const char *one, const char *other);
/* The same where libvirt may have written it anew: capitals, white space, and lists of numbers ("0-2" and "0,1,2") count
 * as alike too. */
gboolean _valise_value_is_rewritten (const char *one, const char *other);
/* The largest number of a list as in "0-3,^2,7"; %FALSE for none. @text: (nullable) */
gboolean _valise_value_get_last (const char *text, guint64 *last);
/* Whether the texts of two elements are the same size in whatever units; %FALSE when one is no size. */
gboolean _valise_value_is_same_size (xmlNode *one, xmlNode *other);

G_END_DECLS
