/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What snapshots have to do with the settings: which images they name, and which they may not. */
#include "bundle/valise-snapshot-private.h"

#include "base/valise-path.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-new-disks.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#define PRESENT_LENGTH 8
#define STEM_MOST 80

static gboolean
has (ValiseDocument *document, guint number, const char *element)
{
  g_autofree char *path = g_strdup_printf ("devices/disk[%u]/%s", number, element);

  return valise_document_has (document, path);
}

gboolean
_valise_snapshot_covers (ValiseDocument *document, guint number)
{
  g_autofree char *device = valise_document_get_device (document, "disk", number, "@device");
  g_autofree char *file = valise_document_get_device (document, "disk", number, "source/@file");
  g_autofree char *target = valise_document_get_device (document, "disk", number, "target/@dev");

  return file != NULL && target != NULL && valise_path_is_plain_relative (file) && file[0] != '.'
         && (device == NULL || g_str_equal (device, "disk")) && !has (document, number, "readonly")
         && !has (document, number, "shareable");
}

guint
_valise_snapshot_find_target (ValiseDocument *document, const char *target)
{
  guint count = valise_document_count (document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *name = valise_document_get_device (document, "disk", i, "target/@dev");

      if (g_strcmp0 (name, target) == 0)
        return i;
    }
  return 0;
}

gboolean
_valise_snapshot_set_image (ValiseDocument *document,
                            guint number,
                            const char *file,
                            const char *format,
                            GError **error)
{
  g_autofree char *source = g_strdup_printf ("devices/disk[%u]/source/@file", number);
  g_autofree char *type = g_strdup_printf ("devices/disk[%u]/driver/@type", number);
  g_autofree char *cache = g_strdup_printf ("devices/disk[%u]/driver/metadata_cache", number);
  g_autofree char *before = valise_document_get (document, source);

  return (before == NULL || valise_new_disks_rename (document, before, file, error))
         && valise_document_set (document, source, file, error)
         && valise_document_set (document, type, format, error)
         /* Only qcow2 has tables to keep in memory. */
         && (g_str_equal (format, "qcow2") || !valise_document_has (document, cache)
             || valise_document_unset (document, cache, error));
}

char *
_valise_snapshot_variables (ValiseDocument *document)
{
  g_autofree char *path = valise_document_get (document, "os/nvram");

  if (path != NULL && valise_path_is_plain_relative (path) && path[0] != '.')
    return g_steal_pointer (&path);
  return g_strdup ("nvram/vars.fd");
}

/* From the kernel: what two processes make is never the same, also when one was forked from the other. */
static guint64
make_number (void)
{
  guint64 number = 0;

  if (getrandom (&number, sizeof number, 0) != sizeof number)
    number = (guint64) g_get_real_time ();
  return number;
}

char *
_valise_snapshot_make_id (void)
{
  return g_strdup_printf ("%012" PRIx64, make_number () & G_GUINT64_CONSTANT (0xffffffffffff));
}

char *
_valise_snapshot_make_present (void)
{
  return g_strdup_printf ("%08x", (guint32) make_number ());
}

/* A name that ends in an earlier one does not grow. */
static char *
stem_of (const char *file)
{
  g_autofree char *stem = g_path_get_basename (file);
  char *dot = strrchr (stem, '.');
  gsize length;

  if (dot != NULL && dot != stem)
    *dot = '\0';
  length = strlen (stem);
  if (length > PRESENT_LENGTH + 1 && stem[length - PRESENT_LENGTH - 1] == '-'
      && strspn (stem + length - PRESENT_LENGTH, "0123456789abcdef") == PRESENT_LENGTH)
    stem[length - PRESENT_LENGTH - 1] = '\0';
  if (strlen (stem) > STEM_MOST)
    *g_utf8_find_prev_char (stem, stem + STEM_MOST) = '\0';
  return g_steal_pointer (&stem);
}

static gboolean
is_taken (const char *bundle_path, const char *file, GPtrArray *taken)
{
  g_autofree char *path = g_build_filename (bundle_path, file, NULL);
  struct stat status;

  return (taken != NULL && g_ptr_array_find_with_equal_func (taken, file, g_str_equal, NULL))
         || lstat (path, &status) == 0;
}

