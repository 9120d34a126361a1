/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "engine/valise-library.h"

G_BEGIN_DECLS

/**
 * ValiseApplication:
 *
 * The program: one per session (or per run where there is no session bus). Owns the host and the library, opens files,
 * and asks about running machines before it quits.
 */
#define VALISE_TYPE_APPLICATION (valise_application_get_type ())
G_DECLARE_FINAL_TYPE (ValiseApplication, valise_application, VALISE, APPLICATION, GtkApplication)

ValiseApplication *valise_application_new (void);

G_END_DECLS
