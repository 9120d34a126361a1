/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageLease,
                             valise_page_lease,
                             "lease",
                             N_ ("Lease"),
                             "/io/github/valise/Valise/ui/valise-page-lease.glade")
