/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-library-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "bundle/valise-clone.h"
#include "model/valise-label.h"

/* config.xml is never larger (valise_xml_parse refuses it). */
#define CONFIG_MOST (1024 * 1024)
#define LONGEST_NAME 200

void
_valise_library_facts_free (ValiseLibraryFacts *facts)
{
  g_free (facts->path);
  g_free (facts->name);
  g_free (facts->uuid);
  g_free (facts->error);
  g_free (facts);
}

static guint16
read_cpus (ValiseDocument *document)
{
  g_autofree char *text = valise_document_get (document, "vcpu");

  return text != NULL ? (guint16) MIN (g_ascii_strtoull (text, NULL, 10), G_MAXUINT16) : 1;
}

static const char *
intern_group (const char *raw)
{
  g_autofree char *group = raw != NULL ? valise_text_for_display (raw, 80) : NULL;

  if (group == NULL || *g_strstrip (group) == '\0')
    return NULL;
  return g_intern_string (group);
}

static gint64
read_suspended_at (const char *path)
{
  g_autofree char *file = g_build_filename (path, "state", "suspend.save", NULL);
  struct stat info;

  return lstat (file, &info) == 0 && S_ISREG (info.st_mode) ? MAX (info.st_mtime, 1) : 0;
}

char *
_valise_library_show_name (const char *name)
{
  return valise_text_for_display (name, LONGEST_NAME);
}

static void
fill_facts (ValiseLibraryFacts *facts, ValiseBundle *bundle)
{
  ValiseDocument *document = valise_bundle_get_document (bundle);
  g_autofree char *name = valise_bundle_dup_name (bundle);
  g_autofree char *group = valise_document_get (document, "metadata/valise:machine/@group");
  g_autofree char *uuid = valise_document_get (document, "uuid");
  g_autofree char *template = valise_document_get (document, VALISE_TEMPLATE_KNOB);

  facts->uuid = uuid != NULL ? g_ascii_strdown (uuid, -1) : NULL;
  facts->name = _valise_library_show_name (name);
  facts->group = intern_group (group);
  if (!valise_label_get_size (document, "memory", &facts->memory))
    facts->memory = 0;
  facts->cpus = read_cpus (document);
  facts->suspended_at = read_suspended_at (facts->path);
  facts->is_template = g_strcmp0 (template, "yes") == 0;
  facts->is_linked = valise_clone_has_base (bundle);
}

ValiseLibraryFacts *
_valise_library_read_facts (const char *path)
{
  g_autoptr (ValiseLibraryFacts) facts = g_new0 (ValiseLibraryFacts, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;

  facts->path = g_strdup (path);
  bundle = valise_bundle_open (path, &error);
  if (bundle != NULL)
    fill_facts (facts, bundle);
  else
    {
      facts->error = g_strdup (error->message);
      facts->retry = g_error_matches (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE)
                     && g_file_test (path, G_FILE_TEST_IS_DIR);
    }
  return g_steal_pointer (&facts);
}

static gboolean
read_config (const char *path, GByteArray *bytes)
{
  g_autofree char *file = g_build_filename (path, "config.xml", NULL);
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  struct stat info;
  gsize have = 0;
  gssize n = 0;

  g_byte_array_set_size (bytes, 0);
  if (fd < 0)
    return FALSE;
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_size <= CONFIG_MOST)
    {
      g_byte_array_set_size (bytes, info.st_size);
      while (have < bytes->len && (n = read (fd, bytes->data + have, bytes->len - have)) > 0)
        have += n;
      g_byte_array_set_size (bytes, have);
    }
  close (fd);
  return have > 0;
}

static gboolean
mentions (GByteArray *bytes, const char *word)
{
  return memmem (bytes->data, bytes->len, word, strlen (word)) != NULL;
}

gboolean
_valise_library_peek_name (const char *path, const char *name)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gboolean is_plain = g_utf8_validate (name, -1, NULL) && strpbrk (name, "&<>'\"\t\r\n") == NULL;

  /* In another encoding, or with a "&#228;", it may stand there otherwise. */
  return !is_plain || !read_config (path, bytes) || !g_utf8_validate ((char *) bytes->data, bytes->len, NULL)
         || mentions (bytes, "&#") || mentions (bytes, "<!") || mentions (bytes, name);
}

const char *
_valise_library_peek_group (const char *path)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (ValiseDocument) document = NULL;
  g_autofree char *group = NULL;

  if (!read_config (path, bytes) || !mentions (bytes, VALISE_METADATA_NAMESPACE) || !mentions (bytes, "group="))
    return NULL;
  document = valise_document_new ((const char *) bytes->data, bytes->len, path, NULL);
  if (document != NULL)
    group = valise_document_get (document, "metadata/valise:machine/@group");
  return intern_group (group);
}
