/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-export.h"
#include "ui/valise-notice-bar.h"

G_BEGIN_DECLS

/* An export that is done: where it lies, and what whoever gets it has to know. */
void valise_export_notice_say (ValiseNoticeBar *notices, ValiseJob *job);

G_END_DECLS
