/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-archive-members.h"

#include "base/valise-path.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-manifest.h"
#include "bundle/valise-tree.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define PATH_MOST 1024

static void
member_free (ValiseMember *self)
{
  g_free (self->path);
  g_free (self);
}

void
_valise_members_begin (ValiseMembers *self)
{
  self->list = g_ptr_array_new_with_free_func ((GDestroyNotify) member_free);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

void
_valise_members_clear (ValiseMembers *self)
{
  g_clear_pointer (&self->seen, g_hash_table_unref);
  g_clear_pointer (&self->list, g_ptr_array_unref);
  g_clear_pointer (&self->prefix, g_free);
}

gboolean
_valise_members_set_unsafe (GError **error, const char *path, const char *why)
{
  g_autofree char *shown = valise_text_for_display (path != NULL ? path : "?", 120);

  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE,
               _ ("The archive is refused because of “%s”: %s. Do not open files of strangers that do this."), shown,
               why);
  return FALSE;
}

gboolean
_valise_members_take_prefix (ValiseMembers *self, const char *path)
{
  static const char tail[] = VALISE_BUNDLE_SUFFIX "/" VALISE_BUNDLE_CONFIG;

  if (path == NULL || !g_str_has_suffix (path, tail) || strlen (path) > PATH_MOST
      || !valise_path_is_plain_relative (path) || strchr (path, '/') != strrchr (path, '/'))
    return FALSE;
  self->prefix = g_strndup (path, strlen (path) - strlen (VALISE_BUNDLE_CONFIG));
  return TRUE;
}

/* The name below the bundle; %NULL with an error. Folders end with a slash in tar. */
char *
_valise_members_relative_name (ValiseMembers *self, const char *path, GError **error)
{
  g_autofree char *relative = NULL;
  gsize length;

  if (path == NULL || strlen (path) > PATH_MOST || !g_utf8_validate (path, -1, NULL))
    {
      _valise_members_set_unsafe (error, path, _ ("the name is no text"));
      return NULL;
    }
  if (!g_str_has_prefix (path, self->prefix))
    {
      _valise_members_set_unsafe (error, path, _ ("it lies outside of the machine's folder"));
      return NULL;
    }
  relative = g_strdup (path + strlen (self->prefix));
  length = strlen (relative);
  if (length > 0 && relative[length - 1] == '/')
    relative[length - 1] = '\0';
  if (!valise_path_is_plain_relative (relative))
    {
      _valise_members_set_unsafe (error, path, _ ("the name leads out of the machine's folder"));
      return NULL;
    }
  if (_valise_tree_stays_behind (relative) && !g_str_equal (relative, VALISE_MANIFEST_NAME))
    {
      _valise_members_set_unsafe (error, path, _ ("such a file does not travel"));
      return NULL;
    }
  return g_steal_pointer (&relative);
}

gboolean
_valise_members_check_kind (struct archive_entry *header, GError **error)
{
  const char *path = archive_entry_pathname (header);
  mode_t type = archive_entry_filetype (header);

  if (archive_entry_hardlink (header) != NULL || archive_entry_symlink (header) != NULL || type == AE_IFLNK)
    return _valise_members_set_unsafe (error, path, _ ("it is a link"));
  if (type != AE_IFREG && type != AE_IFDIR)
    return _valise_members_set_unsafe (error, path, _ ("it is a device or something else that is no file"));
  if (archive_entry_size (header) < 0)
    return _valise_members_set_unsafe (error, path, _ ("its length cannot be"));
  return TRUE;
}

ValiseMember *
_valise_members_add (ValiseMembers *self, const char *relative, gboolean is_folder, GError **error)
{
  ValiseMember *member;

  if (self->list->len >= VALISE_TREE_ENTRIES_MOST)
    {
      _valise_members_set_unsafe (error, relative, _ ("there are too many files"));
      return NULL;
    }
  if (!g_hash_table_add (self->seen, g_strdup (relative)))
    {
      _valise_members_set_unsafe (error, relative, _ ("it is there twice"));
      return NULL;
    }
  member = g_new0 (ValiseMember, 1);
  member->path = g_strdup (relative);
  member->is_folder = is_folder;
  g_ptr_array_add (self->list, member);
  return member;
}

gboolean
_valise_members_compare (ValiseMembers *self, const char *text, GError **error)
{
  ValiseManifest manifest;
  g_autofree char *different = NULL;
  g_autofree char *shown = NULL;

  _valise_manifest_begin (&manifest);
  for (guint i = 0; i < self->list->len; i++)
    {
      const ValiseMember *member = self->list->pdata[i];

      _valise_manifest_add (&manifest, member->path, member->is_folder ? NULL : &member->digest);
    }
  _valise_manifest_end (&manifest);
  different = _valise_manifest_difference (text, manifest.text->str);
  _valise_manifest_clear (&manifest);
  if (different == NULL)
    return TRUE;
  shown = valise_text_for_display (different, 120);
  g_set_error (
      error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_CORRUPT,
      _ ("The checksum of “%s” is wrong: the archive was damaged or changed. Copy or download the file again."), shown);
  return FALSE;
}
