/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-settings-row.h"

G_BEGIN_DECLS

/**
 * ValiseKnobRow:
 *
 * The row for any one knob: its control follows from the knob's kind. In glade:
 * <property name="knob">devices/disk/driver/@cache</property>, and nothing in C.
 */
#define VALISE_TYPE_KNOB_ROW (valise_knob_row_get_type ())
G_DECLARE_FINAL_TYPE (ValiseKnobRow, valise_knob_row, VALISE, KNOB_ROW, ValiseSettingsRow)

GtkWidget *valise_knob_row_new (const char *knob);

G_END_DECLS
