/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-new-machine.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "engine/valise-jobs.h"
#include "model/valise-profile.h"
#include "ui/valise-host-reader.h"
#include "ui/valise-iso-finder.h"
#include "ui/valise-settings.h"
#include "ui/valise-take-summary.h"

#define NAME "metadata/valise:machine/@name"

struct _ValiseNewMachine
{
  HdyWindow parent_instance;

  HdyHeaderBar *header_bar;
  GtkWidget *back_button;
  GtkWidget *spinner;
  GtkWidget *error_bar;
  GtkLabel *error_label;
  GtkStack *stack;
  GtkWidget *found_group;
  GtkLabel *wait_label;
  GtkWidget *machine_box;
  GtkEntry *name_entry;
  GtkWidget *folder_button;
  GtkLabel *folder_label;
  GtkLabel *summary_label;
  ValiseSettings *settings;
  GtkLabel *reason_label;
  GtkWidget *create_button;
  GtkWidget *start_button;

  ValiseLibrary *library;
  ValiseCapabilities *capabilities; /* NULL until read */
  ValiseEditSession *session;
  ValiseJob *job;
  GCancellable *cancellable; /* of the window */
  GCancellable *looking;     /* of the ISO being looked at */
  GtkFileChooserNative *chooser;
  char *iso;          /* waits for the capabilities, or is being looked at */
  char *directory;    /* where the bundle goes */
  char *session_name; /* as the draft has it */
  guint64 free_space;
  gboolean wants_empty;
  gboolean start;
};

enum
{
  SIGNAL_CREATED,
  SIGNAL_BRING_IN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static const GtkTargetEntry drop_targets[] = { { (char *) "text/uri-list", 0, 0 } };

G_DEFINE_FINAL_TYPE (ValiseNewMachine, valise_new_machine, HDY_TYPE_WINDOW)

static void
show_error (ValiseNewMachine *self, const char *message)
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
  g_autofree char *text =
      valise_take_summary (valise_edit_session_get_draft (self->session), self->capabilities, self->free_space);

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
  g_autofree char *path = bundle_path (self, name);
  char *reason = NULL;

  if (*name == '\0')
    return g_strdup (_ ("Give the machine a name."));
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_strdup_printf (_ ("There is a machine “%s” in this folder already. Choose another name."), name);
  if (!valise_settings_is_sound (self->settings, &reason))
    return reason;
  return NULL;
}

static void
update_buttons (ValiseNewMachine *self)
{
  g_autofree char *reason = self->session != NULL ? find_obstacle (self) : NULL;
  gboolean can = self->session != NULL && reason == NULL && self->job == NULL;

  gtk_label_set_text (self->reason_label, reason != NULL ? reason : "");
  gtk_widget_set_visible (GTK_WIDGET (self->reason_label), reason != NULL);
  gtk_widget_set_tooltip_text (self->create_button, reason);
  gtk_widget_set_tooltip_text (self->start_button, reason);
  gtk_widget_set_sensitive (self->create_button, can);
  gtk_widget_set_sensitive (self->start_button, can);
  gtk_widget_set_sensitive (self->machine_box, self->job == NULL);
  gtk_widget_set_visible (self->spinner, self->job != NULL);
  g_object_set (self->spinner, "active", self->job != NULL, NULL);
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

static void
on_name_changed_cb (ValiseNewMachine *self)
{
  update_buttons (self);
}

static gboolean
on_name_left_cb (ValiseNewMachine *self)
{
  const char *name = gtk_entry_get_text (self->name_entry);

  if (self->session != NULL && *name != '\0' && g_strcmp0 (name, self->session_name) != 0)
    valise_edit_session_set (self->session, NAME, name, NULL);
  return GDK_EVENT_PROPAGATE;
}

static void
on_free_space_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseNewMachine) self = user_data;
  g_autoptr (GFileInfo) info = g_file_query_filesystem_info_finish (G_FILE (source), result, NULL);

  if (info == NULL || self->session == NULL)
    return;
  self->free_space = g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE);
  show_summary (self);
}

