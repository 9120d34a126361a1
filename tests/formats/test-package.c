/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-package.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "place.h"

static void
place_set_up (Place *self, gconstpointer unused)
{
  place_begin (self, "package");
}

static void
write_file (Place *self, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (self->directory, "in", name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
fill (Place *self)
{
  g_autofree char *link = g_build_filename (self->directory, "in", "link.vmdk", NULL);

  write_file (self, "Box.ovf", "<Envelope/>");
  write_file (self, "Disk One.vmdk", "one");
  write_file (self, "more/%24name.vmdk", "two");
  write_file (self,
              "a name that is longer than the hundred bytes which the oldest kind of archive has room for in its "
              "headers.vmdk",
              "long");
  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);
}

static void
assert_text (ValisePackage *package, const char *href, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const ValisePackageMember *member = valise_package_find (package, NULL, href);

  if (member == NULL)
    g_error ("%s is not found", href);
  bytes = valise_package_read (package, member, 1000, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_bytes_get_data (bytes, NULL), ==, text);
}

/* What stands in a reference, and what of the files it means. */
static const struct
{
  const char *href, *text;
} hrefs[] = {
  { "Box.ovf", "<Envelope/>" },   { "./more/../Box.ovf", "<Envelope/>" }, { "box.OVF", "<Envelope/>" },
  { "Disk One.vmdk", "one" },     { "Disk%20One.vmdk", "one" },           { "disk%20one.VMDK", "one" },
  { "more/%24name.vmdk", "two" },
};

static const char *const outside[] = {
  "link.vmdk", "/etc/passwd", "../in/Box.ovf", "more/../../in/Box.ovf", "%2e%2e/in/Box.ovf", "", "more",
  "nothing",   "%a",
};

static void
check_package (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValisePackage) package = valise_package_open (path, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (valise_package_get_members (package)->len, ==, 4);
  for (gsize i = 0; i < G_N_ELEMENTS (hrefs); i++)
    assert_text (package, hrefs[i].href, hrefs[i].text);
  for (gsize i = 0; i < G_N_ELEMENTS (outside); i++)
    if (valise_package_find (package, NULL, outside[i]) != NULL)
      g_error ("“%s” is found", outside[i]);
  g_assert_nonnull (valise_package_find (package, "more", "%24name.vmdk"));
  g_assert_nonnull (valise_package_find (package, "more", "../Box.ovf"));
}

/* By the real tar, in each of its ways: none is read, and the person is told what to do. */
static void
test_sparse (Place *self, gconstpointer data)
{
  static const char *const formats[] = { "oldgnu", "gnu", "posix" };

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autofree char *path = g_build_filename (self->directory, "a.tar", NULL);
      g_autofree char *script =
          g_strdup_printf ("truncate -s 1M disk && printf x | dd of=disk bs=1 seek=500000 conv=notrunc status=none && "
                           "tar -S --format=%s -cf a.tar disk",
                           formats[i]);
      g_autoptr (GError) error = NULL;

      place_run (self->directory, script);
      g_assert_null (valise_package_open (path, &error));
      g_assert_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_UNREADABLE);
      g_assert_nonnull (strstr (error->message, "“disk”"));
    }
}

static void
test_folder (Place *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->directory, "in", NULL);
  g_autofree char *file = g_build_filename (folder, "Box.ovf", NULL);
  g_autoptr (ValisePackage) package = NULL;

  fill (self);
  check_package (folder);
  check_package (file);
  package = valise_package_open (file, NULL);
  g_assert_cmpstr (valise_package_get_main (package)->name, ==, "Box.ovf");
}

static const char *const dialects[] = { "gnu", "ustar", "pax" };

static void
test_archive (Place *self, gconstpointer data)
{
  g_autofree char *in = g_build_filename (self->directory, "in", NULL);
  g_autofree char *path = g_build_filename (self->directory, "box.ova", NULL);
  const char *dialect = data;
  g_autofree char *command = NULL;

  fill (self);
  /* The oldest has no room for the long name. */
  if (g_str_equal (dialect, "ustar"))
    command = g_strdup_printf ("rm link.vmdk; mv a* long.vmdk; tar --format=ustar -cf '%s' .", path);
  else
    command = g_strdup_printf ("rm link.vmdk; tar --format=%s -cf '%s' .", dialect, path);
  place_run (in, command);
  check_package (path);
}

