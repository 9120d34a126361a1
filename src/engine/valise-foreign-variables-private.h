/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-import-plan.h"
#include "formats/valise-package.h"

G_BEGIN_DECLS

/**
 * _valise_foreign_variables_bring:
 * @directory: the bundle that is made
 * @findings: (element-type ValiseFinding): gets one when the variables cannot be had after all
 *
 * Puts the firmware variables of the machine in @package into the layout of the firmware that the machine has here, and
 * writes them where its document says. Nothing is written when the plan has none; then libvirt makes empty ones.
 *
 * Returns: %FALSE with a #GFileError or #GIOErrorEnum when they cannot be written
 */
gboolean _valise_foreign_variables_bring (ValisePackage *package,
                                          const ValiseImportPlan *plan,
                                          const char *template,
                                          const char *directory,
                                          GPtrArray *findings,
                                          GCancellable *cancellable,
                                          GError **error);

G_END_DECLS
