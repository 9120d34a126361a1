/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-finding.h"
#include "bundle/valise-document.h"

G_BEGIN_DECLS

/**
 * ValiseReadBack:
 *
 * What libvirt made of a machine when it was given it: which settings it left out or wrote otherwise, and what it
 * filled in where nothing is set. Immutable, thread-safe.
 */
typedef struct _ValiseReadBack ValiseReadBack;
#define VALISE_TYPE_READ_BACK (valise_read_back_get_type ())
GType valise_read_back_get_type (void);

/**
 * valise_read_back_new:
 * @stored: the machine's document, whose knobs are spoken of
 * @given: what libvirt got: the effective document made from it
 * @taken: what libvirt gave back
 *
 * Copies what it needs. Only what was given counts: what the effective document leaves out has not been dropped by
 * libvirt.
 *
 * Returns: (transfer full): what it made of it
 */
ValiseReadBack *valise_read_back_new (ValiseDocument *stored, ValiseDocument *given, ValiseDocument *taken);
/* libvirt would not take it at all, with @reason, translated; @where (nullable) is what it does not take.
 * (transfer full) */
ValiseReadBack *valise_read_back_new_refused (ValiseDocument *stored, const char *where, const char *reason);
ValiseReadBack *valise_read_back_ref (ValiseReadBack *self);
void valise_read_back_unref (ValiseReadBack *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseReadBack, valise_read_back_unref)

/* Warnings: "read-back-dropped", "read-back-changed", "read-back-refused". (element-type ValiseFinding)
 * (transfer none) */
GPtrArray *valise_read_back_get_findings (ValiseReadBack *self);
/* What libvirt uses for @knob, a path in the stored document that is not set there; %NULL when it says nothing, or
 * chooses anew each time (a network card's address). (transfer full) (nullable) */
char *valise_read_back_dup_default (ValiseReadBack *self, const char *knob);
/* Whether it speaks of a document with this very text. */
gboolean valise_read_back_is_of (ValiseReadBack *self, ValiseDocument *document);

G_END_DECLS
