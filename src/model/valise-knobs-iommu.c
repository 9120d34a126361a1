/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "iommu"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnobChoice IOMMU_MODELS[] = {
  { "intel", N_ ("Intel VT-d") },
  { "virtio", N_ ("virtio") },
  { "smmuv3", N_ ("Arm SMMUv3") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/iommu/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("IOMMU"),
    N_ ("Guards memory from devices inside the machine; needed for machines within machines that pass devices on."),
    .synonyms = "vt-d dmar smmu nested", .choices = IOMMU_MODELS },
  { "devices/iommu/driver/@intremap", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("IOMMU: interrupt remapping"),
    N_ ("Needed for more than 255 processors."), .synonyms = "vt-d x2apic", .fallback = N_ ("off") },
  { "devices/iommu/driver/@eim", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("IOMMU: extended interrupts"),
    N_ ("Needed for more than 255 processors."), .synonyms = "vt-d x2apic", .fallback = N_ ("off") },
  { "devices/iommu/driver/@caching_mode", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("IOMMU: caching mode"),
    N_ ("Needed when devices of this computer are handed to the guest."), .synonyms = "vt-d passthrough caching",
    .fallback = N_ ("off") },
  { "devices/iommu/driver/@iotlb", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("IOMMU: device cache"),
    N_ ("Devices may remember translations."), .synonyms = "vt-d iotlb ats", .fallback = N_ ("off") },
  { "devices/iommu/driver/@aw_bits", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("IOMMU: address width"),
    N_ ("48 for very large machines."), .unit = N_ ("bits"), .synonyms = "vt-d bits", .fallback = "39", .minimum = 39,
    .maximum = 57 },
  { NULL },
};

const ValiseKnob *const _valise_knobs_iommu = KNOBS;
