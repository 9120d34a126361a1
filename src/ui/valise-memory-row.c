/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "base/valise-size.h"
#include "ui/valise-knob-control.h"
#include "ui/valise-special-rows.h"

VALISE_DEFINE_SPECIAL_ROW (ValiseMemoryRow, valise_memory_row, GtkWidget *spin; GtkWidget * scale; guint64 shown;)

static guint64
host_memory (ValiseSettingsRow *row)
{
  ValiseCapabilities *capabilities = valise_edit_session_get_capabilities (valise_settings_row_get_session (row));
  guint64 bytes = capabilities != NULL ? valise_capabilities_get_memory (capabilities) : 0;

  return bytes > 0 ? bytes : 16 * VALISE_GIB;
}

static void
on_slid_cb (GtkRange *range, ValiseMemoryRow *self)
{
  if (valise_settings_row_is_refreshing (&self->parent_instance))
    return;
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->spin), gtk_range_get_value (range));
}

static char *
on_format_cb (GtkScale *scale, double mib, gpointer user_data)
{
  return valise_size_format ((guint64) mib * VALISE_MIB);
}

/* Marks at round numbers, two or three of them, so that their words keep apart in a narrow row: every 8 GiB of 24. */
static double
round_step (double host)
{
  double step = 128;

  while (step * 2 <= host / 2)
    step *= 2;
  return step;
}

static void
build (ValiseMemoryRow *self)
{
  ValiseSettingsRow *row = &self->parent_instance;
  double host = (double) (host_memory (row) / VALISE_MIB);
  GtkWidget *unit = gtk_label_new ("MiB");

  self->spin = valise_knob_spin_new (row, 1, 64.0 * 1024 * 1024, 256, 0);
  gtk_spin_button_set_increments (GTK_SPIN_BUTTON (self->spin), 256, 1024);
  self->scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, host, 128);
  gtk_range_set_increments (GTK_RANGE (self->scale), 256, 1024);
  gtk_scale_set_draw_value (GTK_SCALE (self->scale), FALSE);
  gtk_widget_set_hexpand (self->scale, TRUE);
  gtk_widget_set_margin_end (self->scale, 6);
  /* From right to left GTK puts the words of the marks over each other, outside of the window. */
  gtk_widget_set_direction (self->scale, GTK_TEXT_DIR_LTR);
  for (double step = round_step (host), at = step; at <= host; at += step)
    {
      g_autofree char *mark = on_format_cb (NULL, at, NULL);
      gtk_scale_add_mark (GTK_SCALE (self->scale), at, GTK_POS_BOTTOM, mark);
    }
  atk_object_set_name (gtk_widget_get_accessible (self->scale), _ ("Memory of this computer to give to the machine"));
  g_signal_connect_object (self->scale, "value-changed", G_CALLBACK (on_slid_cb), row, 0);
  valise_settings_row_add_control (row, self->spin, NULL);
  valise_settings_row_add_control (row, unit, _ ("unit"));
  valise_settings_row_add_wide (row, self->scale);
}

static void
valise_memory_row_bound (ValiseSettingsRow *row)
{
  ValiseMemoryRow *self = (ValiseMemoryRow *) row;
  g_autofree char *size = valise_size_format (host_memory (row));
  g_autofree char *help = g_strdup_printf (_ ("This computer has %s"), size);

  if (self->spin == NULL)
    build (self);
  valise_settings_row_set_help (row, help);
}

static void
valise_memory_row_refresh (ValiseSettingsRow *row)
{
  ValiseMemoryRow *self = (ValiseMemoryRow *) row;
  guint64 bytes = 0;
  gboolean set = valise_knob_size_get (row, "memory", &bytes);

  self->shown = bytes;
  valise_knob_spin_show (self->spin, (double) (bytes / VALISE_MIB), !set, NULL);
  gtk_range_set_value (GTK_RANGE (self->scale), (double) (bytes / VALISE_MIB));
}

/* The session lets the balloon's target follow where it was the whole memory; it may not be more than there is
 * either. */
static void
valise_memory_row_commit (ValiseSettingsRow *row)
{
  ValiseMemoryRow *self = (ValiseMemoryRow *) row;
  ValiseEditSession *session = valise_settings_row_get_session (row);
  guint64 current = 0, after;
  double mib;

  if (!valise_knob_spin_read (self->spin, &mib) || mib < 0)
    return;
  after = (guint64) mib * VALISE_MIB;
  if (after / VALISE_MIB == self->shown / VALISE_MIB)
    return;
  valise_edit_session_begin (session);
  valise_knob_size_set (row, "memory", after);
  if (valise_knob_size_get (row, "currentMemory", &current) && current > after)
    valise_knob_size_set (row, "currentMemory", after);
  valise_edit_session_end (session);
}

/* A machine has to have memory: there is no default to go back to. */
static void
valise_memory_row_reset (ValiseSettingsRow *row)
{
  ValiseEditSession *session = valise_settings_row_get_session (row);
  ValiseDocument *original = valise_edit_session_get_original (session);
  static const char *const all[] = { "memory", "memory/@unit", "currentMemory", "currentMemory/@unit" };

  valise_edit_session_begin (session);
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *value = valise_document_get (original, all[i]);
      valise_settings_row_set_value (row, all[i], value);
    }
  valise_edit_session_end (session);
}

static void
valise_memory_row_class_init (ValiseMemoryRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_memory_row_bound;
  row_class->refresh = valise_memory_row_refresh;
  row_class->commit = valise_memory_row_commit;
  row_class->reset = valise_memory_row_reset;
}
