/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "watchdog"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnobChoice WATCHDOG_MODELS[] = {
  { "i6300esb", N_ ("Intel 6300ESB") },
  { "ib700", N_ ("iBASE 700") },
  { "diag288", N_ ("IBM Z diag288") },
  { NULL },
};

static const ValiseKnobChoice WATCHDOG_ACTIONS[] = {
  { "reset", N_ ("Reset it") },         { "shutdown", N_ ("Ask it to shut down") },
  { "poweroff", N_ ("Switch it off") }, { "pause", N_ ("Pause it") },
  { "dump", N_ ("Save its memory") },   { "inject-nmi", N_ ("Interrupt its kernel") },
  { "none", N_ ("Nothing") },           { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/watchdog/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Watchdog model"),
    N_ ("A timer that notices when the guest hangs."), .synonyms = "watchdog hang", .choices = WATCHDOG_MODELS,
    .required = TRUE },
  { "devices/watchdog/@action", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Watchdog action"),
    N_ ("What happens when the guest stops answering its watchdog."), .synonyms = "hang reset",
    .fallback = N_ ("reset it"), .choices = WATCHDOG_ACTIONS },
  { NULL },
};

const ValiseKnob *const _valise_knobs_watchdog = KNOBS;
