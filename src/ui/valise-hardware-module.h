/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-edit-session.h"

G_BEGIN_DECLS

/* Why no memory module can be added now, translated; %NULL when one can. (transfer full) */
char *valise_hardware_module_reason (ValiseEditSession *session);
/* <memory> of a size that there is room for. (transfer full) */
char *valise_hardware_module_xml (ValiseDocument *draft);

G_END_DECLS
