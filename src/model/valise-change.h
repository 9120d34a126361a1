/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"
#include "model/valise-knob.h"

G_BEGIN_DECLS

/**
 * ValiseChange:
 *
 * One difference between two documents as people see it. A device that came or went is one change.
 */
typedef struct
{
  char *knob;
  char *label;  /* translated, with the device named: "Disk vda: cache mode", "Disk vdb added" */
  char *before; /* as shown to people; NULL when it was not set */
  char *after;
  ValiseKnobTiming timing; /* of a running machine; AFTER_RESTART means now when it is off */
} ValiseChange;

/* In document order. (element-type ValiseChange) (transfer full) */
GPtrArray *valise_change_list (ValiseDocument *before, ValiseDocument *after);

G_END_DECLS
