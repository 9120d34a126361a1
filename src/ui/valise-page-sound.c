/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageSound,
                             valise_page_sound,
                             "sound",
                             N_ ("Sound"),
                             "/io/github/valise/Valise/ui/valise-page-sound.glade")
