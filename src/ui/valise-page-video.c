/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageVideo,
                             valise_page_video,
                             "video",
                             N_ ("Further Video Card"),
                             "/io/github/valise/Valise/ui/valise-page-video.glade")
