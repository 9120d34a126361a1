/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-libarchive.h"
#include "bundle/valise-lock.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *directory;
  char *state;
  char *out;
  char *archive;
  ValiseBundle *bundle;
} Place;

static void
write_at (const char *file, goffset at, const void *bytes, gsize length)
{
  int fd = open (file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, bytes, length, at), ==, length);
  close (fd);
}

/* Half of it shrinks, half does not, as on a real disk. */
static void
fill (guint8 *bytes, gsize length, guint seed)
{
  guint32 state = seed * 2654435761u + 1;

  for (gsize i = 0; i < length; i++)
    {
      state = state * 1664525u + 1013904223u;
      bytes[i] = i / 4096 % 2 == 0 ? state >> 24 : 'a' + (state >> 29);
    }
}

/* 192 MiB with data at the start, in the middle, over odd offsets and a hole at the end. */
static void
make_sparse (const char *file)
{
  static const goffset places[] = { 0, 5 * (goffset) VALISE_MIB + 4096, 64 * VALISE_MIB + 777, 128 * VALISE_MIB };
  g_autofree guint8 *bytes = g_malloc (3 * VALISE_MIB);

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      fill (bytes, 3 * VALISE_MIB, i);
      write_at (file, places[i], bytes, 3 * VALISE_MIB);
    }
  g_assert_cmpint (truncate (file, 192 * VALISE_MIB), ==, 0);
}

static void
place_set_up (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sparse = NULL;
  g_autofree char *vars = NULL;
  g_autofree char *hole = NULL;
  g_autofree char *odd = NULL;
  g_autofree char *log = NULL;
  g_autofree char *empty = NULL;

  self->directory = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->out = g_build_filename (self->directory, "out", NULL);
  self->archive = g_build_filename (self->directory, "M.vmbundle.tar.zst", NULL);
  self->bundle = valise_bundle_begin (self->directory, "Machine", &error);
  g_assert_no_error (error);
  sparse = valise_bundle_file (self->bundle, "disks/root.img");
  vars = valise_bundle_file (self->bundle, "nvram/vars.fd");
  hole = valise_bundle_file (self->bundle, "disks/hole.img");
  odd = valise_bundle_file (
      self->bundle,
      "media/Ünïcödé 日本語 name that is longer than what one hundred bytes of a plain tar header can hold.iso");
  log = valise_bundle_file (self->bundle, "logs/qemu.log");
  empty = valise_bundle_file (self->bundle, "media/empty");
  make_sparse (sparse);
  write_at (vars, 0, "variables", 9);
  write_at (hole, 0, "", 0);
  g_assert_cmpint (truncate (hole, 64 * VALISE_MIB), ==, 0);
  write_at (odd, 0, "medium", 6);
  write_at (log, 0, "log", 3);
  write_at (empty, 0, "", 0);
  g_assert_true (valise_bundle_commit (self->bundle, valise_bundle_get_document (self->bundle), &error));
  g_assert_no_error (error);
}

static void
place_tear_down (Place *self, gconstpointer unused)
{
  valise_bundle_unref (self->bundle);
  g_assert_true (valise_directory_remove (self->directory, NULL));
  g_free (self->directory);
  g_free (self->out);
  g_free (self->archive);
}

static void
pack (Place *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_archive_write (valise_bundle_get_path (self->bundle), self->archive, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
}

static char *
run_shell (const char *command)
{
  const char *const argv[] = { "sh", "-c", command, NULL };
  g_autoptr (GError) error = NULL;
  char *output = NULL;
  int status = 0;

  g_assert_true (
      g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, &status, &error));
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
  g_assert_no_error (error);
  return output;
}

static guint64
blocks_of (const char *file)
{
  struct stat st;

  g_assert_cmpint (stat (file, &st), ==, 0);
  return (guint64) st.st_blocks * 512;
}

/* The same bytes and holes everywhere but in what stays behind. */
static void
assert_same (Place *self, const char *other)
{
  g_autofree char *command =
      g_strdup_printf ("diff -r --exclude=logs --exclude=.lock --exclude=.manifest --exclude=.history '%s' '%s'",
                       valise_bundle_get_path (self->bundle), other);
  g_autofree char *output = run_shell (command);
  g_autofree char *sparse = g_build_filename (other, "disks/root.img", NULL);
  g_autofree char *hole = g_build_filename (other, "disks/hole.img", NULL);

  g_assert_cmpstr (output, ==, "");
  g_assert_cmpuint (blocks_of (sparse), <, 16 * VALISE_MIB);
  g_assert_cmpuint (blocks_of (hole), <, VALISE_MIB);
}

