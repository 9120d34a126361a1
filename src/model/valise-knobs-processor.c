/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "processor"
#define RESTART VALISE_KNOB_AFTER_RESTART
#define LIVE VALISE_KNOB_LIVE

static const ValiseKnobChoice MODES[] = {
  { "host-passthrough", N_ ("Same as this computer") },
  { "host-model", N_ ("Like this computer, with a known model") },
  { "maximum", N_ ("All that can be emulated") },
  { "custom", N_ ("A certain model") },
  { NULL },
};

static const ValiseKnobChoice MATCHES[] = {
  { "minimum", N_ ("At least these features") },
  { "exact", N_ ("Exactly these features") },
  { "strict", N_ ("Only if this computer has no more") },
  { NULL },
};

static const ValiseKnobChoice CHECKS[] = {
  { "none", N_ ("No check") },
  { "partial", N_ ("Before it starts") },
  { "full", N_ ("Before it starts, and again in the running machine") },
  { NULL },
};

static const ValiseKnobChoice FALLBACKS[] = {
  { "allow", N_ ("Take the nearest") },
  { "forbid", N_ ("Do not start") },
  { NULL },
};

static const ValiseKnobChoice POLICIES[] = {
  { "require", N_ ("On") },
  { "disable", N_ ("Off") },
  { "optional", N_ ("On if this computer has it") },
  { "force", N_ ("On, even if it must be emulated") },
  { "forbid", N_ ("Off, and do not start where it exists") },
  { NULL },
};

static const ValiseKnobChoice CACHE_MODES[] = {
  { "passthrough", N_ ("As on this computer") },
  { "emulate", N_ ("Imitated") },
  { "disable", N_ ("None") },
  { NULL },
};

static const ValiseKnobChoice CACHE_LEVELS[] = {
  { "1", N_ ("Level 1") },
  { "2", N_ ("Level 2") },
  { "3", N_ ("Level 3") },
  { NULL },
};

static const ValiseKnobChoice ADDRESS_MODES[] = {
  { "passthrough", N_ ("As on this computer") },
  { "emulate", N_ ("A number of bits") },
  { NULL },
};

static const ValiseKnobChoice PLACEMENTS[] = {
  { "static", N_ ("As written") },
  { "auto", N_ ("Chosen by this computer") },
  { NULL },
};

