/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Media that cannot do what a good one can: full, without links and permissions, not writable. They are mounted in a
 * mount namespace of the test's own, so that nothing is seen of them outside and nothing stays. */
#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-image.h"
#include "bundle/valise-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct
{
  char *directory;
  char *source; /* a bundle of 12 MiB on a good medium */
  char *archive;
  char *mount;
} Place;

static char *cannot_mount; /* why not, or NULL */

/* Its user's language is not the one that other programs are asked to speak. */
char *
strerror (int number)
{
  static char *words;

  return words != NULL ? words : (words = g_strdup ("im Augenblick nicht"));
}

static gboolean loses_directories; /* a medium that cannot tell whether a rename is durable */

int
fsync (int fd)
{
  struct stat status;

  if (loses_directories && fstat (fd, &status) == 0 && S_ISDIR (status.st_mode))
    {
      errno = EIO;
      return -1;
    }
  return (int) syscall (SYS_fsync, fd);
}

static void
find_out (void)
{
  if (geteuid () != 0)
    cannot_mount = g_strdup ("mounting a medium for the test needs root");
  else if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    cannot_mount = g_strdup_printf ("no mount namespace of our own: %s", g_strerror (errno));
}

static void
write_noise (const char *file, gsize length)
{
  g_autofree guint8 *bytes = g_malloc (length);
  g_autoptr (GRand) dice = g_rand_new_with_seed (1);

  for (gsize i = 0; i < length; i++)
    bytes[i] = g_rand_int (dice);
  g_assert_true (g_file_set_contents (file, (char *) bytes, length, NULL));
}

static ValiseBundle *
make (const char *directory, const char *name, gsize noise, GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (directory, name, error);
  g_autofree char *disk = bundle != NULL ? valise_bundle_file (bundle, "disks/root.img") : NULL;

  if (bundle == NULL)
    return NULL;
  if (noise > 0)
    write_noise (disk, noise);
  return valise_bundle_commit (bundle, valise_bundle_get_document (bundle), error) ? g_steal_pointer (&bundle) : NULL;
}

static void
place_set_up (Place *self, gconstpointer unused)
{
  g_autoptr (ValiseBundle) bundle = NULL;

  self->directory = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->mount = g_build_filename (self->directory, "medium", NULL);
  self->archive = g_build_filename (self->directory, "S.vmbundle.tar.zst", NULL);
  g_assert_cmpint (g_mkdir (self->mount, 0700), ==, 0);
  bundle = make (self->directory, "Source", 12 * VALISE_MIB, NULL);
  self->source = g_strdup (valise_bundle_get_path (bundle));
  g_assert_true (valise_archive_write (self->source, self->archive, NULL, NULL, NULL, NULL));
}

static void
place_tear_down (Place *self, gconstpointer unused)
{
  umount2 (self->mount, MNT_DETACH);
  g_assert_true (valise_directory_remove (self->directory, NULL));
  g_free (self->directory);
  g_free (self->mount);
  g_free (self->archive);
  g_free (self->source);
}

static gboolean
mount_small (Place *self, const char *size)
{
  g_autofree char *options = g_strdup_printf ("size=%s", size);

  if (cannot_mount == NULL && mount ("tmpfs", self->mount, "tmpfs", 0, options) != 0)
    cannot_mount = g_strdup_printf ("tmpfs cannot be mounted: %s", g_strerror (errno));
  if (cannot_mount != NULL)
    g_test_skip (cannot_mount);
  return cannot_mount == NULL;
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (directory != NULL && g_dir_read_name (directory) != NULL)
    n++;
  return n;
}

static void
assert_no_space (Place *self, GError *error, const char *unit)
{
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "medium"));
  g_assert_nonnull (strstr (error->message, "more are needed"));
  g_assert_nonnull (strstr (error->message, unit));
}

/* The size that stands between two pieces of @message. */
static guint64
size_said (const char *message, const char *before, const char *after)
{
  const char *start = strstr (message, before);
  const char *end = start != NULL ? strstr (start, after) : NULL;
  g_autofree char *text = NULL;
  guint64 bytes = 0;

  if (end == NULL)
    g_error ("no “%s … %s” in: %s", before, after, message);
  text = g_strndup (start + strlen (before), end - start - strlen (before));
  g_assert_true (valise_size_parse (text, 1, &bytes, NULL));
  return bytes;
}

