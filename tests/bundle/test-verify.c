/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine that something is done to, and what is found then: that and nothing else, and nothing of it is changed. */
#include "bundle/valise-verify.h"

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "bundle/valise-snapshot-private.h"
#include "snapshot-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REFCOUNT_TABLE 48 /* where it is named in a qcow2 header */

static char *model;

/* --- damage --- */

static guint64
get64 (int fd, off_t at)
{
  guint64 value = 0;

  g_assert_cmpint (pread (fd, &value, sizeof value, at), ==, sizeof value);
  return GUINT64_FROM_BE (value);
}

/* How often the image says that its first cluster, the header, is used. */
static void
set_refcount (const char *image, guint16 count)
{
  int fd = open (image, O_RDWR | O_CLOEXEC);
  off_t block;
  guint16 value = GUINT16_TO_BE (count);

  g_assert_cmpint (fd, >=, 0);
  block = (off_t) get64 (fd, (off_t) get64 (fd, REFCOUNT_TABLE));
  g_assert_cmpint (pwrite (fd, &value, sizeof value, block), ==, sizeof value);
  close (fd);
}

static char *
present_image (const char *path)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);
  g_autofree char *file = valise_document_get_device (valise_bundle_get_document (bundle), "disk", 1, "source/@file");

  return valise_bundle_file (bundle, file);
}

static char *
frozen_image (const char *path)
{
  return snapshot_fixture_frozen_image (path, "second");
}

static char *
first_image (const char *path)
{
  return snapshot_fixture_frozen_image (path, "first");
}

static void
put (const char *path, const char *relative, const char *text)
{
  g_autofree char *file = g_build_filename (path, relative, NULL);
  g_autofree char *folder = g_path_get_dirname (file);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
}

static void
put_in_snapshot (const char *path, const char *name, const char *text)
{
  g_autofree char *id = snapshot_fixture_find (path, "first");
  g_autofree char *relative = g_build_filename ("snapshots", id, name, NULL);

  put (path, relative, text);
}

static void
replace_in_config (const char *path, const char *from, const char *to)
{
  g_autofree char *file = g_build_filename (path, "config.xml", NULL);
  g_autofree char *text = NULL;
  g_autofree char *changed = NULL;
  g_auto (GStrv) parts = NULL;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  parts = g_strsplit (text, from, -1);
  g_assert_cmpuint (g_strv_length (parts), >, 1);
  changed = g_strjoinv (to, parts);
  g_assert_true (g_file_set_contents (file, changed, -1, NULL));
}

