/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageFilesystem,
                             valise_page_filesystem,
                             "filesystem",
                             N_ ("Shared Folder"),
                             "/io/github/valise/Valise/ui/valise-page-filesystem.glade")
