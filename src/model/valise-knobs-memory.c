/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "memory"
#define RESTART VALISE_KNOB_AFTER_RESTART
#define LIVE VALISE_KNOB_LIVE

static const ValiseKnobChoice BALLOONS[] = {
  { "virtio", N_ ("virtio") },
  { "virtio-transitional", N_ ("virtio, old and new guests") },
  { "virtio-non-transitional", N_ ("virtio, new guests only") },
  { "xen", N_ ("Xen") },
  { "none", N_ ("None") },
  { NULL },
};

static const ValiseKnobChoice SOURCES[] = {
  { "anonymous", N_ ("Ordinary memory") },
  { "memfd", N_ ("Memory that can be shared (memfd)") },
  { "file", N_ ("A file") },
  { NULL },
};

static const ValiseKnobChoice ACCESS_MODES[] = {
  { "private", N_ ("Private") },
  { "shared", N_ ("Shared with helper programs") },
  { NULL },
};

static const ValiseKnobChoice ALLOCATIONS[] = {
  { "ondemand", N_ ("When it is used") },
  { "immediate", N_ ("All at start") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "memory", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Memory"),
    N_ ("How much memory the machine has, or can have at most."), .synonyms = "ram maximum size mib gib",
    .minimum = 1 << 20 },
  { "memory/@unit", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Memory: unit"),
    N_ ("The unit in which the memory is written."), .synonyms = "ram kib mib gib", .fallback = N_ ("KiB") },
  { "memory/@dumpCore", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Memory in crash dumps"),
    N_ ("Whether a dump of the QEMU program contains the guest's memory."), .synonyms = "coredump ram",
    .fallback = N_ ("off") },
  { "currentMemory", VALISE_KNOB_SIZE, LIVE, PAGE, N_ ("Memory given at start"),
    N_ ("Less than the whole; the guest's balloon driver gives and takes the rest while it runs."),
    .synonyms = "ram current balloon", .fallback = N_ ("all of it") },
  { "maxMemory", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Room for memory modules"),
    N_ ("The most memory with all modules that may be plugged in later."), .synonyms = "ram hotplug dimm maximum",
    .fallback = N_ ("none") },
  { "maxMemory/@slots", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Memory slots"),
    N_ ("How many memory modules may be plugged in later."), .synonyms = "ram hotplug dimm", .maximum = 256 },
  { "devices/memballoon/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Memory balloon"),
    N_ ("The device by which the guest gives memory back and reports how much it uses."), .synonyms = "ram balloon",
    .fallback = N_ ("virtio"), .choices = BALLOONS, .required = TRUE },
  { "devices/memballoon/@autodeflate", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Balloon gives way"),
    N_ ("The guest gets memory back before it runs out."), .synonyms = "ram oom", .fallback = N_ ("off") },
  { "devices/memballoon/@freePageReporting", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Return unused memory"),
    N_ ("A Linux guest returns memory that it does not use at once."), .synonyms = "ram free page reporting balloon",
    .fallback = N_ ("off") },
  { "devices/memballoon/stats/@period", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Memory figures every"),
    N_ ("How often the guest reports how much memory it uses."), .unit = N_ ("seconds"),
    .synonyms = "ram balloon statistics", .fallback = N_ ("never"), .minimum = 1, .maximum = 86400 },
  { "memoryBacking/hugepages", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("Huge pages"),
    N_ ("Takes memory in large pieces that must have been set aside on this computer; faster for large machines."),
    .synonyms = "ram hugetlbfs thp" },
  { "memoryBacking/hugepages/page/@size", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Huge page size"),
    N_ ("Which of this computer's huge pages are taken."), .unit = N_ ("KiB"), .synonyms = "ram hugetlbfs",
    .fallback = N_ ("the usual one") },
  { "memoryBacking/hugepages/page/@unit", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Huge page size: unit"),
    N_ ("The unit in which the huge page size is written."), .synonyms = "ram hugetlbfs", .fallback = N_ ("KiB") },
  { "memoryBacking/locked", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("Keep in memory"),
    N_ ("Never moves the machine's memory to this computer's swap space."), .synonyms = "ram mlock swap locked" },
  { "memoryBacking/nosharepages", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("Do not merge equal memory"),
    N_ ("Keeps this computer from merging the machine's memory with that of others."),
    .synonyms = "ram ksm nosharepages" },
  { "memoryBacking/source/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Memory comes from"),
    N_ ("Shared folders and some devices need memory that can be shared."), .synonyms = "ram memfd file virtiofs",
    .fallback = N_ ("ordinary memory"), .choices = SOURCES },
  { "memoryBacking/access/@mode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Memory access"),
    N_ ("Shared folders (virtiofs) need shared memory."), .synonyms = "ram shared virtiofs vhost-user",
    .fallback = N_ ("private"), .choices = ACCESS_MODES },
  { "memoryBacking/allocation/@mode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Take memory"),
    N_ ("All at start is slower to start and steadier afterwards."), .synonyms = "ram prealloc allocation",
    .fallback = N_ ("when it is used"), .choices = ALLOCATIONS },
  { "memoryBacking/allocation/@threads", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Threads for taking memory"),
    N_ ("How many threads take the memory at start."), .synonyms = "ram prealloc", .fallback = "1", .minimum = 1,
    .maximum = 1024 },
  { "memoryBacking/discard", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("Forget memory on exit"),
    N_ ("Drops the contents of memory files instead of writing them out."), .synonyms = "ram discard-data" },
  { "memoryBacking/hugepages/page/@nodeset", VALISE_KNOB_CPU_SET, RESTART, PAGE, N_ ("Huge page size: for nodes"),
    N_ ("Which of the guest's memory nodes use huge pages of this size, as in 0-1."), .synonyms = "ram hugetlbfs numa",
    .fallback = N_ ("all") },
  { "devices/memballoon/driver/@iommu", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Memory balloon: behind the IOMMU"),
    N_ ("The device asks the guest's IOMMU for every access to memory."), .synonyms = "virtio iommu platform",
    .fallback = N_ ("off") },
  { "devices/memballoon/driver/@ats", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Memory balloon: address translation"),
    N_ ("The device may remember what the IOMMU answered."), .synonyms = "virtio ats", .fallback = N_ ("off") },
  { "devices/memballoon/driver/@packed", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Memory balloon: packed queues"),
    N_ ("A newer, denser form of virtio's queues."), .synonyms = "virtio packed ring", .fallback = N_ ("off") },
  { NULL },
};

const ValiseKnob *const _valise_knobs_memory = KNOBS;
