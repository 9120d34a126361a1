/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

G_BEGIN_DECLS

/* What the names of disks on @bus (nullable) begin with: "vd" for virtio; %NULL for a bus that is not known. */
const char *valise_disk_name_prefix (const char *bus);
/* The name with this number, from 0: "vda", "vdb", … "vdz", "vdaa". (transfer full) */
char *valise_disk_name_new (const char *prefix, guint number);
/* The first of them that no disk of @document has. (transfer full) */
char *valise_disk_name_find_free (ValiseDocument *document, const char *prefix);

G_END_DECLS
