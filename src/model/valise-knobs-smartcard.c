/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "smartcard"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnobChoice MODES[] = {
  { "host", N_ ("A reader of this computer") },
  { "host-certificates", N_ ("Three certificates of this computer") },
  { "passthrough", N_ ("A remote viewer's reader") },
  { NULL },
};

static const ValiseKnobChoice LINKS[] = {
  { "spicevmc", N_ ("The SPICE viewer") },
  { "tcp", N_ ("The network") },
  { "unix", N_ ("A socket") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/smartcard/@mode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Smart card"), N_ ("Where the guest's card is."),
    .synonyms = "smartcard ccid certificate reader", .choices = MODES },
  { "devices/smartcard/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Smart card: reached by"),
    N_ ("How the program that holds the card is reached."), .synonyms = "smartcard ccid passthrough spice",
    .choices = LINKS, .open = TRUE },
  { "devices/smartcard/certificate", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Smart card: certificate"),
    N_ ("The name of a certificate in the database below; there are three."), .synonyms = "smartcard nss" },
  { "devices/smartcard/database", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Smart card: database"),
    N_ ("The folder with your certificates (NSS)."), .synonyms = "smartcard nss", .fallback = N_ ("/etc/pki/nssdb") },
  { "devices/smartcard/source/@path", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Smart card: socket"),
    N_ ("The socket of the program that holds the card."), .synonyms = "smartcard unix" },
  { "devices/smartcard/source/@mode", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Smart card: connection"),
    N_ ("Write connect, or bind to wait."), .synonyms = "smartcard" },
  { "devices/smartcard/source/@host", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Smart card: computer"),
    N_ ("Its name or address."), .synonyms = "smartcard tcp" },
  { "devices/smartcard/source/@service", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Smart card: port"), N_ ("Its number."),
    .synonyms = "smartcard tcp" },
  { NULL },
};

const ValiseKnob *const _valise_knobs_smartcard = KNOBS;
