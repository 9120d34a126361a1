/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-foreign-disks-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "bundle/valise-image-bring.h"

/* Of one image over another; VMware itself stops at 32. */
#define CHAIN_MOST 30
#define WORKERS_MOST 8

/* One file, perhaps in pieces, and what it is built upon. */
typedef struct _Image Image;
struct _Image
{
  GArray *places;  /* of ValiseImagePlace; their descriptors are closed with it */
  GArray *extents; /* of the same, in an archive: they have its descriptor */
  gboolean shared; /* all have the descriptor of the first, the archive's */
  char *path;
  ValiseImageSource source;
  Image *parent;
};

/* What becomes of one drive. */
typedef struct
{
  ValiseImportDrive *drive;
  Image *image;
  char *stem;
  const char *format; /* of what was made */
} Task;

struct _ValiseForeignDisks
{
  ValisePackage *package;
  GPtrArray *tasks;
};

/* The workers and what they share. */
typedef struct
{
  ValiseForeignDisks *disks;
  ValiseJob *job;
  GCancellable *cancellable; /* of all, when the first has failed */
  GMutex lock;
  guint next;
  GError *error;
} Work;

static void
image_free (Image *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->places->len; i++)
    if (i == 0 || !self->shared)
      close (g_array_index (self->places, ValiseImagePlace, i).fd);
  g_array_unref (self->places);
  g_array_unref (self->extents);
  g_free (self->path);
  image_free (self->parent);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Image, image_free)

static void
task_free (gpointer data)
{
  Task *self = data;

  image_free (self->image);
  g_free (self->stem);
  g_free (self);
}

/* --- finding --- */

static char *
folder_of (ValisePackage *package)
{
  if (valise_package_get_main (package) == NULL)
    return g_strdup (valise_package_get_path (package));
  return g_path_get_dirname (valise_package_get_path (package));
}

/* Where QEMU finds the files beside it; NULL in an archive. */
static char *
path_of (ValisePackage *package, const ValisePackageMember *member)
{
  g_autofree char *folder = NULL;

  if (valise_package_is_archive (package))
    return NULL;
  folder = folder_of (package);
  return g_build_filename (folder, member->name, NULL);
}

static const ValisePackageMember *
find_member (ValisePackage *package, const char *name, GError **error)
{
  const ValisePackageMember *member = valise_package_lookup (package, name);
  g_autofree char *shown = NULL;

  if (member != NULL)
    return member;
  shown = valise_text_for_display (name, 120);
  g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_MISSING,
               _ ("The disk “%s” is not there. Put the file beside the others."), shown);
  return NULL;
}

static gboolean
open_place (ValisePackage *package, Image *image, const char *name, GError **error)
{
  const ValisePackageMember *member = find_member (package, name, error);
  ValiseImagePlace place = { .fd = -1 };

  if (member == NULL)
    return FALSE;
  image->shared = valise_package_is_archive (package);
  if (image->shared && image->places->len > 0)
    place.fd = g_array_index (image->places, ValiseImagePlace, 0).fd;
  else
    place.fd = valise_package_open_packed (package, member, error);
  if (place.fd < 0)
    return FALSE;
  place.name = member->name;
  place.offset = member->offset;
  place.size = member->packed;
  if (member->deflated)
    image->source.compression = "deflate";
  g_array_append_val (image->places, place);
  if (image->path == NULL)
    image->path = path_of (package, member);
  return TRUE;
}

static Image *
open_names (ValisePackage *package, const char *const *names, GError **error)
{
  g_autoptr (Image) self = g_new0 (Image, 1);

  self->places = g_array_new (FALSE, FALSE, sizeof (ValiseImagePlace));
  self->extents = g_array_new (FALSE, FALSE, sizeof (ValiseImagePlace));
  for (gsize i = 0; names[i] != NULL; i++)
    if (!open_place (package, self, names[i], error))
      return NULL;
  self->source.parts = (const ValiseImagePlace *) (gpointer) self->places->data;
  self->source.n_parts = self->places->len;
  self->source.path = self->path;
  return g_steal_pointer (&self);
}

static char *
member_folder (const char *name)
{
  const char *slash = strrchr (name, '/');

  return slash != NULL ? g_strndup (name, (gsize) (slash - name)) : g_strdup ("");
}

/* --- looking --- */

static gboolean
set_packed (const Image *image, GError **error)
{
  g_set_error (
      error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
      _ ("“%s” is a part of a disk, and is packed in its archive. Unpack the archive and bring the machine in from "
         "the folder."),
      image->source.parts[0].name);
  return FALSE;
}

