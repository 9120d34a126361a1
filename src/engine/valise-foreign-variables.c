/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The firmware's variables of a machine that comes in: its list of what to start, and what it wrote down since. Files of
 * two builds are of different sizes and none starts with the other's, so the variables go into a copy of the empty file
 * that belongs to the firmware here. */
#include "engine/valise-foreign-variables-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-bytes.h"
#include "base/valise-process.h"
#include "formats/valise-efi-variables.h"

#define VARIABLES "nvram/vars.fd"
/* The larger of the flash chips, that of ARM's board; as an image it may take a little more. */
#define TEMPLATE_MOST (65u << 20)
#define BLANK_LOOKED_AT (1u << 20)

typedef struct
{
  GBytes *file;
  GBytes *volume;    /* NULL: the chip is blank */
  gboolean is_image; /* qcow2 */
  guint64 size;      /* of the flash chip */
} Template;

static void
template_clear (Template *self)
{
  g_clear_pointer (&self->file, g_bytes_unref);
  g_clear_pointer (&self->volume, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Template, template_clear)

static guint64
image_size (const char *bytes)
{
  return valise_bytes_get_be64 ((const guint8 *) bytes + 24);
}

/* ARM's firmware comes with nothing at all in its chip and writes the first volume itself. */
static gboolean
is_blank (const char *bytes, gsize length)
{
  gsize looked = MIN (length, BLANK_LOOKED_AT);

  return looked > 1 && (bytes[0] == '\0' || bytes[0] == (char) 0xff) && memcmp (bytes, bytes + 1, looked - 1) == 0;
}

static gboolean
template_open (Template *self, const char *path)
{
  g_autoptr (GMappedFile) mapped = g_mapped_file_new (path, FALSE, NULL);
  const char *bytes;

  if (mapped == NULL || g_mapped_file_get_length (mapped) > TEMPLATE_MOST)
    return FALSE;
  self->file = g_mapped_file_get_bytes (mapped);
  self->volume = valise_efi_volume_new (self->file);
  bytes = g_bytes_get_data (self->file, NULL);
  if (self->volume == NULL && !is_blank (bytes, g_bytes_get_size (self->file)))
    return FALSE;
  self->is_image = memcmp (bytes, "QFI\xfb", 4) == 0;
  self->size = self->is_image ? image_size (bytes) : g_bytes_get_size (self->file);
  return self->size <= TEMPLATE_MOST;
}

static gboolean
fail (const char *path, GError **error)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("“%s” cannot be written: %s"), path,
               g_strerror (errno));
  return FALSE;
}

/* The volume, then what fills the chip, which nobody reads. */
static gboolean
write_chip (const char *path, GBytes *volume, guint64 size, GError **error)
{
  gsize length;
  const char *bytes = g_bytes_get_data (volume, &length);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  gboolean done;

  if (fd < 0)
    return fail (path, error);
  done = write (fd, bytes, length) == (gssize) length && ftruncate (fd, (off_t) MAX (size, length)) == 0
         && fsync (fd) == 0;
  if (!done)
    fail (path, error);
  close (fd);
  return done;
}

/* A distribution that has its variables as an image expects those of a machine as one. */
static gboolean
write_image (const char *path, GBytes *volume, guint64 size, GCancellable *cancellable, GError **error)
{
  g_autofree char *raw = g_strconcat (path, ".raw", NULL);
  const char *const argv[] = { "qemu-img", "convert", "-f", "raw", "-O", "qcow2", "--", raw, path, NULL };
  gboolean done;

  if (!write_chip (raw, volume, size, error))
    return FALSE;
  done = valise_process_run (argv, NULL, NULL, NULL, cancellable, error);
  unlink (raw);
  return done && (chmod (path, 0600) == 0 || fail (path, error));
}

/* What is moved into the layout of the firmware here, or NULL. Of a chip that is blank there is only one layout. */
static GBytes *
move (ValisePackage *package, const char *name, const Template *template)
{
  const ValisePackageMember *member = valise_package_lookup (package, name);
  g_autoptr (GBytes) volume = member != NULL ? valise_efi_volume_read (package, member) : NULL;

  if (volume == NULL || (template->volume == NULL && g_bytes_get_size (volume) > template->size))
    return NULL;
  return valise_efi_volume_move (volume, template->volume != NULL ? template->volume : volume);
}

static void
tell_lost (const ValiseImportPlan *plan, GPtrArray *findings)
{
  g_ptr_array_add (findings,
                   valise_finding_new (VALISE_SEVERITY_WARNING, "firmware-variables-lost", plan->blueprint->nvram,
                                       _ ("The firmware's variables do not fit the firmware of this computer; they "
                                          "begin anew."),
                                       _ ("Should the system not start, choose its file in the firmware's menu.")));
}

gboolean
_valise_foreign_variables_bring (ValisePackage *package,
                                 const ValiseImportPlan *plan,
                                 const char *template,
                                 const char *directory,
                                 GPtrArray *findings,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_auto (Template) empty = { 0 };
  g_autoptr (GBytes) volume = NULL;
  g_autofree char *path = g_build_filename (directory, VARIABLES, NULL);

  if (!plan->blueprint->nvram_kept || plan->firmware == VALISE_FIRMWARE_BIOS)
    return TRUE;
  if (template != NULL && template_open (&empty, template))
    volume = move (package, plan->blueprint->nvram, &empty);
  if (volume == NULL)
    {
      tell_lost (plan, findings);
      return TRUE;
    }
  return empty.is_image ? write_image (path, volume, empty.size, cancellable, error)
                        : write_chip (path, volume, empty.size, error);
}
