/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "settings-fixture.h"
#include "ui/valise-gtksourceview-private.h"
#include "ui/valise-xml-difference.h"

static GtkSourceView *
show_xml (SettingsFixture *fixture)
{
  GtkWidget *view;

  g_assert_true (valise_settings_show_page (fixture->settings, "xml"));
  settings_fixture_settle ();
  view = settings_fixture_control (fixture->window, GTK_SOURCE_TYPE_VIEW, 0);
  g_assert_nonnull (view);
  gtk_widget_grab_focus (view);
  return GTK_SOURCE_VIEW (view);
}

static GtkTextBuffer *
buffer_of (GtkSourceView *view)
{
  return gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
}

/* --- completion --- */

/* Character by character and behind the caret, as keys do it. */
static void
type (GtkSourceView *view, const char *text)
{
  for (; *text != '\0'; text++)
    {
      gtk_text_buffer_insert_interactive_at_cursor (buffer_of (view), text, 1, TRUE);
      settings_fixture_settle ();
    }
}

static void
put_caret_behind (GtkSourceView *view, const char *words)
{
  GtkTextIter start, from, to;

  gtk_text_buffer_get_start_iter (buffer_of (view), &start);
  g_assert_true (gtk_text_iter_forward_search (&start, words, 0, &from, &to, NULL));
  gtk_text_buffer_place_cursor (buffer_of (view), &to);
}

/* The list that is on the screen, or NULL. */
static GtkTreeModel *
shown_proposals (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *at = windows; at != NULL; at = at->next)
    if (gtk_widget_get_mapped (at->data) && gtk_window_get_window_type (at->data) == GTK_WINDOW_POPUP)
      {
        GtkWidget *tree = settings_fixture_control (at->data, GTK_TYPE_TREE_VIEW, 0);

        if (tree != NULL && gtk_widget_get_mapped (tree))
          return gtk_tree_view_get_model (GTK_TREE_VIEW (tree));
      }
  return NULL;
}

static void
wait_for_proposals (gboolean shown)
{
  while ((shown_proposals () != NULL) != shown)
    gtk_main_iteration ();
}

static char *
line_at_caret (GtkSourceView *view)
{
  GtkTextIter caret, start, end;
  g_autofree char *before = NULL, *after = NULL, *line = NULL;

  gtk_text_buffer_get_iter_at_mark (buffer_of (view), &caret, gtk_text_buffer_get_insert (buffer_of (view)));
  start = end = caret;
  gtk_text_iter_set_line_offset (&start, 0);
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);
  before = gtk_text_iter_get_text (&start, &caret);
  after = gtk_text_iter_get_text (&caret, &end);
  line = g_strdup_printf ("%s|%s", before, after);
  return g_strdup (g_strstrip (line));
}

static void
assert_line (GtkSourceView *view, const char *expected)
{
  g_autofree char *line = line_at_caret (view);

  g_assert_cmpstr (line, ==, expected);
}

static void
take_first (GtkSourceView *view)
{
  g_signal_emit_by_name (gtk_source_view_get_completion (view), "activate-proposal");
}

static void
test_completion (SettingsFixture *fixture, gconstpointer data)
{
  GtkSourceView *view = show_xml (fixture);

  put_caret_behind (view, "<devices>");
  type (view, "\n<wat");
  wait_for_proposals (TRUE);
  take_first (view);
  assert_line (view, "<watchdog|");

  /* An attribute's value is asked for at once. */
  type (view, " mo");
  wait_for_proposals (TRUE);
  take_first (view);
  assert_line (view, "<watchdog model='|'");
  wait_for_proposals (TRUE);
  type (view, "i63");
  take_first (view);
  assert_line (view, "<watchdog model='i6300esb|'");
  wait_for_proposals (FALSE);
  put_caret_behind (view, "<watchdog model='i6300esb'");
  type (view, "/>");
  g_assert_true (valise_settings_flush (fixture->settings));
  settings_fixture_assert_has (fixture, "<watchdog model='i6300esb'/>", TRUE);
}

