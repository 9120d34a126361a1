/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "rng"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnobChoice RNG_BACKENDS[] = {
  { "random", N_ ("This computer's generator") },
  { "builtin", N_ ("QEMU's own generator") },
  { "egd", N_ ("An entropy daemon") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/rng/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Random number device"),
    N_ ("Gives the guest good random numbers, so that it starts without waiting."),
    .synonyms = "rng entropy virtio-rng", .choices = _valise_knob_virtio_models, .required = TRUE },
  { "devices/rng/backend/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Random numbers from"),
    N_ ("Where the random numbers come from."), .synonyms = "rng entropy source", .choices = RNG_BACKENDS },
  { "devices/rng/backend", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Random number file"),
    N_ ("The device that this computer's random numbers are read from."), .synonyms = "rng entropy urandom",
    .fallback = N_ ("/dev/urandom") },
  { "devices/rng/rate/@bytes", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Random numbers at most"),
    N_ ("Bytes in each period."), .unit = N_ ("bytes"), .synonyms = "rng entropy rate limit",
    .fallback = N_ ("no limit"), .minimum = 1, .maximum = G_MAXUINT32 },
  { "devices/rng/rate/@period", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Random numbers: period"),
    N_ ("The time in which that many bytes may be read."), .unit = N_ ("ms"), .synonyms = "rng entropy rate limit",
    .fallback = "1000", .minimum = 1, .maximum = G_MAXUINT32 },
  { "devices/rng/backend/@type", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Entropy daemon: reached by"),
    N_ ("Write unix, tcp or udp."), .synonyms = "rng entropy egd" },
  { "devices/rng/backend/source/@path", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Entropy daemon: socket"),
    N_ ("The socket that it listens on."), .synonyms = "rng entropy egd" },
  { "devices/rng/backend/source/@mode", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Entropy daemon: mode"),
    N_ ("Write connect, or bind to wait for it."), .synonyms = "rng entropy egd" },
  { "devices/rng/backend/source/@host", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Entropy daemon: computer"),
    N_ ("Its name or address."), .synonyms = "rng entropy egd" },
  { "devices/rng/backend/source/@service", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Entropy daemon: port"),
    N_ ("Its number."), .synonyms = "rng entropy egd" },
  { "devices/rng/driver/@iommu", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Random numbers: behind the IOMMU"),
    N_ ("The device asks the guest's IOMMU for every access to memory."), .synonyms = "virtio iommu platform",
    .fallback = N_ ("off") },
  { "devices/rng/driver/@ats", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Random numbers: address translation"),
    N_ ("The device may remember what the IOMMU answered."), .synonyms = "virtio ats", .fallback = N_ ("off") },
  { "devices/rng/driver/@packed", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Random numbers: packed queues"),
    N_ ("A newer, denser form of virtio's queues."), .synonyms = "virtio packed ring", .fallback = N_ ("off") },
  { NULL },
};

const ValiseKnob *const _valise_knobs_rng = KNOBS;
