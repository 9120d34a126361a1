/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-capabilities.h"

G_BEGIN_DECLS

/* Sets the environment that this room reads (descriptors of firmware from the fixtures, a state directory and a PATH of
 * the test's own) and makes an empty directory. To be called before g_test_run. */
void model_fixture_begin (void);
void model_fixture_end (void);
const char *model_fixture_directory (void);

/* The text of tests/model/data/NAME. */
char *model_fixture_read (const char *name);
/* As the fixture's computer says: 8 CPUs and 16 GiB. @domain: "domcaps-q35-tcg.xml" */
ValiseCapabilities *model_fixture_capabilities (const char *domain);
/* Puts a program of that name into PATH, or takes it away. */
void model_fixture_program (const char *name, gboolean there);

G_END_DECLS
