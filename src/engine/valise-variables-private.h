/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-variables.h"

G_BEGIN_DECLS

/* After the settings of the bundle in @path went from @before to @after: puts variables that another firmware would now
 * find in their place, or that no firmware names any more, into .history, and brings back those that the firmware of
 * @after had in that place when it was left. Variables of another file stay where they are, so that going back to their
 * firmware finds them either way. A running guest goes on with the file it has open. The caller holds the bundle's
 * lock. */
void _valise_variables_follow (const char *path, ValiseDocument *before, ValiseDocument *after);

G_END_DECLS
