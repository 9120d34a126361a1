/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "document-fixture.h"

#include "base/valise-xml.h"

static void
test_fragments (void)
{
  g_autoptr (ValiseDocument) document = document_fixture_read ("desktop.xml");
  g_autofree char *before = g_strdup (valise_document_get_text (document));
  g_autofree char *disk = valise_document_get_fragment (document, "devices/disk[3]");
  g_autoptr (GError) error = NULL;

  g_test_summary ("An element taken out and put in again is where it was, byte for byte");
  g_assert_true (g_str_has_prefix (disk, "<disk type='file' device='disk'>"));
  g_assert_true (g_str_has_suffix (disk, "</disk>"));
  g_assert_true (valise_document_unset (document, "devices/disk[3]", &error));
  g_assert_cmpuint (valise_document_count (document, "devices/disk"), ==, 2);
  g_assert_true (valise_document_add_fragment (document, "devices", disk, &error));
  g_assert_cmpstr (valise_document_get_text (document), ==, before);
  g_assert_null (valise_document_get_fragment (document, "devices/disk[4]"));
  g_assert_null (valise_document_get_fragment (document, "@type"));
}

static const struct
{
  const char *name;
  const char *before;
  const char *parent;
  const char *xml;
  const char *after;
} additions[] = {
  { "indented to fit", "<domain>\n    <devices>\n        <a/>\n    </devices>\n</domain>", "devices",
    "<b>\n  <c/>\n</b>",
    "<domain>\n    <devices>\n        <a/>\n        <b>\n          <c/>\n        </b>\n    </devices>\n</domain>" },
  { "text is not layout", "<domain>\n  <a/>\n</domain>", "", "<b>\n<c>one\ntwo</c>\n<d>\n</d>\n</b>",
    "<domain>\n  <a/>\n  <b>\n  <c>one\ntwo</c>\n  <d>\n</d>\n  </b>\n</domain>" },
  { "behind its like", "<domain>\n  <a/>\n  <b/>\n</domain>", "", "<a x='1'/>",
    "<domain>\n  <a/>\n  <a x='1'/>\n  <b/>\n</domain>" },
  { "declaration dropped, comment kept", "<domain>\n  <a/>\n</domain>", "",
    "\n<?xml version='1.0'?>\n<!-- x -->\n<b/>\n", "<domain>\n  <a/>\n  <!-- x -->\n  <b/>\n</domain>" },
  { "parent is made", "<domain>\n  <a/>\n</domain>", "devices", "<disk/>",
    "<domain>\n  <a/>\n  <devices>\n    <disk/>\n  </devices>\n</domain>" },
  { "our prefix is declared", "<domain><metadata/></domain>", "metadata", "<valise:machine valise:a='1'/>",
    "<domain><metadata><valise:machine xmlns:valise='https://valise.page/bundle/1' "
    "valise:a='1'/></metadata></domain>" },
  { "our prefix is declared already", "<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'/>", "",
    "<qemu:commandline><qemu:arg value='-S'/></qemu:commandline>",
    "<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n  <qemu:commandline><qemu:arg "
    "value='-S'/></qemu:commandline>\n</domain>" },
  { "their own", "<domain><metadata/></domain>", "metadata",
    "<x:a xmlns:x='http://example.com/'><x:b xml:lang='en'/></x:a>",
    "<domain><metadata><x:a xmlns:x='http://example.com/'><x:b xml:lang='en'/></x:a></metadata></domain>" },
  { "CRLF", "<domain>\r\n  <a/>\r\n</domain>", "", "<b>\n  <c/>\n</b>",
    "<domain>\r\n  <a/>\r\n  <b>\r\n    <c/>\r\n  </b>\r\n</domain>" },
};

static void
test_add_fragment (void)
{
  const char *const bad[] = {
    "",       "text",         "<a>",          "<a/><b/>", "<!DOCTYPE a><a/>", "<a>&b;</a>", "</devices><devices>",
    "<x:a/>", "<a x:b='1'/>", "<a><x:b/></a>"
  };

  g_test_summary ("A fragment goes in as its new siblings stand");
  for (gsize i = 0; i < G_N_ELEMENTS (additions); i++)
    {
      g_autoptr (ValiseDocument) document = document_fixture_parse (additions[i].before);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", additions[i].name);
      valise_document_add_fragment (document, additions[i].parent, additions[i].xml, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (valise_document_get_text (document), ==, additions[i].after);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (ValiseDocument) document = document_fixture_parse ("<domain><devices/></domain>");
      g_autoptr (GError) error = NULL;

      g_assert_false (valise_document_add_fragment (document, "devices", bad[i], &error));
      g_assert_nonnull (error);
      g_assert_cmpstr (valise_document_get_text (document), ==, "<domain><devices/></domain>");
    }
}

static void
test_deep_fragment (void)
{
  GString *outer = g_string_new (NULL), *inner = g_string_new (NULL), *path = g_string_new ("a");
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;

  g_test_summary ("Two halves that are too deep together are refused");
  for (guint i = 0; i < 40; i++)
    {
      g_string_append (outer, "<a>");
      g_string_append (inner, "<b>");
      g_string_append (path, i < 39 ? "/a" : "");
    }
  for (guint i = 0; i < 40; i++)
    {
      g_string_append (outer, "</a>");
      g_string_append (inner, "</b>");
    }
  g_string_prepend (outer, "<domain>");
  g_string_append (outer, "</domain>");
  document = document_fixture_parse (outer->str);
  before = g_strdup (valise_document_get_text (document));
  g_assert_true (valise_document_has (document, path->str));
  g_assert_false (valise_document_add_fragment (document, path->str, inner->str, &error));
  g_assert_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_LIMIT);
  g_assert_cmpstr (valise_document_get_text (document), ==, before);
  g_string_free (outer, TRUE);
  g_string_free (inner, TRUE);
  g_string_free (path, TRUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/document-fragment/round-trip", test_fragments);
  g_test_add_func ("/bundle/document-fragment/add", test_add_fragment);
  g_test_add_func ("/bundle/document-fragment/deep", test_deep_fragment);
  return g_test_run ();
}
