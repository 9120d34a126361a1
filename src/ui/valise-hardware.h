/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-edit-session.h"

G_BEGIN_DECLS

/* What can be added to a machine; one table for the menu, the pages that are empty and the rows that switch a device
 * on. */
typedef struct
{
  const char *id;
  const char *label; /* untranslated: "CD Drive" */
  const char *icon;
  const char *page;    /* page of the settings that shows it */
  const char *element; /* "devices/disk" */
  gboolean once;       /* a machine can have one */
  const char *xml;     /* NULL: made to fit the machine */
} ValiseHardware;

const ValiseHardware *valise_hardware_table (gsize *length);
const ValiseHardware *valise_hardware_lookup (const char *id);
/* Why it cannot be added now, translated; %NULL when it can. (transfer full) */
char *valise_hardware_reason (ValiseEditSession *session, const char *id);
/* The part of it that this computer, its libvirt and the kind of machine are to blame for
 * (valise-hardware-reasons.c). */
char *valise_hardware_host_reason (ValiseEditSession *session, const char *id);
/* Whether it is a machine as Intel's and AMD's are. */
gboolean valise_hardware_is_pc (ValiseEditSession *session);
/* As one undoable step, with what it needs besides. Returns: the path of the new device, "devices/disk[3]" (transfer full) */
char *valise_hardware_add (ValiseEditSession *session, const char *id, GError **error);
/* Removes a device and what the document states about it elsewhere. */
gboolean valise_hardware_remove (ValiseEditSession *session, const char *device, GError **error);

G_END_DECLS
