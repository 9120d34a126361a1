/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "system"
#define RESTART VALISE_KNOB_AFTER_RESTART
#define LIVE VALISE_KNOB_LIVE

static const ValiseKnobChoice ACCELERATORS[] = {
  { "auto", N_ ("Automatic") },
  { "kvm", N_ ("KVM (native speed)") },
  { "tcg", N_ ("Emulation (slow, works everywhere)") },
  { NULL },
};

static const ValiseKnobChoice HYPERVISORS[] = {
  { "kvm", N_ ("KVM") },
  { "qemu", N_ ("QEMU emulation") },
  { NULL },
};

static const ValiseKnobChoice ARCHITECTURES[] = {
  { "x86_64", N_ ("PC, 64 bit (x86_64)") },
  { "i686", N_ ("PC, 32 bit (i686)") },
  { "aarch64", N_ ("Arm, 64 bit (aarch64)") },
  { "armv7l", N_ ("Arm, 32 bit (armv7l)") },
  { "riscv64", N_ ("RISC-V, 64 bit (riscv64)") },
  { "ppc64le", N_ ("POWER, little endian (ppc64le)") },
  { "s390x", N_ ("IBM Z (s390x)") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "metadata/valise:machine/@name", VALISE_KNOB_TEXT, LIVE, PAGE, N_ ("Name"),
    N_ ("What the machine is called in the list."), .synonyms = "title label rename" },
  { "title", VALISE_KNOB_TEXT, LIVE, PAGE, N_ ("Title"), N_ ("The name as other programs show it; follows the name."),
    .synonyms = "name caption" },
  { "name", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Plain name"),
    N_ ("The name in letters that every program takes; follows the name."), .synonyms = "domain label rename" },
  { "description", VALISE_KNOB_TEXT, LIVE, PAGE, N_ ("Notes"), N_ ("Whatever you want to remember about this machine."),
    .synonyms = "description comment remark text" },
  { "uuid", VALISE_KNOB_UUID, RESTART, PAGE, N_ ("Identity"),
    N_ ("The number that tells this machine from all others; some licences are tied to it."),
    .synonyms = "uuid id serial smbios" },
  { "genid", VALISE_KNOB_UUID, RESTART, PAGE, N_ ("Generation identity"),
    N_ ("Tells Windows servers that the machine was copied or set back."), .synonyms = "vmgenid domain controller",
    .fallback = N_ ("none") },
  { "metadata/valise:machine/@os", VALISE_KNOB_TEXT, LIVE, PAGE, N_ ("Operating system"),
    N_ ("What is installed, so that suggestions fit; changes nothing by itself."),
    .synonyms = "os guest windows linux osinfo", .fallback = N_ ("unknown") },
  { "metadata/valise:machine/@accel", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Acceleration"),
    N_ ("How the guest's code is run. Automatic takes KVM wherever it truly works."),
    .synonyms = "kvm tcg virtualization virtualisation hypervisor speed emulation vt-x amd-v",
    .fallback = N_ ("automatic"), .choices = ACCELERATORS },
  { "@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Hypervisor"),
    N_ ("Written for other programs; Valise decides by Acceleration."), .synonyms = "domain type kvm qemu",
    .choices = HYPERVISORS, .open = TRUE },
  { "os/type/@arch", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Architecture"),
    N_ ("The kind of processor that the guest's programs are made for."), .synonyms = "cpu arm x86 riscv 64 bit 32 bit",
    .choices = ARCHITECTURES, .open = TRUE },
  { "os/type/@machine", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Machine type"),
    N_ ("The mainboard. Q35 is the modern PC; i440FX suits systems from before 2008."),
    .synonyms = "chipset mainboard motherboard q35 i440fx pc virt" },
  { NULL },
};

const ValiseKnob *const _valise_knobs_system = KNOBS;
