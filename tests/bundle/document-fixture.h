/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

G_BEGIN_DECLS

/* A document of @text, which is a good one. (transfer full) */
ValiseDocument *document_fixture_parse (const char *text);
/* A document of tests/fixtures/domains/@name. (transfer full) */
ValiseDocument *document_fixture_read (const char *name);
/* The directory with other people's documents; %NULL when none is named, after which the test counts as skipped.
 * (transfer full) */
char *document_fixture_dup_corpus (void);
/* Whether the file is one that counts. */
typedef gboolean (*DocumentFixtureFunc) (const char *path, const char *text, gsize length);
/* Calls @func for each .xml below @directory, and returns how many counted. */
guint document_fixture_each (const char *directory, DocumentFixtureFunc func);

G_END_DECLS
