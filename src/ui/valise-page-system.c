/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageSystem,
                             valise_page_system,
                             "system",
                             N_ ("System"),
                             "/io/github/valise/Valise/ui/valise-page-system.glade")