/* Deflated and stored, as the tools of a Mac and of Linux make them, with what has no business in a package. */
static const char *const zips[] = { "ZIP_DEFLATED", "ZIP_STORED" };

static void
test_zip (Place *self, gconstpointer data)
{
  g_autofree char *in = g_build_filename (self->directory, "in", NULL);
  g_autofree char *path = g_build_filename (self->directory, "box.zip", NULL);
  g_autofree char *command =
      g_strdup_printf ("python3 -c 'import zipfile, pathlib\n"
                       "with zipfile.ZipFile(\"%s\", \"w\", zipfile.%s) as z:\n"
                       " [z.write(p) for p in sorted(pathlib.Path().rglob(\"*\")) if not p.is_symlink()]\n"
                       " z.writestr(\"../out\", \"x\"); z.writestr(\"/etc/passwd\", \"x\")\n"
                       " l = zipfile.ZipInfo(\"link.vmdk\"); l.create_system = 3; l.external_attr = 0o120777 << 16\n"
                       " z.writestr(l, \"/etc/passwd\"); z.comment = b\"said\"'",
                       path, (const char *) data);

  fill (self);
  place_run (in, command);
  check_package (path);
}

static void
test_zip_damaged (Place *self, gconstpointer data)
{
  g_autofree char *in = g_build_filename (self->directory, "in", NULL);
  g_autofree char *path = g_build_filename (self->directory, "box.zip", NULL);
  g_autofree char *command = g_strdup_printf ("python3 -m zipfile -c '%s' Box.ovf && truncate -s -10 '%s'", path, path);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValisePackage) package = NULL;

  fill (self);
  place_run (in, command);
  package = valise_package_open (path, &error);
  g_assert_null (package);
  g_assert_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_DAMAGED);
}

/* A stream that ends before its size, and one that goes on: neither gives a byte too many. */
static void
test_zip_lies (Place *self, gconstpointer data)
{
  g_autofree char *in = g_build_filename (self->directory, "in", NULL);
  g_autofree char *path = g_build_filename (self->directory, "box.zip", NULL);
  g_autofree char *command = g_strdup_printf ("python3 -c 'import zipfile\n"
                                              "z = zipfile.ZipFile(\"%s\", \"w\", zipfile.ZIP_DEFLATED)\n"
                                              "for n, s in ((\"short\", 7), (\"long\", 3)):\n"
                                              " z.writestr(n, \"12345\"); z.infolist()[-1].file_size = s\n"
                                              "z.close()'",
                                              path);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValisePackage) package = NULL;
  g_autoptr (GBytes) bytes = NULL;

  fill (self);
  place_run (in, command);
  package = valise_package_open (path, &error);
  g_assert_no_error (error);
  bytes = valise_package_read (package, valise_package_lookup (package, "long"), 100, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_bytes_get_data (bytes, NULL), ==, "123");
  g_assert_null (valise_package_read (package, valise_package_lookup (package, "short"), 100, &error));
  g_assert_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_DAMAGED);
}

static void
test_damaged (Place *self, gconstpointer data)
{
  g_autofree char *in = g_build_filename (self->directory, "in", NULL);
  g_autofree char *path = g_build_filename (self->directory, "box.ova", NULL);
  g_autofree char *command = g_strdup_printf ("tar -cf '%s' . && truncate -s 1300 '%s'", path, path);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValisePackage) package = NULL;

  fill (self);
  place_run (in, command);
  package = valise_package_open (path, &error);
  g_assert_null (package);
  g_assert_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "box.ova"));
}

static void
test_limit (Place *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->directory, "in", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValisePackage) package = NULL;

  fill (self);
  package = valise_package_open (folder, NULL);
  g_assert_null (valise_package_read (package, valise_package_lookup (package, "Box.ovf"), 5, &error));
  g_assert_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_LIMIT);
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_package_open ("/nowhere/box.ova", &error));
  g_assert_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_MISSING);
}

#define ADD(path, data, func) g_test_add ("/formats/package/" path, Place, data, place_set_up, func, place_tear_down)

/* --- packed once more --- */

