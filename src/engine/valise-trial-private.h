/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"
#include "engine/valise-host-private.h"
#include "engine/valise-libvirt-private.h"

G_BEGIN_DECLS

/**
 * _valise_trial_define:
 * @effective: what libvirt would get at a start
 * @given: (out): what it got, which differs in name and uuid
 * @taken: (out): what it made of it; %NULL when it refused
 * @refusal: (out): why, in its own words; %NULL when it took it
 *
 * Lets libvirt define the machine under another name and uuid, asks what it made of it, and takes it back at once.
 * Nothing is started, no file of the machine is opened, and its variables are kept. Blocks.
 *
 * Fails with %VALISE_ENGINE_ERROR_DISCONNECTED, _TIMEOUT, #ValiseDocumentError, and with %G_IO_ERROR_NOT_SUPPORTED where
 * libvirt has no QEMU.
 *
 * Returns: %TRUE when libvirt answered, with one or the other
 */
gboolean _valise_trial_define (ValiseHost *host,
                               ValiseDocument *effective,
                               ValiseDocument **given,
                               ValiseDocument **taken,
                               char **refusal,
                               GCancellable *cancellable,
                               GError **error);
/* Takes back what a program that died in the middle has left defined. */
void _valise_trial_clean (virConnectPtr connect);

G_END_DECLS
