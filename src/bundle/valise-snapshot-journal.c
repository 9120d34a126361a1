/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is to be tidied when a change of snapshots was, or was not, done. */
#include "bundle/valise-snapshot-private.h"

#include "base/valise-path.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-medium.h"
#include "bundle/valise-new-disks.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL ".journal"
#define GROUP "journal"
#define FILES_MOST 4096

static char *
journal_path (const char *bundle_path)
{
  return g_build_filename (bundle_path, VALISE_SNAPSHOTS, JOURNAL, NULL);
}

ValiseJournal *
_valise_journal_new (const char *what, const char *name, const char *present)
{
  ValiseJournal *self = g_new0 (ValiseJournal, 1);

  self->what = g_strdup (what);
  self->name = g_strdup (name);
  self->present = g_strdup (present);
  self->made = g_ptr_array_new_with_free_func (g_free);
  self->old = g_ptr_array_new_with_free_func (g_free);
  self->moves = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
_valise_journal_free (ValiseJournal *self)
{
  g_free (self->what);
  g_free (self->name);
  g_free (self->present);
  g_ptr_array_unref (self->made);
  g_ptr_array_unref (self->old);
  g_ptr_array_unref (self->moves);
  g_free (self);
}

static void
set_list (GKeyFile *keys, const char *key, GPtrArray *files)
{
  g_key_file_set_string_list (keys, GROUP, key, (const char *const *) files->pdata, files->len);
}

gboolean
_valise_journal_write (const char *bundle_path, const ValiseJournal *self, GError **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *path = journal_path (bundle_path);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *text = NULL;
  gsize length;

  g_key_file_set_string (keys, GROUP, "what", self->what);
  g_key_file_set_string (keys, GROUP, "name", self->name);
  g_key_file_set_string (keys, GROUP, "present", self->present);
  set_list (keys, "made", self->made);
  set_list (keys, "old", self->old);
  set_list (keys, "moves", self->moves);
  text = g_key_file_to_data (keys, &length, NULL);
  if (g_mkdir (folder, 0700) != 0 && errno != EEXIST)
    {
      _valise_medium_set_error (error, errno, folder, 0);
      return FALSE;
    }
  if (valise_file_replace (path, text, (gssize) length, 0600, error))
    return TRUE;
  _valise_medium_translate (error, path, length);
  return FALSE;
}

/* What is the bundle's own is never in a journal of ours. */
static gboolean
is_fair (const char *relative)
{
  return valise_path_is_plain_relative (relative) && relative[0] != '.' && !g_str_equal (relative, VALISE_BUNDLE_CONFIG)
         && !g_str_equal (relative, VALISE_SNAPSHOTS);
}

static gboolean
get_list (GKeyFile *keys, const char *key, GPtrArray *files)
{
  gsize length = 0;
  g_auto (GStrv) list = g_key_file_get_string_list (keys, GROUP, key, &length, NULL);

  for (gsize i = 0; i < length; i++)
    {
      if (!is_fair (list[i]) || i >= FILES_MOST)
        return FALSE;
      g_ptr_array_add (files, g_strdup (list[i]));
    }
  return TRUE;
}

/* What is not known to have been done is neither finished nor taken back. */
static ValiseJournal *
set_unreadable (const char *path, const char *why, GError **error)
{
  g_set_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_DAMAGED,
               _ ("What was begun with snapshots is written in “%s”, which cannot be read (%s). Try again, or put that "
                  "file back from a backup."),
               path, why);
  return NULL;
}

ValiseJournal *
_valise_journal_read (const char *bundle_path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *path = journal_path (bundle_path);
  g_autofree char *what = NULL, *name = NULL, *present = NULL;
  g_autoptr (ValiseJournal) self = NULL;
  struct stat status;

  if (lstat (path, &status) != 0)
    return errno == ENOENT || errno == ENOTDIR ? NULL : set_unreadable (path, g_strerror (errno), error);
  if (!S_ISREG (status.st_mode) || status.st_size > VALISE_BUNDLE_CONFIG_MOST)
    return set_unreadable (path, _ ("it is not what Valise writes"), error);
  if (!g_key_file_load_from_file (keys, path, G_KEY_FILE_NONE, &local))
    return set_unreadable (path, local->message, error);
  what = g_key_file_get_string (keys, GROUP, "what", NULL);
  name = g_key_file_get_string (keys, GROUP, "name", NULL);
  present = g_key_file_get_string (keys, GROUP, "present", NULL);
  self = _valise_journal_new (what, name, present);
  if (what == NULL || name == NULL || present == NULL || !get_list (keys, "made", self->made)
      || !get_list (keys, "old", self->old) || !get_list (keys, "moves", self->moves) || self->moves->len % 2 != 0)
    return set_unreadable (path, _ ("it is not what Valise writes"), error);
  return g_steal_pointer (&self);
}

/* --- tidying --- */

typedef struct
{
  const char *path;
  ValiseDocument *document;
  GPtrArray *snapshots; /* (element-type ValiseSnapshot); those that are there */
} Tidying;

