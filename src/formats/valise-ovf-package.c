/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-ovf-package.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-parcel.h"
#include "formats/valise-vmdk-write.h"

typedef struct
{
  GPtrArray *machines;
  GPtrArray *files; /* (element-type ValiseOvfFile) */
  ValiseOvfVersion version;
  ValiseParcel *parcel;
  char *stem;
  char *descriptor, *manifest; /* their names */
  gsize room;                  /* of the descriptor in a tar, 0 in a folder */
  ValiseJob *job;
  GCancellable *cancellable;
} Package;

static void
package_clear (Package *self)
{
  g_clear_pointer (&self->parcel, valise_parcel_free);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_free (self->stem);
  g_free (self->descriptor);
  g_free (self->manifest);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Package, package_clear)

/* Disks that are no files, of the network or of the computer, stay behind. */
static gboolean
add_disks (Package *self, const ValiseBlueprint *machine, guint64 *total, GError **error)
{
  for (guint i = 0; i < machine->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = machine->drives->pdata[i];
      g_autoptr (ValiseImageInfo) info = NULL;
      g_autofree char *name = NULL;

      if (drive->device != VALISE_BLUEPRINT_DISK || drive->member == NULL)
        continue;
      info = valise_image_inspect_chain (drive->member, drive->format, NULL, error);
      if (info == NULL)
        return FALSE;
      name = g_strdup_printf ("%s-disk%u.vmdk", self->stem, self->files->len + 1);
      g_ptr_array_add (self->files, valise_ovf_file_new (drive, name, info->virtual_size));
      *total += info->virtual_size;
    }
  return TRUE;
}

/* The descriptor stands first and knows sizes that come last: no number gets longer than these. */
static gboolean
reserve (Package *self, GError **error)
{
  g_autofree char *descriptor = NULL, *manifest = NULL;

  for (guint i = 0; i < self->files->len; i++)
    {
      ValiseOvfFile *file = self->files->pdata[i];

      file->size = file->populated = G_MAXUINT64;
      memset (file->digest, '0', sizeof file->digest - 1);
    }
  descriptor = valise_ovf_write (self->machines, self->files, self->version);
  manifest = valise_ovf_write_manifest (self->descriptor, descriptor, self->files);
  self->room = strlen (descriptor);
  return valise_parcel_reserve (self->parcel, self->descriptor, self->room, error)
         && valise_parcel_reserve (self->parcel, self->manifest, strlen (manifest), error);
}

static gboolean
write_disk (Package *self, ValiseOvfFile *file, GError **error)
{
  const char *adapter = g_str_equal (valise_ovf_bus (file->drive), "ide") ? "ide" : "lsilogic";
  g_autoptr (ValiseImageTap) tap = valise_image_tap_open (file->drive->member, file->drive->format, error);

  return tap != NULL && valise_parcel_open (self->parcel, file->name, error)
         && valise_vmdk_write (tap, self->parcel, file->name, adapter, &file->populated, self->job, self->cancellable,
                               error)
         && valise_parcel_close (self->parcel, file->digest, &file->size, error);
}

/* The manifest is about the descriptor as it lies there, with what fills up its room. */
static char *
fill_up (Package *self, char *descriptor)
{
  gsize length = strlen (descriptor);

  if (length >= self->room)
    return descriptor;
  descriptor = g_realloc (descriptor, self->room + 1);
  memset (descriptor + length, '\n', self->room - length);
  descriptor[self->room] = '\0';
  return descriptor;
}

static gboolean
write_texts (Package *self, gboolean tar, GError **error)
{
  g_autofree char *descriptor = valise_ovf_write (self->machines, self->files, self->version);
  g_autofree char *manifest = NULL;

  if (tar)
    descriptor = fill_up (self, descriptor);
  manifest = valise_ovf_write_manifest (self->descriptor, descriptor, self->files);
  return valise_parcel_fill (self->parcel, self->descriptor, descriptor, error)
         && valise_parcel_fill (self->parcel, self->manifest, manifest, error);
}

static void
name_files (Package *self, const char *path)
{
  g_autofree char *base = g_path_get_basename (path);

  if (g_str_has_suffix (base, VALISE_OVA_SUFFIX))
    base[strlen (base) - strlen (VALISE_OVA_SUFFIX)] = '\0';
  self->stem = valise_path_name_from_label (base);
  self->descriptor = g_strconcat (self->stem, VALISE_OVF_SUFFIX, NULL);
  self->manifest = g_strconcat (self->stem, ".mf", NULL);
}

static gboolean
write_all (Package *self, gboolean tar, GError **error)
{
  if (tar && !reserve (self, error))
    return FALSE;
  for (guint i = 0; i < self->files->len; i++)
    if (!write_disk (self, self->files->pdata[i], error))
      return FALSE;
  valise_job_set_stage (self->job, _ ("Making it durable"));
  return write_texts (self, tar, error) && !g_cancellable_set_error_if_cancelled (self->cancellable, error)
         && valise_parcel_commit (self->parcel, error);
}

char *
valise_ovf_package_write (GPtrArray *machines,
                          const char *path,
                          ValiseOvfVersion version,
                          gboolean replaces,
                          ValiseJob *job,
                          GCancellable *cancellable,
                          GError **error)
{
  g_auto (Package) self = { .machines = machines, .version = version, .job = job, .cancellable = cancellable };
  gboolean tar = g_str_has_suffix (path, VALISE_OVA_SUFFIX);
  guint64 total = 0;

  self.files = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_ovf_file_free);
  name_files (&self, path);
  for (guint i = 0; i < machines->len; i++)
    if (!add_disks (&self, machines->pdata[i], &total, error))
      return NULL;
  valise_job_set_total (job, total);
  self.parcel = valise_parcel_begin (path, tar ? VALISE_PARCEL_TAR : VALISE_PARCEL_FOLDER, replaces, error);
  if (self.parcel == NULL || !write_all (&self, tar, error))
    return NULL;
  return tar ? g_strdup (path) : g_build_filename (path, self.descriptor, NULL);
}
