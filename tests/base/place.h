/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A directory of one's own, and a file in it that is not there yet. */
typedef struct
{
  char *directory;
  char *file;
} Place;

/* @name: of the file */
void place_begin (Place *self, const char *name);
/* For g_test_add: removes the directory and all that is in it. */
void place_tear_down (Place *self, gconstpointer unused);
/* How many entries a directory has. */
guint place_count (const char *directory);
/* What the shell does in @directory; all of it must succeed. */
void place_run (const char *directory, const char *command);

G_END_DECLS
