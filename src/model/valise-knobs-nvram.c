/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "nvram"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnob KNOBS[] = {
  { "devices/nvram/address/@reg", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Firmware memory"),
    N_ ("The place of the memory that POWER firmware keeps its settings in, as in 0x00003000."),
    .synonyms = "power pseries nvram spapr" },
  { NULL },
};

const ValiseKnob *const _valise_knobs_nvram = KNOBS;
