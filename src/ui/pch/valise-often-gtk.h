/* SPDX-License-Identifier: GPL-3.0-or-later */

/* As src/base/pch/valise-often.h, for the room that includes GTK. */

#include <glib/gi18n-lib.h>
#include <gtk/gtk.h>
#include <handy.h>
#include <string.h>

#include "base/valise-libxml2.h"
