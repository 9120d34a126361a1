/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-display.h"

G_BEGIN_DECLS

/* How many pixels of the guest's screen are lit: a cursor that blinks is a handful, a letter more. 0 while there is no
 * picture. */
guint lit_pixels_count (ValiseDisplay *display);

G_END_DECLS
