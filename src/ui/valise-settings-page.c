/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-page.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-settings-findings.h"
#include "ui/valise-settings-remainder.h"

typedef struct
{
  GtkLabel *title_label;
  GtkWidget *remove_button;
  GtkListBox *findings_list;
  ValiseRemainder *rest; /* made with the first bind */

  ValiseEditSession *session;
  GPtrArray *rows;
  GPtrArray *refusals;
  char *device;
  gboolean narrow;
} ValiseSettingsPagePrivate;

enum
{
  SIGNAL_REMOVE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (ValiseSettingsPage, valise_settings_page, GTK_TYPE_BOX)

#define PRIVATE(self) ((ValiseSettingsPagePrivate *) valise_settings_page_get_instance_private (self))

static void
collect_rows (GtkWidget *widget, gpointer user_data)
{
  if (VALISE_IS_SETTINGS_ROW (widget))
    g_ptr_array_add (user_data, widget);
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), collect_rows, user_data);
}

/* Boot numbers are set by the one list on the boot page, where no two can be the same. */
gboolean
valise_settings_page_is_boot_order (const char *knob)
{
  return g_str_has_suffix (knob, "/boot/@order");
}

static gboolean
group_has_rows (ValiseSettingsPage *self, GtkWidget *group)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (self);

  for (guint i = 0; i < priv->rows->len; i++)
    {
      GtkWidget *row = g_ptr_array_index (priv->rows, i);
      if (gtk_widget_get_visible (row) && gtk_widget_is_ancestor (row, group))
        return TRUE;
    }
  return FALSE;
}

/* A heading with nothing below it is none. */
static void
show_groups (ValiseSettingsPage *self)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (self);

  for (guint i = 0; i < priv->rows->len; i++)
    {
      GtkWidget *row = g_ptr_array_index (priv->rows, i);
      GtkWidget *group = gtk_widget_get_ancestor (row, HDY_TYPE_PREFERENCES_GROUP);
      if (group != NULL && !gtk_widget_is_ancestor (row, GTK_WIDGET (priv->rest)))
        gtk_widget_set_visible (group, group_has_rows (self, group));
    }
}

static void
bind_row (ValiseSettingsPage *self, ValiseSettingsRow *row)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (self);

  valise_settings_row_bind (row, priv->session, priv->device);
  valise_settings_row_set_refusals (row, priv->refusals);
  valise_settings_row_set_narrow (row, priv->narrow);
}

static void
on_row_made (ValiseSettingsRow *row, gpointer user_data)
{
  ValiseSettingsPage *self = user_data;

  g_ptr_array_add (PRIVATE (self)->rows, row);
  bind_row (self, row);
}

static void
add_rest (ValiseSettingsPage *self)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (self);
  GtkWidget *group = hdy_preferences_group_new ();

  priv->rest = VALISE_REMAINDER (
      valise_remainder_new (VALISE_SETTINGS_PAGE_GET_CLASS (self)->id, priv->rows, on_row_made, self));
  gtk_container_add (GTK_CONTAINER (group), GTK_WIDGET (priv->rest));
  gtk_container_add (GTK_CONTAINER (self), group);
  gtk_widget_show (group);
}

static void
on_remove_clicked_cb (ValiseSettingsPage *self)
{
  g_signal_emit (self, signals[SIGNAL_REMOVE], 0);
}

static void
valise_settings_page_dispose (GObject *object)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (VALISE_SETTINGS_PAGE (object));

  g_clear_object (&priv->session);
  g_clear_pointer (&priv->rows, g_ptr_array_unref);
  g_clear_pointer (&priv->refusals, g_ptr_array_unref);
  g_clear_pointer (&priv->device, g_free);
  G_OBJECT_CLASS (valise_settings_page_parent_class)->dispose (object);
}

static void
valise_settings_page_class_init (ValiseSettingsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_settings_page_dispose;
  signals[SIGNAL_REMOVE] =
      g_signal_new ("remove-device", VALISE_TYPE_SETTINGS_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/valise/Valise/ui/valise-settings-page.glade");
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsPage, title_label);
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsPage, remove_button);
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsPage, findings_list);
  gtk_widget_class_bind_template_callback (widget_class, on_remove_clicked_cb);
}

