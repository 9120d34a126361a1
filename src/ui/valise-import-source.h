/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-import-choices.h"
#include "formats/valise-package.h"

G_BEGIN_DECLS

/* What another program's file holds. @machines: (element-type ValiseImportChoices) */
typedef struct
{
  ValisePackage *package;
  GPtrArray *machines;
} ValiseImportSource;
void valise_import_source_free (ValiseImportSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseImportSource, valise_import_source_free)

/* Reads it in a thread. @owner: a #GObject that is kept until then; @configuration: (nullable): a deployment option */
void valise_import_source_read_async (gpointer owner,
                                      const char *path,
                                      const char *configuration,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* Errors as valise_reader_read(). @path: (out) (optional) (transfer none): lives as long as @result. (transfer full) */
ValiseImportSource *valise_import_source_read_finish (GAsyncResult *result, const char **path, GError **error);

G_END_DECLS
