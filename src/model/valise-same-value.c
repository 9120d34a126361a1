/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-same-value-private.h"

#include <string.h>

#include "model/valise-cpu-set.h"
#include "model/valise-node-private.h"
#include "model/valise-size-unit-private.h"

static gboolean
read_number (const char *text, guint64 *number)
{
  gboolean hexadecimal = g_str_has_prefix (text, "0x");

  return g_ascii_string_to_unsigned (hexadecimal ? text + 2 : text, hexadecimal ? 16 : 10, 0, G_MAXUINT64, number,
                                     NULL);
}

gboolean
_valise_value_is_same (const char *one, const char *other)
{
  guint64 a, b;

  return g_str_equal (one, other) || (read_number (one, &a) && read_number (other, &b) && a == b);
}

/* --- lists of numbers --- */

static gboolean
is_same_list (const char *one, const char *other)
{
  g_autoptr (GArray) a = valise_cpu_set_parse (one);
  g_autoptr (GArray) b = a != NULL ? valise_cpu_set_parse (other) : NULL;
  g_autofree char *first = b != NULL ? valise_cpu_set_format (a) : NULL;
  g_autofree char *second = b != NULL ? valise_cpu_set_format (b) : NULL;

  return b != NULL && g_str_equal (first, second);
}

gboolean
_valise_value_get_last (const char *text, guint64 *last)
{
  g_autoptr (GArray) flags = text != NULL ? valise_cpu_set_parse (text) : NULL;
  guint length = flags != NULL ? flags->len : 0;

  while (length > 0 && !g_array_index (flags, gboolean, length - 1))
    length--;
  *last = length > 0 ? length - 1 : 0;
  return length > 0;
}

/* --- UUIDs, with and without lines between --- */

static char *
read_uuid (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "-", -1);
  g_autofree char *digits = g_strjoinv ("", parts);
  gsize length = strlen (digits);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isxdigit (digits[i]))
      return NULL;
  return length == 32 ? g_ascii_strdown (digits, -1) : NULL;
}

static gboolean
is_same_uuid (const char *one, const char *other)
{
  g_autofree char *a = read_uuid (one);
  g_autofree char *b = a != NULL ? read_uuid (other) : NULL;

  return b != NULL && g_str_equal (a, b);
}

gboolean
_valise_value_is_rewritten (const char *one, const char *other)
{
  g_autofree char *a = g_strstrip (g_strdup (one));
  g_autofree char *b = g_strstrip (g_strdup (other));

  return g_ascii_strcasecmp (a, b) == 0 || _valise_value_is_same (a, b) || is_same_list (a, b) || is_same_uuid (a, b);
}

/* --- sizes --- */

static gboolean
read_size (xmlNode *node, guint64 *bytes)
{
  g_autofree char *unit = _valise_node_get (node, "unit");
  g_autofree char *text = _valise_node_text (node);
  guint64 number, one = _valise_size_unit_bytes ((const char *) node->name, unit);

  return read_number (text, &number) && one != 0 && g_uint64_checked_mul (bytes, number, one);
}

gboolean
_valise_value_is_same_size (xmlNode *one, xmlNode *other)
{
  guint64 a, b;

  return read_size (one, &a) && read_size (other, &b) && a == b;
}