static void
rebase (const char *image, const char *base)
{
  const char *const argv[] = { "qemu-img", "rebase", "-q", "-u", "-f",  "qcow2", "-F",
                               "qcow2",    "-b",     base, "--", image, NULL };
  g_autoptr (GError) error = NULL;

  valise_process_run (argv, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
do_nothing (const char *path)
{
}

static void
leak (const char *path)
{
  g_autofree char *image = present_image (path);

  set_refcount (image, 2);
}

static void
corrupt (const char *path)
{
  g_autofree char *image = present_image (path);

  set_refcount (image, 0);
}

static void
lose_base (const char *path)
{
  g_autofree char *image = first_image (path);

  g_assert_cmpint (g_unlink (image), ==, 0);
}

/* In the last piece, which is looked at, with the date put back: as a medium does it. */
static void
rot_base (const char *path)
{
  g_autofree char *image = frozen_image (path);
  struct stat before;
  struct timespec times[2];

  g_assert_cmpint (stat (image, &before), ==, 0);
  snapshot_fixture_write_byte (image, before.st_size - 1, 'x');
  times[0] = before.st_atim;
  times[1] = before.st_mtim;
  g_assert_cmpint (utimensat (AT_FDCWD, image, times, 0), ==, 0);
}

/* Of an image that is no copy, the date counts too. */
static void
touch_base (const char *path)
{
  g_autofree char *image = frozen_image (path);
  g_autofree char *id = snapshot_fixture_find (path, "second");
  g_autofree char *folder = g_build_filename (path, "snapshots", id, NULL);
  g_autoptr (ValiseSnapshot) record = _valise_snapshot_read (folder, id, NULL);
  ValiseSnapshotDisk *disk = record->disks->pdata[0];

  g_assert_true (_valise_image_stamp_take (image, &disk->stamp, NULL));
  g_assert_true (_valise_snapshot_write (folder, record, NULL));
  g_assert_cmpint (utimensat (AT_FDCWD, image, NULL, 0), ==, 0);
}

static void
truncate_image (const char *path)
{
  g_autofree char *image = present_image (path);

  g_assert_cmpint (truncate (image, 100), ==, 0);
}

static void
put_text_for_image (const char *path)
{
  g_autofree char *image = present_image (path);

  g_assert_true (g_file_set_contents (image, "not a disk at all", -1, NULL));
}

static void
build_elsewhere (const char *path)
{
  g_autofree char *image = present_image (path);

  rebase (image, "/etc/passwd");
}

static void
build_on_oneself (const char *path)
{
  g_autofree char *image = present_image (path);
  g_autofree char *name = g_path_get_basename (image);

  rebase (image, name);
}

/* Over the second snapshot to what the first one kept: whole, but not this machine's present. */
static void
build_on_other (const char *path)
{
  g_autofree char *image = present_image (path);
  g_autofree char *base = first_image (path);
  g_autofree char *name = g_path_get_basename (base);

  rebase (image, name);
}

static void
break_config (const char *path)
{
  put (path, "config.xml", "<domain><name>");
}

static void
break_record (const char *path)
{
  put_in_snapshot (path, "snapshot.xml", "<snapshot");
}

static void
break_kept_settings (const char *path)
{
  put_in_snapshot (path, "domain.xml", "<domain");
}

static void
remove_from_snapshot (const char *path, const char *name)
{
  g_autofree char *id = snapshot_fixture_find (path, "first");
  g_autofree char *file = g_build_filename (path, "snapshots", id, name, NULL);

  g_assert_no_errno (g_unlink (file));
}

static void
forget_kept_firmware (const char *path)
{
  remove_from_snapshot (path, "vars.fd");
}

static void
forget_kept_chip (const char *path)
{
  remove_from_snapshot (path, "tpm/tpm2-00.permall");
}

static void
empty_firmware (const char *path)
{
  put (path, "nvram/vars.fd", "");
}

static void
forget_chip (const char *path)
{
  g_autofree char *folder = g_build_filename (path, "tpm", NULL);

  g_assert_true (valise_directory_remove (folder, NULL));
  replace_in_config (path, "</devices>", "<tpm model='tpm-crb'><backend type='emulator'/></tpm></devices>");
  put (path, "logs/qemu.log", "It ran.");
}

static void
name_disc (const char *path)
{
  replace_in_config (path, "</devices>",
                     "<disk type='file' device='cdrom'><source file='media/gone.iso'/><target dev='sda'/></disk>"
                     "</devices>");
}

static void
name_disc_elsewhere (const char *path)
{
  replace_in_config (path, "</devices>",
                     "<disk type='file' device='cdrom'><source file='/nowhere/gone.iso'/><target dev='sda'/></disk>"
                     "</devices>");
}

static void
leave_file (const char *path)
{
  put (path, "disks/forgotten.qcow2", "whose is it");
}

static void
lose_memory (const char *path)
{
  g_autofree char *id = snapshot_fixture_find (path, "first");
  g_autofree char *folder = g_build_filename (path, "snapshots", id, NULL);
  g_autoptr (ValiseSnapshot) record = _valise_snapshot_read (folder, id, NULL);

  record->memory = VALISE_SNAPSHOT_MEMORY_PAUSED;
  g_assert_true (_valise_snapshot_write (folder, record, NULL));
}

static void
link_folder (const char *path)
{
  g_autofree char *folder = g_build_filename (path, "logs", NULL);

  valise_directory_remove (folder, NULL);
  g_assert_cmpint (symlink ("/tmp", folder), ==, 0);
}

/* On an image with a name that moves a terminal's cursor. */
static void
build_on_hostile (const char *path)
{
  g_autofree char *image = present_image (path);
  g_autofree char *folder = g_path_get_dirname (image);
  g_autofree char *name = g_build_filename (folder, "x\033[2J.qcow2", NULL);
  const char *const argv[] = { "qemu-img", "create", "-q",         "-u", "-f", "qcow2", "-F",
                               "qcow2",    "-b",     "gone.qcow2", name, "8M", NULL };
  g_autoptr (GError) error = NULL;

  valise_process_run (argv, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  rebase (image, "x\033[2J.qcow2");
}

static const struct
{
  const char *name;
  void (*damage) (const char *path);
  const char *code; /* NULL: nothing is found */
  ValiseSeverity severity;
  guint more; /* that follow from it */
} cases[] = {
  { "sound", do_nothing, NULL, VALISE_SEVERITY_INFO },
  { "leak", leak, "image-leaks", VALISE_SEVERITY_WARNING },
  { "corrupt", corrupt, "image-corrupt", VALISE_SEVERITY_ERROR },
  { "missing-base", lose_base, "image-missing", VALISE_SEVERITY_ERROR },
  { "rotten-base", rot_base, "image-changed", VALISE_SEVERITY_ERROR },
  { "touched-base", touch_base, "image-changed", VALISE_SEVERITY_ERROR },
  { "truncated", truncate_image, "image-damaged", VALISE_SEVERITY_ERROR },
  { "no-image", put_text_for_image, "image-format", VALISE_SEVERITY_ERROR },
  { "elsewhere", build_elsewhere, "image-unsafe", VALISE_SEVERITY_ERROR },
  { "hostile-name", build_on_hostile, "image-unsafe", VALISE_SEVERITY_ERROR },
  { "circle", build_on_oneself, "image-unsafe", VALISE_SEVERITY_ERROR },
  { "other-base", build_on_other, "chain-other", VALISE_SEVERITY_WARNING },
  { "config", break_config, "config-damaged", VALISE_SEVERITY_ERROR },
  { "record", break_record, "snapshot-damaged", VALISE_SEVERITY_ERROR },
  { "kept-settings", break_kept_settings, "snapshot-settings", VALISE_SEVERITY_ERROR },
  { "kept-firmware", forget_kept_firmware, "snapshot-firmware", VALISE_SEVERITY_ERROR },
  { "kept-chip", forget_kept_chip, "snapshot-chip", VALISE_SEVERITY_ERROR },
  { "memory", lose_memory, "snapshot-memory", VALISE_SEVERITY_ERROR },
  { "firmware", empty_firmware, "firmware-empty", VALISE_SEVERITY_ERROR },
  { "chip", forget_chip, "chip-missing", VALISE_SEVERITY_WARNING },
  { "disc", name_disc, "file-missing", VALISE_SEVERITY_ERROR },
  { "disc-elsewhere", name_disc_elsewhere, "file-missing", VALISE_SEVERITY_WARNING },
  { "orphan", leave_file, "orphan", VALISE_SEVERITY_INFO },
  { "link", link_folder, "folder-unsafe", VALISE_SEVERITY_ERROR, 1 },
};

/* --- looking --- */

/* Every file with what would tell that it was touched. */
static char *
list (const char *path)
{
  const char *const argv[] = { "find", path, "-printf", "%p %y %s %T@ %C@ %n\n", NULL };
  g_autoptr (GError) error = NULL;
  char *output = NULL;

  valise_process_run (argv, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  return output;
}

static GPtrArray *
verify (const char *path, guint *images)
{
  g_autofree char *before = list (path);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *findings = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);

  valise_verify_files (path, findings, images, NULL, NULL, &error);
  g_assert_no_error (error);
  after = list (path);
  g_assert_cmpstr (before, ==, after);
  return findings;
}

/* Made once, since QEMU's tools are started often for it. */
static char *
make_model (const char *root)
{
  char *path = snapshot_fixture_make (root);
  g_autofree char *first = snapshot_fixture_take (path, "first");
  g_autofree char *second = NULL;

  snapshot_fixture_write (path, 'B');
  second = snapshot_fixture_take (path, "second");
  snapshot_fixture_write (path, 'C');
  return path;
}

static char *
copy_model (const char *root)
{
  const char *const argv[] = { "cp", "-a", "--", model, root, NULL };
  g_autofree char *name = g_path_get_basename (model);
  g_autoptr (GError) error = NULL;

  valise_process_run (argv, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return g_build_filename (root, name, NULL);
}

static void
test_case (gconstpointer data)
{
  guint number = GPOINTER_TO_UINT (data), images = 0;
  g_autofree char *root = g_dir_make_tmp ("v-XXXXXX", NULL);
  g_autofree char *path = copy_model (root);
  g_autoptr (GPtrArray) findings = NULL;

  cases[number].damage (path);
  findings = verify (path, &images);
  for (guint i = 0; i < findings->len; i++)
    g_test_message ("%s, %s: %s %s", ((ValiseFinding *) findings->pdata[i])->code,
                    ((ValiseFinding *) findings->pdata[i])->where, ((ValiseFinding *) findings->pdata[i])->text,
                    ((ValiseFinding *) findings->pdata[i])->remedy);
  for (guint i = 0; i < findings->len; i++)
    g_assert_null (strchr (((ValiseFinding *) findings->pdata[i])->text, '\033'));
  g_assert_cmpuint (findings->len, ==, cases[number].code != NULL ? 1 + cases[number].more : 0);
  if (cases[number].code != NULL)
    {
      const ValiseFinding *finding = findings->pdata[0];

      g_assert_cmpstr (finding->code, ==, cases[number].code);
      g_assert_cmpint (finding->severity, ==, cases[number].severity);
    }
  else
    g_assert_cmpuint (images, ==, snapshot_fixture_count_images (path));
  g_assert_true (valise_directory_remove (root, NULL));
}

/* Looks with another qemu-img than the real one. */
static GPtrArray *
verify_with (const char *path, const char *script, guint *images)
{
  g_autofree char *tools = g_dir_make_tmp ("t-XXXXXX", NULL);
  g_autofree char *tool = g_build_filename (tools, "qemu-img", NULL);
  g_autofree char *before = g_strdup (g_getenv ("PATH"));
  g_autofree char *search = g_strconcat (tools, ":", before, NULL);
  g_autoptr (GError) error = NULL;
  GPtrArray *findings = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);

  g_assert_true (g_file_set_contents (tool, script, -1, NULL));
  g_assert_cmpint (g_chmod (tool, 0700), ==, 0);
  g_setenv ("PATH", search, TRUE);
  valise_verify_files (path, findings, images, NULL, NULL, &error);
  g_assert_no_error (error);
  g_setenv ("PATH", before, TRUE);
  g_assert_true (valise_directory_remove (tools, NULL));
  return findings;
}

/* That a check did not come to its end tells nothing of the image. */
static void
test_unchecked (SnapshotPlace *self, gconstpointer unused)
{
  guint images = 0;
  g_autoptr (GPtrArray) findings =
      verify_with (self->path, "#!/bin/sh\necho 'Cannot allocate memory' >&2\nexit 1\n", &images);
  const ValiseFinding *finding;

  g_assert_cmpuint (findings->len, ==, 1);
  finding = findings->pdata[0];
  g_assert_cmpstr (finding->code, ==, "image-unreadable");
  g_assert_nonnull (strstr (finding->text, "Cannot allocate memory"));
  g_assert_cmpuint (images, ==, snapshot_fixture_count_images (self->path) - 1);
}

/* Places that damaged tables lead to cannot be read from a sound medium either. */
static void
test_unreadable (SnapshotPlace *self, gconstpointer unused)
{
  static const struct
  {
    int corruptions;
    gboolean blames_medium;
  } rows[] = { { 0, TRUE }, { 3, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *script =
          g_strdup_printf ("#!/bin/sh\necho '{\"check-errors\": 5, \"corruptions\": %d}'\n", rows[i].corruptions);
      guint images = 0;
      g_autoptr (GPtrArray) findings = verify_with (self->path, script, &images);
      const ValiseFinding *last = findings->pdata[findings->len - 1];

      g_assert_cmpstr (last->code, ==, "image-unreadable");
      g_assert_cmpint (strstr (last->remedy, "medium") != NULL, ==, rows[i].blames_medium);
    }
}

/* While the check of the machine's own image goes on, a snapshot is deleted, with what only it kept. */
static void
test_deleted_meanwhile (SnapshotPlace *self, gconstpointer unused)
{
  guint images = 0;
  g_autofree char *id = NULL;
  g_autofree char *image = NULL;
  g_autofree char *present = NULL;
  g_autofree char *record = NULL;
  g_autofree char *script = NULL;
  g_autoptr (GPtrArray) findings = NULL;

  snapshot_fixture_take_one (self, "first");
  id = snapshot_fixture_find (self->path, "first");
  image = snapshot_fixture_frozen_image (self->path, "first");
  record = g_build_filename (self->path, "snapshots", id, NULL);
  script = g_strdup_printf ("#!/bin/sh\nrm -rf '%s' '%s'\necho '{ \"check-errors\": 0 }'\n", record, image);
  present = present_image (self->path);
  rebase (present, "");
  findings = verify_with (self->path, script, &images);
  g_assert_cmpuint (findings->len, ==, 0);
}

/* Of one that somebody writes to nothing is said but that, and the rest is looked at. */
static void
test_busy (SnapshotPlace *self, gconstpointer unused)
{
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 101, .l_len = 1 };
  g_autoptr (GPtrArray) findings = NULL;
  g_autofree char *image = NULL;
  guint images = 0;
  int fd;

  snapshot_fixture_take_one (self, "first");
  image = present_image (self->path);
  set_refcount (image, 0);
  fd = open (image, O_RDWR | O_CLOEXEC);
  g_assert_cmpint (fcntl (fd, F_OFD_SETLK, &range), ==, 0);
  findings = verify (self->path, &images);
  g_assert_cmpuint (findings->len, ==, 1);
  g_assert_cmpstr (((ValiseFinding *) findings->pdata[0])->code, ==, "image-busy");
  g_assert_cmpuint (images, ==, snapshot_fixture_count_images (self->path) - 1);
  close (fd);
}

static void
test_cancelled (SnapshotPlace *self, gconstpointer unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);
  g_autoptr (GError) error = NULL;
  guint images = 0;

  g_cancellable_cancel (cancellable);
  g_assert_false (valise_verify_files (self->path, findings, &images, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_autofree char *root = NULL;
  int failed;

  g_test_init (&argc, &argv, NULL);
  root = g_dir_make_tmp ("v-XXXXXX", NULL);
  model = make_model (root);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat ("/bundle/verify/", cases[i].name, NULL);

      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_case);
    }
  g_test_add ("/bundle/verify/busy", SnapshotPlace, NULL, snapshot_fixture_set_up, test_busy,
              snapshot_fixture_tear_down);
  g_test_add ("/bundle/verify/unreadable", SnapshotPlace, NULL, snapshot_fixture_set_up, test_unreadable,
              snapshot_fixture_tear_down);
  g_test_add ("/bundle/verify/unchecked", SnapshotPlace, NULL, snapshot_fixture_set_up, test_unchecked,
              snapshot_fixture_tear_down);
  g_test_add ("/bundle/verify/deleted-meanwhile", SnapshotPlace, NULL, snapshot_fixture_set_up, test_deleted_meanwhile,
              snapshot_fixture_tear_down);
  g_test_add ("/bundle/verify/cancelled", SnapshotPlace, NULL, snapshot_fixture_set_up, test_cancelled,
              snapshot_fixture_tear_down);
  failed = g_test_run ();
  g_assert_true (valise_directory_remove (root, NULL));
  g_free (model);
  return failed;
}
