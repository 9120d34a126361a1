/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-blueprint.h"

G_BEGIN_DECLS

typedef enum
{
  VALISE_OVF_VERSION_1,
  VALISE_OVF_VERSION_2,
} ValiseOvfVersion;

/* A disk's file beside the descriptor. @drive belongs to one of the machines; @size, @populated and @capacity are
 * bytes; @digest is SHA-256 as hexadecimal. */
typedef struct
{
  const ValiseBlueprintDrive *drive;
  char *name;
  guint64 size;
  guint64 populated;
  guint64 capacity;
  char digest[65];
} ValiseOvfFile;

ValiseOvfFile *valise_ovf_file_new (const ValiseBlueprintDrive *drive, const char *name, guint64 capacity);
void valise_ovf_file_free (ValiseOvfFile *self);

/**
 * valise_ovf_write:
 * @machines: (element-type ValiseBlueprint): as valise_outline() makes them; one is a VirtualSystem, several are a
 *   collection. A card without address gets one where the machine comes in.
 * @files: (element-type ValiseOvfFile): in the order in which they come
 *
 * What VirtualBox and VMware read: hardware of VMware's family 13 (14 with a security chip), with what they do not have
 * replaced by the next that they do have.
 *
 * Returns: (transfer full): the descriptor
 */
char *valise_ovf_write (GPtrArray *machines, GPtrArray *files, ValiseOvfVersion version);
/* SHA-256 of the @descriptor, which is called @name, and of the files. (transfer full) */
char *valise_ovf_write_manifest (const char *name, const char *descriptor, GPtrArray *files);

/* What becomes of a drive's bus and of a card there. Static words. */
const char *valise_ovf_bus (const ValiseBlueprintDrive *drive);
const char *valise_ovf_card (const ValiseBlueprintNic *nic);

G_END_DECLS
