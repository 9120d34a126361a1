/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-machine-orphans.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "bundle/valise-in-use.h"
#include "bundle/valise-lock.h"
#include "bundle/valise-space.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-machine-private.h"

static gboolean
is_orphan (GPtrArray *parts, const char *file)
{
  for (guint i = 0; i < parts->len; i++)
    {
      const ValiseSpacePart *part = parts->pdata[i];

      if (part->kind == VALISE_SPACE_ORPHAN && g_strcmp0 (part->path, file) == 0)
        return TRUE;
    }
  return FALSE;
}

/* What lies behind a link lies in somebody else's folder. */
static gboolean
is_inside (const char *path, const char *file)
{
  int root = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int folder = root >= 0 ? valise_bundle_open_folder (root, file) : -1;
  g_autofree char *name = g_path_get_basename (file);
  struct stat status;
  gboolean inside =
      folder >= 0 && fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (status.st_mode);

  if (folder >= 0)
    close (folder);
  if (root >= 0)
    close (root);
  return inside;
}

static gboolean
check_files (ValiseMachine *self, GPtrArray *parts, const char *const *files, GError **error)
{
  for (guint i = 0; files[i] != NULL; i++)
    if (!is_orphan (parts, files[i]) || !is_inside (valise_machine_get_path (self), files[i]))
      {
        g_autofree char *shown = valise_text_for_display (files[i], 120);

        g_set_error (
            error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_NOT_FOUND,
            _ ("“%s” is no file of “%s” that nobody needs, and nothing was moved to the Trash. “valisectl size” "
               "lists those that are."),
            shown, valise_machine_get_name (self));
        return FALSE;
      }
  return TRUE;
}

static gboolean
trash_one (ValiseMachine *self, const char *relative, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_build_filename (valise_machine_get_path (self), relative, NULL);
  g_autofree char *shown = valise_text_for_display (relative, 120);
  g_autoptr (GError) local = NULL;

  if (g_file_trash (file, cancellable, &local))
    return TRUE;
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 _ ("“%s” lies where there is no Trash, and is where it was. To be rid of it for good, delete it with "
                    "the file manager."),
                 shown);
  else
    g_propagate_prefixed_error (error, g_steal_pointer (&local),
                                _ ("“%s” could not be moved to the Trash and is where it was: "), shown);
  return FALSE;
}

gboolean
valise_machine_trash_orphans (ValiseMachine *self, const char *const *files, GCancellable *cancellable, GError **error)
{
  const char *path = valise_machine_get_path (self);
  g_autoptr (ValiseLock) lock = NULL;
  g_autoptr (GPtrArray) parts = NULL;

  if (!valise_machine_load (self, FALSE, error))
    return FALSE;
  if (valise_machine_is_live (self))
    {
      g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE,
                   _ ("“%s” is running. Shut it down before you clear its folder up."), valise_machine_get_name (self));
      return FALSE;
    }
  lock = _valise_machine_lock_still (self, "tidying", error);
  if (lock == NULL || !valise_bundle_check_unused (path, error))
    return FALSE;
  parts = valise_space_measure (path, cancellable, error);
  if (parts == NULL || !check_files (self, parts, files, error))
    return FALSE;
  for (guint i = 0; files[i] != NULL; i++)
    if (!trash_one (self, files[i], cancellable, error))
      return FALSE;
  return TRUE;
}