static void
valise_settings_page_init (ValiseSettingsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
valise_settings_page_bind (ValiseSettingsPage *self, ValiseEditSession *session, const char *device, const char *title)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (self);
  const char *own_title = VALISE_SETTINGS_PAGE_GET_CLASS (self)->title;
  g_autofree char *kept = g_strdup (device);

  if (priv->rows == NULL)
    {
      priv->rows = g_ptr_array_new ();
      collect_rows (GTK_WIDGET (self), priv->rows);
      add_rest (self);
    }
  g_set_object (&priv->session, session);
  g_free (priv->device);
  priv->device = g_steal_pointer (&kept);
  gtk_label_set_text (priv->title_label, title != NULL ? title : _ (own_title));
  gtk_widget_set_visible (priv->remove_button, priv->device != NULL);
  for (guint i = 0; i < priv->rows->len; i++)
    bind_row (self, g_ptr_array_index (priv->rows, i));
  show_groups (self);
}

void
valise_settings_page_refresh (ValiseSettingsPage *self)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (self);

  for (guint i = 0; priv->rows != NULL && i < priv->rows->len; i++)
    valise_settings_row_refresh (g_ptr_array_index (priv->rows, i));
  if (priv->rows != NULL)
    show_groups (self);
}

void
valise_settings_page_flush (ValiseSettingsPage *self)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (self);

  for (guint i = 0; priv->rows != NULL && i < priv->rows->len; i++)
    valise_settings_row_flush (g_ptr_array_index (priv->rows, i));
}

void
valise_settings_page_set_refusals (ValiseSettingsPage *self, GPtrArray *findings)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (self);

  g_clear_pointer (&priv->refusals, g_ptr_array_unref);
  priv->refusals = findings != NULL ? g_ptr_array_ref (findings) : NULL;
  for (guint i = 0; priv->rows != NULL && i < priv->rows->len; i++)
    valise_settings_row_set_refusals (g_ptr_array_index (priv->rows, i), findings);
  if (priv->rows != NULL)
    show_groups (self);
}

void
valise_settings_page_set_narrow (ValiseSettingsPage *self, gboolean narrow)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (self);

  if (priv->narrow == narrow)
    return;
  priv->narrow = narrow;
  for (guint i = 0; priv->rows != NULL && i < priv->rows->len; i++)
    valise_settings_row_set_narrow (g_ptr_array_index (priv->rows, i), narrow);
}

/* Whether one of the rows that are seen without unfolding anything shows it. */
static gboolean
is_on_row (ValiseSettingsPage *self, const ValiseFinding *finding)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (self);

  for (guint i = 0; i < priv->rows->len; i++)
    {
      ValiseSettingsRow *row = g_ptr_array_index (priv->rows, i);
      if (valise_settings_row_has_knob (row, finding->where)
          && !gtk_widget_is_ancestor (GTK_WIDGET (row), GTK_WIDGET (priv->rest)))
        return TRUE;
    }
  return FALSE;
}

void
valise_settings_page_set_findings (ValiseSettingsPage *self, GPtrArray *findings)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (self);
  g_autoptr (GPtrArray) others = g_ptr_array_new ();

  for (guint i = 0; i < findings->len; i++)
    if (!is_on_row (self, g_ptr_array_index (findings, i)))
      g_ptr_array_add (others, g_ptr_array_index (findings, i));
  valise_settings_findings_fill (priv->findings_list, priv->session, others);
}

const char *
valise_settings_page_get_device (ValiseSettingsPage *self)
{
  return PRIVATE (self)->device;
}

static ValiseSettingsRow *
find_made (ValiseSettingsPage *self, const char *knob)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (self);

  for (guint i = 0; i < priv->rows->len; i++)
    if (valise_settings_row_has_knob (g_ptr_array_index (priv->rows, i), knob))
      return g_ptr_array_index (priv->rows, i);
  return NULL;
}

ValiseSettingsRow *
valise_settings_page_find_row (ValiseSettingsPage *self, const char *knob)
{
  ValiseSettingsPagePrivate *priv = PRIVATE (self);
  ValiseSettingsRow *row = find_made (self, knob);

  /* What was made of the rest may be folded away. */
  if (row != NULL && !gtk_widget_is_ancestor (GTK_WIDGET (row), GTK_WIDGET (priv->rest)))
    {
      valise_settings_row_reveal (row);
      show_groups (self);
      return row;
    }
  return valise_remainder_reveal (priv->rest, knob) ? find_made (self, knob) : row;
}
