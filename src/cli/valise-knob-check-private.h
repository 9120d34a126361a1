/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

G_BEGIN_DECLS

/* Settings that somebody typed, against the catalogue. Without libvirt's schema everything is possible. */

/* Whether there is such a setting, or an element that holds others. Error: %VALISE_KNOB_CATALOGUE_ERROR_UNKNOWN. */
gboolean _valise_knob_is_possible (const char *path, GError **error);
/* Whether it can have the value. Errors: %VALISE_KNOB_CATALOGUE_ERROR_UNKNOWN, %VALISE_KNOB_CATALOGUE_ERROR_VALUE. */
gboolean _valise_knob_check (const char *path, const char *value, GError **error);
/* (nullable) (transfer full): what has to be otherwise for the value to be possible there, as far as it can be told
 * from what stands around it; translated. @value: (nullable) */
char *_valise_knob_hint (ValiseDocument *document, const char *path, const char *value);

G_END_DECLS
