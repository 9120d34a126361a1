/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One setting for three machines, which are real bundles; libvirt's test driver is the host, and none of them runs. */
#include "ui/valise-several-window.h"

#include <string.h>

#include "base/valise-path.h"
#include "bundle/valise-lock.h"
#include "settings-fixture.h"
#include "ui/valise-several-row.h"

typedef struct
{
  char *root;
  ValiseHost *host;
  GPtrArray *machines;
  GtkWidget *window;
} Fixture;

static const char *const names[] = { "Alpha", "Beta", "Gamma" };

static char *
bundle_path (Fixture *self, const char *name)
{
  return g_strdup_printf ("%s/library/%s.vmbundle", self->root, name);
}

static void
make_machine (Fixture *self, const char *name, const char *cpus, gboolean sound)
{
  g_autofree char *library = g_build_filename (self->root, "library", NULL);
  g_autofree char *path = bundle_path (self, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (library, name, &error);
  g_autoptr (ValiseDocument) document = NULL;

  g_assert_no_error (error);
  document = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_document_set (document, "memory", "1048576", NULL));
  g_assert_true (valise_document_set (document, "vcpu", cpus, NULL));
  g_assert_true (valise_document_set (document, "os/type", "hvm", NULL));
  if (sound)
    g_assert_true (valise_document_add_fragment (document, "devices", "<sound model='ich6'/>", NULL));
  valise_bundle_commit (bundle, document, &error);
  g_assert_no_error (error);
  g_ptr_array_add (self->machines, valise_machine_new (self->host, path));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *state = NULL;

  self->root = g_dir_make_tmp ("valise-ui-XXXXXX", &error);
  g_assert_no_error (error);
  state = g_build_filename (self->root, "state", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  self->host = valise_host_new ("test:///default");
  g_assert_true (valise_host_connect_sync (self->host, NULL, &error));
  g_assert_no_error (error);
  self->machines = g_ptr_array_new_with_free_func (g_object_unref);
  make_machine (self, "Alpha", "1", TRUE);
  make_machine (self, "Beta", "2", FALSE);
  make_machine (self, "Gamma", "4", TRUE);
}

static void
open_window (Fixture *self)
{
  self->window = valise_several_window_new (self->machines, NULL);
  gtk_widget_show (self->window);
  settings_fixture_settle ();
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  gtk_widget_destroy (self->window);
  settings_fixture_settle ();
  g_ptr_array_unref (self->machines);
  g_clear_object (&self->host);
  valise_directory_remove (self->root, &error);
  g_assert_no_error (error);
  g_free (self->root);
}

/* --- what is seen --- */

static GtkWidget *
row_of (Fixture *self, guint number)
{
  return settings_fixture_control (self->window, VALISE_TYPE_SEVERAL_ROW, number);
}

static const char *
words_of (Fixture *self, guint number)
{
  return atk_object_get_name (gtk_widget_get_accessible (row_of (self, number)));
}

static gboolean
on_timeout_cb (gpointer user_data)
{
  Fixture *self = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_test_message ("%s", words_of (self, i));
  g_error ("waited in vain");
  return G_SOURCE_REMOVE;
}

/* Until the row of a machine says this. */
static void
wait_for (Fixture *self, guint number, const char *words)
{
  guint timeout = g_timeout_add_seconds (90, on_timeout_cb, self);

  while (strstr (words_of (self, number), words) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
}

static void
wait_for_words (Fixture *self, const char *words)
{
  guint timeout = g_timeout_add_seconds (90, on_timeout_cb, self);

  while (!settings_fixture_has_text (self->window, words))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
}

static GtkWidget *
apply_button (Fixture *self)
{
  GtkWidget *button;

  for (guint i = 0; (button = settings_fixture_control (self->window, GTK_TYPE_BUTTON, i)) != NULL; i++)
    if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), "_Apply") == 0)
      return button;
  g_assert_not_reached ();
}

static void
apply (Fixture *self)
{
  while (!gtk_widget_get_sensitive (apply_button (self)))
    g_main_context_iteration (NULL, TRUE);
  gtk_button_clicked (GTK_BUTTON (apply_button (self)));
}

static void
put (Fixture *self, const char *value)
{
  GtkWidget *row = settings_fixture_control (self->window, VALISE_TYPE_SETTINGS_ROW, 0);

  g_assert_nonnull (row);
  settings_fixture_put (row, 0, value);
}

