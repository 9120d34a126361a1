/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-size.h"

#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_QUARK (valise_size_error_quark, valise_size_error)

#define LETTERS "KMGTPE"

static guint64
power (guint64 base, gsize exponent)
{
  guint64 result = 1;

  while (exponent-- > 0)
    result *= base;
  return result;
}

/* "", "B", "K", "KiB", "kB"... in any case; 0 for anything else. */
static guint64
multiplier_of (const char *unit, guint64 bare)
{
  const char *letter;

  if (*unit == '\0')
    return bare;
  if (g_ascii_strcasecmp (unit, "B") == 0 || g_ascii_strcasecmp (unit, "bytes") == 0)
    return 1;
  letter = strchr (LETTERS, g_ascii_toupper (*unit));
  if (letter == NULL)
    return 0;
  if (unit[1] == '\0' || g_ascii_strcasecmp (unit + 1, "iB") == 0)
    return power (1024, (gsize) (letter - LETTERS) + 1);
  if (g_ascii_strcasecmp (unit + 1, "B") == 0)
    return power (1000, (gsize) (letter - LETTERS) + 1);
  return 0;
}

/* Reads "12", "12.5" or ".5" as a whole part and a numerator below 10^digits; digits beyond 18 do not reach a byte. */
static gboolean
read_number (const char **cursor, guint64 *whole, guint64 *fraction, guint *digits, gboolean *overflow)
{
  const char *p = *cursor;
  gboolean any = FALSE;

  for (; g_ascii_isdigit (*p); p++, any = TRUE)
    if (!g_uint64_checked_mul (whole, *whole, 10) || !g_uint64_checked_add (whole, *whole, (guint64) (*p - '0')))
      *overflow = TRUE;
  if (*p == '.')
    for (p++; g_ascii_isdigit (*p); p++, any = TRUE)
      if (*digits < 18)
        {
          *fraction = *fraction * 10 + (guint64) (*p - '0');
          (*digits)++;
        }
  *cursor = p;
  return any;
}

gboolean
valise_size_parse (const char *text, guint64 unit, guint64 *bytes, GError **error)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  const char *cursor = copy;
  guint64 whole = 0, fraction = 0, multiplier, result;
  guint digits = 0;
  gboolean overflow = FALSE, number;

  g_return_val_if_fail (text != NULL && unit > 0 && bytes != NULL, FALSE);
  number = read_number (&cursor, &whole, &fraction, &digits, &overflow);
  while (g_ascii_isspace (*cursor))
    cursor++;
  multiplier = multiplier_of (cursor, unit);
  if (!number || multiplier == 0)
    {
      g_set_error (error, VALISE_SIZE_ERROR, VALISE_SIZE_ERROR_SYNTAX,
                   _ ("“%s” is not a size. Write a number and a unit, for example 4 GiB."), copy);
      return FALSE;
    }
  if (overflow || !g_uint64_checked_mul (&result, whole, multiplier)
      || !g_uint64_checked_add (&result, result,
                                (guint64) ((unsigned __int128) fraction * multiplier / power (10, digits))))
    {
      g_set_error (error, VALISE_SIZE_ERROR, VALISE_SIZE_ERROR_RANGE,
                   _ ("“%s” is too large. Give a size below 16 EiB."), copy);
      return FALSE;
    }
  *bytes = result;
  return TRUE;
}

char *
valise_size_format (guint64 bytes)
{
  gsize step = 0;
  guint64 unit = 1;
  guint tenth;

  while (step < strlen (LETTERS) && bytes / unit >= 1024)
    {
      unit *= 1024;
      step++;
    }
  if (step == 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " B", bytes);
  tenth = (guint) ((unsigned __int128) (bytes % unit) * 10 / unit);
  if (tenth == 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " %ciB", bytes / unit, LETTERS[step - 1]);
  return g_strdup_printf ("%" G_GUINT64_FORMAT ".%u %ciB", bytes / unit, tenth, LETTERS[step - 1]);
}
