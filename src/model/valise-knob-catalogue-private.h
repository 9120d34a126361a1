/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-grammar-private.h"
#include "model/valise-knob-catalogue.h"

G_BEGIN_DECLS

/* As valise_knob_catalogue_new, of files that @read has, beginning with domain.rng. */
ValiseKnobCatalogue *_valise_knob_catalogue_new_from (ValiseGrammarRead read, gpointer user_data, GError **error);

G_END_DECLS
