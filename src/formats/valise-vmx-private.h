/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-blueprint.h"
#include "formats/valise-package.h"
#include "formats/valise-vmx-text.h"

G_BEGIN_DECLS

/* A VMX file on its way to a blueprint. Private to this room. */
typedef struct
{
  ValisePackage *package;
  const ValisePackageMember *member;
  char *folder; /* that names in the file are relative to */
  ValiseVmxText *text;
  ValiseBlueprint *blueprint;
} ValiseVmx;

/* "scsi0:1.filename" from its parts. (transfer full) */
char *_valise_vmx_key (const char *device, const char *setting);
/* The value of such a key; %NULL when it is not there or empty. */
const char *_valise_vmx_get (ValiseVmx *self, const char *device, const char *setting);
gboolean _valise_vmx_is_on (ValiseVmx *self, const char *device, const char *setting);
/* A finding whose place is the line of that key. */
void _valise_vmx_tell (ValiseVmx *self,
                       ValiseSeverity severity,
                       const char *code,
                       const char *key,
                       const char *text,
                       const char *remedy);
/* The numbers N, sorted, of all "PREFIXN.present" that are on. (transfer full) (element-type guint) */
GArray *_valise_vmx_numbers (ValiseVmx *self, const char *prefix);

/* Adds the disks in the order of their buses, then CDs and floppies. */
void _valise_vmx_add_drives (ValiseVmx *self);
/* Adds network cards and the sound card. */
void _valise_vmx_add_cards (ValiseVmx *self);
/* Lists what the machine would have of the computer: ports, folders, devices, screens. */
void _valise_vmx_add_asks (ValiseVmx *self);

G_END_DECLS
