/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>

#include "engine/valise-import-choices.h"
#include "engine/valise-library.h"
#include "formats/valise-package.h"

G_BEGIN_DECLS

/**
 * ValiseImportAssistant:
 *
 * What another program's file holds, machine by machine, before anything of it is written: what becomes of it here, what
 * can be chosen, and what has to be decided. Import makes one job per machine; the window then closes.
 *
 * Signal "job" (#ValiseJob): about to be run.
 */
#define VALISE_TYPE_IMPORT_ASSISTANT (valise_import_assistant_get_type ())
G_DECLARE_FINAL_TYPE (ValiseImportAssistant, valise_import_assistant, VALISE, IMPORT_ASSISTANT, HdyWindow)

/* @machines: (element-type ValiseImportChoices) (transfer full): of @package, at least one; @parent: (nullable) */
GtkWidget *
valise_import_assistant_new (ValiseLibrary *library, ValisePackage *package, GPtrArray *machines, GtkWindow *parent);

G_END_DECLS
