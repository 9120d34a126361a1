/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-plist.h"
#include "formats/valise-reader.h"

G_BEGIN_DECLS

/* One .utm while it is read. Private to this room. */
typedef struct
{
  ValisePackage *package;
  char *root;   /* the member folder of the bundle; "" when the package is the bundle */
  char *images; /* the member folder of its images */
  const char *config;
  plist_t settings;
  ValiseBlueprint *blueprint;
  guint disks;           /* hard disks so far */
  gboolean own_firmware; /* one of its drives is a firmware that it brings */
} ValiseUtm;

/* The three generations that differ in their words. */
void _valise_utm_read_v4 (ValiseUtm *self);
void _valise_utm_read_v2 (ValiseUtm *self);
void _valise_utm_read_apple (ValiseUtm *self);
void _valise_utm_read_old_apple (ValiseUtm *self);

/* A finding at "config.plist: PLACE". */
void _valise_utm_tell (ValiseUtm *self,
                       ValiseSeverity severity,
                       const char *code,
                       const char *place,
                       const char *text,
                       const char *remedy);
void _valise_utm_refuse (ValiseUtm *self, const char *code, const char *place, const char *text, const char *remedy);
/* What the machine would have of this computer. @text: taken over */
void _valise_utm_ask (ValiseUtm *self, char *text);
/* The same of a card that would be in this computer's network. */
void _valise_utm_ask_for_network (ValiseUtm *self);

/* Calls @read for each dictionary of the array @key; of more than anybody has, the rest is told and left out. */
typedef void (*ValiseUtmRead) (ValiseUtm *self, plist_t item, const char *place);
void _valise_utm_read_items (ValiseUtm *self, const char *key, ValiseUtmRead read);

/* As the member's name, or %NULL with a finding. (transfer full) */
char *_valise_utm_member (ValiseUtm *self, const char *name, const char *place);

/* A drive with an image (@name is nullable: the drive is empty). @bus is copied in small letters. */
ValiseBlueprintDrive *_valise_utm_add_drive (ValiseUtm *self,
                                             ValiseBlueprintDevice device,
                                             const char *bus,
                                             const char *name,
                                             const char *place);

/* What QEMU machines of both generations have. @arguments: an array of texts, or one text */
void _valise_utm_read_arguments (ValiseUtm *self, plist_t arguments, const char *place);
void _valise_utm_read_forwards (ValiseUtm *self, plist_t network);
/* After the drives. */
void _valise_utm_read_firmware (ValiseUtm *self, gboolean has_uefi, gboolean uefi);
void _valise_utm_read_mac (ValiseUtm *self, const char *mac, const char *place);

G_END_DECLS
