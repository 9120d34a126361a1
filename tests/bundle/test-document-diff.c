/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "document-fixture.h"

#include "base/valise-xml.h"

#include <string.h>

#define BATCHES 10
#define ROUNDS 20

static const struct
{
  const char *name;
  const char *before;
  const char *after;
  const char *changes[6][3];
} diffs[] = {
  { "nothing", "<domain a='1'><b/></domain>", "<domain  a=\"1\">\n<!-- x --><b></b>\n</domain>", { { NULL } } },
  { "a value",
    "<domain a='1'><vcpu>2</vcpu></domain>",
    "<domain a='2'><vcpu>4</vcpu></domain>",
    { { "@a", "1", "2" }, { "vcpu", "2", "4" } } },
  { "come and gone",
    "<domain><a x='1'/></domain>",
    "<domain><a y='1'/></domain>",
    { { "a/@y", NULL, "1" }, { "a/@x", "1", NULL } } },
  { "an element", "<domain><f/></domain>", "<domain><f><acpi/></f></domain>", { { "f/acpi", NULL, "" } } },
  { "the first disk goes",
    "<domain><devices><disk d='1'><target dev='a'/></disk><disk d='2'><target dev='b'/></disk></devices></domain>",
    "<domain><devices><disk d='2'><target dev='b'/></disk></devices></domain>",
    { { "devices/disk[1]/@d", "1", NULL }, { "devices/disk[1]/target/@dev", "a", NULL } } },
  { "a disk in between",
    "<domain><devices><disk><target dev='a'/></disk><disk><target dev='c'/></disk></devices></domain>",
    "<domain><devices><disk><target dev='a'/></disk><disk><target dev='b'/></disk><disk><target dev='c' "
    "bus='x'/></disk></devices></domain>",
    { { "devices/disk[2]/target/@dev", NULL, "b" }, { "devices/disk[3]/target/@bus", NULL, "x" } } },
  { "order is no change",
    "<domain><devices><interface><mac address='1'/></interface><interface><mac "
    "address='2'/></interface></devices></domain>",
    "<domain><devices><interface><mac address='2'/></interface><interface><mac "
    "address='1'/></interface></devices></domain>",
    { { NULL } } },
  { "controllers",
    "<domain><devices><controller type='usb' index='0' model='a'/><controller type='pci' "
    "index='0'/></devices></domain>",
    "<domain><devices><controller type='pci' index='0'/><controller type='usb' index='0' "
    "model='b'/></devices></domain>",
    { { "devices/controller[2]/@model", "a", "b" } } },
  { "by place",
    "<domain><os><boot dev='cdrom'/><boot dev='hd'/></os></domain>",
    "<domain><os><boot dev='hd'/></os></domain>",
    { { "os/boot/@dev", "cdrom", "hd" }, { "os/boot[2]/@dev", "hd", NULL } } },
};

static void
test_diff (void)
{
  g_test_summary ("Which leaves differ, with devices matched by what they are");
  for (gsize i = 0; i < G_N_ELEMENTS (diffs); i++)
    {
      g_autoptr (ValiseDocument) before = document_fixture_parse (diffs[i].before),
                                 after = document_fixture_parse (diffs[i].after);
      g_autoptr (GPtrArray) changes = valise_document_diff (before, after);
      guint n = 0;

      for (; n < changes->len; n++)
        {
          ValiseDocumentChange *change = g_ptr_array_index (changes, n);

          g_test_message ("%s: %s %s -> %s", diffs[i].name, change->path, change->before, change->after);
          g_assert_cmpstr (change->path, ==, diffs[i].changes[n][0]);
          g_assert_cmpstr (change->before, ==, diffs[i].changes[n][1]);
          g_assert_cmpstr (change->after, ==, diffs[i].changes[n][2]);
        }
      g_test_message ("%s: %u changes", diffs[i].name, n);
      g_assert_null (diffs[i].changes[n][0]);
    }
}

static void
test_copy (void)
{
  g_autoptr (ValiseDocument) document = document_fixture_read ("minimal.xml");
  g_autoptr (ValiseDocument) copy = valise_document_copy (document);
  g_autofree char *vcpu = NULL;

  g_test_summary ("A copy lives its own life");
  g_assert_true (valise_document_set (copy, "vcpu", "8", NULL));
  vcpu = valise_document_get (document, "vcpu");
  g_assert_cmpstr (vcpu, ==, "2");
}

static gint64
time_get (ValiseDocument *document)
{
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autofree char *value = valise_document_get (document, "devices/disk[60]/driver/@cache");

      g_assert_cmpstr (value, ==, "writeback");
    }
  return g_get_monotonic_time () - start;
}

static gint64
time_set (ValiseDocument *document)
{
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < ROUNDS; i++)
    g_assert_true (valise_document_set (document, "devices/disk[60]/serial", i % 2 ? "one" : "two", NULL));
  return g_get_monotonic_time () - start;
}

static void
test_fast (void)
{
  g_autoptr (ValiseDocument) document = document_fixture_read ("many-disks.xml");
  g_autofree char *disk = valise_document_get_fragment (document, "devices/disk[12]");
  gint64 get = G_MAXINT64, set = G_MAXINT64;

  g_test_summary ("Reading takes microseconds, writing well under a millisecond");
  while (valise_document_get_length (document) < 20000)
    g_assert_true (valise_document_add_fragment (document, "devices", disk, NULL));
  /* The best of several, since the computer may be busy meanwhile. */
  for (guint i = 0; i < BATCHES; i++)
    {
      get = MIN (get, time_get (document));
      set = MIN (set, time_set (document));
    }
  g_test_message ("%" G_GSIZE_FORMAT " bytes: get %.2f us, set %.1f us", valise_document_get_length (document),
                  (double) get / ROUNDS, (double) set / ROUNDS);
  /* Wide enough for a sanitized build on a busy machine, narrow enough to notice another order of growth. */
  g_assert_cmpint (get / ROUNDS, <, 1000);
  g_assert_cmpint (set / ROUNDS, <, 20000);
}

static void
test_many (void)
{
  GString *most = g_string_new ("<domain><devices>"), *more;
  g_autoptr (ValiseDocument) before = NULL, after = NULL;
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start;

  g_test_summary ("Ten thousand devices are compared in a moment, and more are refused");
  for (guint i = 0; i < 9990; i++)
    g_string_append (most, "<disk/>");
  more = g_string_new (most->str);
  g_string_append (most, "</devices></domain>");
  g_string_append (more, "<a/><a/><a/><a/><a/><a/><a/><a/><a/></devices></domain>");
  before = document_fixture_parse (most->str);
  after = valise_document_copy (before);
  g_assert_true (valise_document_unset (after, "devices/disk[5000]", NULL));
  start = g_get_monotonic_time ();
  changes = valise_document_diff (before, after);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 20 * G_USEC_PER_SEC);
  g_assert_cmpuint (changes->len, ==, 1);
  g_assert_null (valise_document_new (more->str, -1, "config.xml", &error));
  g_assert_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_LIMIT);
  g_clear_error (&error);
  for (guint i = 0; i < 9; i++)
    valise_document_add_fragment (before, "", "<a/>", &error);
  g_assert_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_LIMIT);
  g_string_free (most, TRUE);
  g_string_free (more, TRUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/document-diff/cases", test_diff);
  g_test_add_func ("/bundle/document-diff/copy", test_copy);
  g_test_add_func ("/bundle/document-diff/fast", test_fast);
  g_test_add_func ("/bundle/document-diff/many", test_many);
  return g_test_run ();
}
