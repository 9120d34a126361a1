/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"

/* The setup header of the Linux/x86 boot protocol. */
#define HEAD_BYTES 1024
#define MAGIC_AT 0x202
#define MAGIC "HdrS"
#define VERSION_POINTER_AT 0x20e
#define VERSION_BASE 0x200
#define VERSION_MOST 80

G_DEFINE_QUARK (valise_kernel_error_quark, valise_kernel_error)

static gssize
read_at (int fd, guint8 *into, gsize length, off_t offset)
{
  gssize got;

  do
    got = pread (fd, into, length, offset);
  while (got < 0 && errno == EINTR);
  return got;
}

/* "6.1.0-18-amd64 (debian-kernel@...) #1 SMP ...": the first word. */
static char *
read_version (int fd, const guint8 *head)
{
  guint offset = head[VERSION_POINTER_AT] | (guint) head[VERSION_POINTER_AT + 1] << 8;
  char text[VERSION_MOST + 1] = { 0 };

  if (offset == 0 || read_at (fd, (guint8 *) text, VERSION_MOST, (off_t) offset + VERSION_BASE) <= 0)
    return g_strdup ("");
  text[strcspn (text, " \n")] = '\0';
  return valise_text_for_display (text, VERSION_MOST);
}

/* What distributions call the two: vmlinuz-6.1 and initrd.img-6.1, vmlinuz-linux and initramfs-linux.img, linux and
 * initrd.gz. */
static char *
find_initrd (const char *path)
{
  static const char *const heads[] = { "vmlinuz", "bzImage", "linux", "kernel" };
  static const char *const patterns[] = { "initrd.img%s",      "initrd%s.img", "initramfs%s.img", "initrd%s",
                                          "initramfs.cpio.gz", "initrd%s.gz",  "initramfs%s" };
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  const char *tail = NULL;

  for (gsize i = 0; tail == NULL && i < G_N_ELEMENTS (heads); i++)
    tail = g_str_has_prefix (base, heads[i]) ? base + strlen (heads[i]) : NULL;
  for (gsize i = 0; tail != NULL && i < G_N_ELEMENTS (patterns); i++)
    {
      g_auto (GStrv) parts = g_strsplit (patterns[i], "%s", 2);
      g_autofree char *name = parts[1] != NULL ? g_strconcat (parts[0], tail, parts[1], NULL) : g_strdup (parts[0]);
      g_autofree char *beside = g_build_filename (folder, name, NULL);

      if (!g_str_equal (name, base) && g_file_test (beside, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&beside);
    }
  return NULL;
}

static gboolean
set_unreadable (const char *shown, const char *why, GError **error)
{
  g_set_error (error, VALISE_KERNEL_ERROR, VALISE_KERNEL_ERROR_UNREADABLE, _ ("The kernel “%s” cannot be read: %s"),
               shown, why);
  return FALSE;
}

static ValiseKernel *
read_fd (int fd, const char *path, const char *shown, GError **error)
{
  guint8 head[HEAD_BYTES] = { 0 };
  gssize length = read_at (fd, head, sizeof head, 0);
  ValiseKernel *self;

  if (length < 0)
    {
      set_unreadable (shown, g_strerror (errno), error);
      return NULL;
    }
  if (memcmp (head + MAGIC_AT, MAGIC, strlen (MAGIC)) != 0)
    {
      g_set_error (error, VALISE_KERNEL_ERROR, VALISE_KERNEL_ERROR_NOT_A_KERNEL,
                   _ ("“%s” is no Linux kernel for PCs. Choose a file such as /boot/vmlinuz."), shown);
      return NULL;
    }
  self = g_new0 (ValiseKernel, 1);
  self->version = read_version (fd, head);
  self->initrd = find_initrd (path);
  return self;
}

ValiseKernel *
valise_kernel_read (const char *path, GError **error)
{
  g_autofree char *base = NULL;
  g_autofree char *shown = NULL;
  ValiseKernel *self = NULL;
  struct stat st;
  int fd;

  g_return_val_if_fail (path != NULL, NULL);

  base = g_path_get_basename (path);
  shown = valise_text_for_display (base, 120);
  fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    {
      set_unreadable (shown, g_strerror (errno), error);
      return NULL;
    }
  if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode))
    self = read_fd (fd, path, shown, error);
  else
    set_unreadable (shown, _ ("it is no plain file"), error);
  close (fd);
  return self;
}

void
valise_kernel_free (ValiseKernel *self)
{
  if (self == NULL)
    return;
  g_free (self->version);
  g_free (self->initrd);
  g_free (self);
}
