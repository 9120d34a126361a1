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

static const ValiseKnobChoice ACTIONS[] = {
  { "destroy", N_ ("Switch off") },
  { "restart", N_ ("Start again") },
  { NULL },
};

static const ValiseKnobChoice CRASH_ACTIONS[] = {
  { "destroy", N_ ("Switch off") },
  { "restart", N_ ("Start again") },
  { "preserve", N_ ("Stop and keep it for inspection") },
  { "coredump-destroy", N_ ("Save its memory, then switch off") },
  { "coredump-restart", N_ ("Save its memory, then start again") },
  { NULL },
};

static const ValiseKnobChoice CLOCKS[] = {
  { "utc", N_ ("Universal time (Linux, BSD)") },      { "localtime", N_ ("Local time (Windows)") },
  { "timezone", N_ ("Another time zone") },           { "variable", N_ ("An offset that the guest may change") },
  { "absolute", N_ ("The same date at each start") }, { NULL },
};

static const ValiseKnobChoice CLOCK_BASES[] = {
  { "utc", N_ ("Universal time") },
  { "localtime", N_ ("Local time") },
  { NULL },
};

static const ValiseKnobChoice TICK_POLICIES[] = {
  { "delay", N_ ("Late, at the normal rate") },
  { "catchup", N_ ("Faster until caught up") },
  { "merge", N_ ("Several as one") },
  { "discard", N_ ("Drop them") },
  { NULL },
};

static const ValiseKnobChoice HYPERV_MODES[] = {
  { "custom", N_ ("Those chosen below") },
  { "passthrough", N_ ("All that this computer has") },
  { NULL },
};

static const ValiseKnobChoice IOAPIC_DRIVERS[] = {
  { "kvm", N_ ("KVM") },
  { "qemu", N_ ("QEMU") },
  { NULL },
};

static const ValiseKnobChoice UNKNOWN_MSRS[] = {
  { "ignore", N_ ("Ignore") },
  { "fault", N_ ("Report a fault to the guest") },
  { NULL },
};

static const ValiseKnobChoice WATCHDOG_MODELS[] = {
  { "i6300esb", N_ ("Intel 6300ESB") },
  { "ib700", N_ ("iBASE 700") },
  { "diag288", N_ ("IBM Z diag288") },
  { NULL },
};

static const ValiseKnobChoice WATCHDOG_ACTIONS[] = {
  { "reset", N_ ("Reset it") },         { "shutdown", N_ ("Ask it to shut down") },
  { "poweroff", N_ ("Switch it off") }, { "pause", N_ ("Pause it") },
  { "dump", N_ ("Save its memory") },   { "inject-nmi", N_ ("Interrupt its kernel") },
  { "none", N_ ("Nothing") },           { NULL },
};

static const ValiseKnobChoice VIRTIO_MODELS[] = {
  { "virtio", N_ ("virtio") },
  { "virtio-transitional", N_ ("virtio, old and new guests") },
  { "virtio-non-transitional", N_ ("virtio, new guests only") },
  { NULL },
};

static const ValiseKnobChoice RNG_BACKENDS[] = {
  { "random", N_ ("This computer's generator") },
  { "builtin", N_ ("QEMU's own generator") },
  { "egd", N_ ("An entropy daemon") },
  { NULL },
};

static const ValiseKnobChoice PANIC_MODELS[] = {
  { "isa", N_ ("PC (pvpanic)") },
  { "hyperv", N_ ("Windows (Hyper-V)") },
  { "pseries", N_ ("POWER") },
  { "s390", N_ ("IBM Z") },
  { NULL },
};

