/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* libvirt's way to write which of many: "0-3,^2,8" are 0, 1, 3 and 8. What is taken out has to be named behind what it
 * is taken out of. */

/* No more than this many can be named; libvirt knows no more processors. */
#define VALISE_CPU_SET_MOST 16384

/* (element-type gboolean) (transfer full): a flag for each number up to the largest that is in it, and so empty for "";
 * %NULL when @text is none */
GArray *valise_cpu_set_parse (const char *text);
/* As short as it can be written: "0-1,3,8". (transfer full) */
char *valise_cpu_set_format (GArray *flags);

G_END_DECLS