static void
test_completion_asked (SettingsFixture *fixture, gconstpointer data)
{
  GtkSourceView *view = show_xml (fixture);
  g_autofree char *line = NULL;

  /* Between elements nothing comes by itself, and all that may stand there when it is asked for. */
  put_caret_behind (view, "<devices>");
  type (view, "\n");
  g_assert_null (shown_proposals ());
  g_signal_emit_by_name (view, "show-completion");
  wait_for_proposals (TRUE);
  g_assert_cmpint (gtk_tree_model_iter_n_children (shown_proposals (), NULL), >, 20);
  take_first (view);
  line = line_at_caret (view);
  g_assert_true (g_str_has_prefix (line, "<"));
}

/* In the midst of a word it is the whole word that is replaced. */
static void
test_completion_replaces (SettingsFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *before; /* the caret */
    const char *line;
  } cases[] = {
    { "<interface ty", "<interface type|='user'>" },
    { "<interface type='us", "<interface type='user|'>" },
    { "<interfa", "<interface| type='user'>" },
    { "</devi", "</devices>|" },
  };
  GtkSourceView *view = show_xml (fixture);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      put_caret_behind (view, cases[i].before);
      g_signal_emit_by_name (view, "show-completion");
      wait_for_proposals (TRUE);
      take_first (view);
      wait_for_proposals (FALSE);
      assert_line (view, cases[i].line);
    }
  g_assert_true (valise_settings_flush (fixture->settings));
  g_assert_false (valise_edit_session_is_changed (fixture->session));
}

/* --- differences --- */

static GtkWidget *
show_differences (SettingsFixture *fixture)
{
  GtkWidget *difference;

  show_xml (fixture);
  difference = settings_fixture_control (fixture->window, VALISE_TYPE_XML_DIFFERENCE, 0);
  g_assert_nonnull (difference);
  gtk_stack_set_visible_child (GTK_STACK (gtk_widget_get_parent (difference)), difference);
  return difference;
}

/* Until the comparison, which a thread makes, shows these words; they need not be all. */
static void
wait_for_words (GtkWidget *difference, const char *words)
{
  GtkTextView *view = GTK_TEXT_VIEW (settings_fixture_control (difference, GTK_TYPE_TEXT_VIEW, 0));

  for (;;)
    {
      GtkTextIter start, end;
      g_autofree char *text = NULL;

      gtk_text_buffer_get_bounds (gtk_text_view_get_buffer (view), &start, &end);
      text = gtk_text_iter_get_text (&start, &end);
      if (strstr (text, words) != NULL || settings_fixture_has_text (difference, words))
        return;
      gtk_main_iteration ();
    }
}

static void
test_difference (SettingsFixture *fixture, gconstpointer data)
{
  GtkWidget *difference = show_differences (fixture);
  int least;

  wait_for_words (difference, "Nothing differs.");
  valise_edit_session_set (fixture->session, "vcpu", "3", NULL);
  wait_for_words (difference, "−   <vcpu>2</vcpu>\n+   <vcpu>3</vcpu>");
  wait_for_words (difference, "1 line added, 1 line removed since then.");
  /* Also on the screen of a telephone. */
  gtk_widget_get_preferred_width (difference, &least, NULL);
  g_assert_cmpint (least, <=, 360);
  valise_edit_session_undo (fixture->session);
  wait_for_words (difference, "Nothing differs.");
}

/* Text that is being typed is compared as soon as the differences are looked at. */
static void
test_difference_typed (SettingsFixture *fixture, gconstpointer data)
{
  GtkSourceView *view = show_xml (fixture);

  put_caret_behind (view, "<acpi/>");
  type (view, "<pae/>");
  wait_for_words (show_differences (fixture), "+     <acpi/><pae/>");
}

