/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageWatchdog,
                             valise_page_watchdog,
                             "watchdog",
                             N_ ("Watchdog"),
                             "/io/github/valise/Valise/ui/valise-page-watchdog.glade")
