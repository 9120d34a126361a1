/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-vmdk.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "formats/valise-reader.h"

#define DEEPEST 64
#define NAME_SHOWN 120

/* What is looked through; @seen are the members of the image, in the order in which they were found. */
typedef struct
{
  ValisePackage *package;
  ValiseBlueprint *blueprint;
  GPtrArray *seen;
} Chain;

static gboolean
refuse (Chain *self, const char *code, const char *place, const char *text, const char *remedy)
{
  g_autofree char *shown = valise_text_for_display (place, NAME_SHOWN);

  valise_blueprint_refuse (self->blueprint, code, shown, text, remedy);
  return FALSE;
}

/* Beside the file that names it and nowhere else: QEMU opens it by that very name. */
static const ValisePackageMember *
find_beside (Chain *self, const ValisePackageMember *member, const char *name)
{
  g_autofree char *folder = g_path_get_dirname (member->name);
  g_autofree char *path = g_str_equal (folder, ".") ? g_strdup (name) : g_strconcat (folder, "/", name, NULL);

  if (strpbrk (name, "/\\|") != NULL)
    return NULL;
  return valise_package_lookup (self->package, path);
}

static gboolean
was_seen (Chain *self, const char *name)
{
  return g_ptr_array_find_with_equal_func (self->seen, name, g_str_equal, NULL);
}

static gboolean
refuse_missing (Chain *self, const ValisePackageMember *member, const char *name, const char *code)
{
  g_autofree char *shown = valise_text_for_display (name, NAME_SHOWN);
  g_autofree char *text = g_strdup_printf (_ ("The disk needs the file “%s”, which is not beside it."), shown);

  return refuse (self, code, member->name, text,
                 _ ("Copy all files of the machine into one folder, or have VMware make one disk of it (“Clean up "
                    "disks”, or a full clone), and bring it in again."));
}

static gboolean
refuse_device (Chain *self, const ValisePackageMember *member)
{
  return refuse (self, "disk-device", member->name, _ ("The disk lies on a device of another computer."),
                 _ ("Start the machine where it came from, copy that disk into a file, and use the file."));
}

static gboolean
check_extent_size (Chain *self, const ValiseVmdkExtent *extent, const ValisePackageMember *member)
{
  gboolean flat = g_ascii_strcasecmp (extent->kind, "FLAT") == 0 || g_ascii_strcasecmp (extent->kind, "VMFS") == 0;

  if (!flat || (extent->offset <= member->size && extent->bytes <= member->size - extent->offset))
    return TRUE;
  return refuse (self, "disk-short", member->name, _ ("The file is shorter than the disk is that lies in it."),
                 _ ("Get the file again; copying it was cut short."));
}

/* A piece is a plain sparse file; one that points on to others would be followed by QEMU, unseen by us. */
static gboolean
check_extent_header (Chain *self, const ValiseVmdkExtent *extent, const ValisePackageMember *member)
{
  g_autoptr (ValiseVmdk) inner = NULL;
  g_autoptr (GError) error = NULL;

  if (g_ascii_strcasecmp (extent->kind, "SPARSE") != 0 && g_ascii_strcasecmp (extent->kind, "VMFSSPARSE") != 0)
    return TRUE;
  inner = valise_vmdk_read (self->package, member, &error);
  if (inner != NULL && inner->extents->len == 0)
    return TRUE;
  return refuse (self, "disk-damaged", member->name,
                 error != NULL ? error->message : _ ("A piece of a disk consists of further pieces."), NULL);
}

static gboolean
add_extent (Chain *self, const ValisePackageMember *member, const ValiseVmdkExtent *extent)
{
  static const char *const kinds[] = { "SPARSE", "FLAT", "VMFS", "VMFSSPARSE", "SESPARSE", NULL };
  const ValisePackageMember *piece;
  gboolean known = FALSE;

  if (g_ascii_strcasecmp (extent->kind, "ZERO") == 0 && extent->file == NULL)
    return TRUE;
  for (gsize i = 0; kinds[i] != NULL; i++)
    known = known || g_ascii_strcasecmp (kinds[i], extent->kind) == 0;
  if (!known || extent->file == NULL)
    return refuse_device (self, member);
  piece = find_beside (self, member, extent->file);
  if (piece == NULL)
    return refuse_missing (self, member, extent->file, "disk-extent-missing");
  if (was_seen (self, piece->name))
    return refuse (self, "disk-damaged", member->name, _ ("The disk uses the same file twice."), NULL);
  g_ptr_array_add (self->seen, g_strdup (piece->name));
  return check_extent_size (self, extent, piece) && check_extent_header (self, extent, piece);
}

