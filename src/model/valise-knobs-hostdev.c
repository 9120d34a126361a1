/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "hostdev"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnobChoice MODES[] = {
  { "subsystem", N_ ("A device") },
  { "capabilities", N_ ("A part (containers)") },
  { NULL },
};

static const ValiseKnobChoice TYPES[] = {
  { "usb", N_ ("USB") },
  { "pci", N_ ("PCI") },
  { "scsi", N_ ("SCSI") },
  { "scsi_host", N_ ("SCSI host adapter (vhost)") },
  { "mdev", N_ ("A share of a device (mdev)") },
  { "storage", N_ ("Storage (containers)") },
  { "misc", N_ ("Character device (containers)") },
  { "net", N_ ("Network device (containers)") },
  { NULL },
};

static const ValiseKnobChoice POLICIES[] = {
  { "mandatory", N_ ("Do not start") },
  { "requisite", N_ ("Do not start, but go on without") },
  { "optional", N_ ("Start without it") },
  { NULL },
};

static const ValiseKnobChoice DRIVERS[] = {
  { "vfio", N_ ("VFIO") },
  { "kvm", N_ ("KVM (very old)") },
  { "xen", N_ ("Xen") },
  { NULL },
};

static const ValiseKnobChoice MODELS[] = {
  { "vfio-pci", N_ ("PCI (vfio-pci)") },
  { "vfio-ap", N_ ("IBM Z cryptography (vfio-ap)") },
  { "vfio-ccw", N_ ("IBM Z channel (vfio-ccw)") },
  { "virtio", N_ ("virtio") },
  { "virtio-transitional", N_ ("virtio, old and new guests") },
  { "virtio-non-transitional", N_ ("virtio, new guests only") },
  { NULL },
};