char *
_valise_snapshot_overlay_name (const char *bundle_path, const char *file, const char *present, GPtrArray *taken)
{
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree char *stem = stem_of (file);

  for (guint i = 1;; i++)
    {
      /* Before what is taken off again, so that disks which had to be told apart stay so. */
      g_autofree char *number = i > 1 ? g_strdup_printf ("-%u", i) : g_strdup ("");
      g_autofree char *name = g_strdup_printf ("%s%s-%s.qcow2", stem, number, present);
      g_autofree char *overlay =
          g_str_equal (folder, ".") ? g_steal_pointer (&name) : g_build_filename (folder, name, NULL);

      if (!is_taken (bundle_path, overlay, taken))
        return g_steal_pointer (&overlay);
    }
}

/* --- to be compared --- */

/* The name of a disk's image before there were snapshots, as a qcow2 one. */
static char *
plain_name (const char *file)
{
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree char *stem = stem_of (file);
  g_autofree char *name = g_strconcat (stem, ".qcow2", NULL);

  return g_str_equal (folder, ".") ? g_steal_pointer (&name) : g_build_filename (folder, name, NULL);
}

ValiseDocument *
valise_snapshot_plain_settings (ValiseDocument *document)
{
  ValiseDocument *plain;
  guint count;

  g_return_val_if_fail (document != NULL, NULL);

  plain = valise_document_copy (document);
  count = valise_document_count (plain, "devices/disk");
  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *file = valise_document_get_device (plain, "disk", i, "source/@file");
      g_autofree char *name = file != NULL && _valise_snapshot_covers (plain, i) ? plain_name (file) : NULL;

      if (name != NULL)
        _valise_snapshot_set_image (plain, i, name, "qcow2", NULL);
    }
  valise_document_unset (plain, VALISE_SNAPSHOT_KNOB, NULL);
  valise_document_unset (plain, VALISE_PRESENT_KNOB, NULL);
  return plain;
}

/* --- what settings may not say --- */

static gboolean
is_built_on (const char *bundle_path, const char *file)
{
  g_autofree char *path = g_build_filename (bundle_path, file, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GPtrArray) above = _valise_image_list_above (folder, name, NULL);

  return above == NULL || above->len > 0;
}

static gboolean
is_another_machines (const char *bundle_path, const char *file)
{
  g_autofree char *path = g_build_filename (bundle_path, file, NULL);

  return _valise_snapshot_is_shared (path);
}

const ValiseSnapshot *
_valise_snapshots_find_frozen (const char *bundle_path, GPtrArray *snapshots, const char *file)
{
  const ValiseSnapshot *damaged;

  for (guint i = 0; i < snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = snapshots->pdata[i];

      if (_valise_snapshot_find_disk (snapshot, file) != NULL
          && (!snapshot->hidden || is_another_machines (bundle_path, file) || is_built_on (bundle_path, file)))
        return snapshot;
    }
  damaged = _valise_snapshots_find_damaged (snapshots);
  return damaged != NULL && is_built_on (bundle_path, file) ? damaged : NULL;
}

static gboolean
check_not_frozen (const char *bundle_path, GPtrArray *snapshots, ValiseDocument *document, guint number, GError **error)
{
  g_autofree char *file = valise_document_get_device (document, "disk", number, "source/@file");
  g_autofree char *target = valise_document_get_device (document, "disk", number, "target/@dev");
  const ValiseSnapshot *snapshot = _valise_snapshots_find_frozen (bundle_path, snapshots, file);
  g_autofree char *name = NULL;

  if (snapshot == NULL)
    return TRUE;
  if (snapshot->is_damaged)
    {
      _valise_snapshot_set_damaged (error, snapshot->id, file);
      return FALSE;
    }
  name = valise_text_for_display (snapshot->name, 120);
  g_set_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_FROZEN,
               _ ("The disk “%s” would write into “%s”, which the snapshot “%s” needs as it is. Go back to the "
                  "snapshot to use it, or choose another file."),
               target, file, name);
  return FALSE;
}

/* Whether a snapshot covers it or not. */
static gboolean
is_written (ValiseDocument *document, guint number)
{
  g_autofree char *file = valise_document_get_device (document, "disk", number, "source/@file");
  g_autofree char *device = valise_document_get_device (document, "disk", number, "@device");
  g_autofree char *readonly = g_strdup_printf ("devices/disk[%u]/readonly", number);

  return file != NULL && g_strcmp0 (device, "cdrom") != 0 && !valise_document_has (document, readonly);
}

