/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "hypervisor"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnob KNOBS[] = {
  { "qemu:commandline/qemu:arg/@value", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("QEMU argument"),
    N_ ("One word of the command line that QEMU is started with."),
    .synonyms = "qemu commandline arg passthrough device" },
  { "qemu:commandline/qemu:env/@name", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Environment variable"),
    N_ ("The name of a variable that QEMU is started with."), .synonyms = "qemu commandline env" },
  { "qemu:commandline/qemu:env/@value", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Environment variable: value"),
    N_ ("What the variable holds."), .synonyms = "qemu commandline env" },
  { "qemu:capabilities/qemu:add/@capability", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Capability added"),
    N_ ("What libvirt shall believe QEMU can do."), .synonyms = "qemu capabilities" },
  { "qemu:capabilities/qemu:del/@capability", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Capability taken away"),
    N_ ("What libvirt shall believe QEMU cannot do."), .synonyms = "qemu capabilities" },
  { NULL },
};

const ValiseKnob *const _valise_knobs_hypervisor = KNOBS;
