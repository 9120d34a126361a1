/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ValiseExportFile:
 * @name: for people, untranslated
 * @suffix: that tells the format
 * @several: it takes more than one machine
 * @settings: it has no disks, but names those of the machine
 *
 * What a machine can be written as.
 */
typedef struct
{
  const char *name;
  const char *suffix;
  gboolean several;
  gboolean settings;
} ValiseExportFile;

/* (nullable): %NULL after the last */
const ValiseExportFile *valise_export_kinds_get (guint number);
/* Which of them a file name has the ending of; %NULL for none. */
const ValiseExportFile *valise_export_kinds_find (const char *name);
/* "Box", "Box.vmbundle" and "Box.vmbundle.tar.zst" become the one that is wanted. (transfer full) */
char *valise_export_kinds_fit (const char *name, const char *suffix);

G_END_DECLS
