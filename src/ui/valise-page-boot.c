/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageBoot,
                             valise_page_boot,
                             "boot",
                             N_ ("Boot and Firmware"),
                             "/io/github/valise/Valise/ui/valise-page-boot.glade")
