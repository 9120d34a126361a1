/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "base/valise-path.h"
#include "settings-fixture.h"
#include "ui/valise-grant-dialog.h"
#include "ui/valise-new-machine-private.h"
#include "ui/valise-settings-private.h"
#include "ui/valise-settings-window.h"

#define ISO "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"

/* New machine, settings and grants on a library of its own and libvirt's test driver: nothing here starts a machine. */
typedef struct
{
  char *root;
  char *directory;
  ValiseHost *host;
  ValiseLibrary *library;
  GtkWidget *window;
  ValiseMachine *machine;
  gboolean start;
  char *brought;
} Fixture;

static void
set_up_in (Fixture *self, const char *directory)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *state = NULL;

  self->root = g_dir_make_tmp ("valise-ui-XXXXXX", &error);
  g_assert_no_error (error);
  state = g_build_filename (self->root, "state", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  self->directory = directory != NULL ? g_strdup (directory) : g_build_filename (self->root, "library", NULL);
  self->host = valise_host_new ("test:///default");
  g_assert_true (valise_host_connect_sync (self->host, NULL, &error));
  g_assert_no_error (error);
  self->library = valise_library_new (self->host, self->directory);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  set_up_in (self, data);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (self->window != NULL)
    gtk_widget_destroy (self->window);
  settings_fixture_settle ();
  g_clear_object (&self->machine);
  g_clear_object (&self->library);
  g_clear_object (&self->host);
  valise_directory_remove (self->root, &error);
  g_assert_no_error (error);
  g_free (self->root);
  g_free (self->directory);
  g_free (self->brought);
}

static gboolean
on_timeout_cb (gpointer user_data)
{
  g_error ("waited in vain");
  return G_SOURCE_REMOVE;
}

typedef gboolean (*Condition) (Fixture *self);

static void
wait_for (Fixture *self, Condition condition)
{
  guint timeout = g_timeout_add_seconds (60, on_timeout_cb, NULL);

  while (!condition (self))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
  settings_fixture_settle ();
}

static GtkWidget *
find_button (GtkWidget *in, const char *label)
{
  GtkWidget *button;

  for (guint i = 0; (button = settings_fixture_control (in, GTK_TYPE_BUTTON, i)) != NULL; i++)
    if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), label) == 0)
      return button;
  return NULL;
}

static gboolean
has_settings (Fixture *self)
{
  GtkWidget *settings = settings_fixture_control (self->window, VALISE_TYPE_SETTINGS, 0);
  return settings != NULL && VALISE_SETTINGS (settings)->session != NULL && gtk_widget_get_mapped (settings);
}

static ValiseEditSession *
session_of (Fixture *self)
{
  return VALISE_SETTINGS (settings_fixture_control (self->window, VALISE_TYPE_SETTINGS, 0))->session;
}

static gboolean
has_error (Fixture *self)
{
  GtkWidget *bar = settings_fixture_control (self->window, GTK_TYPE_INFO_BAR, 0);
  return gtk_widget_get_mapped (bar);
}

static gboolean
has_machine (Fixture *self)
{
  return self->machine != NULL;
}

static void
on_created_cb (ValiseNewMachine *window, ValiseMachine *machine, gboolean start, Fixture *self)
{
  self->machine = g_object_ref (machine);
  self->start = start;
}

static void
on_bring_in_cb (ValiseNewMachine *window, const char *path, Fixture *self)
{
  self->brought = g_strdup (path);
}

static void
open_new_machine (Fixture *self)
{
  self->window = valise_new_machine_new (self->library, NULL);
  g_signal_connect (self->window, "created", G_CALLBACK (on_created_cb), self);
  g_signal_connect (self->window, "bring-in", G_CALLBACK (on_bring_in_cb), self);
  g_signal_connect (self->window, "destroy", G_CALLBACK (gtk_widget_destroyed), &self->window);
  gtk_widget_show (self->window);
  settings_fixture_settle ();
}

static guint
count_files (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  guint count = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

/* As a person does, of whom it is not known whether that was all. */
static void
type_notes (Fixture *self, const char *text)
{
  GtkWidget *notes = settings_fixture_control (self->window, GTK_TYPE_TEXT_VIEW, 0);

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (notes)), text, -1);
}

