/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-tree.h"

#include "base/valise-path.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXTENTS_MOST 200000

static void
entry_free (ValiseTreeEntry *self)
{
  g_free (self->path);
  g_free (self);
}

gboolean
_valise_tree_stays_behind (const char *relative)
{
  return relative[0] == '.' || g_str_equal (relative, "logs") || g_str_has_prefix (relative, "logs/")
         || g_str_has_suffix (relative, ".partial");
}

static void
set_unsafe (GError **error, const char *relative)
{
  g_autofree char *shown = valise_text_for_display (relative, 200);

  g_set_error (
      error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE,
      _ ("“%s” in the machine's folder is a link, a device or has a name that cannot travel. Remove or rename it."),
      shown);
}

static gboolean
add_entry (GPtrArray *entries, const char *relative, const struct stat *st, GError **error)
{
  ValiseTreeEntry *entry;

  if (entries->len >= VALISE_TREE_ENTRIES_MOST)
    {
      g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE,
                   _ ("The machine's folder holds more than %d files. Move away those that are not part of it."),
                   VALISE_TREE_ENTRIES_MOST);
      return FALSE;
    }
  entry = g_new0 (ValiseTreeEntry, 1);
  entry->path = g_strdup (relative);
  entry->is_folder = S_ISDIR (st->st_mode);
  entry->size = entry->is_folder ? 0 : st->st_size;
  entry->data = MIN (entry->size, (guint64) st->st_blocks * 512);
  entry->modified = st->st_mtime;
  g_ptr_array_add (entries, entry);
  return TRUE;
}

static gboolean list_folder (const char *root, const char *below, guint depth, GPtrArray *entries, GError **error);

static gboolean
list_one (const char *root, const char *relative, guint depth, GPtrArray *entries, GError **error)
{
  g_autofree char *path = g_build_filename (root, relative, NULL);
  struct stat st;

  if (lstat (path, &st) != 0)
    {
      _valise_medium_set_error (error, errno, path, 0);
      return FALSE;
    }
  if ((!S_ISREG (st.st_mode) && !S_ISDIR (st.st_mode)) || !g_utf8_validate (relative, -1, NULL)
      || !valise_path_is_plain_relative (relative) || depth > VALISE_TREE_DEPTH_MOST)
    {
      set_unsafe (error, relative);
      return FALSE;
    }
  return add_entry (entries, relative, &st, error)
         && (!S_ISDIR (st.st_mode) || list_folder (root, relative, depth + 1, entries, error));
}

static gboolean
list_folder (const char *root, const char *below, guint depth, GPtrArray *entries, GError **error)
{
  g_autofree char *path = g_build_filename (root, below, NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, error);
  const char *name;

  if (directory == NULL)
    return FALSE;
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *relative = below[0] != '\0' ? g_strdup_printf ("%s/%s", below, name) : g_strdup (name);

      if (!_valise_tree_stays_behind (relative) && !list_one (root, relative, depth, entries, error))
        return FALSE;
    }
  return TRUE;
}

static int
rank (const ValiseTreeEntry *entry)
{
  return g_str_equal (entry->path, VALISE_BUNDLE_CONFIG) ? 0 : entry->is_folder ? 1 : 2;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const ValiseTreeEntry *first = *(ValiseTreeEntry *const *) a, *second = *(ValiseTreeEntry *const *) b;

  if (rank (first) != rank (second))
    return rank (first) - rank (second);
  if (first->size != second->size)
    return first->size < second->size ? -1 : 1;
  return strcmp (first->path, second->path);
}

/* Whether it is one of the words, or lies below it. */
static gboolean
is_among (const char *const *words, const char *path)
{
  for (; words != NULL && *words != NULL; words++)
    if (g_str_has_prefix (path, *words) && (path[strlen (*words)] == '\0' || path[strlen (*words)] == '/'))
      return TRUE;
  return FALSE;
}

static gboolean
travels (const ValiseTreeEntry *entry, const ValiseTravel *travel)
{
  return (travel->only == NULL || is_among (travel->only, entry->path)) && !is_among (travel->left, entry->path);
}

static void
leave_behind (GPtrArray *entries, const ValiseTravel *travel)
{
  for (guint i = entries->len; travel != NULL && i > 0; i--)
    {
      ValiseTreeEntry *entry = entries->pdata[i - 1];

      if (!travels (entry, travel))
        g_ptr_array_remove_index (entries, i - 1);
      else if (travel->document != NULL && g_str_equal (entry->path, VALISE_BUNDLE_CONFIG))
        entry->size = entry->data = valise_document_get_length (travel->document);
    }
}

GPtrArray *
_valise_tree_list (const char *bundle_path, const ValiseTravel *travel, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);

  if (!list_folder (bundle_path, "", 1, entries, error))
    {
      _valise_medium_translate (error, bundle_path, 0);
      return NULL;
    }
  leave_behind (entries, travel);
  g_ptr_array_sort (entries, compare_entries);
  return g_steal_pointer (&entries);
}

guint64
_valise_tree_total (GPtrArray *entries)
{
  guint64 total = 0;

  for (guint i = 0; i < entries->len; i++)
    total += ((ValiseTreeEntry *) entries->pdata[i])->data;
  return total;
}

static void
add_extent (GArray *extents, guint64 start, guint64 end, guint64 gap)
{
  ValiseExtent extent = { start, end - start };
  ValiseExtent *last = extents->len > 0 ? &g_array_index (extents, ValiseExtent, extents->len - 1) : NULL;

  if (last != NULL && start - (last->offset + last->length) < gap)
    last->length = end - last->offset;
  else
    g_array_append_val (extents, extent);
}

/* FALSE when there are more extents than allowed. */
static gboolean
scan_extents (int fd, guint64 size, guint64 gap, GArray *extents)
{
  guint64 at = 0;

  g_array_set_size (extents, 0);
  while (at < size)
    {
      off_t start = lseek (fd, at, SEEK_DATA);
      off_t end = start >= 0 ? lseek (fd, start, SEEK_HOLE) : -1;

      if (start < 0 && errno == ENXIO)
        break;
      if (start < 0 || end < 0)
        {
          start = at;
          end = size;
        }
      if ((guint64) start >= size)
        break;
      add_extent (extents, start, MIN ((guint64) end, size), gap);
      if (extents->len > EXTENTS_MOST)
        return FALSE;
      at = end;
    }
  return TRUE;
}

GArray *
_valise_tree_extents (int fd, guint64 size)
{
  GArray *extents = g_array_new (FALSE, FALSE, sizeof (ValiseExtent));

  for (guint64 gap = 1; !scan_extents (fd, size, gap, extents); gap = MAX (gap * 2, 64 * 1024))
    continue;
  return extents;
}
