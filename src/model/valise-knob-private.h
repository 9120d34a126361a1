/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-knob.h"

G_BEGIN_DECLS

/* The table by page; each part ends with a knob without a path. Read through valise_knob_table, which joins them. */
extern const ValiseKnob *const _valise_knobs_system;
extern const ValiseKnob *const _valise_knobs_processor;
extern const ValiseKnob *const _valise_knobs_memory;
extern const ValiseKnob *const _valise_knobs_boot;
extern const ValiseKnob *const _valise_knobs_clock;
extern const ValiseKnob *const _valise_knobs_features;
extern const ValiseKnob *const _valise_knobs_disk;
extern const ValiseKnob *const _valise_knobs_cdrom;
extern const ValiseKnob *const _valise_knobs_network;
extern const ValiseKnob *const _valise_knobs_display;
extern const ValiseKnob *const _valise_knobs_sound;
extern const ValiseKnob *const _valise_knobs_input;
extern const ValiseKnob *const _valise_knobs_filesystem;
extern const ValiseKnob *const _valise_knobs_hostdev;
extern const ValiseKnob *const _valise_knobs_ports;
extern const ValiseKnob *const _valise_knobs_tpm;
extern const ValiseKnob *const _valise_knobs_rng;
extern const ValiseKnob *const _valise_knobs_watchdog;
extern const ValiseKnob *const _valise_knobs_panic;
extern const ValiseKnob *const _valise_knobs_vsock;
extern const ValiseKnob *const _valise_knobs_shmem;
extern const ValiseKnob *const _valise_knobs_smartcard;
extern const ValiseKnob *const _valise_knobs_iommu;
extern const ValiseKnob *const _valise_knobs_module;
extern const ValiseKnob *const _valise_knobs_hub;
extern const ValiseKnob *const _valise_knobs_nvram;
extern const ValiseKnob *const _valise_knobs_lease;
extern const ValiseKnob *const _valise_knobs_controller;
extern const ValiseKnob *const _valise_knobs_tuning;
extern const ValiseKnob *const _valise_knobs_security;
extern const ValiseKnob *const _valise_knobs_hypervisor;

/* The models of a device that has only those of virtio. */
extern const ValiseKnobChoice _valise_knob_virtio_models[];

/* The end of the predicate that starts at @open ("["), after its "]"; quotes may hold brackets. */
const char *_valise_knob_skip_predicate (const char *open);

G_END_DECLS
