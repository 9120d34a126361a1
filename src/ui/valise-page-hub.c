/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageHub,
                             valise_page_hub,
                             "hub",
                             N_ ("USB Hub"),
                             "/io/github/valise/Valise/ui/valise-page-hub.glade")
