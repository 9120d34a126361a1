/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-library-lost-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>

#include "engine/valise-machine-private.h"

gboolean
_valise_library_is_bundle_gone (const char *path)
{
  struct stat info;

  return stat (path, &info) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

gboolean
_valise_library_is_lost (const ValiseLibraryEntry *entry)
{
  return entry->machine != NULL && valise_machine_is_live (entry->machine)
         && _valise_library_is_bundle_gone (entry->path);
}

void
_valise_library_lost_say (ValiseLibraryEntry *entry)
{
  g_autofree char *directory = g_path_get_dirname (entry->path);
  g_autoptr (GError) error =
      g_error_new (VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_NOT_FOUND,
                   _ ("“%s” runs, but its bundle has gone from %s. Put it back, or shut the machine down."),
                   entry->name, directory);

  _valise_machine_set_error (entry->machine, error);
}

void
_valise_library_lost_unsay (ValiseLibraryEntry *entry)
{
  g_autoptr (GError) error = entry->machine != NULL ? valise_machine_dup_error (entry->machine) : NULL;

  if (g_error_matches (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_NOT_FOUND))
    valise_machine_clear_error (entry->machine);
}

void
_valise_library_lost_drop_moved (ValiseLibraryEntries *entries, GPtrArray *live_paths)
{
  for (guint i = _valise_library_entries_get_length (entries); i-- > 0;)
    {
      ValiseLibraryEntry *entry = _valise_library_entries_get (entries, i);

      if (_valise_library_is_lost (entry)
          && !g_ptr_array_find_with_equal_func (live_paths, entry->path, (GEqualFunc) g_str_equal, NULL))
        _valise_library_entries_remove (entries, entry);
    }
}
