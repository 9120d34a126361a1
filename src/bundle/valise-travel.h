/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-bundle.h"

G_BEGIN_DECLS

/**
 * ValiseTravel:
 * @only: (nullable) (array zero-terminated=1): when stated, nothing else goes along than these files and folders,
 *   relative to the bundle
 * @left: (nullable) (array zero-terminated=1): of that, these stay behind
 * @document: (nullable): goes along in the place of config.xml
 *
 * What of a bundle travels. Nothing stated: all of it.
 */
typedef struct
{
  const char *const *only;
  const char *const *left;
  ValiseDocument *document;
} ValiseTravel;

/* As valise_bundle_copy(). @travel is nullable. (transfer full) */
char *valise_travel_copy (const char *bundle_path,
                          const char *directory,
                          const char *name,
                          const ValiseTravel *travel,
                          ValiseJob *job,
                          GCancellable *cancellable,
                          GError **error);
/* What travels but config.xml, into @copy, which is being made. Folders may be there already. Adds to @job's total. */
gboolean valise_travel_fill (ValiseBundle *copy,
                             const char *bundle_path,
                             const ValiseTravel *travel,
                             ValiseJob *job,
                             GCancellable *cancellable,
                             GError **error);

G_END_DECLS
