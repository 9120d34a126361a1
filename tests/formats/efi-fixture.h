/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Empty variables of OVMF's two layouts, as the package ovmf has them. */
#define EFI_FIXTURE_LARGE "/usr/share/OVMF/OVMF_VARS_4M.fd"
#define EFI_FIXTURE_SMALL "/usr/share/OVMF/OVMF_VARS.fd"
/* ARM's, which is in nothing but its size and its code another one; the empty one has no volume yet. */
#define EFI_FIXTURE_ARM "/usr/share/AAVMF/AAVMF_VARS.ms.fd"

/* The name of a variable that no firmware knows. */
#define EFI_FIXTURE_MARK "ValiseMark"

/* Writes into @path what the firmware of @template keeps when one entry is all it starts: @file ("\\EFI\\x.efi") on the
 * only partition (MBR, sectors @start and @count, disk @signature) of any disk; and the mark. */
void efi_fixture_write (const char *path,
                        const char *template,
                        const char *file,
                        guint32 signature,
                        guint64 start,
                        guint64 count);
/* Whether a file of variables, raw, has the mark. */
gboolean efi_fixture_has_mark (const char *path);
/* How many variables a volume has that count. */
guint efi_fixture_count (GBytes *volume);
