/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageVsock,
                             valise_page_vsock,
                             "vsock",
                             N_ ("Socket Device"),
                             "/io/github/valise/Valise/ui/valise-page-vsock.glade")
