/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-bundle.h"

G_BEGIN_DECLS

/**
 * An emulated TPM is a program of its own (swtpm), one per run of a machine, with its state in the bundle's tpm
 * directory. libvirt would keep that state elsewhere and lose it with a transient machine. It is no child of ours: it
 * lives and ends with QEMU, whoever started it.
 */

/* Whether the stored document has an emulated TPM. */
gboolean _valise_tpm_is_wanted (ValiseDocument *document);
/* Starts the program on the state in @directory; ready when this returns. The socket that QEMU is to connect to, %NULL on
 * error. (transfer full) */
char *_valise_tpm_start (ValiseBundle *bundle,
                         const char *directory,
                         const char *uuid,
                         GCancellable *cancellable,
                         GError **error);
/* Ends what is left of it: after a start that failed, or when QEMU was killed. */
void _valise_tpm_stop (const char *uuid);

G_END_DECLS
