/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model-fixture.h"

#include <glib/gstdio.h>

#include "base/valise-size.h"
#include "base/valise-xml.h"

static const char *const q35 = "domcaps-q35-tcg.xml";

/* What can be chosen (reason "") and what cannot, with a word of its reason. */
static const struct
{
  const char *domain;
  const char *knob;
  const char *machine;
  const char *value;
  const char *reason;
} options[] = {
  { "domcaps-q35-tcg.xml", "os/type/@machine", NULL, "q35", "" },
  { "domcaps-q35-tcg.xml", "os/type/@machine", NULL, "pc", "" },
  { "domcaps-q35-tcg.xml", "os/type/@machine", NULL, "pc-q35-2.12", "" },
  { "domcaps-q35-tcg.xml", "os/type/@machine", NULL, "microvm", "PCI" },
  { "domcaps-q35-tcg.xml", "os/type/@machine", NULL, "x-remote", "not a computer" },
  { "domcaps-q35-tcg.xml", "cpu/model", NULL, "Nehalem", "" },
  { "domcaps-q35-tcg.xml", "cpu/model", NULL, "EPYC", "processor" },
  { "domcaps-q35-kvm.xml", "cpu/model", NULL, "qemu64", "processor" },
  { "domcaps-q35-tcg.xml", "cpu/@mode", NULL, "host-passthrough", "" },
  { "domcaps-q35-tcg.xml", "cpu/@mode", NULL, "maximum", "" },
  { "domcaps-q35-tcg.xml", "devices/disk/target/@bus", "q35", "virtio", "" },
  { "domcaps-q35-tcg.xml", "devices/disk[3]/target/@bus", "pc-q35-7.2", "ide", "IDE" },
  { "domcaps-q35-tcg.xml", "devices/disk/target/@bus", NULL, "ide", "IDE" },
  { "domcaps-q35-tcg.xml", "devices/disk/target/@bus", "pc", "ide", "" },
  { "domcaps-pc-tcg.xml", "devices/disk/target/@bus", "pc-i440fx-7.2", "ide", "" },
  { "domcaps-pc-tcg.xml", "devices/disk/target/@bus", "q35", "ide", "IDE" },
  { "domcaps-q35-tcg.xml", "devices/disk/target/@bus", "q35", "fdc", "floppy" },
  { "domcaps-q35-tcg.xml", "devices/video/model/@type", "q35", "virtio", "" },
  { "domcaps-q35-tcg.xml", "devices/rng/backend/@model", NULL, "builtin", "" },
  { "domcaps-q35-tcg.xml", "devices/tpm/@model", NULL, "tpm-crb", "swtpm" },
  { "domcaps-q35-tcg.xml", "devices/input/@bus", NULL, "usb", "" },
  { "domcaps-q35-tcg.xml", "devices/sound/@model", NULL, "ich9", "" },
  { "domcaps-q35-tcg.xml", "os/firmware/feature[@name='secure-boot']/@enabled", "q35", "yes", "" },
  { "domcaps-q35-tcg.xml", "os/firmware/feature[@name='secure-boot']/@enabled", "pc", "yes", "q35" },
  { "domcaps-q35-tcg.xml", "metadata/valise:machine/@accel", NULL, "kvm", "" },
};

static const ValiseOption *
find (GPtrArray *all, const char *value)
{
  for (guint i = 0; all != NULL && i < all->len; i++)
    {
      const ValiseOption *option = all->pdata[i];

      if (g_str_equal (option->value, value))
        return option;
    }
  return NULL;
}

static void
test_options (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autoptr (ValiseCapabilities) capabilities = model_fixture_capabilities (options[i].domain);
      g_autoptr (GPtrArray) all = valise_capabilities_options (capabilities, options[i].knob, NULL, options[i].machine);
      const ValiseOption *option = find (all, options[i].value);

      g_test_message ("%s = %s", options[i].knob, options[i].value);
      g_assert_nonnull (option);
      g_assert_cmpstr (option->label, !=, "");
      if (*options[i].reason == '\0')
        g_assert_cmpstr (option->reason, ==, NULL);
      else
        g_assert_nonnull (strstr (option->reason, options[i].reason));
    }
}

static void
test_free_value (void)
{
  g_autoptr (ValiseCapabilities) capabilities = model_fixture_capabilities (q35);

  g_assert_null (valise_capabilities_options (capabilities, "vcpu", NULL, NULL));
  g_assert_null (valise_capabilities_options (capabilities, "devices/disk/source/@file", NULL, "q35"));
}

/* Aliases first, then the newest: nobody should have to look for what they want. */
static void
test_order (void)
{
  g_autoptr (ValiseCapabilities) capabilities = model_fixture_capabilities (q35);
  g_autoptr (GPtrArray) all = valise_capabilities_options (capabilities, "os/type/@machine", NULL, NULL);
  static const char *const expected[] = { "q35", "pc", "pc-q35-7.2", "pc-q35-7.1" };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (((ValiseOption *) all->pdata[i])->value, ==, expected[i]);
}

