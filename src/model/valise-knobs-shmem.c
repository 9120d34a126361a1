/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "shmem"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnobChoice ROLES[] = {
  { "master", N_ ("Keeps it when the machine moves") },
  { "peer", N_ ("Cannot move") },
  { NULL },
};

static const ValiseKnobChoice MODELS[] = {
  { "ivshmem-plain", N_ ("Memory only") },
  { "ivshmem-doorbell", N_ ("Memory and doorbells") },
  { "ivshmem", N_ ("The old form") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/shmem/@name", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Shared memory"),
    N_ ("Its name; machines and programs with the same name share it."), .synonyms = "ivshmem looking glass" },
  { "devices/shmem/model/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Shared memory: model"),
    N_ ("Doorbells need a server that hands them out."), .synonyms = "ivshmem doorbell plain",
    .fallback = N_ ("the old form"), .choices = MODELS },
  { "devices/shmem/size", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Shared memory: size"), N_ ("A power of two."),
    .synonyms = "ivshmem size", .fallback = N_ ("4 MiB") },
  { "devices/shmem/@role", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Shared memory: role"),
    N_ ("Whether the machine can be moved with it."), .synonyms = "ivshmem role migration",
    .fallback = N_ ("cannot move"), .choices = ROLES },
  { "devices/shmem/server/@path", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Doorbell server"),
    N_ ("The socket of the program that hands out doorbells."), .synonyms = "ivshmem server socket" },
  { "devices/shmem/msi/@vectors", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Doorbells"), N_ ("How many there are."),
    .synonyms = "ivshmem msi vectors", .fallback = "1", .minimum = 0, .maximum = 256 },
  { "devices/shmem/msi/@ioeventfd", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Doorbells in a thread of their own"),
    N_ ("Lets the guest go on at once."), .synonyms = "ivshmem msi ioeventfd", .fallback = N_ ("off") },
  { NULL },
};

const ValiseKnob *const _valise_knobs_shmem = KNOBS;
