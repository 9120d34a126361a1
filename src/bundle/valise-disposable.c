/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-disposable.h"

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "bundle/valise-image-header.h"
#include "bundle/valise-medium.h"
#include "bundle/valise-snapshot-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#define FOLDER "state/disposable"
#define VARIABLES "vars.fd"
#define TPM "tpm"

static char *
path_of (const char *bundle_path)
{
  return g_build_filename (bundle_path, FOLDER, NULL);
}

char *
valise_disposable_tpm (const char *bundle_path)
{
  return g_build_filename (bundle_path, FOLDER, TPM, NULL);
}

gboolean
valise_disposable_exists (const char *bundle_path)
{
  g_autofree char *path = path_of (bundle_path);

  return g_file_test (path, G_FILE_TEST_IS_DIR);
}

gboolean
valise_disposable_end (const char *bundle_path, GError **error)
{
  g_autofree char *path = path_of (bundle_path);
  struct stat status;

  return lstat (path, &status) != 0 || valise_directory_remove (path, error);
}

/* --- the copies --- */

static gboolean
make_folder (const char *path, GError **error)
{
  g_autofree char *state = g_path_get_dirname (path);

  if ((g_mkdir (state, 0700) == 0 || errno == EEXIST) && g_mkdir (path, 0700) == 0)
    return TRUE;
  _valise_medium_set_error (error, errno, path, 0);
  return FALSE;
}

gboolean
valise_disposable_begin (ValiseBundle *bundle, GCancellable *cancellable, GError **error)
{
  const char *path;
  g_autofree char *folder = NULL, *relative = NULL, *variables = NULL, *copy = NULL, *tpm = NULL, *tpm_copy = NULL;

  g_return_val_if_fail (bundle != NULL, FALSE);

  path = valise_bundle_get_path (bundle);
  folder = path_of (path);
  relative = _valise_snapshot_variables (valise_bundle_get_document (bundle));
  variables = valise_bundle_file (bundle, relative);
  copy = g_build_filename (folder, VARIABLES, NULL);
  tpm = valise_bundle_file (bundle, TPM);
  tpm_copy = valise_disposable_tpm (path);
  return valise_disposable_end (path, error) && make_folder (folder, error)
         && _valise_snapshot_copy_file (variables, copy, cancellable, error)
         && _valise_snapshot_copy_folder (tpm, tpm_copy, cancellable, error);
}

/* --- the disks --- */

static gboolean
has (ValiseDocument *document, guint number, const char *element)
{
  g_autofree char *path = g_strdup_printf ("devices/disk[%u]/%s", number, element);

  return valise_document_has (document, path);
}

static gboolean
is_written (ValiseDocument *document, guint number)
{
  g_autofree char *device = valise_document_get_device (document, "disk", number, "@device");

  return has (document, number, "source") && !has (document, number, "readonly") && g_strcmp0 (device, "cdrom") != 0;
}

static gboolean
set_no_file (const char *target, GError **error)
{
  g_set_error (
      error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
      _ ("The disk “%s” is no file, so what is written to it would be kept. Remove it, or make it read-only, to "
         "start without keeping changes."),
      target);
  return FALSE;
}

/* Nothing of it is kept, so that nothing waits for the medium. */
static gboolean
make_overlay (const char *path, const char *base, const char *format, GCancellable *cancellable, GError **error)
{
  const char *const argv[] = { "qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", format, "--", path, NULL };
  g_autoptr (GError) local = NULL;

  if (valise_process_run (argv, NULL, NULL, NULL, cancellable, &local))
    return TRUE;
  _valise_image_translate_qemu_error (&local, path, 0);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* libvirt reads from the images what is below: the new one is ours, and what the disk built on before was looked at. */
static gboolean
name_overlay (ValiseDocument *document, guint number, const char *overlay, GError **error)
{
  g_autofree char *source = g_strdup_printf ("devices/disk[%u]/source/@file", number);
  g_autofree char *type = g_strdup_printf ("devices/disk[%u]/driver/@type", number);
  g_autofree char *below = g_strdup_printf ("devices/disk[%u]/backingStore", number);

  return valise_document_set (document, source, overlay, error) && valise_document_set (document, type, "qcow2", error)
         && valise_document_unset (document, below, error);
}

static gboolean
redirect_disk (const char *folder, ValiseDocument *document, guint number, GCancellable *cancellable, GError **error)
{
  g_autofree char *file = valise_document_get_device (document, "disk", number, "source/@file");
  g_autofree char *format = valise_document_get_device (document, "disk", number, "driver/@type");
  g_autofree char *target = valise_document_get_device (document, "disk", number, "target/@dev");
  g_autofree char *name = g_strdup_printf ("%u.qcow2", number);
  g_autofree char *overlay = g_build_filename (folder, name, NULL);

  if (file == NULL)
    return set_no_file (target != NULL ? target : "", error);
  return make_overlay (overlay, file, format != NULL ? format : "raw", cancellable, error)
         && name_overlay (document, number, overlay, error);
}

gboolean
valise_disposable_redirect (ValiseBundle *bundle, ValiseDocument *effective, GCancellable *cancellable, GError **error)
{
  g_autofree char *folder = NULL;
  g_autofree char *variables = NULL;
  guint count;

  g_return_val_if_fail (bundle != NULL && effective != NULL, FALSE);

  folder = path_of (valise_bundle_get_path (bundle));
  variables = g_build_filename (folder, VARIABLES, NULL);
  count = valise_document_count (effective, "devices/disk");
  for (guint i = 1; i <= count; i++)
    if (is_written (effective, i) && !redirect_disk (folder, effective, i, cancellable, error))
      return FALSE;
  return !valise_document_has (effective, "os/nvram") || valise_document_set (effective, "os/nvram", variables, error);
}
