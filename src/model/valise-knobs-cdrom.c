/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "cdrom"
#define RESTART VALISE_KNOB_AFTER_RESTART
#define LIVE VALISE_KNOB_LIVE

static const ValiseKnobChoice BUSES[] = {
  { "sata", N_ ("SATA") },
  { "scsi", N_ ("SCSI") },
  { "usb", N_ ("USB") },
  { "ide", N_ ("IDE (old systems)") },
  { NULL },
};

static const ValiseKnobChoice TRAYS[] = {
  { "closed", N_ ("Closed") },
  { "open", N_ ("Open") },
  { NULL },
};

static const ValiseKnobChoice STARTUP_POLICIES[] = {
  { "mandatory", N_ ("Do not start") },
  { "requisite", N_ ("Do not start, but run on if it goes missing") },
  { "optional", N_ ("Start with an empty drive") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/disk[@device='cdrom']/source/@file", VALISE_KNOB_PATH, LIVE, PAGE, N_ ("CD in the drive"),
    N_ ("The ISO file that the guest sees as a CD. Empty for no CD."),
    .synonyms = "iso cdrom dvd media image insert eject", .fallback = N_ ("no CD") },
  { "devices/disk[@device='cdrom']/target/@bus", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Connection"),
    N_ ("How the drive is connected."), .synonyms = "bus sata scsi usb ide cdrom", .choices = BUSES, .open = TRUE },
  { "devices/disk[@device='cdrom']/target/@tray", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Tray"),
    N_ ("Whether the tray of the drive is open."), .synonyms = "cd eject cdrom", .fallback = N_ ("closed"),
    .choices = TRAYS },
  { "devices/disk[@device='cdrom']/source/@startupPolicy", VALISE_KNOB_CHOICE, RESTART, PAGE,
    N_ ("If the CD is missing"), N_ ("What to do at start when the file is not there."),
    .synonyms = "startup policy optional iso cdrom", .fallback = N_ ("do not start"), .choices = STARTUP_POLICIES },
  { "devices/disk[@device='cdrom']/boot/@order", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Boot order"),
    N_ ("The device with the lowest number is tried first."), .synonyms = "boot sequence priority cdrom install",
    .fallback = N_ ("not started from"), .minimum = 1, .maximum = 255 },
  { NULL },
};

const ValiseKnob *const _valise_knobs_cdrom = KNOBS;
