/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "settings-fixture.h"

#include <string.h>

/* What a person puts into a row's control, and what the draft holds then. */
static const struct
{
  const char *page;
  const char *knob;
  guint index; /* of several controls in one row */
  const char *value;
  const char *expected;
} rows[] = {
  { "system", "metadata/valise:machine/@name", 0, "Build box", "name='Build box'" },
  { "system", "description", 0, "mine\nof old", "<description>mine\nof old</description>" },
  { "system", "os/type/@machine", 0, "pc", "machine='pc'" },
  { "system", "metadata/valise:machine/@accel", 0, "tcg", "accel='tcg'" },
  { "clock", "clock/@offset", 0, "localtime", "<clock offset='localtime'/>" },
  { "features", "features/acpi", 0, "off", "<features><apic/></features>" },
  { "clock", "on_crash", 0, "restart", "<on_crash>restart</on_crash>" },
  { "processor", "vcpu", 0, "4", "<vcpu>4</vcpu>" },
  { "processor", "cpu/@mode", 0, "maximum", "<cpu mode='maximum'" },
  { "processor", "cpu/topology/@cores", 1, "4", "<topology sockets='2' cores='4' threads='1'/>" },
  { "memory", "memory", 0, "4096",
    "<memory unit='KiB'>4194304</memory><currentMemory unit='KiB'>4194304</currentMemory>" },
  { "memory", "devices/memballoon/@model", 0, "none", "<memballoon model='none'/>" },
  { "boot", "os/bootmenu/@enable", 0, "on", "<bootmenu enable='yes'/>" },
  { "boot", "os/cmdline", 0, "quiet", "<cmdline>quiet</cmdline>" },
  { "devices/disk[1]", "metadata/valise:machine/valise:disk/@size", 0, "40", "size='42949672960'" },
  { "devices/disk[1]", "devices/disk/target/@bus", 0, "sata",
    "<target dev='sdb' bus='sata'/><boot order='2'/></disk>" },
  { "devices/disk[1]", "devices/disk/driver/@cache", 0, "writeback",
    "<driver name='qemu' type='qcow2' cache='writeback'/>" },
  { "devices/disk[1]", "devices/disk/driver/@discard", 0, "unmap", "discard='unmap'" },
  { "devices/disk[1]", "devices/disk/readonly", 0, "on", "<readonly/></disk><disk type='file' device='cdrom'>" },
  { "devices/disk[2]", "devices/disk[@device='cdrom']/source/@file", 0, "/srv/iso/other.iso",
    "<source file='/srv/iso/other.iso'/>" },
  { "devices/disk[2]", "devices/disk[@device='cdrom']/source/@file", 0, "", "type='raw'/><target dev='sda'" },
  { "devices/disk[2]", "devices/disk[@device='cdrom']/target/@bus", 0, "usb", "<target dev='sda' bus='usb'/>" },
  { "devices/interface[1]", "devices/interface/@type", 0, "network",
    "<interface type='network'><mac address='52:54:00:11:22:33'/>" },
  { "devices/interface[1]", "devices/interface/@type", 0, "network", "<source network='default'/>" },
  { "devices/interface[1]", "devices/interface/@type", 0, "vhostuser", "<source type='unix' mode='client' path=''/>" },
  { "devices/interface[1]", "devices/interface/@type", 0, "server", "<source address='127.0.0.1' port='5558'/>" },
  { "devices/interface[1]", "devices/interface/@type", 0, "internal", "<source name=''/>" },
  { "devices/interface[1]", "devices/interface/link/@state", 0, "down", "<link state='down'/>" },
  { "devices/interface[1]", "devices/interface/model/@type", 0, "e1000e", "<model type='e1000e'/>" },
  { "devices/interface[1]", "devices/interface/mac/@address", 0, "52:54:00:aa:bb:cc",
    "<mac address='52:54:00:aa:bb:cc'/>" },
  { "display", "devices/video/model/@type", 0, "vga", "<video><model type='vga'/>" },
  { "display", "devices/video/model/@heads", 0, "2", "heads='2'" },
  { "devices/sound[1]", "devices/sound/@model", 0, "ac97", "<sound model='ac97'/>" },
  { "devices/input[1]", "devices/input/@bus", 0, "virtio", "<input type='tablet' bus='virtio'/>" },
};

