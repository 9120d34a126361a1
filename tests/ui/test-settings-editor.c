/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "model/valise-knob-catalogue.h"
#include "settings-fixture.h"
#include "ui/valise-boot-order.h"
#include "ui/valise-changes-bar.h"
#include "ui/valise-gtksourceview-private.h"
#include "ui/valise-hardware.h"
#include "ui/valise-settings-private.h"

/* --- firmware --- */

static const struct
{
  const char *value;
  const char *has[4];
  const char *lacks[4];
} firmwares[] = {
  { "uefi",
    { "<os firmware='efi'>", "<firmware><feature enabled='no' name='secure-boot'/></firmware>",
      "<nvram>nvram/vars.fd</nvram>" },
    { "enrolled-keys", "<smm", "<loader" } },
  { "uefi-secure",
    { "<os firmware='efi'>", "<feature enabled='yes' name='enrolled-keys'/><feature enabled='yes' name='secure-boot'/>",
      "<nvram>nvram/vars-secure.fd</nvram>", "<smm state='on'/>" },
    { "enabled='no'", "<loader" } },
  { "bios", { "<os>" }, { "firmware", "<nvram", "<smm", "<loader" } },
};

static void
test_firmware (SettingsFixture *fixture, gconstpointer data)
{
  ValiseSettingsRow *row = settings_fixture_row (fixture, "boot", "os/@firmware");

  /* A loader written by hand goes: it would contradict the choice. */
  valise_edit_session_set (fixture->session, "os/loader", "/usr/share/OVMF/OVMF_CODE.fd", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (firmwares); i++)
    {
      settings_fixture_put (GTK_WIDGET (row), 0, firmwares[i].value);
      settings_fixture_settle ();
      for (guint j = 0; j < 4 && firmwares[i].has[j] != NULL; j++)
        settings_fixture_assert_has (fixture, firmwares[i].has[j], TRUE);
      for (guint j = 0; j < 4 && firmwares[i].lacks[j] != NULL; j++)
        settings_fixture_assert_has (fixture, firmwares[i].lacks[j], FALSE);
      /* The row shows what it wrote. */
      g_assert_cmpint (gtk_combo_box_get_active (
                           GTK_COMBO_BOX (settings_fixture_control (GTK_WIDGET (row), GTK_TYPE_COMBO_BOX, 0))),
                       ==, i == 2 ? 0 : (int) i + 1);
    }
  settings_fixture_assert_has (fixture, "secure-boot", FALSE);
}

/* What is not installed here is grey and says what to install. */
static void
test_firmware_missing (void)
{
  g_autofree char *before = g_strdup (g_getenv ("VALISE_FIRMWARE_DIR"));
  SettingsFixture fixture = { 0 };
  ValiseSettingsRow *row;
  GtkTreeModel *model;
  GtkTreeIter iter;
  guint grey = 0;

  g_setenv ("VALISE_FIRMWARE_DIR", "/nowhere", TRUE);
  settings_fixture_set_up (&fixture, NULL);
  row = settings_fixture_row (&fixture, "boot", "os/@firmware");
  model = gtk_combo_box_get_model (GTK_COMBO_BOX (settings_fixture_control (GTK_WIDGET (row), GTK_TYPE_COMBO_BOX, 0)));
  for (gboolean more = gtk_tree_model_get_iter_first (model, &iter); more;
       more = gtk_tree_model_iter_next (model, &iter))
    {
      g_autofree char *value = NULL, *label = NULL;
      gboolean can;

      gtk_tree_model_get (model, &iter, 0, &value, 1, &label, 2, &can, -1);
      g_assert_cmpint (can, ==, g_str_equal (value, "bios"));
      grey += !can && strstr (label, "ovmf") != NULL;
    }
  g_assert_cmpuint (grey, ==, 2);
  settings_fixture_tear_down (&fixture, NULL);
  g_setenv ("VALISE_FIRMWARE_DIR", before, TRUE);
}

/* --- boot order --- */

static void
assert_no_collision (ValiseDocument *document)
{
  static const char *const kinds[] = { "devices/disk", "devices/interface" };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_assert_false (valise_document_has (document, "os/boot"));
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint j = 1; j <= valise_document_count (document, kinds[i]); j++)
      {
        g_autofree char *knob = g_strdup_printf ("%s[%u]/boot/@order", kinds[i], j);
        char *order = valise_document_get (document, knob);
        if (order != NULL)
          g_assert_true (g_hash_table_add (seen, order));
      }
}

