/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"
#include "bundle/valise-image.h"

G_BEGIN_DECLS

/**
 * ValiseDiskFacts:
 *
 * What disk images take and hold, read from their headers in a thread and remembered. Signal "changed" when more is
 * known.
 */
#define VALISE_TYPE_DISK_FACTS (valise_disk_facts_get_type ())
G_DECLARE_FINAL_TYPE (ValiseDiskFacts, valise_disk_facts, VALISE, DISK_FACTS, GObject)

/* One for all windows. (transfer none) */
ValiseDiskFacts *valise_disk_facts_get (void);
/* Read again at the next look: it has been made or grown. */
void valise_disk_facts_forget (ValiseDiskFacts *self);

/* @document, a machine that is not made yet, will find @info's image at @source, as it is now; %NULL takes that
 * back. */
void valise_disk_facts_promise (ValiseDiskFacts *self,
                                ValiseDocument *document,
                                const char *source,
                                const ValiseImageInfo *info);

/* The facts of the image of "devices/disk[n]". (nullable) */
const ValiseImageInfo *
valise_disk_facts_of (ValiseDiskFacts *self, ValiseDocument *document, const char *directory, const char *device);

G_END_DECLS
