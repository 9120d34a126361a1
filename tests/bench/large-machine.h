/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

/* A machine with 200 devices. (transfer full) */
ValiseDocument *large_machine_new (void);