static void
test_boot_order (SettingsFixture *fixture, gconstpointer data)
{
  ValiseSettingsRow *row = settings_fixture_row (fixture, "boot", "devices/disk/boot/@order");
  ValiseDocument *draft = valise_edit_session_get_draft (fixture->session);
  g_autoptr (GRand) dice = g_rand_new_with_seed (12);
  GtkWidget *tick;
  g_autofree char *first = NULL;

  /* Two devices with the same number and an os/boot besides, as other programs may leave them. */
  valise_edit_session_set (fixture->session, "devices/disk[1]/boot/@order", "1", NULL);
  valise_edit_session_set (fixture->session, "os/boot/@dev", "network", NULL);
  settings_fixture_settle ();
  for (int i = 0; i < 60; i++)
    {
      gboolean ticking = g_rand_boolean (dice);
      GtkWidget *control =
          settings_fixture_control (GTK_WIDGET (row), ticking ? GTK_TYPE_CHECK_BUTTON : GTK_TYPE_BUTTON,
                                    (guint) g_rand_int_range (dice, 0, 9));
      if (control == NULL || !gtk_widget_get_sensitive (control)
          || gtk_style_context_has_class (gtk_widget_get_style_context (control), "valise-reset"))
        continue;
      gtk_button_clicked (GTK_BUTTON (control));
      settings_fixture_settle ();
      assert_no_collision (draft);
    }

  /* Down: the first becomes the second. */
  valise_edit_session_revert (fixture->session);
  settings_fixture_settle ();
  for (guint i = 0; (tick = settings_fixture_control (GTK_WIDGET (row), GTK_TYPE_BUTTON, i)) != NULL; i++)
    {
      g_autofree char *words = gtk_widget_get_tooltip_text (tick);
      if (g_strcmp0 (words, "Try later") == 0 && gtk_widget_get_sensitive (tick))
        break;
    }
  g_assert_nonnull (tick);
  gtk_button_clicked (GTK_BUTTON (tick));
  first = valise_edit_session_get (fixture->session, "devices/disk[1]/boot/@order");
  g_assert_cmpstr (first, ==, "1");
}

static void
test_boot_legacy (SettingsFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) entries = NULL;
  const ValiseBootEntry *entry;
  g_autoptr (GError) error = NULL;

  valise_edit_session_unset (fixture->session, "devices/disk[1]/boot", NULL);
  valise_edit_session_unset (fixture->session, "devices/disk[2]/boot", NULL);
  valise_edit_session_add (fixture->session, "os", "<boot dev='network'/>", NULL);
  valise_edit_session_add (fixture->session, "os", "<boot dev='cdrom'/>", NULL);
  valise_edit_session_set (fixture->session, "os/kernel", "media/vmlinuz", NULL);
  entries = valise_boot_order_read (fixture->session);
  g_assert_cmpuint (entries->len, ==, 4);
  entry = g_ptr_array_index (entries, 0);
  g_assert_cmpstr (entry->device, ==, "os/kernel");
  entry = g_ptr_array_index (entries, 1);
  g_assert_cmpstr (entry->device, ==, "devices/interface[1]");
  g_assert_true (entry->on);
  entry = g_ptr_array_index (entries, 2);
  g_assert_cmpstr (entry->device, ==, "devices/disk[2]");
  entry = g_ptr_array_index (entries, 3);
  g_assert_false (entry->on);

  ((ValiseBootEntry *) g_ptr_array_index (entries, 0))->on = FALSE;
  g_assert_true (valise_boot_order_write (fixture->session, entries, &error));
  g_assert_no_error (error);
  assert_no_collision (valise_edit_session_get_draft (fixture->session));
  settings_fixture_assert_has (fixture, "<kernel>", FALSE);
}

/* --- hardware --- */