/* The folder may not be there yet; what is free is told by the nearest one above that is. */
static void
ask_free_space (ValiseNewMachine *self)
{
  g_autofree char *path = g_strdup (self->directory);
  g_autoptr (GFile) file = NULL;

  while (!g_file_test (path, G_FILE_TEST_IS_DIR) && !g_str_equal (path, "/") && !g_str_equal (path, "."))
    {
      char *parent = g_path_get_dirname (path);
      g_free (path);
      path = parent;
    }
  file = g_file_new_for_path (path);
  g_file_query_filesystem_info_async (file, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, G_PRIORITY_DEFAULT, self->cancellable,
                                      on_free_space_cb, g_object_ref (self));
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
  g_autofree char *directory = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));

  g_clear_object (&self->chooser);
  if (response == GTK_RESPONSE_ACCEPT && directory != NULL)
    set_directory (self, directory);
}

static void
on_folder_clicked_cb (ValiseNewMachine *self)
{
  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (_ ("Where to Keep the Machine"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Choose"), _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
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

static void
show_machine (ValiseNewMachine *self, const ValiseProfile *profile, const char *iso, const char *wish)
{
  g_autofree char *shown = valise_text_for_display (wish, 80);
  g_autofree char *name = free_name (self, shown);
  ValiseProposal proposal = { .name = name, .iso = (char *) iso, .firmware = -1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) document = valise_profile_propose (profile, &proposal, self->capabilities, &error);

  if (document == NULL)
    {
      show_step (self, "what");
      show_error (self, error->message);
      return;
    }
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  self->session = valise_edit_session_new (document, self->capabilities, NULL);
  g_signal_connect_object (self->session, "changed", G_CALLBACK (on_session_changed_cb), self, G_CONNECT_SWAPPED);
  valise_settings_set_session (self->settings, self->session);
  g_free (self->session_name);
  self->session_name = valise_edit_session_get (self->session, NAME);
  gtk_entry_set_text (self->name_entry, name);
  hdy_header_bar_set_subtitle (self->header_bar, shown);
  show_error (self, NULL);
  show_summary (self);
  ask_free_space (self);
  update_buttons (self);
  show_step (self, "machine");
  gtk_widget_grab_default (self->start_button);
  gtk_widget_grab_focus (GTK_WIDGET (self->name_entry));
}

/* --- step 1: what there is --- */

static void
on_profile_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseNewMachine) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseProfile) profile = valise_profile_from_iso_finish (result, &error);
  g_autoptr (ValiseProfile) generic = NULL;
  g_autofree char *name = NULL;
  gboolean known;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || g_cancellable_is_cancelled (self->cancellable))
    return;
  if (profile == NULL)
    {
      g_clear_pointer (&self->iso, g_free);
      show_step (self, "what");
      show_error (self, error->message);
      return;
    }
  /* An unknown disc is better called by its file than "unknown". */
  name = g_path_get_basename (self->iso);
  if (g_str_has_suffix (name, ".iso") || g_str_has_suffix (name, ".ISO"))
    name[strlen (name) - 4] = '\0';
  generic = valise_profile_generic (self->capabilities);
  known = g_strcmp0 (profile->name, generic->name) != 0;
  show_machine (self, profile, self->iso, known || *name == '\0' ? profile->name : name);
}

static void
look_at_iso (ValiseNewMachine *self)
{
  if (self->capabilities == NULL)
    return; /* on_capabilities_cb comes back here */
  g_clear_object (&self->looking);
  self->looking = g_cancellable_new ();
  valise_profile_from_iso_async (self->iso, self->capabilities, self->looking, on_profile_cb, g_object_ref (self));
}

static void
take_iso (ValiseNewMachine *self, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *shown = valise_text_for_display (name, 80);
  g_autofree char *words = g_strdup_printf (_ ("Looking at %s…"), shown);

  g_free (self->iso);
  self->iso = g_strdup (path);
  show_error (self, NULL);
  gtk_label_set_text (self->wait_label, words);
  show_step (self, "wait");
  look_at_iso (self);
}

