/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What takes the room of a bundle. */

typedef enum
{
  VALISE_SPACE_DISK,     /* what the machine writes to now, and what lies below it and no snapshot keeps */
  VALISE_SPACE_SNAPSHOT, /* all that a snapshot keeps */
  VALISE_SPACE_MEMORY,   /* of the suspended machine */
  VALISE_SPACE_FIRMWARE, /* variables and security chip */
  VALISE_SPACE_MEDIA,    /* discs, kernels and other files that the settings name */
  VALISE_SPACE_LOGS,
  VALISE_SPACE_SETTINGS, /* with their history, and the picture of the screen */
  VALISE_SPACE_ORPHAN,   /* a file that neither the settings nor a snapshot know of */
} ValiseSpaceKind;
#define VALISE_SPACE_KINDS (VALISE_SPACE_ORPHAN + 1)

typedef struct
{
  ValiseSpaceKind kind;
  char *name;      /* for people: "vda", the snapshot's name, the file's path */
  char *path;      /* (nullable): relative, where it is one file */
  guint64 taken;   /* bytes of the medium */
  guint64 most;    /* of a disk: bytes that the guest sees; else 0 */
  gboolean undone; /* of an orphan: an earlier version of the settings names it */
} ValiseSpacePart;

/* "disk", "snapshot", … for scripts, and what people read. */
const char *valise_space_kind_to_word (ValiseSpaceKind kind);
const char *valise_space_kind_to_label (ValiseSpaceKind kind);

/**
 * valise_space_measure:
 * @bundle_path: a bundle
 *
 * Counts the blocks that each file has on the medium. A file with two names counts once; blocks that two files share
 * count once where the file system says so (FIEMAP), also those that they share with a file elsewhere. Reads what is
 * there and takes no lock. Blocks.
 *
 * Fails as valise_bundle_open, with %VALISE_SNAPSHOT_ERROR_DAMAGED, %G_IO_ERROR_CANCELLED, and when a folder cannot be
 * read.
 *
 * Returns: (element-type ValiseSpacePart) (transfer full): by kind, the largest first; without empty ones but disks
 */
GPtrArray *valise_space_measure (const char *bundle_path, GCancellable *cancellable, GError **error);
guint64 valise_space_total (GPtrArray *parts);

G_END_DECLS
