/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-iso.h"

#include "disc-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *directory;

static char *
write_disc (const void *bytes, gsize length)
{
  char *path = g_build_filename (directory, "disc.iso", NULL);

  g_unlink (path);
  g_assert_true (g_file_set_contents (path, bytes, (gssize) length, NULL));
  return path;
}

static ValiseIso *
read_disc (const Disc *disc, gsize length)
{
  g_autofree char *path = write_disc (disc->bytes, length);
  g_autoptr (GError) error = NULL;
  ValiseIso *iso = valise_iso_read (path, &error);

  g_assert_no_error (error);
  return iso;
}

/* --- cases --- */

static void
test_descriptors (void)
{
  g_autofree Disc *disc = g_new0 (Disc, 1);
  g_autoptr (ValiseIso) iso = NULL;

  disc_put_primary (disc, "Debian 12.5.0 amd64 n");
  iso = read_disc (disc, sizeof *disc);
  g_assert_true (iso->iso9660);
  g_assert_false (iso->udf);
  g_assert_cmpstr (iso->label, ==, "Debian 12.5.0 amd64 n");
  g_assert_cmpstr (iso->system, ==, "LINUX");
  g_assert_cmpstr (iso->publisher, ==, "PUBLISHER");
  g_assert_cmpstr (iso->application, ==, "APPLICATION");
  g_assert_cmpuint (iso->volume_size, ==, 1000 * DISC_SECTOR);
  g_assert_false (iso->boots_bios);
  g_assert_false (iso->boots_uefi);
}

static void
test_boot_platforms (void)
{
  static const struct
  {
    guint8 first;
    int second;
    gboolean bios, uefi;
  } rows[] = {
    { 0x00, -1, TRUE, FALSE },
    { 0xef, -1, FALSE, TRUE },
    { 0x00, 0xef, TRUE, TRUE },
    { 0x01, -1, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree Disc *disc = g_new0 (Disc, 1);
      g_autoptr (ValiseIso) iso = NULL;

      disc_put_primary (disc, "X");
      disc_put_boot (disc, 40);
      disc_put_catalog (disc, 40, rows[i].first, rows[i].second);
      iso = read_disc (disc, sizeof *disc);
      g_assert_cmpint (iso->boots_bios, ==, rows[i].bios);
      g_assert_cmpint (iso->boots_uefi, ==, rows[i].uefi);
    }
}

/* A catalog that is not one, or lies outside the file, makes the disc one that does not start; never more than that. */
static void
test_bad_catalog (void)
{
  static const guint32 places[] = { 0, 299, 300, 4096, G_MAXUINT32 };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree Disc *disc = g_new0 (Disc, 1);
      g_autoptr (ValiseIso) iso = NULL;

      disc_put_primary (disc, "X");
      disc_put_boot (disc, places[i]);
      if (places[i] == 299)
        {
          disc_put_catalog (disc, 299, 0, -1);
          disc_sector (disc, 299)[5] = 1;
        }
      iso = read_disc (disc, sizeof *disc);
      g_assert_false (iso->boots_bios || iso->boots_uefi);
    }
}

static void
test_udf (void)
{
  static const guint8 wide[] = { 16, 0x04, 0x14, 0x04, 0x38 }; /* "Ди" */
  g_autofree Disc *disc = g_new0 (Disc, 1);
  g_autoptr (ValiseIso) narrow = NULL;
  g_autoptr (ValiseIso) other = NULL;
  guint8 *anchor = disc_sector (disc, 256);
  guint8 *primary = disc_sector (disc, 260);

  disc_put_descriptor (disc, 16, 0, "BEA01");
  disc_put_descriptor (disc, 17, 0, "NSR02");
  disc_put_descriptor (disc, 18, 0, "TEA01");
  anchor[0] = 2;
  disc_put_le32 (anchor + 16, 16 * DISC_SECTOR);
  disc_put_le32 (anchor + 20, 260);
  primary[0] = 1;
  primary[24] = 8;
  memcpy (primary + 25, "Win11", 5);
  primary[24 + 31] = 6;
  narrow = read_disc (disc, sizeof *disc);
  g_assert_true (narrow->udf);
  g_assert_false (narrow->iso9660);
  g_assert_cmpstr (narrow->label, ==, "Win11");

  memcpy (primary + 24, wide, sizeof wide);
  primary[24 + 31] = sizeof wide;
  other = read_disc (disc, sizeof *disc);
  g_assert_cmpstr (other->label, ==, "Ди");
}