static void
take_nothing (ValiseNewMachine *self)
{
  g_autoptr (ValiseProfile) profile = NULL;

  self->wants_empty = self->capabilities == NULL;
  if (self->wants_empty)
    {
      gtk_label_set_text (self->wait_label, _ ("Looking at this computer…"));
      show_step (self, "wait");
      return;
    }
  profile = valise_profile_generic (self->capabilities);
  show_machine (self, profile, NULL, _ ("New Machine"));
}

static void
bring_in (ValiseNewMachine *self, const char *path)
{
  g_autoptr (ValiseNewMachine) kept = g_object_ref (self);

  g_signal_emit (self, signals[SIGNAL_BRING_IN], 0, path);
  gtk_widget_destroy (GTK_WIDGET (self));
}

static gboolean
is_bundle (const char *path)
{
  g_autofree char *config = g_build_filename (path, "config.xml", NULL);

  return g_str_has_suffix (path, VALISE_BUNDLE_ARCHIVE_SUFFIX)
         || (g_file_test (path, G_FILE_TEST_IS_DIR)
             && (g_str_has_suffix (path, VALISE_BUNDLE_SUFFIX) || g_file_test (config, G_FILE_TEST_EXISTS)));
}

static void
on_capabilities_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseNewMachine) self = user_data;
  ValiseCapabilities *capabilities = valise_host_reader_read_finish (result, NULL);

  if (capabilities == NULL)
    return;
  self->capabilities = capabilities;
  if (self->wants_empty)
    take_nothing (self);
  else if (self->iso != NULL)
    look_at_iso (self);
}

static void
on_found_activated_cb (HdyActionRow *row, ValiseNewMachine *self)
{
  take_iso (self, g_object_get_data (G_OBJECT (row), "valise-path"));
}

static void
add_found (ValiseNewMachine *self, const char *path)
{
  GtkWidget *row = hdy_action_row_new ();
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *escaped = g_markup_escape_text (name, -1);

  hdy_preferences_row_set_title (HDY_PREFERENCES_ROW (row), escaped);
  hdy_action_row_set_icon_name (HDY_ACTION_ROW (row), "media-optical-symbolic");
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  atk_object_set_name (gtk_widget_get_accessible (row), name);
  g_object_set_data_full (G_OBJECT (row), "valise-path", g_strdup (path), g_free);
  g_signal_connect_object (row, "activated", G_CALLBACK (on_found_activated_cb), self, 0);
  gtk_container_add (GTK_CONTAINER (self->found_group), row);
  gtk_widget_show (row);
}

static void
on_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseNewMachine) self = user_data;
  g_autoptr (GPtrArray) paths = valise_iso_finder_find_finish (result, NULL);

  if (g_cancellable_is_cancelled (self->cancellable) || paths == NULL || paths->len == 0)
    return;
  for (guint i = 0; i < paths->len; i++)
    add_found (self, g_ptr_array_index (paths, i));
  gtk_widget_show (self->found_group);
}

static void
on_chosen_cb (GtkNativeDialog *dialog, int response, ValiseNewMachine *self)
{
  g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));

  g_clear_object (&self->chooser);
  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    valise_new_machine_take_file (self, path);
}

static void
add_filter (GtkFileChooserNative *chooser, const char *name, const char *pattern)
{
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  gtk_file_filter_add_pattern (filter, pattern);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
}

