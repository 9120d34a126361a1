/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define VALISE_PARCEL_DIGEST_LENGTH 65

/**
 * ValiseParcel:
 *
 * Files that belong together and appear together: one after the other in a tar (an OVA), as a folder, or one file by
 * itself. Made aside as .NAME.partial, locked against being taken for something left over, and renamed when all is
 * there; the last of it removes what was not committed. Not thread-safe.
 */
typedef struct _ValiseParcel ValiseParcel;

typedef enum
{
  VALISE_PARCEL_TAR,
  VALISE_PARCEL_FOLDER,
  VALISE_PARCEL_FILE, /* one file of any kind, which is written by its path */
} ValiseParcelKind;

/* @path: what is to appear; %VALISE_BUNDLE_ERROR_EXISTS when it is there, unless a single file @replaces it, _LOCKED
 * when somebody is making the same now, _NO_SPACE, _READ_ONLY, or a #GIOErrorEnum. (transfer full) */
ValiseParcel *valise_parcel_begin (const char *path, ValiseParcelKind kind, gboolean replaces, GError **error);
/* Removes what was not committed. */
void valise_parcel_free (ValiseParcel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseParcel, valise_parcel_free)

/* Where @name lies while the parcel is made, for a program that writes it; %NULL: the parcel itself. Not for members of
 * a tar. (transfer full) */
char *valise_parcel_path (ValiseParcel *self, const char *name);
/* A folder in a folder. */
gboolean valise_parcel_add_folder (ValiseParcel *self, const char *name, GError **error);

/* Makes room for a file of at most @size bytes that stands before others in a tar and whose content is known last.
 * Nothing has to be kept for a folder. */
gboolean valise_parcel_reserve (ValiseParcel *self, const char *name, gsize size, GError **error);
/* The reserved file's content; what of the room is left over becomes line ends. */
gboolean valise_parcel_fill (ValiseParcel *self, const char *name, const char *text, GError **error);

/* A file in the order in which they come: opened, written, closed. Its size need not be known before.
 * %VALISE_BUNDLE_ERROR_NAME when the name is too long for a tar, here and above. */
gboolean valise_parcel_open (ValiseParcel *self, const char *name, GError **error);
gboolean valise_parcel_write (ValiseParcel *self, const void *bytes, gsize length, GError **error);
/* @digest: (out): SHA-256 of what was written, as hexadecimal */
gboolean
valise_parcel_close (ValiseParcel *self, char digest[VALISE_PARCEL_DIGEST_LENGTH], guint64 *size, GError **error);

/* The whole content of a single file. */
gboolean valise_parcel_write_text (ValiseParcel *self, const char *text, GError **error);

/* Durable, and at its place. %VALISE_BUNDLE_ERROR_EXISTS when somebody took the name meanwhile. */
gboolean valise_parcel_commit (ValiseParcel *self, GError **error);

G_END_DECLS
