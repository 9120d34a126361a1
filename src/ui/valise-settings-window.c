/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-window.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-disk-facts.h"
#include "ui/valise-grant-dialog.h"
#include "ui/valise-host-reader.h"
#include "ui/valise-settings.h"
#include "ui/valise-settings-files.h"
#include "ui/valise-settings-trial.h"

struct _ValiseSettingsWindow
{
  HdyWindow parent_instance;

  HdyHeaderBar *header_bar;
  GtkWidget *back_button;
  GtkWidget *access_button;
  GtkSpinner *spinner;
  GtkInfoBar *notice_bar;
  GtkLabel *notice_label;
  GtkWidget *reload_button;
  GtkListBox *jobs_list;
  GtkStack *stack;
  HdyStatusPage *broken_page;
  ValiseSettings *settings;

  ValiseMachine *machine;
  ValiseSettingsFiles *files; /* NULL without a library */
  ValiseEditSession *session;
  ValiseCapabilities *capabilities;
  GCancellable *cancellable;
  GFileMonitor *monitor;
  gboolean applying;
  gboolean close_after;
};

enum
{
  RESPONSE_APPLY = 1,
  RESPONSE_DISCARD,
};

G_DEFINE_FINAL_TYPE (ValiseSettingsWindow, valise_settings_window, HDY_TYPE_WINDOW)

static void
show_notice (ValiseSettingsWindow *self, GtkMessageType type, const char *text, gboolean reload)
{
  gtk_info_bar_set_message_type (self->notice_bar, type);
  gtk_label_set_text (self->notice_label, text);
  gtk_widget_set_visible (self->reload_button, reload);
  gtk_widget_show (GTK_WIDGET (self->notice_bar));
}

static void
hide_notice (ValiseSettingsWindow *self)
{
  gtk_widget_hide (GTK_WIDGET (self->notice_bar));
}

static void
follow_state (ValiseSettingsWindow *self)
{
  if (self->session != NULL)
    valise_edit_session_set_running (self->session, valise_machine_is_live (self->machine));
}

static void
follow_name (ValiseSettingsWindow *self)
{
  g_autofree char *title = g_strdup_printf (_ ("%s: Settings"), valise_machine_get_name (self->machine));

  hdy_header_bar_set_title (self->header_bar, title);
  gtk_window_set_title (GTK_WINDOW (self), title);
}

/* Only machines that reach outside their folder have anything to permit. */
static void
follow_asks (ValiseSettingsWindow *self)
{
  gboolean settled;
  g_autoptr (GPtrArray) asks = valise_machine_list_asks (self->machine, &settled);

  gtk_widget_set_visible (self->access_button, asks != NULL && asks->len > 0);
}

/* A new session on what the machine is now. */
static void
start_session (ValiseSettingsWindow *self)
{
  g_clear_object (&self->session);
  self->session = valise_edit_session_new (valise_machine_get_document (self->machine), self->capabilities,
                                           valise_machine_get_path (self->machine));
  valise_settings_trial_follow (self->session, self->machine);
  follow_state (self);
  follow_asks (self);
  valise_settings_set_session (self->settings, self->session);
  gtk_stack_set_visible_child_name (self->stack, "settings");
}

static void
on_capabilities_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseSettingsWindow) self = user_data;
  ValiseCapabilities *capabilities = valise_host_reader_read_finish (result, NULL);

  if (capabilities == NULL)
    return;
  g_clear_pointer (&self->capabilities, valise_capabilities_unref);
  self->capabilities = capabilities;
  if (self->session != NULL)
    valise_edit_session_set_capabilities (self->session, capabilities);
}

/* Nothing can be edited; the text is still there to be mended by hand, or an earlier one to be brought back. */
static void
show_broken (ValiseSettingsWindow *self, const GError *error)
{
  g_autofree char *words = g_markup_escape_text (error->message, -1);

  hdy_status_page_set_description (self->broken_page, words);
  /* What libhandy shows in there, it does not tell to a screen reader. */
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->broken_page)), words);
  gtk_stack_set_visible_child_name (self->stack, "broken");
}

