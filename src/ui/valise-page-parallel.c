/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageParallel,
                             valise_page_parallel,
                             "parallel",
                             N_ ("Parallel Port"),
                             "/io/github/valise/Valise/ui/valise-page-parallel.glade")
