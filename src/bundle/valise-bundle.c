/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-bundle-private.h"

#include "base/valise-path.h"
#include "base/valise-xml.h"
#include "bundle/valise-medium.h"
#include "bundle/valise-snapshot-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

G_DEFINE_QUARK (valise_bundle_error_quark, valise_bundle_error)
G_DEFINE_BOXED_TYPE (ValiseBundle, valise_bundle, valise_bundle_ref, valise_bundle_unref)

static char *
shown_name (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);

  return valise_text_for_display (base, 120);
}

static int
open_directory (const char *path, GError **error)
{
  g_autofree char *shown = shown_name (path);
  int fd = -1;

  errno = ENOTDIR;
  if (!_valise_bundle_is_partial_name (path))
    fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
  if (fd >= 0)
    return fd;
  if (errno == ENOENT)
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE,
                 _ ("“%s” is no longer there. Look where it was moved to and open it from that place."), shown);
  else if (errno == EACCES)
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE,
                 _ ("You may not look into “%s”. Ask its owner for permission to read it."), shown);
  else
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE,
                 _ ("“%s” is not a machine: a machine is a folder whose name ends in “.vmbundle”."), shown);
  return -1;
}

static int
open_config (int directory_fd, const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *shown = shown_name (path);
  int fd = valise_path_open_beneath (directory_fd, VALISE_BUNDLE_CONFIG, O_RDONLY | O_NONBLOCK, 0, &local);

  if (fd >= 0)
    return fd;
  if (local->domain == VALISE_PATH_ERROR)
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE,
                 _ ("config.xml of “%s” is not a plain file of its own. Do not use this machine."), shown);
  else
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE,
                 _ ("“%s” has no readable config.xml: %s"), shown, local->message);
  return -1;
}

/* One byte more than allowed is read, so that too much is seen. */
static char *
read_config (int fd, gsize *length, GError **error)
{
  g_autofree char *text = g_malloc (VALISE_BUNDLE_CONFIG_MOST + 2);
  gsize done = 0;

  while (done <= VALISE_BUNDLE_CONFIG_MOST)
    {
      gssize got = read (fd, text + done, VALISE_BUNDLE_CONFIG_MOST + 1 - done);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "config.xml: %s", g_strerror (errno));
          return NULL;
        }
      if (got == 0)
        break;
      done += got;
    }
  text[done] = '\0';
  *length = done;
  return g_realloc (g_steal_pointer (&text), done + 1);
}

static char *
load_config (const char *path, gsize *length, GError **error)
{
  int directory_fd = open_directory (path, error);
  char *text = NULL;
  int fd;

  if (directory_fd < 0)
    return NULL;
  fd = open_config (directory_fd, path, error);
  close (directory_fd);
  if (fd < 0)
    return NULL;
  text = read_config (fd, length, error);
  close (fd);
  return text;
}

static gboolean
check_version (ValiseDocument *document, const char *name, GError **error)
{
  g_autofree char *version = valise_document_get (document, "metadata/valise:machine/@version");
  char *end = NULL;
  guint64 major;

  if (version == NULL)
    return TRUE;
  major = g_ascii_strtoull (version, &end, 10);
  if (g_ascii_isdigit (version[0]) && (*end == '\0' || *end == '.') && major <= VALISE_BUNDLE_VERSION)
    return TRUE;
  if (!g_ascii_isdigit (version[0]) || (*end != '\0' && *end != '.'))
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED,
                 _ ("%s: metadata/valise:machine/@version is not a number. Write “%d” there."), name,
                 VALISE_BUNDLE_VERSION);
  else
    g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NEWER,
                 _ ("%s was written by a later version of Valise (format %" PRIu64
                    ", this one reads up to %d). Update Valise to open it."),
                 name, major, VALISE_BUNDLE_VERSION);
  return FALSE;
}

ValiseDocument *
_valise_bundle_parse_config (const char *text, gsize length, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (ValiseDocument) document = NULL;

  if (length == 0)
    {
      g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED, _ ("%s is empty."), name);
      return NULL;
    }
  document = valise_document_new (text, length, name, &local);
  if (document == NULL)
    {
      g_set_error_literal (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED, local->message);
      return NULL;
    }
  return check_version (document, name, error) ? g_steal_pointer (&document) : NULL;
}

static void
add_history_hint (GError **error, const char *path)
{
  gsize length;
  g_autofree char *good = _valise_history_find_good (path, &length);
  g_autofree char *before = g_strdup ((*error)->message);

  g_clear_error (error);
  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED, "%s %s", before,
               good != NULL ? _ ("An earlier version in its history is good and can be restored.")
                            : _ ("Its history holds no good version; restore config.xml from a backup."));
}

