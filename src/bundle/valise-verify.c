/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-verify-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-forms.h"
#include "bundle/valise-space.h"

/* Causes in it may quote what others wrote. */
#define LONGEST_TEXT 1000

void
_valise_verify_say (ValiseVerify *self,
                    ValiseSeverity severity,
                    const char *code,
                    const char *where,
                    char *text,
                    const char *remedy)
{
  g_autofree char *owned = text;
  g_autofree char *shown = valise_text_for_display (text, LONGEST_TEXT);

  for (guint i = 0; i < self->findings->len; i++)
    {
      const ValiseFinding *other = self->findings->pdata[i];

      if (g_str_equal (other->code, code) && g_strcmp0 (other->where, where) == 0)
        return;
    }
  g_ptr_array_add (self->findings, valise_finding_new (severity, code, where, shown, remedy));
}

static gboolean
is_file (const char *path)
{
  struct stat status;

  return lstat (path, &status) == 0 && S_ISREG (status.st_mode);
}

static gboolean
has_file (ValiseVerify *self, const char *relative)
{
  g_autofree char *path = g_build_filename (self->path, relative, NULL);

  return is_file (path);
}

/* --- snapshots --- */

static void
read_snapshots (ValiseVerify *self)
{
  g_autoptr (GError) local = NULL;

  self->snapshots = _valise_snapshots_read_all (self->path, &local);
  if (self->snapshots == NULL)
    _valise_verify_say (self, VALISE_SEVERITY_ERROR, "snapshots-unread", VALISE_SNAPSHOTS, g_strdup (local->message),
                        _ ("Put the folder back from a backup."));
}

/* While the machine runs, one may be deleted after all were listed. */
static gboolean
is_there (ValiseVerify *self, const ValiseSnapshot *snapshot)
{
  g_autofree char *folder = _valise_snapshot_folder (self->path, snapshot->id);
  g_autoptr (ValiseSnapshot) now = _valise_snapshot_read (folder, snapshot->id, NULL);

  return now != NULL ? !now->hidden : g_file_test (folder, G_FILE_TEST_IS_DIR);
}

static void
check_part (ValiseVerify *self,
            const ValiseSnapshot *snapshot,
            const char *part,
            const char *code,
            char *text,
            const char *remedy)
{
  g_autofree char *folder = _valise_snapshot_folder (self->path, snapshot->id);
  g_autofree char *file = g_build_filename (VALISE_SNAPSHOTS, snapshot->id, part, NULL);

  if (_valise_snapshot_lacks (folder, snapshot, part) && is_there (self, snapshot))
    _valise_verify_say (self, VALISE_SEVERITY_ERROR, code, file, text, remedy);
  else
    g_free (text);
}

static void
check_parts (ValiseVerify *self, const ValiseSnapshot *snapshot, const char *shown)
{
  check_part (self, snapshot, "memory", "snapshot-memory",
              g_strdup_printf (_ ("The memory that the snapshot “%s” kept is missing."), shown),
              _ ("Put the file back, or go back to it without its memory."));
  check_part (
      self, snapshot, "vars.fd", "snapshot-firmware",
      g_strdup_printf (_ ("The firmware's settings and boot entries that the snapshot “%s” kept are missing."), shown),
      _ ("Put the file back. Without it the firmware starts afresh: “valisectl snapshot revert --incomplete”."));
  check_part (self, snapshot, "tpm", "snapshot-chip",
              g_strdup_printf (_ ("What the snapshot “%s” kept of the security chip (TPM) is missing."), shown),
              _ ("Put the folder back. Without it the chip begins empty: “valisectl snapshot revert --incomplete”."));
}