/* Where it lies in the archive that its description lies in too. */
static void
keep_extent (Image *image, const Image *extent)
{
  ValiseImagePlace place = extent->source.parts[0];

  place.fd = image->source.parts[0].fd;
  g_array_append_val (image->extents, place);
  image->source.extents = (const ValiseImagePlace *) (gpointer) image->extents->data;
  image->source.n_extents = image->extents->len;
}

/* A sparse extent is an image of its own, which QEMU reads as such: it must not lead further. */
static gboolean
check_extent (ValisePackage *package,
              Image *image,
              const char *folder,
              const char *name,
              gboolean sparse,
              GError **error)
{
  g_autofree char *full = *folder != '\0' ? g_build_filename (folder, name, NULL) : g_strdup (name);
  const char *const names[] = { full, NULL };
  g_autoptr (Image) extent = open_names (package, names, error);
  g_autoptr (ValiseForeignImage) seen = NULL;

  if (extent == NULL)
    return FALSE;
  if (extent->source.compression != NULL)
    return set_packed (extent, error);
  if (image->shared)
    keep_extent (image, extent);
  if (!sparse)
    return TRUE;
  seen = valise_foreign_image_look (extent->source.parts, error);
  if (seen == NULL)
    return FALSE;
  if (seen->extents == NULL && g_str_equal (seen->driver, "vmdk"))
    return TRUE;
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE,
               _ ("“%s” is to be a part of a disk, and it is not. Get the machine's files once more."), name);
  return FALSE;
}

static gboolean look_at (ValisePackage *package, Image *image, guint depth, GError **error);

static gboolean
open_parent (ValisePackage *package, Image *image, const char *hint, const char *folder, guint depth, GError **error)
{
  const ValisePackageMember *member = *hint != '\0' ? valise_package_find (package, folder, hint) : NULL;
  const char *const names[] = { member != NULL ? member->name : "", NULL };

  /* Without one, valise_image_bring says what is missing. */
  if (member == NULL || depth == 0)
    return TRUE;
  image->parent = open_names (package, names, error);
  if (image->parent == NULL || !look_at (package, image->parent, depth - 1, error))
    return FALSE;
  image->source.parent = &image->parent->source;
  return TRUE;
}

static gboolean
look_at (ValisePackage *package, Image *image, guint depth, GError **error)
{
  g_autoptr (ValiseForeignImage) seen = valise_foreign_image_look (image->source.parts, error);
  g_autofree char *folder = member_folder (image->source.parts[0].name);

  if (seen == NULL)
    return FALSE;
  for (guint i = 0; seen->extents != NULL && seen->extents[i] != NULL; i++)
    if (!check_extent (package, image, folder, seen->extents[i], seen->sparse[i], error))
      return FALSE;
  return seen->parent == NULL || open_parent (package, image, seen->parent, folder, depth, error);
}

/* What is compressed in any other way has to be unpacked by somebody else: its bytes are no disk. */
static gboolean
check_compression (const ValiseBlueprintDrive *drive, GError **error)
{
  static const char *const known[] = { "gzip", "xz", "zstd", "lz4-apple", NULL };
  g_autofree char *name = NULL;

  if (drive->compression == NULL || g_strv_contains (known, drive->compression))
    return TRUE;
  name = valise_text_for_display (drive->file, 120);
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
               _ ("The disk “%s” is compressed with %s. Unpack it first, then bring the machine in."), name,
               drive->compression);
  return FALSE;
}