/* Reads and checks config.xml of the directory; every error of valise_bundle_open. */
static ValiseDocument *
read_document (const char *path, GError **error)
{
  gsize length = 0;
  g_autofree char *shown = shown_name (path);
  g_autofree char *name = g_strdup_printf ("%s/%s", shown, VALISE_BUNDLE_CONFIG);
  g_autofree char *text = load_config (path, &length, error);
  g_autoptr (GError) local = NULL;
  ValiseDocument *document;

  if (text == NULL)
    return NULL;
  document = _valise_bundle_parse_config (text, length, name, &local);
  if (document != NULL)
    return document;
  if (g_error_matches (local, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED))
    add_history_hint (&local, path);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

ValiseBundle *
_valise_bundle_new (const char *path, ValiseDocument *document)
{
  ValiseBundle *self = g_new0 (ValiseBundle, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->path = g_canonicalize_filename (path, NULL);
  self->document = valise_document_ref (document);
  return self;
}

ValiseBundle *
valise_bundle_open (const char *path, GError **error)
{
  g_autoptr (ValiseDocument) document = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  document = read_document (path, error);
  return document != NULL ? _valise_bundle_new (path, document) : NULL;
}

ValiseBundle *
valise_bundle_ref (ValiseBundle *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
valise_bundle_unref (ValiseBundle *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  /* What nobody committed is not wanted. */
  if (self->target != NULL)
    valise_bundle_abandon (self);
  valise_document_unref (self->document);
  g_free (self->path);
  g_free (self);
}

const char *
valise_bundle_get_path (ValiseBundle *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->path;
}

char *
valise_bundle_file (ValiseBundle *self, const char *relative)
{
  g_return_val_if_fail (self != NULL && relative != NULL, NULL);

  return g_build_filename (self->path, relative, NULL);
}

char *
valise_bundle_source_path (const char *bundle_path, const char *source)
{
  g_return_val_if_fail (source != NULL, NULL);
  if (g_path_is_absolute (source))
    return g_strdup (source);
  return bundle_path != NULL ? g_build_filename (bundle_path, source, NULL) : NULL;
}

ValiseDocument *
valise_bundle_get_document (ValiseBundle *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->document;
}

char *
_valise_bundle_label_of (ValiseDocument *document)
{
  static const char *const places[] = { "metadata/valise:machine/@name", "title", "name" };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *name = valise_document_get (document, places[i]);

      if (name != NULL && g_strstrip (name)[0] != '\0')
        return g_steal_pointer (&name);
    }
  return NULL;
}

char *
valise_bundle_dup_name (ValiseBundle *self)
{
  char *label;

  g_return_val_if_fail (self != NULL, NULL);

  label = _valise_bundle_label_of (self->document);
  return label != NULL ? label : shown_name (self->path);
}

static gboolean
holds_text (const char *file, ValiseDocument *document)
{
  g_autofree char *text = NULL;
  gsize length = 0;

  return g_file_get_contents (file, &text, &length, NULL) && length == valise_document_get_length (document)
         && memcmp (text, valise_document_get_text (document), length) == 0;
}

static gboolean
replace_config (ValiseBundle *self, ValiseDocument *document, GError **error)
{
  g_autofree char *file = valise_bundle_file (self, VALISE_BUNDLE_CONFIG);
  g_autofree char *kept = NULL;
  gsize length = valise_document_get_length (document);

  if (holds_text (file, document))
    return TRUE;
  if (!_valise_history_keep (self->path, &kept, error))
    return FALSE;
  if (!valise_file_replace (file, valise_document_get_text (document), length, 0600, error))
    {
      _valise_medium_translate (error, file, length);
      /* Unless the new one is there all the same and only not known to be durable. */
      if (kept != NULL && !holds_text (file, document))
        unlink (kept);
      return FALSE;
    }
  _valise_history_tidy (self->path);
  return TRUE;
}

/* What could not be opened any more afterwards is not saved: too long, of another version. */
static gboolean
check_opens_again (ValiseDocument *document, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (ValiseDocument) again =
      _valise_bundle_parse_config (valise_document_get_text (document), valise_document_get_length (document),
                                   VALISE_BUNDLE_CONFIG, &local);

  if (again != NULL)
    return TRUE;
  g_set_error (error, local->domain, local->code,
               _ ("Nothing was saved, since the machine could not be opened any more: %s"), local->message);
  return FALSE;
}

gboolean
valise_bundle_check_save (ValiseBundle *self, ValiseDocument *document, GError **error)
{
  g_return_val_if_fail (self != NULL && document != NULL, FALSE);

  return _valise_snapshots_check_settings (self->path, self->document, document, error);
}

gboolean
valise_bundle_save (ValiseBundle *self, ValiseDocument *document, GError **error)
{
  return valise_bundle_check_save (self, document, error) && _valise_bundle_save_present (self, document, error);
}

gboolean
_valise_bundle_save_present (ValiseBundle *self, ValiseDocument *document, GError **error)
{
  ValiseDocument *saved;

  if (!check_opens_again (document, error) || !valise_bundle_check_folders (self->path, error)
      || !replace_config (self, document, error))
    return FALSE;
  /* A copy, since the caller may go on editing what it handed in. */
  saved = valise_document_copy (document);
  valise_document_unref (self->document);
  self->document = saved;
  return TRUE;
}
