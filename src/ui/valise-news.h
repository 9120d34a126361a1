/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-edit-session.h"

G_BEGIN_DECLS

/* What of a session's changes is worth telling: without those that follow from another by themselves, and other
 * firmware as one change instead of the five places where it is written. (element-type ValiseChange) (transfer full) */
GPtrArray *valise_news_list (ValiseEditSession *session);

G_END_DECLS