static void
test_hardware (SettingsFixture *fixture, gconstpointer data)
{
  ValiseDocument *draft = valise_edit_session_get_draft (fixture->session);
  gsize length;
  const ValiseHardware *table = valise_hardware_table (&length);

  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *reason = valise_hardware_reason (fixture->session, table[i].id);
      guint before = valise_document_count (draft, table[i].element);
      g_autofree char *path = NULL, *text = g_strdup (valise_document_get_text (draft));
      const ValiseFinding *finding;
      g_autoptr (GError) error = NULL;

      if (reason != NULL)
        continue;
      path = valise_hardware_add (fixture->session, table[i].id, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (valise_document_count (draft, table[i].element), ==, before + 1);
      g_assert_true (valise_settings_show_page (fixture->settings, path)
                     || valise_settings_show_page (fixture->settings, table[i].page));
      settings_fixture_settle ();
      finding = valise_edit_session_find (fixture->session, path);
      if (finding != NULL && finding->severity == VALISE_SEVERITY_ERROR)
        g_error ("%s: %s", table[i].id, finding->text);
      g_assert_true (valise_hardware_remove (fixture->session, path, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (valise_document_count (draft, table[i].element), ==, before);
      /* Memory that can be shared, which came with it, stays for others that need it. */
      if (!g_str_equal (table[i].id, "virtiofs"))
        g_assert_cmpstr (valise_document_get_text (draft), ==, text);
      valise_edit_session_undo (fixture->session);
      valise_edit_session_undo (fixture->session);
      g_assert_cmpstr (valise_document_get_text (draft), ==, text);
    }
}

/* Three disks on three buses: names never collide, and the size that was stated for one is its own. */
static void
test_fresh_names (SettingsFixture *fixture, gconstpointer data)
{
  ValiseDocument *draft = valise_edit_session_get_draft (fixture->session);
  ValiseSettingsRow *row;
  g_autofree char *path = valise_hardware_add (fixture->session, "disk", NULL);
  g_autofree char *target = NULL;

  settings_fixture_assert_has (fixture, "<source file='disks/disk2.qcow2'/><target dev='vdb' bus='virtio'/>", TRUE);
  row = settings_fixture_row (fixture, path, "devices/disk/target/@bus");
  settings_fixture_put (GTK_WIDGET (row), 0, "sata");
  settings_fixture_settle ();
  settings_fixture_assert_has (fixture, "<source file='disks/disk2.qcow2'/><target dev='sdb' bus='sata'/>", TRUE);
  row = settings_fixture_row (fixture, "devices/disk[1]", "devices/disk/target/@bus");
  settings_fixture_put (GTK_WIDGET (row), 0, "sata");
  settings_fixture_settle ();
  target = valise_document_get (draft, "devices/disk[1]/target/@dev");
  g_assert_cmpstr (target, ==, "sdc");
  /* The address on the old bus is gone. */
  g_assert_false (valise_document_has (draft, "devices/disk[1]/address"));
  /* The page still shows the first disk, whose name changed. */
  g_assert_cmpstr (fixture->settings->current, ==, "devices/disk[1]");
}

static void
test_removal_keeps_place (SettingsFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_settings_show_page (fixture->settings, "devices/disk[2]"));
  g_assert_true (valise_hardware_remove (fixture->session, "devices/disk[1]", &error));
  settings_fixture_settle ();
  /* The CD is the first disk now, and still what is shown. */
  g_assert_cmpstr (fixture->settings->current, ==, "devices/disk[1]");
  settings_fixture_assert_has (fixture, "valise:disk", FALSE);
  valise_edit_session_undo (fixture->session);
  settings_fixture_settle ();
  g_assert_cmpstr (fixture->settings->current, ==, "devices/disk[2]");
}

/* A narrow window shows the list or a page; the keyboard finds its way back from one to the other. */
static void
test_back (SettingsFixture *fixture, gconstpointer data)
{
  g_autoptr (GdkEvent) event = gdk_event_new (GDK_KEY_PRESS);

  gtk_window_resize (GTK_WINDOW (fixture->window), 500, 700);
  settings_fixture_settle ();
  g_assert_true (valise_settings_show_page (fixture->settings, "memory"));
  settings_fixture_settle ();
  turn_until_true (valise_settings_get_folded (fixture->settings));
  event->key.window = g_object_ref (gtk_widget_get_window (fixture->window));
  event->key.keyval = GDK_KEY_Left;
  event->key.state = GDK_MOD1_MASK;
  gtk_widget_event (fixture->window, event);
  turn_until_true (!valise_settings_get_folded (fixture->settings));
  /* The keys are where somebody was in the list. */
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (fixture->window))
                 == GTK_WIDGET (gtk_list_box_get_selected_row (fixture->settings->page_list)));
}

