/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kind of disk image a stranger's file is, by its first bytes. Only what a person is told and what decides who opens
 * it is read here; the tables behind the head are for the program that converts it. */
#include "formats/valise-disk-header-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-bytes.h"
#include "base/valise-path.h"
#include "bundle/valise-libarchive.h"
#include "formats/valise-vmdk.h"

#define HEAD 4096
#define SECTOR 512
#define LONGEST_NAME 200
#define INFLATED (256 * 1024)
#define QCOW_DATA_FILE (1u << 2)
#define VPC_FIXED 2
#define VPC_DYNAMIC 3
#define VDI_DIFFERENCE 4
#define QED_BACKING 1

/* --- bytes --- */

gsize
_valise_disk_look (const ValiseDiskLook *self, guint64 at, gpointer buffer, gsize length)
{
  if (self->inflated == NULL)
    return valise_package_peek (self->package, self->member, at, buffer, length);
  if (at >= self->inflated_length)
    return 0;
  length = MIN (length, self->inflated_length - (gsize) at);
  memcpy (buffer, self->inflated + at, length);
  return length;
}

static char *
read_text (const ValiseDiskLook *look, guint64 at, gsize length)
{
  g_autofree char *text = g_malloc0 (length + 1);

  _valise_disk_look (look, at, text, length);
  return valise_text_for_display (text, LONGEST_NAME);
}

/* --- reasons --- */

void
_valise_disk_header_refuse (ValiseDiskHeader *self, const char *code, char *text, const char *remedy)
{
  g_autofree char *owned = text;

  if (self->code != NULL)
    return;
  self->code = code;
  self->text = g_steal_pointer (&owned);
  self->remedy = g_strdup (remedy);
}

void
_valise_disk_header_needs (ValiseDiskHeader *self, const char *name)
{
  g_autofree char *shown = name != NULL ? valise_text_for_display (name, LONGEST_NAME) : NULL;

  if (self->needs == NULL)
    self->needs = g_strdup (shown != NULL ? shown : "?");
  _valise_disk_header_refuse (
      self, "disk-difference",
      g_strdup_printf (_ ("The disk is only the difference to another file, “%s”."), self->needs),
      _ ("Merge the two where the machine was made, for example by removing its snapshots or by a full clone."));
}

static void
refuse_encrypted (ValiseDiskHeader *self)
{
  _valise_disk_header_refuse (self, "disk-encrypted", g_strdup (_ ("The disk is encrypted.")),
                              _ ("Take the encryption off where the machine was made, and export it again."));
}

/* --- formats --- */

static void
read_qcow2 (ValiseDiskHeader *self, const ValiseDiskLook *look, const guint8 *head, gsize length)
{
  guint32 version = valise_bytes_get_be32 (head + 4);
  guint32 name_length = valise_bytes_get_be32 (head + 16);

  self->format = "qcow2";
  self->size = valise_bytes_get_be64 (head + 24);
  self->snapshots = valise_bytes_get_be32 (head + 60);
  if (version != 2 && version != 3)
    _valise_disk_header_refuse (self, "disk-format", g_strdup_printf (_ ("The disk is of qcow version %u."), version),
                                _ ("Convert it with “qemu-img convert -O qcow2”."));
  if (valise_bytes_get_be64 (head + 8) != 0 || name_length != 0)
    {
      g_autofree char *name = read_text (look, valise_bytes_get_be64 (head + 8), MIN (name_length, 1023));

      _valise_disk_header_needs (self, name);
    }
  if (version == 3 && length >= 80 && (valise_bytes_get_be64 (head + 72) & QCOW_DATA_FILE))
    _valise_disk_header_refuse (self, "disk-outside", g_strdup (_ ("The disk keeps its data in another file.")),
                                _ ("Make it one file with “qemu-img convert -O qcow2”."));
  if (valise_bytes_get_be32 (head + 32) != 0)
    refuse_encrypted (self);
}