static void
assert_nothing_there (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);

  g_assert_true (dir == NULL || g_dir_read_name (dir) == NULL);
}

static void
test_round_trip (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *log = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;

  g_test_summary ("There and back: the same bytes, the same holes, nothing of the logs");
  pack (self);
  path = valise_archive_read (self->archive, self->out, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (path, "/out/Machine.vmbundle"));
  assert_same (self, path);
  log = g_build_filename (path, "logs/qemu.log", NULL);
  g_assert_false (g_file_test (log, G_FILE_TEST_EXISTS));
  bundle = valise_bundle_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (valise_document_get_text (valise_bundle_get_document (bundle)), ==,
                   valise_document_get_text (valise_bundle_get_document (self->bundle)));
}

static void
test_other_name (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *label = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;

  pack (self);
  path = valise_archive_read (self->archive, self->directory, "A/new name", NULL, NULL, &error);
  g_assert_no_error (error);
  bundle = valise_bundle_open (path, &error);
  label = valise_bundle_dup_name (bundle);
  g_assert_cmpstr (label, ==, "A/new name");
  g_assert_null (valise_archive_read (self->archive, self->directory, NULL, NULL, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
}

static void
test_foreign_tools (Place *self, gconstpointer unused)
{
  g_autofree char *command = NULL;
  g_autofree char *output = NULL;
  g_autofree char *first = NULL;
  g_autofree char *sum_of = NULL;
  g_autofree char *sum = NULL;
  g_autofree char *path = g_build_filename (self->out, "Machine.vmbundle", NULL);

  g_test_summary (
      "zstd says the file is sound, GNU tar makes a bundle of it with its holes, the digests are those of sha256sum");
  pack (self);
  command = g_strdup_printf ("zstd -tq '%s' 2>&1 && mkdir '%s' && LC_ALL=C.UTF-8 tar -C '%s' --zstd -xf '%s' 2>&1",
                             self->archive, self->out, self->out, self->archive);
  output = run_shell (command);
  g_assert_cmpstr (output, ==, "");
  assert_same (self, path);

  g_free (command);
  command = g_strdup_printf ("tar --zstd -tf '%s' | head -n 1", self->archive);
  first = run_shell (command);
  g_assert_cmpstr (first, ==, "Machine.vmbundle/config.xml\n");

  g_free (command);
  command = g_strdup_printf ("cd '%s' && sha256sum nvram/vars.fd | cut -d ' ' -f 1", path);
  sum_of = g_strstrip (run_shell (command));
  g_free (command);
  command = g_strdup_printf ("grep nvram/vars.fd '%s/.manifest' | cut -d ' ' -f 2", path);
  sum = g_strstrip (run_shell (command));
  g_assert_cmpstr (sum, ==, sum_of);
}

static void
test_checksum_in_frame (Place *self, gconstpointer unused)
{
  g_autofree char *bytes = NULL;

  g_test_summary ("The frame says that it carries a checksum");
  pack (self);
  g_assert_true (g_file_get_contents (self->archive, &bytes, NULL, NULL));
  g_assert_cmpint (memcmp (bytes, "\x28\xb5\x2f\xfd", 4), ==, 0);
  g_assert_cmpint (bytes[4] & 4, ==, 4);
}

static void
test_peek (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) document = NULL;

  g_test_summary ("The machine is known from the beginning of the file alone");
  pack (self);
  document = valise_archive_peek (self->archive, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (valise_document_get_text (document), ==,
                   valise_document_get_text (valise_bundle_get_document (self->bundle)));
}

static void
test_target_exists (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (self->archive, "mine", -1, NULL));
  g_assert_false (
      valise_archive_write (valise_bundle_get_path (self->bundle), self->archive, NULL, NULL, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
  g_assert_true (g_file_get_contents (self->archive, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
}

static guint
count_leftovers (Place *self)
{
  g_autoptr (GPtrArray) found = valise_bundle_find_leftovers (self->directory);

  return found->len;
}

typedef struct
{
  GCancellable *cancellable;
  guint after;
} Stopper;

static gpointer
stop_thread (gpointer data)
{
  Stopper *self = data;

  g_usleep (self->after);
  g_cancellable_cancel (self->cancellable);
  return NULL;
}

static void
test_cancel (Place *self, gconstpointer unused)
{
  g_test_summary ("Cancelled at any moment, nothing stays behind");
  pack (self);
  for (guint after = 0; after < 60000; after += 3000)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Stopper stopper = { cancellable, after };
      GThread *thread = g_thread_new ("stop", stop_thread, &stopper);
      g_autofree char *file = g_build_filename (self->directory, "Second.vmbundle.tar.zst", NULL);
      g_autofree char *path = NULL;
      gboolean done;

      if (after / 3000 % 3 == 0)
        done = valise_archive_write (valise_bundle_get_path (self->bundle), file, NULL, NULL, cancellable, &error);
      else if (after / 3000 % 3 == 1)
        done = (path = valise_archive_read (self->archive, self->out, NULL, NULL, cancellable, &error)) != NULL;
      else
        done = (path = valise_bundle_copy (valise_bundle_get_path (self->bundle), self->out, "C", NULL, cancellable,
                                           &error))
               != NULL;
      g_thread_join (thread);
      if (!done)
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
          g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
          assert_nothing_there (self->out);
        }
      g_assert_cmpuint (count_leftovers (self), ==, 0);
      unlink (file);
      g_assert_true (valise_directory_remove (self->out, NULL));
    }
}

static void
refuse (Place *self, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_archive_read (self->archive, self->out, NULL, NULL, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, code);
  g_assert_nonnull (strstr (error->message, "M.vmbundle.tar.zst"));
  assert_nothing_there (self->out);
}

static void
test_truncated (Place *self, gconstpointer unused)
{
  struct stat st;

  g_test_summary ("Cut anywhere, the file is refused and nothing is unpacked");
  pack (self);
  g_assert_cmpint (stat (self->archive, &st), ==, 0);
  for (guint i = 1; i <= 24; i++)
    {
      off_t length = st.st_size - (i <= 8 ? (off_t) i * i * i : st.st_size * (off_t) (i - 8) / 16);

      g_assert_cmpint (truncate (self->archive, length), ==, 0);
      refuse (self, VALISE_BUNDLE_ERROR_CORRUPT);
    }
}

static void
test_flipped (Place *self, gconstpointer unused)
{
  g_autofree char *bytes = NULL;
  gsize length = 0;

  g_test_summary ("A changed byte anywhere is noticed");
  pack (self);
  g_assert_true (g_file_get_contents (self->archive, &bytes, &length, NULL));
  for (guint i = 0; i < 40; i++)
    {
      gsize at = i < 8 ? length - 1 - i : 9 + (length - 10) / 40 * i;
      g_autofree char *changed = g_memdup2 (bytes, length);
      g_autoptr (GError) error = NULL;

      changed[at] ^= 1 << (i % 8);
      g_assert_true (g_file_set_contents (self->archive, changed, length, NULL));
      g_assert_null (valise_archive_read (self->archive, self->out, NULL, NULL, NULL, &error));
      g_assert_cmpint (error->domain, ==, VALISE_BUNDLE_ERROR);
      assert_nothing_there (self->out);
    }
}

static void
test_trailing (Place *self, gconstpointer unused)
{
  g_autofree char *bytes = NULL;
  g_autofree char *twice = NULL;
  gsize length = 0;

  g_test_summary ("Bytes after the end are refused, be it one or a second archive");
  pack (self);
  g_assert_true (g_file_get_contents (self->archive, &bytes, &length, NULL));
  twice = g_malloc (2 * length);
  memcpy (twice, bytes, length);
  memcpy (twice + length, bytes, length);
  g_assert_true (g_file_set_contents (self->archive, twice, length + 1, NULL));
  refuse (self, VALISE_BUNDLE_ERROR_CORRUPT);
  g_assert_true (g_file_set_contents (self->archive, twice, 2 * length, NULL));
  refuse (self, VALISE_BUNDLE_ERROR_CORRUPT);
}

/* Unpacks ours with plain tools, lets @change at it and packs it again in the same order, as somebody who tampers
 * would. */
static void
repack (Place *self, const char *change)
{
  g_autofree char *work = g_build_filename (self->directory, "work", NULL);
  g_autofree char *command =
      g_strdup_printf ("export LC_ALL=C.UTF-8; rm -rf '%s'; mkdir '%s' && cd '%s' && tar --zstd -xf '%s' && tar --zstd "
                       "-tf '%s' > ../list && ( %s ) && "
                       "tar --sparse --format=posix --no-recursion -cf - -T ../list | zstd -qf -o '%s'",
                       work, work, work, self->archive, self->archive, change, self->archive);
  g_autofree char *output = run_shell (command);

  g_assert_cmpstr (output, ==, "");
}

static void
test_tampered (Place *self, gconstpointer unused)
{
  static const struct
  {
    const char *change;
    int code; /* -1: reads */
  } cases[] = {
    { "true", -1 },
    { "printf X | dd of=Machine.vmbundle/disks/root.img bs=1 seek=1000 conv=notrunc status=none",
      VALISE_BUNDLE_ERROR_CORRUPT },
    { "printf X | dd of=Machine.vmbundle/disks/hole.img bs=1 seek=100000 conv=notrunc status=none",
      VALISE_BUNDLE_ERROR_CORRUPT },
    { "truncate -s +1M Machine.vmbundle/disks/hole.img", VALISE_BUNDLE_ERROR_CORRUPT },
    { "sed -i s/1024/1025/ Machine.vmbundle/config.xml", VALISE_BUNDLE_ERROR_CORRUPT },
    { "sed -i /vars.fd/d ../list", VALISE_BUNDLE_ERROR_CORRUPT },
    { "sed -i /manifest/d ../list", VALISE_BUNDLE_ERROR_CORRUPT },
    { "cd Machine.vmbundle && echo x > more && cd .. && sed -i "
      "'s,^Machine.vmbundle/.manifest,Machine.vmbundle/more\\n&,' ../list",
      VALISE_BUNDLE_ERROR_CORRUPT },
    { "echo Machine.vmbundle/nvram/vars.fd >> ../list", VALISE_BUNDLE_ERROR_UNSAFE },
    { "sed -i 's,^Machine.vmbundle/nvram/vars.fd,&\\n&,' ../list", VALISE_BUNDLE_ERROR_UNSAFE },
    { "sed -i 's/^file/FILE/' Machine.vmbundle/.manifest", VALISE_BUNDLE_ERROR_CORRUPT },
    { "tac ../list > ../l2 && mv ../l2 ../list", VALISE_BUNDLE_ERROR_NOT_A_BUNDLE },
    { "echo no > Machine.vmbundle/config.xml", VALISE_BUNDLE_ERROR_DAMAGED },
    { "sed -i 's/version=\"1\"/version=\"2\"/' Machine.vmbundle/config.xml", VALISE_BUNDLE_ERROR_NEWER },
    { "cd Machine.vmbundle/nvram && rm vars.fd && ln -s /etc/passwd vars.fd", VALISE_BUNDLE_ERROR_UNSAFE },
    { "cd Machine.vmbundle/nvram && rm vars.fd && ln ../media/empty vars.fd", VALISE_BUNDLE_ERROR_UNSAFE },
    { "cd Machine.vmbundle/nvram && rm vars.fd && mkfifo vars.fd", VALISE_BUNDLE_ERROR_UNSAFE },
    { "rm Machine.vmbundle/nvram/vars.fd && rmdir Machine.vmbundle/nvram && ln -s /tmp Machine.vmbundle/nvram && "
      "sed -i /vars.fd/d ../list",
      VALISE_BUNDLE_ERROR_UNSAFE },
  };

  g_test_summary ("What was taken apart and put together differently is refused for the right reason");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].change);
      unlink (self->archive);
      pack (self);
      repack (self, cases[i].change);
      if (cases[i].code >= 0)
        refuse (self, cases[i].code);
      else
        {
          g_autofree char *path = valise_archive_read (self->archive, self->out, NULL, NULL, NULL, NULL);

          assert_same (self, path);
          g_assert_true (valise_directory_remove (self->out, NULL));
        }
    }
}

