/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageSecurity,
                             valise_page_security,
                             "security",
                             N_ ("Security"),
                             "/io/github/valise/Valise/ui/valise-page-security.glade")