/* What the strip says, and that it says nothing twice. */
static void
test_words (SettingsFixture *fixture, gconstpointer data)
{
  g_autofree char *none = valise_changes_in_words (fixture->session, "; ");
  g_autofree char *several = NULL, *running = NULL;

  g_assert_cmpstr (none, ==, "No changes");
  valise_edit_session_set (fixture->session, "vcpu", "4", NULL);
  valise_edit_session_unset (fixture->session, "devices/sound", NULL);
  valise_edit_session_unset (fixture->session, "clock/@offset", NULL);
  several = valise_changes_in_words (fixture->session, "; ");
  g_assert_true (g_str_has_prefix (several, "3 changes: "));
  g_assert_nonnull (strstr (several, "Virtual CPUs 2 → 4"));
  g_assert_nonnull (strstr (several, "back to the default"));
  g_assert_nonnull (strstr (several, " removed"));
  g_assert_null (strstr (several, "removed removed"));
  g_assert_null (strstr (several, "after restart"));
  valise_edit_session_set_running (fixture->session, TRUE);
  running = valise_changes_in_words (fixture->session, "; ");
  g_assert_nonnull (strstr (running, "Virtual CPUs 2 → 4 (after restart)"));
}

/* What follows by itself is not told, and what is written in five places is one change. */
static void
test_news (SettingsFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *knob;
    const char *value;
    const char *words;
  } cases[] = {
    { "memory", "3 GiB", "1 change: Memory" },
    { "metadata/valise:machine/@name", "Other", "1 change: Name" },
    { "devices/disk[1]/target/@bus", "sata", "1 change: Disk sdb: connection virtio" },
    { "os/type/@machine", "pc", "1 change: Machine type" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = NULL;

      g_assert_true (valise_edit_session_set (fixture->session, cases[i].knob, cases[i].value, NULL));
      words = valise_changes_in_words (fixture->session, "; ");
      g_test_message ("%s", words);
      g_assert_nonnull (strstr (words, cases[i].words));
      valise_edit_session_revert (fixture->session);
    }
}

static void
test_news_firmware (SettingsFixture *fixture, gconstpointer data)
{
  ValiseSettingsRow *row = settings_fixture_row (fixture, "boot", "os/@firmware");
  g_autofree char *words = NULL;

  settings_fixture_put (GTK_WIDGET (row), 0, "uefi-secure");
  words = valise_changes_in_words (fixture->session, "; ");
  g_assert_cmpstr (words, ==, "1 change: Firmware BIOS → UEFI with Secure Boot");
}

/* --- search --- */

/* Every leaf of libvirt's schema has a row that search leads to; what has none is told, and the list must be empty. */
static void
test_search_reaches_all (SettingsFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) all = valise_knob_catalogue_list_below (valise_knob_catalogue_get_default (), NULL);
  g_autoptr (GString) missed = g_string_new (NULL);

  for (guint i = 0; i < all->len; i++)
    {
      const char *path = ((const ValiseKnobEntry *) g_ptr_array_index (all, i))->knob.path;
      gboolean shown = valise_settings_show_knob (fixture->settings, path);
      GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (fixture->window));
      GtkWidget *row = focus != NULL ? gtk_widget_get_ancestor (focus, VALISE_TYPE_SETTINGS_ROW) : NULL;

      /* Names that anybody may make up are for the XML page. */
      if (strchr (path, '*') != NULL)
        continue;
      if (!shown || row == NULL || !valise_settings_row_has_knob (VALISE_SETTINGS_ROW (row), path))
        g_string_append_printf (missed, " %s", path);
    }
  /* ./check repeats what follows "told:". */
  g_test_message ("told: of %u knobs that are known the editor cannot reach:%s", all->len,
                  missed->len > 0 ? missed->str : " none");
  g_assert_cmpstr (missed->str, ==, "");
}

static void
test_search_typed (SettingsFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *words;
    const char *knob;
  } searches[] = {
    { "boot menu", "os/bootmenu/@enable" },
    { "iothread", "iothreads" },
    { "mac address", "devices/interface/mac/@address" },
    { "cpu/topology/@threads", "cpu/topology/@threads" },
  };
  GtkWidget *entry = settings_fixture_control (fixture->window, GTK_TYPE_SEARCH_ENTRY, 0);

  for (gsize i = 0; i < G_N_ELEMENTS (searches); i++)
    {
      GtkWidget *row;
      gtk_entry_set_text (GTK_ENTRY (entry), searches[i].words);
      g_signal_emit_by_name (entry, "activate");
      row = gtk_widget_get_ancestor (gtk_window_get_focus (GTK_WINDOW (fixture->window)), VALISE_TYPE_SETTINGS_ROW);
      g_assert_nonnull (row);
      g_assert_true (valise_settings_row_has_knob (VALISE_SETTINGS_ROW (row), searches[i].knob));
    }
}

