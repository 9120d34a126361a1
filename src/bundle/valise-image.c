/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-image.h"

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "base/valise-size.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-image-header.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_MOST (64 * 1024)
/* 32 MiB of L1 table with 64 KiB clusters, QEMU's limit. */
#define QCOW2_BYTES_MOST (G_GUINT64_CONSTANT (1) << 51)
#define RAW_BYTES_MOST ((guint64) G_MAXINT64 / 512 * 512)

G_DEFINE_QUARK (valise_image_error_quark, valise_image_error)

void
valise_image_info_free (ValiseImageInfo *self)
{
  if (self == NULL)
    return;
  g_free (self->format);
  g_free (self);
}

ValiseImageInfo *
valise_image_info_copy (const ValiseImageInfo *self)
{
  ValiseImageInfo *copy = g_memdup2 (self, sizeof *self);

  copy->format = g_strdup (self->format);
  return copy;
}

static char *
shown_name (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);

  return valise_text_for_display (base, 120);
}

static gboolean
check_known_format (const char *format, const char *name, GError **error)
{
  if (g_strcmp0 (format, "qcow2") == 0 || g_strcmp0 (format, "raw") == 0)
    return TRUE;
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
               _ ("“%s” is to be opened as “%s”; Valise opens qcow2 and raw disks. Convert it with qemu-img."), name,
               format != NULL ? format : "");
  return FALSE;
}

/* Neither a link nor a FIFO may be opened: the one leads elsewhere, the other hangs whoever reads it. */
static int
open_image (const char *path, const char *name, struct stat *st, GError **error)
{
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

  if (fd < 0 && errno != ELOOP && errno != ENXIO)
    {
      if (errno == ENOENT || errno == ENOTDIR)
        g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_MISSING,
                     _ ("The disk “%s” is missing. Put the file back, or remove the disk from the machine."), name);
      else
        g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("The disk “%s” cannot be read: %s"), name,
                     g_strerror (errno));
      return -1;
    }
  if (fd >= 0 && fstat (fd, st) == 0 && S_ISREG (st->st_mode))
    return fd;
  if (fd >= 0)
    close (fd);
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE,
               _ ("The disk “%s” is a link or a device and not a plain file. Put the file itself in its place."), name);
  return -1;
}

static gssize
read_head (int fd, guint8 *head, const char *name, GError **error)
{
  gsize done = 0;

  while (done < HEAD_MOST)
    {
      gssize got = pread (fd, head + done, HEAD_MOST - done, done);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", name, g_strerror (errno));
          return -1;
        }
      if (got == 0)
        break;
      done += got;
    }
  return done;
}

static gboolean
check_content (const guint8 *head, gsize length, const char *format, const char *name, GError **error)
{
  const char *content = _valise_image_header_format (head, length);

  if (g_strcmp0 (content, "qcow2") == 0 && g_str_equal (format, "qcow2"))
    return TRUE;
  if (content == NULL && g_str_equal (format, "raw"))
    return TRUE;
  if (content != NULL)
    g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
                 _ ("The machine says that “%s” is a %s disk, but its content is %s. If you trust it, change the "
                    "disk's format to what it is."),
                 name, format, content);
  else
    g_set_error (
        error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
        _ ("The machine says that “%s” is a %s disk, but it is not. If it is a raw disk, change the disk's format."),
        name, format);
  return FALSE;
}

static ValiseImageInfo *
inspect_fd (int fd,
            const struct stat *st,
            const char *format,
            const char *name,
            ValiseImageBacking *backing,
            GError **error)
{
  g_autofree guint8 *head = g_malloc (HEAD_MOST);
  gssize length = read_head (fd, head, name, error);
  guint64 virtual_size = st->st_size;
  ValiseImageInfo *info;

  if (length < 0 || !check_content (head, length, format, name, error))
    return NULL;
  if (g_str_equal (format, "qcow2"))
    virtual_size = _valise_image_header_check_qcow2 (head, length, st->st_size, name, backing, error);
  else if (virtual_size == 0)
    g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED,
                 _ ("The disk “%s” is an empty file. Restore it from a backup, or remove the disk."), name);
  if (virtual_size == 0)
    return NULL;
  info = g_new0 (ValiseImageInfo, 1);
  info->format = g_strdup (format);
  info->virtual_size = virtual_size;
  info->actual_size = (guint64) st->st_blocks * 512;
  return info;
}

