/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-knob.h"

G_BEGIN_DECLS

/* Words for a knob that our table has none for, made of its path and kept in @strings. */

/* "Disk driver: receive queue size". (transfer full) */
char *_valise_knob_words_dup_label (const char *path);
const char *_valise_knob_words_label (GStringChunk *strings, const char *path);
/* A sentence, translated. */
const char *_valise_knob_words_help (GStringChunk *strings, const char *path, ValiseKnobKind kind);

G_END_DECLS
