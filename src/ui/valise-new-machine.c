/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-new-machine-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "bundle/valise-bring.h"
#include "engine/valise-jobs.h"
#include "ui/valise-disk-facts.h"
#include "ui/valise-file-dialog.h"
#include "ui/valise-free-space.h"
#include "ui/valise-host-reader.h"
#include "ui/valise-take-summary.h"

#define NAME "metadata/valise:machine/@name"
/* What takes longer to look at than this gets a page that says so. */
#define WAIT_PAGE_MS 300
/* After so long without a letter what was typed is one step. */
#define NAME_DELAY_MS 250

enum
{
  SIGNAL_CREATED,
  SIGNAL_BRING_IN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static const GtkTargetEntry drop_targets[] = { { (char *) "text/uri-list", 0, 0 } };

G_DEFINE_FINAL_TYPE (ValiseNewMachine, valise_new_machine, HDY_TYPE_WINDOW)

static void create_if_waiting (ValiseNewMachine *self);

void
_valise_new_machine_show_error (ValiseNewMachine *self, const char *message)
{
  gtk_label_set_text (self->error_label, message != NULL ? message : "");
  gtk_widget_set_visible (self->error_bar, message != NULL);
}

static void
show_step (ValiseNewMachine *self, const char *step)
{
  gtk_stack_set_visible_child_name (self->stack, step);
  gtk_widget_set_visible (self->back_button, !g_str_equal (step, "what"));
  gtk_widget_set_visible (self->create_button, g_str_equal (step, "machine"));
  gtk_widget_set_visible (self->start_button, g_str_equal (step, "machine"));
  if (g_str_equal (step, "what"))
    hdy_header_bar_set_subtitle (self->header_bar, NULL);
}

/* --- step 2: what it takes, and whether it can be made --- */

static void
show_summary (ValiseNewMachine *self)
{
  g_autofree char *text = valise_take_summary (valise_edit_session_get_draft (self->session), self->profile,
                                               self->capabilities, self->free_space);

  gtk_label_set_text (self->summary_label, text);
}

static char *
bundle_path (ValiseNewMachine *self, const char *name)
{
  g_autofree char *file = valise_path_name_from_label (name);
  g_autofree char *base = g_strconcat (file, VALISE_BUNDLE_SUFFIX, NULL);

  return g_build_filename (self->directory, base, NULL);
}

/* Why the machine cannot be made, or NULL. */
static char *
find_obstacle (ValiseNewMachine *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_entry_get_text (self->name_entry)));
  g_autofree char *shown = valise_text_for_display (name, 40);
  g_autofree char *path = bundle_path (self, name);
  char *reason = NULL;

  if (*name == '\0')
    return g_strdup (_ ("Give the machine a name."));
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_strdup_printf (_ ("There is a machine “%s” in this folder already. Choose another name."), shown);
  if (!valise_settings_is_sound (self->settings, &reason))
    return reason;
  return NULL;
}

/* The first look at this computer's QEMU takes seconds; nobody need wait for it before there is something to make. */
static void
show_business (ValiseNewMachine *self)
{
  gboolean asking = self->session != NULL && !self->known;

  gtk_widget_set_visible (self->spinner, self->job != NULL || asking);
  g_object_set (self->spinner, "active", self->job != NULL || asking, NULL);
  gtk_widget_set_tooltip_text (self->spinner,
                               asking ? _ (
                                   "Asking what machines can have on this computer. More can be chosen in a moment.")
                                      : NULL);
}

