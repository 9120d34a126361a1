/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-space.h"

#include "base/valise-path.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-forms.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-medium.h"
#include "bundle/valise-snapshot-private.h"
#include "bundle/valise-space-blocks-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MOST 20000
#define DEPTH_MOST 16

typedef struct
{
  const char *path; /* of the bundle */
  ValiseBundle *bundle;
  GPtrArray *snapshots; /* all, also those whose merging is not done */
  GHashTable *taken;    /* relative path to guint64 *: what is not told yet of whose it is */
  GHashTable *chained;  /* relative paths of images that others were seen to build on */
  GHashTable *unread;   /* relative path of an image whose chain cannot be read, to its part */
  ValiseSpaceBlocks *blocks;
  GPtrArray *parts;
  GCancellable *cancellable;
} Measure;

static const struct
{
  const char *word, *label;
} kinds[VALISE_SPACE_KINDS] = {
  { "disk", N_ ("Disks") },        { "snapshot", N_ ("Snapshots") },
  { "memory", N_ ("Memory") },     { "firmware", N_ ("Firmware and security chip") },
  { "media", N_ ("Other files") }, { "logs", N_ ("Logs") },
  { "settings", N_ ("Settings") }, { "orphan", N_ ("Nobody's") },
};

const char *
valise_space_kind_to_word (ValiseSpaceKind kind)
{
  return kinds[kind].word;
}

const char *
valise_space_kind_to_label (ValiseSpaceKind kind)
{
  return _ (kinds[kind].label);
}

static void
part_free (gpointer data)
{
  ValiseSpacePart *self = data;

  g_free (self->name);
  g_free (self->path);
  g_free (self);
}

static ValiseSpacePart *
add_part (Measure *self, ValiseSpaceKind kind, const char *name, const char *path)
{
  ValiseSpacePart *part = g_new0 (ValiseSpacePart, 1);

  part->kind = kind;
  part->name = g_strdup (name);
  part->path = g_strdup (path);
  g_ptr_array_add (self->parts, part);
  return part;
}

/* --- all files --- */

static gboolean scan (Measure *self, int folder, const char *relative, guint depth, GError **error);

static gboolean
scan_entry (Measure *self, int folder, const char *name, const char *relative, guint depth, GError **error)
{
  struct stat status;
  int fd;
  gboolean done;

  /* Gone while we looked. */
  if (fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return TRUE;
  if (!S_ISDIR (status.st_mode))
    {
      g_hash_table_insert (self->taken, g_strdup (relative),
                           g_memdup2 (&(guint64){ _valise_space_blocks_take (self->blocks, folder, name, &status) },
                                      sizeof (guint64)));
      return g_hash_table_size (self->taken) <= FILES_MOST;
    }
  if (depth >= DEPTH_MOST)
    return TRUE;
  fd = openat (folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT)
    return TRUE;
  if (fd < 0)
    {
      _valise_medium_set_error (error, errno, relative, 0);
      return FALSE;
    }
  done = scan (self, fd, relative, depth + 1, error);
  close (fd);
  return done;
}

static gboolean
scan (Measure *self, int folder, const char *relative, guint depth, GError **error)
{
  g_autofree char *place = g_strdup_printf ("/proc/self/fd/%d", folder);
  g_autoptr (GDir) directory = g_dir_open (place, 0, error);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *inner = *relative != '\0' ? g_build_filename (relative, name, NULL) : g_strdup (name);

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      if (!scan_entry (self, folder, name, inner, depth, error))
        {
          if (error == NULL || *error == NULL)
            g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE,
                         _ ("“%s” holds more files than a machine has. Look into that folder, and move away what is "
                            "not the machine's."),
                         self->path);
          return FALSE;
        }
    }
  return directory != NULL;
}