static void
load (ValiseSettingsWindow *self, gboolean again)
{
  g_autoptr (GError) error = NULL;

  if (!valise_machine_load (self->machine, again, &error))
    {
      show_broken (self, error);
      return;
    }
  /* What is known at once is shown at once; what can be chosen follows. */
  if (self->capabilities == NULL)
    self->capabilities = valise_host_reader_guess ();
  start_session (self);
  valise_host_reader_read_async (valise_machine_get_host (self->machine), self->cancellable, on_capabilities_cb,
                                 g_object_ref (self));
}

static gboolean
same_text (ValiseDocument *one, ValiseDocument *other)
{
  return g_strcmp0 (valise_document_get_text (one), valise_document_get_text (other)) == 0;
}

/* config.xml was replaced: by our own Apply, by a start that kept addresses, or by somebody else. */
static void
on_file_changed_cb (ValiseSettingsWindow *self)
{
  g_autoptr (GError) error = NULL;

  if (self->applying || self->session == NULL)
    return;
  if (!valise_machine_load (self->machine, TRUE, &error))
    {
      show_notice (self, GTK_MESSAGE_ERROR, error->message, TRUE);
      return;
    }
  if (same_text (valise_machine_get_document (self->machine), valise_edit_session_get_original (self->session)))
    return;
  /* What is being typed is a change, too. */
  if (valise_settings_flush (self->settings) && !valise_edit_session_is_changed (self->session))
    start_session (self);
  else
    show_notice (self, GTK_MESSAGE_WARNING,
                 _ ("The machine has been changed by another program. Reading it again discards the changes made here; "
                    "applying them discards the others."),
                 TRUE);
}

static void
on_reload_clicked_cb (ValiseSettingsWindow *self)
{
  g_autoptr (GError) error = NULL;

  if (self->session == NULL)
    {
      load (self, TRUE);
      return;
    }
  if (!valise_machine_load (self->machine, TRUE, &error))
    {
      show_notice (self, GTK_MESSAGE_ERROR, error->message, TRUE);
      return;
    }
  hide_notice (self);
  start_session (self);
}

static void
set_applying (ValiseSettingsWindow *self, gboolean applying)
{
  self->applying = applying;
  gtk_widget_set_sensitive (GTK_WIDGET (self->settings), !applying);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), applying);
  g_object_set (self->spinner, "active", applying, NULL);
}

/* Of what Apply said, that about the running machine; what libvirt makes of the draft the session says, too. */
static GPtrArray *
list_live (GPtrArray *findings)
{
  GPtrArray *live = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);

  for (guint i = 0; findings != NULL && i < findings->len; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (findings, i);

      if (g_str_has_prefix (finding->code, "live-"))
        g_ptr_array_add (live, valise_finding_copy (finding));
    }
  return live;
}

/* What has no row, as it is not among the settings any more: a device that the guest does not let go. */
static char *
describe_without_place (GPtrArray *findings)
{
  GString *words = g_string_new (NULL);

  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (findings, i);

      if (finding->where == NULL)
        g_string_append_printf (words, " %s", finding->text);
    }
  return g_string_free (words, FALSE);
}

static const ValiseFinding *
find_precaution (GPtrArray *findings)
{
  for (guint i = 0; findings != NULL && i < findings->len; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (findings, i);

      if (g_str_has_prefix (finding->code, "precaution-"))
        return finding;
    }
  return NULL;
}

static void
say_precaution (ValiseSettingsWindow *self, const ValiseFinding *finding)
{
  g_autofree char *words = g_strdup_printf ("%s %s %s", _ ("Saved."), finding->text, finding->remedy);

  show_notice (self, finding->severity == VALISE_SEVERITY_INFO ? GTK_MESSAGE_INFO : GTK_MESSAGE_WARNING, words, FALSE);
}

static void
say_refusals (ValiseSettingsWindow *self, GPtrArray *findings)
{
  const ValiseFinding *precaution = find_precaution (findings);
  g_autoptr (GPtrArray) live = list_live (findings);
  g_autofree char *others = describe_without_place (live);
  g_autofree char *words =
      g_strconcat (_ ("Saved. Not everything could be changed in the running machine: the rows say what waits for its "
                      "next start."),
                   others, NULL);

  valise_settings_set_refusals (self->settings, live);
  if (precaution != NULL)
    say_precaution (self, precaution);
  else if (live->len > 0)
    show_notice (self, GTK_MESSAGE_INFO, words, FALSE);
  else if (findings != NULL && findings->len > 0)
    show_notice (self, GTK_MESSAGE_INFO,
                 _ ("Saved. libvirt does not take everything as it is written: the rows say what."), FALSE);
  else
    hide_notice (self);
}

