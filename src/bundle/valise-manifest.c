/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-manifest.h"

#include <string.h>

#define HEAD_LINE "valise-manifest 1\n"

void
_valise_manifest_begin (ValiseManifest *self)
{
  self->text = g_string_new (HEAD_LINE);
  self->count = 0;
}

void
_valise_manifest_add (ValiseManifest *self, const char *path, const ValiseDigest *digest)
{
  self->count++;
  if (digest == NULL)
    g_string_append_printf (self->text, "folder %s\n", path);
  else
    g_string_append_printf (self->text, "file %s %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %s\n", digest->data,
                            digest->map, digest->size, digest->stored, path);
}

void
_valise_manifest_end (ValiseManifest *self)
{
  g_string_append_printf (self->text, "end %u\n", self->count);
}

void
_valise_manifest_clear (ValiseManifest *self)
{
  g_string_free (self->text, TRUE);
  self->text = NULL;
}

static char *
path_of_line (const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 6);
  guint count = g_strv_length (words);

  if (count == 6 && g_str_equal (words[0], "file"))
    return g_strdup (words[5]);
  if (count >= 2 && g_str_equal (words[0], "folder"))
    return g_strdup (line + strlen ("folder "));
  return g_strdup (VALISE_MANIFEST_NAME);
}

/* Archives are read in the order in which they were written, so that line stands against line. */
char *
_valise_manifest_difference (const char *expected, const char *found)
{
  g_auto (GStrv) first = NULL;
  g_auto (GStrv) second = NULL;

  if (g_str_equal (expected, found))
    return NULL;
  first = g_strsplit (expected, "\n", -1);
  second = g_strsplit (found, "\n", -1);
  for (guint i = 0; first[i] != NULL; i++)
    if (g_strcmp0 (first[i], second[i]) != 0)
      return path_of_line (first[i][0] != '\0' || second[i] == NULL ? first[i] : second[i]);
  return g_strdup (VALISE_MANIFEST_NAME);
}