static void
read_qed (ValiseDiskHeader *self, const ValiseDiskLook *look, const guint8 *head, gsize length)
{
  (void) length;
  self->format = "qed";
  self->size = valise_bytes_get_le64 (head + 48);
  if (valise_bytes_get_le64 (head + 16) & QED_BACKING)
    {
      g_autofree char *name =
          read_text (look, valise_bytes_get_le32 (head + 56), MIN (valise_bytes_get_le32 (head + 60), 1023));

      _valise_disk_header_needs (self, name);
    }
}

static void
read_vdi (ValiseDiskHeader *self, const ValiseDiskLook *look, const guint8 *head, gsize length)
{
  static const guint8 nobody[16];

  (void) look;
  self->format = "vdi";
  if (length < SECTOR)
    return;
  self->size = valise_bytes_get_le64 (head + 0x170);
  if (valise_bytes_get_le32 (head + 0x4c) == VDI_DIFFERENCE || memcmp (head + 0x1a8, nobody, sizeof nobody) != 0)
    _valise_disk_header_needs (self, NULL);
}

static void
read_vpc (ValiseDiskHeader *self, const guint8 *footer)
{
  guint32 kind = valise_bytes_get_be32 (footer + 60);

  self->format = "vpc";
  self->size = valise_bytes_get_be64 (footer + 48);
  self->variant = g_strdup (kind == VPC_FIXED ? "fixed" : kind == VPC_DYNAMIC ? "dynamic" : "differencing");
  if (kind != VPC_FIXED && kind != VPC_DYNAMIC)
    _valise_disk_header_needs (self, NULL);
}

static void
read_vpc_head (ValiseDiskHeader *self, const ValiseDiskLook *look, const guint8 *head, gsize length)
{
  (void) look;
  self->format = "vpc";
  if (length >= SECTOR)
    read_vpc (self, head);
}

static void
read_vhdx (ValiseDiskHeader *self, const ValiseDiskLook *look, const guint8 *head, gsize length)
{
  (void) head;
  (void) length;
  _valise_vhdx_header_read (self, look);
}

static void
read_parallels (ValiseDiskHeader *self, const ValiseDiskLook *look, const guint8 *head, gsize length)
{
  guint64 sectors = valise_bytes_get_le64 (head + 36);

  (void) look;
  (void) length;
  self->format = "parallels";
  self->size = sectors <= G_MAXINT64 / SECTOR ? sectors * SECTOR : 0;
}

/* The description is read by who knows all of it; a head that lies compressed tells the size alone. */
static void
read_vmdk (ValiseDiskHeader *self, const ValiseDiskLook *look, const guint8 *head, gsize length)
{
  (void) look;
  self->format = "vmdk";
  if (head[0] == 'K' && length >= SECTOR && valise_bytes_get_le64 (head + 12) <= G_MAXINT64 / SECTOR)
    self->size = valise_bytes_get_le64 (head + 12) * SECTOR;
}

static void
refuse_asif (ValiseDiskHeader *self, const ValiseDiskLook *look, const guint8 *head, gsize length)
{
  (void) look;
  (void) head;
  (void) length;
  self->format = "asif";
  _valise_disk_header_refuse (
      self, "disk-format", g_strdup (_ ("The disk is an Apple sparse image, which no program outside macOS reads.")),
      _ ("Convert it on the Mac: “diskutil image create from --format RAW DISK NEW”. Then bring in the new one."));
}

static const struct
{
  gsize at;
  const char *magic;
  gsize length;
  void (*read) (ValiseDiskHeader *self, const ValiseDiskLook *look, const guint8 *head, gsize length);
} known[] = {
  { 0, "QFI\xfb", 4, read_qcow2 },
  { 0, "QED\0", 4, read_qed },
  { 0, "KDMV", 4, read_vmdk },
  { 0, "COWD", 4, read_vmdk },
  { 0, "# Disk Descriptor", 17, read_vmdk },
  { 0, "vhdxfile", 8, read_vhdx },
  { 0, "conectix", 8, read_vpc_head },
  { 64, "\x7f\x10\xda\xbe", 4, read_vdi },
  { 0, "WithoutFreeSpace", 16, read_parallels },
  { 0, "WithouFreSpacExt", 16, read_parallels },
  { 0, "shdw", 4, refuse_asif },
};