typedef struct
{
  const char *path;
  mode_t type;
  const char *link;
  gboolean hard;
} Hostile;

static void
add_hostile (struct archive *tar,
             const char *path,
             mode_t type,
             const char *link_target,
             gboolean hard,
             const char *text)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, path);
  archive_entry_set_filetype (entry, type);
  archive_entry_set_perm (entry, 0777);
  if (link_target != NULL && hard)
    archive_entry_set_hardlink (entry, link_target);
  else if (link_target != NULL)
    archive_entry_set_symlink (entry, link_target);
  archive_entry_set_size (entry, text != NULL ? strlen (text) : 0);
  g_assert_cmpint (archive_write_header (tar, entry), >=, ARCHIVE_WARN);
  if (text != NULL)
    g_assert_cmpint (archive_write_data (tar, text, strlen (text)), ==, strlen (text));
  archive_entry_free (entry);
}

static struct archive *
begin_hostile (const char *file)
{
  struct archive *tar = archive_write_new ();

  unlink (file);
  archive_write_set_format_pax_restricted (tar);
  archive_write_add_filter_zstd (tar);
  g_assert_cmpint (archive_write_open_filename (tar, file), ==, ARCHIVE_OK);
  add_hostile (tar, "M.vmbundle/config.xml", AE_IFREG, NULL, FALSE, "<domain type='qemu'><name>m</name></domain>");
  return tar;
}