static void
test_full (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_build_filename (self->mount, "E.vmbundle.tar.zst", NULL);

  g_test_summary (
      "A medium that fills up on the way: the error says how much is missing, and the medium is empty again");
  if (!mount_small (self, "5m"))
    return;
  g_assert_false (valise_archive_write (self->source, file, NULL, NULL, NULL, &error));
  assert_no_space (self, error, "MiB");
  g_clear_error (&error);
  g_assert_cmpuint (count_entries (self->mount), ==, 0);
  g_assert_null (valise_archive_read (self->archive, self->mount, NULL, NULL, NULL, &error));
  /* Of 12 MiB that do not shrink 5 have room; what the unpacking thread has ahead is missing as well. */
  g_test_message ("%s", error->message);
  g_assert_cmpuint (size_said (error->message, "at least ", " more are needed"), >=, 5 * VALISE_MIB);
  g_clear_error (&error);
  g_assert_cmpuint (count_entries (self->mount), ==, 0);
  g_assert_null (valise_bundle_copy (self->source, self->mount, NULL, NULL, NULL, &error));
  assert_no_space (self, error, "MiB");
  g_assert_cmpuint (count_entries (self->mount), ==, 0);
}

/* --- what is said to be missing --- */

static guint64
stored_bytes (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  struct stat st;
  guint64 total;
  const char *name;

  g_assert_cmpint (lstat (path, &st), ==, 0);
  total = (guint64) st.st_blocks * 512;
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      total += stored_bytes (child);
    }
  return total;
}

/* Appends @noise bytes that cannot be compressed after @zeros that can, and @hole that are not stored at all. */
static void
write_disk (const char *bundle, const char *name, guint64 zeros, guint64 noise, guint64 hole)
{
  g_autofree char *file = g_build_filename (bundle, "disks", name, NULL);
  g_autofree guint8 *bytes = g_malloc0 (zeros + noise);
  g_autoptr (GRand) dice = g_rand_new_with_seed (2);

  for (guint64 i = zeros; i < zeros + noise; i++)
    bytes[i] = g_rand_int (dice);
  g_assert_true (g_file_set_contents (file, (char *) bytes, zeros + noise, NULL));
  g_assert_cmpint (truncate (file, zeros + noise + hole), ==, 0);
}

static const struct
{
  const char *name;
  guint64 zeros, noise, hole; /* of each disk, in MiB */
  guint disks;
} contents[] = {
  { "noise", 0, 24, 0, 1 },
  { "zeros", 64, 12, 0, 1 },
  { "sparse", 0, 24, 1024, 1 },
  { "many", 0, 3, 5, 8 },
};

static char *
make_contents (Place *self, guint number)
{
  g_autofree char *name = g_strdup_printf ("Contents%u", number);
  g_autoptr (ValiseBundle) bundle = make (self->directory, name, 0, NULL);

  for (guint i = 0; i < contents[number].disks; i++)
    {
      g_autofree char *disk = g_strdup_printf ("disk%u.img", i);

      write_disk (valise_bundle_get_path (bundle), disk, contents[number].zeros * VALISE_MIB,
                  contents[number].noise * VALISE_MIB, contents[number].hole * VALISE_MIB);
    }
  return g_strdup (valise_bundle_get_path (bundle));
}

#define MEDIUM_BYTES (5 * VALISE_MIB)
#define SLACK (VALISE_MIB / 2)

static void
check_missing_of_copy (Place *self, const char *source)
{
  guint64 truth = stored_bytes (source) - MEDIUM_BYTES;
  g_autoptr (GError) error = NULL;
  guint64 said;

  g_assert_null (valise_bundle_copy (source, self->mount, NULL, NULL, NULL, &error));
  g_test_message ("copy of %" G_GUINT64_FORMAT ": %s", truth, error->message);
  said = size_said (error->message, "and about ", " more are needed");
  g_assert_cmpuint (said + SLACK, >=, truth);
  g_assert_cmpuint (said, <=, truth + SLACK);
}

