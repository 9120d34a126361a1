/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-profile.h"

#include "formats/valise-iso.h"

G_BEGIN_DECLS

/* What is recommended for a system, before it is fitted to this computer. Zeros: no opinion. */
typedef struct
{
  char *os_id;
  char *name;
  guint cpus;
  guint64 memory;
  guint64 disk;
  gboolean virtio;
  gboolean tpm;
  gboolean windows;
  gboolean bios_only; /* does not start with UEFI, although the disc may claim so */
} ValiseAdvice;
void _valise_advice_free (ValiseAdvice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseAdvice, _valise_advice_free)

/* By libosinfo's database, which is loaded at the first call (0.3 s). %NULL when it does not know the disc. */
ValiseAdvice *_valise_advice_from_osinfo (const ValiseIso *iso);
/* By our own table of volume labels, for systems that came out after the database. %NULL when it does not know it
 * either. */
ValiseAdvice *_valise_advice_from_label (const char *label);
/* Whether @os_id is a Windows before 8, which wants the hardware of its time. */
gboolean _valise_advice_is_old_windows (const char *os_id);

G_END_DECLS
