/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-import-points.h"

G_BEGIN_DECLS

/* What "valisectl import" was told. Each word as typed, NULL without. */
typedef struct
{
  char **names; /* "NAME", or "N=NAME" */
  char *in;
  char *configuration;
  char *mac;
  char *machine; /* "1,3"; all without */
  char *disk_bus;
  char **decisions; /* "CODE=ANSWER" */
  char **grants;    /* "N", or "N=FOLDER" */
  gboolean dry_run;
} ValiseImportOptions;

void _valise_import_options_clear (ValiseImportOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ValiseImportOptions, _valise_import_options_clear)

/* The name that is for no machine by its number. (nullable) (transfer none) */
const char *_valise_import_options_get_name (const ValiseImportOptions *self);

/* The machines that were chosen, as they were chosen. @machines: (element-type ValiseBlueprint) (transfer full).
 * %VALISE_COMMAND_ERROR_USAGE for what does not fit them. (element-type ValiseImportChoices) (transfer full) */
GPtrArray *_valise_import_options_choose (const ValiseImportOptions *self,
                                          GPtrArray *machines,
                                          ValiseCapabilities *capabilities,
                                          GError **error);

G_END_DECLS
