/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ValiseFirmwareBuild:
 *
 * One UEFI build of this computer, as its descriptor (QEMU's docs/interop/firmware.json) tells it.
 */
typedef struct
{
  char *executable; /* absolute path of the code */
  char *template;   /* absolute path of the empty variables, or NULL */
  GStrv machines;   /* patterns such as "pc-q35-*" */
  char *arch;
  gboolean secure_boot;
  gboolean enrolled_keys;
} ValiseFirmwareBuild;

/* Every flash-based UEFI build that is described on this computer, in the order of preference. The descriptors come
 * from $VALISE_FIRMWARE_DIR when that is set, else from the places QEMU's own documentation names; a damaged one is
 * passed over. (element-type ValiseFirmwareBuild) (transfer full) */
GPtrArray *_valise_firmware_list (void);
/* The first build for @arch that has (or has not) Secure Boot, or %NULL. */
const ValiseFirmwareBuild *_valise_firmware_find (GPtrArray *builds, const char *arch, gboolean secure_boot);
/* Whether @path is the code or the variables template of one of them. */
gboolean _valise_firmware_owns (GPtrArray *builds, const char *path);

G_END_DECLS