static void
test_bad_udf (void)
{
  g_autofree Disc *disc = g_new0 (Disc, 1);
  g_autoptr (ValiseIso) iso = NULL;
  guint8 *anchor = disc_sector (disc, 256);

  disc_put_descriptor (disc, 16, 0, "BEA01");
  disc_put_descriptor (disc, 17, 0, "NSR03");
  anchor[0] = 2;
  disc_put_le32 (anchor + 16, G_MAXUINT32);
  disc_put_le32 (anchor + 20, G_MAXUINT32 - 1);
  iso = read_disc (disc, sizeof *disc);
  g_assert_cmpstr (iso->label, ==, "");
}

static void
test_label_for_people (void)
{
  g_autofree Disc *disc = g_new0 (Disc, 1);
  g_autoptr (ValiseIso) iso = NULL;

  disc_put_primary (disc, "a\033[31mb\xff\xe2\x80\xae");
  iso = read_disc (disc, sizeof *disc);
  g_assert_true (g_utf8_validate (iso->label, -1, NULL));
  g_assert_null (strchr (iso->label, '\033'));
  g_assert_null (strstr (iso->label, "\xe2\x80\xae"));
}

static void
assert_fails (const char *path, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_iso_read (path, &error));
  g_assert_error (error, VALISE_ISO_ERROR, code);
  g_assert_nonnull (strstr (error->message, path));
}

static void
test_not_an_iso (void)
{
  g_autofree Disc *disc = g_new0 (Disc, 1);
  g_autofree char *fifo = g_build_filename (directory, "fifo", NULL);
  g_autofree char *gone = g_build_filename (directory, "gone", NULL);
  static const gsize lengths[] = { 0, 1, 16 * DISC_SECTOR, 16 * DISC_SECTOR + 10, 17 * DISC_SECTOR - 1 };
  g_autofree char *zeros = write_disc (disc->bytes, sizeof *disc);

  assert_fails (zeros, VALISE_ISO_ERROR_NOT_AN_ISO);
  disc_put_primary (disc, "cut");
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *path = write_disc (disc->bytes, lengths[i]);

      assert_fails (path, VALISE_ISO_ERROR_NOT_AN_ISO);
    }
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_fails (fifo, VALISE_ISO_ERROR_UNREADABLE);
  assert_fails (gone, VALISE_ISO_ERROR_UNREADABLE);
  assert_fails (directory, VALISE_ISO_ERROR_UNREADABLE);
  assert_fails ("/dev/null", VALISE_ISO_ERROR_UNREADABLE);
  g_unlink (fifo);
}

/* Real discs of Debian packages. */
static void
test_real (void)
{
  static const struct
  {
    const char *path;
    const char *label;
    gboolean bios, uefi;
  } rows[] = {
    { "/usr/lib/grub-rescue/grub-rescue-cdrom.iso", "ISOIMAGE", TRUE, FALSE },
    { "/usr/lib/memtest86+/memtest86+x64.iso", "MT86PLUS_64", TRUE, TRUE },
  };
  guint found = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (ValiseIso) iso = NULL;

      if (!g_file_test (rows[i].path, G_FILE_TEST_EXISTS))
        continue;
      found++;
      iso = valise_iso_read (rows[i].path, NULL);
      g_assert_nonnull (iso);
      g_assert_cmpstr (iso->label, ==, rows[i].label);
      g_assert_cmpint (iso->boots_bios, ==, rows[i].bios);
      g_assert_cmpint (iso->boots_uefi, ==, rows[i].uefi);
    }
  if (found == 0)
    g_test_skip ("neither grub-rescue-pc nor memtest86+ is installed");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  directory = g_dir_make_tmp ("valise-iso-XXXXXX", NULL);
  g_test_add_func ("/formats/iso/descriptors", test_descriptors);
  g_test_add_func ("/formats/iso/boot-platforms", test_boot_platforms);
  g_test_add_func ("/formats/iso/bad-catalog", test_bad_catalog);
  g_test_add_func ("/formats/iso/udf", test_udf);
  g_test_add_func ("/formats/iso/bad-udf", test_bad_udf);
  g_test_add_func ("/formats/iso/label-for-people", test_label_for_people);
  g_test_add_func ("/formats/iso/not-an-iso", test_not_an_iso);
  g_test_add_func ("/formats/iso/real", test_real);
  result = g_test_run ();
  {
    g_autofree char *path = g_build_filename (directory, "disc.iso", NULL);

    g_unlink (path);
    g_rmdir (directory);
  }
  g_free (directory);
  return result;
}
