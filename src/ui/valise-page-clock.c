/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageClock,
                             valise_page_clock,
                             "clock",
                             N_ ("Clock and Power"),
                             "/io/github/valise/Valise/ui/valise-page-clock.glade")