static void
check_kept (ValiseVerify *self, const ValiseSnapshot *snapshot)
{
  g_autofree char *shown = valise_text_for_display (snapshot->name, 80);
  g_autofree char *folder = g_build_filename (VALISE_SNAPSHOTS, snapshot->id, NULL);
  g_autofree char *settings = g_build_filename (folder, "domain.xml", NULL);
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (GError) local = NULL;

  if (snapshot->is_damaged)
    {
      _valise_verify_say (self, VALISE_SEVERITY_ERROR, "snapshot-damaged", folder, g_strdup (snapshot->note),
                          _ ("Its images stay if you delete it."));
      return;
    }
  document = valise_snapshot_read_document (self->bundle, snapshot->id, &local);
  if (document == NULL && is_there (self, snapshot))
    _valise_verify_say (self, VALISE_SEVERITY_ERROR, "snapshot-settings", settings,
                        g_strdup_printf (_ ("The settings that the snapshot “%s” kept cannot be read: %s"), shown,
                                         local->message),
                        _ ("Put the file back from a backup, or delete the snapshot."));
  check_parts (self, snapshot, shown);
}

static void
check_snapshots (ValiseVerify *self)
{
  g_autofree char *journal = g_build_filename (VALISE_SNAPSHOTS, ".journal", NULL);

  for (guint i = 0; self->snapshots != NULL && i < self->snapshots->len; i++)
    if (!((const ValiseSnapshot *) self->snapshots->pdata[i])->hidden)
      check_kept (self, self->snapshots->pdata[i]);
  if (has_file (self, journal) || valise_snapshots_is_merging (self->path))
    _valise_verify_say (self, VALISE_SEVERITY_INFO, "interrupted", VALISE_SNAPSHOTS,
                        g_strdup (_ ("A change of the snapshots goes on, or was interrupted.")),
                        _ ("Nothing is to be done: the next start finishes it or takes it back."));
}

/* --- firmware and security chip --- */

static gboolean
is_empty_folder (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);

  return directory == NULL || g_dir_read_name (directory) == NULL;
}

/* Before a machine has run it has neither. */
static gboolean
has_run (ValiseVerify *self)
{
  return has_file (self, "logs/qemu.log") || has_file (self, "screenshot.png");
}

static void
check_firmware (ValiseVerify *self)
{
  g_autofree char *file = _valise_snapshot_variables (self->document);
  g_autofree char *path = g_build_filename (self->path, file, NULL);
  gboolean wanted = valise_document_has (self->document, "os/nvram");
  struct stat status;

  if (lstat (path, &status) == 0 && S_ISREG (status.st_mode) && status.st_size == 0)
    _valise_verify_say (self, VALISE_SEVERITY_ERROR, "firmware-empty", file,
                        g_strdup (_ ("The file with the firmware's settings and boot entries is empty.")),
                        _ ("Put it back from a backup or a snapshot, or let the firmware start afresh: “valisectl "
                           "nvram --reset”."));
  else if (wanted && !is_file (path) && has_run (self))
    _valise_verify_say (self, VALISE_SEVERITY_WARNING, "firmware-missing", file,
                        g_strdup (_ ("The file with the firmware's settings and boot entries is missing.")),
                        _ ("Put it back, or go on: the firmware starts afresh, and may not find the system."));
}

static void
check_chip (ValiseVerify *self)
{
  g_autofree char *type = valise_document_get (self->document, "devices/tpm/backend/@type");
  g_autofree char *folder = g_build_filename (self->path, "tpm", NULL);

  if (!valise_document_has (self->document, "devices/tpm") || (type != NULL && !g_str_equal (type, "emulator"))
      || !has_run (self) || !is_empty_folder (folder))
    return;
  _valise_verify_say (self, VALISE_SEVERITY_WARNING, "chip-missing", "tpm",
                      g_strdup (_ ("What the security chip (TPM) kept is missing, and with it the keys of an encrypted "
                                   "disk.")),
                      _ ("Put the folder back from a backup. Without it the chip starts empty, and the system asks for "
                         "its recovery key."));
}

/* --- other files --- */

/* What is there before a start, unlike sockets and logs. */
static gboolean
is_read (const char *knob)
{
  return (g_str_has_prefix (knob, "devices/disk") && g_str_has_suffix (knob, "]/source/@file"))
         || g_str_has_prefix (knob, "os/kernel") || g_str_has_prefix (knob, "os/initrd")
         || g_str_has_prefix (knob, "os/dtb");
}

