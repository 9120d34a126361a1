/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk alone: what a person has of a machine is one image, as it comes from a cloud, a board's maker or another
 * program. It is asked last of all, and only for a file that was named, or that is alone in an archive. */
#include "formats/valise-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "formats/valise-disk-header.h"

#define LEAST_RAW (64 * 1024)
#define SECTOR 512
#define ISO_MAGIC 0x8001

/* Left out of the name, from its end. */
static const char *const suffixes[] = { ".gz",  ".xz",  ".zst",  ".qcow2", ".img", ".raw", ".vmdk",
                                        ".vdi", ".vhd", ".vhdx", ".qed",   ".dd",  ".hds", NULL };
static const char *const raw_suffixes[] = { ".img", ".raw", ".dd", NULL };

/* --- names --- */

static char *
cut_suffix (const char *name, const char *const *list)
{
  for (gsize i = 0; list[i] != NULL; i++)
    {
      gsize length = strlen (name), tail = strlen (list[i]);

      if (length > tail && g_ascii_strcasecmp (name + length - tail, list[i]) == 0)
        return g_strndup (name, length - tail);
    }
  return NULL;
}

static char *
make_name (const char *file)
{
  char *name = g_path_get_basename (file), *shorter;

  while ((shorter = cut_suffix (name, suffixes)) != NULL)
    {
      g_free (name);
      name = shorter;
    }
  return name;
}

static const char *
find_word (const char *name, const char *const (*words)[2])
{
  g_autofree char *small = g_ascii_strdown (name, -1);

  for (; (*words)[0] != NULL; words++)
    if (strstr (small, (*words)[0]) != NULL)
      return (*words)[1];
  return NULL;
}

static const char *const archs[][2] = {
  { "amd64", "x86_64" },    { "x86_64", "x86_64" }, { "x86-64", "x86_64" },   { "arm64", "aarch64" },
  { "aarch64", "aarch64" }, { "ppc64", "ppc64le" }, { "riscv64", "riscv64" }, { "s390x", "s390x" },
  { "i386", "i686" },       { "i686", "i686" },     { "armhf", "armv7l" },    { NULL, NULL },
};
static const char *const systems[][2] = {
  { "debian", "debian" },      { "ubuntu", "ubuntu" },  { "cloudimg", "ubuntu" }, { "fedora", "fedora" },
  { "centos", "centos" },      { "rocky", "rocky" },    { "almalinux", "alma" },  { "opensuse", "opensuse" },
  { "alpine", "alpinelinux" }, { "arch", "archlinux" }, { "freebsd", "freebsd" }, { NULL, NULL },
};
static const char *const clouds[][2] = {
  { "genericcloud", "" }, { "generic-cloud", "" }, { "cloudimg", "" }, { "cloud-base", "" }, { "cloudinit", "" },
  { "-cloud", "" },       { "openstack", "" },     { "azure", "" },    { NULL, NULL },
};

/* --- what it is --- */

/* A file that a person picked may be one of the pieces; the one that names them all lies beside it. */
static const ValisePackageMember *
find_whole (ValisePackage *package, const ValisePackageMember *member)
{
  g_autoptr (GRegex) piece = g_regex_new ("-(flat|[sf][0-9]{3})\\.vmdk$", G_REGEX_CASELESS, 0, NULL);
  g_autofree char *name = g_utf8_validate (member->name, -1, NULL)
                              ? g_regex_replace_literal (piece, member->name, -1, 0, ".vmdk", 0, NULL)
                              : NULL;
  const ValisePackageMember *whole = name != NULL ? valise_package_lookup (package, name) : NULL;

  return whole != NULL ? whole : member;
}

/* The file that was named, or, as disks are packed on Windows, all that there is in an archive. */
static const ValisePackageMember *
find_disk (ValisePackage *package)
{
  const ValisePackageMember *member = valise_package_get_main (package);
  GPtrArray *members = valise_package_get_members (package);

  if (member == NULL && valise_package_is_archive (package) && members->len == 1)
    member = members->pdata[0];
  return member != NULL ? find_whole (package, member) : NULL;
}

static gboolean
is_iso (ValisePackage *package, const ValisePackageMember *member)
{
  char magic[5];

  return valise_package_peek (package, member, ISO_MAGIC, magic, sizeof magic) == sizeof magic
         && (memcmp (magic, "CD001", sizeof magic) == 0 || memcmp (magic, "BEA01", sizeof magic) == 0);
}

static gboolean
is_called_raw (const char *file)
{
  static const char *const packed[] = { ".gz", ".xz", ".zst", NULL };
  g_autofree char *plain = cut_suffix (file, packed);
  g_autofree char *stem = cut_suffix (plain != NULL ? plain : file, raw_suffixes);

  return stem != NULL;
}

static gboolean
recognise (ValisePackage *package)
{
  const ValisePackageMember *member = find_disk (package);
  g_autoptr (ValiseDiskHeader) header = NULL;

  if (member == NULL || is_iso (package, member))
    return FALSE;
  header = valise_disk_header_read (package, member);
  if (!g_str_equal (header->format, "raw") || header->looks_raw)
    return TRUE;
  return is_called_raw (member->name)
         && (header->compression != NULL || (member->size >= LEAST_RAW && member->size % SECTOR == 0));
}

/* --- read --- */

static void
guess (ValiseBlueprint *blueprint, ValiseBlueprintDrive *drive, const char *file)
{
  blueprint->arch = g_strdup (find_word (file, archs));
  blueprint->os_type = g_strdup (find_word (file, systems));
  if (g_strcmp0 (blueprint->arch, "aarch64") == 0)
    blueprint->firmware = VALISE_BLUEPRINT_FIRMWARE_EFI;
  if (find_word (file, clouds) == NULL)
    return;
  drive->bus = g_strdup ("virtio");
  valise_blueprint_tell (blueprint, VALISE_SEVERITY_WARNING, "cloud-image", file,
                         _ ("This looks like an image for clouds: nobody can log in before it was told a name and a "
                            "password or key."),
                         _ ("Give it a seed disc for cloud-init, or set a password with “virt-customize”."));
}

static GPtrArray *
read_machines (ValisePackage *package, const char *configuration, GError **error)
{
  const ValisePackageMember *member = find_disk (package);
  g_autofree char *name = make_name (member->name);
  ValiseBlueprint *blueprint = valise_blueprint_new ("disk", name);
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (blueprint, VALISE_BLUEPRINT_DISK);
  GPtrArray *machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);

  (void) configuration;
  (void) error;
  drive->file = g_strdup (member->name);
  valise_disk_header_apply (package, member, blueprint, drive, member->name);
  guess (blueprint, drive, member->name);
  g_ptr_array_add (machines, blueprint);
  return machines;
}

const ValiseReader valise_disk_reader = { "disk", recognise, read_machines };