static void
test_hostile (Place *self, gconstpointer unused)
{
  static const Hostile cases[] = {
    { "../evil", AE_IFREG },
    { "/tmp/valise-evil", AE_IFREG },
    { "M.vmbundle/../evil", AE_IFREG },
    { "M.vmbundle/disks/../../evil", AE_IFREG },
    { "M.vmbundle/./x", AE_IFREG },
    { "M.vmbundle//x", AE_IFREG },
    { "M.vmbundle/a\nb", AE_IFREG },
    { "M.vmbundle/\xff\xfe", AE_IFREG },
    { "Other.vmbundle/x", AE_IFREG },
    { "evil", AE_IFREG },
    { "M.vmbundle/.lock", AE_IFREG },
    { "M.vmbundle/.history/1.xml", AE_IFREG },
    { "M.vmbundle/logs/x", AE_IFREG },
    { "M.vmbundle/config.xml", AE_IFREG },
    { "M.vmbundle/disks/l", AE_IFLNK, "/etc/passwd", FALSE },
    { "M.vmbundle/disks/h", AE_IFREG, "M.vmbundle/config.xml", TRUE },
    { "M.vmbundle/disks/h", AE_IFREG, "/etc/passwd", TRUE },
    { "M.vmbundle/c", AE_IFCHR },
    { "M.vmbundle/b", AE_IFBLK },
    { "M.vmbundle/p", AE_IFIFO },
  };

  g_test_summary ("Names that lead out, links and devices are refused, whatever tar made them");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      struct archive *tar = begin_hostile (self->archive);
      g_autoptr (GError) error = NULL;
      g_autofree char *shown = g_strescape (cases[i].path, NULL);

      g_test_message ("%s", shown);
      add_hostile (tar, cases[i].path, cases[i].type, cases[i].link, cases[i].hard, NULL);
      archive_write_free (tar);
      g_assert_null (valise_archive_read (self->archive, self->out, NULL, NULL, NULL, &error));
      g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE);
      assert_nothing_there (self->out);
      g_assert_false (g_file_test ("/tmp/valise-evil", G_FILE_TEST_EXISTS));
    }
}

