/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-machine.h"

G_BEGIN_DECLS

/* A template is a machine that others are made of: it is neither started nor deleted, and its disks stay as they are.
 * All three fail with %VALISE_ENGINE_ERROR_STATE, whose message says how it ends being one. */

/* As it was read last; %FALSE of one that is not read. */
gboolean valise_machine_is_template (ValiseMachine *self);
/* %VALISE_ENGINE_ERROR_STATE unless it is off; else as valise_bundle_open, valise_lock_take and valise_bundle_save.
 * Blocking, short. */
gboolean
valise_machine_set_template (ValiseMachine *self, gboolean is_template, GCancellable *cancellable, GError **error);

/* Private to this room: refuses what a template is protected from. @document: the one that says whether it is. */
gboolean _valise_machine_check_no_template (ValiseMachine *self, ValiseDocument *document, GError **error);
/* The same for settings whose disks are others. */
gboolean _valise_machine_check_template_disks (ValiseMachine *self,
                                               ValiseDocument *before,
                                               ValiseDocument *after,
                                               GError **error);

G_END_DECLS
