/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-drive-check-private.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-image-reach.h"
#include "formats/valise-disk-header.h"
#include "formats/valise-vmdk.h"

#define NAME_SHOWN 120
/* Of an image's tables, which is those of some hundred GiB: nobody waits long before he sees what he would get. The rest
 * is read when the disk is brought in. */
#define TABLES_MOST (64 * VALISE_MIB)

/* Two drives may have one image. @code: (nullable): what was told of it, or any reason not to take it. */
static gboolean
was_told (const ValiseBlueprint *blueprint, const char *code, const char *place)
{
  for (guint i = 0; i < blueprint->findings->len; i++)
    {
      const ValiseFinding *finding = blueprint->findings->pdata[i];
      gboolean meant = code != NULL ? g_str_equal (finding->code, code) : finding->severity == VALISE_SEVERITY_ERROR;

      if (meant && g_strcmp0 (finding->where, place) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
was_refused (const ValiseBlueprint *blueprint, const char *place)
{
  return was_told (blueprint, NULL, place);
}

/* --- as it lies there --- */

static const char *
choose_code (const GError *error)
{
  if (g_error_matches (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE))
    return "disk-outside";
  return g_error_matches (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT) ? "disk-format" : "disk-damaged";
}

/* What says that it needs others, and whose reader did not look for them. */
static void
find_others (ValisePackage *package,
             const ValisePackageMember *member,
             const ValiseForeignImage *image,
             ValiseBlueprint *blueprint,
             ValiseBlueprintDrive *drive,
             const char *place)
{
  if (drive->beside == NULL && g_str_equal (image->driver, "vmdk")
      && (image->parent != NULL || (image->extents != NULL && image->extents[0] != NULL)))
    valise_vmdk_attach (package, member, blueprint, drive);
  if (image->parent != NULL && drive->beside == NULL && !was_refused (blueprint, place))
    valise_blueprint_refuse (blueprint, "disk-difference", place,
                             _ ("The disk is only the difference to another file, which it does not name."),
                             _ ("Merge the two where the machine was made, for example by removing its snapshots."));
  if (image->zeros && !was_refused (blueprint, place))
    valise_blueprint_refuse (blueprint, "disk-format", place,
                             _ ("The disk has a part of zeros that lies in no file, which cannot be read here."),
                             _ ("Convert it where it was made, for example with “vmware-vdiskmanager -r”."));
}

/* @known: (nullable): what it is, when its own head is not to be asked. Returns: (transfer full): what it is, or %NULL */
static ValiseForeignImage *
look_at (ValisePackage *package,
         const ValisePackageMember *member,
         const char *known,
         GCancellable *cancellable,
         GError **error)
{
  ValiseImagePlace at = { .fd = -1, .name = member->name, .offset = member->offset, .size = member->size };
  g_autoptr (ValiseForeignImage) image = NULL;
  gboolean whole = FALSE;

  at.fd = valise_package_open_member (package, member, error);
  if (at.fd < 0)
    return NULL;
  image = known != NULL ? g_new0 (ValiseForeignImage, 1) : valise_foreign_image_look (&at, error);
  if (known != NULL)
    image->driver = known;
  whole = image != NULL && valise_image_check_reach (&at, image, TABLES_MOST, cancellable, error);
  close (at.fd);
  return whole ? g_steal_pointer (&image) : NULL;
}

static void
refuse (ValiseBlueprint *blueprint, const char *place, const GError *error)
{
  valise_blueprint_refuse (blueprint, choose_code (error), place, error->message, NULL);
}

/* Files of a VMDK, plain or sparse; which is which, the first bytes tell, with which no disk begins. */
static void
check_beside (ValisePackage *package, ValiseBlueprint *blueprint, char **names, GCancellable *cancellable)
{
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      const ValisePackageMember *member = valise_package_lookup (package, names[i]);
      g_autofree char *place = valise_text_for_display (names[i], NAME_SHOWN);
      g_autoptr (GError) error = NULL;
      g_autoptr (ValiseForeignImage) image = NULL;

      if (member == NULL || member->deflated || was_refused (blueprint, place))
        continue;
      image = look_at (package, member, "vmdk", cancellable, &error);
      if (image == NULL)
        refuse (blueprint, place, error);
    }
}

static void
tell_short (ValiseBlueprint *blueprint, const char *place, const char *text, const char *remedy)
{
  if (!was_told (blueprint, "disk-short", place))
    valise_blueprint_tell (blueprint, VALISE_SEVERITY_WARNING, "disk-short", place, text, remedy);
}

/* Nothing in a plain disk says where it should end; only the source may have said how long it is. */
static void
tell_length (ValiseBlueprint *blueprint, const ValiseBlueprintDrive *drive, guint64 bytes, const char *place)
{
  guint64 missing = drive->capacity - MIN (drive->capacity, bytes);
  guint64 more = drive->capacity > 0 ? bytes - MIN (drive->capacity, bytes) : 0;
  g_autofree char *size = valise_size_format (MAX (missing, more));
  g_autofree char *text =
      g_strdup_printf (missing > 0 ? _ ("The disk is %s shorter than it is said to be.")
                                   : _ ("The disk is %s longer than it is said to be; all of it comes in."),
                       size);

  if (missing > 0 && missing >= drive->capacity_step)
    tell_short (blueprint, place, text,
                _ ("If its file was not copied to its end, get it again: the guest would miss what lay there."));
  else if (more > 0 && !was_told (blueprint, "disk-longer", place))
    valise_blueprint_tell (blueprint, VALISE_SEVERITY_INFO, "disk-longer", place, text, NULL);
}

/* A fixed VHD is known by its end alone; without, it would be a plain disk, and some of its own may be missing too. */
static void
tell_plain (const ValisePackageMember *member,
            const ValiseForeignImage *image,
            ValiseBlueprint *blueprint,
            const ValiseBlueprintDrive *drive,
            const char *place)
{
  if (!g_str_equal (image->driver, "raw"))
    return;
  if (valise_package_member_ends (member, ".vhd"))
    tell_short (blueprint, place, _ ("The end of the VHD is missing, by which it is known."),
                _ ("Get the file again; copying it was cut short."));
  else
    tell_length (blueprint, drive, image->capacity, place);
}

static void
check_plain (ValisePackage *package,
             const ValisePackageMember *member,
             ValiseBlueprint *blueprint,
             ValiseBlueprintDrive *drive,
             const char *place,
             GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseForeignImage) image = look_at (package, member, NULL, cancellable, &error);

  if (image == NULL)
    {
      refuse (blueprint, place, error);
      return;
    }
  tell_plain (member, image, blueprint, drive, place);
  find_others (package, member, image, blueprint, drive, place);
  check_beside (package, blueprint, drive->beside, cancellable);
}

/* --- in pieces --- */

/* They make no image before they are put together, but of a plain disk their length is its own. */
static void
check_pieces (ValisePackage *package, ValiseBlueprint *blueprint, const ValiseBlueprintDrive *drive)
{
  const ValisePackageMember *first = valise_package_lookup (package, drive->parts[0]);
  g_autoptr (ValiseDiskHeader) header = first != NULL ? valise_disk_header_read (package, first) : NULL;
  g_autofree char *place = valise_text_for_display (drive->parts[0], NAME_SHOWN);
  guint64 bytes = 0;

  if (header == NULL || header->compression != NULL || !g_str_equal (header->format, "raw"))
    return;
  for (char **name = drive->parts; *name != NULL; name++)
    {
      const ValisePackageMember *member = valise_package_lookup (package, *name);

      if (member == NULL)
        return;
      bytes += member->size;
    }
  tell_length (blueprint, drive, bytes, place);
}

/* --- packed --- */

static void
check_packed (ValisePackage *package, const ValisePackageMember *member, ValiseBlueprint *blueprint, const char *place)
{
  g_autoptr (ValiseDiskHeader) header = valise_disk_header_read (package, member);

  if (header->code != NULL)
    valise_blueprint_refuse (blueprint, header->code, place, header->text, header->remedy);
}

static void
check_drive (ValisePackage *package, ValiseBlueprint *blueprint, ValiseBlueprintDrive *drive, GCancellable *cancellable)
{
  const ValisePackageMember *member = drive->member != NULL ? valise_package_lookup (package, drive->member) : NULL;
  g_autofree char *place = member != NULL ? valise_text_for_display (member->name, NAME_SHOWN) : NULL;

  if (drive->parts != NULL && drive->parts[0] != NULL && drive->compression == NULL)
    check_pieces (package, blueprint, drive);
  if (member == NULL || drive->parts != NULL || was_refused (blueprint, place))
    return;
  if (drive->compression != NULL || member->deflated)
    check_packed (package, member, blueprint, place);
  else
    check_plain (package, member, blueprint, drive, place, cancellable);
}

gboolean
_valise_drive_check (ValisePackage *package, ValiseBlueprint *blueprint, GCancellable *cancellable, GError **error)
{
  /* Whoever is told of one reason that nothing comes of it needs no other. */
  gboolean refused = blueprint->refused;

  for (guint i = 0; !refused && i < blueprint->drives->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      ValiseBlueprintDrive *drive = blueprint->drives->pdata[i];

      if (drive->device == VALISE_BLUEPRINT_DISK)
        check_drive (package, blueprint, drive, cancellable);
    }
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}
