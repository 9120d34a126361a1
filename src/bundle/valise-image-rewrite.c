/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-image-rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "base/valise-size.h"
#include "bundle/valise-image-convert.h"
#include "bundle/valise-image-header.h"
#include "bundle/valise-medium.h"

#define HEAD_LEAST 104
/* As for the images of others: far above what qemu-img takes. */
#define ADDRESS_SPACE (4 * VALISE_GIB)
/* Left free on the medium, for everybody else who writes there meanwhile. */
#define SPARE_BYTES (16 * VALISE_MIB)

typedef struct
{
  char *from, *to, *aside; /* absolute */
  const char *format, *to_format;
  char *name; /* of from, for messages */
  gboolean compress;
  ValiseImageInfo *info;
  ValiseQcow2Shape shape; /* of from, when it is a qcow2 */
  ValiseJob *job;
} Rewrite;

static void
rewrite_clear (Rewrite *self)
{
  g_free (self->from);
  g_free (self->to);
  g_free (self->aside);
  g_free (self->name);
  valise_image_info_free (self->info);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rewrite, rewrite_clear)

static guint64
pass_bytes (const ValiseImageInfo *info)
{
  return MAX (info->actual_size, 1);
}

guint64
valise_image_rewrite_cost (const ValiseImageInfo *info)
{
  return 2 * pass_bytes (info);
}

/* --- before --- */

static gboolean
read_shape (Rewrite *self, GError **error)
{
  guint8 head[HEAD_LEAST] = { 0 };
  int fd;

  if (!g_str_equal (self->format, "qcow2"))
    return TRUE;
  fd = open (self->from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || pread (fd, head, sizeof head, 0) < 72)
    _valise_medium_set_error (error, errno, self->from, 0);
  else
    self->shape = _valise_image_header_shape (head);
  if (fd >= 0)
    close (fd);
  if (self->shape.cluster_size == 0)
    return FALSE;
  if (self->shape.snapshots == 0)
    return TRUE;
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE,
               _ ("The disk “%s” holds snapshots of its own, which would be lost. Remove them with “qemu-img snapshot” "
                  "first."),
               self->name);
  return FALSE;
}

static guint64
read_required (const char *json)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonNode *root;
  JsonNode *required = NULL;

  if (!json_parser_load_from_data (parser, json, -1, NULL))
    return 0;
  root = json_parser_get_root (parser);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    required = json_object_get_member (json_node_get_object (root), "required");
  return required != NULL && JSON_NODE_HOLDS_VALUE (required) ? (guint64) MAX (json_node_get_int (required), 0) : 0;
}

/* What is stored, zeros among it: the most that the new one can take, in either format. */
static gboolean
check_space (Rewrite *self, GCancellable *cancellable, GError **error)
{
  const char *const argv[] = { "qemu-img", "measure", "--output=json", "-f", self->format,
                               "-O",       "qcow2",   self->from,      NULL };
  g_autofree char *directory = g_path_get_dirname (self->to);
  g_autofree char *output = NULL;
  struct statvfs st;
  guint64 required;

  if (!valise_process_run (argv, NULL, NULL, &output, cancellable, error))
    return FALSE;
  required = read_required (output) + SPARE_BYTES;
  if (statvfs (directory, &st) != 0 || (guint64) st.f_bavail * st.f_frsize >= required)
    return TRUE;
  _valise_medium_set_error (error, ENOSPC, self->to, required);
  return FALSE;
}

static gboolean
prepare (Rewrite *self, const char *path, const char *to, GError **error)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *directory = NULL;
  g_autofree char *new_base = NULL;

  self->from = g_canonicalize_filename (path, NULL);
  self->to = g_canonicalize_filename (to, NULL);
  directory = g_path_get_dirname (self->to);
  new_base = g_path_get_basename (self->to);
  self->aside = g_strdup_printf ("%s/.%s.partial", directory, new_base);
  self->name = valise_text_for_display (base, 120);
  self->info = valise_image_inspect (self->from, self->format, error);
  return self->info != NULL && read_shape (self, error);
}

/* --- qemu-img --- */

static gboolean
run_pass (Rewrite *self, const char *const *argv, const char *to, GCancellable *cancellable, GError **error)
{
  guint64 most = self->info->virtual_size + self->info->virtual_size / 1000 + 64 * VALISE_MIB;
  const ValiseProcessLimits limits = { .file_size = most, .address_space = ADDRESS_SPACE };
  ValiseImageProgress progress = { .job = self->job, .size = pass_bytes (self->info), .to = to };

  if (!valise_process_run_with_files (argv, &limits, NULL, 0, _valise_image_progress_cb, &progress, cancellable, error))
    return FALSE;
  valise_job_advance (self->job, progress.size - progress.told);
  return TRUE;
}

static char *
make_options (const Rewrite *self)
{
  if (!g_str_equal (self->to_format, "qcow2"))
    return NULL;
  if (!g_str_equal (self->format, "qcow2"))
    return g_strdup ("compat=1.1,lazy_refcounts=off");
  return g_strdup_printf ("compat=1.1,lazy_refcounts=off,cluster_size=%" G_GUINT64_FORMAT "%s",
                          self->shape.cluster_size, self->shape.extended_l2 ? ",extended_l2=on" : "");
}

