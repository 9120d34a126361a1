/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "tpm"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnobChoice TPM_MODELS[] = {
  { "tpm-crb", N_ ("CRB (new systems, UEFI)") },
  { "tpm-tis", N_ ("TIS (old systems)") },
  { "tpm-spapr", N_ ("POWER") },
  { "spapr-tpm-proxy", N_ ("POWER, passed through") },
  { NULL },
};

static const ValiseKnobChoice TPM_TYPES[] = {
  { "emulator", N_ ("Emulated") },
  { "passthrough", N_ ("This computer's own") },
  { "external", N_ ("By another program") },
  { NULL },
};

static const ValiseKnobChoice TPM_VERSIONS[] = {
  { "2.0", N_ ("2.0") },
  { "1.2", N_ ("1.2") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/tpm/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("TPM interface"),
    N_ ("How the guest talks to its security chip."),
    .synonyms = "trusted platform module windows 11 bitlocker crb tis", .choices = TPM_MODELS },
  { "devices/tpm/backend/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("TPM"),
    N_ ("A security chip that keeps keys. Windows 11 asks for one."),
    .synonyms = "trusted platform module windows 11 bitlocker swtpm", .choices = TPM_TYPES },
  { "devices/tpm/backend/@version", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("TPM version"),
    N_ ("Windows 11 asks for 2.0."), .synonyms = "trusted platform module", .fallback = N_ ("chosen automatically"),
    .choices = TPM_VERSIONS },
  { "devices/tpm/backend/@persistent_state", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("TPM keeps its state"),
    N_ ("Keeps keys even when the machine is only defined for one run."), .synonyms = "trusted platform module",
    .fallback = N_ ("no") },
  { "devices/tpm/backend/device/@path", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("TPM device"),
    N_ ("This computer's security chip that is passed to the guest."),
    .synonyms = "trusted platform module passthrough", .fallback = N_ ("/dev/tpm0") },
  { "devices/tpm/backend/encryption/@secret", VALISE_KNOB_UUID, RESTART, PAGE, N_ ("TPM: key"),
    N_ ("The identity of the secret that its state is encrypted with."),
    .synonyms = "trusted platform module secret encryption", .fallback = N_ ("not encrypted") },
  { "devices/tpm/backend/active_pcr_banks/sha1", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("TPM: SHA1 registers"),
    N_ ("Measures the start with SHA1."), .synonyms = "trusted platform module pcr bank sha1" },
  { "devices/tpm/backend/active_pcr_banks/sha256", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("TPM: SHA256 registers"),
    N_ ("Measures the start with SHA256."), .synonyms = "trusted platform module pcr bank sha256" },
  { "devices/tpm/backend/active_pcr_banks/sha384", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("TPM: SHA384 registers"),
    N_ ("Measures the start with SHA384."), .synonyms = "trusted platform module pcr bank sha384" },
  { "devices/tpm/backend/active_pcr_banks/sha512", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("TPM: SHA512 registers"),
    N_ ("Measures the start with SHA512."), .synonyms = "trusted platform module pcr bank sha512" },
  { "devices/tpm/backend/source/@path", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("TPM socket"),
    N_ ("The socket of a program that imitates the chip."), .synonyms = "trusted platform module swtpm external" },
  { NULL },
};

const ValiseKnob *const _valise_knobs_tpm = KNOBS;
