/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageDisk,
                             valise_page_disk,
                             "disk",
                             N_ ("Disk"),
                             "/io/github/valise/Valise/ui/valise-page-disk.glade")
