/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageShmem,
                             valise_page_shmem,
                             "shmem",
                             N_ ("Shared Memory"),
                             "/io/github/valise/Valise/ui/valise-page-shmem.glade")
