/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageQemu,
                             valise_page_qemu,
                             "qemu",
                             N_ ("QEMU Command Line"),
                             "/io/github/valise/Valise/ui/valise-page-qemu.glade")
