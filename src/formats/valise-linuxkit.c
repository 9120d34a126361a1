/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What LinuxKit builds by default: a kernel, an initrd and the words for the kernel, three files that share a name. */
#include "formats/valise-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "formats/valise-disk-header.h"

#define KERNEL "-kernel"
#define INITRD "-initrd.img"
#define CMDLINE "-cmdline"
#define LONGEST_CMDLINE (64 * 1024)
#define MOST_MACHINES 64

static const char *const endings[] = { KERNEL, INITRD, CMDLINE, "-squashfs.img", "-erofs.img", NULL };
static const char *const roots[] = { "-squashfs.img", "-erofs.img", NULL };

static const ValisePackageMember *
find (ValisePackage *package, const char *stem, const char *ending)
{
  g_autofree char *name = g_strconcat (stem, ending, NULL);

  return valise_package_lookup (package, name);
}

static const ValisePackageMember *
find_root (ValisePackage *package, const char *stem)
{
  for (gsize i = 0; roots[i] != NULL; i++)
    if (find (package, stem, roots[i]) != NULL)
      return find (package, stem, roots[i]);
  return NULL;
}

/* A machine is a kernel with words for it, and something to go on with. */
static gboolean
is_whole (ValisePackage *package, const char *stem)
{
  return find (package, stem, KERNEL) != NULL && find (package, stem, CMDLINE) != NULL
         && (find (package, stem, INITRD) != NULL || find_root (package, stem) != NULL);
}

/* What stands before one of the endings, or NULL. (transfer full) */
static char *
get_stem (const char *name)
{
  for (gsize i = 0; endings[i] != NULL; i++)
    if (g_str_has_suffix (name, endings[i]) && strlen (name) > strlen (endings[i]))
      return g_strndup (name, strlen (name) - strlen (endings[i]));
  return NULL;
}

/* Of the file that was named, or of every kernel at the top. */
static GPtrArray *
find_stems (ValisePackage *package)
{
  GPtrArray *stems = g_ptr_array_new_with_free_func (g_free);
  const ValisePackageMember *main_member = valise_package_get_main (package);
  GPtrArray *members = valise_package_get_members (package);

  for (guint i = 0; i < members->len && stems->len < MOST_MACHINES; i++)
    {
      const ValisePackageMember *member = members->pdata[i];
      g_autofree char *stem = get_stem (member->name);
      gboolean wanted = main_member != NULL ? member == main_member : g_str_has_suffix (member->name, KERNEL);

      if (stem != NULL && wanted && strchr (stem, '/') == NULL && is_whole (package, stem))
        g_ptr_array_add (stems, g_steal_pointer (&stem));
    }
  return stems;
}

/* A kernel for PCs says so at its 514th byte, one for 64-bit ARM at its 56th. */
static const char *
guess_arch (ValisePackage *package, const ValisePackageMember *kernel)
{
  guint8 head[1024];
  gsize length = valise_package_peek (package, kernel, 0, head, sizeof head);

  if (length >= 0x206 && memcmp (head + 0x202, "HdrS", 4) == 0)
    return "x86_64";
  if (length >= 60 && memcmp (head + 56, "ARM\x64", 4) == 0)
    return "aarch64";
  return NULL;
}

static char *
read_cmdline (ValisePackage *package, const char *stem, ValiseBlueprint *blueprint)
{
  const ValisePackageMember *member = find (package, stem, CMDLINE);
  g_autoptr (GBytes) bytes = valise_package_read (package, member, LONGEST_CMDLINE, NULL);
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, NULL) : NULL;

  if (text != NULL && g_utf8_validate (text, (gssize) g_bytes_get_size (bytes), NULL))
    return g_strstrip (g_strdup (text));
  valise_blueprint_tell (blueprint, VALISE_SEVERITY_ERROR, "cmdline-unreadable", member->name,
                         _ ("The words for the kernel cannot be read."), _ ("Build the machine again."));
  return NULL;
}

static void
add_root (ValisePackage *package, const ValisePackageMember *member, ValiseBlueprint *blueprint)
{
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (blueprint, VALISE_BLUEPRINT_DISK);

  drive->bus = g_strdup ("virtio");
  drive->unit = g_strdup ("0");
  drive->file = g_strdup (member->name);
  drive->read_only = TRUE;
  valise_disk_header_apply (package, member, blueprint, drive, member->name);
}

static ValiseBlueprint *
read_machine (ValisePackage *package, const char *stem)
{
  ValiseBlueprint *blueprint = valise_blueprint_new ("linuxkit", stem);
  const ValisePackageMember *kernel = find (package, stem, KERNEL), *initrd = find (package, stem, INITRD);
  const ValisePackageMember *root = find_root (package, stem);

  blueprint->os_type = g_strdup ("linux");
  blueprint->arch = g_strdup (guess_arch (package, kernel));
  blueprint->kernel = g_strdup (kernel->name);
  blueprint->initrd = initrd != NULL ? g_strdup (initrd->name) : NULL;
  blueprint->cmdline = read_cmdline (package, stem, blueprint);
  blueprint->serial_ports = 1;
  if (root != NULL)
    add_root (package, root, blueprint);
  if (blueprint->arch == NULL)
    valise_blueprint_tell (blueprint, VALISE_SEVERITY_ERROR, "arch-unknown", kernel->name,
                           _ ("The kernel does not say which processor it is for."),
                           _ ("Choose the architecture it was built for."));
  return blueprint;
}

static gboolean
recognise (ValisePackage *package)
{
  g_autoptr (GPtrArray) stems = find_stems (package);

  return stems->len > 0;
}

static GPtrArray *
read_machines (ValisePackage *package, const char *configuration, GError **error)
{
  g_autoptr (GPtrArray) stems = find_stems (package);
  GPtrArray *machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);

  (void) configuration;
  (void) error;
  for (guint i = 0; i < stems->len; i++)
    g_ptr_array_add (machines, read_machine (package, stems->pdata[i]));
  return machines;
}

const ValiseReader valise_linuxkit_reader = { "linuxkit", recognise, read_machines };
