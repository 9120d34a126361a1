/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "engine/valise-library.h"

G_BEGIN_DECLS

/**
 * ValiseJobRow:
 *
 * One job: what it is, how far, how fast, how long still, Cancel; when it failed, why, and Dismiss.
 */
#define VALISE_TYPE_JOB_ROW (valise_job_row_get_type ())
G_DECLARE_FINAL_TYPE (ValiseJobRow, valise_job_row, VALISE, JOB_ROW, GtkListBoxRow)

GtkWidget *valise_job_row_new (ValiseLibrary *library, ValiseJob *job);

G_END_DECLS