static void
test_absurd_counts (Place *self, gconstpointer unused)
{
  struct archive *tar = begin_hostile (self->archive);

  g_test_summary ("Twenty thousand members are stopped half way");
  /* In memory: it is the members that are counted here, not the disk's time for making them. */
  g_free (self->out);
  self->out = g_strdup_printf ("/dev/shm/v-%d-out", getpid ());
  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *path = g_strdup_printf ("M.vmbundle/d%u", i);

      add_hostile (tar, path, AE_IFDIR, NULL, FALSE, NULL);
    }
  archive_write_free (tar);
  refuse (self, VALISE_BUNDLE_ERROR_UNSAFE);
  g_assert_true (valise_directory_remove (self->out, NULL));
}

static void
test_endless_map (Place *self, gconstpointer unused)
{
  g_autofree char *script = g_build_filename (self->directory, "map.py", NULL);
  g_autofree char *command = NULL;
  g_autofree char *output = NULL;
  static const char program[] =
      "import sys, io, tarfile\n"
      "out = tarfile.open(fileobj=sys.stdout.buffer, mode='w|', format=tarfile.PAX_FORMAT)\n"
      "def add(name, data, pax):\n"
      "    t = tarfile.TarInfo(name); t.size = len(data); t.pax_headers = pax\n"
      "    out.addfile(t, io.BytesIO(data))\n"
      "add('M.vmbundle/config.xml', b\"<domain type='qemu'><name>m</name></domain>\", {})\n"
      "add('M.vmbundle/GNUSparseFile.0/x', b'30000000\\n' + b'0\\n0\\n' * 30000000, {'GNU.sparse.major': '1',\n"
      "    'GNU.sparse.minor': '0', 'GNU.sparse.name': 'M.vmbundle/x', 'GNU.sparse.realsize': '1000'})\n"
      "out.close()\n";

  g_test_summary ("A map of holes that would fill the memory is refused");
  g_assert_true (g_file_set_contents (script, program, -1, NULL));
  command = g_strdup_printf ("python3 '%s' | zstd -qf -o '%s'", script, self->archive);
  output = run_shell (command);
  refuse (self, VALISE_BUNDLE_ERROR_UNSAFE);
}

