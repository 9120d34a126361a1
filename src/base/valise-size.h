/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define VALISE_KIB (G_GUINT64_CONSTANT (1) << 10)
#define VALISE_MIB (G_GUINT64_CONSTANT (1) << 20)
#define VALISE_GIB (G_GUINT64_CONSTANT (1) << 30)

#define VALISE_SIZE_ERROR (valise_size_error_quark ())
GQuark valise_size_error_quark (void);
typedef enum
{
  VALISE_SIZE_ERROR_SYNTAX, /* not a number with one of the units */
  VALISE_SIZE_ERROR_RANGE,  /* more bytes than 64 bits hold */
} ValiseSizeError;

/**
 * valise_size_parse:
 * @text: a number with an optional unit: B, K, KiB, M, MiB, G, GiB, T, TiB (powers of 1024, any case) or kB, MB, GB, TB
 *   (powers of 1000, as libvirt reads them); a fraction such as "1.5G" is taken; a bare number is bytes
 * @unit: multiplier for a bare number, e.g. %VALISE_MIB, or 1
 * @bytes: (out): the size in bytes
 *
 * Returns: %TRUE if @text was understood and fits; otherwise %VALISE_SIZE_ERROR_SYNTAX or %VALISE_SIZE_ERROR_RANGE
 */
gboolean valise_size_parse (const char *text, guint64 unit, guint64 *bytes, GError **error);

/* "4 GiB", "3.1 GiB", "512 KiB": at most one decimal, never rounded up past what is there. For people.
 * (transfer full) */
char *valise_size_format (guint64 bytes);

G_END_DECLS