static void
update_buttons (ValiseNewMachine *self)
{
  g_autofree char *reason = self->session != NULL ? find_obstacle (self) : NULL;
  gboolean busy = self->job != NULL || self->create_waits;
  gboolean can = self->session != NULL && reason == NULL && !busy;

  if (self->create_waits && reason == NULL)
    reason = g_strdup (_ ("It is made as soon as it is known what machines can have on this computer: a few seconds."));
  gtk_label_set_text (self->reason_label, reason != NULL ? reason : "");
  gtk_widget_set_visible (GTK_WIDGET (self->reason_label), reason != NULL);
  gtk_widget_set_tooltip_text (self->create_button, reason);
  gtk_widget_set_tooltip_text (self->start_button, reason);
  gtk_widget_set_sensitive (self->create_button, can);
  gtk_widget_set_sensitive (self->start_button, can);
  gtk_widget_set_sensitive (self->machine_box, !busy);
  show_business (self);
}

/* The name stands in two places, here on top and on the System page: the later word counts. */
static void
follow_session_name (ValiseNewMachine *self)
{
  g_autofree char *name = valise_edit_session_get (self->session, NAME);

  if (g_strcmp0 (name, self->session_name) == 0)
    return;
  g_free (self->session_name);
  self->session_name = g_strdup (name);
  if (name != NULL && g_strcmp0 (name, gtk_entry_get_text (self->name_entry)) != 0)
    gtk_entry_set_text (self->name_entry, name);
}

static void
on_session_changed_cb (ValiseNewMachine *self)
{
  follow_session_name (self);
  show_summary (self);
  update_buttons (self);
}

/* One step for all that was typed. */
static void
take_name (ValiseNewMachine *self)
{
  const char *name = gtk_entry_get_text (self->name_entry);

  g_clear_handle_id (&self->name_id, g_source_remove);
  if (self->session != NULL && *name != '\0' && g_strcmp0 (name, self->session_name) != 0)
    valise_edit_session_set (self->session, NAME, name, NULL);
}

static gboolean
on_name_due_cb (gpointer data)
{
  ValiseNewMachine *self = data;

  self->name_id = 0;
  take_name (self);
  return G_SOURCE_REMOVE;
}

static void
on_name_changed_cb (ValiseNewMachine *self)
{
  g_clear_handle_id (&self->name_id, g_source_remove);
  if (self->session != NULL)
    self->name_id = g_timeout_add (NAME_DELAY_MS, on_name_due_cb, self);
  update_buttons (self);
}

static gboolean
on_name_left_cb (ValiseNewMachine *self)
{
  take_name (self);
  return GDK_EVENT_PROPAGATE;
}

static void
on_free_space_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseNewMachine) self = user_data;
  guint64 bytes = valise_free_space_ask_finish (source, result);

  if (bytes == 0 || self->session == NULL)
    return;
  self->free_space = bytes;
  show_summary (self);
}

static void
ask_free_space (ValiseNewMachine *self)
{
  valise_free_space_ask_async (self->directory, self->cancellable, on_free_space_cb, g_object_ref (self));
}

static void
set_directory (ValiseNewMachine *self, const char *directory)
{
  g_autofree char *shown = NULL;

  g_free (self->directory);
  self->directory = g_strdup (directory);
  shown = g_filename_display_basename (directory);
  gtk_label_set_text (self->folder_label, shown);
  gtk_widget_set_tooltip_text (self->folder_button, directory);
  if (self->session != NULL)
    ask_free_space (self);
  update_buttons (self);
}

static void
on_folder_chosen_cb (GtkNativeDialog *dialog, int response, ValiseNewMachine *self)
{
  g_autofree char *directory = valise_file_dialog_take (self->chooser, response);

  self->chooser = NULL;
  if (directory != NULL)
    set_directory (self, directory);
}

static void
on_folder_clicked_cb (ValiseNewMachine *self)
{
  g_clear_object (&self->chooser);
  self->chooser = valise_file_dialog_new (_ ("Where to Keep the Machine"), GTK_WINDOW (self),
                                          GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Choose"));
  if (g_file_test (self->directory, G_FILE_TEST_IS_DIR))
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (self->chooser), self->directory);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_folder_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* "Debian 12", "Debian 12 2", ...: the first that is free. */
static char *
free_name (ValiseNewMachine *self, const char *wish)
{
  for (guint i = 1;; i++)
    {
      g_autofree char *name = i == 1 ? g_strdup (wish) : g_strdup_printf ("%s %u", wish, i);
      g_autofree char *path = bundle_path (self, name);
      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&name);
    }
}