/* --- no magic --- */

/* A partition table (of PCs or GPT), or a file system without one: ext, XFS, Btrfs. */
static gboolean
shows_disk (const ValiseDiskLook *look, const guint8 *head, gsize length)
{
  guint8 magic[8];

  if (length >= 1082 && head[1080] == 0x53 && head[1081] == 0xef)
    return TRUE;
  if (memcmp (head, "XFSB", 4) == 0 || (length >= SECTOR + 8 && memcmp (head + SECTOR, "EFI PART", 8) == 0))
    return TRUE;
  if (_valise_disk_look (look, 0x10040, magic, sizeof magic) == sizeof magic && memcmp (magic, "_BHRfS_M", 8) == 0)
    return TRUE;
  /* The same two bytes end the first sector of a Linux kernel, which says more a little further on. */
  return head[510] == 0x55 && head[511] == 0xaa && (length < 0x206 || memcmp (head + 0x202, "HdrS", 4) != 0);
}

/* Of two formats only the end says what they are. */
static gboolean
read_footer (ValiseDiskHeader *self, const ValiseDiskLook *look)
{
  guint8 footer[SECTOR];

  if (look->length < 2 * SECTOR
      || _valise_disk_look (look, look->length - SECTOR, footer, sizeof footer) != sizeof footer)
    return FALSE;
  if (memcmp (footer, "conectix", 8) == 0)
    read_vpc (self, footer);
  else if (memcmp (footer, "koly", 4) == 0)
    {
      self->format = "dmg";
      _valise_disk_header_refuse (self, "disk-format", g_strdup (_ ("The disk is an Apple disk image (DMG).")),
                                  _ ("Convert it with “qemu-img convert -f dmg -O qcow2”, if you trust it."));
    }
  else
    return FALSE;
  return TRUE;
}

static void
read_raw (ValiseDiskHeader *self, const ValiseDiskLook *look, const guint8 *head, gsize length)
{
  self->format = "raw";
  if (read_footer (self, look))
    return;
  self->size = look->length;
  self->looks_raw = length >= SECTOR && shows_disk (look, head, length);
}

static void
read_image (ValiseDiskHeader *self, const ValiseDiskLook *look)
{
  g_autofree guint8 *head = g_malloc0 (HEAD);
  gsize length = _valise_disk_look (look, 0, head, HEAD);

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].at + known[i].length <= length && memcmp (head + known[i].at, known[i].magic, known[i].length) == 0)
      {
        known[i].read (self, look, head, length);
        if (self->size > G_MAXINT64)
          self->size = 0;
        return;
      }
  read_raw (self, look, head, length);
}

/* --- compressed --- */

static const struct
{
  const char *magic;
  gsize length;
  const char *name;
  int filter; /* libarchive's */
} compressions[] = {
  { "\x1f\x8b\x08", 3, "gzip", ARCHIVE_FILTER_GZIP },
  { "\xfd"
    "7zXZ\0",
    6, "xz", ARCHIVE_FILTER_XZ },
  { "\x28\xb5\x2f\xfd", 4, "zstd", ARCHIVE_FILTER_ZSTD },
};

typedef struct archive Archive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_read_free)

typedef struct
{
  GInputStream *stream;
  guint8 buffer[16384];
} Feed;

static la_ssize_t
feed (struct archive *archive, void *data, const void **buffer)
{
  Feed *self = data;

  (void) archive;
  *buffer = self->buffer;
  return g_input_stream_read (self->stream, self->buffer, sizeof self->buffer, NULL, NULL);
}

