/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageChannel,
                             valise_page_channel,
                             "channel",
                             N_ ("Channel"),
                             "/io/github/valise/Valise/ui/valise-page-channel.glade")
