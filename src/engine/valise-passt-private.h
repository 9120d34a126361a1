/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-libvirt-private.h"

G_BEGIN_DECLS

/* Whether passt, which alone leads ports of this computer into a machine, can be used here: it has to be installed, and
 * libvirt has to take it. Some builds are without it, whatever their version and their schema say, so it is tried. */

/* Asks libvirt, once for a connection; starts nothing. Blocks. */
void _valise_passt_ask (virConnectPtr connect);
/* Why not, translated; %NULL when it can be used, and when it is installed and nobody has asked libvirt yet.
 * (transfer full) */
char *_valise_passt_reason (void);
/* It is installed, and libvirt was asked and takes it. */
gboolean _valise_passt_is_taken (void);

G_END_DECLS
