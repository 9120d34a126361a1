/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The making of a bundle: everything happens in .NAME.vmbundle.partial, one rename makes it appear. */
#include "bundle/valise-bundle-private.h"

#include "base/valise-path.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARTIAL_SUFFIX ".partial"
#define PARTIALS_MOST 100

static const char *const folders[] = { "disks", "nvram", "tpm", "media", "logs" };

static const char minimal_domain[] =
    "<domain type=\"qemu\">\n"
    "  <name>machine</name>\n"
    "  <uuid>00000000-0000-0000-0000-000000000000</uuid>\n"
    "  <metadata>\n"
    "    <valise:machine xmlns:valise=\"" VALISE_METADATA_NAMESPACE
    "\" version=\"" G_STRINGIFY (VALISE_BUNDLE_VERSION) "\" name=\"machine\"/>\n"
                                                        "  </metadata>\n"
                                                        "  <memory unit=\"MiB\">1024</memory>\n"
                                                        "  <vcpu>1</vcpu>\n"
                                                        "  <os>\n"
                                                        "    <type arch=\"x86_64\" machine=\"q35\">hvm</type>\n"
                                                        "  </os>\n"
                                                        "  <devices>\n"
                                                        "  </devices>\n"
                                                        "</domain>\n";

gboolean
_valise_bundle_is_partial_name (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);

  return base[0] == '.' && g_str_has_suffix (base, PARTIAL_SUFFIX) && strstr (base, VALISE_BUNDLE_SUFFIX) != NULL;
}

/* "NAME.vmbundle" in @directory for a label; %VALISE_BUNDLE_ERROR_NAME when there is no name in it. */
static char *
target_of (const char *directory, const char *label, GError **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (label));
  g_autofree char *name = valise_path_name_from_label (stripped);
  g_autofree char *file = g_strconcat (name, VALISE_BUNDLE_SUFFIX, NULL);

  if (stripped[0] != '\0')
    return g_build_filename (directory, file, NULL);
  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NAME, _ ("A machine needs a name. Type one."));
  return NULL;
}

/* @path without links in it; of what is not there, the folder that it would come into. */
static char *
resolve (const char *path)
{
  g_autofree char *at = g_canonicalize_filename (path, NULL);
  char *real;

  while ((real = realpath (at, NULL)) == NULL && !g_str_equal (at, "/"))
    {
      char *up = g_path_get_dirname (at);

      g_free (at);
      at = up;
    }
  return real;
}

static gboolean
is_bundle (const char *path)
{
  g_autofree char *config = g_build_filename (path, VALISE_BUNDLE_CONFIG, NULL);

  return g_str_has_suffix (path, VALISE_BUNDLE_SUFFIX) && g_file_test (config, G_FILE_TEST_EXISTS);
}