static void
test_rows (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SettingsFixture fixture = { 0 };
      ValiseSettingsRow *row;
      g_autofree char *before = NULL, *after = NULL;

      g_test_message ("%s %s = %s", rows[i].page, rows[i].knob, rows[i].value);
      settings_fixture_set_up (&fixture, NULL);
      before = settings_fixture_draft (&fixture);
      row = settings_fixture_row (&fixture, rows[i].page, rows[i].knob);
      settings_fixture_put (GTK_WIDGET (row), rows[i].index, rows[i].value);
      g_assert_true (valise_settings_flush (fixture.settings));
      settings_fixture_settle ();
      settings_fixture_assert_has (&fixture, rows[i].expected, TRUE);

      /* One step: one undo takes it back whole. */
      valise_edit_session_undo (fixture.session);
      after = settings_fixture_draft (&fixture);
      g_assert_cmpstr (after, ==, before);
      settings_fixture_tear_down (&fixture, NULL);
    }
}

/* Looking changes nothing: every page shown, forward and backward, every row made, and the draft is the original. */
static void
test_looking (SettingsFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) pages = settings_fixture_list_pages ();
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  for (guint i = 0; i < 2 * pages->len; i++)
    {
      const char *page = g_ptr_array_index (pages, i < pages->len ? i : 2 * pages->len - 1 - i);

      g_test_message ("%s", page);
      g_assert_true (valise_settings_show_page (fixture->settings, page));
      settings_fixture_settle ();
    }
  for (gsize i = 0; i < length; i++)
    valise_settings_show_knob (fixture->settings, table[i].path);
  g_assert_true (valise_settings_flush (fixture->settings));
  g_assert_false (valise_edit_session_is_changed (fixture->session));
  g_assert_false (valise_edit_session_can_undo (fixture->session));
}

static void
test_reset (SettingsFixture *fixture, gconstpointer data)
{
  ValiseSettingsRow *row = settings_fixture_row (fixture, "devices/disk[1]", "devices/disk/driver/@discard");
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (row));
  GtkWidget *reset;

  g_assert_true (gtk_style_context_has_class (context, "is-default"));
  settings_fixture_put (GTK_WIDGET (row), 0, "unmap");
  g_assert_true (gtk_style_context_has_class (context, "is-set"));
  for (guint i = 0; (reset = settings_fixture_control (GTK_WIDGET (row), GTK_TYPE_BUTTON, i)) != NULL; i++)
    if (gtk_style_context_has_class (gtk_widget_get_style_context (reset), "valise-reset"))
      break;
  g_assert_nonnull (reset);
  gtk_button_clicked (GTK_BUTTON (reset));
  g_assert_true (gtk_style_context_has_class (context, "is-default"));
  g_assert_false (valise_edit_session_is_changed (fixture->session));
}

/* What libvirt fills in is shown where nothing is set, and not stored; what it drops is said on the row. */
static void
test_read_back (SettingsFixture *fixture, gconstpointer data)
{
  ValiseSettingsRow *row = settings_fixture_row (fixture, "devices/disk[1]", "devices/disk/driver/@discard");
  ValiseDocument *draft = valise_edit_session_get_draft (fixture->session);
  g_autoptr (ValiseDocument) taken = valise_document_copy (draft);
  g_autoptr (ValiseReadBack) back = NULL;

  g_assert_true (valise_document_set (taken, "devices/disk[1]/driver/@discard", "unmap", NULL));
  g_assert_true (valise_document_unset (taken, "devices/interface[1]/model/@type", NULL));
  back = valise_read_back_new (draft, draft, taken);
  g_assert_false (settings_fixture_has_text (GTK_WIDGET (row), "Default: Give the space back"));
  valise_edit_session_set_read_back (fixture->session, back);
  settings_fixture_settle ();
  g_assert_true (settings_fixture_has_text (GTK_WIDGET (row), "Default: Give the space back"));
  g_assert_false (valise_edit_session_is_changed (fixture->session));

  row = settings_fixture_row (fixture, "devices/interface[1]", "devices/interface/model/@type");
  g_assert_true (settings_fixture_has_text (GTK_WIDGET (row), "drops this"));
}

