/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-variables-private.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "model/valise-effective.h"

/* The folder of @relative, reached without following a link, or -1. */
static int
open_folder (int bundle, const char *relative)
{
  g_autofree char *folder = g_path_get_dirname (relative);

  if (g_str_equal (folder, "."))
    return fcntl (bundle, F_DUPFD_CLOEXEC, 0);
  return valise_path_open_beneath (bundle, folder, O_RDONLY | O_DIRECTORY, 0, NULL);
}

/* Named by the moment, as the versions beside it, so that nothing kept earlier is written over. */
static void
move_to_history (int bundle, const char *relative)
{
  g_autofree char *name = g_path_get_basename (relative);
  g_autofree char *kept = g_strdup_printf ("%016" G_GINT64_FORMAT "-%s", g_get_real_time (), name);
  int folder = open_folder (bundle, relative);
  int history;

  mkdirat (bundle, ".history", 0700);
  history = valise_path_open_beneath (bundle, ".history", O_RDONLY | O_DIRECTORY, 0, NULL);
  if (folder >= 0 && history >= 0)
    renameat (folder, name, history, kept);
  if (history >= 0)
    close (history);
  if (folder >= 0)
    close (folder);
}

void
_valise_variables_set_aside (const char *path, ValiseDocument *before, ValiseDocument *after)
{
  g_autofree char *old = valise_effective_dup_variables (before, path);
  g_autofree char *now = valise_effective_dup_variables (after, path);
  int bundle;

  if (old == NULL || valise_effective_get_firmware (before) == valise_effective_get_firmware (after)
      || (now != NULL && !g_str_equal (old, now)))
    return;
  bundle = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (bundle < 0)
    return;
  move_to_history (bundle, old);
  close (bundle);
}
