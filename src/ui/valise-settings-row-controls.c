/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-row-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/valise-settings-page.h"
#include "ui/valise-settings-pages.h"

/* What most choices need, and what the longest may take of a row that has the room. */
#define CHOICE_WIDTH 250
#define WIDEST_CHOICE 320
#define WIDTH "valise-width-chars"
#define NARROW_CHARS 8

static void
set_text (GtkLabel *label, const char *text)
{
  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}

/* On the page of the TPM, "TPM: SHA1 registers" need not say whose they are. */
static char *
dup_title (ValiseSettingsRow *self, const ValiseKnob *knob)
{
  const char *label = valise_knob_get_label (knob);
  const char *rest = strstr (label, ": ");
  const ValisePageInfo *info = valise_settings_pages_lookup (knob->page);
  g_autofree char *subject = NULL, *page = NULL, *first = NULL;

  if (rest == NULL || info == NULL || !gtk_widget_get_ancestor (GTK_WIDGET (self), VALISE_TYPE_SETTINGS_PAGE))
    return g_strdup (label);
  subject = g_utf8_casefold (label, rest - label);
  page = g_utf8_casefold (_ (info->title), -1);
  if (!g_str_equal (subject, page))
    return g_strdup (label);
  rest += strlen (": ");
  first = g_utf8_strup (rest, g_utf8_next_char (rest) - rest);
  return g_strconcat (first, g_utf8_next_char (rest), NULL);
}

void
_valise_settings_row_show_words (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
  const ValiseKnob *knob = valise_settings_row_get_description (self);
  const char *title = hdy_preferences_row_get_title (HDY_PREFERENCES_ROW (self));
  const char *help = priv->help;

  if ((title == NULL || *title == '\0') && priv->knob != NULL)
    {
      g_autofree char *named = knob != NULL ? dup_title (self, knob) : g_strdup (priv->knob);

      hdy_preferences_row_set_title (HDY_PREFERENCES_ROW (self), named);
    }
  if (help == NULL && knob != NULL)
    help = valise_knob_get_help (knob);
  set_text (priv->title_label, hdy_preferences_row_get_title (HDY_PREFERENCES_ROW (self)));
  set_text (priv->help_label, help);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)),
                       hdy_preferences_row_get_title (HDY_PREFERENCES_ROW (self)));
}

/* A choice is as wide as its longest entry with its reason; in the row it need not be. */
static GtkWidget *
clamp (GtkWidget *combo)
{
  GtkWidget *box = hdy_clamp_new ();

  hdy_clamp_set_maximum_size (HDY_CLAMP (box), WIDEST_CHOICE);
  hdy_clamp_set_tightening_threshold (HDY_CLAMP (box), WIDEST_CHOICE);
  gtk_widget_set_size_request (box, CHOICE_WIDTH, -1);
  gtk_container_add (GTK_CONTAINER (box), combo);
  gtk_widget_show (box);
  return box;
}

void
valise_settings_row_name_control (ValiseSettingsRow *self, GtkWidget *control, const char *part)
{
  AtkObject *accessible = gtk_widget_get_accessible (control);
  const char *title;
  g_autofree char *name = NULL;

  _valise_settings_row_show_words (self);
  title = hdy_preferences_row_get_title (HDY_PREFERENCES_ROW (self));
  name = part != NULL ? g_strdup_printf ("%s: %s", title, part) : g_strdup (title);
  atk_object_set_name (accessible, name);
  atk_object_add_relationship (accessible, ATK_RELATION_LABELLED_BY,
                               gtk_widget_get_accessible (
                                   GTK_WIDGET (_valise_settings_row_get_private (self)->title_label)));
}

void
valise_settings_row_add_control (ValiseSettingsRow *self, GtkWidget *control, const char *part)
{
  GtkWidget *shown = GTK_IS_COMBO_BOX (control) && part == NULL ? clamp (control) : control;

  valise_settings_row_name_control (self, control, part);
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (_valise_settings_row_get_private (self)->control_box), shown);
  gtk_widget_show (control);
}

static gboolean
is_text (GtkWidget *control)
{
  return GTK_IS_ENTRY (control) && !GTK_IS_SPIN_BUTTON (control);
}

/* A path with buttons beside it would be wider than a telephone: it takes what is there. */
static void
set_text_narrow (GtkWidget *control, gboolean narrow)
{
  gpointer width = g_object_get_data (G_OBJECT (control), WIDTH);

  if (width == NULL)
    width = GINT_TO_POINTER (gtk_entry_get_width_chars (GTK_ENTRY (control)));
  g_object_set_data (G_OBJECT (control), WIDTH, width);
  gtk_entry_set_width_chars (GTK_ENTRY (control), narrow ? NARROW_CHARS : GPOINTER_TO_INT (width));
  gtk_widget_set_hexpand (control, narrow);
}

/* A choice, too, so that what stands below each other begins and ends alike. */
static void
set_clamp_narrow (GtkWidget *box, gboolean narrow)
{
  hdy_clamp_set_maximum_size (HDY_CLAMP (box), narrow ? G_MAXINT16 : WIDEST_CHOICE);
  hdy_clamp_set_tightening_threshold (HDY_CLAMP (box), narrow ? G_MAXINT16 : WIDEST_CHOICE);
  gtk_widget_set_hexpand (box, narrow);
}

void
valise_settings_row_set_narrow (ValiseSettingsRow *self, gboolean narrow)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
  g_autoptr (GList) controls = gtk_container_get_children (GTK_CONTAINER (priv->control_box));
  gboolean stretch = FALSE;

  for (GList *item = controls; item != NULL; item = item->next)
    if (is_text (item->data))
      {
        set_text_narrow (item->data, narrow);
        stretch |= narrow;
      }
    else if (HDY_IS_CLAMP (item->data))
      {
        set_clamp_narrow (item->data, narrow);
        stretch |= narrow;
      }
  g_object_set (priv->control_box, "halign", stretch ? GTK_ALIGN_FILL : GTK_ALIGN_END, "hexpand", stretch, NULL);
  gtk_widget_set_halign (gtk_widget_get_parent (GTK_WIDGET (priv->control_box)),
                         stretch ? GTK_ALIGN_FILL : GTK_ALIGN_END);
  /* Where all that it has stands below, nothing stands between that and its name. */
  gtk_orientable_set_orientation (priv->line,
                                  narrow && controls != NULL ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}

void
valise_settings_row_add_wide (ValiseSettingsRow *self, GtkWidget *control)
{
  gtk_container_add (GTK_CONTAINER (_valise_settings_row_get_private (self)->extra_box), control);
  gtk_widget_show (control);
}
