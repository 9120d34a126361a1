/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageRedirdev,
                             valise_page_redirdev,
                             "redirdev",
                             N_ ("USB Redirection"),
                             "/io/github/valise/Valise/ui/valise-page-redirdev.glade")
