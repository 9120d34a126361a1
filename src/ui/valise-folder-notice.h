/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-notice-bar.h"

G_BEGIN_DECLS

/* Opens @folder in the file manager, or says in @notices where it is. */
void valise_folder_notice_show (ValiseNoticeBar *notices, const char *folder);
/* Says @text, and offers to open the folder that @path lies in. */
void valise_folder_notice_offer (ValiseNoticeBar *notices, GtkMessageType type, const char *text, const char *path);

G_END_DECLS
