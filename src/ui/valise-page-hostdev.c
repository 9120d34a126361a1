/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageHostdev,
                             valise_page_hostdev,
                             "hostdev",
                             N_ ("Host Device"),
                             "/io/github/valise/Valise/ui/valise-page-hostdev.glade")