/* --- from what there is to the machine --- */

/* "debian-12.qcow2" is called "debian-12", "notes.v1" itself. */
static char *
name_of_file (const char *path)
{
  static const char *const endings[] = { ".iso", ".qcow2", ".img", ".raw", NULL };
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *lower = g_ascii_strdown (name, -1);

  for (gsize i = 0; endings[i] != NULL; i++)
    if (g_str_has_suffix (lower, endings[i]) && !g_str_equal (lower, endings[i]))
      name[strlen (name) - strlen (endings[i])] = '\0';
  return valise_text_for_display (name, 80);
}

/* An unknown disc is better called by its file than "unknown". */
static char *
wished_name (ValiseNewMachine *self)
{
  g_autoptr (ValiseProfile) generic = valise_profile_generic (self->capabilities);

  if (self->has == VALISE_HAS_NOTHING)
    return g_strdup (_ ("New Machine"));
  if (g_strcmp0 (self->profile->name, generic->name) != 0)
    return valise_text_for_display (self->profile->name, 80);
  return name_of_file (self->path);
}

/* What the disk that is brought along takes and holds, for the rows that show it. */
static void
promise_image (ValiseNewMachine *self, const ValiseImageInfo *info)
{
  const char *place = self->profile != NULL ? valise_profile_get_image_file (self->profile) : NULL;

  if (place != NULL)
    valise_disk_facts_promise (valise_disk_facts_get (), valise_edit_session_get_original (self->session), place, info);
}

static void
drop_session (ValiseNewMachine *self)
{
  g_clear_handle_id (&self->name_id, g_source_remove);
  if (self->session == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->session, self);
  promise_image (self, NULL);
  g_clear_object (&self->session);
}

static void
adopt_session (ValiseNewMachine *self, ValiseDocument *document)
{
  drop_session (self);
  self->session = valise_edit_session_new (document, self->capabilities, NULL);
  g_signal_connect_object (self->session, "changed", G_CALLBACK (on_session_changed_cb), self, G_CONNECT_SWAPPED);
  promise_image (self, self->profile->image);
  valise_settings_set_session (self->settings, self->session);
  g_free (self->session_name);
  self->session_name = valise_edit_session_get (self->session, NAME);
}

static void
go_to_machine (ValiseNewMachine *self, const char *name, const char *wish)
{
  gtk_entry_set_text (self->name_entry, name);
  hdy_header_bar_set_subtitle (self->header_bar, wish);
  valise_settings_select_page (self->settings, self->has == VALISE_HAS_KERNEL ? "boot" : "system");
  _valise_new_machine_show_error (self, NULL);
  show_step (self, "machine");
  gtk_widget_grab_default (self->start_button);
  gtk_widget_grab_focus (GTK_WIDGET (self->name_entry));
}

static void
show_machine (ValiseNewMachine *self)
{
  gboolean again = self->session != NULL;
  g_autofree char *wish = wished_name (self);
  g_autofree char *name = free_name (self, wish);
  ValiseProposal proposal = { .name = again ? self->session_name : name,
                              .iso = self->has == VALISE_HAS_ISO ? self->path : NULL,
                              .firmware = -1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) document = valise_profile_propose (self->profile, &proposal, self->capabilities, &error);

  if (document == NULL)
    {
      show_step (self, "what");
      _valise_new_machine_show_error (self, error->message);
      return;
    }
  adopt_session (self, document);
  if (!again)
    go_to_machine (self, name, wish);
  show_summary (self);
  ask_free_space (self);
  update_buttons (self);
}

