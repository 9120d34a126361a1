/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-disk-jobs.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "base/valise-path.h"
#include "bundle/valise-clone.h"
#include "bundle/valise-image-rewrite.h"
#include "bundle/valise-new-disks.h"
#include "engine/valise-conversion-private.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-machine-private.h"
#include "engine/valise-machine-snapshots.h"
#include "engine/valise-machine-template.h"

#define FREED "valise-freed"

typedef struct
{
  ValiseMachine *machine;
  GStrv targets; /* NULL: all */
  char *format;  /* to convert to */
  gboolean compress;
} Work;

static void
work_free (gpointer data)
{
  Work *self = data;

  g_object_unref (self->machine);
  g_strfreev (self->targets);
  g_free (self->format);
  g_free (self);
}

/* A disk as the settings have it. */
typedef struct
{
  guint number;
  char *target, *source, *format;
  char *path; /* absolute */
} Disk;

static void
disk_free (Disk *self)
{
  g_free (self->target);
  g_free (self->source);
  g_free (self->format);
  g_free (self->path);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Disk, disk_free)

/* --- which disks --- */

static Disk *
read_disk (ValiseDocument *document, const char *path, guint number)
{
  g_autofree char *device = valise_document_get_device (document, "disk", number, "@device");
  Disk *disk;

  if (device != NULL && !g_str_equal (device, "disk"))
    return NULL;
  disk = g_new0 (Disk, 1);
  disk->number = number;
  disk->target = valise_document_get_device (document, "disk", number, "target/@dev");
  disk->source = valise_document_get_device (document, "disk", number, "source/@file");
  disk->format = valise_document_get_device (document, "disk", number, "driver/@type");
  if (disk->format == NULL)
    disk->format = g_strdup ("raw");
  if (disk->source != NULL && valise_path_is_plain_relative (disk->source))
    disk->path = g_build_filename (path, disk->source, NULL);
  return disk;
}

static GPtrArray *
list_disks (ValiseDocument *document, const char *path)
{
  GPtrArray *disks = g_ptr_array_new_with_free_func ((GDestroyNotify) disk_free);
  guint count = valise_document_count (document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    {
      Disk *disk = read_disk (document, path, i);

      if (disk != NULL)
        g_ptr_array_add (disks, disk);
    }
  return disks;
}

static const Disk *
find (GPtrArray *disks, const char *target)
{
  for (guint i = 0; i < disks->len; i++)
    if (g_strcmp0 (((Disk *) disks->pdata[i])->target, target) == 0)
      return disks->pdata[i];
  return NULL;
}

static guint
count_source (GPtrArray *disks, const char *source)
{
  guint count = 0;

  for (guint i = 0; i < disks->len; i++)
    count += g_strcmp0 (((Disk *) disks->pdata[i])->source, source) == 0;
  return count;
}

static gboolean
refuse (GError **error, const char *text, ValiseMachine *machine, const char *target)
{
  g_autofree char *shown = valise_text_for_display (target != NULL ? target : "", 40);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE, text, valise_machine_get_name (machine), shown);
#pragma GCC diagnostic pop
  return FALSE;
}

static gboolean
check_disk (ValiseMachine *machine, GPtrArray *disks, const char *target, GError **error)
{
  const Disk *disk = find (disks, target);

  if (disk == NULL)
    return refuse (error, _ ("“%s” has no disk “%s”. “show” and its settings list those that it has."), machine,
                   target);
  if (disk->path == NULL)
    return refuse (error, _ ("The disk “%2$s” does not lie in the folder of “%1$s”, so it is left alone."), machine,
                   target);
  if (count_source (disks, disk->source) > 1)
    return refuse (error,
                   _ ("The file of the disk “%2$s” is another disk of “%1$s” as well. Remove one of them first."),
                   machine, target);
  return TRUE;
}

/* --- the machine while they are written --- */

static gboolean
check_off (ValiseMachine *machine, GError **error)
{
  if (valise_machine_is_live (machine))
    return refuse (error, _ ("“%s” is running and writes to its disks. Shut it down first."), machine, NULL);
  if (valise_machine_get_state (machine) == VALISE_MACHINE_SUSPENDED)
    return refuse (error,
                   _ ("“%s” is suspended and goes on with its disks as they are. Continue it and shut it down "
                      "first."),
                   machine, NULL);
  return _valise_machine_check_no_template (machine, valise_machine_get_document (machine), error);
}

/* Frozen images without a snapshot that people see. */
static gboolean
is_linked (ValiseMachine *machine)
{
  g_autoptr (GPtrArray) snapshots = valise_machine_list_snapshots (machine, NULL);

  return snapshots != NULL && snapshots->len == 0 && valise_clone_is_linked (valise_machine_get_bundle (machine));
}