static void
test_no_archive (Place *self, gconstpointer unused)
{
  static const struct
  {
    const char *content;
    gsize length;
  } cases[] = { { "", 0 }, { "no archive", 10 }, { "\x28\xb5\x2f\xfd", 4 }, { "\x50\x2a\x4d\x18\xff\xff\xff\xff", 8 } };
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true (g_file_set_contents (self->archive, cases[i].content, cases[i].length, NULL));
      refuse (self, VALISE_BUNDLE_ERROR_CORRUPT);
    }
  unlink (self->archive);
  g_assert_null (valise_archive_read (self->archive, self->directory, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (valise_archive_read (self->directory, self->directory, NULL, NULL, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE);
}

static void
test_bundle_with_link (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *planted = valise_bundle_file (self->bundle, "media/secret");

  g_test_summary ("A link in a bundle is neither packed nor copied, since it would carry off what it points at");
  g_assert_cmpint (symlink ("/etc/passwd", planted), ==, 0);
  g_assert_false (
      valise_archive_write (valise_bundle_get_path (self->bundle), self->archive, NULL, NULL, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE);
  g_assert_nonnull (strstr (error->message, "media/secret"));
  g_clear_error (&error);
  g_assert_null (valise_bundle_copy (valise_bundle_get_path (self->bundle), self->out, NULL, NULL, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE);
  assert_nothing_there (self->out);
  g_assert_cmpuint (count_leftovers (self), ==, 0);
}

static void
test_copy (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *again = NULL;
  g_autofree char *name = g_strdup_printf ("valise copy test %d", (int) getpid ());

  g_test_summary ("A copy has the same bytes and holes; a taken name is refused");
  path = valise_bundle_copy (valise_bundle_get_path (self->bundle), self->out, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_same (self, path);
  g_assert_null (valise_bundle_copy (valise_bundle_get_path (self->bundle), self->out, NULL, NULL, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
  g_clear_error (&error);
  again = valise_bundle_copy (valise_bundle_get_path (self->bundle), "/dev/shm", name, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (valise_directory_remove (again, NULL));
}

typedef struct
{
  Place *place;
  gboolean is_read;
} Work;

static gboolean
work (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *self = data;
  g_autofree char *path = NULL;

  if (!self->is_read)
    return valise_archive_write (valise_bundle_get_path (self->place->bundle), self->place->archive, NULL, job,
                                 cancellable, error);
  path = valise_archive_read (self->place->archive, self->place->out, NULL, job, cancellable, error);
  return path != NULL;
}

static void
test_progress (Place *self, gconstpointer unused)
{
  g_test_summary ("A job ends with everything done and knows what it made");
  for (int is_read = 0; is_read <= 1; is_read++)
    {
      Work data = { self, is_read };
      g_autoptr (GError) error = NULL;
      g_autoptr (ValiseJob) job = valise_job_new ("work", work, &data, NULL);
      g_autofree char *result = NULL;

      g_assert_true (valise_job_run_sync (job, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (valise_job_get_total (job), >, 0);
      g_assert_cmpuint (valise_job_get_done (job), ==, valise_job_get_total (job));
      result = valise_job_dup_result_path (job);
      g_assert_true (g_file_test (result, G_FILE_TEST_EXISTS));
    }
}

static void
test_fragments (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = valise_bundle_file (self->bundle, "disks/fragments.img");
  g_autofree char *path = NULL;
  g_autofree char *copied = NULL;
  guint8 bytes[4096];

  g_test_summary ("Five thousand holes survive, and so do the bytes between them");
  for (guint i = 0; i < 5000; i++)
    {
      fill (bytes, sizeof bytes, i);
      write_at (file, (goffset) i * 16384, bytes, sizeof bytes);
    }
  pack (self);
  path = valise_archive_read (self->archive, self->out, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_same (self, path);
  copied = g_build_filename (path, "disks/fragments.img", NULL);
  g_assert_cmpuint (blocks_of (copied), <, 25 * VALISE_MIB);
}

static void
test_large (Place *self, gconstpointer unused)
{
  static const goffset last = 19 * (goffset) VALISE_GIB;
  g_autoptr (GError) error = NULL;
  g_autofree char *file = valise_bundle_file (self->bundle, "disks/large.img");
  g_autofree char *command = NULL;
  g_autofree char *output = NULL;
  g_autofree char *path = NULL;
  g_autofree char *unpacked = NULL;
  char bytes[9] = "";
  struct stat st;
  int fd;

  g_test_summary ("20 GiB with data behind 19 GiB of hole, for us and for GNU tar");
  write_at (file, last, "far away", 8);
  g_assert_cmpint (truncate (file, 20 * (goffset) VALISE_GIB), ==, 0);
  pack (self);
  path = valise_archive_read (self->archive, self->out, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  unpacked = g_build_filename (path, "disks/large.img", NULL);
  g_assert_cmpint (stat (unpacked, &st), ==, 0);
  g_assert_cmpint (st.st_size, ==, 20 * (goffset) VALISE_GIB);
  g_assert_cmpuint (blocks_of (unpacked), <, VALISE_MIB);
  fd = open (unpacked, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (pread (fd, bytes, 8, last), ==, 8);
  close (fd);
  g_assert_cmpstr (bytes, ==, "far away");
  command = g_strdup_printf ("cd '%s' && LC_ALL=C.UTF-8 tar --zstd -xf '%s' Machine.vmbundle/disks/large.img && "
                             "stat -c %%s Machine.vmbundle/disks/large.img && tail -c +%" G_GINT64_FORMAT
                             " Machine.vmbundle/disks/large.img | head -c 8",
                             self->directory, self->archive, (gint64) last + 1);
  output = run_shell (command);
  g_assert_cmpstr (output, ==, "21474836480\nfar away");
}

#define ADD(path, func) g_test_add ("/bundle/archive/" path, Place, NULL, place_set_up, func, place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("round-trip", test_round_trip);
  ADD ("other-name", test_other_name);
  ADD ("foreign-tools", test_foreign_tools);
  ADD ("checksum-in-frame", test_checksum_in_frame);
  ADD ("peek", test_peek);
  ADD ("target-exists", test_target_exists);
  ADD ("cancel", test_cancel);
  ADD ("truncated", test_truncated);
  ADD ("flipped", test_flipped);
  ADD ("trailing", test_trailing);
  ADD ("tampered", test_tampered);
  ADD ("hostile", test_hostile);
  ADD ("absurd-counts", test_absurd_counts);
  ADD ("endless-map", test_endless_map);
  ADD ("no-archive", test_no_archive);
  ADD ("bundle-with-link", test_bundle_with_link);
  ADD ("copy", test_copy);
  ADD ("progress", test_progress);
  ADD ("fragments", test_fragments);
  ADD ("large", test_large);
  return g_test_run ();
}
