/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-same-value-private.h"

#include <string.h>

#include "model/valise-node-private.h"
#include "model/valise-size-unit-private.h"

/* Numbers of processors and nodes are far below it. */
#define LARGEST_MEMBER 65536

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

/* Reads "3" or "3-7", with "^" before what is taken out. */
static gboolean
add_range (GHashTable *members, const char *range)
{
  gboolean out = *range == '^';
  g_auto (GStrv) ends = g_strsplit (range + out, "-", 2);
  guint64 first, last;

  if (ends[0] == NULL || !g_ascii_string_to_unsigned (g_strstrip (ends[0]), 10, 0, LARGEST_MEMBER, &first, NULL))
    return FALSE;
  last = first;
  if (ends[1] != NULL && !g_ascii_string_to_unsigned (g_strstrip (ends[1]), 10, first, LARGEST_MEMBER, &last, NULL))
    return FALSE;
  for (guint64 i = first; i <= last; i++)
    if (out)
      g_hash_table_remove (members, GUINT_TO_POINTER (i));
    else
      g_hash_table_add (members, GUINT_TO_POINTER (i));
  return TRUE;
}

/* %NULL for what is no such list. */
static GHashTable *
read_members (const char *text)
{
  g_autoptr (GHashTable) members = g_hash_table_new (NULL, NULL);
  g_auto (GStrv) ranges = g_strsplit (text, ",", -1);

  for (guint i = 0; ranges[i] != NULL; i++)
    if (!add_range (members, g_strstrip (ranges[i])))
      return NULL;
  return g_steal_pointer (&members);
}

static gboolean
is_same_list (const char *one, const char *other)
{
  g_autoptr (GHashTable) a = read_members (one);
  g_autoptr (GHashTable) b = a != NULL ? read_members (other) : NULL;
  GHashTableIter iter;
  gpointer member;

  if (b == NULL || g_hash_table_size (a) != g_hash_table_size (b))
    return FALSE;
  g_hash_table_iter_init (&iter, a);
  while (g_hash_table_iter_next (&iter, &member, NULL))
    if (!g_hash_table_contains (b, member))
      return FALSE;
  return TRUE;
}

gboolean
_valise_value_is_list (const char *text)
{
  g_autoptr (GHashTable) members = read_members (text);

  return members != NULL;
}

gboolean
_valise_value_get_last (const char *text, guint64 *last)
{
  g_autoptr (GHashTable) members = text != NULL ? read_members (text) : NULL;
  GHashTableIter iter;
  gpointer member;

  if (members == NULL || g_hash_table_size (members) == 0)
    return FALSE;
  *last = 0;
  g_hash_table_iter_init (&iter, members);
  while (g_hash_table_iter_next (&iter, &member, NULL))
    *last = MAX (*last, GPOINTER_TO_UINT (member));
  return TRUE;
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