/* What snapshots froze is built upon, and knows its images by what they are now. */
static gboolean
check_no_snapshots (ValiseMachine *machine, GError **error)
{
  g_autofree char *path = g_build_filename (valise_machine_get_path (machine), "snapshots", NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    if (name[0] != '.' && is_linked (machine))
      return refuse (error,
                     _ ("“%s” builds on images that a clone, or what it was cloned from, may have too. Make it "
                        "independent first (valisectl detach)."),
                     machine, NULL);
    else if (name[0] != '.')
      return refuse (error, _ ("“%s” has snapshots, which build on its disks as they are. Delete them first."), machine,
                     NULL);
  return TRUE;
}

/* Takes the bundle for us alone and reads it as it is then. */
static ValiseBundle *
take (ValiseMachine *machine, const char *purpose, ValiseLock **lock, GError **error)
{
  const char *path = valise_machine_get_path (machine);

  if (!valise_machine_load (machine, FALSE, error) || !check_off (machine, error)
      || !_valise_machine_check_not_copied (machine, error) || !valise_bundle_check_folders (path, error))
    return NULL;
  *lock = _valise_machine_lock_still (machine, purpose, error);
  if (*lock == NULL || !check_no_snapshots (machine, error))
    return NULL;
  _valise_conversion_settle (path);
  return valise_bundle_open (path, error);
}

/* --- compact --- */

static gboolean
add_cost (const Disk *disk, guint64 *total, GError **error)
{
  g_autoptr (ValiseImageInfo) info = valise_image_inspect (disk->path, disk->format, error);

  if (info != NULL)
    *total += valise_image_rewrite_cost (info);
  return info != NULL;
}

/* All that can be, or those that were named, each of which must be one that can be. */
static GPtrArray *
choose (Work *self, GPtrArray *disks, GError **error)
{
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();

  for (guint i = 0; self->targets == NULL && i < disks->len; i++)
    if (check_disk (self->machine, disks, ((Disk *) disks->pdata[i])->target, NULL))
      g_ptr_array_add (chosen, disks->pdata[i]);
  for (guint i = 0; self->targets != NULL && self->targets[i] != NULL; i++)
    {
      if (!check_disk (self->machine, disks, self->targets[i], error))
        return NULL;
      g_ptr_array_add (chosen, (gpointer) find (disks, self->targets[i]));
    }
  if (chosen->len > 0)
    return g_steal_pointer (&chosen);
  refuse (error, _ ("“%s” has no disk in its folder that could be compacted."), self->machine, NULL);
  return NULL;
}

static gboolean
compact_all (const Work *self, GPtrArray *chosen, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  guint64 all = 0, total = 0;
  guint64 *freed = g_new0 (guint64, 1);

  g_object_set_data_full (G_OBJECT (job), FREED, freed, g_free);
  for (guint i = 0; i < chosen->len; i++)
    if (!add_cost (chosen->pdata[i], &total, error))
      return FALSE;
  valise_job_set_total (job, total);
  for (guint i = 0; i < chosen->len; i++)
    {
      const Disk *disk = chosen->pdata[i];

      if (!valise_image_compact (disk->path, disk->format, self->compress, job, &all, cancellable, error))
        return FALSE;
      *freed += all;
    }
  return TRUE;
}

static gboolean
compact (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *self = data;
  g_autoptr (ValiseLock) lock = NULL;
  g_autoptr (ValiseBundle) bundle = take (self->machine, "compacting", &lock, error);
  g_autoptr (GPtrArray) disks = NULL;
  g_autoptr (GPtrArray) chosen = NULL;

  if (bundle == NULL)
    return FALSE;
  disks = list_disks (valise_bundle_get_document (bundle), valise_bundle_get_path (bundle));
  chosen = choose (self, disks, error);
  return chosen != NULL && compact_all (self, chosen, job, cancellable, error);
}

/* --- convert --- */

/* "disks/root.img" becomes "disks/root.qcow2", or "disks/root-2.qcow2" where that is taken. */
static char *
choose_source (const Disk *disk, const char *format, const char *path)
{
  static const char *const endings[] = { ".qcow2", ".raw", ".img" };
  g_autofree char *stem = g_strdup (disk->source);

  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (stem, endings[i]))
      {
        stem[strlen (stem) - strlen (endings[i])] = '\0';
        break;
      }
  for (guint i = 1;; i++)
    {
      g_autofree char *number = i > 1 ? g_strdup_printf ("-%u", i) : g_strdup ("");
      g_autofree char *source = g_strconcat (stem, number, ".", format, NULL);
      g_autofree char *file = g_build_filename (path, source, NULL);

      if (!g_file_test (file, G_FILE_TEST_EXISTS) && !g_file_test (file, G_FILE_TEST_IS_SYMLINK))
        return g_steal_pointer (&source);
    }
}

static gboolean
set (ValiseDocument *document, const Disk *disk, const char *part, const char *value, GError **error)
{
  g_autofree char *knob = g_strdup_printf ("devices/disk[%u]/%s", disk->number, part);

  return value != NULL ? valise_document_set (document, knob, value, error)
                       : !valise_document_has (document, knob) || valise_document_unset (document, knob, error);
}

