/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "settings-fixture.h"
#include "ui/valise-settings-private.h"

/* Warnings of GTK end a test program: the walk needs no eyes of its own. */
static void
show_all_pages (SettingsFixture *fixture, gboolean backward)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < fixture->settings->entries->len; i++)
    {
      const ValiseSidebarEntry *entry = g_ptr_array_index (fixture->settings->entries, i);
      g_ptr_array_insert (keys, backward ? 0 : -1, g_strdup (entry->key));
    }
  g_assert_cmpuint (keys->len, >=, 37);
  for (guint i = 0; i < keys->len; i++)
    {
      g_assert_true (valise_settings_show_page (fixture->settings, g_ptr_array_index (keys, i)));
      settings_fixture_settle ();
      g_assert_cmpstr (fixture->settings->current, ==, g_ptr_array_index (keys, i));
    }
}

static void
test_walk (SettingsFixture *fixture, gconstpointer data)
{
  show_all_pages (fixture, FALSE);
  show_all_pages (fixture, TRUE);
  g_assert_false (valise_edit_session_is_changed (fixture->session));
}

/* As it is for whoever has nothing but a keyboard. */
static void
test_walk_keys (SettingsFixture *fixture, gconstpointer data)
{
  static const int steps[] = { 1, -1 };
  GtkListBox *list = fixture->settings->page_list;

  gtk_widget_grab_focus (GTK_WIDGET (gtk_list_box_get_row_at_index (list, 0)));
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      const char *end = steps[i] > 0 ? "xml" : "system";

      for (guint j = 0; g_strcmp0 (fixture->settings->current, end) != 0; j++)
        {
          g_assert_cmpuint (j, <=, fixture->settings->entries->len);
          g_signal_emit_by_name (list, "move-cursor", GTK_MOVEMENT_DISPLAY_LINES, steps[i]);
          settings_fixture_settle ();
        }
    }
}

/* On the screen of a telephone nothing has to be pushed sideways to be read. */
static void
test_narrow (SettingsFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) keys = settings_fixture_list_pages ();

  gtk_window_resize (GTK_WINDOW (fixture->window), 1, 640);
  while (gtk_widget_get_allocated_width (fixture->window) >= 1000)
    gtk_main_iteration ();
  g_assert_cmpint (gtk_widget_get_allocated_width (fixture->window), <=, 375);
  for (guint i = 0; i < keys->len; i++)
    {
      const char *key = g_ptr_array_index (keys, i);
      GtkWidget *page = g_str_equal (key, "xml") ? NULL : settings_fixture_page (fixture, key);
      int least;

      if (page == NULL)
        continue;
      gtk_widget_get_preferred_width (page, &least, NULL);
      g_test_message ("%s: %d", key, least);
      g_assert_cmpint (least, <=, 375);
    }
}

/* --- rows that are of use with some values only --- */

static void
put_link (SettingsFixture *fixture, const char *type)
{
  g_assert_true (valise_edit_session_set (fixture->session, "devices/serial[1]/@type", type, NULL));
  settings_fixture_settle ();
}

static gboolean
is_shown (GtkWidget *page, const char *words)
{
  return settings_fixture_has_text (page, words);
}

static void
test_of_use (SettingsFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *type;
    gboolean file, append, computer;
  } cases[] = {
    { "pty", FALSE, FALSE, FALSE }, { "tcp", FALSE, FALSE, TRUE },   { "file", TRUE, TRUE, FALSE },
    { "unix", TRUE, FALSE, FALSE }, { "null", FALSE, FALSE, FALSE },
  };
  GtkWidget *page = settings_fixture_page (fixture, "devices/serial[1]");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      put_link (fixture, cases[i].type);
      g_test_message ("%s", cases[i].type);
      g_assert_cmpint (is_shown (page, "File, socket or device"), ==, cases[i].file);
      g_assert_cmpint (is_shown (page, "Add to the file"), ==, cases[i].append);
      g_assert_cmpint (is_shown (page, "Computer"), ==, cases[i].computer);
    }
}

/* What is set is seen, and what is looked for is found. */
static void
test_of_no_use (SettingsFixture *fixture, gconstpointer data)
{
  GtkWidget *page = settings_fixture_page (fixture, "devices/serial[1]");

  g_assert_false (is_shown (page, "Computer"));
  valise_edit_session_set (fixture->session, "devices/serial[1]/source/@host", "127.0.0.1", NULL);
  settings_fixture_settle ();
  g_assert_true (is_shown (page, "Computer"));
  valise_edit_session_undo (fixture->session);
  settings_fixture_settle ();
  g_assert_false (is_shown (page, "Computer"));
  g_assert_true (valise_settings_show_knob (fixture->settings, "devices/serial/source/@host"));
  settings_fixture_settle ();
  g_assert_true (is_shown (page, "Computer"));
}

/* A heading goes with the last of its rows. */
static void
test_headings (SettingsFixture *fixture, gconstpointer data)
{
  GtkWidget *page = settings_fixture_page (fixture, "devices/memory[1]");

  g_assert_false (is_shown (page, "Lasting memory"));
  valise_edit_session_set (fixture->session, "devices/memory[1]/@model", "nvdimm", NULL);
  settings_fixture_settle ();
  g_assert_true (is_shown (page, "Lasting memory"));
}

/* --- what is wrong and has no row --- */

static void
test_findings (SettingsFixture *fixture, gconstpointer data)
{
  GtkWidget *page = settings_fixture_page (fixture, "devices/tpm[1]");
  GtkWidget *button;

  g_assert_true (is_shown (page, "only together with UEFI"));
  for (guint i = 0; (button = settings_fixture_control (page, GTK_TYPE_BUTTON, i)) != NULL; i++)
    if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), "Fix It") == 0 && gtk_widget_get_mapped (button))
      break;
  g_assert_nonnull (button);
  gtk_button_clicked (GTK_BUTTON (button));
  settings_fixture_settle ();
  g_assert_false (is_shown (page, "only together with UEFI"));
  settings_fixture_assert_has (fixture, "firmware='efi'", TRUE);
}

/* Every mark in the sidebar has its reason on the page. */
static void
test_marks (SettingsFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) marked = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < fixture->settings->entries->len; i++)
    {
      const ValiseSidebarEntry *entry = g_ptr_array_index (fixture->settings->entries, i);
      if (entry->severity >= 0)
        g_ptr_array_add (marked, g_strdup (entry->key));
    }
  g_assert_cmpuint (marked->len, >=, 2);
  for (guint i = 0; i < marked->len; i++)
    {
      GtkWidget *page = settings_fixture_page (fixture, g_ptr_array_index (marked, i));
      g_autoptr (GPtrArray) findings =
          _valise_settings_list_findings (fixture->settings, g_ptr_array_index (marked, i));

      for (guint j = 0; j < findings->len; j++)
        g_assert_true (is_shown (page, ((ValiseFinding *) g_ptr_array_index (findings, j))->text));
    }
}

#define ADD(path, func)                                                                                                \
  g_test_add ("/ui/settings-pages/" path, SettingsFixture, "everything.xml", settings_fixture_set_up, func,            \
              settings_fixture_tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  settings_fixture_init ();
  ADD ("walk", test_walk);
  ADD ("walk-keys", test_walk_keys);
  ADD ("narrow", test_narrow);
  ADD ("of-use", test_of_use);
  ADD ("of-no-use", test_of_no_use);
  ADD ("headings", test_headings);
  ADD ("findings", test_findings);
  ADD ("marks", test_marks);
  return g_test_run ();
}