static gboolean
check_none_frozen (const char *bundle_path, GPtrArray *snapshots, ValiseDocument *document, GError **error)
{
  guint count = valise_document_count (document, "devices/disk");

  for (guint i = 1; i <= count; i++)
    if (is_written (document, i) && !check_not_frozen (bundle_path, snapshots, document, i, error))
      return FALSE;
  return TRUE;
}

gboolean
_valise_snapshots_check_settings (const char *bundle_path,
                                  ValiseDocument *before,
                                  ValiseDocument *document,
                                  GError **error)
{
  g_autofree char *was = valise_document_get (before, VALISE_PRESENT_KNOB);
  g_autofree char *is = valise_document_get (document, VALISE_PRESENT_KNOB);
  g_autoptr (GPtrArray) snapshots = NULL;

  if (g_strcmp0 (was, is) != 0)
    {
      g_set_error (
          error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_FROZEN,
          _ ("Nothing was saved: the machine's snapshots have changed since these settings were read. Open the "
             "settings again."));
      return FALSE;
    }
  snapshots = _valise_snapshots_read_all (bundle_path, error);
  return snapshots != NULL && check_none_frozen (bundle_path, snapshots, document, error);
}

/* --- before a start --- */

static gboolean
set_changed (const ValiseSnapshot *snapshot, const char *file, GError **error)
{
  g_autofree char *name = valise_text_for_display (snapshot->name, 120);
  g_autofree char *shown = valise_text_for_display (file, 200);

  g_set_error (
      error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_CHANGED,
      _ ("The disk image “%s” is not what it was when the snapshot “%s” was taken: something else wrote to it or "
         "put another file in its place. What builds on it would be torn, so it is not used. "
         "Restore that file from a backup. If you know that its content is the same, say so: “valisectl snapshot "
         "accept "
         "MACHINE”."),
      shown, name);
  return FALSE;
}

static gboolean
check_layer (const char *bundle_path, GPtrArray *snapshots, const char *path, GError **error)
{
  const char *relative = path + strlen (bundle_path) + 1;
  const ValiseSnapshot *damaged = _valise_snapshots_find_damaged (snapshots);
  gboolean known = FALSE;

  for (guint i = 0; i < snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = snapshots->pdata[i];
      const ValiseSnapshotDisk *disk = _valise_snapshot_find_disk (snapshot, relative);

      if (disk != NULL && !_valise_image_stamp_fits (path, &disk->stamp))
        return set_changed (snapshot, relative, error);
      known = known || disk != NULL;
    }
  if (!known && damaged != NULL)
    _valise_snapshot_set_damaged (error, damaged->id, relative);
  return known || damaged == NULL;
}

/* @itself: the image of the disk is a frozen one as well */
static gboolean
check_chain (const char *bundle_path,
             GPtrArray *snapshots,
             ValiseDocument *document,
             guint number,
             gboolean itself,
             GError **error)
{
  g_autofree char *file = valise_document_get_device (document, "disk", number, "source/@file");
  g_autofree char *format = valise_document_get_device (document, "disk", number, "driver/@type");
  g_autofree char *path = g_build_filename (bundle_path, file, NULL);
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (ValiseImageInfo) info = NULL;

  if (itself && !check_layer (bundle_path, snapshots, path, error))
    return FALSE;
  info = valise_image_inspect_chain (path, format != NULL ? format : "raw", &layers, error);
  for (guint i = 0; info != NULL && i < layers->len; i++)
    if (!check_layer (bundle_path, snapshots, ((ValiseImageLayer *) layers->pdata[i])->path, error))
      return FALSE;
  return info != NULL;
}

static gboolean
check_chains (const char *root, GPtrArray *snapshots, ValiseDocument *document, gboolean themselves, GError **error)
{
  guint count = snapshots->len > 0 ? valise_document_count (document, "devices/disk") : 0;

  for (guint i = 1; i <= count; i++)
    if (_valise_snapshot_covers (document, i) && !check_chain (root, snapshots, document, i, themselves, error))
      return FALSE;
  return TRUE;
}

