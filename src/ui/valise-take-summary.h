/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-profile.h"

G_BEGIN_DECLS

/* What a new machine takes of this computer, in a sentence or two. @profile: what it is made from; the disk that it
 * brings along takes room from the start. @free_space: bytes free where it will lie, 0 while that is not known.
 * (transfer full) */
char *valise_take_summary (ValiseDocument *document,
                           const ValiseProfile *profile,
                           ValiseCapabilities *capabilities,
                           guint64 free_space);

G_END_DECLS
