/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "engine/valise-export.h"

G_BEGIN_DECLS

/**
 * ValiseExportLook:
 * @moment: (nullable): the settings of the snapshot that is exported
 * @report: what is to be known beforehand of that export
 * @bytes: about how many are written
 * @room: how many have to be free meanwhile
 * @available: how many are, where they are written
 * @is_available_known: which cannot be told everywhere
 * @is_compressed: @bytes is the most
 * @is_file, @is_folder: something lies there already
 *
 * What an export will be, before it is begun.
 */
typedef struct
{
  GPtrArray *machines;
  char *target, *disk, *snapshot;
  ValiseExportChoice choice;
  ValiseDocument *moment;
  GPtrArray *report;
  guint64 bytes, room, available;
  gboolean is_available_known, is_compressed, is_file, is_folder;
} ValiseExportLook;

/* Looks in a thread. @machines: (element-type ValiseMachine); @source: (type GObject): what the callback gets */
void valise_export_look_async (gpointer source,
                               GPtrArray *machines,
                               const char *target,
                               const ValiseExportChoice *choice,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback);
/* (transfer none): goes with @result. %NULL and %G_IO_ERROR_CANCELLED, or why a machine cannot be read. */
const ValiseExportLook *valise_export_look_finish (GAsyncResult *result, GError **error);

G_END_DECLS
