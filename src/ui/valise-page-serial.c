/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageSerial,
                             valise_page_serial,
                             "serial",
                             N_ ("Serial Port"),
                             "/io/github/valise/Valise/ui/valise-page-serial.glade")
