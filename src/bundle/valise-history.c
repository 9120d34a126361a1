/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-bundle-private.h"

#include "base/valise-path.h"
#include "bundle/valise-medium.h"
#include "bundle/valise-snapshot-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSIONS_KEPT 10
#define VERSION_SUFFIX ".xml"
#define DAMAGED_SUFFIX ".damaged"
#define BEGUN_PREFIX ".valise-"
#define BEGUN_SUFFIX ".tmp"

static void
version_free (ValiseBundleVersion *self)
{
  g_free (self->path);
  g_free (self);
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  const ValiseBundleVersion *first = *(ValiseBundleVersion *const *) a, *second = *(ValiseBundleVersion *const *) b;

  return first->time < second->time ? 1 : first->time > second->time ? -1 : 0;
}

/* Files are named by the microsecond at which they were replaced; anything else there is not ours. */
static gint64
time_of_name (const char *name)
{
  char *end = NULL;
  gint64 time = g_ascii_isdigit (name[0]) ? g_ascii_strtoll (name, &end, 10) : 0;

  return time > 0 && g_str_equal (end, VERSION_SUFFIX) ? time : 0;
}

GPtrArray *
valise_bundle_list_versions (const char *bundle_path)
{
  GPtrArray *versions = g_ptr_array_new_with_free_func ((GDestroyNotify) version_free);
  g_autofree char *history = g_build_filename (bundle_path, VALISE_BUNDLE_HISTORY, NULL);
  g_autoptr (GDir) directory = g_dir_open (history, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      gint64 time = time_of_name (name);
      ValiseBundleVersion *version;

      if (time == 0)
        continue;
      version = g_new0 (ValiseBundleVersion, 1);
      version->path = g_build_filename (history, name, NULL);
      version->time = time;
      g_ptr_array_add (versions, version);
    }
  g_ptr_array_sort (versions, compare_newest_first);
  return versions;
}

/* A version's text if it can be opened, with the care that a stranger's bundle asks for. */
static char *
read_version (const char *path, gsize *length)
{
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  g_autofree char *text = NULL;
  struct stat st;
  gssize got = -1;

  if (fd < 0)
    return NULL;
  if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && st.st_size <= VALISE_BUNDLE_CONFIG_MOST)
    {
      text = g_malloc (st.st_size + 1);
      got = pread (fd, text, st.st_size, 0);
    }
  close (fd);
  if (got < 0)
    return NULL;
  text[got] = '\0';
  *length = got;
  return g_steal_pointer (&text);
}

static gboolean
is_good (const char *text, gsize length)
{
  g_autoptr (ValiseDocument) document = _valise_bundle_parse_config (text, length, VALISE_BUNDLE_CONFIG, NULL);

  return document != NULL;
}

/* A link costs nothing and keeps the very bytes; FAT and its like have no links and get a copy. */
static gboolean
link_or_copy (const char *from, const char *to, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;

  if (link (from, to) == 0)
    return TRUE;
  if (errno == EROFS || errno == ENOSPC)
    {
      _valise_medium_set_error (error, errno, to, 0);
      return FALSE;
    }
  if (!g_file_get_contents (from, &text, &length, error) || !valise_file_replace (to, text, length, 0600, error))
    {
      _valise_medium_translate (error, to, length);
      return FALSE;
    }
  return TRUE;
}

gboolean
_valise_history_keep (const char *path, char **kept, GError **error)
{
  g_autofree char *config = g_build_filename (path, VALISE_BUNDLE_CONFIG, NULL);
  g_autofree char *history = g_build_filename (path, VALISE_BUNDLE_HISTORY, NULL);
  g_autoptr (GPtrArray) versions = NULL;
  gint64 time = g_get_real_time ();

  *kept = NULL;
  if (!g_file_test (config, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  if (mkdir (history, 0700) != 0 && errno != EEXIST)
    {
      _valise_medium_set_error (error, errno, history, 0);
      return FALSE;
    }
  /* A clock set back must not make this version older than the one before it. */
  versions = valise_bundle_list_versions (path);
  if (versions->len > 0)
    time = MAX (time, ((ValiseBundleVersion *) versions->pdata[0])->time + 1);
  *kept = g_strdup_printf ("%s/%016" G_GINT64_FORMAT VERSION_SUFFIX, history, time);
  if (link_or_copy (config, *kept, error))
    return TRUE;
  g_clear_pointer (kept, g_free);
  return FALSE;
}

/* What valise_file_replace had begun when somebody was killed. Nobody else writes here now: the caller holds the
 * lock. */
static void
remove_begun (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_prefix (name, BEGUN_PREFIX) && g_str_has_suffix (name, BEGUN_SUFFIX))
      {
        g_autofree char *file = g_build_filename (path, name, NULL);

        unlink (file);
      }
}

void
_valise_history_tidy (const char *path)
{
  g_autoptr (GPtrArray) versions = valise_bundle_list_versions (path);
  g_autofree char *history = g_build_filename (path, VALISE_BUNDLE_HISTORY, NULL);

  for (guint i = VERSIONS_KEPT; i < versions->len; i++)
    unlink (((ValiseBundleVersion *) versions->pdata[i])->path);
  remove_begun (path);
  remove_begun (history);
}

char *
_valise_history_find_good (const char *path, gsize *length)
{
  g_autoptr (GPtrArray) versions = valise_bundle_list_versions (path);

  for (guint i = 0; i < versions->len; i++)
    {
      g_autofree char *text = read_version (((ValiseBundleVersion *) versions->pdata[i])->path, length);

      if (text != NULL && is_good (text, *length))
        return g_steal_pointer (&text);
    }
  return NULL;
}

GPtrArray *
valise_bundle_list_history (ValiseBundle *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return valise_bundle_list_versions (self->path);
}

char *
valise_bundle_read_version (const ValiseBundleVersion *version, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  int problem;

  g_return_val_if_fail (version != NULL, NULL);

  errno = 0;
  text = read_version (version->path, &length);
  problem = errno;
  if (text != NULL)
    return g_utf8_make_valid (text, (gssize) length);
  if (problem != 0 && problem != ELOOP && problem != ENXIO)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (problem), _ ("The earlier version “%s” cannot be read: %s."),
                 version->path, g_strerror (problem));
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 _ ("The earlier version “%s” is no file that could be a machine's settings."), version->path);
  return NULL;
}