static void
assert_notes (Fixture *self, const char *text)
{
  g_autofree char *notes = valise_edit_session_get (session_of (self), "description");

  g_assert_cmpstr (notes, ==, text);
}

/* --- new machine --- */

/* Drop, click: a machine with what was detected. */
static void
test_two_clicks (Fixture *self, gconstpointer data)
{
  g_autofree char *disk = NULL, *iso = NULL;

  open_new_machine (self);
  valise_new_machine_take_file (VALISE_NEW_MACHINE (self->window), ISO);
  wait_for (self, has_settings);
  g_assert_true (settings_fixture_has_text (self->window, "next to nothing at first"));
  gtk_button_clicked (GTK_BUTTON (find_button (self->window, "Create and _Start")));
  wait_for (self, has_machine);
  g_assert_true (self->start);
  g_assert_null (self->window);
  disk = g_build_filename (valise_machine_get_path (self->machine), "disks", "root.qcow2", NULL);
  g_assert_true (g_file_test (disk, G_FILE_TEST_IS_REGULAR));
  g_assert_true (valise_machine_load (self->machine, FALSE, NULL));
  iso = valise_document_get (valise_machine_get_document (self->machine), "devices/disk[2]/source/@file");
  g_assert_cmpstr (iso, ==, ISO);
}

static void
test_changed_before_first_boot (Fixture *self, gconstpointer data)
{
  g_autofree char *cpus = NULL, *memory = NULL;
  GtkWidget *name;

  open_new_machine (self);
  valise_new_machine_take_file (VALISE_NEW_MACHINE (self->window), ISO);
  wait_for (self, has_settings);
  name = settings_fixture_control (self->window, GTK_TYPE_ENTRY, 0);
  gtk_entry_set_text (GTK_ENTRY (name), "Build / box");
  valise_edit_session_set (session_of (self), "vcpu", "1", NULL);
  valise_edit_session_set (session_of (self), "memory", "768MiB", NULL);
  settings_fixture_settle ();
  g_assert_cmpstr (gtk_entry_get_text (GTK_ENTRY (name)), ==, "Build / box");
  g_assert_true (settings_fixture_has_text (self->window, "768 MiB of"));
  gtk_button_clicked (GTK_BUTTON (find_button (self->window, "_Create")));
  wait_for (self, has_machine);
  g_assert_false (self->start);
  g_assert_true (valise_machine_load (self->machine, FALSE, NULL));
  g_assert_cmpstr (valise_machine_get_name (self->machine), ==, "Build / box");
  cpus = valise_document_get (valise_machine_get_document (self->machine), "vcpu");
  memory = valise_document_get (valise_machine_get_document (self->machine), "memory");
  g_assert_cmpstr (cpus, ==, "1");
  g_assert_cmpstr (memory, ==, "786432");
}

static gboolean
has_looked_again (Fixture *self)
{
  ValiseNewMachine *window = VALISE_NEW_MACHINE (self->window);

  return window->known && window->looking == NULL;
}

/* The proposal that the answer brings comes later still. */
static void
wait_for_answer (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_host_connect_sync (self->host, NULL, &error));
  g_assert_no_error (error);
  while (!VALISE_NEW_MACHINE (self->window)->known)
    g_main_context_iteration (NULL, TRUE);
}

/* What this computer can do is known later than the editor is there. */
static void
open_before_answer (Fixture *self)
{
  g_clear_object (&self->library);
  g_clear_object (&self->host);
  self->host = valise_host_new ("test:///default");
  self->library = valise_library_new (self->host, self->directory);
  open_new_machine (self);
  valise_new_machine_take_file (VALISE_NEW_MACHINE (self->window), ISO);
  wait_for (self, has_settings);
}

static void
test_typed_before_answer (Fixture *self, gconstpointer data)
{
  open_before_answer (self);
  type_notes (self, "half a word");
  wait_for_answer (self);
  wait_for (self, has_looked_again);
  assert_notes (self, "half a word");
}

static void
test_typed_after_answer (Fixture *self, gconstpointer data)
{
  open_before_answer (self);
  wait_for_answer (self);
  type_notes (self, "half a word");
  wait_for (self, has_looked_again);
  assert_notes (self, "half a word");
}

