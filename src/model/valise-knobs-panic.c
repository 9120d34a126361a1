/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "panic"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnobChoice PANIC_MODELS[] = {
  { "isa", N_ ("PC (pvpanic)") },
  { "hyperv", N_ ("Windows (Hyper-V)") },
  { "pseries", N_ ("POWER") },
  { "s390", N_ ("IBM Z") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/panic/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Panic device"),
    N_ ("Lets the guest report that its kernel has failed."), .synonyms = "crash pvpanic bluescreen",
    .choices = PANIC_MODELS },
  { NULL },
};

const ValiseKnob *const _valise_knobs_panic = KNOBS;