static const ValiseKnobChoice IOMMU_MODELS[] = {
  { "intel", N_ ("Intel VT-d") },
  { "virtio", N_ ("virtio") },
  { "smmuv3", N_ ("Arm SMMUv3") },
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

  { "on_poweroff", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("When the guest switches off"),
    N_ ("What happens when the guest turns its power off."), .synonyms = "shutdown halt action event",
    .fallback = N_ ("switch off"), .choices = ACTIONS, .open = TRUE },
  { "on_reboot", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("When the guest restarts"),
    N_ ("What happens when the guest asks for a restart."), .synonyms = "reboot reset action event",
    .fallback = N_ ("start again"), .choices = ACTIONS, .open = TRUE },
  { "on_crash", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("When the guest crashes"),
    N_ ("What happens when the guest reports that its kernel has failed."),
    .synonyms = "panic bluescreen action event dump", .fallback = N_ ("switch off"), .choices = CRASH_ACTIONS,
    .open = TRUE },

  { "clock/@offset", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Clock"),
    N_ ("What the machine's hardware clock shows: Windows expects local time, everything else universal time."),
    .synonyms = "time utc localtime rtc timezone date", .fallback = N_ ("universal time"), .choices = CLOCKS },
  { "clock/@timezone", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Clock: time zone"),
    N_ ("For a clock in another time zone, as in Europe/Paris."), .synonyms = "time tz" },
  { "clock/@adjustment", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Clock: seconds ahead"),
    N_ ("How far a variable clock is ahead of its base, in seconds; reset forgets what the guest changed."),
    .synonyms = "time offset variable" },
  { "clock/@basis", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Clock: base"), N_ ("What a variable clock counts from."),
    .synonyms = "time utc localtime", .fallback = N_ ("universal time"), .choices = CLOCK_BASES },
  { "clock/@start", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Clock: fixed date"),
    N_ ("Seconds since 1970 that an absolute clock shows at each start."), .unit = N_ ("seconds"),
    .synonyms = "time epoch absolute" },
  { "clock/timer[@name='rtc']/@tickpolicy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Real time clock: missed ticks"),
    N_ ("What happens to ticks that the guest was too busy to take."), .synonyms = "timer rtc catchup",
    .fallback = N_ ("late"), .choices = TICK_POLICIES },
  { "clock/timer[@name='pit']/@tickpolicy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("PIT timer: missed ticks"),
    N_ ("What happens to ticks that the guest was too busy to take."), .synonyms = "timer pit delay",
    .fallback = N_ ("late"), .choices = TICK_POLICIES },
  { "clock/timer[@name='hpet']/@present", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("HPET timer"),
    N_ ("A precise timer that costs processor time; most guests do better without it."),
    .synonyms = "high precision event timer" },
  { "clock/timer[@name='hypervclock']/@present", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Hyper-V clock"),
    N_ ("A fast clock for Windows guests."), .synonyms = "timer windows enlightenment hypervclock" },
  { "clock/timer[@name='kvmclock']/@present", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("KVM clock"),
    N_ ("A fast clock for Linux guests under KVM."), .synonyms = "timer linux kvmclock" },
  { "clock/timer[@name='tsc']/@frequency", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Time stamp counter frequency"),
    N_ ("Fixes the rate of the processor's cycle counter."), .unit = N_ ("Hz"), .synonyms = "tsc timer",
    .fallback = N_ ("as this computer's") },

  { "features/acpi", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("ACPI"),
    N_ ("Lets the guest find its hardware and hear the power button. Nearly every system needs it."),
    .synonyms = "power button shutdown" },
  { "features/apic", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("APIC"),
    N_ ("The modern interrupt controller; needed for more than one processor."), .synonyms = "interrupt smp" },
  { "features/apic/@eoi", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("APIC: fast end of interrupt"),
    N_ ("Lets a guest acknowledge interrupts without leaving it."), .synonyms = "eoi interrupt kvm",
    .fallback = N_ ("on where possible") },
  { "features/pae", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("PAE"),
    N_ ("Lets 32 bit systems use more than 4 GiB of memory."), .synonyms = "nx address extension" },
  { "features/smm/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("System Management Mode"),
    N_ ("A protected processor mode that Secure Boot relies on."), .synonyms = "smm secure boot",
    .fallback = N_ ("chosen automatically") },
  { "features/smm/tseg", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("System Management Mode: memory"),
    N_ ("Memory set aside for System Management Mode; very large machines need more."), .synonyms = "smm tseg",
    .fallback = N_ ("16 MiB") },
  { "features/pmu/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Performance counters"),
    N_ ("Gives the guest the processor's performance counters."), .synonyms = "pmu perf profiling",
    .fallback = N_ ("chosen automatically") },
  { "features/vmport/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("VMware port"),
    N_ ("Imitates VMware's backdoor, which some guests use for the mouse."), .synonyms = "vmware mouse vmport",
    .fallback = N_ ("chosen automatically") },
  { "features/vmcoreinfo/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Crash dump details"),
    N_ ("Lets a Linux guest leave what is needed to read its memory dump."), .synonyms = "vmcoreinfo kdump",
    .fallback = N_ ("off") },
  { "features/ioapic/@driver", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("IOAPIC"),
    N_ ("Who imitates the interrupt distributor; an emulated IOMMU needs QEMU."), .synonyms = "interrupt split irqchip",
    .fallback = N_ ("KVM"), .choices = IOAPIC_DRIVERS },
  { "features/msrs/@unknown", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Unknown processor registers"),
    N_ ("What a guest gets that reads a register which does not exist; macOS needs them ignored."),
    .synonyms = "msr ignore_msrs", .fallback = N_ ("fault"), .choices = UNKNOWN_MSRS },
  { "features/hap/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hardware paging"),
    N_ ("Uses the processor's nested page tables."), .synonyms = "hap ept npt",
    .fallback = N_ ("chosen automatically") },
  { "features/pvspinlock/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Paravirtual spin locks"),
    N_ ("Lets Linux guests wait without burning processor time."), .synonyms = "pvspinlock lock",
    .fallback = N_ ("chosen automatically") },
  { "features/tcg/tb-cache", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Emulation: code cache"),
    N_ ("Memory for translated code when the machine is emulated; more can be faster."), .synonyms = "tcg translation",
    .fallback = N_ ("chosen automatically") },

  { "features/hyperv/@mode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Hyper-V extensions"),
    N_ ("Helps that make Windows guests faster."), .synonyms = "windows enlightenments hyperv",
    .fallback = N_ ("those chosen below"), .choices = HYPERV_MODES },
  { "features/hyperv/relaxed/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: relaxed timing"),
    N_ ("Keeps Windows from crashing when it is scheduled late."), .synonyms = "windows enlightenment watchdog",
    .fallback = N_ ("off") },
  { "features/hyperv/vapic/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: virtual APIC"),
    N_ ("Faster interrupts for Windows."), .synonyms = "windows enlightenment", .fallback = N_ ("off") },
  { "features/hyperv/spinlocks/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: spin locks"),
    N_ ("Windows gives its processor away when a lock takes long."), .synonyms = "windows enlightenment",
    .fallback = N_ ("off") },
  { "features/hyperv/spinlocks/@retries", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Hyper-V: spin lock attempts"),
    N_ ("How often Windows tries before it gives its processor away."), .synonyms = "windows enlightenment",
    .fallback = "8191", .minimum = 4095, .maximum = G_MAXUINT32 },
  { "features/hyperv/vpindex/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: processor numbers"),
    N_ ("Lets Windows know which virtual processor it runs on; others build on it."),
    .synonyms = "windows enlightenment vpindex", .fallback = N_ ("off") },
  { "features/hyperv/runtime/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: run time counter"),
    N_ ("Tells Windows how much processor time it really got."), .synonyms = "windows enlightenment",
    .fallback = N_ ("off") },
  { "features/hyperv/synic/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: message interrupts"),
    N_ ("The synthetic interrupt controller, which the Hyper-V timers need."),
    .synonyms = "windows enlightenment synic", .fallback = N_ ("off") },
  { "features/hyperv/stimer/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: timers"),
    N_ ("Timers that cost Windows far less when it is idle."), .synonyms = "windows enlightenment stimer",
    .fallback = N_ ("off") },
  { "features/hyperv/stimer/direct/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: direct timers"),
    N_ ("Timer expirations arrive as plain interrupts."), .synonyms = "windows enlightenment stimer",
    .fallback = N_ ("off") },
  { "features/hyperv/reset/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: reset"),
    N_ ("Another way for Windows to restart the machine."), .synonyms = "windows enlightenment",
    .fallback = N_ ("off") },
  { "features/hyperv/vendor_id/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: own vendor name"),
    N_ ("Shows another hypervisor name; some graphics drivers look at it."),
    .synonyms = "windows enlightenment nvidia code 43", .fallback = N_ ("off") },
  { "features/hyperv/vendor_id/@value", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Hyper-V: vendor name"),
    N_ ("Up to twelve characters."), .synonyms = "windows enlightenment nvidia" },
  { "features/hyperv/frequencies/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: frequencies"),
    N_ ("Tells Windows the rate of its clocks instead of letting it measure."), .synonyms = "windows enlightenment tsc",
    .fallback = N_ ("off") },
  { "features/hyperv/reenlightenment/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: clock change notice"),
    N_ ("Tells Windows when the rate of its clock changed."), .synonyms = "windows enlightenment tsc nested",
    .fallback = N_ ("off") },
  { "features/hyperv/tlbflush/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: TLB flush"),
    N_ ("Cheaper memory management with many processors."), .synonyms = "windows enlightenment",
    .fallback = N_ ("off") },
  { "features/hyperv/ipi/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: processor signals"),
    N_ ("Cheaper signals between processors."), .synonyms = "windows enlightenment ipi", .fallback = N_ ("off") },
  { "features/hyperv/evmcs/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: nested speed-up (Intel)"),
    N_ ("Faster virtual machines inside Windows on Intel processors."),
    .synonyms = "windows enlightenment evmcs nested", .fallback = N_ ("off") },
  { "features/hyperv/avic/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hyper-V: hardware interrupts"),
    N_ ("Lets Windows use the processor's own interrupt virtualisation."),
    .synonyms = "windows enlightenment avic apicv", .fallback = N_ ("off") },

  { "features/kvm/hidden/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Hide KVM from the guest"),
    N_ ("Some programs refuse to run when they see a virtual machine."), .synonyms = "nvidia anticheat detection",
    .fallback = N_ ("off") },
  { "features/kvm/hint-dedicated/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Processors are dedicated"),
    N_ ("Tells a Linux guest that nobody else uses its processors."), .synonyms = "kvm hint realtime pinning",
    .fallback = N_ ("off") },
  { "features/kvm/poll-control/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Guest decides about polling"),
    N_ ("Lets a Linux guest choose when to wait actively."), .synonyms = "kvm halt poll", .fallback = N_ ("off") },
  { "features/kvm/pv-ipi/@state", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Fast signals between processors"),
    N_ ("Cheaper interprocessor interrupts for Linux guests."), .synonyms = "kvm ipi", .fallback = N_ ("off") },

  { "pm/suspend-to-mem/@enabled", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Guest may sleep"),
    N_ ("Offers sleep (suspend to memory) to the guest."), .synonyms = "s3 suspend power management",
    .fallback = N_ ("chosen automatically") },
  { "pm/suspend-to-disk/@enabled", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Guest may hibernate"),
    N_ ("Offers hibernation (suspend to disk) to the guest."), .synonyms = "s4 suspend power management",
    .fallback = N_ ("chosen automatically") },

  { "devices/watchdog/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Watchdog model"),
    N_ ("A timer that notices when the guest hangs."), .synonyms = "watchdog hang", .choices = WATCHDOG_MODELS },
  { "devices/watchdog/@action", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Watchdog action"),
    N_ ("What happens when the guest stops answering its watchdog."), .synonyms = "hang reset",
    .fallback = N_ ("reset it"), .choices = WATCHDOG_ACTIONS },
  { "devices/rng/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Random number device"),
    N_ ("Gives the guest good random numbers, so that it starts without waiting."),
    .synonyms = "rng entropy virtio-rng", .choices = VIRTIO_MODELS },
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
  { "devices/panic/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Panic device"),
    N_ ("Lets the guest report that its kernel has failed."), .synonyms = "crash pvpanic bluescreen",
    .choices = PANIC_MODELS },
  { "devices/iommu/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("IOMMU"),
    N_ ("Guards memory from devices inside the machine; needed for machines within machines that pass devices on."),
    .synonyms = "vt-d dmar smmu nested", .choices = IOMMU_MODELS },
  { "devices/iommu/driver/@intremap", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("IOMMU: interrupt remapping"),
    N_ ("Needed for more than 255 processors."), .synonyms = "vt-d x2apic", .fallback = N_ ("off") },
  { "devices/iommu/driver/@eim", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("IOMMU: extended interrupts"),
    N_ ("Needed for more than 255 processors."), .synonyms = "vt-d x2apic", .fallback = N_ ("off") },
  { "devices/vsock/cid/@auto", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Socket device: number by itself"),
    N_ ("Chooses the number under which this computer reaches the guest's sockets."), .synonyms = "vsock cid",
    .fallback = N_ ("no") },
  { "devices/vsock/cid/@address", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Socket device: number"),
    N_ ("The number under which this computer reaches the guest's sockets."), .synonyms = "vsock cid", .minimum = 3,
    .maximum = G_MAXUINT32 },
  { NULL },
};

const ValiseKnob *const _valise_knobs_system = KNOBS;
