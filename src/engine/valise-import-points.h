/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-import-plan.h"

G_BEGIN_DECLS

/**
 * ValiseImportPoint:
 * @finding: the reader's or the plan's; what has been decided is no error any more
 * @drive: of the blueprint that it is about, from 0, or -1
 * @nic: likewise
 * @answers: (array zero-terminated=1): static words of what can be decided; empty for what needs no decision, and for
 *   what none can help
 * @answer: (nullable): the one that was given
 *
 * Something to be said about a foreign machine, and to be decided.
 */
typedef struct
{
  ValiseFinding *finding;
  int drive;
  int nic;
  const char *answers[4];
  const char *answer;
} ValiseImportPoint;

/* The reader's findings and then the plan's, nothing twice. @plan: (nullable): for a machine that has none.
 * (element-type ValiseImportPoint) (transfer full) */
GPtrArray *valise_import_points_new (const ValiseImportChoices *choices, const ValiseImportPlan *plan);
/* What can be done with the machine now. @choices: of the points */
ValiseBlueprintOutcome valise_import_points_get_outcome (GPtrArray *points, const ValiseImportChoices *choices);
/* The first that has still to be decided, or %NULL. */
const ValiseImportPoint *valise_import_points_find_open (GPtrArray *points);
/* Their findings, copied. (element-type ValiseFinding) (transfer full) */
GPtrArray *valise_import_points_list_findings (GPtrArray *points);

/* Gives an answer of the point's, or takes it back with %NULL; the plan has to be made anew. */
void valise_import_choices_answer (ValiseImportChoices *self, const ValiseImportPoint *point, const char *answer);
/* The same for all of @points with the finding's @code. %FALSE: there is none that can be answered so. */
gboolean
valise_import_choices_decide (ValiseImportChoices *self, GPtrArray *points, const char *code, const char *answer);

G_END_DECLS
