/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-knob-control.h"

#include <glib/gi18n-lib.h>

#define DICE "valise-dice"

/* (transfer full) */
typedef char *(*Roll) (void);

static char *
roll_mac (void)
{
  guint32 dice = g_random_int ();

  /* 52:54:00 is the prefix that QEMU's machines have always had. */
  return g_strdup_printf ("52:54:00:%02x:%02x:%02x", dice & 0xff, (dice >> 8) & 0xff, (dice >> 16) & 0xff);
}

static void
on_dice_clicked_cb (GtkWidget *button, GtkEntry *entry)
{
  ValiseSettingsRow *row = VALISE_SETTINGS_ROW (gtk_widget_get_ancestor (GTK_WIDGET (entry), VALISE_TYPE_SETTINGS_ROW));
  Roll roll = (Roll) g_object_get_data (G_OBJECT (button), DICE);
  g_autofree char *text = roll ();

  gtk_entry_set_text (entry, text);
  if (row != NULL)
    valise_settings_row_commit_now (row);
}

static void
add_dice (ValiseSettingsRow *row, GtkWidget *entry, Roll roll, const char *tip, const char *name)
{
  GtkWidget *dice = gtk_button_new_from_icon_name ("view-refresh-symbolic", GTK_ICON_SIZE_BUTTON);

  gtk_widget_set_tooltip_text (dice, tip);
  g_object_set_data (G_OBJECT (dice), DICE, (gpointer) roll);
  valise_settings_row_add_control (row, dice, name);
  g_signal_connect_object (dice, "clicked", G_CALLBACK (on_dice_clicked_cb), entry, 0);
}

static GtkWidget *
build_mac (ValiseSettingsRow *row, const ValiseKnob *knob)
{
  GtkWidget *entry = valise_knob_entry_new (row, 17);

  gtk_entry_set_max_length (GTK_ENTRY (entry), 17);
  valise_settings_row_add_control (row, entry, NULL);
  add_dice (row, entry, roll_mac, _ ("Roll a new address"), _ ("roll a new address"));
  return entry;
}

const ValiseKnobControl valise_knob_mac = { build_mac, valise_knob_show_text, valise_knob_commit_text };

/* A UUID that names something else, a secret of libvirt's for instance, is no use when it is made up. */
static gboolean
is_own (const ValiseKnob *knob)
{
  return g_str_equal (knob->path, "uuid") || g_str_equal (knob->path, "genid")
         || g_str_equal (knob->path, "devices/memory/uuid")
         || g_str_has_prefix (knob->path, "devices/interface/virtualport/");
}

static GtkWidget *
build_uuid (ValiseSettingsRow *row, const ValiseKnob *knob)
{
  GtkWidget *entry = valise_knob_entry_new (row, 30);

  gtk_entry_set_max_length (GTK_ENTRY (entry), 36);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), knob->fallback != NULL ? _ (knob->fallback) : NULL);
  valise_settings_row_add_control (row, entry, NULL);
  if (is_own (knob))
    add_dice (row, entry, g_uuid_string_random, _ ("Make up a new one"), _ ("make up a new one"));
  return entry;
}

const ValiseKnobControl valise_knob_uuid = { build_uuid, valise_knob_show_text, valise_knob_commit_text };

static GtkWidget *
build_pci (ValiseSettingsRow *row, const ValiseKnob *knob)
{
  GtkWidget *entry = valise_knob_entry_new (row, 8);

  /* Translators: an example of how parts of PCI addresses are written */
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _ ("as in 0x1f"));
  gtk_entry_set_alignment (GTK_ENTRY (entry), 1.0);
  valise_settings_row_add_control (row, entry, NULL);
  return entry;
}

const ValiseKnobControl valise_knob_pci = { build_pci, valise_knob_show_text, valise_knob_commit_text };
