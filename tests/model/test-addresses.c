/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model-fixture.h"

#include <string.h>

#include "model/valise-effective.h"

static ValiseDocument *
parse (const char *name)
{
  g_autofree char *text = model_fixture_read (name);
  g_autoptr (GError) error = NULL;
  ValiseDocument *document = valise_document_new (text, -1, name, &error);

  g_assert_no_error (error);
  return document;
}

static ValiseDocument *
keep (void)
{
  ValiseDocument *stored = parse ("addresses-stored.xml");
  g_autoptr (ValiseDocument) live = parse ("addresses-live.xml");
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_effective_keep_addresses (stored, live, &error));
  g_assert_no_error (error);
  g_test_message ("%s", valise_document_get_text (stored));
  return stored;
}

static void
test_places (void)
{
  static const char *const expected[][2] = {
    { "os/type/@machine", "pc-q35-7.2" },
    { "os/type/@arch", "x86_64" },
    { "devices/disk[1]/address/@bus", "0x04" },
    { "devices/disk[2]/address/@bus", NULL }, /* not granted: it was not there */
    { "devices/disk[3]/address/@type", "drive" },
    { "devices/disk[3]/address/@unit", "0" },
    { "devices/controller[@type='usb']/address/@bus", "0x02" },
    { "devices/interface[1]/address/@bus", "0x01" }, /* matched whatever the case of the MAC */
    { "devices/interface[2]/address/@bus", "0x09" },
    { "devices/serial[1]/address/@type", NULL },
    { "devices/channel/address/@port", "1" },
    { "devices/input[1]/address/@port", "1" },
    { "devices/input[2]/address/@port", "2" },
    { "devices/hostdev/address/@type", NULL },
    { "devices/video/address/@slot", "0x01" },
    { "devices/memballoon/address/@bus", "0x05" },
    { "devices/rng[1]/address/@bus", "0x06" },
    { "devices/rng[2]/address/@bus", "0x07" },
    { "devices/controller[@index='9']/model/@name", "pcie-root-port" },
    { "devices/controller[@index='9']/target/@chassis", "9" },
    { "devices/controller[@index='9']/address/@slot", "0x03" },
    { "devices/controller[@type='sata']/address/@slot", "0x1f" },
    { "devices/controller[@type='virtio-serial']/address/@bus", "0x03" },
  };
  g_autoptr (ValiseDocument) stored = keep ();

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *value = valise_document_get (stored, expected[i][0]);

      g_test_message ("%s", expected[i][0]);
      g_assert_cmpstr (value, ==, expected[i][1]);
    }
}

/* Addresses, controllers and the machine type; nothing else of what libvirt made of it, and not a byte of what was
 * written by hand is lost. */
static void
test_nothing_else (void)
{
  static const char *const foreign[] = { "alias",         "/bundle",  "/embed",       "/dev/pts",
                                         "emulator",      "seclabel", "backingStore", "graphics",
                                         "currentMemory", "lahf_lm",  "<console",     "ps2",
                                         "resource",      "clock",    "tainted",      "id='1'" };
  g_autoptr (ValiseDocument) before = parse ("addresses-stored.xml");
  g_autoptr (ValiseDocument) stored = keep ();
  g_autoptr (GPtrArray) changes = valise_document_diff (before, stored);

  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    {
      g_test_message ("%s", foreign[i]);
      g_assert_null (strstr (valise_document_get_text (stored), foreign[i]));
    }
  g_assert_nonnull (strstr (valise_document_get_text (stored), "<!-- the disk with everything -->"));
  g_assert_nonnull (strstr (valise_document_get_text (stored), "machine=\"pc-q35-7.2\""));
  for (guint i = 0; i < changes->len; i++)
    {
      const ValiseDocumentChange *change = changes->pdata[i];

      g_test_message ("%s: %s -> %s", change->path, change->before, change->after);
      g_assert_nonnull (change->after);
      g_assert_true (strstr (change->path, "/address") != NULL || g_str_has_prefix (change->path, "devices/controller")
                     || g_str_has_prefix (change->path, "os/type/@"));
    }
}

static void
test_twice (void)
{
  g_autoptr (ValiseDocument) stored = keep ();
  g_autoptr (ValiseDocument) live = parse ("addresses-live.xml");
  g_autofree char *text = g_strdup (valise_document_get_text (stored));
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_effective_keep_addresses (stored, live, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (valise_document_get_text (stored), ==, text);
}

/* The first input is gone: the second must not get its place. */
static void
test_after_removal (void)
{
  g_autoptr (ValiseDocument) stored = keep ();
  g_autoptr (ValiseDocument) live = parse ("addresses-live.xml");
  g_autofree char *type = NULL;
  g_autofree char *port = NULL;

  g_assert_true (valise_document_unset (stored, "devices/input[1]", NULL));
  g_assert_false (valise_effective_keep_addresses (stored, live, NULL));
  type = valise_document_get (stored, "devices/input/@type");
  port = valise_document_get (stored, "devices/input/address/@port");
  g_assert_cmpstr (type, ==, "keyboard");
  g_assert_cmpstr (port, ==, "2");
}

static void
test_no_devices (void)
{
  g_autoptr (ValiseDocument) stored = valise_document_new ("<domain><name>x</name></domain>", -1, "x", NULL);
  g_autoptr (ValiseDocument) live = valise_document_new ("<domain><name>x</name></domain>", -1, "x", NULL);

  g_assert_false (valise_effective_keep_addresses (stored, live, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/addresses/places", test_places);
  g_test_add_func ("/model/addresses/nothing-else", test_nothing_else);
  g_test_add_func ("/model/addresses/twice", test_twice);
  g_test_add_func ("/model/addresses/after-removal", test_after_removal);
  g_test_add_func ("/model/addresses/no-devices", test_no_devices);
  return g_test_run ();
}