/* Each is said in the window, and nothing is there afterwards. */
static void
test_bad_files (Fixture *self, gconstpointer data)
{
  static const char *const bad[] = { "/etc/passwd", "/nonexistent/debian.iso", "/proc", "/dev/null" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      open_new_machine (self);
      valise_new_machine_take_file (VALISE_NEW_MACHINE (self->window), bad[i]);
      wait_for (self, has_error);
      g_assert_true (settings_fixture_has_text (self->window, "What do you have?"));
      g_assert_null (self->machine);
      g_assert_cmpuint (count_files (self->directory), ==, 0);
      gtk_widget_destroy (self->window);
    }
}

static void
test_taken_name (Fixture *self, gconstpointer data)
{
  GtkWidget *create, *name;
  g_autofree char *taken = g_build_filename (self->directory, "Taken.vmbundle", NULL);

  g_assert_cmpint (g_mkdir_with_parents (taken, 0700), ==, 0);
  open_new_machine (self);
  valise_new_machine_take_file (VALISE_NEW_MACHINE (self->window), ISO);
  wait_for (self, has_settings);
  create = find_button (self->window, "_Create");
  name = settings_fixture_control (self->window, GTK_TYPE_ENTRY, 0);
  g_assert_true (gtk_widget_get_sensitive (create));
  gtk_entry_set_text (GTK_ENTRY (name), "Taken");
  g_assert_false (gtk_widget_get_sensitive (create));
  settings_fixture_settle ();
  g_assert_true (settings_fixture_has_text (self->window, "“Taken”"));
  gtk_entry_set_text (GTK_ENTRY (name), "  ");
  g_assert_false (gtk_widget_get_sensitive (create));
  gtk_entry_set_text (GTK_ENTRY (name), "Free");
  g_assert_true (gtk_widget_get_sensitive (create));
}

/* The folder cannot be made: it is said, and what was typed is still there. */
static void
test_failure_keeps_edits (Fixture *self, gconstpointer data)
{
  g_autofree char *cpus = NULL;

  open_new_machine (self);
  valise_new_machine_take_file (VALISE_NEW_MACHINE (self->window), ISO);
  wait_for (self, has_settings);
  valise_edit_session_set (session_of (self), "vcpu", "1", NULL);
  gtk_button_clicked (GTK_BUTTON (find_button (self->window, "_Create")));
  wait_for (self, has_error);
  cpus = valise_edit_session_get (session_of (self), "vcpu");
  g_assert_cmpstr (cpus, ==, "1");
  g_assert_true (gtk_widget_get_sensitive (find_button (self->window, "_Create")));
  g_assert_cmpuint (g_list_model_get_n_items (valise_library_get_jobs (self->library)), ==, 0);
}

static gboolean
is_brought_in (Fixture *self)
{
  return self->brought != NULL;
}

static void
test_bring_in (Fixture *self, gconstpointer data)
{
  g_autofree char *archive = g_build_filename (self->root, "old.vmbundle.tar.zst", NULL);

  g_assert_true (g_file_set_contents (archive, "", 0, NULL));
  open_new_machine (self);
  valise_new_machine_take_file (VALISE_NEW_MACHINE (self->window), archive);
  wait_for (self, is_brought_in);
  g_assert_cmpstr (self->brought, ==, archive);
  g_assert_null (self->window);
}

/* --- settings of a machine --- */

static void
make_machine (Fixture *self)
{
  open_new_machine (self);
  valise_new_machine_take_file (VALISE_NEW_MACHINE (self->window), ISO);
  wait_for (self, has_settings);
  gtk_button_clicked (GTK_BUTTON (find_button (self->window, "_Create")));
  wait_for (self, has_machine);
}

static void
open_settings (Fixture *self)
{
  self->window = valise_settings_window_new (self->machine, NULL, NULL);
  g_signal_connect (self->window, "destroy", G_CALLBACK (gtk_widget_destroyed), &self->window);
  gtk_widget_show (self->window);
  wait_for (self, has_settings);
}

static gboolean
is_applied (Fixture *self)
{
  g_autofree char *cpus = valise_document_get (valise_machine_get_document (self->machine), "vcpu");
  return g_strcmp0 (cpus, "1") == 0 && !valise_edit_session_is_changed (session_of (self));
}

