/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "settings-fixture.h"
#include "ui/valise-hardware.h"
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

/* --- what belongs to other devices --- */

static void
test_attached (SettingsFixture *fixture, gconstpointer data)
{
  GtkWidget *page = settings_fixture_page (fixture, "devices/controller[3]");
  GtkWidget *label = NULL;
  gboolean handled = FALSE;

  g_assert_true (is_shown (page, "Nothing has a place on it yet"));
  valise_edit_session_set (fixture->session, "devices/controller[3]/@index", "3", NULL);
  settings_fixture_settle ();
  g_assert_false (is_shown (page, "Nothing has a place on it yet"));
  for (guint i = 0; (label = settings_fixture_control (page, GTK_TYPE_LABEL, i)) != NULL; i++)
    if (g_str_equal (gtk_label_get_text (GTK_LABEL (label)), "Disk vda"))
      break;
  g_assert_nonnull (label);
  g_signal_emit_by_name (label, "activate-link", "devices/disk[1]", &handled);
  settings_fixture_settle ();
  g_assert_true (handled);
  g_assert_cmpstr (fixture->settings->current, ==, "devices/disk[1]");
}

/* What is not looked for on this computer is told by its numbers. */
static void
test_host_device (SettingsFixture *fixture, gconstpointer data)
{
  ValiseSettingsRow *row = settings_fixture_row (fixture, "devices/hostdev[1]", "devices/hostdev/@type");
  GtkWidget *page = settings_fixture_page (fixture, "devices/hostdev[1]");

  g_assert_true (is_shown (page, "USB vendor"));
  g_assert_false (is_shown (page, "Share of a device (mdev)"));
  settings_fixture_put (GTK_WIDGET (row), 0, "mdev");
  settings_fixture_settle ();
  settings_fixture_assert_has (fixture, "<hostdev mode='subsystem' type='mdev' model='vfio-pci'", TRUE);
  settings_fixture_assert_has (fixture, "<vendor id=", FALSE);
  g_assert_false (is_shown (page, "USB vendor"));
  g_assert_true (is_shown (page, "Share of a device (mdev)"));
  settings_fixture_put (GTK_WIDGET (row), 0, "scsi");
  settings_fixture_settle ();
  settings_fixture_assert_has (fixture, "<hostdev mode='subsystem' type='scsi'", TRUE);
  settings_fixture_assert_has (fixture, "vfio-pci", FALSE);
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

static gboolean
line_says (SettingsFixture *fixture, int index, const char *words)
{
  return settings_fixture_has_text (GTK_WIDGET (gtk_list_box_get_row_at_index (fixture->settings->page_list, index)),
                                    words);
}

/* What nobody sees yet costs nothing before the first painting; what changes is marked where it stands. */
static void
test_lines (SettingsFixture *fixture, gconstpointer data)
{
  ValiseSettings *settings = fixture->settings;
  g_autoptr (ValiseEditSession) session = g_object_ref (fixture->session);
  const ValiseSidebarEntry *last;
  GtkListBoxRow *processor = gtk_list_box_get_row_at_index (settings->page_list, 1);

  g_assert_cmpstr (_valise_sidebar_row_get_key (processor), ==, "processor");
  g_assert_cmpuint (settings->filled, ==, settings->entries->len);
  g_assert_false (line_says (fixture, 1, "●"));
  valise_edit_session_set (session, "vcpu", "3", NULL);
  settings_fixture_settle ();
  g_assert_true (gtk_list_box_get_row_at_index (settings->page_list, 1) == processor);
  g_assert_true (line_says (fixture, 1, "●"));
  valise_edit_session_undo (session);
  settings_fixture_settle ();
  g_assert_false (line_says (fixture, 1, "●"));

  valise_settings_set_session (settings, NULL);
  valise_settings_set_session (settings, session);
  g_assert_cmpuint (settings->filled, <, settings->entries->len);
  g_assert_true (line_says (fixture, 1, "Processor"));
  last = settings->entries->pdata[settings->entries->len - 1];
  g_assert_false (line_says (fixture, (int) settings->entries->len - 1, last->title));
  settings_fixture_settle ();
  g_assert_cmpuint (settings->filled, ==, settings->entries->len);
  g_assert_true (line_says (fixture, (int) settings->entries->len - 1, last->title));
}

/* --- by hand --- */

/* As if the keys came from the keyboard, wherever the window is. */
static void
press (GtkWidget *widget, guint key, GdkModifierType state)
{
  GdkEvent *event = gdk_event_new (GDK_KEY_PRESS);

  event->key.window = g_object_ref (gtk_widget_get_window (widget));
  event->key.keyval = key;
  event->key.state = state;
  gdk_event_set_device (event, gdk_seat_get_keyboard (gdk_display_get_default_seat (gdk_display_get_default ())));
  gtk_widget_event (widget, event);
  gdk_event_free (event);
  settings_fixture_settle ();
}

static void
assert_places (SettingsFixture *fixture, const char *disk, const char *drive)
{
  g_autofree char *first = valise_edit_session_get (fixture->session, "devices/disk[1]/boot/@order");
  g_autofree char *second = valise_edit_session_get (fixture->session, "devices/disk[2]/boot/@order");

  g_assert_cmpstr (first, ==, disk);
  g_assert_cmpstr (second, ==, drive);
}

/* The focus goes with the line, so that it can be moved on. */
static void
test_boot_keys (SettingsFixture *fixture, gconstpointer data)
{
  ValiseSettingsRow *row = settings_fixture_row (fixture, "boot", "devices/disk/boot/@order");
  GtkWidget *list = settings_fixture_control (GTK_WIDGET (row), GTK_TYPE_LIST_BOX, 0);
  GtkWidget *focus;

  assert_places (fixture, "2", "1");
  gtk_widget_grab_focus (GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0)));
  press (GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0)), GDK_KEY_Down, GDK_MOD1_MASK);
  assert_places (fixture, "1", "2");
  focus = gtk_window_get_focus (GTK_WINDOW (fixture->window));
  g_assert_true (GTK_IS_LIST_BOX_ROW (focus));
  g_assert_cmpint (gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (focus)), ==, 1);
  press (focus, GDK_KEY_Up, GDK_MOD1_MASK);
  assert_places (fixture, "2", "1");
  /* There is nothing above the first. */
  press (gtk_window_get_focus (GTK_WINDOW (fixture->window)), GDK_KEY_Up, GDK_MOD1_MASK);
  assert_places (fixture, "2", "1");
}

