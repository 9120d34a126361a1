/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageTpm,
                             valise_page_tpm,
                             "tpm",
                             N_ ("TPM"),
                             "/io/github/valise/Valise/ui/valise-page-tpm.glade")