static void
test_blockers (void)
{
  static const char xml[] = "<domainCapabilities><arch>x86_64</arch><cpu><mode name='custom' supported='yes'>"
                            "<model usable='no' vendor='Intel'>Broadwell</model>"
                            "<blockers model='Broadwell'><feature name='hle'/><feature name='rtm'/></blockers>"
                            "</mode></cpu></domainCapabilities>";
  g_autoptr (ValiseCapabilities) capabilities = valise_capabilities_new (xml, NULL, 1, 0, NULL);
  g_autoptr (GPtrArray) all = valise_capabilities_options (capabilities, "cpu/model", NULL, NULL);

  g_assert_nonnull (strstr (find (all, "Broadwell")->reason, "hle, rtm"));
}

static void
test_facts (void)
{
  g_autoptr (ValiseCapabilities) capabilities = model_fixture_capabilities (q35);

  g_assert_cmpuint (valise_capabilities_get_cpus (capabilities), ==, 8);
  g_assert_cmpuint (valise_capabilities_get_memory (capabilities), ==, 16 * VALISE_GIB);
}

static void
assert_reason (ValiseCapabilities *capabilities, ValiseFirmware firmware, const char *word)
{
  g_autofree char *reason = valise_capabilities_firmware_reason (capabilities, firmware);

  if (word == NULL)
    g_assert_cmpstr (reason, ==, NULL);
  else
    g_assert_nonnull (strstr (reason, word));
}

static void
test_firmware (void)
{
  g_autoptr (ValiseCapabilities) capabilities = model_fixture_capabilities (q35);
  g_autofree char *before = g_strdup (g_getenv ("VALISE_FIRMWARE_DIR"));
  g_autoptr (ValiseCapabilities) bare = NULL;
  g_autoptr (ValiseCapabilities) plain = NULL;
  g_autofree char *text = model_fixture_read ("firmware/60-plain.json");
  g_autofree char *only = g_build_filename (model_fixture_directory (), "firmware", NULL);
  g_autofree char *file = g_build_filename (only, "60-plain.json", NULL);

  for (int kind = VALISE_FIRMWARE_BIOS; kind <= VALISE_FIRMWARE_UEFI_SECURE; kind++)
    assert_reason (capabilities, kind, NULL);

  g_assert_cmpint (g_mkdir (only, 0700), ==, 0);
  g_setenv ("VALISE_FIRMWARE_DIR", only, TRUE);
  bare = model_fixture_capabilities (q35);
  assert_reason (bare, VALISE_FIRMWARE_BIOS, NULL);
  assert_reason (bare, VALISE_FIRMWARE_UEFI, "ovmf");
  assert_reason (bare, VALISE_FIRMWARE_UEFI_SECURE, "ovmf");

  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  plain = model_fixture_capabilities (q35);
  assert_reason (plain, VALISE_FIRMWARE_UEFI, NULL);
  assert_reason (plain, VALISE_FIRMWARE_UEFI_SECURE, "Secure Boot");
  g_setenv ("VALISE_FIRMWARE_DIR", before, TRUE);
}

static void
test_tpm (void)
{
  g_autoptr (ValiseCapabilities) without = model_fixture_capabilities (q35);
  g_autoptr (ValiseCapabilities) with = NULL;
  g_autoptr (GPtrArray) all = NULL;

  g_assert_false (valise_capabilities_has_tpm (without));
  model_fixture_program ("swtpm", TRUE);
  with = model_fixture_capabilities (q35);
  model_fixture_program ("swtpm", FALSE);
  g_assert_true (valise_capabilities_has_tpm (with));
  all = valise_capabilities_options (with, "devices/tpm/@model", NULL, "q35");
  g_assert_cmpstr (find (all, "tpm-tis")->reason, ==, NULL);
}

/* Without a connection nothing is ruled out. */
static void
test_empty (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseCapabilities) capabilities = valise_capabilities_new (NULL, NULL, 0, 0, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (valise_capabilities_get_cpus (capabilities), ==, 1);
  assert_reason (capabilities, VALISE_FIRMWARE_UEFI_SECURE, NULL);
  g_assert_null (valise_capabilities_options (capabilities, "cpu/model", NULL, NULL));
  g_assert_null (valise_capabilities_options (capabilities, "os/type/@machine", NULL, NULL));
}

static void
test_not_xml (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_capabilities_new ("<domainCapabilities>", NULL, 1, 1, &error));
  g_assert_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_SYNTAX);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  model_fixture_begin ();
  g_test_add_func ("/model/capabilities/options", test_options);
  g_test_add_func ("/model/capabilities/free-value", test_free_value);
  g_test_add_func ("/model/capabilities/order", test_order);
  g_test_add_func ("/model/capabilities/blockers", test_blockers);
  g_test_add_func ("/model/capabilities/facts", test_facts);
  g_test_add_func ("/model/capabilities/firmware", test_firmware);
  g_test_add_func ("/model/capabilities/tpm", test_tpm);
  g_test_add_func ("/model/capabilities/empty", test_empty);
  g_test_add_func ("/model/capabilities/not-xml", test_not_xml);
  result = g_test_run ();
  model_fixture_end ();
  return result;
}
