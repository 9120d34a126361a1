/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Controls for kinds of values that are more than text, and what cannot be used. */
#include <string.h>

#include "settings-fixture.h"

/* --- addresses --- */

/* The button that says this to a screen reader. */
static GtkWidget *
find_named (GtkWidget *row, const char *words)
{
  GtkWidget *button;

  for (guint i = 0; (button = settings_fixture_control (row, GTK_TYPE_BUTTON, i)) != NULL; i++)
    {
      const char *name = atk_object_get_name (gtk_widget_get_accessible (button));

      if (name != NULL && strstr (name, words) != NULL)
        return button;
    }
  g_error ("no button “%s”", words);
}

static void
test_dice (SettingsFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *page;
    const char *knob;
    const char *button;
    const char *form;
  } cases[] = {
    { "system", "uuid", "make up a new one", "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" },
    { "devices/interface[1]", "devices/interface/mac/@address", "roll a new address", "^52:54:00(:[0-9a-f]{2}){3}$" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GtkWidget *row = GTK_WIDGET (settings_fixture_row (fixture, cases[i].page, cases[i].knob));
      g_autofree char *before = valise_edit_session_get (fixture->session, cases[i].knob), *after = NULL;

      gtk_button_clicked (GTK_BUTTON (find_named (row, cases[i].button)));
      after = valise_edit_session_get (fixture->session, cases[i].knob);
      g_assert_cmpstr (after, !=, before);
      g_assert_true (g_regex_match_simple (cases[i].form, after, 0, 0));
      g_assert_null (valise_edit_session_find (fixture->session, cases[i].knob));
    }
}

/* --- sets of processors --- */

static GtkToggleButton *
open_numbers (GtkWidget *row, guint number)
{
  GtkWidget *button = find_named (row, "choose processors");
  GtkPopover *popover = gtk_menu_button_get_popover (GTK_MENU_BUTTON (button));
  g_autofree char *label = g_strdup_printf ("%u", number);
  GtkWidget *found;

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  settings_fixture_settle ();
  for (guint i = 0; (found = settings_fixture_control (GTK_WIDGET (popover), GTK_TYPE_TOGGLE_BUTTON, i)) != NULL; i++)
    if (g_str_equal (gtk_button_get_label (GTK_BUTTON (found)), label))
      return GTK_TOGGLE_BUTTON (found);
  return NULL;
}

static void
assert_value (SettingsFixture *fixture, const char *knob, const char *expected)
{
  g_autofree char *value = valise_edit_session_get (fixture->session, knob);

  g_assert_cmpstr (value, ==, expected);
}

static void
test_cpu_set (SettingsFixture *fixture, gconstpointer data)
{
  GtkWidget *row = GTK_WIDGET (settings_fixture_row (fixture, "processor", "vcpu/@cpuset"));
  GtkToggleButton *number;

  /* The fixture's computer has eight. */
  number = open_numbers (row, 7);
  g_assert_nonnull (number);
  gtk_toggle_button_set_active (number, TRUE);
  assert_value (fixture, "vcpu/@cpuset", "7");
  gtk_toggle_button_set_active (open_numbers (row, 6), TRUE);
  assert_value (fixture, "vcpu/@cpuset", "6-7");
  gtk_toggle_button_set_active (open_numbers (row, 7), FALSE);
  assert_value (fixture, "vcpu/@cpuset", "6");
  g_assert_null (open_numbers (row, 8));

  /* What is typed is what the numbers show. */
  settings_fixture_put (row, 0, "0-3,^2");
  valise_settings_row_commit_now (VALISE_SETTINGS_ROW (row));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (find_named (row, "choose processors")), FALSE);
  g_assert_true (gtk_toggle_button_get_active (open_numbers (row, 1)));
  g_assert_false (gtk_toggle_button_get_active (open_numbers (row, 2)));
  g_assert_true (gtk_toggle_button_get_active (open_numbers (row, 3)));
  assert_value (fixture, "vcpu/@cpuset", "0-3,^2");
}

/* --- what is wrong is said while it is typed --- */

static void
test_wrong (SettingsFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *page;
    const char *knob;
    const char *value;
  } cases[] = {
    { "system", "uuid", "6a1f2f4e-3b60" },
    { "system", "genid", "no" },
    { "processor", "vcpu/@cpuset", "0-x" },
    { "devices/interface[1]", "devices/interface/mac/@address", "52:54" },
    { "devices/disk[1]", "devices/disk/address/@domain", "0xzz" },
    { "tuning", "cputune/emulatorpin/@cpuset", "all" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GtkWidget *row = GTK_WIDGET (settings_fixture_row (fixture, cases[i].page, cases[i].knob));
      GtkStyleContext *context = gtk_widget_get_style_context (row);

      g_test_message ("%s = %s", cases[i].knob, cases[i].value);
      settings_fixture_put (row, 0, cases[i].value);
      valise_settings_row_flush (VALISE_SETTINGS_ROW (row));
      settings_fixture_settle ();
      g_assert_true (gtk_style_context_has_class (context, "has-error")
                     || gtk_style_context_has_class (context, "has-warning"));
      valise_edit_session_revert (fixture->session);
    }
}

