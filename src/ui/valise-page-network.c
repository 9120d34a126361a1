/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageNetwork,
                             valise_page_network,
                             "network",
                             N_ ("Network"),
                             "/io/github/valise/Valise/ui/valise-page-network.glade")