ValiseImageInfo *
_valise_image_inspect_layer (const char *path, const char *format, ValiseImageBacking *backing, GError **error)
{
  g_autofree char *name = NULL;
  ValiseImageInfo *info;
  struct stat st;
  int fd;

  g_return_val_if_fail (path != NULL, NULL);

  name = shown_name (path);
  if (!check_known_format (format, name, error) || (fd = open_image (path, name, &st, error)) < 0)
    return NULL;
  info = inspect_fd (fd, &st, format, name, backing, error);
  close (fd);
  return info;
}

ValiseImageInfo *
valise_image_inspect (const char *path, const char *format, GError **error)
{
  return _valise_image_inspect_layer (path, format, NULL, error);
}

static const char *
format_of (int fd, const char *name, GError **error)
{
  g_autofree guint8 *head = g_malloc (HEAD_MOST);
  gssize length = read_head (fd, head, name, error);
  const char *content = length >= 0 ? _valise_image_header_format (head, length) : NULL;

  if (length < 0)
    return NULL;
  if (content == NULL)
    return "raw";
  if (g_str_equal (content, "qcow2"))
    return "qcow2";
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
               _ ("“%s” is a %s disk; Valise takes qcow2 and raw disks. Convert it first: qemu-img convert -O qcow2."),
               name, content);
  return NULL;
}

ValiseImageInfo *
valise_image_identify (const char *path, GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *real = NULL;
  ValiseImageInfo *info = NULL;
  const char *format;
  struct stat st;
  int fd;

  g_return_val_if_fail (path != NULL, NULL);

  name = shown_name (path);
  real = realpath (path, NULL);
  fd = open_image (real != NULL ? real : path, name, &st, error);
  if (fd < 0)
    return NULL;
  format = format_of (fd, name, error);
  if (format != NULL)
    info = inspect_fd (fd, &st, format, name, NULL, error);
  close (fd);
  return info;
}

static gboolean
check_size (guint64 *bytes, const char *format, const char *name, GError **error)
{
  guint64 most = g_str_equal (format, "qcow2") ? QCOW2_BYTES_MOST : RAW_BYTES_MOST;

  if (*bytes > 0 && *bytes <= most)
    {
      *bytes = (*bytes + 511) / 512 * 512;
      return TRUE;
    }
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_SIZE,
               *bytes == 0 ? _ ("The disk “%s” needs a size greater than zero.")
                           : _ ("The disk “%s” is to be larger than the format can hold. Choose a smaller size."),
               name);
  return FALSE;
}

/* qemu-img reads "nbd:x" and "json:{}" as more than a name; what starts with a slash is a name and nothing else. */
static char *
plain_file_name (const char *path)
{
  return g_canonicalize_filename (path, NULL);
}

void
_valise_image_translate_qemu_error (GError **error, const char *path, guint64 needed)
{
  static const int numbers[] = { ENOSPC, EFBIG, EROFS };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (g_error_matches (*error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_FAILED)
        && valise_process_said ((*error)->message, numbers[i]))
      {
        g_clear_error (error);
        _valise_medium_set_error (error, numbers[i], path, numbers[i] == ENOSPC ? needed : 0);
        return;
      }
}

/* What a qcow2 of @bytes with nothing on it takes: header, reference counts and a table of eight bytes for each 512
 * MiB. */
static guint64
table_bytes (guint64 bytes)
{
  return 256 * VALISE_KIB + bytes / (512 * VALISE_MIB) * 8;
}

