/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixmounts.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "bundle/valise-in-use.h"
#include "bundle/valise-lock.h"
#include "engine/valise-machine-private.h"
#include "engine/valise-machine-template.h"

/* GIO moves into the Trash by itself, but takes out again only through a gvfs daemon, which a small desktop or a ssh
 * session does not have. So the way back reads the directories of freedesktop.org's Trash specification 1.0 itself. */
typedef struct
{
  char *info; /* info/NAME.trashinfo */
  char *file; /* files/NAME */
  char *date; /* as written: sorts by time */
} Trashed;

static void
trashed_clear (Trashed *self)
{
  g_free (self->info);
  g_free (self->file);
  g_free (self->date);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trashed, trashed_clear)

/* Whether a .trashinfo file is about @path. Paths in a Trash of another mount are relative to @top. */
static gboolean
info_is_about (GKeyFile *info, const char *top, const char *path)
{
  g_autofree char *escaped = g_key_file_get_string (info, "Trash Info", "Path", NULL);
  g_autofree char *place = escaped != NULL ? g_uri_unescape_string (escaped, NULL) : NULL;
  g_autofree char *absolute = NULL;

  if (place == NULL)
    return FALSE;
  absolute = g_path_is_absolute (place) ? g_strdup (place) : g_build_filename (top, place, NULL);
  return g_str_equal (absolute, path);
}

static void
consider (Trashed *best, const char *trash, const char *top, const char *name, const char *path)
{
  g_autofree char *file = g_build_filename (trash, "info", name, NULL);
  g_autoptr (GKeyFile) info = g_key_file_new ();
  g_autofree char *date = NULL;
  g_autofree char *stem = NULL;

  if (!g_str_has_suffix (name, ".trashinfo") || !g_key_file_load_from_file (info, file, G_KEY_FILE_NONE, NULL)
      || !info_is_about (info, top, path))
    return;
  date = g_key_file_get_string (info, "Trash Info", "DeletionDate", NULL);
  if (g_strcmp0 (date, best->date) < 0)
    return;

  trashed_clear (best);
  stem = g_strndup (name, strlen (name) - strlen (".trashinfo"));
  best->info = g_steal_pointer (&file);
  best->file = g_build_filename (trash, "files", stem, NULL);
  best->date = g_steal_pointer (&date);
}

static void
search (Trashed *best, const char *trash, const char *top, const char *path)
{
  g_autofree char *infos = g_build_filename (trash, "info", NULL);
  g_autoptr (GDir) directory = g_dir_open (infos, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    consider (best, trash, top, name, path);
}

static void
search_everywhere (Trashed *best, const char *path)
{
  g_autofree char *home = g_build_filename (g_get_user_data_dir (), "Trash", NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GUnixMountEntry) mount = g_unix_mount_for (parent, NULL);
  const char *top = mount != NULL ? g_unix_mount_get_mount_path (mount) : "/";
  g_autofree char *own = g_strdup_printf ("%s/.Trash-%u", top, getuid ());
  g_autofree char *shared = g_strdup_printf ("%s/.Trash/%u", top, getuid ());

  search (best, home, "/", path);
  search (best, own, top, path);
  search (best, shared, top, path);
}

gboolean
valise_machine_trash (ValiseMachine *machine, GCancellable *cancellable, GError **error)
{
  const char *path = valise_machine_get_path (machine);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (ValiseTurn) turn = _valise_machine_take_turn (machine, cancellable, error);
  g_autoptr (ValiseLock) lock = NULL;
  g_autoptr (GError) locked = NULL;
  g_autoptr (GError) failure = NULL;

  if (turn == NULL)
    return FALSE;
  if (valise_machine_is_live (machine))
    {
      g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE,
                   _ ("“%s” is running. Shut it down before you delete it."), valise_machine_get_name (machine));
      return FALSE;
    }
  if (valise_machine_load (machine, FALSE, NULL)
      && !_valise_machine_check_no_template (machine, valise_machine_get_document (machine), error))
    return FALSE;
  /* A damaged or read-only bundle must still be possible to throw away, so only a living holder is in the way. */
  lock = valise_lock_take (path, "deleting", &locked);
  if (g_error_matches (locked, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED))
    {
      g_propagate_error (error, g_steal_pointer (&locked));
      return FALSE;
    }
  if (!valise_bundle_check_unused (path, error))
    return FALSE;
  if (g_file_trash (file, cancellable, &failure))
    return TRUE;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    g_set_error (
        error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
        _ ("“%s” lies where there is no Trash, and is where it was. To be rid of it for good, delete its folder "
           "with the file manager."),
        path);
  else
    g_propagate_prefixed_error (error, g_steal_pointer (&failure),
                                _ ("“%s” could not be moved to the Trash and is where it was: "), path);
  return FALSE;
}

gboolean
valise_machine_untrash (const char *bundle_path, GCancellable *cancellable, GError **error)
{
  g_auto (Trashed) found = { NULL, NULL, NULL };

  search_everywhere (&found, bundle_path);
  if (found.file == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("“%s” is no longer in the Trash."), bundle_path);
      return FALSE;
    }
  /* RENAME_NOREPLACE, so that a machine made in the meantime under the same name is not replaced. */
  if (renameat2 (AT_FDCWD, found.file, AT_FDCWD, bundle_path, RENAME_NOREPLACE) != 0)
    {
      int code = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _ ("“%s” could not be brought back from %s: %s"),
                   bundle_path, found.file, g_strerror (code));
      return FALSE;
    }
  g_unlink (found.info);
  return TRUE;
}