/* Also what is far down a page that was never shown before. */
static void
test_found_in_sight (SettingsFixture *fixture, gconstpointer data)
{
  static const char *const knobs[] = { "iothreads", "clock/timer[@name='tsc']/@frequency", "on_crash",
                                       "memtune/swap_hard_limit" };

  for (gsize i = 0; i < G_N_ELEMENTS (knobs); i++)
    settings_fixture_assert_found_in_sight (fixture, knobs[i]);
}

static GtkWidget *
hardware_button (SettingsFixture *fixture, const char *label)
{
  GtkWidget *box = GTK_WIDGET (fixture->settings->hardware_box);
  GtkWidget *button;

  for (guint i = 0; (button = settings_fixture_control (box, GTK_TYPE_MODEL_BUTTON, i)) != NULL; i++)
    {
      g_autofree char *text = NULL;

      g_object_get (button, "text", &text, NULL);
      if (g_str_has_prefix (text, label))
        return button;
    }
  g_error ("no button for %s", label);
}

/* Every kind that can be had, with the button and the page that comes of it, and away again. */
static void
test_hardware (SettingsFixture *fixture, gconstpointer data)
{
  ValiseDocument *draft = valise_edit_session_get_draft (fixture->session);
  gsize length;
  const ValiseHardware *table = valise_hardware_table (&length);
  guint added = 0;

  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *reason = valise_hardware_reason (fixture->session, table[i].id);
      guint before = valise_document_count (draft, table[i].element);
      GtkWidget *page;

      if (reason != NULL)
        continue;
      _valise_settings_fill_hardware (fixture->settings);
      gtk_button_clicked (GTK_BUTTON (hardware_button (fixture, table[i].label)));
      settings_fixture_settle ();
      g_test_message ("%s: %s", table[i].id, fixture->settings->current);
      g_assert_cmpuint (valise_document_count (draft, table[i].element), ==, before + 1);
      page = settings_fixture_page (fixture, fixture->settings->current);
      /* What is set on another device's page is taken away there. */
      if (g_str_has_prefix (fixture->settings->current, table[i].element))
        {
          g_signal_emit_by_name (page, "remove-device");
          settings_fixture_settle ();
          g_assert_cmpuint (valise_document_count (draft, table[i].element), ==, before);
        }
      valise_edit_session_revert (fixture->session);
      settings_fixture_settle ();
      added++;
    }
  g_assert_cmpuint (added, >=, 15);
  g_assert_cmpstr (atk_object_get_name (gtk_widget_get_accessible (GTK_WIDGET (fixture->settings->hardware_button))),
                   ==, "Add Hardware");
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
  ADD ("attached", test_attached);
  ADD ("host-device", test_host_device);
  ADD ("findings", test_findings);
  ADD ("marks", test_marks);
  ADD ("lines", test_lines);
  ADD ("boot-keys", test_boot_keys);
  ADD ("found-in-sight", test_found_in_sight);
  g_test_add ("/ui/settings-pages/hardware", SettingsFixture, NULL, settings_fixture_set_up, test_hardware,
              settings_fixture_tear_down);
  return g_test_run ();
}
