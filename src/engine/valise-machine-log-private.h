/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-host.h"

G_BEGIN_DECLS

/* Copies the end of what QEMU said (a bounded part) into the bundle's logs/qemu.log. A log that cannot be had is left
 * out. */
void _valise_machine_log_keep (ValiseHost *host, const char *bundle_path, const char *uuid);

G_END_DECLS
