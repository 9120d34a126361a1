/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageInput,
                             valise_page_input,
                             "input",
                             N_ ("Input"),
                             "/io/github/valise/Valise/ui/valise-page-input.glade")
