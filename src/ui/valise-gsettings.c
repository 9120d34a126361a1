/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-gsettings.h"

#include "valise-config.h"

/* An uninstalled program lies in BUILD/src/ui and the compiled schema in BUILD/data. */
static GSettingsSchemaSource *
open_beside_program (GSettingsSchemaSource *parent)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *directory = program != NULL ? g_path_get_dirname (program) : NULL;
  g_autofree char *data = directory != NULL ? g_build_filename (directory, "..", "..", "data", NULL) : NULL;

  return data != NULL ? g_settings_schema_source_new_from_directory (data, parent, TRUE, NULL) : NULL;
}

static GSettings *
open_settings (void)
{
  GSettingsSchemaSource *installed = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchemaSource) beside = NULL;
  g_autoptr (GSettingsSchema) schema = NULL;

  if (installed != NULL)
    schema = g_settings_schema_source_lookup (installed, VALISE_APPLICATION_ID, TRUE);
  if (schema == NULL && (beside = open_beside_program (installed)) != NULL)
    schema = g_settings_schema_source_lookup (beside, VALISE_APPLICATION_ID, TRUE);
  if (schema == NULL)
    g_error ("The settings of Valise are not installed: run meson install, or set GSETTINGS_SCHEMA_DIR.");
  return g_settings_new_full (schema, NULL, NULL);
}

GSettings *
valise_gsettings_get (void)
{
  static GSettings *settings = NULL;

  if (g_once_init_enter (&settings))
    g_once_init_leave (&settings, open_settings ());
  return settings;
}