static void
choose (ValiseNewMachine *self, const char *title, GtkFileChooserAction action, const char *kind, const char *pattern)
{
  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, _ ("_Open"), _ ("_Cancel"));
  if (pattern != NULL)
    {
      add_filter (self->chooser, kind, pattern);
      add_filter (self->chooser, _ ("All files"), "*");
    }
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
on_iso_activated_cb (ValiseNewMachine *self)
{
  choose (self, _ ("Choose an ISO"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("ISO images"), "*.[iI][sS][oO]");
}

static void
on_bundle_activated_cb (ValiseNewMachine *self)
{
  choose (self, _ ("Choose a .vmbundle Folder"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL, NULL);
}

static void
on_archive_activated_cb (ValiseNewMachine *self)
{
  choose (self, _ ("Choose a Machine in One File"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Machines in one file"),
          "*" VALISE_BUNDLE_ARCHIVE_SUFFIX);
}

static void
on_nothing_activated_cb (ValiseNewMachine *self)
{
  show_error (self, NULL);
  g_clear_pointer (&self->iso, g_free);
  take_nothing (self);
}

static void
on_drag_data_received_cb (ValiseNewMachine *self,
                          GdkDragContext *context,
                          int x,
                          int y,
                          GtkSelectionData *data,
                          guint info,
                          guint time)
{
  g_auto (GStrv) uris = gtk_selection_data_get_uris (data);
  g_autofree char *path = uris != NULL && uris[0] != NULL ? g_filename_from_uri (uris[0], NULL, NULL) : NULL;

  if (path != NULL && self->job == NULL)
    valise_new_machine_take_file (self, path);
  else if (path == NULL)
    show_error (self, _ ("Only files of this computer can be dropped here."));
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
  if (self->looking != NULL)
    g_cancellable_cancel (self->looking);
  self->wants_empty = FALSE;
  g_clear_pointer (&self->iso, g_free);
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
  show_error (self, NULL);
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
      show_error (self, error->message);
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
  show_error (self, error != NULL ? error->message : _ ("The machine was not made."));
  /* It is said here, where it can be mended; the list of jobs need not keep it. */
  valise_library_dismiss_job (self->library, self->job);
  g_clear_object (&self->job);
  update_buttons (self);
}

static void
create (ValiseNewMachine *self, gboolean start)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_entry_get_text (self->name_entry)));
  g_autofree char *reason = NULL;

  if (self->session == NULL || self->job != NULL || !valise_settings_flush (self->settings))
    return;
  reason = find_obstacle (self);
  update_buttons (self);
  if (reason != NULL)
    return;
  show_error (self, NULL);
  self->start = start;
  self->job =
      valise_create_job_new (self->library, self->directory, name, valise_edit_session_get_draft (self->session));
  g_signal_connect_object (self->job, "notify::state", G_CALLBACK (on_job_state_cb), self, G_CONNECT_SWAPPED);
  update_buttons (self);
  valise_library_run_job (self->library, self->job);
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
  if (self->looking != NULL)
    g_cancellable_cancel (self->looking);
  if (self->job != NULL)
    valise_job_cancel (self->job);
  g_clear_object (&self->job);
  g_clear_object (&self->looking);
  g_clear_object (&self->chooser);
  g_clear_object (&self->session);
  g_clear_object (&self->library);
  g_clear_pointer (&self->capabilities, valise_capabilities_unref);
  G_OBJECT_CLASS (valise_new_machine_parent_class)->dispose (object);
}

static void
valise_new_machine_finalize (GObject *object)
{
  ValiseNewMachine *self = VALISE_NEW_MACHINE (object);

  g_object_unref (self->cancellable);
  g_free (self->iso);
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
  gtk_widget_class_bind_template_child (widget_class, ValiseNewMachine, found_group);
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
  gtk_widget_class_bind_template_callback (widget_class, on_iso_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_bundle_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_archive_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_nothing_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_drag_data_received_cb);
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
  valise_iso_finder_find_async (self->cancellable, on_found_cb, g_object_ref (self));
  return GTK_WIDGET (self);
}

void
valise_new_machine_take_file (ValiseNewMachine *self, const char *path)
{
  g_return_if_fail (VALISE_IS_NEW_MACHINE (self) && path != NULL);

  if (is_bundle (path))
    bring_in (self, path);
  else
    take_iso (self, path);
}
