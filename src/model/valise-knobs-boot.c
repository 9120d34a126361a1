/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "boot"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnobChoice FIRMWARES[] = {
  { "bios", N_ ("BIOS") },
  { "efi", N_ ("UEFI") },
  { NULL },
};

static const ValiseKnobChoice LOADER_TYPES[] = {
  { "rom", N_ ("Read-only memory (BIOS)") },
  { "pflash", N_ ("Flash memory (UEFI)") },
  { NULL },
};

static const ValiseKnobChoice BOOT_KINDS[] = {
  { "hd", N_ ("Hard disk") },
  { "cdrom", N_ ("CD") },
  { "network", N_ ("Network") },
  { "fd", N_ ("Floppy disk") },
  { NULL },
};

static const ValiseKnobChoice SMBIOS_MODES[] = {
  { "emulate", N_ ("Invented") },
  { "host", N_ ("As on this computer") },
  { "sysinfo", N_ ("As written in this machine") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "os/@firmware", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Firmware"),
    N_ ("What starts first. An installed system starts only with the firmware it was installed with."),
    .synonyms = "bios uefi efi ovmf seabios", .fallback = N_ ("BIOS"), .choices = FIRMWARES },
  { "os/firmware/feature[@name='secure-boot']/@enabled", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Secure Boot"),
    N_ ("Starts only systems with a known signature. Windows 11 asks for it."), .synonyms = "uefi secureboot signature",
    .fallback = N_ ("chosen automatically") },
  { "os/firmware/feature[@name='enrolled-keys']/@enabled", VALISE_KNOB_YES_NO, RESTART, PAGE,
    N_ ("Secure Boot: usual keys"),
    N_ ("The firmware knows Microsoft's keys, with which Windows and most Linux systems are signed."),
    .synonyms = "uefi secureboot microsoft enrolled", .fallback = N_ ("chosen automatically") },
  { "os/loader", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Firmware file"),
    N_ ("A firmware of your own instead of one that is chosen automatically."), .synonyms = "loader ovmf bios rom code",
    .fallback = N_ ("chosen automatically") },
  { "os/loader/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Firmware file: kind"),
    N_ ("Where the firmware file is put in the machine."), .synonyms = "loader pflash rom", .choices = LOADER_TYPES },
  { "os/loader/@readonly", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Firmware file: read-only"),
    N_ ("Keeps the guest from changing the firmware file."), .synonyms = "loader" },
  { "os/loader/@secure", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Firmware file: secure"),
    N_ ("The firmware file was built for Secure Boot."), .synonyms = "loader secureboot smm" },
  { "os/loader/@stateless", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Firmware without memory"),
    N_ ("UEFI forgets its variables, boot entries among them, at each start."), .synonyms = "loader stateless nvram" },
  { "os/nvram", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("UEFI variables"),
    N_ ("The file in which UEFI keeps its boot entries and keys."), .synonyms = "nvram vars efivars",
    .fallback = N_ ("chosen automatically") },
  { "os/nvram/@template", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("UEFI variables: template"),
    N_ ("What the variables file is copied from when it does not exist yet."), .synonyms = "nvram vars template" },
  { "os/bootmenu/@enable", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Boot menu"),
    N_ ("Shows a menu of devices for a moment at each start."), .synonyms = "bootmenu f12 esc choose",
    .fallback = N_ ("no") },
  { "os/bootmenu/@timeout", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Boot menu waits"),
    N_ ("How long the menu waits for a key."), .unit = N_ ("ms"), .synonyms = "bootmenu timeout", .maximum = 65535 },
  { "os/boot/@dev", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Boot by kind of device"),
    N_ ("The older way of a boot order: by kind instead of by device."), .synonyms = "boot order sequence",
    .choices = BOOT_KINDS },
  { "os/bios/@useserial", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("BIOS on the serial port"),
    N_ ("The BIOS shows its messages on the serial port too."), .synonyms = "console sgabios serial",
    .fallback = N_ ("no") },
  { "os/bios/@rebootTimeout", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Try again after"),
    N_ ("The BIOS starts again when nothing could be started; -1 for never."), .unit = N_ ("ms"),
    .synonyms = "reboot timeout retry", .fallback = N_ ("never"), .minimum = -1, .maximum = 65535 },
  { "os/smbios/@mode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Manufacturer's data"),
    N_ ("What the guest reads as maker, model and serial number of its computer."),
    .synonyms = "smbios dmi sysinfo serial oem", .fallback = N_ ("invented"), .choices = SMBIOS_MODES },
  { "os/kernel", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Kernel"),
    N_ ("Starts this Linux kernel directly, before any disk."), .synonyms = "direct boot vmlinuz linux" },
  { "os/initrd", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Initial memory disk"),
    N_ ("The file that goes with the kernel."), .synonyms = "initrd initramfs direct boot" },
  { "os/cmdline", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Kernel options"),
    N_ ("What the kernel is told, as in console=ttyS0."),
    .synonyms = "cmdline command line append arguments direct boot" },
  { "os/dtb", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Device tree"),
    N_ ("A hardware description for kernels on Arm and RISC-V."), .synonyms = "dtb direct boot" },
  { "os/acpi/table", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Further ACPI table"),
    N_ ("A file that is shown to the guest as an ACPI table, such as a Windows licence."),
    .synonyms = "slic oem licence" },
  { "devices/disk/boot/@order", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Boot order"),
    N_ ("The device with the lowest number is tried first."), .synonyms = "boot sequence priority",
    .fallback = N_ ("not started from"), .minimum = 1, .maximum = 255 },
  { "devices/interface/boot/@order", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Boot order"),
    N_ ("The device with the lowest number is tried first."), .synonyms = "boot sequence priority pxe network",
    .fallback = N_ ("not started from"), .minimum = 1, .maximum = 255 },
  { "devices/hostdev/boot/@order", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Boot order"),
    N_ ("The device with the lowest number is tried first."), .synonyms = "boot sequence priority usb",
    .fallback = N_ ("not started from"), .minimum = 1, .maximum = 255 },
  { "devices/redirdev/boot/@order", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Boot order"),
    N_ ("The device with the lowest number is tried first."), .synonyms = "boot sequence priority usb",
    .fallback = N_ ("not started from"), .minimum = 1, .maximum = 255 },
  { "devices/filesystem/boot/@order", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Boot order"),
    N_ ("The device with the lowest number is tried first."), .synonyms = "boot sequence priority virtiofs",
    .fallback = N_ ("not started from"), .minimum = 1, .maximum = 255 },
  { NULL },
};

const ValiseKnob *const _valise_knobs_boot = KNOBS;
