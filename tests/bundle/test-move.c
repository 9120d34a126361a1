/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path.h"
#include "bundle/valise-identity.h"
#include "bundle/valise-lock.h"
#include "bundle/valise-move.h"
#include "kill-points.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OTHER "/dev/shm" /* a file system of its own, as a rule */

typedef struct
{
  char *root;
  char *library; /* holds Source.vmbundle */
  char *near;    /* on the same file system */
  char *far;     /* on another, or NULL */
  char *source;
  guint killed, both;
} Place;

#define WRITTEN 1234567890 /* seconds: when the disk was */

static const char what[] = "what is on the disk";

static void
make_source (Place *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (self->library, "Source", &error);
  g_autoptr (ValiseDocument) draft = NULL;
  g_autofree char *disk = NULL, *log = NULL, *vars = NULL;

  g_assert_no_error (error);
  disk = valise_bundle_file (bundle, "disks/root.img");
  log = valise_bundle_file (bundle, "logs/qemu.log");
  vars = valise_bundle_file (bundle, "nvram/vars.fd");
  g_assert_true (g_file_set_contents (disk, what, -1, NULL));
  g_assert_cmpint (truncate (disk, 1 << 20), ==, 0);
  g_assert_cmpint (utimensat (AT_FDCWD, disk, (const struct timespec[]){ { WRITTEN, 0 }, { WRITTEN, 0 } }, 0), ==, 0);
  g_assert_true (g_file_set_contents (log, "a log", -1, NULL));
  g_assert_true (g_file_set_contents (vars, "variables", -1, NULL));
  g_assert_true (valise_bundle_commit (bundle, valise_bundle_get_document (bundle), NULL));
  g_assert_true (valise_identity_remember (bundle, NULL));
  draft = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_document_set (draft, "memory", "4321", NULL));
  g_assert_true (valise_bundle_save (bundle, draft, NULL));
  g_free (self->source);
  self->source = g_strdup (valise_bundle_get_path (bundle));
}

static void
place_set_up (Place *self, gconstpointer unused)
{
  struct stat here, there;

  memset (self, 0, sizeof *self);
  self->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  self->library = g_build_filename (self->root, "library", NULL);
  self->near = g_build_filename (self->root, "near", NULL);
  g_setenv ("VALISE_STATE_DIR", self->root, TRUE);
  if (stat (OTHER, &there) == 0 && stat (self->root, &here) == 0 && here.st_dev != there.st_dev)
    self->far = g_mkdtemp (g_strdup (OTHER "/v-XXXXXX"));
  make_source (self);
}

static void
place_tear_down (Place *self, gconstpointer unused)
{
  g_assert_true (valise_directory_remove (self->root, NULL));
  if (self->far != NULL)
    g_assert_true (valise_directory_remove (self->far, NULL));
  g_free (self->root);
  g_free (self->library);
  g_free (self->near);
  g_free (self->far);
  g_free (self->source);
}

static char *
read_file (const char *path, const char *relative, gsize *length)
{
  g_autofree char *file = g_build_filename (path, relative, NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (file, &text, length, NULL));
  return text;
}

/* By which a frozen image is known: where it lies by then another file may have had its number. */
static void
assert_time (const char *path)
{
  g_autofree char *disk = g_build_filename (path, "disks/root.img", NULL);
  struct stat status;

  g_assert_cmpint (stat (disk, &status), ==, 0);
  g_assert_cmpint (status.st_mtim.tv_sec, ==, WRITTEN);
}

/* All that it was, and what there was before. */
static void
assert_whole (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, &error);
  g_autoptr (GPtrArray) history = NULL;
  g_autofree char *disk = NULL, *log = NULL, *vars = NULL, *memory = NULL;
  gsize length;

  g_assert_no_error (error);
  memory = valise_document_get (valise_bundle_get_document (bundle), "memory");
  g_assert_cmpstr (memory, ==, "4321");
  assert_time (path);
  disk = read_file (path, "disks/root.img", &length);
  g_assert_cmpuint (length, ==, 1 << 20);
  g_assert_cmpstr (disk, ==, what);
  vars = read_file (path, "nvram/vars.fd", NULL);
  g_assert_cmpstr (vars, ==, "variables");
  log = read_file (path, "logs/qemu.log", NULL);
  g_assert_cmpstr (log, ==, "a log");
  history = valise_bundle_list_history (bundle);
  g_assert_cmpuint (history->len, ==, 1);
}

static void
assert_known (const char *path)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, NULL);

  g_assert_cmpint (valise_identity_check (bundle, NULL), ==, VALISE_IDENTITY_KNOWN);
}

static void
assert_empty (const char *directory)
{
  g_autoptr (GDir) entries = g_dir_open (directory, 0, NULL);

  g_assert_nonnull (entries);
  g_assert_null (g_dir_read_name (entries));
}

static void
count_cb (const char *path, gpointer data)
{
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_DIR));
  ++*(guint *) data;
}

