/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

G_BEGIN_DECLS

/**
 * ValiseConsequence:
 *
 * What has to follow an edit for the document to stay one that can start: facts that hold only for the old value go
 * with it. Made before the edit from what is there, carried out after it.
 *
 * - the name, the title and the plain name are one: each takes the others along
 * - memory and vcpu take currentMemory and vcpu/@current along when they were the same, and a topology that fitted goes
 * on fitting
 * - a disk on another bus gets a name that fits the bus and a new address; so do input devices on another bus
 * - a machine of another family loses the addresses and PCI controllers of the old one
 * - BIOS loses what only UEFI has
 * - a processor model makes the processor a certain model, and another kind of processor has none; what only this
 * computer's own knows goes
 * - a clock of another kind loses what only the old kind knows, and gets the zone or date that it cannot be without
 * - a disk that is removed takes the size along that was stated for its file
 */
typedef struct _ValiseConsequence ValiseConsequence;

ValiseConsequence *_valise_consequence_before (ValiseDocument *document, const char *knob);
gboolean _valise_consequence_follow (ValiseConsequence *self, ValiseDocument *document, GError **error);
void _valise_consequence_free (ValiseConsequence *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseConsequence, _valise_consequence_free)

/* Writes bytes into a VALISE_KNOB_SIZE knob: in the unit that stands there when that is exact, else in KiB. */
gboolean _valise_consequence_write_size (ValiseDocument *document, const char *knob, guint64 bytes, GError **error);

G_END_DECLS
