/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "module"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnobChoice MODELS[] = {
  { "dimm", N_ ("A memory module") },
  { "nvdimm", N_ ("A module that keeps its contents") },
  { "virtio-mem", N_ ("Memory that grows and shrinks") },
  { "virtio-pmem", N_ ("A file as memory") },
  { "sgx-epc", N_ ("Memory for SGX enclaves") },
  { NULL },
};

static const ValiseKnobChoice ACCESS_MODES[] = {
  { "private", N_ ("Private") },
  { "shared", N_ ("Shared with helper programs") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/memory/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Memory module"), N_ ("What is plugged in."),
    .synonyms = "dimm nvdimm virtio-mem hotplug ram", .choices = MODELS },
  { "devices/memory/target/size", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Module size"), N_ ("How much memory it has."),
    .synonyms = "dimm size ram" },
  { "devices/memory/target/node", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Memory module: node"),
    N_ ("The guest's memory node that it belongs to."), .synonyms = "dimm numa", .minimum = 0, .maximum = 255 },
  { "devices/memory/target/block", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Memory module: block"),
    N_ ("The steps in which it grows and shrinks."), .synonyms = "virtio-mem block", .fallback = N_ ("2 MiB") },
  { "devices/memory/target/requested", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Memory module: memory now"),
    N_ ("How much of it the guest gets."), .synonyms = "virtio-mem requested", .fallback = N_ ("none") },
  { "devices/memory/target/label/size", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Memory module: label"),
    N_ ("Space for the labels of a module that keeps its contents."), .synonyms = "nvdimm label" },
  { "devices/memory/target/readonly", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("Memory module: read-only"),
    N_ ("The guest cannot change it."), .synonyms = "nvdimm" },
  { "devices/memory/source/path", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Memory module: file"),
    N_ ("The file that its contents are kept in."), .synonyms = "nvdimm pmem file" },
  { "devices/memory/source/pagesize", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Memory module: page size"),
    N_ ("Which of this computer's pages it is made of."), .synonyms = "dimm hugepages",
    .fallback = N_ ("the usual one") },
  { "devices/memory/source/nodemask", VALISE_KNOB_CPU_SET, RESTART, PAGE, N_ ("Memory module: from nodes"),
    N_ ("This computer's nodes that it is taken from, as in 0-1."), .synonyms = "dimm numa nodemask" },
  { "devices/memory/source/alignsize", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Memory module: alignment"),
    N_ ("What its place in the file is a multiple of."), .synonyms = "nvdimm align" },
  { "devices/memory/source/pmem", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("Memory module: lasting memory"),
    N_ ("Its file is on memory that keeps its contents."), .synonyms = "nvdimm pmem" },
  { "devices/memory/uuid", VALISE_KNOB_UUID, RESTART, PAGE, N_ ("Memory module: identity"),
    N_ ("Tells a lasting module from others."), .synonyms = "nvdimm uuid" },
  { "devices/memory/@access", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Memory module: access"),
    N_ ("Shared folders (virtiofs) need shared memory."), .synonyms = "dimm shared private", .fallback = N_ ("private"),
    .choices = ACCESS_MODES },
  { "devices/memory/@discard", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Memory module: forgotten on exit"),
    N_ ("Drops its contents instead of writing them out."), .synonyms = "dimm discard", .fallback = N_ ("no") },
  { NULL },
};

const ValiseKnob *const _valise_knobs_module = KNOBS;