static void
on_applied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseSettingsWindow) self = user_data;
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done = valise_machine_apply_finish (VALISE_MACHINE (source), result, &findings, &error);

  if (self->session == NULL) /* the window went with its parent */
    return;
  set_applying (self, FALSE);
  if (!done)
    {
      self->close_after = FALSE;
      show_notice (self, GTK_MESSAGE_ERROR, error->message, FALSE);
      return;
    }
  valise_disk_facts_forget (valise_disk_facts_get ());
  valise_edit_session_applied (self->session);
  say_refusals (self, findings);
  /* Apply may have written more than was asked, an address for instance. */
  on_file_changed_cb (self);
  follow_name (self);
  follow_asks (self);
  if (self->close_after && (findings == NULL || findings->len == 0))
    gtk_widget_destroy (GTK_WIDGET (self));
}

static void
on_apply_cb (ValiseSettingsWindow *self)
{
  g_autoptr (ValiseDocument) document = NULL;
  g_autofree char *reason = NULL;

  if (self->applying || !valise_edit_session_can_apply (self->session, &reason))
    return;
  document = valise_document_copy (valise_edit_session_get_draft (self->session));
  set_applying (self, TRUE);
  valise_machine_apply_async (self->machine, document, self->cancellable, on_applied_cb, g_object_ref (self));
}

static void
on_back_clicked_cb (ValiseSettingsWindow *self)
{
  valise_settings_go_back (self->settings);
}

static void
on_access_clicked_cb (ValiseSettingsWindow *self)
{
  gtk_window_present (GTK_WINDOW (valise_grant_dialog_new_review (self->machine, GTK_WINDOW (self))));
}

static void
on_folded_cb (ValiseSettingsWindow *self)
{
  gtk_widget_set_visible (self->back_button, valise_settings_get_folded (self->settings));
}

static void
on_notice_response_cb (ValiseSettingsWindow *self)
{
  hide_notice (self);
}

static void
on_close_response_cb (GtkDialog *dialog, int response, ValiseSettingsWindow *self)
{
  gtk_widget_destroy (GTK_WIDGET (dialog));
  if (response == RESPONSE_DISCARD)
    gtk_widget_destroy (GTK_WIDGET (self));
  else if (response == RESPONSE_APPLY)
    {
      self->close_after = TRUE;
      on_apply_cb (self);
    }
}

static void
ask_before_close (ValiseSettingsWindow *self)
{
  g_autofree char *reason = NULL;
  gboolean can =
      valise_edit_session_can_apply (self->session, &reason) && valise_settings_is_sound (self->settings, NULL);
  GtkWidget *dialog = gtk_message_dialog_new (GTK_WINDOW (self), GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                                              GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE, "%s", _ ("Apply the changes?"));

  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s",
                                            can ? _ ("They are not saved yet.")
                                                : _ ("They are not saved yet, and cannot be applied as they are."));
  gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Discard"), RESPONSE_DISCARD);
  gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Keep Editing"), GTK_RESPONSE_CANCEL);
  gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Apply"), RESPONSE_APPLY);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (dialog), RESPONSE_APPLY, can);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), can ? RESPONSE_APPLY : GTK_RESPONSE_CANCEL);
  gtk_style_context_add_class (gtk_widget_get_style_context (
                                   gtk_dialog_get_widget_for_response (GTK_DIALOG (dialog), RESPONSE_APPLY)),
                               GTK_STYLE_CLASS_SUGGESTED_ACTION);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_close_response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static gboolean