/* Where it leads to is in sight, also far down a page and in what was folded. */
static void
test_search_in_sight (SettingsFixture *fixture, gconstpointer data)
{
  static const char *const knobs[] = { "uuid",
                                       "vcpu/@cpuset",
                                       "devices/disk/address/@domain",
                                       "description",
                                       "devices/disk/source/encryption/secret/@uuid",
                                       "on_crash" };

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (knobs); i++)
    settings_fixture_assert_found_in_sight (fixture, knobs[i % G_N_ELEMENTS (knobs)]);
}

static void
test_search_absent (SettingsFixture *fixture, gconstpointer data)
{
  GtkWidget *button;

  valise_edit_session_unset (fixture->session, "devices/sound", NULL);
  settings_fixture_settle ();
  g_assert_false (valise_settings_show_knob (fixture->settings, "devices/sound/@model"));
  button = gtk_window_get_focus (GTK_WINDOW (fixture->window));
  g_assert_true (GTK_IS_BUTTON (button));
  gtk_button_clicked (GTK_BUTTON (button));
  settings_fixture_settle ();
  settings_fixture_assert_has (fixture, "<sound model='ich9'/>", TRUE);
  g_assert_cmpstr (fixture->settings->current, ==, "devices/sound[1]");
}

/* --- XML --- */

static GtkTextBuffer *
show_xml (SettingsFixture *fixture)
{
  GtkWidget *view;

  g_assert_true (valise_settings_show_page (fixture->settings, "xml"));
  settings_fixture_settle ();
  view = settings_fixture_control (fixture->window, GTK_SOURCE_TYPE_VIEW, 0);
  g_assert_nonnull (view);
  return gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
}

static char *
text_of (GtkTextBuffer *buffer)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
}

static void
replace (GtkTextBuffer *buffer, const char *before, const char *after)
{
  GtkTextIter start, from, to;

  gtk_text_buffer_get_start_iter (buffer, &start);
  g_assert_true (gtk_text_iter_forward_search (&start, before, 0, &from, &to, NULL));
  gtk_text_buffer_delete (buffer, &from, &to);
  gtk_text_buffer_insert (buffer, &from, after, -1);
  gtk_text_buffer_place_cursor (buffer, &from);
}

static void
test_xml_round (SettingsFixture *fixture, gconstpointer data)
{
  GtkTextBuffer *buffer = show_xml (fixture);
  g_autofree char *text = text_of (buffer), *cpus = NULL, *later = NULL, *head = NULL;
  GtkTextIter caret, start;
  int offset;

  g_assert_cmpstr (text, ==, valise_document_get_text (valise_edit_session_get_draft (fixture->session)));
  /* Text to draft. */
  replace (buffer, "<vcpu>2</vcpu>", "<vcpu>3</vcpu>");
  g_assert_true (valise_settings_flush (fixture->settings));
  cpus = valise_edit_session_get (fixture->session, "vcpu");
  g_assert_cmpstr (cpus, ==, "3");
  /* Draft to text: the caret, behind what was typed, stays where it is, before and after the change. */
  gtk_text_buffer_get_iter_at_mark (buffer, &caret, gtk_text_buffer_get_insert (buffer));
  offset = gtk_text_iter_get_offset (&caret);
  valise_edit_session_set (fixture->session, "devices/sound/@model", "ac97", NULL);
  settings_fixture_settle ();
  gtk_text_buffer_get_iter_at_mark (buffer, &caret, gtk_text_buffer_get_insert (buffer));
  g_assert_cmpint (gtk_text_iter_get_offset (&caret), ==, offset);
  valise_edit_session_set (fixture->session, "name", "longer name", NULL);
  settings_fixture_settle ();
  gtk_text_buffer_get_iter_at_mark (buffer, &caret, gtk_text_buffer_get_insert (buffer));
  gtk_text_buffer_get_start_iter (buffer, &start);
  head = gtk_text_buffer_get_text (buffer, &start, &caret, TRUE);
  g_assert_true (g_str_has_suffix (head, "<vcpu>3</vcpu>"));

  /* A change on both sides of the caret at once. */
  valise_edit_session_begin (fixture->session);
  valise_edit_session_set (fixture->session, "title", "before", NULL);
  valise_edit_session_set (fixture->session, "devices/sound/@model", "ich6", NULL);
  valise_edit_session_end (fixture->session);
  settings_fixture_settle ();
  gtk_text_buffer_get_iter_at_mark (buffer, &caret, gtk_text_buffer_get_insert (buffer));
  gtk_text_buffer_get_iter_at_line (buffer, &start, gtk_text_iter_get_line (&caret));
  g_free (head);
  head = gtk_text_buffer_get_text (buffer, &start, &caret, TRUE);
  g_assert_cmpstr (g_strstrip (head), ==, "<vcpu>3</vcpu>");
  later = text_of (buffer);
  g_assert_cmpstr (later, ==, valise_document_get_text (valise_edit_session_get_draft (fixture->session)));
}

