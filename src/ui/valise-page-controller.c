/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageController,
                             valise_page_controller,
                             "controller",
                             N_ ("Controller"),
                             "/io/github/valise/Valise/ui/valise-page-controller.glade")