gboolean
valise_snapshots_check (const char *bundle_path, ValiseDocument *document, GError **error)
{
  g_autofree char *root = NULL;
  g_autoptr (GPtrArray) snapshots = NULL;

  g_return_val_if_fail (bundle_path != NULL && document != NULL, FALSE);

  root = g_canonicalize_filename (bundle_path, NULL);
  snapshots = _valise_snapshots_read_all (root, error);
  return snapshots != NULL && check_none_frozen (root, snapshots, document, error)
         && check_chains (root, snapshots, document, FALSE, error);
}

gboolean
valise_snapshot_check_read (const char *bundle_path, ValiseDocument *document, GError **error)
{
  g_autofree char *root = NULL;
  g_autoptr (GPtrArray) snapshots = NULL;

  g_return_val_if_fail (bundle_path != NULL && document != NULL, FALSE);

  root = g_canonicalize_filename (bundle_path, NULL);
  snapshots = _valise_snapshots_read_all (root, error);
  return snapshots != NULL && check_chains (root, snapshots, document, TRUE, error);
}

/* --- settings that somebody is about to save --- */

static gboolean
carry_disk (ValiseDocument *settings, const char *file, const char *overlay, GError **error)
{
  guint count = valise_document_count (settings, "devices/disk");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *source = valise_document_get_device (settings, "disk", i, "source/@file");

      if (g_strcmp0 (source, file) == 0 && !_valise_snapshot_set_image (settings, i, overlay, "qcow2", error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
carry_knob (ValiseDocument *settings, ValiseDocument *now, const char *knob, GError **error)
{
  g_autofree char *value = valise_document_get (now, knob);

  return value == NULL || valise_document_set (settings, knob, value, error);
}

gboolean
valise_snapshots_carry_over (ValiseDocument *settings, ValiseDocument *before, ValiseDocument *now, GError **error)
{
  guint count;

  g_return_val_if_fail (settings != NULL && before != NULL && now != NULL, FALSE);

  count = valise_document_count (before, "devices/disk");
  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *file = valise_document_get_device (before, "disk", i, "source/@file");
      g_autofree char *overlay = valise_document_get_device (now, "disk", i, "source/@file");

      if (g_strcmp0 (file, overlay) != 0 && !carry_disk (settings, file, overlay, error))
        return FALSE;
    }
  return carry_knob (settings, now, VALISE_SNAPSHOT_KNOB, error)
         && carry_knob (settings, now, VALISE_PRESENT_KNOB, error);
}

/* --- while it runs --- */

static gboolean
follow_disk (ValiseBundle *bundle,
             ValiseDocument *document,
             guint number,
             const char *path,
             const char *format,
             GError **error)
{
  g_autofree char *inside = g_strconcat (valise_bundle_get_path (bundle), "/", NULL);
  g_autofree char *file = valise_document_get_device (document, "disk", number, "source/@file");

  if (path == NULL || format == NULL || !g_str_has_prefix (path, inside) || g_str_equal (path + strlen (inside), file))
    return TRUE;
  return _valise_snapshot_set_image (document, number, path + strlen (inside), format, error);
}

gboolean
valise_snapshots_follow (ValiseBundle *bundle, ValiseSnapshotWrittenFunc func, gpointer user_data, GError **error)
{
  g_autoptr (ValiseDocument) document = NULL;
  g_autofree char *present = NULL;
  gsize length;
  guint count;

  g_return_val_if_fail (bundle != NULL && func != NULL, FALSE);

  document = valise_document_copy (valise_bundle_get_document (bundle));
  length = valise_document_get_length (document);
  count = valise_document_count (document, "devices/disk");
  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *target = valise_document_get_device (document, "disk", i, "target/@dev");
      const char *format = NULL;
      const char *path = _valise_snapshot_covers (document, i) ? func (target, &format, user_data) : NULL;

      if (!follow_disk (bundle, document, i, path, format, error))
        return FALSE;
    }
  if (valise_document_get_length (document) == length
      && strcmp (valise_document_get_text (document), valise_document_get_text (valise_bundle_get_document (bundle)))
             == 0)
    return TRUE;
  present = _valise_snapshot_make_present ();
  return valise_document_set (document, VALISE_PRESENT_KNOB, present, error)
         && _valise_bundle_save_present (bundle, document, error);
}