static gboolean
is_current (ValiseBundle *self, const char *text, gsize length)
{
  return length == valise_document_get_length (self->document)
         && memcmp (text, valise_document_get_text (self->document), length) == 0;
}

/* Settings from before a snapshot name the images that it froze. */
static gboolean
is_of_present (ValiseBundle *self, ValiseDocument *document)
{
  g_autofree char *then = valise_document_get (document, VALISE_PRESENT_KNOB);
  g_autofree char *now = valise_document_get (self->document, VALISE_PRESENT_KNOB);

  return g_strcmp0 (then, now) == 0;
}

static ValiseDocument *
find_earlier (ValiseBundle *self, GError **error)
{
  g_autoptr (GPtrArray) versions = valise_bundle_list_versions (self->path);

  for (guint i = 0; i < versions->len; i++)
    {
      ValiseBundleVersion *version = versions->pdata[i];
      gsize length = 0;
      g_autofree char *text = read_version (version->path, &length);
      g_autoptr (ValiseDocument) document = NULL;

      /* A save that was cut short may have left a version that is the present one. */
      if (text == NULL || is_current (self, text, length))
        continue;
      document = _valise_bundle_parse_config (text, length, VALISE_BUNDLE_CONFIG, NULL);
      if (document != NULL && is_of_present (self, document))
        return g_steal_pointer (&document);
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("There is no earlier version to go back to."));
  return NULL;
}

/* A file that was written anew stays so, whatever the settings say. */
ValiseDocument *
valise_bundle_read_undo (ValiseBundle *self, GError **error)
{
  g_autoptr (ValiseDocument) document = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  document = find_earlier (self, error);
  if (document == NULL || !_valise_history_follow_disks (self->path, document, self->document, error))
    return NULL;
  if (!is_current (self, valise_document_get_text (document), valise_document_get_length (document)))
    return g_steal_pointer (&document);
  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_FILE_GONE,
               _ ("The last change converted a disk, whose file as it was is gone. Convert it back on its page of the "
                  "settings if you want the other format."));
  return NULL;
}

gboolean
valise_bundle_undo (ValiseBundle *self, GError **error)
{
  g_autoptr (ValiseDocument) document = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  document = valise_bundle_read_undo (self, error);
  return document != NULL && valise_bundle_save (self, document, error);
}

static gboolean
put_damaged_aside (const char *path, GError **error)
{
  g_autofree char *config = g_build_filename (path, VALISE_BUNDLE_CONFIG, NULL);
  g_autofree char *aside =
      g_strdup_printf ("%s/%s/%016" G_GINT64_FORMAT DAMAGED_SUFFIX, path, VALISE_BUNDLE_HISTORY, g_get_real_time ());

  return !g_file_test (config, G_FILE_TEST_IS_REGULAR) || link_or_copy (config, aside, error);
}

ValiseBundle *
valise_bundle_restore (const char *path, GError **error)
{
  g_autofree char *config = NULL;
  g_autofree char *good = NULL;
  gsize length = 0;

  g_return_val_if_fail (path != NULL, NULL);

  if (!valise_bundle_check_folders (path, error))
    return NULL;
  config = g_build_filename (path, VALISE_BUNDLE_CONFIG, NULL);
  good = _valise_history_find_good (path, &length);
  if (good == NULL)
    {
      g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED,
                   _ ("The history of “%s” holds no good version; restore config.xml from a backup."), path);
      return NULL;
    }
  if (!put_damaged_aside (path, error))
    return NULL;
  if (!valise_file_replace (config, good, length, 0600, error))
    {
      _valise_medium_translate (error, config, length);
      return NULL;
    }
  return valise_bundle_open (path, error);
}