static void
stop_looking (ValiseNewMachine *self)
{
  if (self->looking != NULL)
    g_cancellable_cancel (self->looking);
  g_clear_object (&self->looking);
  g_clear_handle_id (&self->wait_id, g_source_remove);
}

/* What is being typed, too. Returns: whether there is anything that somebody changed */
static gboolean
take_edits (ValiseNewMachine *self)
{
  gboolean read;

  if (self->session == NULL)
    return FALSE;
  read = valise_settings_flush (self->settings);
  take_name (self);
  return !read || valise_edit_session_can_undo (self->session);
}

static void
adopt_profile (ValiseNewMachine *self, ValiseProfile *profile)
{
  if (self->session != NULL)
    promise_image (self, NULL);
  valise_profile_free (self->profile);
  self->profile = profile;
  show_machine (self);
}

static void
on_profile_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseNewMachine) self = user_data;
  g_autoptr (GError) error = NULL;
  ValiseProfile *profile = valise_profile_look_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || g_cancellable_is_cancelled (self->cancellable))
    {
      valise_profile_free (profile);
      return;
    }
  stop_looking (self);
  if (take_edits (self))
    {
      valise_profile_free (profile);
      valise_edit_session_set_capabilities (self->session, self->capabilities);
    }
  else if (profile != NULL)
    adopt_profile (self, profile);
  else
    {
      self->create_waits = FALSE;
      drop_session (self);
      show_step (self, "what");
      _valise_new_machine_show_error (self, error->message);
    }
  create_if_waiting (self);
}

static void
look (ValiseNewMachine *self)
{
  stop_looking (self);
  self->looking = g_cancellable_new ();
  valise_profile_look_async (self->has, self->path, self->capabilities, self->looking, on_profile_cb,
                             g_object_ref (self));
}

static gboolean
on_wait_page_cb (gpointer user_data)
{
  ValiseNewMachine *self = user_data;

  self->wait_id = 0;
  show_step (self, "wait");
  return G_SOURCE_REMOVE;
}

static void
say_what_is_looked_at (ValiseNewMachine *self)
{
  g_autofree char *name = self->path != NULL ? g_path_get_basename (self->path) : g_strdup ("");
  g_autofree char *shown = valise_text_for_display (name, 80);
  g_autofree char *words = g_strdup_printf (_ ("Looking at %s…"), shown);

  gtk_label_set_text (self->wait_label, words);
}

void
_valise_new_machine_take (ValiseNewMachine *self, ValiseHas has, const char *path)
{
  g_autofree char *kept = g_strdup (path);

  self->create_waits = FALSE;
  drop_session (self);
  g_free (self->path);
  self->path = g_steal_pointer (&kept);
  self->has = has;
  _valise_new_machine_show_error (self, NULL);
  say_what_is_looked_at (self);
  look (self);
  self->wait_id = g_timeout_add (WAIT_PAGE_MS, on_wait_page_cb, self);
}

void
_valise_new_machine_bring_in (ValiseNewMachine *self, const char *path)
{
  g_autoptr (ValiseNewMachine) kept = g_object_ref (self);

  g_signal_emit (self, signals[SIGNAL_BRING_IN], 0, path);
  gtk_widget_destroy (GTK_WIDGET (self));
}

/* What was proposed on a guess is proposed anew, unless somebody has changed it: then only what can be chosen
 * changes. */
static void
on_capabilities_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseNewMachine) self = user_data;
  ValiseCapabilities *capabilities = valise_host_reader_read_finish (result, NULL);

  if (capabilities == NULL || g_cancellable_is_cancelled (self->cancellable))
    {
      g_clear_pointer (&capabilities, valise_capabilities_unref);
      return;
    }
  valise_capabilities_unref (self->capabilities);
  self->capabilities = capabilities;
  self->known = TRUE;
  if (take_edits (self))
    valise_edit_session_set_capabilities (self->session, capabilities);
  else if (self->session != NULL || self->looking != NULL)
    {
      look (self);
      return;
    }
  update_buttons (self);
  create_if_waiting (self);
}

