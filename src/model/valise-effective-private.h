/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-sieve-private.h"

G_BEGIN_DECLS

/* An effective document in the making: what came through the whitelist, to be settled part by part for this host. */
typedef struct
{
  ValiseDocument *stored;
  const char *directory;
  int directory_fd;
  const ValiseHostChoice *choice;
  ValiseCapabilities *capabilities;
  ValiseSieve *sieve;
  xmlNode *root; /* <domain> of the sieve's tree */
} ValiseBuild;

/* Whether @node was copied whole because of a grant, and is to be left as it is. */
gboolean _valise_build_is_granted (ValiseBuild *build, xmlNode *node);
/* Whether @relative is a plain file of the bundle, reached through no link. */
gboolean _valise_build_check_beneath (ValiseBuild *build, const char *relative, GError **error);

/* Kernels, firmware tables and the like: each a plain file, by its absolute path. */
gboolean _valise_build_settle_files (ValiseBuild *build, GError **error);
/* Disks: files looked at, formats said, chains ended, drives without a disc emptied. */
gboolean _valise_build_settle_disks (ValiseBuild *build, xmlNode *devices, GError **error);
gboolean _valise_build_settle_firmware (ValiseBuild *build, GError **error);
/* What it starts from this time, if that is not what it always starts from. The disks are settled. */
gboolean _valise_build_settle_boot_once (ValiseBuild *build, xmlNode *devices, GError **error);

G_END_DECLS
