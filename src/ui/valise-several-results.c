/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-several-results.h"

#include <glib/gi18n-lib.h>
#include <handy.h>
#include <string.h>

#include "model/valise-knob-catalogue.h"
#include "model/valise-shared-edit.h"
#include "ui/valise-settings-page.h"
#include "ui/valise-settings-pages.h"

#define KNOB "valise-knob"
#define MOST_RESULTS 60

struct _ValiseSeveralResults
{
  GtkBox parent_instance;

  GtkLabel *label;
  GtkListBox *list;
};

/* What several machines are most often given, before anything is searched for. */
static const char *const frequent[] = {
  "vcpu",
  "memory",
  "cpu/@mode",
  VALISE_SHARED_BOOT_FIRST,
  "os/bootmenu/@enable",
  "devices/disk/driver/@cache",
  "devices/interface/model/@type",
  "devices/video/model/@type",
  "on_crash",
};

enum
{
  SIGNAL_CHOSEN,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseSeveralResults, valise_several_results, GTK_TYPE_BOX)

static void
destroy_child (GtkWidget *child, gpointer user_data)
{
  gtk_widget_destroy (child);
}

/* @path: lives as long as the program */
static GtkWidget *
add_result (ValiseSeveralResults *self, const char *path, const char *label, const char *page, const char *reason)
{
  const ValisePageInfo *info = valise_settings_pages_lookup (page);
  GtkWidget *row = hdy_action_row_new ();
  g_autofree char *name = reason != NULL ? g_strdup_printf ("%s: %s", label, reason) : g_strdup (label);

  hdy_preferences_row_set_title (HDY_PREFERENCES_ROW (row), label);
  hdy_action_row_set_subtitle (HDY_ACTION_ROW (row), reason != NULL ? reason : info != NULL ? _ (info->title) : page);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_widget_set_sensitive (row, reason == NULL);
  atk_object_set_name (gtk_widget_get_accessible (row), name);
  g_object_set_data (G_OBJECT (row), KNOB, (gpointer) path);
  gtk_container_add (GTK_CONTAINER (self->list), row);
  gtk_widget_show (row);
  return row;
}

/* The places of devices in the order, and the words that are the other way to write it: for several machines they are
 * one question. */
static gboolean
is_boot_order (const ValiseKnob *knob)
{
  return valise_settings_page_is_boot_order (knob->path) || g_str_equal (knob->path, "os/boot/@dev");
}

static void
add_knob (ValiseSeveralResults *self, const ValiseKnob *knob)
{
  GtkWidget *row;

  if (knob == NULL || is_boot_order (knob))
    {
      add_result (self, VALISE_SHARED_BOOT_FIRST, _ ("Boot order"), "boot", NULL);
      return;
    }
  row = add_result (self, knob->path, valise_knob_get_label (knob), knob->page, valise_shared_edit_reason (knob->path));
  gtk_widget_set_tooltip_text (row, knob->path);
}

/* A knob is %NULL where the boot order is meant. */
static GPtrArray *
find_knobs (const char *words)
{
  ValiseKnobCatalogue *catalogue = valise_knob_catalogue_get_default ();
  GPtrArray *found;

  if (*words != '\0')
    return valise_knob_catalogue_search (catalogue, words);
  found = g_ptr_array_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (frequent); i++)
    {
      const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (catalogue, frequent[i]);

      if (entry != NULL || g_str_equal (frequent[i], VALISE_SHARED_BOOT_FIRST))
        g_ptr_array_add (found, (gpointer) entry);
    }
  return found;
}

static void
choose (ValiseSeveralResults *self, GtkListBoxRow *row)
{
  const char *knob =
      row != NULL && gtk_widget_get_sensitive (GTK_WIDGET (row)) ? g_object_get_data (G_OBJECT (row), KNOB) : NULL;

  if (knob != NULL)
    g_signal_emit (self, signals[SIGNAL_CHOSEN], 0, knob);
}

static void
on_row_activated_cb (ValiseSeveralResults *self, GtkListBoxRow *row)
{
  choose (self, row);
}

static void
valise_several_results_class_init (ValiseSeveralResultsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  signals[SIGNAL_CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/ui/valise-several-results.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralResults, label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralResults, list);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
}

static void
valise_several_results_init (ValiseSeveralResults *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
valise_several_results_search (ValiseSeveralResults *self, const char *words)
{
  g_autofree char *wanted = g_strstrip (g_strdup (words));
  g_autoptr (GPtrArray) found = find_knobs (wanted);
  gboolean has_order = FALSE;
  guint shown = 0;

  g_return_if_fail (VALISE_IS_SEVERAL_RESULTS (self) && words != NULL);

  gtk_container_foreach (GTK_CONTAINER (self->list), destroy_child, NULL);
  for (guint i = 0; i < found->len && shown < MOST_RESULTS; i++)
    {
      const ValiseKnobEntry *entry = found->pdata[i];
      gboolean is_order = entry == NULL || is_boot_order (&entry->knob);

      /* Names that anybody may make up have no row. */
      if ((is_order && has_order) || (!is_order && strchr (entry->knob.path, '*') != NULL))
        continue;
      add_knob (self, entry != NULL ? &entry->knob : NULL);
      has_order |= is_order;
      shown++;
    }
  gtk_label_set_text (self->label, *wanted == '\0' ? _ ("What should become the same in all of them?")
                                   : shown > 0     ? _ ("Settings found")
                                                   : _ ("No setting is called like that."));
  gtk_widget_set_visible (GTK_WIDGET (self->list), shown > 0);
}

void
valise_several_results_choose_first (ValiseSeveralResults *self)
{
  g_return_if_fail (VALISE_IS_SEVERAL_RESULTS (self));

  choose (self, gtk_list_box_get_row_at_index (self->list, 0));
}

gboolean
valise_several_results_focus_first (ValiseSeveralResults *self)
{
  GtkListBoxRow *first;

  g_return_val_if_fail (VALISE_IS_SEVERAL_RESULTS (self), FALSE);

  first = gtk_list_box_get_row_at_index (self->list, 0);
  if (first == NULL || !gtk_widget_get_mapped (GTK_WIDGET (first)))
    return FALSE;
  gtk_widget_grab_focus (GTK_WIDGET (first));
  return TRUE;
}