/* An OVA that somebody packed, or put into another archive; each is read as what it holds. */
static const char *const packings[] = {
  "gzip -k box.ova && mv box.ova.gz out",
  "zstd -q box.ova -o out",
  "xz -k box.ova && mv box.ova.xz out",
  "tar -cf out box.ova",
  "tar -czf out box.ova",
  "echo read me > readme.txt && tar -cf out readme.txt box.ova",
};

static void
test_packed (Place *self, gconstpointer unused)
{
  fill (self);
  place_run (self->directory, "cd in && tar --format=ustar -cf ../box.ova Box.ovf 'Disk One.vmdk'");
  for (gsize i = 0; i < G_N_ELEMENTS (packings); i++)
    {
      g_autofree char *path = g_build_filename (self->directory, "out", NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (ValisePackage) package = NULL;

      place_run (self->directory, packings[i]);
      package = valise_package_open (path, &error);
      g_assert_no_error (error);
      g_assert_true (valise_package_is_archive (package));
      g_assert_cmpuint (valise_package_get_members (package)->len, ==, 2);
      assert_text (package, "Box.ovf", "<Envelope/>");
      assert_text (package, "Disk One.vmdk", "one");
      place_run (self->directory, "rm out");
    }
}

/* In a zip, packed and as it is. */
static void
test_zipped (Place *self, gconstpointer unused)
{
  static const char *const kinds[] = { "zipfile.ZIP_DEFLATED", "zipfile.ZIP_STORED" };

  fill (self);
  place_run (self->directory, "cd in && tar --format=ustar -cf ../box.ova Box.ovf 'Disk One.vmdk'");
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_build_filename (self->directory, "out.zip", NULL);
      g_autofree char *script =
          g_strdup_printf ("python3 -c \"import zipfile; zipfile.ZipFile('out.zip', 'w', %s).write('box.ova')\"",
                           kinds[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (ValisePackage) package = NULL;

      place_run (self->directory, script);
      package = valise_package_open (path, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (valise_package_get_members (package)->len, ==, 2);
      assert_text (package, "Box.ovf", "<Envelope/>");
      assert_text (package, "Disk One.vmdk", "one");
    }
}

/* Cut anywhere it says so, or is what is left; it is never read beyond its end. */
static void
test_packed_damaged (Place *self, gconstpointer unused)
{
  static const char *const cuts[] = { "700", "1500", "2600", "11000" };

  fill (self);
  place_run (self->directory, "cd in && tar --format=ustar -cf ../box.ova Box.ovf 'Disk One.vmdk' && cd .. && "
                              "tar -cf whole box.ova");
  for (gsize i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      g_autofree char *path = g_build_filename (self->directory, "out", NULL);
      g_autofree char *script = g_strdup_printf ("head -c %s whole > out", cuts[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (ValisePackage) package = NULL;

      place_run (self->directory, script);
      package = valise_package_open (path, &error);
      g_test_message ("%s: %s", cuts[i], error != NULL ? error->message : "read");
      g_assert_true (package == NULL ? error->domain == VALISE_PACKAGE_ERROR : valise_package_is_archive (package));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("folder", NULL, test_folder);
  for (gsize i = 0; i < G_N_ELEMENTS (dialects); i++)
    {
      g_autofree char *path = g_strconcat ("/formats/package/archive/", dialects[i], NULL);

      g_test_add (path, Place, dialects[i], place_set_up, test_archive, place_tear_down);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (zips); i++)
    {
      g_autofree char *path = g_strconcat ("/formats/package/zip/", zips[i], NULL);

      g_test_add (path, Place, zips[i], place_set_up, test_zip, place_tear_down);
    }
  ADD ("zip-damaged", NULL, test_zip_damaged);
  ADD ("zip-lies", NULL, test_zip_lies);
  ADD ("damaged", NULL, test_damaged);
  ADD ("limit", NULL, test_limit);
  g_test_add_func ("/formats/package/missing", test_missing);
  g_test_add ("/formats/package/packed", Place, NULL, place_set_up, test_packed, place_tear_down);
  g_test_add ("/formats/package/zipped", Place, NULL, place_set_up, test_zipped, place_tear_down);
  g_test_add ("/formats/package/sparse", Place, NULL, place_set_up, test_sparse, place_tear_down);
  g_test_add ("/formats/package/packed-damaged", Place, NULL, place_set_up, test_packed_damaged, place_tear_down);
  return g_test_run ();
}