static void
on_back_clicked_cb (ValiseNewMachine *self)
{
  gboolean in_machine = g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "machine") == 0;

  if (in_machine && valise_settings_get_folded (self->settings))
    {
      valise_settings_go_back (self->settings);
      return;
    }
  stop_looking (self);
  drop_session (self);
  self->create_waits = FALSE;
  _valise_new_machine_show_error (self, NULL);
  show_step (self, "what");
}

static void
on_folded_cb (ValiseNewMachine *self)
{
  gtk_widget_set_tooltip_text (self->back_button, valise_settings_get_folded (self->settings)
                                                      ? _ ("Back to the list of pages")
                                                      : _ ("Back"));
}

static void
on_error_response_cb (ValiseNewMachine *self)
{
  _valise_new_machine_show_error (self, NULL);
}

/* --- making it --- */

static void
hand_over (ValiseNewMachine *self)
{
  g_autofree char *path = valise_job_dup_result_path (self->job);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseMachine) machine = valise_library_open (self->library, path, &error);
  g_autoptr (ValiseNewMachine) kept = g_object_ref (self);

  g_clear_object (&self->job);
  if (machine == NULL)
    {
      update_buttons (self);
      _valise_new_machine_show_error (self, error->message);
      return;
    }
  g_signal_emit (self, signals[SIGNAL_CREATED], 0, machine, self->start);
  gtk_widget_destroy (GTK_WIDGET (self));
}

static void
on_job_state_cb (ValiseNewMachine *self)
{
  ValiseJobState state = self->job != NULL ? valise_job_get_state (self->job) : VALISE_JOB_RUNNING;
  const GError *error;

  if (state == VALISE_JOB_DONE)
    hand_over (self);
  if (state != VALISE_JOB_FAILED && state != VALISE_JOB_CANCELLED)
    return;
  error = valise_job_get_error (self->job);
  _valise_new_machine_show_error (self, error != NULL ? error->message : _ ("The machine was not made."));
  /* It is said here, where it can be mended; the list of jobs need not keep it. */
  valise_library_dismiss_job (self->library, self->job);
  g_clear_object (&self->job);
  update_buttons (self);
}

/* What the machine takes along; @document then names it by its place in the bundle. */
static GHashTable *
list_files (ValiseNewMachine *self, ValiseDocument *document, GError **error)
{
  g_autoptr (GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const char *place = valise_profile_get_image_file (self->profile);

  for (guint i = 1; place != NULL && i <= valise_document_count (document, "devices/disk"); i++)
    {
      g_autofree char *source = valise_document_get_device (document, "disk", i, "source/@file");
      if (g_strcmp0 (source, place) == 0)
        g_hash_table_replace (files, g_strdup (place), g_strdup (self->path));
    }
  if (self->has == VALISE_HAS_KERNEL && !valise_bring_kernel (document, files, error))
    return NULL;
  return g_steal_pointer (&files);
}

static void
run_job (ValiseNewMachine *self, const char *name)
{
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_edit_session_get_draft (self->session));
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) files = list_files (self, document, &error);

  if (files == NULL)
    {
      _valise_new_machine_show_error (self, error->message);
      return;
    }
  self->job = valise_create_job_new (self->library, self->directory, name, document, files);
  g_signal_connect_object (self->job, "notify::state", G_CALLBACK (on_job_state_cb), self, G_CONNECT_SWAPPED);
  update_buttons (self);
  valise_library_run_job (self->library, self->job);
}

