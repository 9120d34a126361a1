/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-blueprint.h"
#include "formats/valise-foreign-xml.h"
#include "formats/valise-package.h"

G_BEGIN_DECLS

/* A machine of VirtualBox on its way to a blueprint. Private to this room. */
typedef struct
{
  ValisePackage *package;
  const ValisePackageMember *member;
  char *folder; /* that names in the file are relative to */
  const xmlNode *machine;
  const xmlNode *hardware;
  GHashTable *media; /* UUID in lower case: ValiseVboxMedium */
  ValiseBlueprint *blueprint;
} ValiseVbox;

/**
 * ValiseVboxMedium:
 * @node: where it stands
 * @location: as written
 * @format: "VDI", "VMDK", ...; %NULL for a CD or floppy
 * @depth: how many images it is the difference to, one upon the other
 * @encrypted: only VirtualBox can read it
 *
 * An image that VirtualBox knows by its UUID.
 */
typedef struct
{
  const xmlNode *node;
  char *location;
  char *format;
  guint depth;
  gboolean encrypted;
} ValiseVboxMedium;

/* A finding whose place is the line of @node. */
void _valise_vbox_tell (ValiseVbox *self,
                        ValiseSeverity severity,
                        const char *code,
                        const xmlNode *node,
                        const char *text,
                        const char *remedy);
/* The same as an error, and the machine cannot be brought in. */
void
_valise_vbox_refuse (ValiseVbox *self, const char *code, const xmlNode *node, const char *text, const char *remedy);
/* An attribute that is "true" or "1"; @fallback when it is not there. */
gboolean _valise_vbox_is_on (const xmlNode *node, const char *attribute, gboolean fallback);
/* An attribute fit to be shown, or %NULL. (transfer full) */
char *_valise_vbox_shown (const xmlNode *node, const char *attribute);
/* A part of the hardware, which newer settings keep one level deeper. (nullable) */
const xmlNode *_valise_vbox_part (ValiseVbox *self, const char *name);

/* All images of the machine's own list. (transfer full) */
GHashTable *_valise_vbox_read_media (ValiseVbox *self);
/* Looks at the image of @drive, tells what of it cannot be read. */
void _valise_vbox_check_image (ValiseVbox *self, const ValiseVboxMedium *medium, ValiseBlueprintDrive *drive);

/* Adds the disks in the order of their buses, then CDs and floppies. */
void _valise_vbox_add_drives (ValiseVbox *self);
/* Adds network cards and the sound card. */
void _valise_vbox_add_cards (ValiseVbox *self);
/* Lists what the machine would have of the computer: ports, folders, devices, screens. */
void _valise_vbox_add_asks (ValiseVbox *self);

G_END_DECLS
