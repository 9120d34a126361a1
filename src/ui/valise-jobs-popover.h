/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "engine/valise-library.h"

G_BEGIN_DECLS

/* The running and failed jobs of the library. */
#define VALISE_TYPE_JOBS_POPOVER (valise_jobs_popover_get_type ())
G_DECLARE_FINAL_TYPE (ValiseJobsPopover, valise_jobs_popover, VALISE, JOBS_POPOVER, GtkPopover)

GtkWidget *valise_jobs_popover_new (ValiseLibrary *library);

G_END_DECLS