static gboolean
write_aside (Rewrite *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *options = make_options (self);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  const char *const head[] = {
    "qemu-img", "convert", "-p", "-t", "writeback", "-f", self->format, "-O", self->to_format
  };

  for (gsize i = 0; i < G_N_ELEMENTS (head); i++)
    g_ptr_array_add (argv, (gpointer) head[i]);
  if (self->compress)
    g_ptr_array_add (argv, (gpointer) "-c");
  if (options != NULL)
    {
      g_ptr_array_add (argv, (gpointer) "-o");
      g_ptr_array_add (argv, options);
    }
  g_ptr_array_add (argv, (gpointer) "--");
  g_ptr_array_add (argv, self->from);
  g_ptr_array_add (argv, self->aside);
  g_ptr_array_add (argv, NULL);
  return run_pass (self, (const char *const *) argv->pdata, self->aside, cancellable, error);
}

static gboolean
compare (Rewrite *self, GCancellable *cancellable, GError **error)
{
  const char *const argv[] = { "qemu-img",      "compare", "-p",       "-f",        self->format, "-F",
                               self->to_format, "--",      self->from, self->aside, NULL };

  return run_pass (self, argv, NULL, cancellable, error);
}

/* What the guest has on it is nobody else's business, as before. */
static gboolean
make_durable (Rewrite *self, GError **error)
{
  int fd = open (self->aside, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  struct stat st;
  int failed = 0;

  if (fd < 0)
    failed = errno;
  else if (stat (self->from, &st) == 0 && fchmod (fd, st.st_mode & 07777) != 0)
    g_debug ("%s: %s", self->aside, g_strerror (errno));
  if (fd >= 0 && fsync (fd) != 0)
    failed = errno;
  if (fd >= 0)
    close (fd);
  if (failed != 0)
    _valise_medium_set_error (error, failed, self->aside, 0);
  return failed == 0;
}

static void
translate (const Rewrite *self, GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (!g_error_matches (*error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_FAILED))
    return;
  cause = g_steal_pointer (error);
  if (valise_process_said (cause->message, ENOSPC))
    _valise_medium_set_error (error, ENOSPC, self->to, 0);
  else
    g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED,
                 _ ("The disk “%s” could not be written anew and is as it was. Look at it with “qemu-img check”. %s"),
                 self->name, cause->message);
}

static gboolean
make_aside (Rewrite *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;

  /* The caller holds the bundle's lock, so one that is there comes from a crash. */
  unlink (self->aside);
  valise_job_set_stage (self->job, _ ("Writing the disk"));
  if (check_space (self, cancellable, &failure) && write_aside (self, cancellable, &failure))
    {
      valise_job_set_stage (self->job, _ ("Comparing"));
      if (compare (self, cancellable, &failure) && make_durable (self, &failure))
        return TRUE;
    }
  unlink (self->aside);
  translate (self, &failure);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* --- public --- */

gboolean
valise_image_rewrite (const char *path,
                      const char *format,
                      const char *to,
                      const char *to_format,
                      ValiseJob *job,
                      GCancellable *cancellable,
                      GError **error)
{
  g_auto (Rewrite) self = { .format = format, .to_format = to_format, .job = job };

  g_return_val_if_fail (path != NULL && to != NULL, FALSE);
  g_return_val_if_fail (g_str_equal (to_format, "qcow2") || g_str_equal (to_format, "raw"), FALSE);

  if (!prepare (&self, path, to, error))
    return FALSE;
  if (g_file_test (self.to, G_FILE_TEST_EXISTS) || g_file_test (self.to, G_FILE_TEST_IS_SYMLINK))
    {
      _valise_medium_set_error (error, EEXIST, self.to, 0);
      return FALSE;
    }
  if (!make_aside (&self, cancellable, error))
    return FALSE;
  if (_valise_medium_rename_new (self.aside, self.to, error))
    return TRUE;
  unlink (self.aside);
  return FALSE;
}

static guint64
taken_by (const char *path)
{
  struct stat st;

  return stat (path, &st) == 0 ? (guint64) st.st_blocks * 512 : G_MAXUINT64;
}

static gboolean
replace (Rewrite *self, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (self->from);

  if (rename (self->aside, self->from) == 0)
    return valise_directory_sync (directory, error);
  _valise_medium_set_error (error, errno, self->from, 0);
  unlink (self->aside);
  return FALSE;
}

gboolean
valise_image_compact (const char *path,
                      const char *format,
                      gboolean compress,
                      ValiseJob *job,
                      guint64 *freed,
                      GCancellable *cancellable,
                      GError **error)
{
  g_auto (Rewrite) self = { .format = format, .to_format = format, .job = job };
  guint64 before, after;

  g_return_val_if_fail (path != NULL && freed != NULL, FALSE);

  *freed = 0;
  self.compress = compress && g_str_equal (format, "qcow2");
  if (!prepare (&self, path, path, error) || !make_aside (&self, cancellable, error))
    return FALSE;
  before = taken_by (self.from);
  after = taken_by (self.aside);
  if (after >= before)
    return unlink (self.aside) == 0;
  if (!replace (&self, error))
    return FALSE;
  *freed = before - after;
  return TRUE;
}
