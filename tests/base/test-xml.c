/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-xml.h"

#include <string.h>

static char *
nested (guint depth)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, "<a>");
  for (guint i = 0; i < depth; i++)
    g_string_append (text, "</a>");
  return g_string_free (text, FALSE);
}

static const struct
{
  const char *name;
  const char *text;
  gssize length;
  int code; /* -1: fine */
} cases[] = {
  { "plain", "<domain/>", -1, -1 },
  { "declaration", "<?xml version='1.0' encoding='utf-8'?>\n<domain><!-- x --><a b='&#10;&apos;'/></domain>\n", -1,
    -1 },
  { "length", "<domain/>garbage", 9, -1 },
  { "unknown namespace prefix", "<domain><q:x/></domain>", -1, -1 },
  { "empty", "", -1, VALISE_XML_ERROR_SYNTAX },
  { "not xml", "hello", -1, VALISE_XML_ERROR_SYNTAX },
  { "cut off", "<domain><a>", -1, VALISE_XML_ERROR_SYNTAX },
  { "two roots", "<a/><b/>", -1, VALISE_XML_ERROR_SYNTAX },
  { "duplicate attribute", "<a b='1' b='2'/>", -1, VALISE_XML_ERROR_SYNTAX },
  { "undeclared entity", "<a>&b;</a>", -1, VALISE_XML_ERROR_SYNTAX },
  { "doctype", "<!DOCTYPE a><a/>", -1, VALISE_XML_ERROR_FORBIDDEN },
  { "external entity", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", -1,
    VALISE_XML_ERROR_FORBIDDEN },
  { "parameter entity", "<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://127.0.0.1:1/'> %x;]><a/>", -1,
    VALISE_XML_ERROR_FORBIDDEN },
  { "laughs",
    "<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'>"
    "<!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;'><!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;'>]><a b='&f;&f;&f;&f;'/>",
    -1, VALISE_XML_ERROR_FORBIDDEN },
  { "not utf-8", "<a>\xff\xfe</a>", -1, VALISE_XML_ERROR_FORBIDDEN },
  { "utf-16", "<\0a\0/\0>\0", 8, VALISE_XML_ERROR_FORBIDDEN },
  { "nul inside", "<a>\0</a>", 8, VALISE_XML_ERROR_FORBIDDEN },
  { "says latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xc3\xa4</a>", -1, VALISE_XML_ERROR_FORBIDDEN },
};

static void
test_cases (void)
{
  g_test_summary ("What is read, and what is refused with which code");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (xmlDoc) document = valise_xml_parse (cases[i].text, cases[i].length, "config.xml", &error);

      g_test_message ("%s: %s", cases[i].name, error != NULL ? error->message : "read");
      if (cases[i].code < 0)
        g_assert_no_error (error);
      else
        {
          g_assert_null (document);
          g_assert_error (error, VALISE_XML_ERROR, cases[i].code);
          g_assert_nonnull (strstr (error->message, "config.xml"));
          /* Others add a sentence of their own. */
          g_assert_true (g_str_has_suffix (error->message, "."));
          g_assert_false (g_str_has_suffix (error->message, ".."));
        }
    }
}

static void
test_position (void)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("An error says where");
  g_assert_null (valise_xml_parse ("<a>\n  <b>\n  </c>\n</a>", -1, "x.ovf", &error));
  g_assert_nonnull (strstr (error->message, "line 3"));
}

static void
test_depth (void)
{
  g_autofree char *deepest = nested (64), *too_deep = nested (65), *far_too_deep = nested (20000);
  g_autoptr (xmlDoc) document = valise_xml_parse (deepest, -1, "a", NULL);
  const char *const bad[] = { too_deep, far_too_deep };

  g_test_summary ("64 elements deep is read, 65 is not");
  g_assert_nonnull (document);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (valise_xml_parse (bad[i], -1, "a", &error));
      g_assert_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_LIMIT);
    }
}

static void
test_length (void)
{
  gsize length = 1 << 20;
  g_autofree char *text = g_strnfill (length + 1, ' ');
  g_autoptr (GError) error = NULL;
  g_autoptr (xmlDoc) document = NULL;

  g_test_summary ("1 MiB is read, one byte more is not");
  memcpy (text, "<a/>", 4);
  document = valise_xml_parse (text, (gssize) length, "a", &error);
  g_assert_no_error (error);
  g_assert_null (valise_xml_parse (text, (gssize) length + 1, "a", &error));
  g_assert_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_LIMIT);
}

static void
test_kept (void)
{
  g_autoptr (xmlDoc) document = valise_xml_parse ("<a>\n\n  <b/><![CDATA[x]]></a>", -1, "a", NULL);
  xmlNode *b = xmlFirstElementChild (xmlDocGetRootElement (document));

  g_test_summary ("Line numbers, white space and CDATA are kept");
  g_assert_cmpint (xmlGetLineNo (b), ==, 3);
  g_assert_cmpint (b->prev->type, ==, XML_TEXT_NODE);
  g_assert_cmpint (b->next->type, ==, XML_CDATA_SECTION_NODE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/xml/cases", test_cases);
  g_test_add_func ("/base/xml/position", test_position);
  g_test_add_func ("/base/xml/depth", test_depth);
  g_test_add_func ("/base/xml/length", test_length);
  g_test_add_func ("/base/xml/kept", test_kept);
  return g_test_run ();
}
