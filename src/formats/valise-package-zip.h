/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-package.h"

G_BEGIN_DECLS

/* The directory at the end of a zip archive. Private to this room. */

/* Whether the first bytes are those of a zip. */
gboolean _valise_zip_recognise (int fd);

/* The plain files of the archive, in its directory's order: stored or deflated, not encrypted, with names that stay
 * inside. @size: of the whole file; @most: members; @name is for errors. (element-type ValisePackageMember)
 * (transfer full), or %NULL with a #ValisePackageError */
GPtrArray *_valise_zip_list (int fd, guint64 size, guint most, const char *name, GError **error);

G_END_DECLS
