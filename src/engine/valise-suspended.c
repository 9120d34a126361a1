/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-suspended-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "engine/valise-engine-error-private.h"

/* libvirt begins the file with another word and writes this one when it is whole. */
#define WHOLE_MAGIC "LibvirtQemudSave"

/* How libvirt's file begins, in this computer's own byte order. */
typedef struct
{
  char magic[sizeof WHOLE_MAGIC - 1];
  guint32 version;
  guint32 data_length;
  guint32 was_running;
} Head;

char *
_valise_suspended_get_path (const char *bundle_path)
{
  return g_build_filename (bundle_path, "state", "suspend.save", NULL);
}

static char *
partial_path (const char *bundle_path)
{
  return g_build_filename (bundle_path, "state", ".suspend.save.partial", NULL);
}

static char *
discarded_path (const char *bundle_path)
{
  return g_build_filename (bundle_path, ".history", "suspend.save", NULL);
}

static char *
record_path (const char *uuid)
{
  g_autofree char *state = valise_state_directory ();

  return g_build_filename (state, "suspended", uuid, NULL);
}

/* That this host has begun to write memory into a bundle: its partial file may be finished here, anybody else's not. */
static char *
begun_path (const char *uuid)
{
  g_autofree char *record = record_path (uuid);

  return g_strconcat (record, ".begun", NULL);
}

/* %NULL when there is none. */
static char *
describe_directory (const char *bundle_path)
{
  g_autofree char *directory = g_build_filename (bundle_path, "state", NULL);
  struct stat status;

  if (lstat (directory, &status) < 0 || !S_ISDIR (status.st_mode))
    return NULL;
  return g_strdup_printf ("%ju:%ju\n", (uintmax_t) status.st_dev, (uintmax_t) status.st_ino);
}