static const ValiseKnobChoice NODE_ACCESS[] = {
  { "private", N_ ("Private") },
  { "shared", N_ ("Shared with helper programs") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "vcpu", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Virtual CPUs"), N_ ("How many processors the machine has."),
    .synonyms = "processors cores threads smp count number", .fallback = "1", .minimum = 1, .maximum = 1024 },
  { "vcpu/@current", VALISE_KNOB_NUMBER, LIVE, PAGE, N_ ("CPUs switched on at start"),
    N_ ("The others can be switched on while the machine runs."), .synonyms = "hotplug processors current",
    .fallback = N_ ("all"), .minimum = 1, .maximum = 1024 },
  { "vcpu/@cpuset", VALISE_KNOB_CPU_SET, RESTART, PAGE, N_ ("Run on these processors"),
    N_ ("Keeps the machine on some of this computer's processors, as in 0-3,6."), .synonyms = "pinning affinity cpuset",
    .fallback = N_ ("all") },
  { "vcpu/@placement", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Placement"),
    N_ ("Who decides on which of this computer's processors the machine runs."), .synonyms = "numa numad pinning",
    .fallback = N_ ("as written"), .choices = PLACEMENTS },
  { "cpu/@mode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Processor"),
    N_ ("What kind of processor the guest sees. Same as this computer is fastest; a certain model lets the machine "
        "move between computers."),
    .synonyms = "cpu mode host passthrough model type", .fallback = N_ ("a basic model"), .choices = MODES },
  { "cpu/model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Processor model"), N_ ("The model that the guest sees."),
    .synonyms = "cpu type intel amd skylake epyc qemu64" },
  { "cpu/model/@fallback", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("If the model is not possible here"),
    N_ ("What to do on a computer that lacks the model."), .synonyms = "cpu fallback",
    .fallback = N_ ("take the nearest"), .choices = FALLBACKS },
  { "cpu/model/@vendor_id", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Processor vendor shown"),
    N_ ("Twelve characters that the guest reads as the processor's vendor."),
    .synonyms = "cpu vendor genuineintel authenticamd" },
  { "cpu/vendor", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Processor vendor required"),
    N_ ("Starts only on a computer with a processor of this vendor."), .synonyms = "cpu intel amd" },
  { "cpu/@match", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Processor match"),
    N_ ("How closely this computer must fit the model."), .synonyms = "cpu exact minimum strict",
    .fallback = N_ ("exactly"), .choices = MATCHES },
  { "cpu/@check", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Processor check"),
    N_ ("How carefully it is checked that the guest gets what is written here."), .synonyms = "cpu partial full none",
    .fallback = N_ ("chosen automatically"), .choices = CHECKS },
  { "cpu/@migratable", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Only movable features"),
    N_ ("Leaves out processor features with which a running machine cannot be moved or suspended."),
    .synonyms = "cpu migratable invtsc migration", .fallback = N_ ("on") },
  { "cpu/topology/@sockets", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Sockets"),
    N_ ("How many processor chips the guest sees. Windows for desktops uses at most two."), .synonyms = "topology cpu",
    .minimum = 1, .maximum = 1024 },
  { "cpu/topology/@dies", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Dies per socket"),
    N_ ("How many dies each processor chip has."), .synonyms = "topology cpu", .fallback = "1", .minimum = 1,
    .maximum = 1024 },
  { "cpu/topology/@cores", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Cores per socket"),
    N_ ("How many cores each processor chip has."), .synonyms = "topology cpu", .minimum = 1, .maximum = 1024 },
  { "cpu/topology/@threads", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Threads per core"),
    N_ ("How many threads each core runs."), .synonyms = "topology cpu smt hyperthreading", .minimum = 1,
    .maximum = 1024 },
  { "cpu/feature/@policy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Processor feature"),
    N_ ("Switches one feature of the processor on or off."), .synonyms = "cpu flag avx sse aes", .fallback = N_ ("on"),
    .choices = POLICIES },
  { "cpu/feature/@name", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Processor feature name"),
    N_ ("Which feature, as in avx2."), .synonyms = "cpu flag" },
  { "cpu/feature[@name='vmx']/@policy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Nested virtualisation (Intel)"),
    N_ ("Lets the guest run virtual machines of its own, on Intel processors."),
    .synonyms = "nested virtualization vmx vt-x kvm in kvm", .fallback = N_ ("as the model says"),
    .choices = POLICIES },
  { "cpu/feature[@name='svm']/@policy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Nested virtualisation (AMD)"),
    N_ ("Lets the guest run virtual machines of its own, on AMD processors."),
    .synonyms = "nested virtualization svm amd-v kvm in kvm", .fallback = N_ ("as the model says"),
    .choices = POLICIES },
  { "cpu/feature[@name='invtsc']/@policy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Steady time stamp counter"),
    N_ ("Promises the guest a cycle counter that never changes its rate; the machine can then not be suspended."),
    .synonyms = "invtsc tsc clock", .fallback = N_ ("off"), .choices = POLICIES },
  { "cpu/feature[@name='hypervisor']/@policy", VALISE_KNOB_CHOICE, RESTART, PAGE,
    N_ ("Show that it is a virtual machine"), N_ ("The processor flag by which guests notice that they are virtual."),
    .synonyms = "hypervisor bit detection", .fallback = N_ ("on"), .choices = POLICIES },
  { "cpu/feature[@name='x2apic']/@policy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("x2APIC"),
    N_ ("Faster interrupts, and more than 255 processors."), .synonyms = "interrupt",
    .fallback = N_ ("as the model says"), .choices = POLICIES },
  { "cpu/cache/@mode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Processor cache"), N_ ("What caches the guest sees."),
    .synonyms = "l3 cache", .fallback = N_ ("chosen automatically"), .choices = CACHE_MODES },
  { "cpu/cache/@level", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Processor cache level"),
    N_ ("Which cache is imitated."), .synonyms = "l1 l2 l3 cache", .choices = CACHE_LEVELS },
  { "cpu/maxphysaddr/@mode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Address width"),
    N_ ("How many bits of memory address the guest's processor has."), .synonyms = "maxphysaddr phys-bits",
    .fallback = N_ ("chosen automatically"), .choices = ADDRESS_MODES },
  { "cpu/maxphysaddr/@bits", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Address width in bits"),
    N_ ("For an address width of your own."), .unit = N_ ("bits"), .synonyms = "maxphysaddr phys-bits", .minimum = 32,
    .maximum = 64 },
  { "iothreads", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Input and output threads"),
    N_ ("Threads that serve disks apart from everything else; give each busy disk one."),
    .synonyms = "iothread disk performance", .fallback = "0", .maximum = 64 },
  { "cpu/numa/cell/@id", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Memory node: number"), N_ ("The first is 0."),
    .synonyms = "numa cell id", .fallback = N_ ("the next one"), .minimum = 0, .maximum = 255 },
  { "cpu/numa/cell/@cpus", VALISE_KNOB_CPU_SET, RESTART, PAGE, N_ ("Memory node: processors"),
    N_ ("The virtual CPUs of this node, as in 0-3."), .synonyms = "numa cell cpus" },
  { "cpu/numa/cell/@memory", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Memory node: memory"),
    N_ ("How much memory it has, in its unit."), .synonyms = "numa cell ram", .minimum = 0, .maximum = G_MAXINT64 },
  { "cpu/numa/cell/@unit", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Memory node: unit"),
    N_ ("The unit in which its memory is written."), .synonyms = "numa cell unit", .fallback = N_ ("KiB") },
  { "cpu/numa/cell/@memAccess", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Memory node: access"),
    N_ ("Whether helper programs may share its memory."), .synonyms = "numa cell memAccess shared private",
    .fallback = N_ ("private"), .choices = NODE_ACCESS },
  { NULL },
};

const ValiseKnob *const _valise_knobs_processor = KNOBS;