static void
test_xml_broken (SettingsFixture *fixture, gconstpointer data)
{
  GtkTextBuffer *buffer = show_xml (fixture);
  g_autofree char *reason = NULL, *text = NULL;

  replace (buffer, "<vcpu>2</vcpu>", "<vcpu>3</vcpu");
  g_assert_false (valise_settings_flush (fixture->settings));
  g_assert_false (valise_settings_is_sound (fixture->settings, &reason));
  g_assert_nonnull (strstr (reason, "1")); /* the line */
  g_assert_false (valise_edit_session_is_changed (fixture->session));
  /* It stays while other pages are looked at. */
  valise_settings_show_page (fixture->settings, "memory");
  settings_fixture_settle ();
  show_xml (fixture);
  text = text_of (buffer);
  g_assert_nonnull (strstr (text, "<vcpu>3</vcpu\n"));
  replace (buffer, "<vcpu>3</vcpu\n", "<vcpu>3</vcpu>\n");
  g_assert_true (valise_settings_flush (fixture->settings));
  g_assert_true (valise_settings_is_sound (fixture->settings, NULL));
  settings_fixture_assert_has (fixture, "<vcpu>3</vcpu>", TRUE);
}

static void
test_xml_undo (SettingsFixture *fixture, gconstpointer data)
{
  GtkTextBuffer *buffer = show_xml (fixture);
  GtkWidget *view = settings_fixture_control (fixture->window, GTK_SOURCE_TYPE_VIEW, 0);
  g_autofree char *before = text_of (buffer), *after = NULL;

  valise_edit_session_set (fixture->session, "vcpu", "4", NULL);
  replace (buffer, "<acpi/>", "<acpi/><pae/>");
  g_signal_emit_by_name (view, "undo");
  settings_fixture_assert_has (fixture, "<pae/>", FALSE);
  settings_fixture_assert_has (fixture, "<vcpu>4</vcpu>", TRUE);
  g_signal_emit_by_name (view, "undo");
  after = text_of (buffer);
  g_assert_cmpstr (after, ==, before);
}

static void
test_xml_marks (SettingsFixture *fixture, gconstpointer data)
{
  GtkTextBuffer *buffer = show_xml (fixture);
  guint line;
  g_autoptr (GSList) marks = NULL;

  valise_edit_session_set (fixture->session, "devices/interface/mac/@address", "52:54", NULL);
  settings_fixture_settle ();
  line = valise_document_line_of (valise_edit_session_get_draft (fixture->session), "devices/interface/mac/@address");
  marks = gtk_source_buffer_get_source_marks_at_line (GTK_SOURCE_BUFFER (buffer), (int) line - 1, "valise-error");
  g_assert_nonnull (marks);
}

#define ADD(path, func)                                                                                                \
  g_test_add ("/ui/settings-editor/" path, SettingsFixture, NULL, settings_fixture_set_up, func,                       \
              settings_fixture_tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  settings_fixture_init ();
  ADD ("firmware", test_firmware);
  g_test_add_func ("/ui/settings-editor/firmware-missing", test_firmware_missing);
  ADD ("boot-order", test_boot_order);
  ADD ("boot-legacy", test_boot_legacy);
  ADD ("hardware", test_hardware);
  ADD ("fresh-names", test_fresh_names);
  ADD ("removal", test_removal_keeps_place);
  ADD ("back", test_back);
  ADD ("words", test_words);
  ADD ("news", test_news);
  ADD ("news-firmware", test_news_firmware);
  g_test_add ("/ui/settings-editor/search-all", SettingsFixture, "everything.xml", settings_fixture_set_up,
              test_search_reaches_all, settings_fixture_tear_down);
  ADD ("search-typed", test_search_typed);
  ADD ("search-in-sight", test_search_in_sight);
  ADD ("search-absent", test_search_absent);
  ADD ("xml-round", test_xml_round);
  ADD ("xml-broken", test_xml_broken);
  ADD ("xml-undo", test_xml_undo);
  ADD ("xml-marks", test_xml_marks);
  return g_test_run ();
}