static char *
describe_file (const char *path)
{
  struct stat status;

  if (lstat (path, &status) < 0 || !S_ISREG (status.st_mode))
    return NULL;
  return g_strdup_printf ("%ju:%ju %jd %jd.%09ld\n", (uintmax_t) status.st_dev, (uintmax_t) status.st_ino,
                          (intmax_t) status.st_size, (intmax_t) status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

static gboolean
fail_with_errno (GError **error, const char *what, const char *path)
{
  int number = errno;
  g_autofree char *said = g_strdup_printf ("%s: %s", path, g_strerror (number));
  ValiseEngineError code =
      number == ENOSPC || number == EDQUOT ? VALISE_ENGINE_ERROR_SPACE : VALISE_ENGINE_ERROR_PERMISSION;

  _valise_engine_error_set (error, code, what, said);
  return FALSE;
}

static gboolean
write_record (const char *path, const char *text, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);

  if (g_mkdir_with_parents (directory, 0700) < 0)
    return fail_with_errno (error, _ ("Making a folder"), directory);
  return valise_file_replace (path, text, -1, 0600, error);
}

char *
_valise_suspended_begin (const char *bundle_path, const char *uuid, GError **error)
{
  g_autofree char *directory = g_build_filename (bundle_path, "state", NULL);
  g_autofree char *path = partial_path (bundle_path);
  g_autofree char *begun = begun_path (uuid);
  g_autofree char *text = NULL;

  if (g_mkdir_with_parents (directory, 0700) < 0 || (text = describe_directory (bundle_path)) == NULL)
    {
      fail_with_errno (error, _ ("Making a folder"), directory);
      return NULL;
    }
  g_unlink (path);
  return write_record (begun, text, error) ? g_steal_pointer (&path) : NULL;
}

static void
forget_begun (const char *uuid)
{
  g_autofree char *begun = begun_path (uuid);

  g_unlink (begun);
}

/* The device's number comes first and may be another after this computer was restarted. */
static gboolean
is_same_file (const char *here, const char *there)
{
  const char *rest = strchr (there, ':');

  return rest != NULL && g_str_equal (strchr (here, ':'), rest);
}

static gboolean
was_begun (const char *bundle_path, const char *uuid)
{
  g_autofree char *begun = begun_path (uuid);
  g_autofree char *here = describe_directory (bundle_path);
  g_autofree char *there = NULL;

  return here != NULL && g_file_get_contents (begun, &there, NULL, NULL) && is_same_file (here, there);
}

static void
sync_file (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (fd < 0)
    return;
  (void) fsync (fd);
  close (fd);
}

/* The record first: a file without it would never be taken for ours, a record without a file harms nobody. */
static gboolean
commit (const char *bundle_path, const char *uuid, GError **error)
{
  g_autofree char *partial = partial_path (bundle_path);
  g_autofree char *path = _valise_suspended_get_path (bundle_path);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *record = record_path (uuid);
  g_autofree char *text = NULL;

  sync_file (partial);
  text = describe_file (partial);
  if (text == NULL)
    return fail_with_errno (error, _ ("Reading the suspended memory"), partial);
  if (!write_record (record, text, error))
    return FALSE;
  if (g_rename (partial, path) < 0)
    return fail_with_errno (error, _ ("Writing the suspended memory"), path);
  forget_begun (uuid);
  return valise_directory_sync (directory, error);
}

/* Both the verb and whoever hears that the machine went off find the whole file; one of them commits it. */
gboolean
_valise_suspended_commit (const char *bundle_path, const char *uuid, GError **error)
{
  static GMutex mutex;
  g_autofree char *path = _valise_suspended_get_path (bundle_path);
  g_autofree char *partial = partial_path (bundle_path);
  gboolean done;

  g_mutex_lock (&mutex);
  done = (!g_file_test (partial, G_FILE_TEST_EXISTS) && g_file_test (path, G_FILE_TEST_EXISTS))
         || commit (bundle_path, uuid, error);
  g_mutex_unlock (&mutex);
  return done;
}

void
_valise_suspended_abandon (const char *bundle_path, const char *uuid)
{
  g_autofree char *partial = partial_path (bundle_path);

  g_unlink (partial);
  forget_begun (uuid);
}

/* %FALSE also when it is not whole. */
static gboolean
read_head (const char *path, Head *head)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  gboolean whole;

  if (fd < 0)
    return FALSE;
  whole = read (fd, head, sizeof *head) == sizeof *head && memcmp (head->magic, WHOLE_MAGIC, sizeof head->magic) == 0;
  close (fd);
  return whole;
}

gboolean
_valise_suspended_exists (const char *bundle_path, const char *uuid)
{
  g_autofree char *path = _valise_suspended_get_path (bundle_path);
  g_autofree char *partial = NULL;
  Head head;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  partial = partial_path (bundle_path);
  return uuid != NULL && was_begun (bundle_path, uuid) && read_head (partial, &head)
         && _valise_suspended_commit (bundle_path, uuid, NULL);
}

gboolean
_valise_suspended_settle (const char *bundle_path, const char *uuid)
{
  g_autofree char *partial = partial_path (bundle_path);
  gboolean cut_off;

  if (!was_begun (bundle_path, uuid))
    return FALSE;
  /* Without a file it had not even stood still. */
  cut_off = !_valise_suspended_exists (bundle_path, uuid) && g_unlink (partial) == 0;
  forget_begun (uuid);
  return cut_off;
}

static gboolean
is_recorded (const char *record, const char *here)
{
  g_autofree char *there = NULL;

  return g_file_get_contents (record, &there, NULL, NULL) && is_same_file (here, there);
}

/* Going back to a snapshot that was cut off had put a link to its memory there, and had not come to note it. */
static gboolean
is_kept (const char *uuid, const char *here)
{
  g_autofree char *record = record_path (uuid);
  g_autofree char *directory = g_path_get_dirname (record);
  g_autofree char *prefix = g_strconcat (uuid, ".", NULL);
  g_autoptr (GDir) records = g_dir_open (directory, 0, NULL);
  const char *name;

  while (records != NULL && (name = g_dir_read_name (records)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);

      if (g_str_has_prefix (name, prefix) && is_recorded (path, here))
        return TRUE;
    }
  return FALSE;
}