static void
create (ValiseNewMachine *self, gboolean start)
{
  g_autofree char *name = NULL;
  g_autofree char *reason = NULL;

  /* What is being typed on a page may be the name. */
  if (self->session == NULL || self->job != NULL || !valise_settings_flush (self->settings))
    return;
  take_name (self);
  name = g_strstrip (g_strdup (gtk_entry_get_text (self->name_entry)));
  reason = find_obstacle (self);
  self->start = start;
  self->create_waits = reason == NULL && !self->known;
  update_buttons (self);
  if (reason != NULL || self->create_waits)
    return;
  _valise_new_machine_show_error (self, NULL);
  run_job (self, name);
}

static void
create_if_waiting (ValiseNewMachine *self)
{
  if (!self->create_waits || !self->known)
    return;
  self->create_waits = FALSE;
  update_buttons (self);
  create (self, self->start);
}

static void
on_create_clicked_cb (ValiseNewMachine *self)
{
  create (self, FALSE);
}

static void
on_start_clicked_cb (ValiseNewMachine *self)
{
  create (self, TRUE);
}

static void
valise_new_machine_dispose (GObject *object)
{
  ValiseNewMachine *self = VALISE_NEW_MACHINE (object);

  g_cancellable_cancel (self->cancellable);
  stop_looking (self);
  if (self->job != NULL)
    valise_job_cancel (self->job);
  g_clear_object (&self->job);
  g_clear_object (&self->chooser);
  drop_session (self);
  g_clear_object (&self->library);
  g_clear_pointer (&self->capabilities, valise_capabilities_unref);
  G_OBJECT_CLASS (valise_new_machine_parent_class)->dispose (object);
}

static void
valise_new_machine_finalize (GObject *object)
{
  ValiseNewMachine *self = VALISE_NEW_MACHINE (object);

  g_object_unref (self->cancellable);
  g_free (self->path);
  valise_profile_free (self->profile);
  g_free (self->directory);
  g_free (self->session_name);
  G_OBJECT_CLASS (valise_new_machine_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, header_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, back_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, spinner);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, error_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, error_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, wait_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, machine_box);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, name_entry);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, folder_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, folder_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, summary_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, settings);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, reason_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, create_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, start_button);
}

static void
valise_new_machine_class_init (ValiseNewMachineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  g_type_ensure (VALISE_TYPE_SETTINGS);
  G_OBJECT_CLASS (klass)->dispose = valise_new_machine_dispose;
  G_OBJECT_CLASS (klass)->finalize = valise_new_machine_finalize;
  signals[SIGNAL_CREATED] = g_signal_new ("created", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                          VALISE_TYPE_MACHINE, G_TYPE_BOOLEAN);
  signals[SIGNAL_BRING_IN] =
      g_signal_new ("bring-in", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/valise/Valise/ui/valise-new-machine.glade");
  bind_children (widget_class);
  _valise_new_machine_bind_what (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_back_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_folded_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_error_response_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_name_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_name_left_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_folder_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_create_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_start_clicked_cb);
}

static void
valise_new_machine_init (ValiseNewMachine *self)
{
  self->cancellable = g_cancellable_new ();
  self->capabilities = valise_host_reader_guess ();
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_drag_dest_set (GTK_WIDGET (self), GTK_DEST_DEFAULT_ALL, drop_targets, G_N_ELEMENTS (drop_targets),
                     GDK_ACTION_COPY);
}

GtkWidget *
valise_new_machine_new (ValiseLibrary *library, GtkWindow *parent)
{
  ValiseNewMachine *self;

  g_return_val_if_fail (VALISE_IS_LIBRARY (library), NULL);

  self = g_object_new (VALISE_TYPE_NEW_MACHINE, "transient-for", parent, "destroy-with-parent", TRUE, NULL);
  self->library = g_object_ref (library);
  set_directory (self, valise_library_get_directory (library));
  valise_host_reader_read_async (valise_library_get_host (library), self->cancellable, on_capabilities_cb,
                                 g_object_ref (self));
  _valise_new_machine_find_discs (self);
  return GTK_WIDGET (self);
}
