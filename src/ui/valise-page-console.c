/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageConsole,
                             valise_page_console,
                             "console",
                             N_ ("Console"),
                             "/io/github/valise/Valise/ui/valise-page-console.glade")
