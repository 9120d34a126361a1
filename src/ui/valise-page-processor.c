/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageProcessor,
                             valise_page_processor,
                             "processor",
                             N_ ("Processor"),
                             "/io/github/valise/Valise/ui/valise-page-processor.glade")
