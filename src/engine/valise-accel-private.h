/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-host.h"

G_BEGIN_DECLS

/* Blocking for at most a fifth of a second, and only the first time after a boot. */
ValiseAccel _valise_accel_probe (void);
/* A translated sentence for people. */
const char *_valise_accel_get_reason (ValiseAccel accel);

G_END_DECLS
