/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-capabilities.h"

G_BEGIN_DECLS

/* libvirt's embedded QEMU driver through virsh, with a root of the test's own. This room includes no libvirt, and
 * neither do its tests. */
void driver_fixture_begin (void);
/* Ends what is still running. */
void driver_fixture_end (void);
const char *driver_fixture_directory (void);
/* Gives virsh @commands (separated by "; ") in one connection and returns what it says; %NULL and its complaint in
 * @complaint when one failed. */
char *driver_fixture_virsh (const char *commands, char **complaint);
/* What it says of itself: a translated q35, two processors and 8 GiB. (transfer full) */
ValiseCapabilities *driver_fixture_capabilities (void);

G_END_DECLS
