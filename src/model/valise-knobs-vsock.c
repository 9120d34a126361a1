/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "vsock"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnob KNOBS[] = {
  { "devices/vsock/cid/@auto", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Socket device: number by itself"),
    N_ ("Chooses the number under which this computer reaches the guest's sockets."), .synonyms = "vsock cid",
    .fallback = N_ ("no") },
  { "devices/vsock/cid/@address", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Socket device: number"),
    N_ ("The number under which this computer reaches the guest's sockets."), .synonyms = "vsock cid", .minimum = 3,
    .maximum = G_MAXUINT32 },
  { "devices/vsock/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Socket device"),
    N_ ("Lets programs here and in the guest talk without a network."), .synonyms = "vsock virtio vhost",
    .fallback = N_ ("virtio"), .choices = _valise_knob_virtio_models },
  { "devices/vsock/driver/@iommu", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Socket device: behind the IOMMU"),
    N_ ("The device asks the guest's IOMMU for every access to memory."), .synonyms = "virtio iommu platform",
    .fallback = N_ ("off") },
  { "devices/vsock/driver/@ats", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Socket device: address translation"),
    N_ ("The device may remember what the IOMMU answered."), .synonyms = "virtio ats", .fallback = N_ ("off") },
  { "devices/vsock/driver/@packed", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Socket device: packed queues"),
    N_ ("A newer, denser form of virtio's queues."), .synonyms = "virtio packed ring", .fallback = N_ ("off") },
  { NULL },
};

const ValiseKnob *const _valise_knobs_vsock = KNOBS;
