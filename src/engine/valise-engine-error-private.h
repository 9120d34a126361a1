/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-engine-error.h"

G_BEGIN_DECLS

/* Takes libvirt's last error of this thread over as "@what: its words. what to do next". @what is translated, without a
 * full stop. */
void _valise_engine_error_take (GError **error, const char *what);
/* The code that libvirt's last error of this thread has with us. */
ValiseEngineError _valise_engine_error_peek (void);
/* The same shape with words of our own: @said may be %NULL. */
void _valise_engine_error_set (GError **error, ValiseEngineError code, const char *what, const char *said);

G_END_DECLS
