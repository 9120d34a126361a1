/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-file-kind.h"

#include <unistd.h>

#include "bundle/valise-bundle.h"
#include "formats/valise-iso.h"
#include "formats/valise-kernel.h"
#include "formats/valise-reader.h"

static gboolean
has_image_suffix (const char *path)
{
  static const char *const suffixes[] = { ".img", ".raw", NULL };
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (gsize i = 0; suffixes[i] != NULL; i++)
    if (g_str_has_suffix (lower, suffixes[i]))
      return TRUE;
  return FALSE;
}

/* Any file may be a raw disk, so only its name says that. */
static gboolean
is_image (const char *path)
{
  g_autoptr (ValiseImageInfo) info = valise_image_identify (path, NULL);

  return info != NULL && (g_str_equal (info->format, "qcow2") || has_image_suffix (path));
}

/* A damaged disk: the look at it says what is wrong. */
static gboolean
is_damaged_image (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseImageInfo) info = valise_image_identify (path, &error);

  return info == NULL && error->domain == VALISE_IMAGE_ERROR;
}

/* @path, or the bundle it lies in: what is chosen in a bundle that a file manager shows as a folder. */
static char *
find_bundle (const char *path)
{
  g_autofree char *at = g_strdup (path);

  while (!g_str_has_suffix (at, VALISE_BUNDLE_SUFFIX))
    {
      char *parent = g_path_get_dirname (at);
      gboolean end = g_str_equal (parent, at);

      g_free (at);
      at = parent;
      if (end)
        return g_strdup (path);
    }
  return g_steal_pointer (&at);
}

static gboolean
is_bundle (const char *path)
{
  g_autofree char *config = g_build_filename (path, "config.xml", NULL);

  return g_file_test (path, G_FILE_TEST_IS_DIR)
         && (g_str_has_suffix (path, VALISE_BUNDLE_SUFFIX) || g_file_test (config, G_FILE_TEST_IS_REGULAR));
}

static ValiseFileKind
find_by_content (const char *path, gboolean in_bundle)
{
  g_autoptr (ValiseIso) iso = valise_iso_read (path, NULL);
  g_autoptr (ValiseKernel) kernel = NULL;

  if (iso != NULL)
    return VALISE_FILE_ISO;
  if (in_bundle)
    return VALISE_FILE_BUNDLE;
  kernel = valise_kernel_read (path, NULL);
  if (kernel != NULL)
    return VALISE_FILE_KERNEL;
  if (is_image (path))
    return VALISE_FILE_IMAGE;
  if (valise_reader_recognises (path))
    return VALISE_FILE_FOREIGN;
  return is_damaged_image (path) ? VALISE_FILE_IMAGE : VALISE_FILE_UNKNOWN;
}

static ValiseFileKind
find_kind (const char *path, const char *bundle)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return VALISE_FILE_MISSING;
  if (access (path, R_OK) != 0)
    return VALISE_FILE_UNREADABLE;
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return is_bundle (bundle)                ? VALISE_FILE_BUNDLE
           : valise_reader_recognises (path) ? VALISE_FILE_FOREIGN
                                             : VALISE_FILE_UNKNOWN;
  if (g_str_has_suffix (path, VALISE_BUNDLE_ARCHIVE_SUFFIX))
    return VALISE_FILE_ARCHIVE;
  return find_by_content (path, is_bundle (bundle));
}

static void
find_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autofree char *bundle = find_bundle (data);
  ValiseFileKind kind = find_kind (data, bundle);

  if (kind == VALISE_FILE_BUNDLE)
    g_task_set_task_data (task, g_steal_pointer (&bundle), g_free);
  g_task_return_int (task, kind);
}

void
valise_file_kind_find_async (gpointer source,
                             const char *path,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (source, cancellable, callback, user_data);

  g_task_set_source_tag (task, valise_file_kind_find_async);
  g_task_set_task_data (task, g_canonicalize_filename (path, NULL), g_free);
  g_task_run_in_thread (task, find_in_thread);
}

ValiseFileKind
valise_file_kind_find_finish (GAsyncResult *result, const char **path, GError **error)
{
  gssize kind = g_task_propagate_int (G_TASK (result), error);

  *path = g_task_get_task_data (G_TASK (result));
  return kind > 0 ? (ValiseFileKind) kind : VALISE_FILE_UNKNOWN;
}

gboolean
valise_file_kind_makes_machine (ValiseFileKind kind, ValiseHas *has)
{
  *has = kind == VALISE_FILE_ISO      ? VALISE_HAS_ISO
         : kind == VALISE_FILE_IMAGE  ? VALISE_HAS_IMAGE
         : kind == VALISE_FILE_KERNEL ? VALISE_HAS_KERNEL
                                      : VALISE_HAS_NOTHING;
  return *has != VALISE_HAS_NOTHING;
}
