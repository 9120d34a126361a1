/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageCdrom,
                             valise_page_cdrom,
                             "cdrom",
                             N_ ("CD"),
                             "/io/github/valise/Valise/ui/valise-page-cdrom.glade")