/* What compresses how well is known when it has been compressed: the guess may be off, the bound may not. */
static void
check_missing_of_archive (Place *self, const char *source, const char *whole)
{
  g_autofree char *file = g_build_filename (self->mount, "E.vmbundle.tar.zst", NULL);
  guint64 truth = stored_bytes (whole) - MEDIUM_BYTES;
  g_autoptr (GError) error = NULL;
  guint64 most;

  g_assert_false (valise_archive_write (source, file, NULL, NULL, NULL, &error));
  g_test_message ("archive of %" G_GUINT64_FORMAT ": %s", truth, error->message);
  most = size_said (error->message, "at most ", ". ");
  g_assert_cmpuint (most, >=, truth);
  g_assert_cmpuint (most, <=, stored_bytes (source) + VALISE_MIB);
  g_assert_cmpuint (size_said (error->message, "so far, about ", " more are needed"), <=, most);
}

static void
check_missing_of_unpacking (Place *self, const char *source, const char *whole)
{
  guint64 truth = stored_bytes (source) - MEDIUM_BYTES;
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_archive_read (whole, self->mount, NULL, NULL, NULL, &error));
  g_test_message ("unpacking of %" G_GUINT64_FORMAT ": %s", truth, error->message);
  g_assert_cmpuint (size_said (error->message, "at least ", " more are needed"), <=, truth + SLACK);
}

static void
test_missing (Place *self, gconstpointer unused)
{
  g_test_summary ("What is said to be missing is what is missing, or is called a guess and has a bound that holds");
  if (!mount_small (self, "5m"))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autofree char *source = make_contents (self, i);
      g_autofree char *whole = g_build_filename (self->directory, "Whole.vmbundle.tar.zst", NULL);

      g_test_message ("%s", contents[i].name);
      g_assert_true (valise_archive_write (source, whole, NULL, NULL, NULL, NULL));
      check_missing_of_copy (self, source);
      check_missing_of_archive (self, source, whole);
      check_missing_of_unpacking (self, source, whole);
      g_assert_cmpint (g_unlink (whole), ==, 0);
    }
}

