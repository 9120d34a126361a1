/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A system that libosinfo knows. @id: its URI; @name: "Debian 12". */
typedef struct
{
  char *id;
  char *name;
} ValiseSystem;

/* All of them, by name. The first call reads libosinfo's database, which takes a moment; safe in any thread. None without
 * libosinfo.
 * (element-type ValiseSystem) (transfer none): lives as long as the program */
GPtrArray *valise_systems_list (void);
/* As people read it; %NULL for an unknown URI. (transfer none) (nullable) */
const char *valise_systems_get_name (const char *id);

G_END_DECLS
