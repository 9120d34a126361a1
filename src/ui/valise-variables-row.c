/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "engine/valise-variables.h"
#include "ui/valise-settings-files.h"
#include "ui/valise-special-rows.h"

VALISE_DEFINE_SPECIAL_ROW (ValiseVariablesRow, valise_variables_row, GtkWidget *reset; GtkWidget * put_back;)

static void
on_reset_clicked_cb (ValiseSettingsRow *row)
{
  valise_settings_files_do (GTK_WIDGET (row), "reset-variables", NULL);
  valise_settings_row_refresh (row);
}

static void
on_put_back_clicked_cb (ValiseSettingsRow *row)
{
  valise_settings_files_do (GTK_WIDGET (row), "put-back-variables", NULL);
  valise_settings_row_refresh (row);
}

/* What can be done is known by the window that it comes into. */
static void
on_hierarchy_changed_cb (ValiseSettingsRow *row)
{
  if (valise_settings_row_get_session (row) != NULL)
    valise_settings_row_refresh (row);
}

static void
valise_variables_row_bound (ValiseSettingsRow *row)
{
  ValiseVariablesRow *self = (ValiseVariablesRow *) row;

  if (self->reset != NULL)
    return;
  self->put_back = gtk_button_new_with_label (_ ("Put Back"));
  self->reset = gtk_button_new_with_label (_ ("Reset"));
  valise_settings_row_add_control (row, self->put_back, _ ("put back"));
  valise_settings_row_add_control (row, self->reset, _ ("reset"));
  g_signal_connect_object (row, "hierarchy-changed", G_CALLBACK (on_hierarchy_changed_cb), row, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->reset, "clicked", G_CALLBACK (on_reset_clicked_cb), row, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->put_back, "clicked", G_CALLBACK (on_put_back_clicked_cb), row, G_CONNECT_SWAPPED);
}

static char *
format_time (gint64 time)
{
  g_autoptr (GDateTime) moment = g_date_time_new_from_unix_local (time);

  return moment != NULL ? g_date_time_format (moment, "%x %H:%M") : g_strdup ("");
}

static char *
describe (const ValiseVariables *variables, gboolean can)
{
  g_autofree char *written = format_time (variables->written);
  g_autofree char *reset = format_time (variables->reset);

  if (variables->written > 0 && !can)
    return g_strdup_printf (_ ("Last written %s. Shut the machine down to reset them."), written);
  if (variables->written > 0)
    return g_strdup_printf (_ ("Last written %s. Reset, the firmware starts with fresh ones; these are kept."),
                            written);
  if (variables->reset > 0)
    return g_strdup_printf (_ ("Fresh at the next start. Those that were reset on %s are kept."), reset);
  return g_strdup (_ ("Fresh at the next start. The firmware then keeps its settings, boot entries and keys."));
}

static void
valise_variables_row_refresh (ValiseSettingsRow *row)
{
  ValiseVariablesRow *self = (ValiseVariablesRow *) row;
  ValiseEditSession *session = valise_settings_row_get_session (row);
  const char *directory = valise_edit_session_get_directory (session);
  gboolean there = directory != NULL && valise_settings_files_are_there (GTK_WIDGET (row));
  ValiseVariables variables = { 0 };
  gboolean can = valise_settings_files_can (GTK_WIDGET (row), "reset-variables");
  g_autofree char *help = NULL;

  /* Those of the machine as it is, whatever firmware is being chosen. */
  if (there)
    variables = valise_variables_look (directory, valise_edit_session_get_original (session));
  gtk_widget_set_visible (GTK_WIDGET (row), variables.keeps);
  gtk_widget_set_sensitive (self->reset, can && variables.written > 0);
  gtk_widget_set_sensitive (self->put_back, can);
  gtk_widget_set_visible (self->put_back, variables.reset > 0);
  help = describe (&variables, can);
  valise_settings_row_set_help (row, help);
  valise_settings_row_set_source (row, "");
}

static void
valise_variables_row_class_init (ValiseVariablesRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_variables_row_bound;
  row_class->refresh = valise_variables_row_refresh;
}
