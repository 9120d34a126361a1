/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-lock.h"
#include "bundle/valise-new-disks.h"
#include "place.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
place_set_up (Place *self, gconstpointer unused)
{
  place_begin (self, "file");
}

static ValiseBundle *
make (const char *directory, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (directory, name, &error);
  g_autoptr (ValiseDocument) document = NULL;

  g_assert_no_error (error);
  document = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_bundle_commit (bundle, document, &error));
  g_assert_no_error (error);
  return g_steal_pointer (&bundle);
}

static char *
read_config (ValiseBundle *bundle)
{
  g_autofree char *file = valise_bundle_file (bundle, "config.xml");
  char *text = NULL;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  return text;
}

static void
write_config (ValiseBundle *bundle, const char *text)
{
  g_autofree char *file = valise_bundle_file (bundle, "config.xml");

  g_assert_true (g_file_set_contents (file, text, -1, NULL));
}

static void
test_create (Place *self, gconstpointer unused)
{
  static const char *const folders[] = { "disks", "nvram", "tpm", "media", "logs" };
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (self->directory, "Debian 12", &error);
  g_autofree char *target = g_build_filename (self->directory, "Debian 12.vmbundle", NULL);
  g_autofree char *name = NULL;
  g_autoptr (ValiseBundle) opened = NULL;

  g_test_summary ("Nothing is visible before the commit; afterwards all of it is, and opens");
  g_assert_no_error (error);
  g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
  g_assert_nonnull (strstr (valise_bundle_get_path (bundle), "/.Debian"));
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = valise_bundle_file (bundle, folders[i]);

      g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
    }
  g_assert_null (valise_bundle_open (valise_bundle_get_path (bundle), &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE);
  g_clear_error (&error);

  g_assert_true (valise_bundle_commit (bundle, valise_bundle_get_document (bundle), &error));
  g_assert_no_error (error);
  g_assert_cmpstr (valise_bundle_get_path (bundle), ==, target);
  opened = valise_bundle_open (target, &error);
  g_assert_no_error (error);
  name = valise_bundle_dup_name (opened);
  g_assert_cmpstr (name, ==, "Debian 12");
}

static void
test_names (Place *self, gconstpointer unused)
{
  g_autofree char *long_name = g_strnfill (300, 'x');
  const char *const names[] = {
    "../../etc/passwd", "a/b\\c:d",      "\xf0\x9f\x90\xa7 Tux \xf0\x9f\x90\xa7", "...", "-rf", "<&\"'>",
    long_name,          "Ünïcödé 日本語"
  };

  g_test_summary ("Any text is a name: the label keeps it, the folder gets what a folder can have, inside the library");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *number = g_strdup_printf ("%" G_GSIZE_FORMAT, i);
      g_autofree char *directory = g_build_filename (self->directory, number, NULL);
      g_autoptr (ValiseBundle) bundle = make (directory, names[i]);
      g_autoptr (ValiseBundle) opened = valise_bundle_open (valise_bundle_get_path (bundle), NULL);
      g_autofree char *label = valise_bundle_dup_name (opened);
      g_autofree char *parent = g_path_get_dirname (valise_bundle_get_path (bundle));

      g_assert_cmpstr (label, ==, names[i]);
      g_assert_cmpstr (parent, ==, directory);
    }
}

static void
test_no_name (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_bundle_begin (self->directory, " \t", &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NAME);
}

