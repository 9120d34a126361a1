/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "settings-fixture.h"

#include <string.h>

#include "ui/valise-settings-pages.h"
#include "ui/valise-style.h"

static ValiseCapabilities *
load_capabilities (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "model", "data", "domcaps-q35-kvm.xml", NULL);
  g_autofree char *host_path = g_test_build_filename (G_TEST_DIST, "model", "data", "capabilities.xml", NULL);
  g_autofree char *text = NULL, *host_text = NULL;
  g_autoptr (GError) error = NULL;
  ValiseCapabilities *capabilities;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_file_get_contents (host_path, &host_text, NULL, &error);
  g_assert_no_error (error);
  capabilities = valise_capabilities_new (text, host_text, 8, G_GUINT64_CONSTANT (16) << 30, &error);
  g_assert_no_error (error);
  return capabilities;
}

void
settings_fixture_init (void)
{
  g_autofree char *firmware = g_test_build_filename (G_TEST_DIST, "model", "data", "firmware", NULL);

  /* The firmware of the fixtures, not of the computer that runs the tests. */
  g_setenv ("VALISE_FIRMWARE_DIR", firmware, TRUE);
  valise_style_load ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
}

void
settings_fixture_set_up (SettingsFixture *self, gconstpointer data)
{
  const char *name = data != NULL ? data : "machine.xml";
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "ui", "data", name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (ValiseCapabilities) capabilities = load_capabilities ();

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  document = valise_document_new (text, -1, name, &error);
  g_assert_no_error (error);
  self->session = valise_edit_session_new (document, capabilities, NULL);
  self->settings = g_object_new (VALISE_TYPE_SETTINGS, NULL);
  self->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  g_object_set (self->settings, "apply-visible", TRUE, NULL);
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1000, 700);
  gtk_container_add (GTK_CONTAINER (self->window), GTK_WIDGET (self->settings));
  valise_settings_set_session (self->settings, self->session);
  gtk_widget_show (self->window);
  settings_fixture_settle ();
}

void
settings_fixture_tear_down (SettingsFixture *self, gconstpointer data)
{
  gtk_widget_destroy (self->window);
  settings_fixture_settle ();
  g_assert_finalize_object (self->session);
}

GPtrArray *
settings_fixture_list_pages (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  gsize length;
  const ValisePageInfo *pages = valise_settings_pages (&length);

  for (gsize i = 0; i < length; i++)
    {
      /* Drives come after disks, further cards after the first. */
      gboolean second = g_str_equal (pages[i].id, "cdrom") || g_str_equal (pages[i].id, "video");

      g_ptr_array_add (list, pages[i].element == NULL ? g_strdup (pages[i].id)
                                                      : g_strdup_printf ("%s[%d]", pages[i].element, second ? 2 : 1));
    }
  return list;
}

void
settings_fixture_settle (void)
{
  while (gtk_events_pending ())
    gtk_main_iteration_do (FALSE);
}

static void
find_page (GtkWidget *widget, gpointer user_data)
{
  ValiseSettingsPage **found = user_data;

  if (VALISE_IS_SETTINGS_PAGE (widget) && gtk_widget_get_mapped (widget))
    *found = VALISE_SETTINGS_PAGE (widget);
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), find_page, user_data);
}

GtkWidget *
settings_fixture_page (SettingsFixture *self, const char *page)
{
  ValiseSettingsPage *found = NULL;

  g_assert_true (valise_settings_show_page (self->settings, page));
  settings_fixture_settle ();
  find_page (GTK_WIDGET (self->settings), &found);
  g_assert_nonnull (found);
  return GTK_WIDGET (found);
}

ValiseSettingsRow *
settings_fixture_row (SettingsFixture *self, const char *page, const char *knob)
{
  ValiseSettingsRow *row = valise_settings_page_find_row ((gpointer) settings_fixture_page (self, page), knob);

  if (row == NULL)
    g_error ("no row for %s on page %s", knob, page);
  settings_fixture_settle ();
  return row;
}

typedef struct
{
  GType type;
  guint index;
  GtkWidget *found;
} Search;

static void
look (GtkWidget *widget, gpointer user_data)
{
  Search *search = user_data;

  if (search->found == NULL && g_type_is_a (G_OBJECT_TYPE (widget), search->type) && search->index-- == 0)
    search->found = widget;
  if (search->found == NULL && GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), look, search);
}