static const ValiseKnobChoice GUEST_RESETS[] = {
  { "on", N_ ("Always") },
  { "off", N_ ("Never") },
  { "uninitialized", N_ ("Until the guest uses it") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/hostdev/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Device of this computer"),
    N_ ("What kind of device the guest gets."), .synonyms = "passthrough usb pci vfio gpu", .choices = TYPES },
  { "devices/hostdev/@mode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Device: how"),
    N_ ("A device as a whole, or a part for a container."), .synonyms = "passthrough hostdev",
    .fallback = N_ ("a device"), .choices = MODES },
  { "devices/hostdev/@managed", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Take it from this computer"),
    N_ ("Unbinds the device here before the machine starts, and gives it back afterwards."),
    .synonyms = "passthrough pci managed vfio detach", .fallback = N_ ("no") },
  { "devices/hostdev/source/vendor/@id", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("USB vendor"),
    N_ ("Four hexadecimal digits after 0x, as lsusb shows them."), .synonyms = "passthrough usb vendor id lsusb" },
  { "devices/hostdev/source/product/@id", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("USB product"),
    N_ ("Four hexadecimal digits after 0x, as lsusb shows them."), .synonyms = "passthrough usb product id lsusb" },
  { "devices/hostdev/source/address/@domain", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("PCI domain"),
    N_ ("As lspci shows it, with 0x in front."), .synonyms = "passthrough pci lspci", .fallback = N_ ("0x0000") },
  { "devices/hostdev/source/address/@bus", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Bus"),
    N_ ("The USB bus, or the PCI bus with 0x in front."), .synonyms = "passthrough usb pci lspci" },
  { "devices/hostdev/source/address/@device", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("USB device number"),
    N_ ("As lsusb shows it; changes when it is plugged in again."), .synonyms = "passthrough usb lsusb", .minimum = 1,
    .maximum = 127 },
  { "devices/hostdev/source/address/@slot", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("PCI slot"),
    N_ ("As lspci shows it, with 0x in front."), .synonyms = "passthrough pci lspci" },
  { "devices/hostdev/source/address/@function", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("PCI function"),
    N_ ("As lspci shows it, with 0x in front."), .synonyms = "passthrough pci lspci" },
  { "devices/hostdev/source/address/@uuid", VALISE_KNOB_UUID, RESTART, PAGE, N_ ("Share of a device (mdev)"),
    N_ ("The identity of the mediated device."), .synonyms = "passthrough mdev vgpu uuid" },
  { "devices/hostdev/source/@startupPolicy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("When it is missing"),
    N_ ("What happens at start when the device is not plugged in."),
    .synonyms = "passthrough usb optional startup policy", .fallback = N_ ("do not start"), .choices = POLICIES },
  { "devices/hostdev/source/@guestReset", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Guest may reset it"),
    N_ ("Some devices do not survive a reset by the guest."), .synonyms = "passthrough usb reset",
    .fallback = N_ ("always"), .choices = GUEST_RESETS },
  { "devices/hostdev/source/@writeFiltering", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Filter its registers"),
    N_ ("Keeps the guest from registers that could upset this computer."), .synonyms = "passthrough pci xen permissive",
    .fallback = N_ ("yes") },
  { "devices/hostdev/source/adapter/@name", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("SCSI adapter"),
    N_ ("As in scsi_host2."), .synonyms = "passthrough scsi hba" },
  { "devices/hostdev/source/@protocol", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("SCSI over"),
    N_ ("Write iscsi for a device in the network, vhost for a target of this computer."),
    .synonyms = "passthrough scsi iscsi vhost" },
  { "devices/hostdev/source/@name", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("iSCSI name"),
    N_ ("The name of the device in the network."), .synonyms = "passthrough iscsi iqn" },
  { "devices/hostdev/source/@wwpn", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("vhost target"),
    N_ ("The name of the SCSI target, as in naa.5123456789abcde0."), .synonyms = "passthrough scsi vhost wwpn" },
  { "devices/hostdev/driver/@name", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Handed over by"),
    N_ ("The driver of this computer that hands the device over."), .synonyms = "passthrough vfio driver",
    .fallback = "VFIO", .choices = DRIVERS },
  { "devices/hostdev/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Device model"), N_ ("As what the guest sees it."),
    .synonyms = "passthrough vfio model", .fallback = N_ ("chosen automatically"), .choices = MODELS },
  { "devices/hostdev/@display", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Shows a screen"),
    N_ ("A graphics card that is shared can be the machine's display."), .synonyms = "passthrough mdev vgpu display",
    .fallback = N_ ("off") },
  { "devices/hostdev/@ramfb", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Screen during start"),
    N_ ("Shows the firmware's messages before the driver is loaded."), .synonyms = "passthrough mdev vgpu ramfb",
    .fallback = N_ ("off") },
  { "devices/hostdev/@rawio", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Raw commands"),
    N_ ("Gives the machine the right to send any SCSI command."), .synonyms = "passthrough scsi rawio",
    .fallback = N_ ("no") },
  { "devices/hostdev/readonly", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("SCSI: read-only"),
    N_ ("The guest cannot write to it."), .synonyms = "passthrough scsi" },
  { "devices/hostdev/shareable", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("SCSI: may be shared"),
    N_ ("Several machines may use it at once."), .synonyms = "passthrough scsi" },
  { "devices/hostdev/rom/@bar", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Show its boot program"),
    N_ ("Whether the guest sees the device's own boot program."), .synonyms = "passthrough rom bar gpu vbios",
    .fallback = N_ ("on") },
  { "devices/hostdev/rom/@file", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Boot program from a file"),
    N_ ("A file instead of the device's own boot program."), .synonyms = "passthrough rom vbios gpu" },
  { "devices/hostdev/rom/@enabled", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Boot program"),
    N_ ("No takes the device's own boot program away."), .synonyms = "passthrough rom", .fallback = N_ ("yes") },
  { NULL },
};

const ValiseKnob *const _valise_knobs_hostdev = KNOBS;
