/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A device that is plugged into this computer and may be handed to a guest. */
typedef struct
{
  const char *type; /* "usb" or "pci" */
  char *id;         /* "usb:0x1050:0x0407" or "pci:0000:03:00.0" */
  char *label;      /* for people: "Yubico YubiKey", "Network card, 8086:15f3 at 03:00.0" */
  char *reason;     /* why it cannot be handed over now, translated, or NULL */
} ValiseHostDevice;

/* What the kernel lists now, in its order; hubs and bridges are left out. @type: (nullable): only "usb" or "pci".
 * (element-type ValiseHostDevice) (transfer full) */
GPtrArray *valise_host_devices_list (const char *type);
/* <hostdev> for one of them. (transfer full) */
char *valise_host_device_xml (const ValiseHostDevice *self);

G_END_DECLS
