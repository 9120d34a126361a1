/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"
#include "model/valise-capabilities.h"

G_BEGIN_DECLS

/* What a new machine takes of this computer, in a sentence or two. @free_space: bytes free where it will lie, 0 while that is not known.
 * (transfer full) */
char *valise_take_summary (ValiseDocument *document, ValiseCapabilities *capabilities, guint64 free_space);

G_END_DECLS
