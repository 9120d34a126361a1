/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ValiseSeveralResults:
 *
 * The settings that several machines can be given: what was searched for, and before that what they are most often
 * given. What cannot be the same in all of them is there, and says why.
 *
 * Signal "chosen" (knob): a knob's path without indices, or %VALISE_SHARED_BOOT_FIRST.
 */
#define VALISE_TYPE_SEVERAL_RESULTS (valise_several_results_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSeveralResults, valise_several_results, VALISE, SEVERAL_RESULTS, GtkBox)

/* @words: may be empty */
void valise_several_results_search (ValiseSeveralResults *self, const char *words);
/* As if the first had been clicked. */
void valise_several_results_choose_first (ValiseSeveralResults *self);
/* %FALSE when there is none to go to, or they are not in sight. */
gboolean valise_several_results_focus_first (ValiseSeveralResults *self);

G_END_DECLS