/* More than this computer has is a warning; what cannot be is an error, on the row and in the strip. */
static void
test_findings (SettingsFixture *fixture, gconstpointer data)
{
  ValiseSettingsRow *row = settings_fixture_row (fixture, "processor", "vcpu");
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (row));
  g_autofree char *reason = NULL;

  g_assert_true (settings_fixture_has_text (GTK_WIDGET (row), "This computer has 8"));
  settings_fixture_put (GTK_WIDGET (row), 0, "64");
  valise_settings_flush (fixture->settings);
  g_assert_true (gtk_style_context_has_class (context, "has-warning"));
  g_assert_true (valise_edit_session_can_apply (fixture->session, NULL));

  row = settings_fixture_row (fixture, "devices/interface[1]", "devices/interface/mac/@address");
  context = gtk_widget_get_style_context (GTK_WIDGET (row));
  settings_fixture_put (GTK_WIDGET (row), 0, "52:54");
  valise_settings_flush (fixture->settings);
  g_assert_true (gtk_style_context_has_class (context, "has-error"));
  g_assert_false (valise_edit_session_can_apply (fixture->session, &reason));
  g_assert_nonnull (reason);
  settings_fixture_settle ();
  g_assert_true (settings_fixture_has_text (GTK_WIDGET (fixture->settings), reason));
}

/* One click does what the finding proposes. */
static void
test_remedy (SettingsFixture *fixture, gconstpointer data)
{
  ValiseSettingsRow *row;
  GtkWidget *fix;
  g_autofree char *mac = NULL;

  valise_edit_session_add (fixture->session, "devices",
                           "<interface type='user'><mac address='52:54:00:11:22:33'/></interface>", NULL);
  row = settings_fixture_row (fixture, "devices/interface[2]", "devices/interface/mac/@address");
  for (guint i = 0; (fix = settings_fixture_control (GTK_WIDGET (row), GTK_TYPE_BUTTON, i)) != NULL; i++)
    if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (fix)), "Fix It") == 0)
      break;
  g_assert_nonnull (fix);
  g_assert_true (gtk_widget_get_mapped (fix));
  gtk_button_clicked (GTK_BUTTON (fix));
  settings_fixture_settle ();
  g_assert_false (gtk_widget_get_mapped (fix));
  mac = valise_edit_session_get (fixture->session, "devices/interface[2]/mac/@address");
  g_assert_cmpstr (mac, !=, "52:54:00:11:22:33");
}

/* What the hypervisor refused stands on the row of that device, and on no other's. */
static void
test_refusals (SettingsFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) refusals = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);
  ValiseSettingsRow *row;

  g_ptr_array_add (refusals,
                   valise_finding_new (VALISE_SEVERITY_WARNING, "live-refused", "devices/disk[2]/source/@file",
                                       "The tray is locked by the guest.", NULL));
  valise_settings_set_refusals (fixture->settings, refusals);
  row = settings_fixture_row (fixture, "devices/disk[2]", "devices/disk[@device='cdrom']/source/@file");
  g_assert_true (settings_fixture_has_text (GTK_WIDGET (row), "The tray is locked by the guest."));
  row = settings_fixture_row (fixture, "devices/disk[1]", "devices/disk/source/@file");
  g_assert_false (settings_fixture_has_text (GTK_WIDGET (row), "The tray is locked by the guest."));
}

/* What is about a device as a whole has no row, and stands above them. */
static void
test_refused_device (SettingsFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) refusals = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);

  settings_fixture_row (fixture, "devices/disk[1]", "devices/disk/source/@file");
  g_ptr_array_add (refusals, valise_finding_new (VALISE_SEVERITY_WARNING, "live-refused", "devices/disk[1]",
                                                 "No slot is free.", "It waits for the next start."));
  valise_settings_set_refusals (fixture->settings, refusals);
  g_assert_true (
      settings_fixture_has_text (GTK_WIDGET (fixture->settings), "No slot is free. It waits for the next start."));
  settings_fixture_row (fixture, "devices/disk[2]", "devices/disk[@device='cdrom']/source/@file");
  g_assert_false (
      settings_fixture_has_text (GTK_WIDGET (fixture->settings), "No slot is free. It waits for the next start."));
  settings_fixture_row (fixture, "devices/disk[1]", "devices/disk/source/@file");
  g_assert_true (
      settings_fixture_has_text (GTK_WIDGET (fixture->settings), "No slot is free. It waits for the next start."));
}

