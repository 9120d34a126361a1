/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-vmx-text.h"

#include <string.h>

typedef struct
{
  char *value;
  guint line;
} Entry;

struct _ValiseVmxText
{
  char *name;
  char **lines;
  GHashTable *entries; /* key in lower case: Entry */
  char *contradiction;
};

/* What VMware has been seen to write, and what the C library calls it. A name from a stranger is never handed on. */
static const struct
{
  const char *written, *known;
} encodings[] = {
  { "UTF-8", "UTF-8" },
  { "US-ASCII", "WINDOWS-1252" },
  { "windows-1250", "WINDOWS-1250" },
  { "windows-1251", "WINDOWS-1251" },
  { "windows-1252", "WINDOWS-1252" },
  { "windows-1253", "WINDOWS-1253" },
  { "windows-1254", "WINDOWS-1254" },
  { "windows-1255", "WINDOWS-1255" },
  { "windows-1256", "WINDOWS-1256" },
  { "windows-1257", "WINDOWS-1257" },
  { "windows-1258", "WINDOWS-1258" },
  { "windows-874", "CP874" },
  { "ISO-8859-1", "ISO-8859-1" },
  { "ISO-8859-2", "ISO-8859-2" },
  { "ISO-8859-15", "ISO-8859-15" },
  { "Shift_JIS", "CP932" },
  { "windows-932", "CP932" },
  { "windows-31j", "CP932" },
  { "EUC-JP", "EUC-JP" },
  { "GBK", "GBK" },
  { "GB2312", "GBK" },
  { "windows-936", "GBK" },
  { "GB18030", "GB18030" },
  { "Big5", "BIG5" },
  { "windows-950", "CP950" },
  { "EUC-KR", "EUC-KR" },
  { "windows-949", "UHC" },
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->value);
  g_free (entry);
}

/* --- one line --- */

/* “|22” is a quotation mark. Bytes that make no character stay as they are written. */
static char *
unescape (const char *text, gsize length)
{
  g_autoptr (GString) plain = g_string_sized_new (length);

  for (gsize i = 0; i < length; i++)
    {
      gboolean escape =
          text[i] == '|' && i + 2 < length && g_ascii_isxdigit (text[i + 1]) && g_ascii_isxdigit (text[i + 2]);
      int byte = escape ? g_ascii_xdigit_value (text[i + 1]) * 16 + g_ascii_xdigit_value (text[i + 2]) : 0;

      if (byte > 0 && byte < 0x80)
        i += 2;
      g_string_append_c (plain, byte > 0 && byte < 0x80 ? (char) byte : text[i]);
    }
  return g_string_free (g_steal_pointer (&plain), FALSE);
}

static char *
read_value (const char *text)
{
  g_autofree char *bare = NULL;
  const char *end;

  while (g_ascii_isspace (*text))
    text++;
  if (*text == '"')
    {
      end = strchr (text + 1, '"');
      return unescape (text + 1, end != NULL ? (gsize) (end - text - 1) : strlen (text + 1));
    }
  bare = g_strndup (text, strcspn (text, "#"));
  g_strchomp (bare);
  return unescape (bare, strlen (bare));
}

static void
add_line (ValiseVmxText *self, const char *line, guint number)
{
  const char *equals = strchr (line, '=');
  g_autofree char *key = NULL;
  Entry *entry, *before;

  while (g_ascii_isspace (*line))
    line++;
  if (*line == '#' || equals == NULL || equals <= line)
    return;
  key = g_ascii_strdown (line, equals - line);
  g_strchomp (key);
  entry = g_new0 (Entry, 1);
  entry->value = read_value (equals + 1);
  entry->line = number;
  before = g_hash_table_lookup (self->entries, key);
  if (before != NULL && self->contradiction == NULL && !g_str_equal (before->value, entry->value))
    self->contradiction = g_strdup (key);
  g_hash_table_replace (self->entries, g_steal_pointer (&key), entry);
}

/* --- the whole text --- */

