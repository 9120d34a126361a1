/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePagePanic,
                             valise_page_panic,
                             "panic",
                             N_ ("Panic Device"),
                             "/io/github/valise/Valise/ui/valise-page-panic.glade")
