/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>
#include "engine/valise-library.h"

G_BEGIN_DECLS

#define VALISE_TYPE_WINDOW (valise_window_get_type ())
G_DECLARE_FINAL_TYPE (ValiseWindow, valise_window, VALISE, WINDOW, HdyApplicationWindow)

ValiseWindow *valise_window_new (GtkApplication *application, ValiseLibrary *library);

G_END_DECLS