static void
test_apply (Fixture *self, gconstpointer data)
{
  GtkWidget *apply;
  g_autofree char *config = NULL, *text = NULL;

  make_machine (self);
  open_settings (self);
  apply = find_button (self->window, "_Apply");
  g_assert_false (gtk_widget_get_sensitive (apply));
  valise_edit_session_set (session_of (self), "vcpu", "1", NULL);
  g_assert_true (gtk_widget_get_sensitive (apply));
  gtk_button_clicked (GTK_BUTTON (apply));
  wait_for (self, is_applied);
  g_assert_false (gtk_widget_get_sensitive (apply));
  config = g_build_filename (valise_machine_get_path (self->machine), "config.xml", NULL);
  g_assert_true (g_file_get_contents (config, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, ">1</vcpu>"));
  /* Undo reaches back behind what was applied. */
  g_assert_true (valise_edit_session_can_undo (session_of (self)));
}

static void
write_config (Fixture *self, const char *before, const char *after)
{
  g_autofree char *config = g_build_filename (valise_machine_get_path (self->machine), "config.xml", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GString) changed = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (config, &text, NULL, NULL));
  changed = g_string_new (text);
  g_assert_cmpuint (g_string_replace (changed, before, after, 0), >, 0);
  valise_file_replace (config, changed->str, (gssize) changed->len, 0600, &error);
  g_assert_no_error (error);
}

static gboolean
has_other_sound (Fixture *self)
{
  g_autofree char *model = valise_edit_session_get (session_of (self), "devices/sound/@model");
  return g_strcmp0 (model, "ac97") == 0;
}

/* Somebody else writes config.xml: with nothing changed here it is followed, else it is asked. */
static void
test_outside (Fixture *self, gconstpointer data)
{
  g_autofree char *cpus = NULL;

  make_machine (self);
  open_settings (self);
  write_config (self, "ich9", "ac97");
  wait_for (self, has_other_sound);
  g_assert_false (has_error (self));
  valise_edit_session_set (session_of (self), "vcpu", "1", NULL);
  write_config (self, "ac97", "ich6");
  wait_for (self, has_error);
  cpus = valise_edit_session_get (session_of (self), "vcpu");
  g_assert_cmpstr (cpus, ==, "1");
  gtk_button_clicked (GTK_BUTTON (find_button (self->window, "_Read It Again")));
  settings_fixture_settle ();
  g_assert_false (valise_edit_session_is_changed (session_of (self)));
  g_assert_false (has_error (self));
  type_notes (self, "half a word");
  write_config (self, "ich6", "ich9");
  wait_for (self, has_error);
  assert_notes (self, "half a word");
}

/* A machine that cannot be read says so, and is read as soon as it can be. */
static void
test_broken (Fixture *self, gconstpointer data)
{
  make_machine (self);
  write_config (self, "</domain>", "</doma");
  g_assert_false (valise_machine_load (self->machine, TRUE, NULL));
  self->window = valise_settings_window_new (self->machine, NULL, NULL);
  g_signal_connect (self->window, "destroy", G_CALLBACK (gtk_widget_destroyed), &self->window);
  gtk_widget_show (self->window);
  settings_fixture_settle ();
  g_assert_true (settings_fixture_has_text (self->window, "cannot be read"));
  write_config (self, "</doma", "</domain>");
  gtk_button_clicked (GTK_BUTTON (find_button (self->window, "_Try Again")));
  wait_for (self, has_settings);
}

/* --- grants --- */

static void
on_settled_cb (GtkWidget *dialog, gboolean *settled)
{
  *settled = TRUE;
}

/* A machine that asks for a disk outside its folder, as one from elsewhere does. */
static void
make_stranger (Fixture *self)
{
  g_autofree char *state = g_build_filename (self->root, "other-state", NULL);

  make_machine (self);
  write_config (self, "disks/root.qcow2", "/srv/somebody.qcow2");
  /* Another computer: nothing is known of this machine there. */
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  g_assert_true (valise_machine_load (self->machine, TRUE, NULL));
}

