/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What stands in the file that nobody may read, and in nothing else. */
#define HOSTILE_SET_TOKEN "CANARY-IN-THE-MINE"

/* Lays the hostile set (tests/formats/hostile) into a new folder. (transfer full) */
char *hostile_set_make (void);
void hostile_set_remove (const char *root);

/* Kind, size, time and links of every file below @root, as text. (transfer full) */
char *hostile_set_list (const char *root);

/* @path: what is to be opened; @outcome: how that has to end */
typedef void (*HostileSetFunc) (const char *name, const char *path, const char *outcome, gpointer data);

/* Calls @look for each row and returns how many there are. */
guint hostile_set_each (const char *root, HostileSetFunc look, gpointer data);

G_END_DECLS
