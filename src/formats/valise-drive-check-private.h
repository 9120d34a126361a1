/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-blueprint.h"
#include "formats/valise-package.h"

G_BEGIN_DECLS

/* Looks at the images of a machine's drives with the eyes of those who will copy them, whatever reader found them: what
 * leads out of itself or lies about itself is refused before anything is begun. Adds to the findings; nothing is said
 * twice of one image. %FALSE: %G_IO_ERROR_CANCELLED, and the findings say nothing. */
gboolean
_valise_drive_check (ValisePackage *package, ValiseBlueprint *blueprint, GCancellable *cancellable, GError **error);

G_END_DECLS
