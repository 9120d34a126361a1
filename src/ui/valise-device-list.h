/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"
#include "ui/valise-disk-facts.h"

G_BEGIN_DECLS

/* A device that has a place in the sidebar. */
typedef struct
{
  char *path;       /* "devices/disk[2]" */
  const char *page; /* of the settings: "disk", "cdrom", "rng" */
  const char *icon;
  char *identity; /* what stays the same when others come and go: "disk vda" */
  char *title;    /* "Disk 1" */
  char *subtitle; /* "25 GiB, virtio" */
} ValiseDevice;

/* In the order of the sidebar. @facts: (nullable). (element-type ValiseDevice) (transfer full) */
GPtrArray *valise_device_list_new (ValiseDocument *document, const char *directory, ValiseDiskFacts *facts);

G_END_DECLS