/* What the file says now. */
static void
assert_saved (Fixture *self, const char *name, const char *knob, const char *expected)
{
  g_autofree char *path = bundle_path (self, name), *value = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, &error);

  g_assert_no_error (error);
  value = valise_document_get (valise_bundle_get_document (bundle), knob);
  g_assert_cmpstr (value, ==, expected);
}

/* --- cases --- */

static void
test_all (Fixture *self, gconstpointer data)
{
  open_window (self);
  g_assert_false (gtk_widget_get_sensitive (apply_button (self)));
  g_assert_true (valise_several_window_choose (VALISE_SEVERAL_WINDOW (self->window), "vcpu"));
  put (self, "4");
  wait_for (self, 0, "1 → 4");
  wait_for (self, 1, "2 → 4");
  wait_for (self, 2, "Stays as it is: 4");
  wait_for_words (self, "2 of 3 machines change.");
  /* Nothing is written before it is asked for. */
  assert_saved (self, "Alpha", "vcpu", "1");
  apply (self);
  wait_for (self, 0, "Applied");
  wait_for (self, 1, "Applied");
  wait_for_words (self, "Applied to 2 of 3 machines.");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    assert_saved (self, names[i], "vcpu", "4");
  g_assert_false (gtk_widget_get_sensitive (apply_button (self)));
}

/* One machine is being worked on by somebody else: the others are done, it is said of it, and it can be tried again. */
static void
test_failure (Fixture *self, gconstpointer data)
{
  g_autofree char *path = bundle_path (self, "Beta");
  g_autoptr (GError) error = NULL;
  ValiseLock *lock;

  open_window (self);
  g_assert_true (valise_several_window_choose (VALISE_SEVERAL_WINDOW (self->window), "vcpu"));
  put (self, "3");
  wait_for (self, 2, "4 → 3");
  lock = valise_lock_take (path, "editing", &error);
  g_assert_no_error (error);
  apply (self);
  wait_for_words (self, "Applied to 2, failed with 1 of 3 machines.");
  wait_for (self, 1, "2 → 3");
  g_test_message ("%s", words_of (self, 1));
  assert_saved (self, "Alpha", "vcpu", "3");
  assert_saved (self, "Beta", "vcpu", "2");
  assert_saved (self, "Gamma", "vcpu", "3");
  valise_lock_free (lock);
  apply (self);
  wait_for_words (self, "Applied to 3 of 3 machines.");
  assert_saved (self, "Beta", "vcpu", "3");
}

/* What cannot have it says so and is left alone. */
static void
test_refused (Fixture *self, gconstpointer data)
{
  open_window (self);
  g_assert_true (valise_several_window_choose (VALISE_SEVERAL_WINDOW (self->window), "devices/sound/@model"));
  put (self, "ich9");
  wait_for (self, 0, "ICH6 → ");
  wait_for (self, 1, "The machine has no such device.");
  wait_for_words (self, "2 of 3 machines change.");
  apply (self);
  wait_for_words (self, "Applied to 2 of 3 machines.");
  assert_saved (self, "Gamma", "devices/sound/@model", "ich9");
  assert_saved (self, "Beta", "devices/sound", NULL);
}

/* Another program has been quicker: its work is not thrown away. */
static void
test_changed_meanwhile (Fixture *self, gconstpointer data)
{
  g_autofree char *path = bundle_path (self, "Beta");
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (ValiseDocument) document = NULL;

  open_window (self);
  g_assert_true (valise_several_window_choose (VALISE_SEVERAL_WINDOW (self->window), "vcpu"));
  put (self, "3");
  wait_for (self, 1, "2 → 3");
  bundle = valise_bundle_open (path, &error);
  g_assert_no_error (error);
  document = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_document_set (document, "description", "written elsewhere", NULL));
  g_assert_true (valise_document_set (document, "vcpu", "1", NULL));
  g_assert_true (valise_bundle_save (bundle, document, NULL));
  apply (self);
  wait_for_words (self, "Applied to 2, failed with 1 of 3 machines.");
  wait_for (self, 1, "Another program has changed it");
  wait_for (self, 1, "1 → 3");
  assert_saved (self, "Beta", "vcpu", "1");
  apply (self);
  wait_for_words (self, "Applied to 3 of 3 machines.");
  assert_saved (self, "Beta", "vcpu", "3");
  assert_saved (self, "Beta", "description", "written elsewhere");
}

