/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-iso.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-bytes.h"
#include "base/valise-path.h"

#define SECTOR 2048
#define FIRST_DESCRIPTOR 16
/* Real discs have three to six. */
#define DESCRIPTORS_MAX 32
#define UDF_ANCHOR 256
#define UDF_SEQUENCE_MAX 32
#define EL_TORITO_ENTRY 32
#define TEXT_MAX 128

enum
{
  DESCRIPTOR_BOOT = 0,
  DESCRIPTOR_PRIMARY = 1,
  DESCRIPTOR_END = 255,
};

enum
{
  PLATFORM_X86 = 0x00,
  PLATFORM_EFI = 0xef,
};

enum
{
  ENTRY_BOOTABLE = 0x88,
  ENTRY_SECTION = 0x90,
  ENTRY_LAST_SECTION = 0x91,
  ENTRY_EXTENSION = 0x44,
};

G_DEFINE_QUARK (valise_iso_error_quark, valise_iso_error)

static gboolean
read_sector (int fd, guint64 sector, guint8 *into)
{
  gsize done = 0;

  if (sector > G_MAXUINT32)
    return FALSE;
  while (done < SECTOR)
    {
      gssize count = pread (fd, into + done, SECTOR - done, (off_t) (sector * SECTOR + done));

      if (count < 0 && errno == EINTR)
        continue;
      if (count <= 0)
        return FALSE;
      done += (gsize) count;
    }
  return TRUE;
}

static char *
read_text (const guint8 *bytes, gsize length)
{
  g_autofree char *raw = g_strndup ((const char *) bytes, length);
  g_autofree char *shown = valise_text_for_display (raw, TEXT_MAX);

  return g_strdup (g_strstrip (shown));
}

static void
replace_text (char **text, char *value)
{
  g_free (*text);
  *text = value;
}

/* --- El Torito --- */

static void
note_platform (ValiseIso *self, guint8 platform)
{
  if (platform == PLATFORM_X86)
    self->boots_bios = TRUE;
  else if (platform == PLATFORM_EFI)
    self->boots_uefi = TRUE;
}

static gboolean
is_boot_catalog (const guint8 *catalog)
{
  guint16 sum = 0;

  for (guint i = 0; i < EL_TORITO_ENTRY; i += 2)
    sum = (guint16) (sum + valise_bytes_get_le16 (catalog + i));
  return catalog[0] == 1 && catalog[30] == 0x55 && catalog[31] == 0xaa && sum == 0;
}

/* The validation entry names the platform of the default entry behind it; section headers name those of what follows
 * them. */
static void
read_boot_catalog (ValiseIso *self, int fd, guint32 sector)
{
  guint8 catalog[SECTOR];
  guint8 platform;

  if (!read_sector (fd, sector, catalog) || !is_boot_catalog (catalog))
    return;
  platform = catalog[1];
  for (guint offset = EL_TORITO_ENTRY; offset + EL_TORITO_ENTRY <= SECTOR; offset += EL_TORITO_ENTRY)
    {
      const guint8 *entry = catalog + offset;

      if (entry[0] == ENTRY_SECTION || entry[0] == ENTRY_LAST_SECTION)
        platform = entry[1];
      else if (entry[0] == ENTRY_BOOTABLE)
        note_platform (self, platform);
      else if (entry[0] != ENTRY_EXTENSION && offset > EL_TORITO_ENTRY)
        return;
    }
}

/* --- ISO 9660 --- */

static void
read_primary (ValiseIso *self, const guint8 *descriptor)
{
  self->iso9660 = TRUE;
  replace_text (&self->system, read_text (descriptor + 8, 32));
  replace_text (&self->label, read_text (descriptor + 40, 32));
  replace_text (&self->publisher, read_text (descriptor + 318, 128));
  replace_text (&self->application, read_text (descriptor + 574, 128));
  self->volume_size = (guint64) valise_bytes_get_le32 (descriptor + 80) * valise_bytes_get_le16 (descriptor + 128);
}

static void
read_boot_record (ValiseIso *self, int fd, const guint8 *descriptor)
{
  static const char name[] = "EL TORITO SPECIFICATION";

  if (memcmp (descriptor + 7, name, strlen (name)) == 0)
    read_boot_catalog (self, fd, valise_bytes_get_le32 (descriptor + 0x47));
}

