/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

G_BEGIN_DECLS

/* The devices whose address names a controller, as "devices/disk[2]", in the order of the document. A device that has
 * not been given a place yet is on none. @controller: "devices/controller[3]". (element-type utf8) (transfer full) */
GPtrArray *valise_attached_list (ValiseDocument *document, const char *controller);

G_END_DECLS
