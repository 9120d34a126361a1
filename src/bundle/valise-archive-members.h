/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-digester.h"
#include "bundle/valise-libarchive.h"

G_BEGIN_DECLS

/* The members of an archive that is being read: which names and kinds are let in, and whether they are what the
 * manifest says. Private to this room. */

typedef struct
{
  char *path; /* below the bundle */
  gboolean is_folder;
  ValiseDigest digest;
} ValiseMember;

typedef struct
{
  char *prefix;     /* "Name.vmbundle/" */
  GPtrArray *list;  /* of ValiseMember, in the order of the archive */
  GHashTable *seen; /* of their paths */
} ValiseMembers;

void _valise_members_begin (ValiseMembers *self);
void _valise_members_clear (ValiseMembers *self);

/* %VALISE_BUNDLE_ERROR_UNSAFE because of the member @path; @why is a translated clause. Returns %FALSE. */
gboolean _valise_members_set_unsafe (GError **error, const char *path, const char *why);

/* Takes the folder from the first member's name; %FALSE when that is not NAME.vmbundle/config.xml. */
gboolean _valise_members_take_prefix (ValiseMembers *self, const char *path);
/* The name below the bundle, or %NULL with _UNSAFE. (transfer full) */
char *_valise_members_relative_name (ValiseMembers *self, const char *path, GError **error);
/* Plain files and folders only. */
gboolean _valise_members_check_kind (struct archive_entry *header, GError **error);
/* (transfer none): %NULL with _UNSAFE when it is there already, or one too many. */
ValiseMember *_valise_members_add (ValiseMembers *self, const char *relative, gboolean is_folder, GError **error);
/* Whether the manifest says the same of every member; all digests must be there. */
gboolean _valise_members_compare (ValiseMembers *self, const char *manifest, GError **error);

G_END_DECLS