static gsize
inflate_head (GInputStream *stream, gsize kind, guint8 *buffer, gsize length, int *layers)
{
  g_autoptr (Archive) archive = NULL;
  g_autofree Feed *source = g_new0 (Feed, 1);
  struct archive_entry *entry;
  gsize done = 0;

  if (!valise_late_load (&valise_libarchive, NULL))
    return 0;
  archive = archive_read_new ();
  source->stream = stream;
  archive_read_support_format_raw (archive);
  /* A warning would mean that another program is started for it. */
  if (archive_read_support_filter_by_code (archive, compressions[kind].filter) != ARCHIVE_OK
      || archive_read_open (archive, source, NULL, feed, NULL) != ARCHIVE_OK
      || archive_read_next_header (archive, &entry) != ARCHIVE_OK)
    return 0;
  /* One of them is the file itself. libarchive goes on as long as what comes out is packed again. */
  *layers = archive_filter_count (archive) - 1;
  while (done < length)
    {
      la_ssize_t got = archive_read_data (archive, buffer + done, length - done);

      if (got <= 0)
        break;
      done += (gsize) got;
    }
  return done;
}

static gboolean
find_compression (const ValiseDiskLook *look, gsize *kind)
{
  guint8 head[8];
  gsize length = _valise_disk_look (look, 0, head, sizeof head);

  for (gsize i = 0; i < G_N_ELEMENTS (compressions); i++)
    if (length >= compressions[i].length && memcmp (head, compressions[i].magic, compressions[i].length) == 0)
      {
        *kind = i;
        return TRUE;
      }
  return FALSE;
}

/* What lies in a compressed file is looked at as far as one small buffer goes. */
static gboolean
read_compressed (ValiseDiskHeader *self, const ValiseDiskLook *packed, gsize kind)
{
  g_autoptr (GInputStream) stream = valise_package_stream (packed->package, packed->member, NULL);
  g_autofree guint8 *buffer = g_malloc (INFLATED);
  ValiseDiskLook look = { .inflated = buffer };
  int layers = 0;

  self->compression = compressions[kind].name;
  look.inflated_length = stream != NULL ? inflate_head (stream, kind, buffer, INFLATED, &layers) : 0;
  if (look.inflated_length == 0)
    {
      self->format = "raw";
      _valise_disk_header_refuse (self, "disk-damaged", g_strdup (_ ("The compressed file cannot be read.")),
                                  _ ("Get it again; it may not have been copied to its end."));
      return FALSE;
    }
  read_image (self, &look);
  if (layers > 1)
    _valise_disk_header_refuse (self, "disk-compression", g_strdup (_ ("The disk is compressed more than once.")),
                                _ ("Unpack it, then bring in what comes out."));
  return TRUE;
}

/* --- public --- */

ValiseDiskHeader *
valise_disk_header_read (ValisePackage *package, const ValisePackageMember *member)
{
  ValiseDiskHeader *self = g_new0 (ValiseDiskHeader, 1);
  ValiseDiskLook look = { .package = package, .member = member, .length = member->size };
  gsize kind;

  if (find_compression (&look, &kind))
    read_compressed (self, &look, kind);
  else
    read_image (self, &look);
  return self;
}

void
valise_disk_header_free (ValiseDiskHeader *self)
{
  g_free (self->variant);
  g_free (self->needs);
  g_free (self->text);
  g_free (self->remedy);
  g_free (self);
}

void
valise_disk_header_apply (ValisePackage *package,
                          const ValisePackageMember *member,
                          ValiseBlueprint *blueprint,
                          ValiseBlueprintDrive *drive,
                          const char *place)
{
  g_autoptr (ValiseDiskHeader) header = valise_disk_header_read (package, member);

  g_free (drive->member);
  drive->member = g_strdup (member->name);
  g_free (drive->format);
  drive->format =
      header->variant != NULL ? g_strconcat (header->format, "-", header->variant, NULL) : g_strdup (header->format);
  drive->capacity = header->size;
  drive->compression = header->compression;
  if (g_str_equal (header->format, "vmdk") && header->compression == NULL)
    valise_vmdk_attach (package, member, blueprint, drive);
  if (header->code != NULL)
    valise_blueprint_refuse (blueprint, header->code, place, header->text, header->remedy);
  if (header->snapshots > 0)
    valise_blueprint_tell (blueprint, VALISE_SEVERITY_INFO, "snapshots-left", place,
                           _ ("The disk holds earlier states; only its present state comes in."), NULL);
}