static gboolean
add_extents (Chain *self, const ValisePackageMember *member, ValiseVmdk *disk)
{
  for (guint i = 0; i < disk->extents->len; i++)
    if (!add_extent (self, member, disk->extents->pdata[i]))
      return FALSE;
  return TRUE;
}

static ValiseVmdk *
read_link (Chain *self, const ValisePackageMember *member)
{
  g_autoptr (GError) error = NULL;
  ValiseVmdk *disk = valise_vmdk_read (self->package, member, &error);

  if (disk != NULL)
    return disk;
  if (g_error_matches (error, VALISE_READER_ERROR, VALISE_READER_ERROR_REFUSED))
    refuse_device (self, member);
  else
    refuse (self, "disk-damaged", member->name, error->message, _ ("Get the file again from where it came."));
  return NULL;
}

/* (transfer full) (nullable): the image that @disk is the difference to; its member in @member */
static ValiseVmdk *
read_parent (Chain *self, ValiseVmdk *disk, const ValisePackageMember **member)
{
  const ValisePackageMember *found = find_beside (self, *member, disk->parent);
  g_autoptr (ValiseVmdk) parent = NULL;

  if (found == NULL)
    {
      refuse_missing (self, *member, disk->parent, "disk-parent-missing");
      return NULL;
    }
  if (was_seen (self, found->name))
    {
      refuse (self, "disk-loop", found->name, _ ("The disk is the difference to itself."), NULL);
      return NULL;
    }
  g_ptr_array_add (self->seen, g_strdup (found->name));
  parent = read_link (self, found);
  if (parent == NULL)
    return NULL;
  if (parent->cid != disk->parent_cid)
    {
      refuse (self, "disk-parent-changed", found->name,
              _ ("The disk below a snapshot was changed after the snapshot was made, so the two no longer belong "
                 "together."),
              _ ("Use the file from a backup, or bring in the lower disk alone as a disk of its own."));
      return NULL;
    }
  *member = found;
  return g_steal_pointer (&parent);
}

/* Returns: the number of differences, or -1 when something was refused */
static int
walk (Chain *self, const ValisePackageMember *member, guint64 *capacity)
{
  g_autoptr (ValiseVmdk) disk = read_link (self, member);

  *capacity = disk != NULL ? disk->capacity : 0;
  for (int depth = 0; disk != NULL && add_extents (self, member, disk); depth++)
    {
      ValiseVmdk *parent;

      if (disk->parent == NULL)
        return depth;
      if (depth >= DEEPEST)
        {
          refuse (self, "disk-loop", member->name, _ ("The disk has more snapshots than any real one."), NULL);
          return -1;
        }
      parent = read_parent (self, disk, &member);
      valise_vmdk_free (disk);
      disk = parent;
    }
  return -1;
}

static void
tell_flattened (Chain *self, const char *place, int depth)
{
  g_autofree char *shown = valise_text_for_display (place, NAME_SHOWN);
  g_autofree char *text =
      g_strdup_printf (ngettext ("The disk is the difference to %d other file. It becomes one disk.",
                                 "The disk is the difference to %d other files. It becomes one "
                                 "disk.",
                                 (gulong) depth),
                       depth);

  valise_blueprint_tell (self->blueprint, VALISE_SEVERITY_INFO, "disk-flattened", shown, text, NULL);
}

static gboolean
has_packed (ValisePackage *package, char **names)
{
  gboolean packed = FALSE;

  for (; *names != NULL && !packed; names++)
    {
      const ValisePackageMember *member = valise_package_lookup (package, *names);

      packed = member != NULL && member->deflated;
    }
  return packed;
}

void
valise_vmdk_attach (ValisePackage *package,
                    const ValisePackageMember *member,
                    ValiseBlueprint *blueprint,
                    ValiseBlueprintDrive *drive)
{
  Chain chain = { .package = package, .blueprint = blueprint, .seen = g_ptr_array_new_with_free_func (g_free) };
  int depth;

  g_ptr_array_add (chain.seen, g_strdup (member->name));
  depth = walk (&chain, member, &drive->capacity);
  if (depth > 0)
    tell_flattened (&chain, member->name, depth);
  if (depth >= 0 && chain.seen->len > 1)
    {
      g_ptr_array_remove_index (chain.seen, 0);
      g_ptr_array_add (chain.seen, NULL);
      drive->beside = (char **) g_ptr_array_free (g_steal_pointer (&chain.seen), FALSE);
    }
  if (drive->beside != NULL && has_packed (package, drive->beside))
    refuse (&chain, "disk-in-archive", member->name,
            _ ("The disk consists of several files, which are packed in their archive."),
            _ ("Unpack the archive into a folder, and bring in the folder."));
  g_clear_pointer (&chain.seen, g_ptr_array_unref);
}
