/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-clone-private.h"

#include "base/valise-path.h"
#include "bundle/valise-bring.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-medium.h"
#include "bundle/valise-share.h"
#include "bundle/valise-travel.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _ValiseClone
{
  ValiseClonePlan *plan;
  ValiseBundle *bundle; /* being made */
  ValiseDocument *document;
  gboolean linked;
  gboolean is_pinned; /* the images are here under a second name */
};

/* --- identity --- */

/* (transfer full): %NULL at the place of a card that has none */
static GPtrArray *
list_macs (ValiseDocument *document)
{
  GPtrArray *macs = g_ptr_array_new_with_free_func (g_free);
  guint count = valise_document_count (document, "devices/interface");

  for (guint i = 1; i <= count; i++)
    g_ptr_array_add (macs, valise_document_get_device (document, "interface", i, "mac/@address"));
  return macs;
}

static gboolean
put_macs (ValiseDocument *document, GPtrArray *macs, GError **error)
{
  for (guint i = 0; i < macs->len; i++)
    {
      g_autofree char *knob = g_strdup_printf ("devices/interface[%u]/mac/@address", i + 1);

      if (macs->pdata[i] != NULL && !valise_document_set (document, knob, macs->pdata[i], error))
        return FALSE;
    }
  return TRUE;
}

gboolean
valise_clone_rename (ValiseDocument *document, const char *name, gboolean keep_macs, GError **error)
{
  g_autoptr (GPtrArray) macs = NULL;

  g_return_val_if_fail (document != NULL && name != NULL, FALSE);

  macs = list_macs (document);
  return valise_bundle_renew_identity (document, name, error) && (!keep_macs || put_macs (document, macs, error))
         && valise_document_unset (document, VALISE_TEMPLATE_KNOB, error);
}

/* --- a second name for what is frozen --- */

static gboolean
make_folder (ValiseClone *self, const char *file, GError **error)
{
  g_autofree char *path = valise_bundle_file (self->bundle, file);
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_mkdir_with_parents (folder, 0700) == 0)
    return TRUE;
  _valise_medium_set_error (error, errno, folder, 0);
  return FALSE;
}

/* 0, or errno. No link is followed. */
static int
link_image (ValiseClone *self, const char *file)
{
  g_autofree char *name = g_path_get_basename (file);
  int from = _valise_snapshot_open_folder (self->plan->path, file);
  int to = from >= 0 ? _valise_snapshot_open_folder (valise_bundle_get_path (self->bundle), file) : -1;
  struct stat status;
  int code = 0;

  if (to < 0 || fstatat (from, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    code = errno;
  else if (!S_ISREG (status.st_mode))
    code = EINVAL;
  else if (linkat (from, name, to, name, 0) != 0)
    code = errno;
  if (to >= 0)
    close (to);
  if (from >= 0)
    close (from);
  return code;
}

static gboolean
set_elsewhere (ValiseClone *self, GError **error)
{
  if (!self->linked)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 _ ("A clone on another file system can only be made while the machine does not run. Shut it down "
                    "first, or choose a folder beside it."));
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 _ ("A linked clone has to lie on the same file system as “%s”. Choose a folder there, or make a full "
                    "clone."),
                 self->plan->path);
  return FALSE;
}

static gboolean
set_not_linked (ValiseClone *self, const char *file, int code, GError **error)
{
  g_autofree char *shown = valise_text_for_display (file, 200);

  if (code == EXDEV)
    return set_elsewhere (self, error);
  if (code != EPERM && code != EOPNOTSUPP && code != ENOSYS && code != EMLINK)
    _valise_medium_set_error (error, code, self->plan->path, 0);
  else if (!self->linked)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 _ ("“%s” can get no second name here (%s), which a clone of a running machine needs. Shut it down "
                    "first."),
                 shown, g_strerror (code));
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 _ ("“%s” can get no second name here (%s), which a linked clone needs. Make a full clone."), shown,
                 g_strerror (code));
  return FALSE;
}

/* What is only copied while nobody writes to it needs no second name. */
static gboolean
pin_images (ValiseClone *self, GError **error)
{
  GPtrArray *images = self->plan->images;

  for (guint i = 0; i < images->len; i++)
    {
      int code;

      if (!make_folder (self, images->pdata[i], error))
        return FALSE;
      code = link_image (self, images->pdata[i]);
      if (code == 0)
        continue;
      return set_not_linked (self, images->pdata[i], code, error);
    }
  self->is_pinned = TRUE;
  return TRUE;
}

/* --- what is not on a disk --- */

static gboolean
take_rest_of_snapshot (ValiseClone *self, const ValiseCloneChoice *choice, GCancellable *cancellable, GError **error)
{
  static const char *const stays[] = { "snapshots", "state", "screenshot.png" };

  for (gsize i = 0; i < G_N_ELEMENTS (stays); i++)
    g_hash_table_add (self->plan->left, g_strdup (stays[i]));
  if (!choice->keep_keys || choice->snapshot != NULL)
    g_hash_table_add (self->plan->left, g_strdup ("tpm"));
  if (choice->snapshot == NULL)
    return TRUE;
  g_hash_table_add (self->plan->left, _valise_snapshot_variables (self->document));
  return valise_snapshot_give (self->plan->bundle, choice->snapshot, self->document, choice->keep_keys, self->bundle,
                               cancellable, error);
}

/* --- begin --- */

