/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-libxml2.h"
#include "formats/valise-blueprint.h"

G_BEGIN_DECLS

/* What a machine starts from, in the order of the calls. Each device is numbered once, the first time it is named; those
 * that never are keep 0. */

void valise_boot_order_add_drive (ValiseBlueprint *blueprint, ValiseBlueprintDrive *drive);
/* The network card at that place, from 0; nothing when there are fewer. */
void valise_boot_order_add_nic (ValiseBlueprint *blueprint, guint at);

/* All devices of a kind by the word that somebody used for it: "hdd", "HardDisk", "disk", "hd"; "cdrom", "DVD", "cd";
 * "floppy", "fd"; "network", "ethernet", "net". Others mean nothing. */
void valise_boot_order_add_word (ValiseBlueprint *blueprint, const char *word);
/* VMware's list with commas: such words, and "ethernet1" for one card; @disks (nullable) is its list of the disks, each
 * as its bus and place ("scsi0:1"). @cards: (element-type guint): the numbers of the network cards, in their order */
void valise_boot_order_add_vmware (ValiseBlueprint *blueprint, const char *words, const char *disks, GArray *cards);
/* The children of VirtualBox's <Boot>: <Order position="1" device="DVD"/>. @boot is nullable. */
void valise_boot_order_add_virtualbox (ValiseBlueprint *blueprint, const xmlNode *boot);

G_END_DECLS
