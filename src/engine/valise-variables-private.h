/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

G_BEGIN_DECLS

/* After the settings of the bundle in @path went from @before to @after: puts variables that another firmware would now
 * find in their place, or that no firmware names any more, into .history under a name of their own. Variables of
 * another file stay, so that going back to their firmware finds them. A running guest goes on with the file it has
 * open. The caller holds the bundle's lock. */
void _valise_variables_set_aside (const char *path, ValiseDocument *before, ValiseDocument *after);

G_END_DECLS