/* What a list only proposes can be something else: "Other…" opens a field. */
static void
test_other_value (SettingsFixture *fixture, gconstpointer data)
{
  ValiseSettingsRow *row = settings_fixture_row (fixture, "devices/interface[1]", "devices/interface/model/@type");
  GtkWidget *entry = settings_fixture_control (GTK_WIDGET (row), GTK_TYPE_ENTRY, 0);

  g_assert_nonnull (entry);
  g_assert_false (gtk_widget_get_visible (entry));
  settings_fixture_put (GTK_WIDGET (row), 0, "\001other");
  g_assert_true (gtk_widget_get_visible (entry));
  g_assert_false (valise_edit_session_is_changed (fixture->session));
  gtk_entry_set_text (GTK_ENTRY (entry), "tulip");
  g_assert_true (valise_settings_flush (fixture->settings));
  settings_fixture_assert_has (fixture, "<model type='tulip'/>", TRUE);
  /* The field stays while it has the focus, and goes with it. */
  gtk_window_set_focus (GTK_WINDOW (fixture->window), NULL);
  settings_fixture_settle ();
  g_assert_false (gtk_widget_get_visible (entry));
}

static void
test_running (SettingsFixture *fixture, gconstpointer data)
{
  ValiseSettingsRow *row = settings_fixture_row (fixture, "processor", "cpu/@mode");

  g_assert_false (settings_fixture_has_text (GTK_WIDGET (row), "after restart"));
  valise_edit_session_set_running (fixture->session, TRUE);
  settings_fixture_settle ();
  g_assert_true (settings_fixture_has_text (GTK_WIDGET (row), "after restart"));
  row = settings_fixture_row (fixture, "devices/disk[2]", "devices/disk[@device='cdrom']/source/@file");
  g_assert_true (settings_fixture_has_text (GTK_WIDGET (row), "now"));
}

/* What this computer cannot do is in the list, grey, and says why. */
static void
test_unavailable (SettingsFixture *fixture, gconstpointer data)
{
  ValiseSettingsRow *row = settings_fixture_row (fixture, "devices/disk[1]", "devices/disk/target/@bus");
  GtkWidget *combo = settings_fixture_control (GTK_WIDGET (row), GTK_TYPE_COMBO_BOX, 0);
  GtkTreeModel *model = gtk_combo_box_get_model (GTK_COMBO_BOX (combo));
  GtkTreeIter iter;
  gboolean seen = FALSE;

  for (gboolean more = gtk_tree_model_get_iter_first (model, &iter); more;
       more = gtk_tree_model_iter_next (model, &iter))
    {
      g_autofree char *value = NULL, *label = NULL;
      gboolean can;
      gtk_tree_model_get (model, &iter, 0, &value, 1, &label, 2, &can, -1);
      if (g_strcmp0 (value, "ide") != 0)
        continue;
      seen = TRUE;
      g_assert_false (can);
      g_assert_nonnull (strstr (label, "SATA"));
    }
  g_assert_true (seen);
}

static void
collect_focusable (GtkWidget *widget, gpointer user_data)
{
  if (!gtk_widget_get_mapped (widget) || !gtk_widget_is_sensitive (widget))
    return;
  if ((GTK_IS_BUTTON (widget) || GTK_IS_ENTRY (widget) || GTK_IS_SWITCH (widget) || GTK_IS_RANGE (widget))
      && gtk_widget_get_can_focus (widget))
    g_ptr_array_add (user_data, widget);
  if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), collect_focusable, user_data);
}

/* Tab goes through everything that can be worked on every page. */
static void
test_keyboard (SettingsFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) pages = settings_fixture_list_pages ();

  for (guint i = 0; i < pages->len; i++)
    {
      const char *page = g_ptr_array_index (pages, i);
      g_autoptr (GPtrArray) controls = g_ptr_array_new ();
      g_autoptr (GHashTable) reached = g_hash_table_new (NULL, NULL);

      /* The text takes Tab for itself. */
      if (g_str_equal (page, "xml"))
        continue;
      g_assert_true (valise_settings_show_page (fixture->settings, page));
      settings_fixture_settle ();
      collect_focusable (gtk_bin_get_child (GTK_BIN (fixture->window)), controls);
      g_test_message ("%s: %u", page, controls->len);
      g_assert_cmpuint (controls->len, >, 4);
      for (guint step = 0; step < 2 * controls->len + 100; step++)
        {
          gtk_widget_child_focus (fixture->window, GTK_DIR_TAB_FORWARD);
          g_hash_table_add (reached, gtk_window_get_focus (GTK_WINDOW (fixture->window)));
        }
      for (guint j = 0; j < controls->len; j++)
        if (!g_hash_table_contains (reached, g_ptr_array_index (controls, j)))
          g_error ("%s: Tab does not reach the %s “%s”", page, G_OBJECT_TYPE_NAME (g_ptr_array_index (controls, j)),
                   atk_object_get_name (gtk_widget_get_accessible (g_ptr_array_index (controls, j))));
    }
}