/* ISO 9660's descriptors and UDF's recognition sequence share the same sectors. %FALSE at the end of both. */
static gboolean
read_descriptor (ValiseIso *self, int fd, guint number, gboolean *ended)
{
  guint8 descriptor[SECTOR];
  const char *name = (const char *) descriptor + 1;

  if (!read_sector (fd, FIRST_DESCRIPTOR + number, descriptor))
    return FALSE;
  if (memcmp (name, "NSR02", 5) == 0 || memcmp (name, "NSR03", 5) == 0)
    self->udf = TRUE;
  if (memcmp (name, "BEA01", 5) == 0 || memcmp (name, "NSR0", 4) == 0 || memcmp (name, "BOOT2", 5) == 0)
    return TRUE;
  if (memcmp (name, "CD001", 5) != 0 || *ended)
    return FALSE;
  if (descriptor[0] == DESCRIPTOR_PRIMARY && !self->iso9660)
    read_primary (self, descriptor);
  else if (descriptor[0] == DESCRIPTOR_BOOT)
    read_boot_record (self, fd, descriptor);
  *ended = descriptor[0] == DESCRIPTOR_END;
  return TRUE;
}

/* --- UDF --- */

enum
{
  UDF_PRIMARY = 1,
  UDF_ANCHOR_POINTER = 2,
  UDF_TERMINATOR = 8,
};

/* A "dstring": its last byte counts the others, its first one says 8 or 16 bits a character. */
static char *
read_dstring (const guint8 *bytes, gsize field)
{
  gsize length = bytes[field - 1];
  g_autofree char *text = NULL;
  g_autofree char *shown = NULL;

  if (length < 2 || length > field - 1)
    return g_strdup ("");
  if (bytes[0] == 16)
    text = g_convert ((const char *) bytes + 1, (gssize) ((length - 1) & ~(gsize) 1), "UTF-8", "UTF-16BE", NULL, NULL,
                      NULL);
  else
    text = g_convert ((const char *) bytes + 1, (gssize) (length - 1), "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
  shown = text != NULL ? valise_text_for_display (text, TEXT_MAX) : g_strdup ("");
  return g_strdup (g_strstrip (shown));
}

static void
read_udf_label (ValiseIso *self, int fd)
{
  guint8 sector[SECTOR];
  guint32 start, count;

  if (!read_sector (fd, UDF_ANCHOR, sector) || valise_bytes_get_le16 (sector) != UDF_ANCHOR_POINTER)
    return;
  count = MIN (valise_bytes_get_le32 (sector + 16) / SECTOR, UDF_SEQUENCE_MAX);
  start = valise_bytes_get_le32 (sector + 20);
  for (guint32 i = 0; i < count && read_sector (fd, (guint64) start + i, sector); i++)
    {
      if (valise_bytes_get_le16 (sector) == UDF_TERMINATOR)
        return;
      if (valise_bytes_get_le16 (sector) == UDF_PRIMARY)
        {
          replace_text (&self->label, read_dstring (sector + 24, 32));
          return;
        }
    }
}

/* --- public --- */

ValiseIso *
valise_iso_read_fd (int fd, const char *name, GError **error)
{
  g_autoptr (ValiseIso) self = g_new0 (ValiseIso, 1);
  gboolean ended = FALSE;
  struct stat status;

  g_return_val_if_fail (fd >= 0 && name != NULL, NULL);

  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    {
      g_set_error (error, VALISE_ISO_ERROR, VALISE_ISO_ERROR_UNREADABLE, _ ("%s is not a plain file."), name);
      return NULL;
    }
  self->label = g_strdup ("");
  self->system = g_strdup ("");
  self->publisher = g_strdup ("");
  self->application = g_strdup ("");
  for (guint i = 0; i < DESCRIPTORS_MAX && read_descriptor (self, fd, i, &ended); i++)
    ;
  if (self->udf && *self->label == '\0')
    read_udf_label (self, fd);
  if (!self->iso9660 && !self->udf)
    {
      g_set_error (error, VALISE_ISO_ERROR, VALISE_ISO_ERROR_NOT_AN_ISO,
                   _ ("%s is not an ISO image: it has neither an ISO 9660 nor a UDF file system. Choose an installer's "
                      ".iso file."),
                   name);
      return NULL;
    }
  return g_steal_pointer (&self);
}

ValiseIso *
valise_iso_read (const char *path, GError **error)
{
  int fd;
  ValiseIso *self;

  g_return_val_if_fail (path != NULL, NULL);

  fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    {
      g_set_error (error, VALISE_ISO_ERROR, VALISE_ISO_ERROR_UNREADABLE, _ ("%s cannot be opened: %s"), path,
                   g_strerror (errno));
      return NULL;
    }
  self = valise_iso_read_fd (fd, path, error);
  close (fd);
  return self;
}

void
valise_iso_free (ValiseIso *self)
{
  if (self == NULL)
    return;
  g_free (self->label);
  g_free (self->system);
  g_free (self->publisher);
  g_free (self->application);
  g_free (self);
}