static void
test_broken (Fixture *self, gconstpointer data)
{
  g_autofree char *path = bundle_path (self, "Alpha"), *config = g_build_filename (path, "config.xml", NULL);

  g_assert_true (g_file_set_contents (config, "<domain><torn", -1, NULL));
  open_window (self);
  g_assert_true (valise_several_window_choose (VALISE_SEVERAL_WINDOW (self->window), "memory"));
  wait_for (self, 0, "config.xml");
  put (self, "2");
  wait_for (self, 1, "2 GiB");
  apply (self);
  wait_for_words (self, "Applied to 2 of 3 machines.");
}

/* Behind the window's back. */
static void
write_fragment (Fixture *self, const char *name, const char *parent, const char *xml)
{
  g_autofree char *path = bundle_path (self, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, &error);
  g_autoptr (ValiseDocument) document = NULL;

  g_assert_no_error (error);
  document = valise_document_copy (valise_bundle_get_document (bundle));
  g_assert_true (valise_document_add_fragment (document, parent, xml, NULL));
  g_assert_true (valise_bundle_save (bundle, document, NULL));
}

#define DISK "<disk type='block' device='disk'><source dev='/dev/null'/><target dev='vda' bus='virtio'/></disk>"
#define CD "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>"

/* Each machine has devices of its own, and one word for all of them orders them. */
static void
test_boot_order (Fixture *self, gconstpointer data)
{
  GtkWidget *entry;

  write_fragment (self, "Alpha", "devices", DISK);
  write_fragment (self, "Alpha", "devices", CD);
  write_fragment (self, "Beta", "devices", DISK);
  write_fragment (self, "Gamma", "devices", CD);
  write_fragment (self, "Gamma", "os", "<boot dev='cdrom'/>");
  open_window (self);
  entry = settings_fixture_control (self->window, GTK_TYPE_SEARCH_ENTRY, 0);
  gtk_entry_set_text (GTK_ENTRY (entry), "boot sequence");
  g_signal_emit_by_name (entry, "activate");
  wait_for (self, 0, "Stays as it is: Disks");
  put (self, "cdrom");
  wait_for (self, 0, "CD drive sda: boot order: Default → 1");
  wait_for (self, 1, "The machine has no CD drive.");
  wait_for (self, 2, "Stays as it is: CD drives");
  wait_for_words (self, "1 of 3 machines change.");
  put (self, "network");
  wait_for (self, 0, "The machine has no network card.");
  wait_for_words (self, "0 of 3 machines change.");
  put (self, "cdrom");
  wait_for (self, 0, "CD drive sda: boot order: Default → 1");
  apply (self);
  wait_for_words (self, "Applied to 1 of 3 machines.");
  assert_saved (self, "Alpha", "devices/disk[2]/boot/@order", "1");
  assert_saved (self, "Alpha", "devices/disk[1]/boot/@order", "2");
  assert_saved (self, "Beta", "devices/disk[1]/boot/@order", NULL);
  assert_saved (self, "Gamma", "os/boot/@dev", "cdrom");
}

static void
test_search (Fixture *self, gconstpointer data)
{
  GtkWidget *entry, *row;

  open_window (self);
  entry = settings_fixture_control (self->window, GTK_TYPE_SEARCH_ENTRY, 0);
  gtk_entry_set_text (GTK_ENTRY (entry), "mac address");
  g_signal_emit_by_name (entry, "activate");
  /* What is each machine's own is there, and says why it is not for all. */
  g_assert_null (settings_fixture_control (self->window, VALISE_TYPE_SETTINGS_ROW, 0));
  g_assert_true (settings_fixture_has_text (self->window, "Each machine needs one of its own."));
  gtk_entry_set_text (GTK_ENTRY (entry), "boot menu");
  g_signal_emit_by_name (entry, "activate");
  row = settings_fixture_control (self->window, VALISE_TYPE_SETTINGS_ROW, 0);
  g_assert_nonnull (row);
  g_assert_true (valise_settings_row_has_knob (VALISE_SETTINGS_ROW (row), "os/bootmenu/@enable"));
}

#define ADD(path, func) g_test_add ("/ui/several-window/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  settings_fixture_init ();
  ADD ("all", test_all);
  ADD ("failure", test_failure);
  ADD ("refused", test_refused);
  ADD ("changed-meanwhile", test_changed_meanwhile);
  ADD ("broken", test_broken);
  ADD ("boot-order", test_boot_order);
  ADD ("search", test_search);
  return g_test_run ();
}