static gboolean
run_qemu_img (const char *const *argv, const char *path, guint64 bytes, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (valise_process_run (argv, NULL, NULL, NULL, cancellable, &local))
    return TRUE;
  _valise_image_translate_qemu_error (&local, path, table_bytes (bytes));
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
make_qcow2 (const char *file, guint64 bytes, GCancellable *cancellable, GError **error)
{
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, bytes);
  const char *const argv[] = {
    "qemu-img", "create", "-q", "-f", "qcow2", "-o", "compat=1.1,lazy_refcounts=off,preallocation=off",
    "--",       file,     size, NULL
  };

  return run_qemu_img (argv, file, bytes, cancellable, error);
}

/* A raw disk is nothing but its length. */
static gboolean
set_length (const char *file, int flags, guint64 bytes, GError **error)
{
  int fd = open (file, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags, 0600);
  int failed = 0;

  if (fd < 0 || ftruncate (fd, (off_t) bytes) != 0 || fsync (fd) != 0)
    failed = errno;
  if (fd >= 0)
    close (fd);
  if (failed != 0)
    _valise_medium_set_error (error, failed, file, bytes);
  return failed == 0;
}

static gboolean
sync_file (const char *file, GError **error)
{
  int fd = open (file, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  gboolean synced = fd >= 0 && fsync (fd) == 0;

  if (!synced)
    _valise_medium_set_error (error, errno, file, 0);
  if (fd >= 0)
    close (fd);
  return synced;
}

static gboolean
make_image (const char *file, const char *format, guint64 bytes, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (g_str_equal (format, "raw"))
    return set_length (file, O_CREAT | O_EXCL, bytes, error);
  if (!make_qcow2 (file, bytes, cancellable, error))
    return FALSE;
  /* What is on a disk is nobody else's business; media without permissions need not obey. */
  if (g_chmod (file, 0600) != 0)
    g_debug ("%s: %s", file, g_strerror (errno));
  return sync_file (file, error);
}

static char *
aside_name (const char *file)
{
  g_autofree char *directory = g_path_get_dirname (file);
  g_autofree char *base = g_path_get_basename (file);

  return g_strdup_printf ("%s/.%s.partial", directory, base);
}

gboolean
valise_image_create (const char *path, const char *format, guint64 bytes, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *file = NULL;
  g_autofree char *aside = NULL;

  g_return_val_if_fail (path != NULL, FALSE);

  name = shown_name (path);
  file = plain_file_name (path);
  aside = aside_name (file);
  if (!check_known_format (format, name, error) || !check_size (&bytes, format, name, error))
    return FALSE;
  if (g_file_test (file, G_FILE_TEST_EXISTS) || g_file_test (file, G_FILE_TEST_IS_SYMLINK))
    {
      _valise_medium_set_error (error, EEXIST, file, 0);
      return FALSE;
    }
  /* The caller holds the bundle's lock, so one that is there comes from a crash. */
  unlink (aside);
  if (make_image (aside, format, bytes, cancellable, error) && _valise_medium_rename_new (aside, file, error))
    return TRUE;
  unlink (aside);
  return FALSE;
}

static gboolean
grow_image (const char *file, const char *format, guint64 bytes, GCancellable *cancellable, GError **error)
{
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, bytes);
  const char *const argv[] = { "qemu-img", "resize", "-q", "-f", format, "--", file, size, NULL };

  if (g_str_equal (format, "raw"))
    return set_length (file, 0, bytes, error);
  return run_qemu_img (argv, file, bytes, cancellable, error) && sync_file (file, error);
}

gboolean
valise_image_grow (const char *path, const char *format, guint64 bytes, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *file = NULL;
  g_autoptr (ValiseImageInfo) before = NULL;

  g_return_val_if_fail (path != NULL, FALSE);

  name = shown_name (path);
  file = plain_file_name (path);
  before = valise_image_inspect_chain (file, format, NULL, error);
  if (before == NULL || !check_size (&bytes, format, name, error))
    return FALSE;
  if (bytes < before->virtual_size)
    {
      g_autofree char *now = valise_size_format (before->virtual_size);

      g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_SIZE,
                   _ ("The disk “%s” holds %s already and can only grow, since shrinking would destroy what is on it."),
                   name, now);
      return FALSE;
    }
  if (bytes == before->virtual_size)
    return TRUE;
  return grow_image (file, format, bytes, cancellable, error);
}
