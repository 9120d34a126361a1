/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "input"
#define RESTART VALISE_KNOB_AFTER_RESTART
#define LIVE VALISE_KNOB_LIVE

static const ValiseKnobChoice TYPES[] = {
  { "tablet", N_ ("Tablet (pointer follows yours)") },
  { "mouse", N_ ("Mouse (captured by the window)") },
  { "keyboard", N_ ("Keyboard") },
  { "passthrough", N_ ("A device of this computer (virtio)") },
  { "evdev", N_ ("A device of this computer (evdev)") },
  { NULL },
};

static const ValiseKnobChoice BUSES[] = {
  { "usb", N_ ("USB") },
  { "ps2", N_ ("PS/2") },
  { "virtio", N_ ("virtio") },
  { NULL },
};

static const ValiseKnobChoice TOGGLES[] = {
  { "ctrl-ctrl", N_ ("Both Ctrl keys") },
  { "alt-alt", N_ ("Both Alt keys") },
  { "shift-shift", N_ ("Both Shift keys") },
  { "meta-meta", N_ ("Both Super keys") },
  { "scrolllock", N_ ("Scroll Lock") },
  { "ctrl-scrolllock", N_ ("Ctrl and Scroll Lock") },
  { NULL },
};

static const ValiseKnobChoice USB_CONTROLLERS[] = {
  { "qemu-xhci", N_ ("USB 3 (QEMU)") },
  { "nec-xhci", N_ ("USB 3 (NEC, for Windows 7)") },
  { "ich9-ehci1", N_ ("USB 2 (Intel ICH9)") },
  { "ehci", N_ ("USB 2") },
  { "piix3-uhci", N_ ("USB 1 (Intel PIIX3)") },
  { "pci-ohci", N_ ("USB 1 (OHCI)") },
  { "none", N_ ("None") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/input/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Pointer or keyboard"),
    N_ ("A tablet lets your pointer move in and out of the window freely."),
    .synonyms = "input mouse tablet keyboard pointer", .choices = TYPES, .required = TRUE },
  { "devices/input/@bus", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Connection"),
    N_ ("How it is connected; PS/2 works in every system."), .synonyms = "input usb ps2 virtio bus", .choices = BUSES,
    .open = TRUE },
  { "devices/input/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("virtio model"),
    N_ ("Which generation of virtio the device speaks."), .synonyms = "input transitional", .fallback = N_ ("virtio"),
    .choices = _valise_knob_virtio_models },
  { "devices/input/source/@evdev", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Device (virtio)"),
    N_ ("The keyboard or mouse of this computer that the guest gets, as in /dev/input/event3."),
    .synonyms = "evdev passthrough" },
  { "devices/input/source/@dev", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Device (evdev)"),
    N_ ("The keyboard or mouse of this computer that the guest gets, as in /dev/input/by-id/…."),
    .synonyms = "evdev passthrough" },
  { "devices/input/source/@grabToggle", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Keys that switch"),
    N_ ("Moves keyboard and mouse between this computer and the guest."), .synonyms = "evdev grab toggle",
    .fallback = N_ ("both Ctrl keys"), .choices = TOGGLES },
  { "devices/input/source/@repeat", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Repeat held keys"),
    N_ ("Whether a key that is held down is sent again and again."), .synonyms = "evdev autorepeat" },
  { "devices/controller[@type='usb']/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("USB"),
    N_ ("Which USB controller the machine has."), .synonyms = "xhci ehci uhci usb3 usb2 controller",
    .choices = USB_CONTROLLERS, .open = TRUE },
  { "devices/controller[@type='usb']/@ports", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("USB ports"),
    N_ ("How many devices can be plugged in directly."), .synonyms = "xhci controller", .fallback = "4", .minimum = 1,
    .maximum = 15 },
  { NULL },
};

const ValiseKnob *const _valise_knobs_input = KNOBS;