static void
add_lines (ValiseVmxText *self, const char *text)
{
  self->lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; self->lines[i] != NULL; i++)
    {
      gsize length = strlen (self->lines[i]);

      if (length > 0 && self->lines[i][length - 1] == '\r')
        self->lines[i][length - 1] = '\0';
      add_line (self, self->lines[i], i + 1);
    }
}

static void
clear (ValiseVmxText *self)
{
  g_hash_table_remove_all (self->entries);
  g_clear_pointer (&self->lines, g_strfreev);
  g_clear_pointer (&self->contradiction, g_free);
}

/* The line may stand anywhere, and its key and value are ASCII in every encoding of the table. */
static const char *
find_encoding (ValiseVmxText *self, const char *bytes)
{
  const char *written;

  add_lines (self, bytes);
  written = valise_vmx_text_get_filled (self, ".encoding");
  if (written == NULL)
    written = valise_vmx_text_get_filled (self, "encoding");
  for (gsize i = 0; written != NULL && i < G_N_ELEMENTS (encodings); i++)
    if (g_ascii_strcasecmp (encodings[i].written, written) == 0)
      return encodings[i].known;
  return g_utf8_validate (bytes, -1, NULL) ? "UTF-8" : "WINDOWS-1252";
}

static char *
to_utf8 (ValiseVmxText *self, const char *bytes)
{
  const char *encoding = find_encoding (self, bytes);
  char *text = NULL;

  clear (self);
  if (!g_str_equal (encoding, "UTF-8"))
    text = g_convert_with_fallback (bytes, -1, "UTF-8", encoding, "?", NULL, NULL, NULL);
  return text != NULL ? text : g_utf8_make_valid (bytes, -1);
}

ValiseVmxText *
valise_vmx_text_parse (GBytes *bytes, const char *name)
{
  g_autoptr (ValiseVmxText) self = NULL;
  g_autofree char *copy = NULL, *text = NULL;
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  if (length == 0 || memchr (data, '\0', length) != NULL)
    return NULL;
  self = g_new0 (ValiseVmxText, 1);
  self->name = g_strdup (name);
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  if (length >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    data += 3, length -= 3;
  copy = g_strndup (data, length);
  text = to_utf8 (self, copy);
  add_lines (self, text);
  return g_steal_pointer (&self);
}

void
valise_vmx_text_free (ValiseVmxText *self)
{
  g_free (self->name);
  g_strfreev (self->lines);
  g_hash_table_unref (self->entries);
  g_free (self->contradiction);
  g_free (self);
}

/* --- asked --- */

static const Entry *
lookup (ValiseVmxText *self, const char *key)
{
  g_autofree char *folded = g_ascii_strdown (key, -1);

  return g_hash_table_lookup (self->entries, folded);
}

const char *
valise_vmx_text_get (ValiseVmxText *self, const char *key)
{
  const Entry *entry = lookup (self, key);

  return entry != NULL ? entry->value : NULL;
}

const char *
valise_vmx_text_get_filled (ValiseVmxText *self, const char *key)
{
  const char *value = valise_vmx_text_get (self, key);

  return value != NULL && *value != '\0' ? value : NULL;
}

gboolean
valise_vmx_text_is_on (ValiseVmxText *self, const char *key)
{
  const char *value = valise_vmx_text_get (self, key);

  return value != NULL && (g_ascii_strcasecmp (value, "true") == 0 || g_str_equal (value, "1"));
}

char *
valise_vmx_text_place (ValiseVmxText *self, const char *key)
{
  const Entry *entry = lookup (self, key);

  return entry != NULL ? g_strdup_printf ("%s:%u", self->name, entry->line) : g_strdup (self->name);
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
valise_vmx_text_keys (ValiseVmxText *self)
{
  GPtrArray *keys = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (keys, key);
  g_ptr_array_sort (keys, compare_keys);
  return keys;
}

const char *
valise_vmx_text_contradiction (ValiseVmxText *self)
{
  return self->contradiction;
}

char **
valise_vmx_text_lines (ValiseVmxText *self)
{
  return self->lines;
}
