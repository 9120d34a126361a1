/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageRng,
                             valise_page_rng,
                             "rng",
                             N_ ("Random Numbers"),
                             "/io/github/valise/Valise/ui/valise-page-rng.glade")
