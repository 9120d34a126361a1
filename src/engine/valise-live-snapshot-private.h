/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-libvirt-private.h"

#include "bundle/valise-snapshot.h"

G_BEGIN_DECLS

/* The part of a snapshot that QEMU has in its hands. */

/* Has the machine write to the images of @switches (element-type ValiseSnapshotSwitch) from now on, with its memory
 * written to @memory (nullable) first. -1 with libvirt's error set. */
int _valise_live_snapshot_take (virDomainPtr domain, const char *directory, GPtrArray *switches, const char *memory);
/* Whether @disks (element-type ValiseLiveDisk) write to them. */
gboolean _valise_live_snapshot_is_switched (GPtrArray *disks, const char *directory, GPtrArray *switches);

G_END_DECLS