/* From the first to the last and back, with all that stands under them unfolded: half a small screen holds each. */
static void
test_walk (SettingsFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) pages = settings_fixture_list_pages ();

  for (guint i = 0; i < 2 * pages->len; i++)
    {
      const char *name = g_ptr_array_index (pages, i < pages->len ? i : 2 * pages->len - i - 1);
      GtkWidget *page, *fold;
      int width;

      if (g_str_equal (name, "xml"))
        {
          g_assert_true (valise_settings_show_page (fixture->settings, name));
          settings_fixture_settle ();
          continue;
        }
      page = settings_fixture_page (fixture, name);
      for (guint j = 0; (fold = settings_fixture_control (page, HDY_TYPE_EXPANDER_ROW, j)) != NULL; j++)
        hdy_expander_row_set_expanded (HDY_EXPANDER_ROW (fold), TRUE);
      settings_fixture_settle ();
      gtk_widget_get_preferred_width (page, &width, NULL);
      g_test_message ("%s: %d", name, width);
      g_assert_cmpint (width, <=, 540);
    }
}

static void
test_accessible_names (SettingsFixture *fixture, gconstpointer data)
{
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  for (gsize i = 0; i < length; i++)
    valise_settings_show_knob (fixture->settings, table[i].path);
  for (guint i = 0;; i++)
    {
      GtkWidget *control = settings_fixture_control (GTK_WIDGET (fixture->settings), VALISE_TYPE_SETTINGS_ROW, i);
      GtkWidget *inner;
      if (control == NULL)
        break;
      g_assert_nonnull (atk_object_get_name (gtk_widget_get_accessible (control)));
      for (guint j = 0; (inner = settings_fixture_control (control, GTK_TYPE_ENTRY, j)) != NULL; j++)
        {
          GtkWidget *named = gtk_widget_get_ancestor (inner, GTK_TYPE_COMBO_BOX);
          const char *name = atk_object_get_name (gtk_widget_get_accessible (named != NULL ? named : inner));
          g_assert_cmpstr (name, !=, NULL);
          g_assert_cmpstr (name, !=, "");
        }
    }
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  settings_fixture_init ();
  g_test_add_func ("/ui/settings-rows/table", test_rows);
  g_test_add ("/ui/settings-rows/looking", SettingsFixture, "everything.xml", settings_fixture_set_up, test_looking,
              settings_fixture_tear_down);
  g_test_add ("/ui/settings-rows/reset", SettingsFixture, NULL, settings_fixture_set_up, test_reset,
              settings_fixture_tear_down);
  g_test_add ("/ui/settings-rows/read-back", SettingsFixture, NULL, settings_fixture_set_up, test_read_back,
              settings_fixture_tear_down);
  g_test_add ("/ui/settings-rows/findings", SettingsFixture, NULL, settings_fixture_set_up, test_findings,
              settings_fixture_tear_down);
  g_test_add ("/ui/settings-rows/refused-device", SettingsFixture, NULL, settings_fixture_set_up, test_refused_device,
              settings_fixture_tear_down);
  g_test_add ("/ui/settings-rows/refusals", SettingsFixture, NULL, settings_fixture_set_up, test_refusals,
              settings_fixture_tear_down);
  g_test_add ("/ui/settings-rows/remedy", SettingsFixture, NULL, settings_fixture_set_up, test_remedy,
              settings_fixture_tear_down);
  g_test_add ("/ui/settings-rows/other-value", SettingsFixture, NULL, settings_fixture_set_up, test_other_value,
              settings_fixture_tear_down);
  g_test_add ("/ui/settings-rows/running", SettingsFixture, NULL, settings_fixture_set_up, test_running,
              settings_fixture_tear_down);
  g_test_add ("/ui/settings-rows/unavailable", SettingsFixture, NULL, settings_fixture_set_up, test_unavailable,
              settings_fixture_tear_down);
  g_test_add ("/ui/settings-rows/keyboard", SettingsFixture, "everything.xml", settings_fixture_set_up, test_keyboard,
              settings_fixture_tear_down);
  g_test_add ("/ui/settings-rows/walk", SettingsFixture, "everything.xml", settings_fixture_set_up, test_walk,
              settings_fixture_tear_down);
  g_test_add ("/ui/settings-rows/accessible-names", SettingsFixture, "everything.xml", settings_fixture_set_up,
              test_accessible_names, settings_fixture_tear_down);
  return g_test_run ();
}
