/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-ovf-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A line for every part of a disk in pieces, and the white space with which some pad it. */
#define LONGEST_MANIFEST (1 << 20)

static const struct
{
  const char *word, *prefix;
  GChecksumType type;
  gsize digits;
} kinds[] = {
  { "SHA1", "sha1", G_CHECKSUM_SHA1, 40 },
  { "SHA256", "sha256", G_CHECKSUM_SHA256, 64 },
  { "SHA512", "sha512", G_CHECKSUM_SHA512, 128 },
};

static gboolean
is_digest (const char *hex, gsize digits)
{
  return strlen (hex) == digits && strspn (hex, "0123456789abcdefABCDEF") == digits;
}

/* "SHA256(disk.vmdk)= 12ab..." with or without spaces; what is no such line says nothing. */
static void
read_line (GHashTable *digests, ValisePackage *package, const char *folder, char *line)
{
  const char *open = strchr (line, '('), *close = strrchr (line, ')');
  g_autofree char *kind = open != NULL ? g_strstrip (g_strndup (line, (gsize) (open - line))) : NULL;
  const char *equals = close != NULL ? strchr (close, '=') : NULL;
  g_autofree char *hex = equals != NULL ? g_strstrip (g_strdup (equals + 1)) : NULL;
  g_autofree char *name = NULL;

  if (kind == NULL || hex == NULL || close < open)
    return;
  name = g_strstrip (g_strndup (open + 1, (gsize) (close - open - 1)));
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_ascii_strcasecmp (kind, kinds[i].word) == 0 && is_digest (hex, kinds[i].digits))
      {
        const ValisePackageMember *member = valise_package_find (package, folder, name);
        g_autofree char *lower = g_ascii_strdown (hex, -1);

        if (member != NULL)
          g_hash_table_insert (digests, g_strdup (member->name), g_strconcat (kinds[i].prefix, ":", lower, NULL));
      }
}

/* The one that is named like the descriptor, else the only one beside it. */
const ValisePackageMember *
_valise_ovf_find_manifest (ValisePackage *package, const ValisePackageMember *descriptor)
{
  GPtrArray *members = valise_package_get_members (package);
  g_autofree char *folder = g_path_get_dirname (descriptor->name);
  gsize stem = strlen (descriptor->name) - (g_str_has_suffix (descriptor->name, ".ovf") ? strlen (".ovf") : 0);
  g_autofree char *named = g_strdup_printf ("%.*s.mf", (int) stem, descriptor->name);
  const ValisePackageMember *found = valise_package_find (package, NULL, named);
  guint others = 0;

  if (found != NULL)
    return found;
  for (guint i = 0; i < members->len; i++)
    {
      const ValisePackageMember *member = members->pdata[i];
      g_autofree char *beside = g_path_get_dirname (member->name);

      if (!g_str_has_suffix (member->name, ".mf") || !g_str_equal (beside, folder))
        continue;
      found = member;
      others++;
    }
  /* Beside several machines in one folder it is anybody's guess whose it is. */
  return others == 1 && valise_package_is_archive (package) ? found : NULL;
}

GHashTable *
_valise_ovf_read_manifest (ValisePackage *package, const ValisePackageMember *descriptor, GError **error)
{
  g_autoptr (GHashTable) digests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const ValisePackageMember *manifest = _valise_ovf_find_manifest (package, descriptor);
  g_autoptr (GBytes) bytes = manifest != NULL ? valise_package_read (package, manifest, LONGEST_MANIFEST, error) : NULL;
  g_autofree char *folder = g_path_get_dirname (descriptor->name);
  g_auto (GStrv) lines = NULL;

  if (manifest != NULL && bytes == NULL)
    return NULL;
  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    return g_steal_pointer (&digests);
  lines = g_strsplit (g_bytes_get_data (bytes, NULL), "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    read_line (digests, package, folder, *line);
  return g_steal_pointer (&digests);
}

gboolean
_valise_ovf_check_descriptor (ValiseOvf *self, GBytes *bytes, GError **error)
{
  const char *stated = g_hash_table_lookup (self->digests, self->descriptor->name);

  for (gsize i = 0; stated != NULL && i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *hex = g_compute_checksum_for_bytes (kinds[i].type, bytes);
      g_autofree char *seen = g_strconcat (kinds[i].prefix, ":", hex, NULL);

      if (g_str_has_prefix (stated, kinds[i].prefix) && strlen (stated) == strlen (seen) && !g_str_equal (stated, seen))
        {
          g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED,
                       _ ("%s is not what its manifest says: it was changed or damaged. Get it again."),
                       self->descriptor->name);
          return FALSE;
        }
    }
  return TRUE;
}