static void
keep_version (const char *bundle, const char *name, const char *text)
{
  g_autofree char *history = g_build_filename (bundle, ".history", NULL);
  g_autofree char *path = g_build_filename (history, name, NULL);

  g_mkdir (history, 0700);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
remove_versions (const char *bundle)
{
  static const char *const names[] = { "0000000000000001.xml", "0000000000000002.xml", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (bundle, ".history", names[i], NULL);
      g_remove (path);
    }
  g_rmdir (bundle);
}

static void
test_difference_history (SettingsFixture *fixture, gconstpointer data)
{
  g_autofree char *bundle = g_dir_make_tmp ("valise-XXXXXX", NULL);
  ValiseDocument *original = valise_edit_session_get_original (fixture->session);
  g_autoptr (ValiseDocument) older = valise_document_copy (original);
  g_autoptr (ValiseEditSession) session =
      valise_edit_session_new (original, valise_edit_session_get_capabilities (fixture->session), bundle);
  GtkWidget *difference;
  GtkComboBox *combo;
  g_autofree char *name = NULL, *draft = NULL;

  g_assert_true (valise_document_set (older, "title", "As it was", NULL));
  keep_version (bundle, "0000000000000001.xml", valise_document_get_text (older));
  keep_version (bundle, "0000000000000002.xml", "<domain><torn");
  valise_settings_set_session (fixture->settings, session);
  difference = show_differences (fixture);
  combo = GTK_COMBO_BOX (settings_fixture_control (difference, GTK_TYPE_COMBO_BOX, 0));
  while (gtk_tree_model_iter_n_children (gtk_combo_box_get_model (combo), NULL) < 3)
    gtk_main_iteration ();
  wait_for_words (difference, "Nothing differs.");

  gtk_combo_box_set_active (combo, 2);
  wait_for_words (difference, "−   <title>As it was</title>");
  /* It can be had back, as one step that can be undone. */
  gtk_button_clicked (GTK_BUTTON (settings_fixture_control (difference, GTK_TYPE_BUTTON, 1)));
  draft = valise_edit_session_get (session, "title");
  g_assert_cmpstr (draft, ==, "As it was");
  wait_for_words (difference, "Nothing differs.");
  valise_edit_session_undo (session);
  g_assert_false (valise_edit_session_is_changed (session));

  /* A version that is none is shown, and not taken. */
  gtk_combo_box_set_active (combo, 1);
  wait_for_words (difference, "− <domain><torn");
  gtk_button_clicked (GTK_BUTTON (settings_fixture_control (difference, GTK_TYPE_BUTTON, 1)));
  g_assert_false (valise_edit_session_is_changed (session));
  wait_for_words (difference, "That version cannot be had back");
  valise_settings_set_session (fixture->settings, fixture->session);
  settings_fixture_settle ();
  remove_versions (bundle);
}

/* --- the library of the view --- */

static gboolean
has_label (GtkWidget *page, const char *words)
{
  GtkWidget *label;

  for (guint i = 0; (label = settings_fixture_control (page, GTK_TYPE_LABEL, i)) != NULL; i++)
    if (gtk_widget_get_mapped (label) && strstr (gtk_label_get_text (GTK_LABEL (label)), words) != NULL)
      return TRUE;
  return FALSE;
}

/* The first case, as long as nothing has loaded it. */
static void
test_missing (SettingsFixture *fixture, gconstpointer unused)
{
  const char *file = _valise_gtksourceview.file;

  _valise_gtksourceview.file = "libvalise-is-no-library.so.1";
  g_assert_true (valise_settings_show_page (fixture->settings, "xml"));
  settings_fixture_settle ();
  g_assert_true (has_label (fixture->window, "Install GtkSourceView"));
  g_assert_true (valise_settings_show_page (fixture->settings, "memory"));
  settings_fixture_settle ();
  _valise_gtksourceview.file = file;
  show_xml (fixture);
  g_assert_false (has_label (fixture->window, "Install GtkSourceView"));
}

#define ADD(path, func)                                                                                                \
  g_test_add ("/ui/settings-xml/" path, SettingsFixture, NULL, settings_fixture_set_up, func,                          \
              settings_fixture_tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  settings_fixture_init ();
  ADD ("missing", test_missing);
  ADD ("completion", test_completion);
  ADD ("completion-asked", test_completion_asked);
  ADD ("completion-replaces", test_completion_replaces);
  ADD ("difference", test_difference);
  ADD ("difference-typed", test_difference_typed);
  ADD ("difference-history", test_difference_history);
  return g_test_run ();
}