int
_valise_snapshot_open_folder (const char *bundle_path, const char *relative)
{
  int root = open (bundle_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int fd = root >= 0 ? valise_bundle_open_folder (root, relative) : -1;

  if (root >= 0)
    close (root);
  return fd;
}

/* Whether somebody needs it, whatever the journal says. */
static gboolean
is_needed (const Tidying *self, const char *relative)
{
  g_autofree char *whole = g_build_filename (self->path, relative, NULL);
  g_autofree char *folder = g_path_get_dirname (whole);
  g_autofree char *name = g_path_get_basename (whole);
  g_autoptr (GPtrArray) above = NULL;

  if (valise_new_disks_is_named (self->document, relative))
    return TRUE;
  for (guint i = 0; i < self->snapshots->len; i++)
    if (_valise_snapshot_find_disk (self->snapshots->pdata[i], relative) != NULL)
      return TRUE;
  above = _valise_image_list_above (folder, name, NULL);
  return above == NULL || above->len > 0;
}

static gboolean
remove_tree (const char *path, const char *relative, GError **error)
{
  g_autofree char *whole = g_build_filename (path, relative, NULL);

  return valise_directory_remove (whole, error);
}

static gboolean
remove_one (const Tidying *self, const char *relative, GError **error)
{
  int folder = _valise_snapshot_open_folder (self->path, relative);
  g_autofree char *name = g_path_get_basename (relative);
  struct stat status;
  gboolean removed = TRUE;

  if (folder < 0)
    return TRUE;
  if (fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    removed = TRUE;
  else if (S_ISDIR (status.st_mode))
    removed = remove_tree (self->path, relative, error);
  /* Gone for good before the journal is: suspended memory that came back after it would be another moment's. */
  else if (!is_needed (self, relative) && (unlinkat (folder, name, 0) != 0 || fsync (folder) != 0))
    {
      _valise_medium_set_error (error, errno, relative, 0);
      removed = FALSE;
    }
  close (folder);
  return removed;
}

/* What builds on another comes before it. */
static gboolean
remove_all (const Tidying *self, GPtrArray *files, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    if (!remove_one (self, files->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* What is in the way is what it replaces; once @from is gone it is done. */
static gboolean
move_one (const char *path, const char *from, const char *to, GError **error)
{
  int from_folder = _valise_snapshot_open_folder (path, from), to_folder = _valise_snapshot_open_folder (path, to);
  g_autofree char *from_name = g_path_get_basename (from);
  g_autofree char *to_name = g_path_get_basename (to);
  struct stat status, other;
  gboolean moved = TRUE;

  if (from_folder >= 0 && to_folder >= 0 && fstatat (from_folder, from_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
    {
      moved = !(S_ISDIR (status.st_mode) && fstatat (to_folder, to_name, &other, AT_SYMLINK_NOFOLLOW) == 0
                && S_ISDIR (other.st_mode))
              || remove_tree (path, to, error);
      if (moved && (renameat (from_folder, from_name, to_folder, to_name) != 0 || fsync (to_folder) != 0))
        {
          _valise_medium_set_error (error, errno, to, 0);
          moved = FALSE;
        }
    }
  if (from_folder >= 0)
    close (from_folder);
  if (to_folder >= 0)
    close (to_folder);
  return moved;
}

static gboolean
move_all (const char *path, GPtrArray *moves, GError **error)
{
  for (guint i = 0; i + 1 < moves->len; i += 2)
    if (!move_one (path, moves->pdata[i], moves->pdata[i + 1], error))
      return FALSE;
  return TRUE;
}

static gboolean
remove_moves (const Tidying *self, GPtrArray *moves, GError **error)
{
  for (guint i = 0; i + 1 < moves->len; i += 2)
    if (!remove_one (self, moves->pdata[i], error))
      return FALSE;
  return TRUE;
}

static char *
describe (const ValiseJournal *journal, gboolean done)
{
  g_autofree char *name = valise_text_for_display (journal->name, 120);

  if (g_str_equal (journal->what, "merge"))
    return NULL;
  if (g_str_equal (journal->what, "revert"))
    return g_strdup_printf (done
                                ? _ ("Going back to the snapshot “%s” had been interrupted; it is done now.")
                                : _ (
                                    "Going back to the snapshot “%s” was interrupted. The machine is as it was before; "
                                    "nothing was changed."),
                            name);
  return g_strdup_printf (done ? _ ("Taking the snapshot “%s” had been interrupted; the snapshot is there.")
                               : _ ("Taking the snapshot “%s” was interrupted, and there is no such snapshot. The "
                                    "machine itself lost nothing; take the snapshot again."),
                          name);
}

static gboolean
end (const char *bundle_path, GError **error)
{
  g_autofree char *path = journal_path (bundle_path);
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_unlink (path) != 0 && errno != ENOENT)
    {
      _valise_medium_set_error (error, errno, path, 0);
      return FALSE;
    }
  return valise_directory_sync (folder, error);
}

static gboolean
tidy (const char *bundle_path, const ValiseJournal *journal, gboolean *done, GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (bundle_path, error);
  g_autofree char *present = NULL;
  g_autoptr (GPtrArray) snapshots = NULL;
  Tidying self = { bundle_path, NULL, NULL };

  if (bundle == NULL)
    return FALSE;
  snapshots = _valise_snapshots_read_all (bundle_path, error);
  if (snapshots == NULL)
    return FALSE;
  self.document = valise_bundle_get_document (bundle);
  self.snapshots = snapshots;
  present = valise_document_get (self.document, VALISE_PRESENT_KNOB);
  *done = g_strcmp0 (present, journal->present) == 0;
  if (*done)
    return move_all (bundle_path, journal->moves, error) && remove_all (&self, journal->old, error);
  return remove_moves (&self, journal->moves, error) && remove_all (&self, journal->made, error);
}

gboolean
valise_snapshots_settle (const char *bundle_path, char **said, GError **error)
{
  g_autoptr (ValiseJournal) journal = NULL;
  g_autoptr (GError) local = NULL;
  gboolean done = FALSE;

  g_return_val_if_fail (bundle_path != NULL, FALSE);

  if (said != NULL)
    *said = NULL;
  journal = _valise_journal_read (bundle_path, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (journal == NULL)
    return TRUE;
  if (!tidy (bundle_path, journal, &done, error) || !end (bundle_path, error))
    return FALSE;
  if (said != NULL)
    *said = describe (journal, done);
  return TRUE;
}
