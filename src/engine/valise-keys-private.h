/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define VALISE_KEYS_MOST 8

/* Keys pressed together, as Linux key codes. */
typedef struct
{
  guint codes[VALISE_KEYS_MOST];
  guint length;
} ValiseKeys;

/* The keys of a US keyboard that type @character; %FALSE when it has none. */
gboolean _valise_keys_from_character (gunichar character, ValiseKeys *keys);
/* Names joined by "-" or "+", any case: "ctrl-alt-delete". */
gboolean _valise_keys_from_combination (const char *combination, ValiseKeys *keys, GError **error);

G_END_DECLS