gboolean
valise_bundle_check_outside (const char *path, GError **error)
{
  g_autofree char *real = resolve (path);
  char *end;

  for (; real != NULL && (end = strrchr (real, '/')) != NULL; *end = '\0')
    if (is_bundle (real))
      {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_RECURSE,
                     _ ("“%s” lies in a machine's folder. Choose another place."), path);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_free (const char *target, GError **error)
{
  struct stat st;

  if (lstat (target, &st) != 0)
    return TRUE;
  _valise_medium_set_error (error, EEXIST, target, 0);
  return FALSE;
}

/* Somebody who is making the very same machine now is told about; what a crash left behind is not touched. */
static gboolean
check_not_being_made (const char *partial, GError **error)
{
  ValiseLock *lock;
  g_autoptr (GError) local = NULL;

  if (!g_file_test (partial, G_FILE_TEST_IS_DIR))
    return TRUE;
  lock = valise_lock_take (partial, "checking", &local);
  valise_lock_free (lock);
  if (!g_error_matches (local, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static char *
make_partial (const char *target, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (target);
  g_autofree char *base = g_path_get_basename (target);

  for (guint i = 1; i <= PARTIALS_MOST; i++)
    {
      g_autofree char *number = i > 1 ? g_strdup_printf (".%u", i) : g_strdup ("");
      g_autofree char *partial = g_strdup_printf ("%s/.%s%s" PARTIAL_SUFFIX, directory, base, number);

      if (mkdir (partial, 0700) == 0)
        return g_steal_pointer (&partial);
      if (errno != EEXIST || i == PARTIALS_MOST)
        {
          _valise_medium_set_error (error, errno, partial, 0);
          return NULL;
        }
      if (!check_not_being_made (partial, error))
        return NULL;
    }
  return NULL;
}

static gboolean
make_folders (const char *partial, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = g_build_filename (partial, folders[i], NULL);

      if (mkdir (folder, 0700) != 0)
        {
          _valise_medium_set_error (error, errno, folder, 0);
          return FALSE;
        }
    }
  return TRUE;
}

static ValiseDocument *
make_document (const char *label, GError **error)
{
  g_autoptr (ValiseDocument) document = valise_document_new (minimal_domain, -1, VALISE_BUNDLE_CONFIG, error);

  if (document == NULL || !valise_bundle_renew_identity (document, label, error))
    return NULL;
  return g_steal_pointer (&document);
}

static gboolean
make_directory (const char *directory, GError **error)
{
  if (g_mkdir_with_parents (directory, 0755) == 0)
    return TRUE;
  _valise_medium_set_error (error, errno, directory, 0);
  return FALSE;
}

static ValiseLock *
fill_partial (const char *partial, GError **error)
{
  ValiseLock *lock = valise_lock_take (partial, "making", error);

  if (lock != NULL && make_folders (partial, error))
    return lock;
  valise_directory_remove (partial, NULL);
  valise_lock_free (lock);
  return NULL;
}

ValiseBundle *
valise_bundle_begin (const char *directory, const char *name, GError **error)
{
  g_autofree char *target = NULL;
  g_autofree char *partial = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  ValiseLock *lock;
  ValiseBundle *self;

  g_return_val_if_fail (directory != NULL && name != NULL, NULL);

  target = target_of (directory, name, error);
  if (target == NULL || (document = make_document (name, error)) == NULL
      || !valise_bundle_check_outside (directory, error) || !make_directory (directory, error)
      || !check_free (target, error) || (partial = make_partial (target, error)) == NULL
      || (lock = fill_partial (partial, error)) == NULL)
    return NULL;
  self = _valise_bundle_new (partial, document);
  self->target = g_canonicalize_filename (target, NULL);
  self->lock = lock;
  return self;
}

static gboolean
stamp_version (ValiseDocument *document, GError **error)
{
  return valise_document_has (document, "metadata/valise:machine/@version")
         || valise_document_set (document, "metadata/valise:machine/@version", G_STRINGIFY (VALISE_BUNDLE_VERSION),
                                 error);
}

static gboolean
write_config (ValiseBundle *self, ValiseDocument *document, GError **error)
{
  g_autofree char *file = valise_bundle_file (self, VALISE_BUNDLE_CONFIG);
  gsize length = valise_document_get_length (document);

  if (valise_file_replace (file, valise_document_get_text (document), length, 0600, error))
    return TRUE;
  _valise_medium_translate (error, file, length);
  return FALSE;
}

gboolean
valise_bundle_commit (ValiseBundle *self, ValiseDocument *document, GError **error)
{
  g_autoptr (ValiseDocument) written = NULL;

  g_return_val_if_fail (self != NULL && self->target != NULL && document != NULL, FALSE);

  written = valise_document_copy (document);
  if (!stamp_version (written, error) || !write_config (self, written, error)
      || !_valise_medium_sync_tree (self->path, error) || !_valise_medium_rename_new (self->path, self->target, error))
    return FALSE;
  g_free (self->path);
  self->path = g_steal_pointer (&self->target);
  valise_document_unref (self->document);
  self->document = g_steal_pointer (&written);
  g_clear_pointer (&self->lock, valise_lock_free);
  return TRUE;
}

void
valise_bundle_abandon (ValiseBundle *self)
{
  g_return_if_fail (self != NULL);

  if (self->target == NULL)
    return;
  if (!valise_directory_remove (self->path, NULL))
    g_debug ("%s could not be removed", self->path);
  g_clear_pointer (&self->target, g_free);
  g_clear_pointer (&self->lock, valise_lock_free);
}
