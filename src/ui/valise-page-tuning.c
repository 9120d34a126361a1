/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageTuning,
                             valise_page_tuning,
                             "tuning",
                             N_ ("Resources"),
                             "/io/github/valise/Valise/ui/valise-page-tuning.glade")