static void
assert_moves (Place *self, const char *directory)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseLock) lock = valise_lock_take (self->source, "moving", &error);
  guint count = 0;
  g_autofree char *moved = valise_bundle_move (self->source, directory, count_cb, &count, NULL, NULL, &error);
  g_autofree char *expected = g_build_filename (directory, "Source.vmbundle", NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (moved, ==, expected);
  g_assert_cmpuint (count, ==, 1);
  assert_whole (moved);
  assert_known (moved);
  assert_empty (self->library);
}

static void
test_near (Place *self, gconstpointer unused)
{
  assert_moves (self, self->near);
}

static void
test_far (Place *self, gconstpointer unused)
{
  if (self->far == NULL)
    g_test_skip ("there is no other file system");
  else
    assert_moves (self, self->far);
}

static void
assert_stays (Place *self, const char *directory, GCancellable *cancellable, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *moved = valise_bundle_move (self->source, directory, NULL, NULL, NULL, cancellable, &error);

  g_assert_null (moved);
  g_assert_error (error, domain, code);
  assert_whole (self->source);
  assert_known (self->source);
}

static void
test_refused (Place *self, gconstpointer unused)
{
  g_autofree char *inside = g_build_filename (self->source, "media", NULL);
  g_autofree char *link = g_build_filename (self->root, "link", NULL);
  g_autofree char *below = g_build_filename (link, "logs", NULL);
  g_autofree char *taken = g_build_filename (self->near, "Source.vmbundle", NULL);
  g_autofree char *machine = g_build_filename (self->root, "Other.vmbundle", NULL);
  g_autofree char *config = g_build_filename (machine, "config.xml", NULL);
  g_autofree char *other = g_build_filename (machine, "new", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_assert_cmpint (g_mkdir (machine, 0700), ==, 0);
  g_assert_true (g_file_set_contents (config, "<domain/>", -1, NULL));
  assert_stays (self, inside, NULL, G_IO_ERROR, G_IO_ERROR_WOULD_RECURSE);
  g_assert_cmpint (symlink (self->source, link), ==, 0);
  assert_stays (self, below, NULL, G_IO_ERROR, G_IO_ERROR_WOULD_RECURSE);
  assert_stays (self, other, NULL, G_IO_ERROR, G_IO_ERROR_WOULD_RECURSE);
  g_assert_false (g_file_test (other, G_FILE_TEST_EXISTS));
  assert_stays (self, self->library, NULL, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
  g_assert_cmpint (g_mkdir_with_parents (taken, 0700), ==, 0);
  assert_stays (self, self->near, NULL, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS);
  g_cancellable_cancel (cancellable);
  assert_stays (self, self->far != NULL ? self->far : self->root, cancellable, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* --- killed anywhere --- */

static void
work_move (gpointer data)
{
  Place *self = data;
  g_autoptr (ValiseLock) lock = valise_lock_take (self->source, "moving", NULL);

  g_free (valise_bundle_move (self->source, self->far, NULL, NULL, NULL, NULL, NULL));
}

static void
clear_leftovers (const char *directory)
{
  g_autoptr (GPtrArray) leftovers = valise_bundle_find_leftovers (directory);

  for (guint i = 0; i < leftovers->len; i++)
    g_assert_true (valise_bundle_remove_leftover (leftovers->pdata[i], NULL));
}

/* The old one or the new one; while there are both, one of them is asked about. */
static void
look_at_move (gpointer data)
{
  Place *self = data;
  g_autofree char *moved = g_build_filename (self->far, "Source.vmbundle", NULL);
  gboolean is_old = g_file_test (self->source, G_FILE_TEST_IS_DIR), is_new = g_file_test (moved, G_FILE_TEST_IS_DIR);

  self->killed++;
  self->both += is_old && is_new;
  g_assert_true (is_old || is_new);
  if (is_old)
    assert_whole (self->source);
  if (is_new)
    assert_whole (moved);
  if (is_old && is_new)
    {
      g_autoptr (ValiseBundle) first = valise_bundle_open (self->source, NULL);
      g_autoptr (ValiseBundle) second = valise_bundle_open (moved, NULL);

      g_assert_true ((valise_identity_check (first, NULL) == VALISE_IDENTITY_TWIN)
                     != (valise_identity_check (second, NULL) == VALISE_IDENTITY_TWIN));
    }
  clear_leftovers (self->library);
  clear_leftovers (self->far);
  g_assert_true (valise_directory_remove (moved, NULL));
  assert_empty (self->far);
  if (!is_old)
    make_source (self);
}

static void
test_kill (Place *self, gconstpointer unused)
{
  if (self->far == NULL)
    {
      g_test_skip ("there is no other file system");
      return;
    }
  kill_points_try (work_move, look_at_move, self);
  g_test_message ("killed at %u points; %u times there were both; nothing lost", self->killed, self->both);
  g_assert_cmpuint (self->killed, >, 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/bundle/move/kill", Place, NULL, place_set_up, test_kill, place_tear_down);
  g_test_add ("/bundle/move/near", Place, NULL, place_set_up, test_near, place_tear_down);
  g_test_add ("/bundle/move/far", Place, NULL, place_set_up, test_far, place_tear_down);
  g_test_add ("/bundle/move/refused", Place, NULL, place_set_up, test_refused, place_tear_down);
  return g_test_run ();
}