static void
fill_up (Place *self)
{
  g_autofree char *file = g_build_filename (self->mount, "ballast", NULL);
  int fd = open (file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  char block[4096] = { 0 };

  while (write (fd, block, sizeof block) > 0)
    continue;
  g_assert_cmpint (errno, ==, ENOSPC);
  close (fd);
}

static void
test_full_save (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseDocument) draft = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *disk = NULL;
  g_autofree char *config = NULL;
  g_autoptr (GPtrArray) versions = NULL;

  g_test_summary ("A save, a new disk and a new machine on a full medium change nothing");
  if (!mount_small (self, "1m"))
    return;
  bundle = make (self->mount, "Full", 0, &error);
  g_assert_no_error (error);
  config = valise_bundle_file (bundle, "config.xml");
  disk = valise_bundle_file (bundle, "disks/new.qcow2");
  fill_up (self);
  g_assert_true (g_file_get_contents (config, &before, NULL, NULL));
  draft = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_document_set (draft, "memory", "7777", NULL));
  g_assert_false (valise_bundle_save (bundle, draft, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NO_SPACE);
  g_clear_error (&error);
  g_assert_true (g_file_get_contents (config, &after, NULL, NULL));
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpstr (valise_document_get_text (valise_bundle_get_document (bundle)), ==, before);
  versions = valise_bundle_list_history (bundle);
  g_assert_cmpuint (versions->len, ==, 0);

  g_assert_false (valise_image_create (disk, "qcow2", VALISE_GIB, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NO_SPACE);
  g_clear_error (&error);
  g_autofree char *disks = g_path_get_dirname (disk);
  g_assert_cmpuint (count_entries (disks), ==, 0);
  g_assert_null (make (self->mount, "Another", 0, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NO_SPACE);
  g_assert_cmpuint (count_entries (self->mount), ==, 2);
}

static void
test_unsure_save (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->source, NULL);
  g_autoptr (ValiseDocument) draft = valise_document_copy (valise_bundle_get_document (bundle));
  g_autofree char *config = valise_bundle_file (bundle, "config.xml");
  g_autofree char *now = NULL;
  g_autoptr (GPtrArray) versions = NULL;

  g_test_summary ("Where the new config.xml may be lost again, the one before it stays in the history");
  g_assert_true (valise_document_set (draft, "memory", "7777", NULL));
  loses_directories = TRUE;
  g_assert_false (valise_bundle_save (bundle, draft, &error));
  loses_directories = FALSE;
  g_assert_nonnull (error);
  g_assert_true (g_file_get_contents (config, &now, NULL, NULL));
  g_assert_nonnull (strstr (now, "7777"));
  versions = valise_bundle_list_history (bundle);
  g_assert_cmpuint (versions->len, ==, 1);
}

static void
test_read_only (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) made = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseDocument) draft = NULL;
  g_autofree char *exported = g_build_filename (self->directory, "Out.vmbundle.tar.zst", NULL);
  g_autofree char *file = g_build_filename (self->mount, "E.vmbundle.tar.zst", NULL);

  g_test_summary ("A read-only medium: opens, packs and copies away; every way of changing it says READ_ONLY");
  if (!mount_small (self, "20m"))
    return;
  made = make (self->mount, "Fixed", VALISE_MIB, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mount (NULL, self->mount, NULL, MS_REMOUNT | MS_RDONLY | MS_BIND, NULL), ==, 0);
  bundle = valise_bundle_open (valise_bundle_get_path (made), &error);
  g_assert_no_error (error);
  draft = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_document_set (draft, "memory", "7777", NULL));
  g_assert_false (valise_bundle_save (bundle, draft, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_null (valise_lock_take (valise_bundle_get_path (bundle), "editing", &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_null (make (self->mount, "Another", 0, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_READ_ONLY);
  /* What is half made is nothing that anybody knows. */
  g_assert_null (strstr (error->message, ".partial"));
  g_clear_error (&error);
  g_assert_false (valise_archive_write (self->source, file, NULL, NULL, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_READ_ONLY);
  g_clear_error (&error);
  g_assert_true (valise_archive_write (valise_bundle_get_path (bundle), exported, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
}

/* @make: the program that makes the file system, e.g. "mkfs.vfat". */
static gboolean
mount_image (Place *self, const char *make_program)
{
  g_autofree char *image = g_build_filename (self->directory, "medium.img", NULL);
  g_autofree char *command =
      g_strdup_printf ("export PATH=$PATH:/sbin:/usr/sbin; truncate -s 128M '%s' && %s '%s' >/dev/null 2>&1"
                       " && mount -o loop '%s' '%s' 2>/dev/null",
                       image, make_program, image, image, self->mount);
  g_autofree char *why =
      g_strdup_printf ("no image of %s can be mounted here (program, loop device or kernel support missing)",
                       make_program);

  if (cannot_mount != NULL)
    g_test_skip (cannot_mount);
  else if (system (command) != 0)
    g_test_skip (why);
  else
    return TRUE;
  return FALSE;
}

static void
save_thrice (ValiseBundle *bundle)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) versions = NULL;

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (ValiseDocument) draft = valise_document_copy (valise_bundle_get_document (bundle));
      g_autofree char *memory = g_strdup_printf ("%d", 2000 + i);

      g_assert_true (valise_document_set (draft, "memory", memory, NULL));
      g_assert_true (valise_bundle_save (bundle, draft, &error));
      g_assert_no_error (error);
    }
  versions = valise_bundle_list_history (bundle);
  g_assert_cmpuint (versions->len, ==, 3);
  g_assert_true (valise_bundle_undo (bundle, &error));
  g_assert_no_error (error);
}

static void
test_fat (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseLock) lock = NULL;
  g_autofree char *copied = NULL;
  g_autofree char *unpacked = NULL;
  g_autofree char *disk = NULL;
  g_autofree char *file = g_build_filename (self->mount, "E.vmbundle.tar.zst", NULL);

  g_test_summary (
      "FAT has no links and no permissions: make, lock, save with history, copy, pack and unpack work all the same");
  if (!mount_image (self, "mkfs.vfat"))
    return;
  bundle = make (self->mount, "F: a?t", VALISE_MIB, &error);
  g_assert_no_error (error);
  lock = valise_lock_take (valise_bundle_get_path (bundle), "editing", &error);
  g_assert_no_error (error);
  g_assert_null (valise_lock_take (valise_bundle_get_path (bundle), "editing", NULL));
  save_thrice (bundle);
  copied = valise_bundle_copy (self->source, self->mount, "Copy", NULL, NULL, &error);
  g_assert_no_error (error);
  unpacked = valise_archive_read (self->archive, self->mount, "Unpacked", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (valise_archive_write (self->source, file, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  /* More than FAT's largest file. */
  disk = valise_bundle_file (bundle, "disks/large.img");
  g_assert_false (valise_image_create (disk, "raw", 5 * VALISE_GIB, NULL, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NO_SPACE);
  g_clear_error (&error);
  g_assert_false (g_file_test (disk, G_FILE_TEST_EXISTS));
  g_assert_null (valise_bundle_begin (self->mount, "f: A?T", &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
}

static guint64
used_bytes (const char *path)
{
  struct statvfs st;

  sync ();
  g_assert_cmpint (statvfs (path, &st), ==, 0);
  return (guint64) (st.f_blocks - st.f_bfree) * st.f_frsize;
}

static void
test_reflink (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autofree char *copied = NULL;
  guint64 before;

  g_test_summary ("Where the file system can share blocks a copy takes no room");
  if (!mount_image (self, "mkfs.btrfs"))
    return;
  bundle = make (self->mount, "Original", 16 * VALISE_MIB, &error);
  g_assert_no_error (error);
  before = used_bytes (self->mount);
  copied = valise_bundle_copy (valise_bundle_get_path (bundle), self->mount, "Copy", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (used_bytes (self->mount), <, before + 4 * VALISE_MIB);
}

/* Answers as a FAT medium, or a network one without locks, does: no hard links, no exclusive rename, no permissions, no
 * locks. */
static gboolean
pretend_poor_medium (void)
{
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_linkat, 8, 0),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_fchmod, 7, 0),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_fchmodat, 6, 0),
#ifdef __NR_link
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_link, 5, 0),
#else
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_linkat, 5, 0),
#endif
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_renameat2, 5, 0),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_fcntl, 0, 2),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[1])),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, F_OFD_SETLK, 3, 0),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOLCK),
  };
  struct sock_fprog program = { G_N_ELEMENTS (filter), filter };

  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void