static gboolean
is_image (ValiseVerify *self, const char *knob)
{
  g_autofree char *device = g_strndup (knob, strlen (knob) - MIN (strlen (knob), strlen ("/source/@file")));
  g_autofree char *kind = g_strconcat (device, "/@device", NULL);
  g_autofree char *value = g_str_has_prefix (knob, "devices/disk") ? valise_document_get (self->document, kind) : NULL;

  return g_str_has_prefix (knob, "devices/disk") && (value == NULL || g_str_equal (value, "disk"));
}

static void
check_named_cb (const char *knob, const char *value, gpointer user_data)
{
  ValiseVerify *self = user_data;
  gboolean inside = valise_path_is_plain_relative (value);
  g_autofree char *path = valise_bundle_source_path (self->path, value);

  if (!is_read (knob) || (inside && is_image (self, knob)) || path == NULL || g_file_test (path, G_FILE_TEST_EXISTS))
    return;
  _valise_verify_say (
      self, inside ? VALISE_SEVERITY_ERROR : VALISE_SEVERITY_WARNING, "file-missing", value,
      g_strdup (inside ? _ ("The settings name this file, which is missing.")
                       : _ ("The settings name this file outside of the machine's folder, which is not there.")),
      _ ("Put the file back, or choose another one in the settings."));
}

static void
check_folders (ValiseVerify *self)
{
  g_autoptr (GError) local = NULL;

  if (!valise_bundle_check_folders (self->path, &local))
    _valise_verify_say (self, VALISE_SEVERITY_ERROR, "folder-unsafe", NULL, g_strdup (local->message), NULL);
}

static void
say_orphan (ValiseVerify *self, const ValiseSpacePart *part)
{
  g_autofree char *size = valise_size_format (part->taken);

  _valise_verify_say (
      self, VALISE_SEVERITY_INFO, "orphan", part->path,
      g_strdup_printf (part->undone ? _ ("Only an earlier version of the settings names this file (%s).")
                                    : _ ("Neither the settings nor a snapshot name this file (%s)."),
                       size),
      _ ("If you do not know it, move it to the Trash: from the machine's Space window, or with “valisectl size "
         "--trash”."));
}

/* While a record cannot be read nobody knows what is nobody's. */
static gboolean
check_orphans (ValiseVerify *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) parts = valise_space_measure (self->path, self->cancellable, &local);

  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  for (guint i = 0; parts != NULL && i < parts->len; i++)
    if (((const ValiseSpacePart *) parts->pdata[i])->kind == VALISE_SPACE_ORPHAN)
      say_orphan (self, parts->pdata[i]);
  return TRUE;
}

/* --- all of it --- */

static gboolean
verify_bundle (ValiseVerify *self, GError **error)
{
  gboolean done;

  self->document = valise_bundle_get_document (self->bundle);
  self->path = valise_bundle_get_path (self->bundle);
  check_folders (self);
  read_snapshots (self);
  check_snapshots (self);
  check_firmware (self);
  check_chip (self);
  valise_forms_foreach (self->document, check_named_cb, self);
  done = _valise_verify_images (self, error) && check_orphans (self, error);
  g_clear_pointer (&self->snapshots, g_ptr_array_unref);
  return done;
}

gboolean
valise_verify_files (const char *bundle_path,
                     GPtrArray *findings,
                     guint *images,
                     ValiseJob *job,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GError) local = NULL;
  ValiseVerify self = { .findings = findings, .job = job, .cancellable = cancellable };
  gboolean done = TRUE;

  g_return_val_if_fail (bundle_path != NULL && findings != NULL && images != NULL, FALSE);

  bundle = valise_bundle_open (bundle_path, &local);
  if (bundle == NULL)
    _valise_verify_say (&self, VALISE_SEVERITY_ERROR, "config-damaged", VALISE_BUNDLE_CONFIG, g_strdup (local->message),
                        NULL);
  else
    {
      self.bundle = bundle;
      done = verify_bundle (&self, error);
    }
  *images = self.images;
  return done;
}
