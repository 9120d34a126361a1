/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageFeatures,
                             valise_page_features,
                             "features",
                             N_ ("Hypervisor Features"),
                             "/io/github/valise/Valise/ui/valise-page-features.glade")