static void
test_exists (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) first = make (self->directory, "Twin");
  g_autofree char *before = read_config (first);
  g_autofree char *after = NULL;
  g_autoptr (ValiseBundle) slow = NULL;
  g_autofree char *slow_target = NULL;

  g_test_summary ("A taken name is refused at the beginning, and again when somebody took it meanwhile");
  g_assert_null (valise_bundle_begin (self->directory, "Twin", &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
  g_clear_error (&error);
  after = read_config (first);
  g_assert_cmpstr (before, ==, after);

  slow = valise_bundle_begin (self->directory, "Slow", &error);
  g_assert_no_error (error);
  g_assert_null (valise_bundle_begin (self->directory, "Slow", &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED);
  g_clear_error (&error);
  slow_target = g_build_filename (self->directory, "Slow.vmbundle", NULL);
  g_assert_cmpint (g_mkdir (slow_target, 0700), ==, 0);
  g_assert_false (valise_bundle_commit (slow, valise_bundle_get_document (slow), &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
}

static guint
count_leftovers (Place *self)
{
  g_autoptr (GPtrArray) found = valise_bundle_find_leftovers (self->directory);

  return found->len;
}

static void
test_abandon (Place *self, gconstpointer unused)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (self->directory, "No", NULL);
  ValiseBundle *dropped = valise_bundle_begin (self->directory, "Neither", NULL);

  g_test_summary ("Abandoned or merely dropped: nothing stays");
  g_assert_cmpuint (count_leftovers (self), ==, 0);
  valise_bundle_abandon (bundle);
  valise_bundle_unref (dropped);
  g_assert_cmpuint (count_leftovers (self), ==, 0);
  g_assert_cmpint (g_rmdir (self->directory), ==, 0);
  g_assert_cmpint (g_mkdir (self->directory, 0700), ==, 0);
}

static void
test_leftovers (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_build_filename (self->directory, ".Gone.vmbundle.partial", NULL);
  g_autofree char *inner = g_build_filename (directory, "disks", NULL);
  g_autofree char *archive = g_build_filename (self->directory, ".Gone.vmbundle.tar.zst.partial", NULL);
  g_autofree char *other = g_build_filename (self->directory, ".mine.partial", NULL);
  g_autoptr (ValiseBundle) live = valise_bundle_begin (self->directory, "Live", NULL);
  g_autoptr (ValiseBundle) again = NULL;
  g_autoptr (GPtrArray) found = NULL;

  g_test_summary ("What a crash left is found and removable; what is being made, and what is not ours, is not");
  g_assert_cmpint (g_mkdir_with_parents (inner, 0700), ==, 0);
  g_assert_true (g_file_set_contents (archive, "half", -1, NULL));
  g_assert_true (g_file_set_contents (other, "mine", -1, NULL));
  found = valise_bundle_find_leftovers (self->directory);
  g_assert_cmpuint (found->len, ==, 2);

  /* A leftover of the same name is in nobody's way, and stays for the user to decide. */
  again = valise_bundle_begin (self->directory, "Gone", &error);
  g_assert_no_error (error);
  g_assert_true (valise_bundle_commit (again, valise_bundle_get_document (again), NULL));
  g_assert_true (g_file_test (inner, G_FILE_TEST_IS_DIR));

  g_assert_false (valise_bundle_remove_leftover (valise_bundle_get_path (live), &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED);
  g_clear_error (&error);
  g_assert_false (valise_bundle_remove_leftover (valise_bundle_get_path (again), &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE);
  g_clear_error (&error);
  g_assert_false (valise_bundle_remove_leftover (other, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE);
  g_clear_error (&error);
  for (guint i = 0; i < found->len; i++)
    {
      g_assert_true (valise_bundle_remove_leftover (found->pdata[i], &error));
      g_assert_no_error (error);
    }
  g_assert_cmpuint (count_leftovers (self), ==, 0);
  g_assert_true (g_file_test (other, G_FILE_TEST_EXISTS));
}

static void
save_memory (ValiseBundle *bundle, int mebibytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) draft = valise_document_copy (valise_bundle_get_document (bundle));
  g_autofree char *value = g_strdup_printf ("%d", mebibytes);

  g_assert_true (valise_document_set (draft, "memory", value, NULL));
  g_assert_true (valise_bundle_save (bundle, draft, &error));
  g_assert_no_error (error);
}

static char *
memory_of (ValiseBundle *bundle)
{
  return valise_document_get (valise_bundle_get_document (bundle), "memory");
}

static void
test_history (Place *self, gconstpointer unused)
{
  g_autoptr (ValiseBundle) bundle = make (self->directory, "History");
  g_autoptr (GPtrArray) versions = NULL;
  g_autofree char *newest = NULL;
  g_autofree char *first = read_config (bundle);
  gint64 before = G_MAXINT64;

  g_test_summary ("Ten versions, newest first, each byte for byte what it was; saving the same changes nothing");
  g_assert_true (valise_bundle_save (bundle, valise_bundle_get_document (bundle), NULL));
  versions = valise_bundle_list_history (bundle);
  g_assert_cmpuint (versions->len, ==, 0);
  g_clear_pointer (&versions, g_ptr_array_unref);
  save_memory (bundle, 2000);
  versions = valise_bundle_list_history (bundle);
  g_assert_cmpuint (versions->len, ==, 1);
  g_assert_true (g_file_get_contents (((ValiseBundleVersion *) versions->pdata[0])->path, &newest, NULL, NULL));
  g_assert_cmpstr (newest, ==, first);
  g_clear_pointer (&versions, g_ptr_array_unref);

  for (int i = 1; i <= 14; i++)
    save_memory (bundle, 2000 + i);
  versions = valise_bundle_list_history (bundle);
  g_assert_cmpuint (versions->len, ==, 10);
  for (guint i = 0; i < versions->len; i++)
    {
      ValiseBundleVersion *version = versions->pdata[i];
      g_autofree char *text = NULL;
      g_autofree char *expected = g_strdup_printf (">%d<", 2013 - (int) i);

      g_assert_cmpint (version->time, <, before);
      before = version->time;
      text = valise_bundle_read_version (version, NULL);
      g_assert_nonnull (strstr (text, expected));
    }
}

static void
test_history_hostile (Place *self, gconstpointer unused)
{
  static const char torn[] = "<domain>\xff\0</domain>";
  g_autofree char *path = g_build_filename (self->directory, "1.xml", NULL);
  ValiseBundleVersion version = { path, 1 };
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("An earlier version that is no text can be shown; what is no file is not waited for");
  g_assert_null (valise_bundle_read_version (&version, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  g_assert_null (valise_bundle_read_version (&version, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_clear_error (&error);
  unlink (path);
  g_assert_cmpint (symlink ("/etc/passwd", path), ==, 0);
  g_assert_null (valise_bundle_read_version (&version, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  unlink (path);
  g_assert_true (g_file_set_contents (path, torn, sizeof torn - 1, NULL));
  text = valise_bundle_read_version (&version, NULL);
  g_assert_cmpstr (text, ==, "<domain>\xef\xbf\xbd\xef\xbf\xbd</domain>");
}

static void
test_undo (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = make (self->directory, "Undo");
  g_autofree char *original = NULL;
  g_autofree char *undone = NULL;
  g_autofree char *redone = NULL;

  g_test_summary ("Undo brings the bytes before back, undo again the ones after");
  g_assert_false (valise_bundle_undo (bundle, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  original = read_config (bundle);
  save_memory (bundle, 4321);
  g_assert_true (valise_bundle_undo (bundle, &error));
  undone = read_config (bundle);
  g_assert_cmpstr (undone, ==, original);
  g_assert_true (valise_bundle_undo (bundle, &error));
  redone = memory_of (bundle);
  g_assert_cmpstr (redone, ==, "4321");
}

#define METADATA(file)                                                                                                 \
  "<metadata><valise:machine xmlns:valise='" VALISE_METADATA_NAMESPACE "' version='1'><valise:disk source='" file      \
  "' size='1048576'/></valise:machine></metadata>"
#define BEFORE_AFTER(memory, metadata, disks)                                                                          \
  "<domain type='qemu'><name>n</name>" metadata "<memory>" memory "</memory><devices>" disks "</devices></domain>"
#define DISK(format, file, target)                                                                                     \
  "<disk type='file' device='disk'><driver name='qemu' type='" format "'/><source file='" file                         \
  "'/><target dev='" target "' bus='virtio'/></disk>"
#define CD "<disk type='file' device='cdrom'><source file='media/gone.iso'/><target dev='sda' bus='sata'/></disk>"

/* disks/b.raw is the only file there is. */
static const struct
{
  const char *name;
  const char *before;
  const char *now;
  const char *after; /* NULL: refused */
} conversions[] = {
  { "memory, then converted, then memory", BEFORE_AFTER ("1", "", DISK ("qcow2", "disks/b.qcow2", "vda")),
    BEFORE_AFTER ("2", "", DISK ("raw", "disks/b.raw", "vda")),
    BEFORE_AFTER ("1", "", DISK ("raw", "disks/b.raw", "vda")) },
  { "nothing but a conversion", BEFORE_AFTER ("1", "", DISK ("qcow2", "disks/b.qcow2", "vda")),
    BEFORE_AFTER ("1", "", DISK ("raw", "disks/b.raw", "vda")), NULL },
  { "the size that was stated follows",
    BEFORE_AFTER ("1", METADATA ("disks/b.qcow2"), DISK ("qcow2", "disks/b.qcow2", "vda")),
    BEFORE_AFTER ("2", METADATA ("disks/b.raw"), DISK ("raw", "disks/b.raw", "vda")),
    BEFORE_AFTER ("1", METADATA ("disks/b.raw"), DISK ("raw", "disks/b.raw", "vda")) },
  { "a disk that is gone", BEFORE_AFTER ("1", "", DISK ("qcow2", "disks/a.qcow2", "vdb")),
    BEFORE_AFTER ("2", "", DISK ("raw", "disks/b.raw", "vda")), NULL },
  { "a disk that was never made",
    BEFORE_AFTER ("1", METADATA ("disks/a.qcow2"), DISK ("qcow2", "disks/a.qcow2", "vdb")),
    BEFORE_AFTER ("2", "", DISK ("raw", "disks/b.raw", "vda")),
    BEFORE_AFTER ("1", METADATA ("disks/a.qcow2"), DISK ("qcow2", "disks/a.qcow2", "vdb")) },
  { "a disk whose file is there", BEFORE_AFTER ("1", "", DISK ("raw", "disks/b.raw", "vdb")),
    BEFORE_AFTER ("2", "", ""), BEFORE_AFTER ("1", "", DISK ("raw", "disks/b.raw", "vdb")) },
  { "a CD is another matter", BEFORE_AFTER ("1", "", CD), BEFORE_AFTER ("2", "", CD), BEFORE_AFTER ("1", "", CD) },
};

static void
test_undo_converted (Place *self, gconstpointer unused)
{
  g_test_summary ("Undo never names a disk image that a conversion has replaced");
  for (gsize i = 0; i < G_N_ELEMENTS (conversions); i++)
    {
      g_autofree char *name = g_strdup_printf ("Converted %u", (guint) i), *file = NULL, *after = NULL;
      g_autoptr (ValiseBundle) made = make (self->directory, name);
      g_autoptr (ValiseBundle) bundle = NULL;
      g_autoptr (ValiseDocument) now = valise_document_new (conversions[i].now, -1, "now", NULL);
      g_autoptr (GError) error = NULL;
      gboolean done;

      g_test_message ("%s", conversions[i].name);
      file = valise_bundle_file (made, "disks/b.raw");
      g_assert_true (g_file_set_contents (file, "disk", -1, NULL));
      write_config (made, conversions[i].before);
      bundle = valise_bundle_open (valise_bundle_get_path (made), &error);
      g_assert_no_error (error);
      g_assert_true (valise_bundle_save (bundle, now, NULL));
      done = valise_bundle_undo (bundle, &error);
      after = read_config (bundle);
      g_assert_cmpstr (after, ==, done ? conversions[i].after : conversions[i].now);
      g_assert_cmpint (done, ==, conversions[i].after != NULL);
      if (!done)
        g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_FILE_GONE);
    }
}

static void
test_lossless (Place *self, gconstpointer unused)
{
  static const char text[] =
      "<?xml version='1.0'?>\n<!-- mine -->\n<domain  type='qemu'\n id=\"7\">\n\t<name>odd</name>\n"
      "  <x:other xmlns:x='urn:x'><x:y  z='1'/></x:other>\n <memory>1</memory>\n</domain>\n<!-- end -->\n";
  g_autoptr (ValiseBundle) made = make (self->directory, "Lossless");
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseDocument) draft = NULL;
  g_autofree char *saved = NULL;
  g_autofree char *expected = NULL;

  g_test_summary ("A save changes the bytes of the knob and nothing else");
  write_config (made, text);
  bundle = valise_bundle_open (valise_bundle_get_path (made), NULL);
  draft = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_document_set (draft, "memory", "2", NULL));
  g_assert_true (valise_bundle_save (bundle, draft, NULL));
  saved = read_config (bundle);
  expected = g_strdup (text);
  strstr (expected, ">1<")[1] = '2';
  g_assert_cmpstr (saved, ==, expected);
}

#define DOMAIN(inside) "<domain type='qemu'><name>n</name>" inside "</domain>"
#define MACHINE(version)                                                                                               \
  "<metadata><v:machine xmlns:v='" VALISE_METADATA_NAMESPACE "' version='" version "'/></metadata>"

static void
test_bad_config (Place *self, gconstpointer unused)
{
  static const struct
  {
    const char *text;
    int code; /* -1: opens */
  } cases[] = {
    { "", VALISE_BUNDLE_ERROR_DAMAGED },
    { "no xml", VALISE_BUNDLE_ERROR_DAMAGED },
    { "<domain>", VALISE_BUNDLE_ERROR_DAMAGED },
    { "<network/>", VALISE_BUNDLE_ERROR_DAMAGED },
    { "<!DOCTYPE domain [<!ENTITY a 'b'>]><domain/>", VALISE_BUNDLE_ERROR_DAMAGED },
    { DOMAIN (""), -1 },
    { DOMAIN (MACHINE ("1")), -1 },
    { DOMAIN (MACHINE ("1.7")), -1 },
    { DOMAIN (MACHINE ("2")), VALISE_BUNDLE_ERROR_NEWER },
    { DOMAIN (MACHINE ("10.1")), VALISE_BUNDLE_ERROR_NEWER },
    { DOMAIN (MACHINE ("99999999999999999999")), VALISE_BUNDLE_ERROR_NEWER },
    { DOMAIN (MACHINE ("one")), VALISE_BUNDLE_ERROR_DAMAGED },
    { DOMAIN (MACHINE ("")), VALISE_BUNDLE_ERROR_DAMAGED },
  };
  g_autoptr (ValiseBundle) bundle = make (self->directory, "Bad");

  g_test_summary ("Each kind of bad config.xml has its error, and opening changes nothing");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ValiseBundle) opened = NULL;
      g_autofree char *after = NULL;

      g_test_message ("%s", cases[i].text);
      write_config (bundle, cases[i].text);
      opened = valise_bundle_open (valise_bundle_get_path (bundle), &error);
      if (cases[i].code < 0)
        g_assert_no_error (error);
      else
        g_assert_error (error, VALISE_BUNDLE_ERROR, cases[i].code);
      /* Two sentences, told apart. */
      if (error != NULL && strstr (error->message, "Its history") != NULL)
        g_assert_nonnull (strstr (error->message, ". Its history"));
      after = read_config (bundle);
      g_assert_cmpstr (after, ==, cases[i].text);
    }
}

static void
test_restore (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = make (self->directory, "Restore");
  g_autoptr (ValiseBundle) restored = NULL;
  g_autofree char *memory = NULL;
  g_autofree char *none = NULL;

  g_test_summary (
      "A damaged config.xml: the error says whether the history helps, and restoring keeps the damaged one");
  write_config (bundle, "");
  g_assert_null (valise_bundle_open (valise_bundle_get_path (bundle), &error));
  none = g_strdup (error->message);
  g_clear_error (&error);
  g_assert_null (valise_bundle_restore (valise_bundle_get_path (bundle), &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED);
  g_clear_error (&error);

  write_config (bundle, valise_document_get_text (valise_bundle_get_document (bundle)));
  save_memory (bundle, 1111);
  save_memory (bundle, 2222);
  write_config (bundle, "<domain><broken");
  g_assert_null (valise_bundle_open (valise_bundle_get_path (bundle), &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED);
  g_assert_cmpstr (none, !=, error->message);
  g_clear_error (&error);
  restored = valise_bundle_restore (valise_bundle_get_path (bundle), &error);
  g_assert_no_error (error);
  memory = memory_of (restored);
  g_assert_cmpstr (memory, ==, "1111");
}

static void
test_no_bundle (Place *self, gconstpointer unused)
{
  g_autofree char *file = g_build_filename (self->directory, "file", NULL);
  g_autofree char *empty = g_build_filename (self->directory, "Empty.vmbundle", NULL);
  g_autofree char *missing = g_build_filename (self->directory, "Missing.vmbundle", NULL);
  const char *const paths[] = { file, empty, missing, self->directory };

  g_assert_true (g_file_set_contents (file, "x", -1, NULL));
  g_assert_cmpint (g_mkdir (empty, 0700), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (valise_bundle_open (paths[i], &error));
      g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE);
    }
}

static void
test_planted_config (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->directory, "Planted.vmbundle", NULL);
  g_autofree char *config = g_build_filename (path, "config.xml", NULL);
  g_autofree char *good = g_build_filename (self->directory, "good.xml", NULL);

  g_test_summary ("config.xml as link or FIFO is refused without a wait; one of more than 1 MiB is refused");
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (good, DOMAIN (""), -1, NULL));
  g_assert_cmpint (symlink (good, config), ==, 0);
  g_assert_null (valise_bundle_open (path, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE);
  g_clear_error (&error);
  unlink (config);
  g_assert_cmpint (mkfifo (config, 0600), ==, 0);
  g_assert_null (valise_bundle_open (path, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  unlink (config);
  g_assert_true (g_file_set_contents (config, DOMAIN (""), -1, NULL));
  g_assert_cmpint (truncate (config, 1 << 30), ==, 0);
  g_assert_null (valise_bundle_open (path, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED);
}

static void
plant (const char *place, const char *kind, const char *outside)
{
  if (g_str_equal (kind, "pipe"))
    g_assert_cmpint (mkfifo (place, 0600), ==, 0);
  else
    g_assert_cmpint (symlink (outside, place), ==, 0);
}

static void
test_planted_folders (Place *self, gconstpointer unused)
{
  static const struct
  {
    const char *folder, *file, *kind;
  } cases[] = {
    { "nvram", NULL, "link" },
    { "tpm", NULL, "link" },
    { "state", NULL, "link" },
    { "logs", NULL, "link" },
    { ".history", NULL, "link" },
    { "tpm", ".lock", "link" },
    { "tpm", "tpm2-00.permall", "pipe" },
    { "logs", NULL, "pipe" },
  };
  g_autofree char *path = g_build_filename (self->directory, "Folders.vmbundle", NULL);
  g_autofree char *config = g_build_filename (path, "config.xml", NULL);
  g_autofree char *outside = g_build_filename (self->directory, "outside", NULL);

  g_test_summary ("nothing is written through a link that came in the place of a folder, or of a file in it");
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (outside, 0700), ==, 0);
  g_assert_true (g_file_set_contents (config, DOMAIN (""), -1, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *folder = g_build_filename (path, cases[i].folder, NULL);
      g_autofree char *planted = g_build_filename (folder, cases[i].file, NULL);
      g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
      g_autoptr (ValiseDocument) changed = valise_document_copy (valise_bundle_get_document (bundle));
      g_autoptr (GError) error = NULL;

      g_assert_true (valise_bundle_check_folders (path, &error));
      if (cases[i].file != NULL)
        g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
      plant (planted, cases[i].kind, outside);
      g_assert_true (valise_document_set (changed, "description", "other", NULL));
      g_assert_false (valise_bundle_save (bundle, changed, &error));
      g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE);
      g_assert_nonnull (strstr (error->message, cases[i].folder));
      unlink (planted);
      rmdir (folder);
    }
  g_assert_cmpint (rmdir (outside), ==, 0);
}

static void
test_planted_history (Place *self, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (self->directory, "Planted.vmbundle", NULL);
  g_autofree char *config = g_build_filename (path, "config.xml", NULL);
  g_autofree char *history = g_build_filename (path, ".history", NULL);
  g_autofree char *outside = g_build_filename (self->directory, "outside", NULL);
  g_autofree char *version = g_build_filename (outside, "0000000000000001.xml", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("A damaged config.xml is not put aside through a link in the place of the history");
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (outside, 0700), ==, 0);
  g_assert_true (g_file_set_contents (config, "<domain><broken", -1, NULL));
  g_assert_true (g_file_set_contents (version, DOMAIN (""), -1, NULL));
  g_assert_cmpint (symlink (outside, history), ==, 0);
  g_assert_null (valise_bundle_restore (path, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE);
  g_assert_true (g_file_get_contents (config, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "<domain><broken");
  unlink (version);
  g_assert_cmpint (rmdir (outside), ==, 0);
}

static const char with_disk[] =
    "<domain type='qemu'><name>n</name><uuid>8c4e5a0e-9c1b-4a53-8f3a-0d6f1f6a2b11</uuid>"
    "<metadata><valise:machine xmlns:valise='" VALISE_METADATA_NAMESPACE "' version='1'>"
    "<valise:disk source='%s' size='2097152'/></valise:machine></metadata>"
    "<devices><disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='%s'/>"
    "<target dev='vda' bus='virtio'/></disk></devices></domain>";

static void
test_planted_disks (Place *self, gconstpointer unused)
{
  static const struct
  {
    const char *source;
    gboolean safe;
  } cases[] = {
    { "disks/new.img", TRUE },       { "new.img", TRUE }, { "away/new.img", FALSE }, { "away/old.img", FALSE },
    { "disks/away/old.img", FALSE },
  };
  g_autofree char *path = g_build_filename (self->directory, "Planted.vmbundle", NULL);
  g_autofree char *disks = g_build_filename (path, "disks", NULL);
  g_autofree char *outside = g_build_filename (self->directory, "outside", NULL);
  g_autofree char *fresh = g_build_filename (outside, "new.img", NULL);
  g_autofree char *old = g_build_filename (outside, "old.img", NULL);
  g_autofree char *link = g_build_filename (path, "away", NULL);
  g_autofree char *deeper = g_build_filename (disks, "away", NULL);
  struct stat status;

  g_test_summary ("No image is made or grown through a link that came in the place of a folder");
  g_assert_cmpint (g_mkdir_with_parents (disks, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (outside, 0700), ==, 0);
  g_assert_true (g_file_set_contents (old, "mine", -1, NULL));
  g_assert_cmpint (symlink (outside, link), ==, 0);
  g_assert_cmpint (symlink (outside, deeper), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (with_disk, cases[i].source, cases[i].source);
      g_autofree char *image = g_build_filename (path, cases[i].source, NULL);
      g_autoptr (ValiseDocument) document = valise_document_new (text, -1, "test", NULL);
      g_autoptr (GPtrArray) made = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (valise_new_disks_make (document, path, &made, NULL, &error), ==, cases[i].safe);
      g_assert_cmpint (cases[i].safe && stat (image, &status) == 0 && status.st_size == 2097152, ==, cases[i].safe);
      if (!cases[i].safe)
        g_assert_error (error, VALISE_PATH_ERROR, VALISE_PATH_ERROR_UNSAFE);
      g_assert_false (g_file_test (fresh, G_FILE_TEST_EXISTS));
      g_assert_cmpint (stat (old, &status), ==, 0);
      g_assert_cmpint (status.st_size, ==, 4);
    }
}

static char *
value (ValiseDocument *document, const char *path)
{
  return valise_document_get (document, path);
}

static void
assert_renewed (ValiseDocument *before, ValiseDocument *after, const char *path, const char *prefix)
{
  g_autofree char *old = value (before, path);
  g_autofree char *fresh = value (after, path);

  g_assert_cmpstr (old, !=, fresh);
  g_assert_true (g_str_has_prefix (fresh, prefix));
}

static void
test_renew (Place *self, gconstpointer unused)
{
  static const char text[] =
      "<domain type='qemu'>\n  <name>n</name>\n  <uuid>8c4e5a0e-9c1b-4a53-8f3a-0d6f1f6a2b11</uuid>\n"
      "  <genid>8c4e5a0e-9c1b-4a53-8f3a-0d6f1f6a2b12</genid>\n"
      "  <sysinfo type='smbios'><system><entry name='uuid'>8c4e5a0e-9c1b-4a53-8f3a-0d6f1f6a2b11</entry>"
      "<entry name='serial'>S</entry></system></sysinfo>\n  <devices>\n"
      "    <interface type='user'><mac address='52:54:00:01:02:03'/>"
      "<address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></interface>\n"
      "    <interface type='user'/>\n"
      "    <interface type='user'><mac address='00:16:3e:01:02:03'/></interface>\n  </devices>\n</domain>\n";
  g_autoptr (ValiseDocument) before = valise_document_new (text, -1, "test", NULL);
  g_autoptr (ValiseDocument) after = valise_document_copy (before);
  g_autofree char *uuid = NULL;
  g_autofree char *sysinfo = NULL;
  g_autofree char *name = NULL;
  g_autofree char *label = NULL;

  g_test_summary ("New uuid and MACs with their vendor's prefix; addresses that the guest sees stay");
  g_assert_true (valise_bundle_renew_identity (after, "A/B", NULL));
  assert_renewed (before, after, "uuid", "");
  assert_renewed (before, after, "genid", "");
  assert_renewed (before, after, "devices/interface[1]/mac/@address", "52:54:00:");
  assert_renewed (before, after, "devices/interface[3]/mac/@address", "00:16:3e:");
  g_assert_false (valise_document_has (after, "devices/interface[2]/mac"));
  uuid = value (after, "uuid");
  sysinfo = value (after, "sysinfo/system/entry[@name='uuid']");
  g_assert_true (g_uuid_string_is_valid (uuid));
  g_assert_cmpstr (uuid, ==, sysinfo);
  g_assert_nonnull (strstr (valise_document_get_text (after), "<address type='pci' domain='0x0000' bus='0x01'"));
  g_assert_nonnull (strstr (valise_document_get_text (after), "<entry name='serial'>S</entry>"));
  label = value (after, "metadata/valise:machine/@name");
  name = value (after, "name");
  g_assert_cmpstr (label, ==, "A/B");
  g_assert_null (strchr (name, '/'));
}

static void
test_not_writable (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("Where nothing can be written the error says so");
  g_assert_null (valise_bundle_begin ("/proc/valise", "Name", &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "/proc"));
}

#define ADD(path, func) g_test_add ("/bundle/bundle/" path, Place, NULL, place_set_up, func, place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("create", test_create);
  ADD ("names", test_names);
  ADD ("no-name", test_no_name);
  ADD ("exists", test_exists);
  ADD ("abandon", test_abandon);
  ADD ("leftovers", test_leftovers);
  ADD ("history", test_history);
  ADD ("history-hostile", test_history_hostile);
  ADD ("undo", test_undo);
  ADD ("undo-converted", test_undo_converted);
  ADD ("lossless", test_lossless);
  ADD ("bad-config", test_bad_config);
  ADD ("restore", test_restore);
  ADD ("no-bundle", test_no_bundle);
  ADD ("planted-config", test_planted_config);
  ADD ("planted-folders", test_planted_folders);
  ADD ("planted-history", test_planted_history);
  ADD ("planted-disks", test_planted_disks);
  ADD ("renew", test_renew);
  ADD ("not-writable", test_not_writable);
  return g_test_run ();
}
