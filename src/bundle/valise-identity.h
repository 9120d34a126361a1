/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-bundle.h"

G_BEGIN_DECLS

typedef enum
{
  VALISE_IDENTITY_KNOWN, /* this uuid at this place, as last time */
  VALISE_IDENTITY_NEW,   /* never seen on this host */
  VALISE_IDENTITY_MOVED, /* seen elsewhere, and that place is gone: same machine, remembered silently */
  VALISE_IDENTITY_TWIN,  /* seen elsewhere and still there: ask "moved or copied" before it may start */
} ValiseIdentity;

/* What this host remembers of each uuid (directory, device, inode), in STATE/identities; answers without writing.
 * @other_path: (out) (optional) (transfer full): the other place for MOVED and TWIN, else %NULL. */
ValiseIdentity valise_identity_check (ValiseBundle *bundle, char **other_path);
/* Remembers this place for the uuid: at creation, for NEW and MOVED, and when the user says "moved".
 * %VALISE_BUNDLE_ERROR_DAMAGED when the document has no valid uuid, _NO_SPACE, _READ_ONLY, or a #GIOErrorEnum; then
 * what was remembered stays. */
gboolean valise_identity_remember (ValiseBundle *bundle, GError **error);

G_END_DECLS