work_on_poor_medium (Place *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *library = g_build_filename (self->directory, "poor", NULL);
  g_autoptr (ValiseBundle) bundle = make (library, "Poor", VALISE_MIB, &error);
  g_autoptr (ValiseLock) lock = NULL;
  g_autofree char *unpacked = NULL;
  g_autofree char *copied = NULL;
  g_autofree char *taken = NULL;

  g_assert_no_error (error);
  lock = valise_lock_take (valise_bundle_get_path (bundle), "editing", &error);
  g_assert_no_error (error);
  g_assert_null (valise_lock_take (valise_bundle_get_path (bundle), "running", &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED);
  g_clear_error (&error);
  save_thrice (bundle);
  copied = valise_bundle_copy (self->source, library, "Copy", NULL, NULL, &error);
  g_assert_no_error (error);
  unpacked = valise_archive_read (self->archive, library, "Unpacked", NULL, NULL, &error);
  g_assert_no_error (error);
  taken = valise_archive_read (self->archive, library, "Unpacked", NULL, NULL, &error);
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
}

static void
test_poor_medium (Place *self, gconstpointer unused)
{
  g_test_summary (
      "Without links, locks, permissions and exclusive renames everything works, and the lock still names its holder");
  if (g_test_subprocess ())
    {
      g_assert_true (pretend_poor_medium ());
      g_assert_cmpint (link (self->archive, "/tmp/never"), ==, -1);
      g_assert_cmpint (errno, ==, EPERM);
      work_on_poor_medium (self);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static void
test_no_permission (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (self->source, NULL);
  g_autoptr (ValiseDocument) draft = valise_document_copy (valise_bundle_get_document (bundle));

  g_test_summary ("A folder without the permission to write");
  if (geteuid () == 0)
    {
      g_test_skip ("root may write everywhere");
      return;
    }
  g_assert_cmpint (g_chmod (self->source, 0500), ==, 0);
  g_assert_true (valise_document_set (draft, "memory", "7777", NULL));
  g_assert_false (valise_bundle_save (bundle, draft, &error));
  g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_READ_ONLY);
  g_assert_cmpint (g_chmod (self->source, 0700), ==, 0);
}

#define ADD(path, func) g_test_add ("/bundle/media/" path, Place, NULL, place_set_up, func, place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  find_out ();
  ADD ("full", test_full);
  ADD ("missing", test_missing);
  ADD ("full-save", test_full_save);
  ADD ("unsure-save", test_unsure_save);
  ADD ("read-only", test_read_only);
  ADD ("fat", test_fat);
  ADD ("reflink", test_reflink);
  ADD ("poor-medium", test_poor_medium);
  ADD ("no-permission", test_no_permission);
  return g_test_run ();
}
