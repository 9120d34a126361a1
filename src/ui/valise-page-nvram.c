/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageNvram,
                             valise_page_nvram,
                             "nvram",
                             N_ ("Firmware Memory"),
                             "/io/github/valise/Valise/ui/valise-page-nvram.glade")
