/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A place that can hold a path: its knob path without indices, the layers of a disk left out. When @of is set, only
 * below such an element whose type is @type. */
typedef struct
{
  const char *pattern;
  const char *of;
  const char *type;
} ValiseFormsPlace;

const ValiseFormsPlace *_valise_forms_places (gsize *length);

G_END_DECLS