static gboolean
scan_all (Measure *self, GError **error)
{
  int fd = open (self->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean done;

  if (fd < 0)
    {
      _valise_medium_set_error (error, errno, self->path, 0);
      return FALSE;
    }
  done = scan (self, fd, "", 0, error);
  close (fd);
  return done;
}

/* --- whose they are --- */

/* What the file takes, the first time that it is asked for. */
static gboolean
claim (Measure *self, const char *relative, ValiseSpacePart *part)
{
  const guint64 *taken = g_hash_table_lookup (self->taken, relative);

  if (taken == NULL)
    return FALSE;
  part->taken += *taken;
  return g_hash_table_remove (self->taken, relative);
}

static gboolean
is_below (const char *relative, const char *folder)
{
  gsize length = strlen (folder);

  return strncmp (relative, folder, length) == 0 && relative[length] == '/';
}

static void
claim_folder (Measure *self, const char *folder, ValiseSpacePart *part)
{
  GHashTableIter iter;
  gpointer relative, taken;

  g_hash_table_iter_init (&iter, self->taken);
  while (g_hash_table_iter_next (&iter, &relative, &taken))
    if (is_below (relative, folder))
      {
        part->taken += *(guint64 *) taken;
        g_hash_table_iter_remove (&iter);
      }
}

/* While two images become one, the upper one may be in no chain any longer and still be the only whole one. */
static void
claim_upper (Measure *self, const ValiseSnapshotDisk *disk, ValiseSpacePart *part)
{
  g_autofree char *name = disk->upper != NULL ? g_path_get_basename (disk->upper) : NULL;
  g_autofree char *upper = name != NULL ? _valise_snapshot_sibling (disk->file, name) : NULL;

  if (upper != NULL)
    claim (self, upper, part);
}

static ValiseSpacePart *
add_snapshot (Measure *self, const ValiseSnapshot *snapshot)
{
  g_autofree char *folder = g_build_filename (VALISE_SNAPSHOTS, snapshot->id, NULL);
  g_autofree char *name = snapshot->hidden ? g_strdup_printf (_ ("%s (deleted, still to be merged)"), snapshot->name)
                                           : g_strdup (snapshot->name);
  ValiseSpacePart *part = add_part (self, VALISE_SPACE_SNAPSHOT, name, NULL);

  claim_folder (self, folder, part);
  for (guint i = 0; i < snapshot->disks->len; i++)
    {
      const ValiseSnapshotDisk *disk = snapshot->disks->pdata[i];

      claim (self, disk->file, part);
      claim_upper (self, disk, part);
    }
  return part;
}

/* Below what the machine writes to may lie images that no snapshot keeps any longer. */
static void
claim_layers (Measure *self, GPtrArray *layers, ValiseSpacePart *part)
{
  for (guint i = 0; i < layers->len; i++)
    {
      const char *path = ((const ValiseImageLayer *) layers->pdata[i])->path;

      if (!is_below (path, self->path))
        continue;
      path += strlen (self->path) + 1;
      g_hash_table_add (self->chained, g_strdup (path));
      claim (self, path, part);
    }
}

/* What an image builds on that cannot be read may be any file beside it that nobody else has. */
static void
claim_beside (Measure *self, const char *file, ValiseSpacePart *part)
{
  g_autofree char *folder = g_path_get_dirname (file);
  GHashTableIter iter;
  gpointer relative, taken;

  g_hash_table_iter_init (&iter, self->taken);
  while (g_hash_table_iter_next (&iter, &relative, &taken))
    {
      g_autofree char *its = g_path_get_dirname (relative);

      if (!g_str_equal (its, folder))
        continue;
      part->taken += *(guint64 *) taken;
      g_hash_table_iter_remove (&iter);
    }
}

/* (nullable): NULL when the chain cannot be read */
static ValiseImageInfo *
claim_chain (Measure *self, const char *file, const char *format, ValiseSpacePart *part)
{
  g_autofree char *path = valise_bundle_file (self->bundle, file);
  g_autoptr (GPtrArray) layers = NULL;
  ValiseImageInfo *info = valise_image_inspect_chain (path, format, &layers, NULL);

  if (info != NULL)
    claim_layers (self, layers, part);
  else
    g_hash_table_insert (self->unread, g_strdup (file), part);
  return info;
}

/* Of another branch than the machine's, or when a record between them is gone. */
static void
claim_snapshot_chains (Measure *self, const ValiseSnapshot *snapshot, ValiseSpacePart *part)
{
  for (guint i = 0; i < snapshot->disks->len; i++)
    {
      const ValiseSnapshotDisk *disk = snapshot->disks->pdata[i];

      if (!g_hash_table_contains (self->chained, disk->file))
        valise_image_info_free (claim_chain (self, disk->file, disk->format, part));
    }
}

static void
add_disk (Measure *self, ValiseDocument *document, guint number)
{
  g_autofree char *file = valise_document_get_device (document, "disk", number, "source/@file");
  g_autofree char *target = valise_document_get_device (document, "disk", number, "target/@dev");
  g_autofree char *device = valise_document_get_device (document, "disk", number, "@device");
  g_autofree char *format = valise_document_get_device (document, "disk", number, "driver/@type");
  g_autoptr (ValiseImageInfo) info = NULL;
  ValiseSpacePart *part;

  if (file == NULL || !valise_path_is_plain_relative (file) || (device != NULL && !g_str_equal (device, "disk"))
      || !g_hash_table_contains (self->taken, file))
    return;
  part = add_part (self, VALISE_SPACE_DISK, target != NULL ? target : file, file);
  claim (self, file, part);
  info = claim_chain (self, file, format != NULL ? format : "raw", part);
  if (info != NULL)
    part->most = info->virtual_size;
}

static void
claim_named_cb (const char *knob, const char *value, gpointer user_data)
{
  Measure *self = user_data;
  ValiseSpacePart *part;

  if (!valise_path_is_plain_relative (value) || !g_hash_table_contains (self->taken, value))
    return;
  part = add_part (self, VALISE_SPACE_MEDIA, value, value);
  claim (self, value, part);
}

/* Files that the settings of a snapshot name are needed when one goes back to it. */
static void
claim_named_by_snapshots (Measure *self)
{
  for (guint i = 0; i < self->snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = self->snapshots->pdata[i];
      g_autoptr (ValiseDocument) document = valise_snapshot_read_document (self->bundle, snapshot->id, NULL);

      if (document != NULL)
        valise_forms_foreach (document, claim_named_cb, self);
    }
}

static void
add_folder (Measure *self, ValiseSpaceKind kind, const char *folder)
{
  ValiseSpacePart *part = add_part (self, kind, folder, NULL);

  claim_folder (self, folder, part);
}

static void
add_firmware (Measure *self, ValiseDocument *document)
{
  g_autofree char *variables = _valise_snapshot_variables (document);
  ValiseSpacePart *part = add_part (self, VALISE_SPACE_FIRMWARE, _ ("Firmware's settings"), NULL);

  claim (self, variables, part);
  claim_folder (self, "nvram", part);
  add_folder (self, VALISE_SPACE_FIRMWARE, "tpm");
}

/* Hidden names at the top are the program's own. */
static void
add_settings (Measure *self)
{
  ValiseSpacePart *part = add_part (self, VALISE_SPACE_SETTINGS, "config.xml", NULL);
  GHashTableIter iter;
  gpointer relative, taken;

  claim (self, VALISE_BUNDLE_CONFIG, part);
  claim (self, "screenshot.png", part);
  claim_folder (self, VALISE_SNAPSHOTS, part);
  g_hash_table_iter_init (&iter, self->taken);
  while (g_hash_table_iter_next (&iter, &relative, &taken))
    if (*(char *) relative == '.')
      {
        part->taken += *(guint64 *) taken;
        g_hash_table_iter_remove (&iter);
      }
}

/* --- nobody's --- */

static void
mark_named_cb (const char *knob, const char *value, gpointer user_data)
{
  GPtrArray *parts = user_data;

  for (guint i = 0; i < parts->len; i++)
    {
      ValiseSpacePart *part = parts->pdata[i];

      if (part->kind == VALISE_SPACE_ORPHAN && g_strcmp0 (part->path, value) == 0)
        part->undone = TRUE;
    }
}

static void
mark_named_before (Measure *self)
{
  g_autoptr (GPtrArray) versions = valise_bundle_list_versions (self->path);

  for (guint i = 0; i < versions->len; i++)
    {
      g_autofree char *text = valise_bundle_read_version (versions->pdata[i], NULL);
      g_autoptr (ValiseDocument) document = text != NULL ? valise_document_new (text, -1, "config.xml", NULL) : NULL;

      if (document != NULL)
        valise_forms_foreach (document, mark_named_cb, self->parts);
    }
}

static void
add_orphans (Measure *self)
{
  GHashTableIter iter;
  gpointer relative, taken;

  g_hash_table_iter_init (&iter, self->unread);
  while (g_hash_table_iter_next (&iter, &relative, &taken))
    claim_beside (self, relative, taken);
  g_hash_table_iter_init (&iter, self->taken);
  while (g_hash_table_iter_next (&iter, &relative, &taken))
    add_part (self, VALISE_SPACE_ORPHAN, relative, relative)->taken = *(guint64 *) taken;
  mark_named_before (self);
}

/* --- all of it --- */

static int
compare_parts (gconstpointer a, gconstpointer b)
{
  const ValiseSpacePart *first = *(ValiseSpacePart *const *) a, *second = *(ValiseSpacePart *const *) b;

  if (first->kind != second->kind)
    return first->kind < second->kind ? -1 : 1;
  if (first->taken != second->taken)
    return first->taken > second->taken ? -1 : 1;
  return strcmp (first->name, second->name);
}

static void
tidy (GPtrArray *parts)
{
  for (guint i = parts->len; i > 0; i--)
    {
      const ValiseSpacePart *part = parts->pdata[i - 1];

      if (part->taken == 0 && part->kind != VALISE_SPACE_DISK && part->kind != VALISE_SPACE_ORPHAN)
        g_ptr_array_remove_index (parts, i - 1);
    }
  g_ptr_array_sort (parts, compare_parts);
}

/* What is claimed first has it: an image that a snapshot froze is the snapshot's, even where the machine builds on
 * it. */
static void
divide (Measure *self)
{
  ValiseDocument *document = valise_bundle_get_document (self->bundle);
  guint count = valise_document_count (document, "devices/disk");
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();

  for (guint i = 0; i < self->snapshots->len; i++)
    g_ptr_array_add (kept, add_snapshot (self, self->snapshots->pdata[i]));
  for (guint i = 1; i <= count; i++)
    add_disk (self, document, i);
  for (guint i = 0; i < kept->len; i++)
    claim_snapshot_chains (self, self->snapshots->pdata[i], kept->pdata[i]);
  add_firmware (self, document);
  add_folder (self, VALISE_SPACE_MEMORY, "state");
  add_folder (self, VALISE_SPACE_LOGS, "logs");
  add_settings (self);
  valise_forms_foreach (document, claim_named_cb, self);
  claim_named_by_snapshots (self);
  add_orphans (self);
  tidy (self->parts);
}

GPtrArray *
valise_space_measure (const char *bundle_path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) chained = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) unread = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (part_free);
  g_autoptr (ValiseSpaceBlocks) blocks = _valise_space_blocks_new ();
  Measure self = {
    .taken = taken, .chained = chained, .unread = unread, .blocks = blocks, .parts = parts, .cancellable = cancellable
  };

  g_return_val_if_fail (bundle_path != NULL, NULL);

  bundle = valise_bundle_open (bundle_path, error);
  snapshots = bundle != NULL ? _valise_snapshots_read_sound (valise_bundle_get_path (bundle), error) : NULL;
  if (snapshots == NULL)
    return NULL;
  self.path = valise_bundle_get_path (bundle);
  self.bundle = bundle;
  self.snapshots = snapshots;
  if (!scan_all (&self, error))
    return NULL;
  divide (&self);
  return g_steal_pointer (&parts);
}

guint64
valise_space_total (GPtrArray *parts)
{
  guint64 total = 0;

  for (guint i = 0; i < parts->len; i++)
    total += ((const ValiseSpacePart *) parts->pdata[i])->taken;
  return total;
}
