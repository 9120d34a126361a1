/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-library-private.h"

#include <string.h>

#include "base/valise-path.h"

static char *
state_file (void)
{
  g_autofree char *directory = valise_state_directory ();

  return g_build_filename (directory, "library", NULL);
}

GPtrArray *
_valise_library_load_elsewhere (void)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *file = state_file ();
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (file, &text, NULL, NULL))
    return g_steal_pointer (&paths);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *path = g_filename_from_uri (g_strstrip (lines[i]), NULL, NULL);

      if (path != NULL && !g_ptr_array_find_with_equal_func (paths, path, g_str_equal, NULL))
        g_ptr_array_add (paths, g_steal_pointer (&path));
    }
  return g_steal_pointer (&paths);
}

gboolean
_valise_library_save_elsewhere (GPtrArray *paths, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *file = state_file ();

  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *uri = g_filename_to_uri (g_ptr_array_index (paths, i), NULL, NULL);

      if (uri != NULL)
        g_string_append_printf (text, "%s\n", uri);
    }
  return valise_file_replace (file, text->str, text->len, 0600, error);
}
