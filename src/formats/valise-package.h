/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define VALISE_PACKAGE_ERROR (valise_package_error_quark ())
GQuark valise_package_error_quark (void);
typedef enum
{
  VALISE_PACKAGE_ERROR_MISSING,    /* there is no such file, in the folder or in the archive */
  VALISE_PACKAGE_ERROR_UNREADABLE, /* reading failed, or it is no plain file */
  VALISE_PACKAGE_ERROR_OUTSIDE,    /* a name that leads out of the source */
  VALISE_PACKAGE_ERROR_LIMIT,      /* longer than the caller allows, or more members than anybody needs */
  VALISE_PACKAGE_ERROR_DAMAGED,    /* the archive is cut short or no archive */
} ValisePackageError;

/**
 * ValisePackageMember:
 * @name: relative to the source, with "/" between folders
 * @size: bytes
 * @packed: bytes that it takes as it lies there; the same unless it is deflated
 * @offset: where its bytes begin in the archive; 0 in a folder
 * @deflated: (only in a zip): what begins there is a deflate stream of unknown truth, read by valise_package_stream()
 *
 * A file of a source. Links, devices and names that lead out of it are no members.
 */
typedef struct
{
  char *name;
  guint64 size;
  guint64 packed;
  guint64 offset;
  gboolean deflated;
} ValisePackageMember;

/* The folder it lies in, "" for the source's own. (transfer full) */
char *valise_package_member_folder (const ValisePackageMember *member);
/* How many folders it lies deep. */
guint valise_package_member_depth (const ValisePackageMember *member);
/* Whether its name is more than @suffix and ends with it, in letters of either case. */
gboolean valise_package_member_ends (const ValisePackageMember *member, const char *suffix);

/**
 * ValisePackage:
 *
 * What a foreign machine lies in: a folder, one file in its folder, or a tar or zip archive whose members are read where
 * they lie. Nothing is extracted, no link is followed, and nothing outside is ever opened.
 */
#define VALISE_TYPE_PACKAGE (valise_package_get_type ())
G_DECLARE_FINAL_TYPE (ValisePackage, valise_package, VALISE, PACKAGE, GObject)

/**
 * valise_package_open:
 * @path: a folder, a tar (also packed with gzip, bzip2 or xz) or zip archive, or any other file, which then is the main
 *   member of its folder
 *
 * Looks at names only; a folder is listed four levels deep. What lies around a file in a folder of too many is left out,
 * the deepest first; a folder or an archive of too many is an error.
 *
 * Returns: (transfer full): the source, or %NULL with a #ValisePackageError that names @path
 */
ValisePackage *valise_package_open (const char *path, GError **error);

/* The file or folder it was opened as. */
const char *valise_package_get_path (ValisePackage *self);
gboolean valise_package_is_archive (ValisePackage *self);
/* The member that @path of valise_package_open() names, or %NULL for a folder or an archive. */
const ValisePackageMember *valise_package_get_main (ValisePackage *self);
/* (element-type ValisePackageMember) (transfer none): in the archive's order; in a folder sorted by name */
GPtrArray *valise_package_get_members (ValisePackage *self);

/**
 * valise_package_find:
 * @folder: (nullable): the member's folder that @href is relative to; %NULL or "" for the source's own
 * @href: as a stranger wrote it
 *
 * The literal name first, then percent-decoded, then either without regard to case. "." and ".." are resolved inside
 * the source; what leads out of it is not found.
 *
 * Returns: (transfer none) (nullable): the member
 */
const ValisePackageMember *valise_package_find (ValisePackage *self, const char *folder, const char *href);
/* By its very name. (transfer none) (nullable) */
const ValisePackageMember *valise_package_lookup (ValisePackage *self, const char *name);

/* Opens a member that is not deflated, placed at its first byte; the caller reads no more than its size. Closed by the
 * caller. -1 with a #ValisePackageError that names it. */
int valise_package_open_member (ValisePackage *self, const ValisePackageMember *member, GError **error);

/**
 * valise_package_read:
 * @most: bytes; a longer member is a %VALISE_PACKAGE_ERROR_LIMIT
 *
 * Returns: (transfer full): the whole member (a NUL follows that is not counted), or %NULL with a #ValisePackageError
 */
GBytes *valise_package_read (ValisePackage *self, const ValisePackageMember *member, gsize most, GError **error);

/* The same for any member: of one that is deflated the packed bytes, of which there are @packed. */
int valise_package_open_packed (ValisePackage *self, const ValisePackageMember *member, GError **error);

/* The bytes of any member from its first on, inflated where they are deflated; it may go on past the member's size, or
 * end before. (transfer full), or %NULL with a #ValisePackageError */
GInputStream *valise_package_stream (ValisePackage *self, const ValisePackageMember *member, GError **error);

/**
 * valise_package_peek:
 * @at: the first byte wanted
 * @buffer: room for @length bytes
 *
 * For looking at heads and tables without reading the rest. Of a deflated member only the first MiB can be looked at.
 *
 * Returns: how many bytes were there; less than @length at the end, and 0 when nothing can be read
 */
gsize
valise_package_peek (ValisePackage *self, const ValisePackageMember *member, guint64 at, gpointer buffer, gsize length);

G_END_DECLS
