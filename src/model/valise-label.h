/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"
#include "model/valise-knob.h"

G_BEGIN_DECLS

/* The element that stands for the device that @path lies in: "devices/disk[2]" of "devices/disk[2]/target/@dev"; %NULL
 * when it lies in none. (transfer full) */
char *valise_label_device_path (const char *path);

/* What people call a device: "Disk vda", "CD drive sda", "Network card 52:54:00:12:34:56", "Display". @path may lie
 * anywhere in it. Fit to be shown, whatever the document says. (transfer full) */
char *valise_label_device (ValiseDocument *document, const char *path);

/* As valise_knob_lookup, and tells a CD drive's knobs from a disk's. */
const ValiseKnob *valise_label_lookup (ValiseDocument *document, const char *path);

/* "Disk vda: cache mode" for a knob in a device, else the knob's own label; the path itself where the table has no
 * word. (transfer full) */
char *valise_label_knob (ValiseDocument *document, const char *path);

/* The knob's value as people read it: "4 GiB", "on", "virtio", "5000 ms"; %NULL when it is not set. (transfer full) */
char *valise_label_value (ValiseDocument *document, const char *path);

/* The same for a value that stands in no document. @knob: (nullable). Sizes are left as they are: their unit is
 * elsewhere. */
char *valise_label_text (const ValiseKnob *knob, const char *text);

/* Bytes of a VALISE_KNOB_SIZE element with its unit (libvirt's own where none is written), or of a plain number of
 * bytes in an attribute. %FALSE when it is not set, no number, or does not fit. */
gboolean valise_label_get_size (ValiseDocument *document, const char *path, guint64 *bytes);

G_END_DECLS
