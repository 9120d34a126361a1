/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageSmartcard,
                             valise_page_smartcard,
                             "smartcard",
                             N_ ("Smart Card"),
                             "/io/github/valise/Valise/ui/valise-page-smartcard.glade")
