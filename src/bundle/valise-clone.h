/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"
#include "bundle/valise-bundle.h"

G_BEGIN_DECLS

#define VALISE_TEMPLATE_KNOB "metadata/valise:machine/@template" /* "yes" for one that others are made of */

/**
 * A second machine made of one that is there.
 *
 * A full clone has images of its own: blocks are shared where the file system can, else what is data is copied. A linked
 * one has new images that are the difference to frozen ones of the original. Those are in both bundles, under a second
 * name of the same file, so that each of the two machines can be moved, deleted or taken elsewhere without the other:
 * the bytes stay for as long as one of them has them. Whoever merges snapshots leaves an image that has several names as
 * it is, and before a start each machine looks whether it is what it was.
 *
 * All of these block.
 */

typedef enum
{
  VALISE_CLONE_DISK_CLONE, /* the clone has one of its own */
  VALISE_CLONE_DISK_SHARE, /* both use the same */
  VALISE_CLONE_DISK_LEAVE, /* the clone has none */
} ValiseCloneDisk;

/**
 * ValiseCloneChoice:
 * @linked: what both have is stored once
 * @snapshot: (nullable): id of the one that shows the clone's moment; %NULL for now
 * @keep_macs: the network cards have the original's addresses
 * @keep_keys: what is in the security chip goes along
 * @disks: (nullable) (element-type utf8 ValiseCloneDisk): by target, where it is not valise_clone_default()
 * @withheld: (nullable) (element-type utf8): targets whose files outside of the bundle the machine may not have
 *
 * Everything in it is the caller's.
 */
typedef struct
{
  gboolean linked;
  const char *snapshot;
  gboolean keep_macs, keep_keys;
  GHashTable *disks;
  GHashTable *withheld;
} ValiseCloneChoice;

/* What becomes of the disk with that number unless somebody chooses: one that the machine writes to and that is a file
 * is cloned, as is whatever lies in the bundle; the rest is shared. */
ValiseCloneDisk valise_clone_default (ValiseDocument *document, guint number);
/* Whether a linked clone of now needs a snapshot first, since the machine wrote something after its last one. */
gboolean valise_clone_needs_snapshot (ValiseBundle *bundle, const ValiseCloneChoice *choice);
/* About how many bytes a clone takes, at most. @bytes: (out). Fails as valise_clone_begin decides about every disk. */
gboolean valise_clone_estimate (ValiseBundle *bundle, const ValiseCloneChoice *choice, guint64 *bytes, GError **error);

typedef struct _ValiseClone ValiseClone;

/**
 * valise_clone_begin:
 * @bundle: the original; nobody changes its snapshots until this returns, and with now as the moment nobody writes to it
 *   before the clone is made
 * @directory, @name: as for valise_bundle_begin()
 * @must_pin: what is frozen may change as soon as this returns, so that a full clone on another file system is refused
 *
 * Decides about every disk and makes sure that what is frozen stays. Short.
 *
 * Fails as valise_bundle_begin, with #ValiseSnapshotError, #ValiseImageError, and with %G_IO_ERROR_NOT_SUPPORTED for a
 * disk that cannot be had like that, or a linked clone on another file system; the message says what to choose instead.
 * Then nothing is left of it.
 *
 * Returns: (transfer full): to be filled; freeing it takes everything back that was not committed
 */
ValiseClone *valise_clone_begin (ValiseBundle *bundle,
                                 const char *directory,
                                 const char *name,
                                 const ValiseCloneChoice *choice,
                                 gboolean must_pin,
                                 GCancellable *cancellable,
                                 GError **error);
/* Copies. Errors as valise_travel_fill and valise_bring_files. */
gboolean valise_clone_fill (ValiseClone *self, ValiseJob *job, GCancellable *cancellable, GError **error);
/* To be committed with the document. (transfer none) */
ValiseBundle *valise_clone_get_bundle (ValiseClone *self);
ValiseDocument *valise_clone_get_document (ValiseClone *self);
void valise_clone_free (ValiseClone *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseClone, valise_clone_free)

/* What a machine becomes when it is somebody else's copy: uuid and generation id, its label, the addresses of its
 * network cards unless @keep_macs, and no template. #ValiseDocumentError. */
gboolean valise_clone_rename (ValiseDocument *document, const char *name, gboolean keep_macs, GError **error);

/* --- independence --- */

/* Whether images of the bundle are those of another machine as well, or frozen though it has no snapshot that needs
 * them. */
gboolean valise_clone_is_linked (ValiseBundle *bundle);
/* Whether it builds on images that another machine has too, as a linked clone does. Quick for one without snapshots. */
gboolean valise_clone_has_base (ValiseBundle *bundle);
/**
 * valise_clone_detach:
 * @bundle: the caller holds its lock, and it does not run
 *
 * Gives the machine images of its own, and merges those that no snapshot keeps apart. What its disks hold stays the
 * same at every moment, also when it is killed.
 *
 * Fails as valise_bring_files and valise_snapshot_delete; it can be tried again.
 */
gboolean valise_clone_detach (ValiseBundle *bundle, ValiseJob *job, GCancellable *cancellable, GError **error);

G_END_DECLS