static Image *
open_drive (ValisePackage *package, const ValiseBlueprintDrive *drive, GError **error)
{
  const char *const one[] = { drive->member, NULL };
  g_autoptr (Image) self = NULL;

  if (!check_compression (drive, error))
    return NULL;
  self = open_names (package, drive->parts != NULL ? (const char *const *) drive->parts : one, error);
  if (self == NULL)
    return NULL;
  if (drive->compression != NULL && self->source.compression != NULL)
    {
      g_set_error (error, VALISE_PACKAGE_ERROR, VALISE_PACKAGE_ERROR_UNREADABLE,
                   _ ("The disk “%s” is packed twice. Unpack it and bring it in again."), self->source.parts[0].name);
      return NULL;
    }
  if (drive->compression != NULL)
    self->source.compression = drive->compression;
  self->source.digest = drive->digest;
  self->source.capacity = drive->capacity;
  if (self->source.compression == NULL && self->source.n_parts == 1 && !look_at (package, self, CHAIN_MOST, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Where the document has the image: somebody may have moved its disk, or taken it out. 0 when it is nowhere. */
static guint
find_disk (const ValiseImportPlan *plan, const ValiseImportDrive *drive)
{
  g_autofree char *file = g_strdup_printf ("%s.%s", drive->stem, drive->suffix);

  for (guint i = 1; i <= valise_document_count (plan->document, "devices/disk"); i++)
    {
      g_autofree char *source = valise_document_get_device (plan->document, "disk", i, "source/@file");

      if (g_strcmp0 (source, file) == 0)
        return i;
    }
  return 0;
}

ValiseForeignDisks *
_valise_foreign_disks_open (ValisePackage *package, const ValiseImportPlan *plan, GError **error)
{
  g_autoptr (ValiseForeignDisks) self = g_new0 (ValiseForeignDisks, 1);

  self->package = g_object_ref (package);
  self->tasks = g_ptr_array_new_with_free_func (task_free);
  for (guint i = 0; i < plan->drives->len; i++)
    {
      ValiseImportDrive *drive = g_ptr_array_index (plan->drives, i);
      Task *task;

      if (drive->stem == NULL || drive->empty || (drive->source->member == NULL && drive->source->parts == NULL)
          || find_disk (plan, drive) == 0)
        continue;
      task = g_new0 (Task, 1);
      task->drive = drive;
      g_ptr_array_add (self->tasks, task);
      task->image = open_drive (package, drive->source, error);
      if (task->image == NULL)
        return NULL;
      task->image->source.to_qcow2 = drive->to_qcow2;
    }
  return g_steal_pointer (&self);
}

void
_valise_foreign_disks_free (ValiseForeignDisks *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->tasks);
  g_object_unref (self->package);
  g_free (self);
}

guint64
_valise_foreign_disks_count (const ValiseForeignDisks *self)
{
  guint64 bytes = 0;

  for (guint i = 0; i < self->tasks->len; i++)
    {
      const Task *task = g_ptr_array_index (self->tasks, i);

      for (guint j = 0; j < task->image->source.n_parts; j++)
        bytes += task->image->source.parts[j].size;
    }
  return bytes;
}

/* --- bringing --- */

static Task *
next_task (Work *work)
{
  Task *task = NULL;

  g_mutex_lock (&work->lock);
  if (work->error == NULL && work->next < work->disks->tasks->len)
    task = g_ptr_array_index (work->disks->tasks, work->next++);
  g_mutex_unlock (&work->lock);
  return task;
}

/* The first error ends them all; what the others then say is only that they were stopped. */
static void
give_up (Work *work, GError *error)
{
  g_mutex_lock (&work->lock);
  if (work->error == NULL)
    work->error = g_steal_pointer (&error);
  g_mutex_unlock (&work->lock);
  g_clear_error (&error);
  g_cancellable_cancel (work->cancellable);
}

static gpointer
work_thread (gpointer data)
{
  Work *work = data;
  Task *task;

  while ((task = next_task (work)) != NULL)
    {
      GError *error = NULL;

      task->format = valise_image_bring (&task->image->source, task->stem, work->job, NULL, work->cancellable, &error);
      if (task->format == NULL)
        give_up (work, error);
    }
  return NULL;
}

static void
on_cancelled_cb (GCancellable *cancellable, gpointer data)
{
  g_cancellable_cancel (data);
}

static void
run_workers (Work *work)
{
  guint count = MIN (MIN (work->disks->tasks->len, g_get_num_processors ()), WORKERS_MOST);
  GThread *threads[WORKERS_MOST];

  for (guint i = 0; i < count; i++)
    threads[i] = g_thread_new ("disk", work_thread, work);
  for (guint i = 0; i < count; i++)
    g_thread_join (threads[i]);
}

static gboolean
name_image (ValiseImportPlan *plan, const Task *task, GError **error)
{
  guint number = find_disk (plan, task->drive);
  g_autofree char *source = g_strdup_printf ("devices/disk[%u]/source/@file", number);
  g_autofree char *type = g_strdup_printf ("devices/disk[%u]/driver/@type", number);
  g_autofree char *file = g_strdup_printf ("%s.%s", task->drive->stem, task->format);

  return valise_document_set (plan->document, source, file, error)
         && valise_document_set (plan->document, type, task->format, error);
}

gboolean
_valise_foreign_disks_bring (ValiseForeignDisks *self,
                             ValiseImportPlan *plan,
                             const char *directory,
                             ValiseJob *job,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (GCancellable) all = g_cancellable_new ();
  Work work = { .disks = self, .job = job, .cancellable = all };
  gulong handler = 0;

  for (guint i = 0; i < self->tasks->len; i++)
    {
      Task *task = g_ptr_array_index (self->tasks, i);

      task->stem = g_build_filename (directory, task->drive->stem, NULL);
    }
  g_mutex_init (&work.lock);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled_cb), all, NULL);
  run_workers (&work);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, handler);
  g_mutex_clear (&work.lock);
  if (work.error != NULL)
    {
      g_propagate_error (error, work.error);
      return FALSE;
    }
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  for (guint i = 0; i < self->tasks->len; i++)
    if (!name_image (plan, g_ptr_array_index (self->tasks, i), error))
      return FALSE;
  return TRUE;
}