GtkWidget *
settings_fixture_control (GtkWidget *in, GType type, guint index)
{
  Search search = { type, index, NULL };

  look (in, &search);
  return search.found;
}

gboolean
settings_fixture_has_text (GtkWidget *in, const char *words)
{
  GtkWidget *label;

  for (guint i = 0; (label = settings_fixture_control (in, GTK_TYPE_LABEL, i)) != NULL; i++)
    if (gtk_widget_get_mapped (label) && strstr (gtk_label_get_text (GTK_LABEL (label)), words) != NULL)
      return TRUE;
  return FALSE;
}

static void
choose (GtkComboBox *combo, const char *value)
{
  GtkTreeModel *model = gtk_combo_box_get_model (combo);
  GtkTreeIter iter;

  for (gboolean more = gtk_tree_model_get_iter_first (model, &iter); more;
       more = gtk_tree_model_iter_next (model, &iter))
    {
      g_autofree char *has = NULL;
      gboolean can;
      gtk_tree_model_get (model, &iter, 0, &has, 2, &can, -1);
      if (g_strcmp0 (has, value) != 0)
        continue;
      g_assert_true (can);
      gtk_combo_box_set_active_iter (combo, &iter);
      return;
    }
  g_error ("the choice has no %s", value);
}

void
settings_fixture_put (GtkWidget *in, guint index, const char *value)
{
  GtkWidget *control;

  if ((control = settings_fixture_control (in, GTK_TYPE_SWITCH, index)) != NULL)
    gtk_switch_set_active (GTK_SWITCH (control), g_str_equal (value, "on"));
  else if ((control = settings_fixture_control (in, GTK_TYPE_SPIN_BUTTON, index)) != NULL)
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (control), g_ascii_strtod (value, NULL));
  else if ((control = settings_fixture_control (in, GTK_TYPE_COMBO_BOX, index)) != NULL
           && !gtk_combo_box_get_has_entry (GTK_COMBO_BOX (control)))
    choose (GTK_COMBO_BOX (control), value);
  else if ((control = settings_fixture_control (in, GTK_TYPE_ENTRY, index)) != NULL)
    gtk_entry_set_text (GTK_ENTRY (control), value);
  else if ((control = settings_fixture_control (in, GTK_TYPE_TEXT_VIEW, index)) != NULL)
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (control)), value, -1);
  else
    g_error ("the row has no control");
}

static gboolean
is_in_sight (GtkWidget *row)
{
  GtkWidget *scroller = gtk_widget_get_ancestor (row, GTK_TYPE_SCROLLED_WINDOW);
  int y;

  return gtk_widget_translate_coordinates (row, scroller, 0, 0, NULL, &y) && y >= 0
         && y + gtk_widget_get_allocated_height (row) <= gtk_widget_get_allocated_height (scroller)
         && gtk_widget_get_allocated_height (row) > 1;
}

void
settings_fixture_assert_found_in_sight (SettingsFixture *self, const char *knob)
{
  GtkWidget *row;

  g_test_message ("%s", knob);
  g_assert_true (valise_settings_show_knob (self->settings, knob));
  settings_fixture_settle ();
  row = gtk_widget_get_ancestor (gtk_window_get_focus (GTK_WINDOW (self->window)), VALISE_TYPE_SETTINGS_ROW);
  g_assert_true (valise_settings_row_has_knob (VALISE_SETTINGS_ROW (row), knob));
  turn_until_true (is_in_sight (row));
}

char *
settings_fixture_draft (SettingsFixture *self)
{
  const char *text = valise_document_get_text (valise_edit_session_get_draft (self->session));
  g_autoptr (GRegex) between = g_regex_new (">\\s+<", 0, 0, NULL);

  g_autofree char *tight = g_regex_replace_literal (between, text, -1, 0, "><", 0, NULL);

  return g_strdelimit (g_steal_pointer (&tight), "\"", '\'');
}

void
settings_fixture_assert_has (SettingsFixture *self, const char *fragment, gboolean expected)
{
  g_autofree char *draft = settings_fixture_draft (self);

  if ((strstr (draft, fragment) != NULL) != expected)
    g_error ("%s: %s\n%s", expected ? "missing" : "unexpected", fragment, draft);
}
