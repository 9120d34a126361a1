/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-settings-row.h"

G_BEGIN_DECLS

/* Which kind of device several machines try to start from first. It changes none of them: its session only says where
 * it begins.
 *
 * Signal "chosen": another kind was chosen. */
#define VALISE_TYPE_BOOT_FIRST_ROW (valise_boot_first_row_get_type ())
GType valise_boot_first_row_get_type (void);
GtkWidget *valise_boot_first_row_new (void);
/* A VALISE_BOOT_..., or %NULL for leaving it as it is. (transfer full) (nullable) */
char *valise_boot_first_row_get (ValiseSettingsRow *row);

G_END_DECLS
