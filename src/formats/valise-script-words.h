/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Scripts of a shell, read without one: nothing in them is run, and what only a shell could know stays as it is
 * written. Private to this room. */

/**
 * _valise_script_words:
 * @text: valid UTF-8
 * @variables: (nullable) (element-type utf8 utf8): assignments "NAME=VALUE" of lines of their own are put here, and
 *   "$NAME" and "${NAME}" in what follows are replaced by them; lists "NAME=(one two)" become "one two"
 * @most: words of all lines together
 *
 * Returns: (transfer full) (element-type GPtrArray): of each command its words (element-type utf8), quotes, comments and
 *   lines that go on taken care of; or %NULL when there are more than @most, or a quote has no end
 */
GPtrArray *_valise_script_words (const char *text, GHashTable *variables, guint most);

G_END_DECLS
