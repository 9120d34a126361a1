/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-settings-page.h"

VALISE_DEFINE_SETTINGS_PAGE (ValisePageIommu,
                             valise_page_iommu,
                             "iommu",
                             N_ ("IOMMU"),
                             "/io/github/valise/Valise/ui/valise-page-iommu.glade")