static void
close_dialog (Fixture *self, const char *label)
{
  gtk_button_clicked (GTK_BUTTON (find_button (self->window, label)));
  g_assert_null (self->window);
}

/* Later, in the settings: what is allowed is shown, and can be taken back. */
static void
check_review (Fixture *self, gboolean allowed)
{
  g_autoptr (GPtrArray) asks = NULL;
  gboolean settled;
  GtkSwitch *one;

  self->window = valise_grant_dialog_new_review (self->machine, NULL);
  g_signal_connect (self->window, "destroy", G_CALLBACK (gtk_widget_destroyed), &self->window);
  one = GTK_SWITCH (settings_fixture_control (self->window, GTK_TYPE_SWITCH, 0));
  g_assert_cmpint (gtk_switch_get_active (one), ==, allowed);
  gtk_switch_set_active (one, !allowed);
  close_dialog (self, "_Save");
  asks = valise_machine_list_asks (self->machine, &settled);
  g_assert_cmpint (((ValiseAsk *) g_ptr_array_index (asks, 0))->granted, ==, !allowed);
}

static void
check_grants (Fixture *self, gboolean allow)
{
  g_autoptr (GPtrArray) asks = NULL;
  gboolean settled = FALSE, done = FALSE;
  guint granted = 0;

  make_stranger (self);
  asks = valise_machine_list_asks (self->machine, &done);
  g_assert_cmpuint (asks->len, >, 0);
  g_assert_false (done);
  g_clear_pointer (&asks, g_ptr_array_unref);

  self->window = valise_grant_dialog_new (self->machine, NULL);
  g_signal_connect (self->window, "destroy", G_CALLBACK (gtk_widget_destroyed), &self->window);
  g_signal_connect (self->window, "settled", G_CALLBACK (on_settled_cb), &settled);
  gtk_widget_show (self->window);
  settings_fixture_settle ();
  g_assert_true (settings_fixture_has_text (self->window, "/srv/somebody.qcow2"));
  g_assert_false (gtk_widget_get_sensitive (find_button (self->window, "_Allow Selected and Start")));
  if (allow)
    for (guint i = 0; settings_fixture_control (self->window, GTK_TYPE_SWITCH, i) != NULL; i++)
      {
        GtkSwitch *one = GTK_SWITCH (settings_fixture_control (self->window, GTK_TYPE_SWITCH, i));
        g_assert_false (gtk_switch_get_active (one));
        gtk_switch_set_active (one, TRUE);
      }
  gtk_button_clicked (
      GTK_BUTTON (find_button (self->window, allow ? "_Allow Selected and Start" : "Start _Without These")));
  g_assert_true (settled);
  g_assert_null (self->window);

  asks = valise_machine_list_asks (self->machine, &done);
  g_assert_true (done);
  for (guint i = 0; i < asks->len; i++)
    granted += ((ValiseAsk *) g_ptr_array_index (asks, i))->granted;
  g_assert_cmpuint (granted, ==, allow ? asks->len : 0);
  check_review (self, allow);
}

static void
test_grants_allowed (Fixture *self, gconstpointer data)
{
  check_grants (self, TRUE);
}

static void
test_grants_refused (Fixture *self, gconstpointer data)
{
  check_grants (self, FALSE);
}

#define ADD(path, where, func) g_test_add ("/ui/machine-windows/" path, Fixture, where, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  settings_fixture_init ();
  ADD ("new/two-clicks", NULL, test_two_clicks);
  ADD ("new/changed", NULL, test_changed_before_first_boot);
  ADD ("new/typed-before-answer", NULL, test_typed_before_answer);
  ADD ("new/typed-after-answer", NULL, test_typed_after_answer);
  ADD ("new/bad-files", NULL, test_bad_files);
  ADD ("new/taken-name", NULL, test_taken_name);
  ADD ("new/failure", "/dev/null/library", test_failure_keeps_edits);
  ADD ("new/bring-in", NULL, test_bring_in);
  ADD ("settings/apply", NULL, test_apply);
  ADD ("settings/outside", NULL, test_outside);
  ADD ("settings/broken", NULL, test_broken);
  ADD ("grants/allowed", NULL, test_grants_allowed);
  ADD ("grants/refused", NULL, test_grants_refused);
  return g_test_run ();
}