static gboolean
name_new (ValiseBundle *bundle, const Disk *disk, const char *source, const char *format, GError **error)
{
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_bundle_get_document (bundle));

  return set (document, disk, "source/@file", source, error)
         && set (document, disk, "driver/@type", format, error)
         /* Only qcow2 has tables to keep in memory. */
         && (g_str_equal (format, "qcow2") || set (document, disk, "driver/metadata_cache", NULL, error))
         && valise_new_disks_rename (document, disk->source, source, error)
         && valise_bundle_save (bundle, document, error);
}

/* "disks/root.raw" on its way: "disks/.root.raw.partial". */
static char *
partial_of (const char *source)
{
  g_autofree char *folder = g_path_get_dirname (source);
  g_autofree char *base = g_path_get_basename (source);
  g_autofree char *name = g_strdup_printf (".%s.partial", base);

  return g_build_filename (folder, name, NULL);
}

/* At every moment the settings name a file that is whole; which of the two goes is settled afterwards, here or when
 * the machine is next used. */
static gboolean
convert_disk (Work *self,
              ValiseBundle *bundle,
              const Disk *disk,
              ValiseJob *job,
              GCancellable *cancellable,
              GError **error)
{
  const char *path = valise_bundle_get_path (bundle);
  g_autofree char *source = choose_source (disk, self->format, path);
  g_autofree char *made = g_build_filename (path, source, NULL);
  g_autofree char *partial = partial_of (source);
  g_autofree char *aside = g_build_filename (path, partial, NULL);
  gboolean done;

  if (!valise_image_rewrite (disk->path, disk->format, aside, self->format, job, cancellable, error))
    return FALSE;
  done = _valise_conversion_begin (path, disk->source, partial, source, error)
         && name_new (bundle, disk, source, self->format, error);
  /* Also when that failed: what counts is what the settings on the disk name now. */
  _valise_conversion_settle (path);
  if (done)
    valise_job_set_result_path (job, made);
  return done;
}

static gboolean
convert (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Work *self = data;
  g_autoptr (ValiseLock) lock = NULL;
  g_autoptr (ValiseBundle) bundle = take (self->machine, "converting", &lock, error);
  g_autoptr (GPtrArray) disks = NULL;
  const Disk *disk;
  guint64 total = 0;

  if (bundle == NULL)
    return FALSE;
  disks = list_disks (valise_bundle_get_document (bundle), valise_bundle_get_path (bundle));
  if (!check_disk (self->machine, disks, self->targets[0], error))
    return FALSE;
  disk = find (disks, self->targets[0]);
  if (g_str_equal (disk->format, self->format))
    return refuse (error, _ ("The disk “%2$s” of “%1$s” is of this format already."), self->machine, disk->target);
  if (!add_cost (disk, &total, error))
    return FALSE;
  valise_job_set_total (job, total);
  if (!convert_disk (self, bundle, disk, job, cancellable, error))
    return FALSE;
  return valise_machine_load (self->machine, TRUE, error);
}

/* --- public --- */

static ValiseJob *
compact_job_new (ValiseMachine *machine, const char *const *targets, gboolean compress)
{
  g_autofree char *title = g_strdup_printf (_ ("Compacting “%s”"), valise_machine_get_name (machine));
  Work *self;

  self = g_new0 (Work, 1);
  self->machine = g_object_ref (machine);
  self->targets = g_strdupv ((GStrv) targets);
  self->compress = compress;
  return valise_job_new (title, compact, self, work_free);
}

ValiseJob *
valise_compact_job_new (ValiseMachine *machine, const char *const *targets)
{
  g_return_val_if_fail (VALISE_IS_MACHINE (machine), NULL);

  return compact_job_new (machine, targets, FALSE);
}

ValiseJob *
valise_compress_job_new (ValiseMachine *machine, const char *const *targets)
{
  g_return_val_if_fail (VALISE_IS_MACHINE (machine), NULL);

  return compact_job_new (machine, targets, TRUE);
}

guint64
valise_compact_job_get_freed (ValiseJob *job)
{
  const guint64 *freed = g_object_get_data (G_OBJECT (job), FREED);

  return freed != NULL ? *freed : 0;
}

ValiseJob *
valise_convert_job_new (ValiseMachine *machine, const char *target, const char *format)
{
  const char *const targets[] = { target, NULL };
  g_autofree char *title = NULL;
  Work *self;

  g_return_val_if_fail (VALISE_IS_MACHINE (machine) && target != NULL, NULL);
  g_return_val_if_fail (g_strcmp0 (format, "qcow2") == 0 || g_strcmp0 (format, "raw") == 0, NULL);
  title = g_strdup_printf (_ ("Converting a disk of “%s”"), valise_machine_get_name (machine));
  self = g_new0 (Work, 1);
  self->machine = g_object_ref (machine);
  self->targets = g_strdupv ((GStrv) targets);
  self->format = g_strdup (format);
  return valise_job_new (title, convert, self, work_free);
}
