/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageModule,
                             valise_page_module,
                             "module",
                             N_ ("Memory Module"),
                             "/io/github/valise/Valise/ui/valise-page-module.glade")
