/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "lease"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnob KNOBS[] = {
  { "devices/lease/lockspace", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Lease: lock space"),
    N_ ("The lock space that the lease belongs to."), .synonyms = "lock lease sanlock" },
  { "devices/lease/key", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Lease"), N_ ("Its name; only one machine can hold it."),
    .synonyms = "lock lease sanlock" },
  { "devices/lease/target/@path", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Lease: file"),
    N_ ("The file that leases are kept in."), .synonyms = "lock lease sanlock" },
  { "devices/lease/target/@offset", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Lease: place in the file"),
    N_ ("Where it is in the file, in bytes."), .unit = N_ ("bytes"), .synonyms = "lock lease sanlock", .minimum = 0,
    .maximum = G_MAXINT64 },
  { NULL },
};

const ValiseKnob *const _valise_knobs_lease = KNOBS;