ValiseClone *
valise_clone_begin (ValiseBundle *bundle,
                    const char *directory,
                    const char *name,
                    const ValiseCloneChoice *choice,
                    gboolean must_pin,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (ValiseClone) self = NULL;

  g_return_val_if_fail (bundle != NULL && directory != NULL && name != NULL && choice != NULL, NULL);

  self = g_new0 (ValiseClone, 1);
  self->linked = choice->linked;
  self->plan = _valise_clone_plan_new (bundle, choice, error);
  if (self->plan == NULL)
    return NULL;
  self->document = valise_document_copy (self->plan->document);
  if (!valise_clone_rename (self->document, name, choice->keep_macs, error))
    return NULL;
  self->bundle = valise_bundle_begin (directory, name, error);
  if (self->bundle == NULL || ((must_pin || choice->linked) && !pin_images (self, error))
      || !take_rest_of_snapshot (self, choice, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* --- fill --- */

static const char **
list_left (ValiseClone *self)
{
  return (const char **) g_hash_table_get_keys_as_array (self->plan->left, NULL);
}

/* Everything but images. */
static gboolean
copy_rest (ValiseClone *self, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_autofree const char **left = list_left (self);
  ValiseTravel travel = { .left = left };

  return valise_travel_fill (self->bundle, self->plan->path, &travel, job, cancellable, error);
}

static gboolean
copy_images (ValiseClone *self, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) only = g_ptr_array_new ();
  ValiseTravel travel = { 0 };

  for (guint i = 0; i < self->plan->images->len; i++)
    {
      if (!make_folder (self, self->plan->images->pdata[i], error))
        return FALSE;
      g_ptr_array_add (only, self->plan->images->pdata[i]);
    }
  g_ptr_array_add (only, NULL);
  travel.only = (const char *const *) only->pdata;
  return only->len == 1 || valise_travel_fill (self->bundle, self->plan->path, &travel, job, cancellable, error);
}

static gboolean
own_images (ValiseClone *self, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  if (job != NULL)
    valise_job_set_total (job, valise_job_get_total (job) + self->plan->bytes);
  for (guint i = 0; i < self->plan->images->len; i++)
    {
      g_autofree char *path = valise_bundle_file (self->bundle, self->plan->images->pdata[i]);

      if (!_valise_clone_own (path, job, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
fill_images (ValiseClone *self, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  if (self->linked)
    return TRUE;
  return self->is_pinned ? own_images (self, job, cancellable, error) : copy_images (self, job, cancellable, error);
}

static gboolean
make_overlays (ValiseClone *self, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < self->plan->overlays->len; i++)
    {
      const ValiseCloneOverlay *overlay = self->plan->overlays->pdata[i];
      g_autofree char *path = valise_bundle_file (self->bundle, overlay->file);

      if (!_valise_image_create_overlay (path, overlay->base, overlay->format, overlay->bytes, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
stamp_frozen (ValiseClone *self, ValiseSnapshot *record, GError **error)
{
  while (self->plan->frozen->len > 0)
    {
      ValiseSnapshotDisk *disk = g_ptr_array_steal_index (self->plan->frozen, 0);
      g_autofree char *path = valise_bundle_file (self->bundle, disk->file);

      g_ptr_array_add (record->disks, disk);
      if (!_valise_image_stamp_take (path, &disk->stamp, error))
        return FALSE;
    }
  return TRUE;
}

/* What the clone builds on is frozen here as well, by a snapshot that nobody sees. */
static gboolean
keep_frozen (ValiseClone *self, GError **error)
{
  g_autofree char *id = _valise_snapshot_make_id ();
  g_autofree char *present = _valise_snapshot_make_present ();
  g_autofree char *folder = valise_snapshot_file (self->bundle, id, "");
  g_autoptr (ValiseSnapshot) record = NULL;

  if (self->plan->frozen->len == 0)
    return valise_document_unset (self->document, VALISE_SNAPSHOT_KNOB, error)
           && valise_document_unset (self->document, VALISE_PRESENT_KNOB, error);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      _valise_medium_set_error (error, errno, folder, 0);
      return FALSE;
    }
  record = _valise_snapshot_new (id, _ ("What it was cloned from"), NULL);
  record->time = g_get_real_time ();
  record->hidden = TRUE;
  return stamp_frozen (self, record, error) && _valise_snapshot_write (folder, record, error)
         && valise_document_set (self->document, VALISE_SNAPSHOT_KNOB, id, error)
         && valise_document_set (self->document, VALISE_PRESENT_KNOB, present, error);
}

gboolean
valise_clone_fill (ValiseClone *self, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  const char *path;

  g_return_val_if_fail (self != NULL, FALSE);

  path = valise_bundle_get_path (self->bundle);
  return copy_rest (self, job, cancellable, error) && fill_images (self, job, cancellable, error)
         && (g_hash_table_size (self->plan->brought) == 0
             || valise_bring_files (path, self->plan->brought, job, cancellable, error))
         && make_overlays (self, cancellable, error) && keep_frozen (self, error)
         && !g_cancellable_set_error_if_cancelled (cancellable, error);
}

ValiseBundle *
valise_clone_get_bundle (ValiseClone *self)
{
  return self->bundle;
}

ValiseDocument *
valise_clone_get_document (ValiseClone *self)
{
  return self->document;
}

void
valise_clone_free (ValiseClone *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->bundle, valise_bundle_unref);
  g_clear_pointer (&self->document, valise_document_unref);
  _valise_clone_plan_free (self->plan);
  g_free (self);
}