gboolean
_valise_suspended_check_own (const char *bundle_path, const char *uuid, GError **error)
{
  g_autofree char *path = _valise_suspended_get_path (bundle_path);
  g_autofree char *record = record_path (uuid);
  g_autofree char *here = describe_file (path);

  if (here != NULL && (is_recorded (record, here) || is_kept (uuid, here)))
    return TRUE;
  g_set_error (
      error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK,
      _ ("The suspended memory in “%s” was not written on this computer and is not used. Discard it to start the "
         "machine afresh; if you trust where it comes from, go on with it: “valisectl start --trust-memory MACHINE”."),
      path);
  return FALSE;
}

gboolean
_valise_suspended_was_running (const char *path)
{
  Head head;

  return read_head (path, &head) && head.was_running != 0;
}

static void
remove_durably (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);

  if (g_unlink (path) == 0)
    (void) valise_directory_sync (directory, NULL);
}

/* The file first: cut off in between, a file without its record would be taken for another computer's, though nothing
 * has run with it yet. Where it cannot be removed, it is nobody's without the record. */
void
_valise_suspended_remove (const char *bundle_path, const char *uuid)
{
  g_autofree char *path = _valise_suspended_get_path (bundle_path);
  g_autofree char *record = record_path (uuid);

  remove_durably (path);
  remove_durably (record);
}

gboolean
_valise_suspended_discard (const char *bundle_path, const char *uuid, GError **error)
{
  g_autofree char *path = _valise_suspended_get_path (bundle_path);
  g_autofree char *kept = discarded_path (bundle_path);
  g_autofree char *directory = g_path_get_dirname (kept);

  if (g_mkdir_with_parents (directory, 0700) < 0)
    return fail_with_errno (error, _ ("Making a folder"), directory);
  if (g_rename (path, kept) < 0)
    return fail_with_errno (error, _ ("Moving the suspended memory away"), path);
  return TRUE;
}

void
_valise_suspended_forget_discarded (const char *bundle_path)
{
  g_autofree char *kept = discarded_path (bundle_path);

  g_unlink (kept);
}

/* --- memory that a snapshot keeps --- */

gboolean
_valise_suspended_mark_running (const char *path, GError **error)
{
  const guint32 running = 1;
  int fd = open (path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  gboolean done = fd >= 0 && pwrite (fd, &running, sizeof running, offsetof (Head, was_running)) == sizeof running
                  && fsync (fd) == 0;

  if (!done)
    fail_with_errno (error, _ ("Writing the memory"), path);
  if (fd >= 0)
    close (fd);
  return done;
}

static char *
kept_record (const char *uuid, const char *id)
{
  g_autofree char *record = record_path (uuid);

  return g_strdup_printf ("%s.%s", record, id);
}

gboolean
_valise_suspended_remember_kept (const char *uuid, const char *id, const char *path, GError **error)
{
  g_autofree char *record = kept_record (uuid, id);
  g_autofree char *text = describe_file (path);

  if (text == NULL)
    return fail_with_errno (error, _ ("Reading the memory"), path);
  return write_record (record, text, error);
}

gboolean
_valise_suspended_knows_kept (const char *uuid, const char *id, const char *path)
{
  g_autofree char *record = kept_record (uuid, id);
  g_autofree char *here = describe_file (path);

  return here != NULL && is_recorded (record, here);
}

gboolean
_valise_suspended_adopt (const char *bundle_path, const char *uuid, GError **error)
{
  g_autofree char *path = _valise_suspended_get_path (bundle_path);
  g_autofree char *record = record_path (uuid);
  g_autofree char *text = describe_file (path);

  if (text == NULL)
    return fail_with_errno (error, _ ("Reading the suspended memory"), path);
  return write_record (record, text, error);
}
