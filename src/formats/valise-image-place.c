/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-image-place.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"

#define NAME_SHOWN 120

static const char *
last_part (const char *path)
{
  const char *slash = strrchr (path, '/'), *other = strrchr (path, '\\');

  if (other != NULL && (slash == NULL || other > slash))
    slash = other;
  return slash != NULL ? slash + 1 : path;
}

static gboolean
leads_out (const char *path)
{
  return *path == '/' || *path == '\\' || (g_ascii_isalpha (path[0]) && path[1] == ':') || strstr (path, "..") != NULL;
}

static void
tell_elsewhere (ValiseBlueprint *blueprint, const char *path, const char *place)
{
  g_autofree char *shown = valise_text_for_display (path, NAME_SHOWN);
  g_autofree char *text =
      g_strdup_printf (_ ("The drive names “%s”; the file of that name beside the machine is taken."), shown);

  valise_blueprint_tell (blueprint, VALISE_SEVERITY_WARNING, "disk-elsewhere", place, text,
                         _ ("See that it is the right one."));
}

static void
tell_missing (ValiseBlueprint *blueprint, const char *path, const char *place, gboolean disk)
{
  g_autofree char *shown = valise_text_for_display (path, NAME_SHOWN);
  g_autofree char *text = g_strdup_printf (leads_out (path) ? _ ("“%s” lies outside the machine's folder.")
                                                            : _ ("“%s” is not in the machine's folder."),
                                           shown);

  if (disk)
    valise_blueprint_tell (blueprint, VALISE_SEVERITY_ERROR, "disk-missing", place, text,
                           _ ("Copy the file beside the machine, or bring the machine in without it."));
  else
    valise_blueprint_tell (blueprint, VALISE_SEVERITY_WARNING, "medium-missing", place, text,
                           _ ("The drive will be empty."));
}

/* "C:\Machines\Snapshots\x.vdi" as "Snapshots/x.vdi" and as "x.vdi". */
static const ValisePackageMember *
find_copied (ValisePackage *package, const char *folder, const char *path)
{
  g_autofree char *slashes = g_strdelimit (g_strdup (path), "\\", '/');
  const char *last = last_part (slashes);
  const char *before = last - 1;
  const ValisePackageMember *member = NULL;

  if (*last == '\0')
    return NULL;
  while (before > slashes && before[-1] != '/')
    before--;
  if (before > slashes && !g_str_has_prefix (before, "../"))
    member = valise_package_find (package, folder, before);
  return member != NULL ? member : valise_package_find (package, folder, last);
}

const ValisePackageMember *
valise_image_place_find (ValisePackage *package,
                         const char *folder,
                         const char *path,
                         const char *place,
                         ValiseBlueprint *blueprint,
                         ValiseBlueprintDrive *drive)
{
  const ValisePackageMember *member = valise_package_find (package, folder, path);

  if (member == NULL && leads_out (path))
    {
      member = find_copied (package, folder, path);
      if (member != NULL)
        tell_elsewhere (blueprint, path, place);
    }
  if (member == NULL)
    {
      tell_missing (blueprint, path, place, drive->device == VALISE_BLUEPRINT_DISK);
      return NULL;
    }
  drive->member = g_strdup (member->name);
  return member;
}
