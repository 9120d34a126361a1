/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

G_BEGIN_DECLS

/* A device of these can be added to a machine that runs and taken from it. As libvirt 9.0 and QEMU 7.2 do it; tried. */
typedef struct
{
  const char *element;  /* below devices */
  const char *identity; /* what one is told from another by; NULL: all that is written of it */
  const char *leaf;     /* which must be one of @words, or NULL */
  const char *const *words;
} ValiseLiveKind;

/* The table, ended by one without an element. */
const ValiseLiveKind *valise_live_kinds (void);

/* Whether the device at @path ("devices/disk[2]") can be added or taken away while @document's machine runs. */
gboolean valise_live_device_comes_and_goes (ValiseDocument *document, const char *path);

/* Whether the device at @path of @document can be added to the machine that was started as @running says: some need what
 * only a start can give. */
gboolean valise_live_device_can_come (ValiseDocument *document, const char *path, ValiseDocument *running);

/**
 * valise_live_device_find:
 * @document: where to look; what libvirt made of a document when @loose
 * @kind: of what
 * @other: a document that has the device
 * @number: which of @kind's elements of @other, from 1
 * @loose: whether what is found may say more than the other does, and say numbers and sizes in another way
 * @taken: (element-type guint): numbers that were found before and are not to be found again; the found one is
 *   added
 *
 * Finds the same device in another document: by its identity, or by all that is written of it but the guest's address
 * and alias.
 *
 * Returns: its number, 0 for none
 */
guint valise_live_device_find (ValiseDocument *document,
                               const ValiseLiveKind *kind,
                               ValiseDocument *other,
                               guint number,
                               gboolean loose,
                               GHashTable *taken);

G_END_DECLS
