/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/valise-libxml2.h"

G_BEGIN_DECLS

/* Whether @tree is as the RELAX NG schema in @file wants it; what is not goes into the test's log. */
gboolean schema_fixture_is_valid (const char *file, xmlDoc *tree);

G_END_DECLS
