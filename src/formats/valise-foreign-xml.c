/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-foreign-xml.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-size.h"

#define LONGEST ((gsize) 4 * VALISE_MIB)

/* Converters are programs of their own; only those of plain code pages are let loose on a stranger's bytes. */
static const char *const code_pages[] = {
  "iso-8859-", "windows-125", "cp125", "gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "koi8-r",
};

static const char *const plain_encodings[] = { "utf-8", "utf8", "us-ascii", "ascii" };

static gboolean
is_code_page (const char *encoding)
{
  g_autofree char *lower = g_ascii_strdown (encoding, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (code_pages); i++)
    if (g_str_has_prefix (lower, code_pages[i])
        && strspn (lower, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen (lower))
      return strlen (lower) <= strlen ("windows-1252") + 1;
  return FALSE;
}

static gboolean
is_plain (const char *encoding)
{
  for (gsize i = 0; i < G_N_ELEMENTS (plain_encodings); i++)
    if (g_ascii_strcasecmp (encoding, plain_encodings[i]) == 0)
      return TRUE;
  return FALSE;
}

/* The end of "<?xml ...?>", or 0 when there is none. */
static gsize
declaration_length (const char *text, gsize length)
{
  const char *end;

  if (length < 7 || memcmp (text, "<?xml", 5) != 0)
    return 0;
  end = g_strstr_len (text, (gssize) MIN (length, 400), "?>");
  return end != NULL ? (gsize) (end - text) + 2 : 0;
}

static char *
declared_encoding (const char *text, gsize length)
{
  g_autofree char *head = g_strndup (text, declaration_length (text, length));
  char *at = strstr (head, "encoding");
  gsize span;

  at = at != NULL ? strpbrk (at, "'\"") : NULL;
  if (at == NULL)
    return NULL;
  span = strcspn (at + 1, "'\"");
  return g_strndup (at + 1, span);
}

/* UTF-16 shows by its mark, or by the NUL that stands in the first "<". */
static const char *
wide_encoding (const guchar *bytes, gsize length)
{
  if (length < 4)
    return NULL;
  if ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == '<' && bytes[1] == 0))
    return "UTF-16LE";
  if ((bytes[0] == 0xfe && bytes[1] == 0xff) || (bytes[0] == 0 && bytes[1] == '<'))
    return "UTF-16BE";
  return NULL;
}

static char *
convert (const char *text, gsize length, const char *encoding)
{
  return g_convert (text, (gssize) length, "UTF-8", encoding, NULL, NULL, NULL);
}

/* As UTF-8 that ends with a NUL, or as it is when nothing is known about it. */
static char *
to_utf8 (const char *text, gsize length, gboolean *lied)
{
  const char *wide = wide_encoding ((const guchar *) text, length);
  g_autofree char *declared = NULL;
  char *converted = NULL;

  *lied = FALSE;
  if (wide != NULL)
    return convert (text, length, wide);
  declared = declared_encoding (text, length);
  if (declared == NULL || is_plain (declared))
    return NULL;
  if (!g_utf8_validate_len (text, length, NULL) && is_code_page (declared))
    converted = convert (text, length, declared);
  *lied = converted == NULL;
  return converted;
}

/* What was said about the encoding is settled, so the parser does not see it; the lines stay where they are. */
static char *
without_declaration (const char *text, gsize length)
{
  char *copy = g_malloc (length + 1);

  memcpy (copy, text, length);
  copy[length] = '\0';
  for (gsize i = 0, end = declaration_length (text, length); i < end; i++)
    if (copy[i] != '\n')
      copy[i] = ' ';
  return copy;
}

xmlDoc *
valise_foreign_xml_parse (GBytes *bytes, const char *name, gboolean *lied, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  gboolean lie = FALSE;
  g_autofree char *converted = NULL, *bare = NULL;

  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    {
      text += 3;
      length -= 3;
    }
  converted = length > 0 ? to_utf8 (text, length, &lie) : NULL;
  if (converted != NULL)
    {
      length = strlen (converted);
      text = g_str_has_prefix (converted, "\xef\xbb\xbf") ? converted + 3 : converted;
      length -= (gsize) (text - converted);
    }
  if (lied != NULL)
    *lied = lie;
  bare = without_declaration (text != NULL ? text : "", length);
  return valise_xml_parse_up_to (bare, (gssize) length, LONGEST, name, error);
}

/* --- by local name --- */

gboolean
valise_foreign_xml_is (const xmlNode *node, const char *local)
{
  return node != NULL && node->type == XML_ELEMENT_NODE && g_ascii_strcasecmp ((const char *) node->name, local) == 0;
}

xmlNode *
valise_foreign_xml_next (xmlNode *node, const char *local)
{
  while (node != NULL && !valise_foreign_xml_is (node, local))
    node = node->next;
  return node;
}

xmlNode *
valise_foreign_xml_child (const xmlNode *parent, const char *local)
{
  return parent != NULL ? valise_foreign_xml_next (parent->children, local) : NULL;
}

char *
valise_foreign_xml_attribute (const xmlNode *node, const char *local)
{
  for (const xmlAttr *at = node != NULL ? node->properties : NULL; at != NULL; at = at->next)
    if (g_ascii_strcasecmp ((const char *) at->name, local) == 0)
      {
        g_autoptr (ValiseXmlChar) value = xmlNodeGetContent ((const xmlNode *) at);

        return g_strstrip (g_strdup ((const char *) value));
      }
  return NULL;
}

char *
valise_foreign_xml_text (const xmlNode *parent, const char *local)
{
  const xmlNode *child = valise_foreign_xml_child (parent, local);
  g_autoptr (ValiseXmlChar) content = child != NULL ? xmlNodeGetContent (child) : NULL;
  g_autofree char *text = content != NULL ? g_strstrip (g_strdup ((const char *) content)) : NULL;

  return text != NULL && *text != '\0' ? g_steal_pointer (&text) : NULL;
}

char *
valise_foreign_xml_place (const xmlNode *node, const char *name)
{
  return g_strdup_printf (_ ("%s, line %ld"), name, xmlGetLineNo (node));
}
