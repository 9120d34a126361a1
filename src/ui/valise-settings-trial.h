/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-machine.h"
#include "model/valise-edit-session.h"

G_BEGIN_DECLS

/* As long as @session lives, libvirt is asked what it makes of @machine's draft, now and a moment after each edit, in a
 * thread; the answers go to the session. Without a connection nothing happens. */
void valise_settings_trial_follow (ValiseEditSession *session, ValiseMachine *machine);

G_END_DECLS