/* --- what cannot be used says why --- */

static gboolean
is_control (GtkWidget *widget)
{
  return GTK_IS_BUTTON (widget) || GTK_IS_ENTRY (widget) || GTK_IS_COMBO_BOX (widget) || GTK_IS_SWITCH (widget)
         || GTK_IS_TEXT_VIEW (widget) || GTK_IS_SCALE (widget);
}

static gboolean
is_usable (GtkWidget *widget)
{
  return gtk_widget_get_sensitive (widget)
         && (!GTK_IS_EDITABLE (widget) || gtk_editable_get_editable (GTK_EDITABLE (widget)))
         && (!GTK_IS_TEXT_VIEW (widget) || gtk_text_view_get_editable (GTK_TEXT_VIEW (widget)));
}

/* Words beside it, or as its tip; an arrow at the end of a list needs none. */
static gboolean
says_why (GtkWidget *widget)
{
  GtkWidget *row = gtk_widget_get_ancestor (widget, VALISE_TYPE_SETTINGS_ROW);

  for (GtkWidget *at = widget; at != NULL && at != row; at = gtk_widget_get_parent (at))
    {
      g_autofree char *tip = gtk_widget_get_tooltip_text (at);

      if (tip != NULL && *tip != '\0')
        return TRUE;
    }
  return FALSE;
}

static void
collect_unusable (GtkWidget *widget, gpointer user_data)
{
  GString *found = user_data;
  GtkWidget *row = gtk_widget_get_ancestor (widget, VALISE_TYPE_SETTINGS_ROW);
  gboolean shown = gtk_widget_get_mapped (widget) && gtk_widget_get_opacity (widget) > 0;

  if (shown && is_control (widget) && !is_usable (widget))
    {
      const char *name = atk_object_get_name (gtk_widget_get_accessible (widget));

      if (!says_why (widget))
        g_string_append_printf (found, "\n  %s in %s (%s)", name != NULL ? name : G_OBJECT_TYPE_NAME (widget),
                                row != NULL ? G_OBJECT_TYPE_NAME (row) : "page",
                                row != NULL ? valise_settings_row_get_knob (VALISE_SETTINGS_ROW (row)) : "");
    }
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), collect_unusable, found);
}

/* What is folded once; rows that are folded again in there are all of one make. */
static void
unfold (GtkWidget *widget, gpointer unused)
{
  if (HDY_IS_EXPANDER_ROW (widget) && gtk_widget_get_mapped (widget))
    hdy_expander_row_set_expanded (HDY_EXPANDER_ROW (widget), TRUE);
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), unfold, NULL);
}

static void
find_page (GtkWidget *widget, gpointer user_data)
{
  GtkWidget **found = user_data;

  if (VALISE_IS_SETTINGS_PAGE (widget) && gtk_widget_get_mapped (widget))
    *found = widget;
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), find_page, user_data);
}

static void
look_at_pages (SettingsFixture *fixture, GString *found)
{
  g_autoptr (GPtrArray) pages = settings_fixture_list_pages ();

  for (guint i = 0; i < pages->len; i++)
    {
      GtkWidget *page = NULL;
      gsize before = found->len;

      if (!valise_settings_show_page (fixture->settings, pages->pdata[i]))
        continue; /* the machine has no such device */
      settings_fixture_settle ();
      find_page (GTK_WIDGET (fixture->settings), &page);
      if (page == NULL)
        continue; /* the XML page */
      unfold (page, NULL);
      settings_fixture_settle ();
      collect_unusable (page, found);
      if (found->len > before)
        g_string_append_printf (found, "\n on page %s", (const char *) pages->pdata[i]);
    }
}

static void
test_unusable (SettingsFixture *fixture, gconstpointer data)
{
  g_autoptr (GString) found = g_string_new (NULL);

  /* The machine of everything is looked at while it runs. */
  valise_edit_session_set_running (fixture->session, data != NULL);
  look_at_pages (fixture, found);
  g_assert_cmpstr (found->str, ==, "");
}

#define ADD(path, func, data)                                                                                          \
  g_test_add ("/ui/settings-controls/" path, SettingsFixture, data, settings_fixture_set_up, func,                     \
              settings_fixture_tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  settings_fixture_init ();
  ADD ("dice", test_dice, NULL);
  ADD ("cpu-set", test_cpu_set, NULL);
  ADD ("wrong", test_wrong, NULL);
  ADD ("unusable", test_unusable, NULL);
  ADD ("unusable-everything", test_unusable, "everything.xml");
  return g_test_run ();
}
