/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-blueprint.h"
#include "formats/valise-package.h"

G_BEGIN_DECLS

/**
 * valise_efi_volume_new:
 * @file: (transfer none): a file of variables as OVMF and AAVMF keep it, or its first MiBs: raw, or a qcow2 image
 *
 * Takes the firmware volume out of it and checks that it holds variables of EDK2's authenticated kind. Copies; what
 * follows the volume (filling up to the size of a flash chip) is left out.
 *
 * Returns: (transfer full) (nullable): the volume, or %NULL when it is none: of another firmware, damaged or cut short
 */
GBytes *valise_efi_volume_new (GBytes *file);

/**
 * valise_efi_volume_move:
 * @volume: whose variables are taken
 * @empty: a volume of the firmware that is to read them, which may be of another size
 *
 * Makes @empty's layout hold exactly the variables of @volume, each copied after its lengths were checked.
 *
 * Returns: (transfer full) (nullable): a volume as long as @empty, or %NULL when they do not fit in
 */
GBytes *valise_efi_volume_move (GBytes *volume, GBytes *empty);

/* The volume that @member holds, raw or as a qcow2 image, or %NULL as valise_efi_volume_new(). (transfer full) */
GBytes *valise_efi_volume_read (ValisePackage *package, const ValisePackageMember *member);

/* Notes that the machine's variables lie in @member and go on to be used when EDK2 wrote them; tells at @place that they
 * begin anew when not. */
void valise_efi_variables_apply (ValisePackage *package,
                                 const ValisePackageMember *member,
                                 ValiseBlueprint *blueprint,
                                 const char *place);

G_END_DECLS
