/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-bundle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"

/* Written by us, QEMU and swtpm under names of their own, without anybody looking at what is there. Disks and media are
 * looked at one by one when they are used. */
static const char *const folders[] = { "nvram", "tpm", "state", "logs", ".history", "snapshots" };

static gboolean
fail (const char *path, const char *folder, const char *file, GError **error)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *whole = g_build_filename (base, folder, file, NULL);
  g_autofree char *shown = valise_text_for_display (whole, 200);

  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE,
               _ ("“%s” is a link or a device, which could lead out of the machine. Remove it."), shown);
  return FALSE;
}

static gboolean
check_files (int fd, const char *path, const char *folder, GError **error)
{
  DIR *directory = fdopendir (fd);
  gboolean good = TRUE;
  struct dirent *entry;
  struct stat status;

  if (directory == NULL)
    {
      close (fd);
      return fail (path, folder, NULL, error);
    }
  while (good && (entry = readdir (directory)) != NULL)
    if (fstatat (dirfd (directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG (status.st_mode)
        && !S_ISDIR (status.st_mode))
      good = fail (path, folder, entry->d_name, error);
  closedir (directory);
  return good;
}

int
valise_bundle_open_folder (int bundle_fd, const char *relative)
{
  g_autofree char *folder = g_path_get_dirname (relative);

  if (g_str_equal (folder, "."))
    return fcntl (bundle_fd, F_DUPFD_CLOEXEC, 0);
  return valise_path_open_beneath (bundle_fd, folder, O_RDONLY | O_DIRECTORY, 0, NULL);
}

gboolean
valise_bundle_check_folders (const char *path, GError **error)
{
  gboolean good = TRUE;

  g_return_val_if_fail (path != NULL, FALSE);

  for (gsize i = 0; good && i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = g_build_filename (path, folders[i], NULL);
      int fd = open (folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

      if (fd >= 0)
        good = check_files (fd, path, folders[i], error);
      else if (errno != ENOENT)
        good = fail (path, folders[i], NULL, error);
    }
  return good;
}
