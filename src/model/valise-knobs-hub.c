/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "hub"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnob KNOBS[] = {
  { "devices/hub/@type", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("USB hub"), N_ ("More USB ports for the guest."),
    .synonyms = "usb hub ports" },
  { NULL },
};

const ValiseKnob *const _valise_knobs_hub = KNOBS;
