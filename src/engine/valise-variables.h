/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-machine.h"

G_BEGIN_DECLS

/* What a machine's firmware remembers: boot entries, settings, keys. */

typedef struct
{
  gboolean keeps; /* the firmware has variables, and their file belongs in the bundle */
  gint64 written; /* when they were last written, unix time; 0: there are none yet */
  gint64 reset;   /* when those that can be put back were reset, unix time; 0: there are none */
} ValiseVariables;

/* Of the machine @document in the bundle @directory. Looks at two directories, which is quick. Any thread. */
ValiseVariables valise_variables_look (const char *directory, ValiseDocument *document);

/**
 * valise_machine_reset_variables:
 * @put_back: exchange them for those that were reset last instead, which a second time takes the first back
 *
 * The firmware starts with fresh variables next time; the old ones are kept in the bundle's history. Blocks, shortly.
 *
 * Fails with %VALISE_ENGINE_ERROR_STATE while the machine runs or is suspended (its firmware has them in memory) and for
 * a machine whose firmware keeps none, with %G_IO_ERROR_NOT_FOUND when there are none to put back, and as
 * valise_bundle_open and valise_lock_take; nothing has changed then.
 *
 * Returns: %TRUE if it is done; also when there were none
 */
gboolean
valise_machine_reset_variables (ValiseMachine *machine, gboolean put_back, GCancellable *cancellable, GError **error);

G_END_DECLS
