/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

G_BEGIN_DECLS

/* Starting one time from something else than the boot order says. The stored document stays as it is; only what libvirt
 * gets is different. */

/* Besides the name of a drive or disk as the guest's target ("sda"), what may be started from: */
#define VALISE_BOOT_ONCE_DISK "disk"       /* the first hard disk */
#define VALISE_BOOT_ONCE_CD "cd"           /* the first CD drive with a disc in it */
#define VALISE_BOOT_ONCE_NETWORK "network" /* the first network card */
#define VALISE_BOOT_ONCE_SETUP "setup"     /* the firmware's own settings, or its menu where it has none */

typedef struct
{
  char *word;
  char *label; /* translated: "CD: debian.iso" */
} ValiseBootOnce;

/* What @stored can be started from once: each disk and each drive with something in it by its target, then the network
 * and the firmware. (element-type ValiseBootOnce) (transfer full) */
GPtrArray *valise_boot_once_list (ValiseDocument *stored);

G_END_DECLS
