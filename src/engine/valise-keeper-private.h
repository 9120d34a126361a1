/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-keeper.h"

G_BEGIN_DECLS

/* Whether this process has one, and so is one that stays and sees to machines by itself. Any thread. */
gboolean _valise_keeper_is_there (void);

G_END_DECLS
