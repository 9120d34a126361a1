/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageDisplay,
                             valise_page_display,
                             "display",
                             N_ ("Display"),
                             "/io/github/valise/Valise/ui/valise-page-display.glade")
