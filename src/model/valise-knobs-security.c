/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "security"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnobChoice TYPES[] = {
  { "dynamic", N_ ("Chosen by libvirt") },
  { "static", N_ ("As written here") },
  { "none", N_ ("None") },
  { NULL },
};

static const ValiseKnobChoice LAUNCHES[] = {
  { "sev", N_ ("AMD SEV") },
  { "s390-pv", N_ ("IBM Z Secure Execution") },
  { NULL },
};

static const ValiseKnobChoice CIPHERS[] = {
  { "aes", N_ ("AES") },
  { "dea", N_ ("DEA") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "seclabel/@model", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Security model"),
    N_ ("Which of this computer's guards it is about: apparmor, selinux or dac."),
    .synonyms = "seclabel apparmor selinux dac svirt", .fallback = N_ ("the usual one") },
  { "seclabel/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Security label"),
    N_ ("Who chooses the label that the machine runs with."), .synonyms = "seclabel apparmor selinux dac svirt",
    .fallback = N_ ("chosen by libvirt"), .choices = TYPES },
  { "seclabel/@relabel", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Label its files"),
    N_ ("Gives the machine's files the same label."), .synonyms = "seclabel relabel", .fallback = N_ ("yes") },
  { "seclabel/label", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Label"), N_ ("The label that the machine runs with."),
    .synonyms = "seclabel label context" },
  { "seclabel/baselabel", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Base label"), N_ ("What a chosen label is made from."),
    .synonyms = "seclabel baselabel" },
  { "seclabel/imagelabel", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Label of files"), N_ ("The label that its files get."),
    .synonyms = "seclabel imagelabel" },
  { "launchSecurity/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Memory encryption"),
    N_ ("Keeps this computer from reading the guest's memory; needs a processor with it."),
    .synonyms = "launch security sev confidential", .fallback = N_ ("none"), .choices = LAUNCHES },
  { "launchSecurity/cbitpos", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Encryption: bit"),
    N_ ("Which bit of an address means encrypted."), .synonyms = "sev cbitpos",
    .fallback = N_ ("as the processor says"), .minimum = 0, .maximum = 63 },
  { "launchSecurity/reducedPhysBits", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Encryption: address bits lost"),
    N_ ("By how many bits addresses become shorter."), .synonyms = "sev", .fallback = N_ ("as the processor says"),
    .minimum = 0, .maximum = 63 },
  { "launchSecurity/policy", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Encryption: policy"),
    N_ ("What may be done with the guest, as in 0x0003."), .synonyms = "sev policy" },
  { "launchSecurity/dhCert", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Encryption: certificate"),
    N_ ("The guest owner's key, in base 64."), .synonyms = "sev diffie hellman" },
  { "launchSecurity/session", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Encryption: session"),
    N_ ("The guest owner's session, in base 64."), .synonyms = "sev session" },
  { "launchSecurity/@kernelHashes", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Encryption: measure the kernel"),
    N_ ("The kernel, its memory disk and options become part of the measurement."), .synonyms = "sev kernel hashes",
    .fallback = N_ ("no") },
  { "keywrap/cipher/@name", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Key wrapping"),
    N_ ("Protected keys of IBM Z machines."), .synonyms = "s390 cipher", .choices = CIPHERS },
  { "keywrap/cipher/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Key wrapping: allowed"),
    N_ ("Whether the guest may use it."), .synonyms = "s390 cipher" },
  { NULL },
};

const ValiseKnob *const _valise_knobs_security = KNOBS;
