/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-gnutls.h"

#include <glib/gi18n-lib.h>

ValiseLate valise_gnutls = { .file = "libgnutls.so.30",
                             .remedy =
                                 N_ ("Digests and signatures cannot be checked or made here. Install GnuTLS (package "
                                     "libgnutls30 or gnutls) and try again") };
