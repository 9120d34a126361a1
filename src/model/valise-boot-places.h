/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-edit-session.h"

G_BEGIN_DECLS

/* The boot order of a machine as one list, whichever of its two ways libvirt has it written in: numbers of devices, or
 * the words of os/boot. */

/* A device that a machine may be started from. */
typedef struct
{
  char *device;     /* "devices/disk[2]" */
  const char *kind; /* VALISE_BOOT_..., or NULL for what is none of these */
  guint order;      /* as stated; 0 when it takes no part */
} ValiseBootPlace;

/* What several machines can be told although each has devices of its own. */
#define VALISE_BOOT_DISKS "disk"
#define VALISE_BOOT_CDS "cdrom"
#define VALISE_BOOT_FLOPPIES "floppy"
#define VALISE_BOOT_NETWORK "network"

#define VALISE_BOOT_PLACES_ERROR (valise_boot_places_error_quark ())
GQuark valise_boot_places_error_quark (void);
typedef enum
{
  VALISE_BOOT_PLACES_ERROR_NONE_THERE, /* no device of that kind */
  VALISE_BOOT_PLACES_ERROR_KERNEL,     /* a kernel is started directly, before any device */
} ValiseBootPlacesError;

/* Everything that can be booted from, those that take part first and in their order. (element-type ValiseBootPlace)
 * (transfer full) */
GPtrArray *valise_boot_places_read (ValiseDocument *document);
/* Numbers the places that take part from 1, in the order of the list, and removes os/boot: no two can hold the same
 * number. One undoable step. */
gboolean valise_boot_places_write (ValiseEditSession *session, GPtrArray *places, GError **error);

/* "CD drives", translated. */
const char *valise_boot_places_label (const char *kind);
/* The kind that is tried first; %NULL when nothing takes part, or it is none of the kinds above. */
const char *valise_boot_places_first (ValiseDocument *document);
/* Puts the devices of a kind before all others, which keep their order; nothing happens when one of them is first
 * already. One undoable step. #ValiseBootPlacesError when there is nothing to put there. */
gboolean valise_boot_places_put_first (ValiseEditSession *session, const char *kind, GError **error);

G_END_DECLS
