/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageMemory,
                             valise_page_memory,
                             "memory",
                             N_ ("Memory"),
                             "/io/github/valise/Valise/ui/valise-page-memory.glade")
