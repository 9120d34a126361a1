/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "engine/valise-import-plan.h"
#include "formats/valise-package.h"

G_BEGIN_DECLS

/* The images of a foreign machine: found in their package, looked at, and brought into the bundle that is made. */
typedef struct _ValiseForeignDisks ValiseForeignDisks;

/* Opens every image of @plan's drives and looks at its header; nothing else is read. Files that one of them consists of,
 * or that hold what it was before a snapshot, have to be in @package. NULL with an error as valise_foreign_job_new.
 * (transfer full) */
ValiseForeignDisks *_valise_foreign_disks_open (ValisePackage *package, const ValiseImportPlan *plan, GError **error);
/* Bytes that are to be read. */
guint64 _valise_foreign_disks_count (const ValiseForeignDisks *self);
/* Makes the images in @directory, a bundle, several at once, and has the plan's document name them as what they are. */
gboolean _valise_foreign_disks_bring (ValiseForeignDisks *self,
                                      ValiseImportPlan *plan,
                                      const char *directory,
                                      ValiseJob *job,
                                      GCancellable *cancellable,
                                      GError **error);
void _valise_foreign_disks_free (ValiseForeignDisks *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseForeignDisks, _valise_foreign_disks_free)

G_END_DECLS
