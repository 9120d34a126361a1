/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-ovf-private.h"

#include <string.h>

/* More factors than anybody writes. */
#define MOST_FACTORS 8

/* What the older dialect and careless producers call them; all mean powers of two. */
static const struct
{
  const char *word;
  guint64 factor;
} words[] = {
  { "byte", 1 },
  { "bytes", 1 },
  { "b", 1 },
  { "kilobytes", G_GUINT64_CONSTANT (1) << 10 },
  { "kilobyte", G_GUINT64_CONSTANT (1) << 10 },
  { "kb", G_GUINT64_CONSTANT (1) << 10 },
  { "kib", G_GUINT64_CONSTANT (1) << 10 },
  { "megabytes", G_GUINT64_CONSTANT (1) << 20 },
  { "megabyte", G_GUINT64_CONSTANT (1) << 20 },
  { "mb", G_GUINT64_CONSTANT (1) << 20 },
  { "mib", G_GUINT64_CONSTANT (1) << 20 },
  { "gigabytes", G_GUINT64_CONSTANT (1) << 30 },
  { "gigabyte", G_GUINT64_CONSTANT (1) << 30 },
  { "gb", G_GUINT64_CONSTANT (1) << 30 },
  { "gib", G_GUINT64_CONSTANT (1) << 30 },
  { "terabytes", G_GUINT64_CONSTANT (1) << 40 },
  { "terabyte", G_GUINT64_CONSTANT (1) << 40 },
  { "tb", G_GUINT64_CONSTANT (1) << 40 },
  { "tib", G_GUINT64_CONSTANT (1) << 40 },
};

gboolean
_valise_ovf_parse_number (const char *text, guint64 *number)
{
  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, number, NULL);
}

static gboolean
multiply (guint64 *product, guint64 factor)
{
  return g_uint64_checked_mul (product, *product, factor) && *product <= G_MAXINT64;
}

static gboolean
multiply_power (guint64 *product, const char *base, const char *exponent)
{
  guint64 number, times;

  if (!_valise_ovf_parse_number (base, &number) || !_valise_ovf_parse_number (exponent, &times) || times > 63)
    return FALSE;
  for (guint64 i = 0; i < times; i++)
    if (!multiply (product, number))
      return FALSE;
  return TRUE;
}

static gboolean
multiply_word (guint64 *product, const char *word)
{
  guint64 number;

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (word, words[i].word) == 0)
      return multiply (product, words[i].factor);
  return _valise_ovf_parse_number (word, &number) && multiply (product, number);
}

static char *
without_space (const char *text)
{
  GString *kept = g_string_new (NULL);

  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isspace (*c))
      g_string_append_c (kept, *c);
  return g_string_free (kept, FALSE);
}

/* "byte * 2^20", "MegaBytes", "hertz*10^6": by what a number is multiplied. */
static gboolean
parse_units (const char *units, guint64 missing, guint64 *factor)
{
  g_autofree char *bare = without_space (units != NULL ? units : "");
  g_auto (GStrv) factors = g_strsplit (bare, "*", MOST_FACTORS + 1);

  *factor = missing;
  if (*bare == '\0')
    return TRUE;
  *factor = 1;
  if (g_strv_length (factors) > MOST_FACTORS)
    return FALSE;
  for (char **each = factors; *each != NULL; each++)
    {
      char *power = strchr (*each, '^');

      if (power != NULL)
        *power++ = '\0';
      if (power != NULL ? !multiply_power (factor, *each, power) : !multiply_word (factor, *each))
        return FALSE;
    }
  return *factor > 0;
}

gboolean
_valise_ovf_parse_size (const char *text, const char *units, guint64 missing, guint64 *bytes)
{
  guint64 factor;

  return _valise_ovf_parse_number (text, bytes) && parse_units (units, missing, &factor) && multiply (bytes, factor);
}