valise_settings_window_delete_event (GtkWidget *widget, GdkEventAny *event)
{
  ValiseSettingsWindow *self = VALISE_SETTINGS_WINDOW (widget);
  gboolean sound;

  if (self->applying)
    return GDK_EVENT_STOP;
  if (self->session == NULL)
    return GDK_EVENT_PROPAGATE;
  sound = valise_settings_flush (self->settings);
  if (sound && !valise_edit_session_is_changed (self->session))
    return GDK_EVENT_PROPAGATE;
  ask_before_close (self);
  return GDK_EVENT_STOP;
}

static void
valise_settings_window_dispose (GObject *object)
{
  ValiseSettingsWindow *self = VALISE_SETTINGS_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->monitor);
  g_clear_object (&self->session);
  g_clear_object (&self->files);
  g_clear_object (&self->machine);
  g_clear_pointer (&self->capabilities, valise_capabilities_unref);
  G_OBJECT_CLASS (valise_settings_window_parent_class)->dispose (object);
}

static void
valise_settings_window_finalize (GObject *object)
{
  g_object_unref (VALISE_SETTINGS_WINDOW (object)->cancellable);
  G_OBJECT_CLASS (valise_settings_window_parent_class)->finalize (object);
}

static void
valise_settings_window_class_init (ValiseSettingsWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (VALISE_TYPE_SETTINGS);
  G_OBJECT_CLASS (klass)->dispose = valise_settings_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = valise_settings_window_finalize;
  widget_class->delete_event = valise_settings_window_delete_event;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/ui/valise-settings-window.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseSettingsWindow, header_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettingsWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettingsWindow, access_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettingsWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettingsWindow, notice_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettingsWindow, notice_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettingsWindow, reload_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettingsWindow, jobs_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettingsWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettingsWindow, broken_page);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettingsWindow, settings);
  gtk_widget_class_bind_template_callback (widget_class, on_access_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_apply_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_back_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_folded_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_notice_response_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_reload_clicked_cb);
}

static void
valise_settings_window_init (ValiseSettingsWindow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
watch (ValiseSettingsWindow *self)
{
  g_autofree char *path = g_build_filename (valise_machine_get_path (self->machine), "config.xml", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (on_file_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
on_files_done_cb (ValiseSettingsWindow *self, const char *text)
{
  if (self->session == NULL)
    return;
  if (text != NULL)
    show_notice (self, GTK_MESSAGE_INFO, text, FALSE);
  else
    hide_notice (self);
  on_file_changed_cb (self);
}

static void
on_files_failed_cb (ValiseSettingsWindow *self, const char *text)
{
  if (self->session != NULL)
    show_notice (self, GTK_MESSAGE_ERROR, text, FALSE);
}

/* The rows show what can be done with the files. */
static void
on_files_changed_cb (ValiseSettingsWindow *self)
{
  if (self->session != NULL)
    valise_settings_refresh (self->settings);
}

static void
add_files (ValiseSettingsWindow *self, ValiseLibrary *library)
{
  self->files = valise_settings_files_new (self->machine, library, self->jobs_list);
  gtk_widget_insert_action_group (GTK_WIDGET (self), VALISE_SETTINGS_FILES_GROUP,
                                  valise_settings_files_get_actions (self->files));
  g_signal_connect_object (self->files, "done", G_CALLBACK (on_files_done_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->files, "failed", G_CALLBACK (on_files_failed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->files, "changed", G_CALLBACK (on_files_changed_cb), self, G_CONNECT_SWAPPED);
}

GtkWidget *
valise_settings_window_new (ValiseMachine *machine, ValiseLibrary *library, GtkWindow *parent)
{
  ValiseSettingsWindow *self;

  g_return_val_if_fail (VALISE_IS_MACHINE (machine), NULL);

  self = g_object_new (VALISE_TYPE_SETTINGS_WINDOW, "transient-for", parent, "destroy-with-parent", TRUE, NULL);
  self->machine = g_object_ref (machine);
  if (library != NULL)
    add_files (self, library);
  g_signal_connect_object (machine, "notify::state", G_CALLBACK (follow_state), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (machine, "notify::name", G_CALLBACK (follow_name), self, G_CONNECT_SWAPPED);
  follow_name (self);
  watch (self);
  load (self, FALSE);
  return GTK_WIDGET (self);
}

ValiseMachine *
valise_settings_window_get_machine (ValiseSettingsWindow *self)
{
  return self->machine;
}
