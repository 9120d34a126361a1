/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-import-assistant.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-bundle.h"
#include "engine/valise-foreign-job.h"
#include "ui/valise-free-space.h"
#include "ui/valise-host-reader.h"
#include "ui/valise-import-rows.h"
#include "ui/valise-import-source.h"
#include "ui/valise-import-table.h"
#include "ui/valise-settings.h"
#include "ui/valise-sidebar-list.h"

#define LONGEST_NAME 60

/* One machine of the source. */
typedef struct
{
  ValiseImportAssistant *assistant;
  ValiseImportChoices *choices;
  ValiseImportPlan *plan; /* NULL when it is refused */
  GPtrArray *points;
  GtkWidget *table;
  GtkWidget *check;
  GtkLabel *title;
  GtkLabel *state;
} Entry;

struct _ValiseImportAssistant
{
  HdyWindow parent_instance;

  HdyHeaderBar *header_bar;
  GtkWidget *back_button;
  GtkWidget *spinner;
  GtkWidget *import_button;
  GtkWidget *error_bar;
  GtkLabel *error_label;
  GtkStack *stack;
  HdyLeaflet *leaflet;
  GtkWidget *list_pane;
  GtkWidget *separator;
  GtkListBox *machine_list;
  GtkWidget *table_pane;
  GtkStack *table_stack;
  GtkLabel *room_label;
  GtkLabel *reason_label;
  GtkWidget *settings_button;
  ValiseSettings *settings;

  ValiseLibrary *library;
  ValisePackage *package;
  ValiseCapabilities *capabilities; /* a guess until they are known */
  GPtrArray *entries;
  Entry *shown;
  ValiseEditSession *session; /* while all settings are shown */
  GCancellable *cancellable;
  guint64 free_space;
  guint replan_id;
  gboolean known;
  gboolean reading;
};

enum
{
  SIGNAL_JOB,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseImportAssistant, valise_import_assistant, HDY_TYPE_WINDOW)

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->plan, valise_import_plan_free);
  g_clear_pointer (&entry->points, g_ptr_array_unref);
  g_clear_pointer (&entry->choices, valise_import_choices_free);
  g_free (entry);
}

static void
show_error (ValiseImportAssistant *self, const char *message)
{
  gtk_label_set_text (self->error_label, message != NULL ? message : "");
  gtk_widget_set_visible (self->error_bar, message != NULL);
}

/* --- names --- */

static gboolean
is_taken (ValiseImportAssistant *self, const char *name, const Entry *but)
{
  g_autofree char *file = valise_path_name_from_label (name);
  g_autofree char *path =
      g_strconcat (valise_library_get_directory (self->library), "/", file, VALISE_BUNDLE_SUFFIX, NULL);

  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = self->entries->pdata[i];

      if (entry != but && entry->choices->taken && g_strcmp0 (entry->choices->name, name) == 0)
        return TRUE;
    }
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* "Web", "Web 2", ...: the first that is free. */
static char *
free_name (ValiseImportAssistant *self, const Entry *entry)
{
  for (guint i = 1;; i++)
    {
      const char *wish = entry->choices->blueprint->name;
      g_autofree char *name = i == 1 ? g_strdup (wish) : g_strdup_printf ("%s %u", wish, i);

      if (!is_taken (self, name, entry))
        return g_steal_pointer (&name);
    }
}

/* --- whether it can be done --- */

static gboolean
is_refused (const Entry *entry)
{
  return entry->plan == NULL;
}

/* Why this machine keeps all from being imported, or NULL. */
static char *
find_obstacle (ValiseImportAssistant *self, const Entry *entry)
{
  g_autofree char *name = valise_text_for_display (entry->choices->name, LONGEST_NAME);
  const ValiseImportPoint *open = valise_import_points_find_open (entry->points);

  if (*entry->choices->name == '\0')
    return g_strdup (_ ("Give every machine a name."));
  if (is_taken (self, entry->choices->name, entry))
    return g_strdup_printf (_ ("There is a machine “%s” already. Choose another name."), name);
  if (open != NULL)
    return g_strdup_printf (_ ("“%s” waits for your decision: %s"), name, open->finding->text);
  return NULL;
}

static guint64
count_bytes (ValiseImportAssistant *self, guint64 *most)
{
  guint64 least = 0;

  *most = 0;
  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = self->entries->pdata[i];
      guint64 full;

      if (!entry->choices->taken || is_refused (entry))
        continue;
      least += valise_import_plan_count_bytes (entry->plan, self->package, &full);
      *most = full > G_MAXUINT64 - *most ? G_MAXUINT64 : *most + full;
    }
  return least;
}

static char *
find_reason (ValiseImportAssistant *self)
{
  guint taken = 0;
  guint64 most;

  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = self->entries->pdata[i];
      char *reason = entry->choices->taken ? find_obstacle (self, entry) : NULL;

      taken += entry->choices->taken;
      if (reason != NULL)
        return reason;
    }
  if (taken == 0)
    return g_strdup (_ ("Choose a machine that is to be brought in."));
  if (self->free_space > 0 && count_bytes (self, &most) > self->free_space)
    return g_strdup (_ ("There is not enough room. Make some, or leave something out."));
  return NULL;
}

/* What only takes its time is no fault of anything. */
static void
show_reason (ValiseImportAssistant *self, const char *reason)
{
  const char *wait = _ ("Asking what machines can have on this computer: a few seconds.");
  const char *text = reason != NULL ? reason : self->known ? NULL : wait;
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self->reason_label));

  if (reason != NULL)
    gtk_style_context_add_class (style, "valise-reason");
  else
    gtk_style_context_remove_class (style, "valise-reason");
  gtk_label_set_text (self->reason_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->reason_label), text != NULL);
  gtk_widget_set_tooltip_text (self->import_button, text);
  gtk_widget_set_sensitive (self->import_button, text == NULL && !self->reading);
}

static void
show_room (ValiseImportAssistant *self)
{
  guint64 most, least = count_bytes (self, &most);
  g_autofree char *now = valise_size_format (least), *full = valise_size_format (MAX (least, most));
  g_autofree char *free = self->free_space > 0 ? valise_size_format (self->free_space) : NULL;
  g_autofree char *text = NULL;

  /* Nothing but settings. */
  if (MAX (least, most) == 0)
    text = free != NULL ? g_strdup_printf (_ ("%s are free."), free) : g_strdup ("");
  else if (free != NULL)
    text = g_strdup_printf (_ ("Takes about %s, at most %s when its disks are full; %s are free."), now, full, free);
  else
    text = g_strdup_printf (_ ("Takes about %s, at most %s when its disks are full."), now, full);
  gtk_label_set_text (self->room_label, text);
}

static void
show_state (Entry *entry)
{
  g_autofree char *name = valise_text_for_display (entry->choices->name != NULL && *entry->choices->name != '\0'
                                                       ? entry->choices->name
                                                       : entry->choices->blueprint->name,
                                                   LONGEST_NAME);
  gboolean open = valise_import_points_find_open (entry->points) != NULL;

  gtk_label_set_text (entry->title, name);
  gtk_label_set_text (entry->state, is_refused (entry)       ? _ ("Cannot be brought in")
                                    : !entry->choices->taken ? _ ("Stays where it is")
                                    : open                   ? _ ("Needs your decision")
                                                             : _ ("Ready"));
  atk_object_set_name (gtk_widget_get_accessible (entry->check), name);
  atk_object_set_name (gtk_widget_get_accessible (gtk_widget_get_ancestor (entry->check, GTK_TYPE_LIST_BOX_ROW)), name);
}

static void
update (ValiseImportAssistant *self)
{
  g_autofree char *reason = find_reason (self);
  gboolean in_settings = self->session != NULL;

  for (guint i = 0; i < self->entries->len; i++)
    show_state (self->entries->pdata[i]);
  show_room (self);
  show_reason (self, reason);
  gtk_widget_set_visible (self->import_button, !in_settings);
  gtk_widget_set_sensitive (self->settings_button, self->shown != NULL && !is_refused (self->shown));
  gtk_widget_set_sensitive (GTK_WIDGET (self->leaflet), !self->reading);
  gtk_widget_set_visible (self->spinner, self->reading || !self->known);
  g_object_set (self->spinner, "active", self->reading || !self->known, NULL);
  gtk_widget_set_visible (self->back_button,
                          in_settings
                              || (hdy_leaflet_get_folded (self->leaflet) && self->entries->len > 1
                                  && hdy_leaflet_get_visible_child (self->leaflet) == self->table_pane));
}

/* --- plans --- */

static void
replan (Entry *entry)
{
  g_autoptr (ValiseImportPlan) before = entry->plan;
  g_autoptr (GPtrArray) points = entry->points;
  g_autoptr (GError) error = NULL;

  entry->plan = NULL;
  if (!entry->choices->blueprint->refused)
    entry->plan = valise_import_plan_new (entry->choices, entry->assistant->capabilities, &error);
  if (error != NULL)
    valise_blueprint_refuse (entry->choices->blueprint, "plan", NULL, error->message, NULL);
  entry->points = valise_import_points_new (entry->choices, entry->plan);
  if (is_refused (entry))
    entry->choices->taken = FALSE;
  if (entry->table != NULL)
    valise_import_table_show (VALISE_IMPORT_TABLE (entry->table), entry->plan, entry->points);
}

/* The focus stays with the question that was answered, whose widgets are made anew. */
static void
replan_all (ValiseImportAssistant *self)
{
  for (guint i = 0; i < self->entries->len; i++)
    replan (self->entries->pdata[i]);
  update (self);
}

static gboolean
on_replan_cb (gpointer data)
{
  ValiseImportAssistant *self = data;

  self->replan_id = 0;
  if (self->shown != NULL)
    replan (self->shown);
  update (self);
  return G_SOURCE_REMOVE;
}

static void
on_changed_cb (ValiseImportAssistant *self)
{
  if (self->replan_id == 0)
    self->replan_id = g_idle_add (on_replan_cb, self);
}

/* --- the machines --- */

static void fill (ValiseImportAssistant *self, GPtrArray *machines);

static void
on_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ValiseImportAssistant *self = VALISE_IMPORT_ASSISTANT (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseImportSource) read = valise_import_source_read_finish (result, NULL, &error);

  if (self->library == NULL)
    return;
  self->reading = FALSE;
  if (read != NULL)
    {
      g_set_object (&self->package, read->package);
      fill (self, g_steal_pointer (&read->machines));
    }
  else
    show_error (self, error->message);
  update (self);
  /* It went with the list of options, which is a new one now. */
  if (self->shown != NULL)
    valise_import_table_focus (VALISE_IMPORT_TABLE (self->shown->table));
}

static void
on_configuration_cb (ValiseImportAssistant *self, const char *configuration)
{
  if (self->reading || configuration == NULL)
    return;
  self->reading = TRUE;
  show_error (self, NULL);
  update (self);
  valise_import_source_read_async (self, valise_package_get_path (self->package), configuration, self->cancellable,
                                   on_read_cb, NULL);
}

static void
on_check_toggled_cb (GtkWidget *check, Entry *entry)
{
  entry->choices->taken = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (check));
  on_changed_cb (entry->assistant);
}

static GtkLabel *
add_label (GtkWidget *box, const char *class)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));

  gtk_label_set_xalign (label, 0);
  gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_END);
  if (class != NULL)
    gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (label)), class);
  gtk_container_add (GTK_CONTAINER (box), GTK_WIDGET (label));
  return label;
}

static void
add_row (ValiseImportAssistant *self, Entry *entry)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  g_object_set (line, "margin", 10, NULL);
  entry->check = gtk_check_button_new ();
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (entry->check), entry->choices->taken);
  gtk_widget_set_sensitive (entry->check, !is_refused (entry));
  entry->title = add_label (words, NULL);
  entry->state = add_label (words, GTK_STYLE_CLASS_DIM_LABEL);
  gtk_container_add (GTK_CONTAINER (line), entry->check);
  gtk_box_pack_start (GTK_BOX (line), words, TRUE, TRUE, 0);
  gtk_container_add (GTK_CONTAINER (row), line);
  gtk_widget_show_all (row);
  gtk_container_add (GTK_CONTAINER (self->machine_list), row);
  g_signal_connect (entry->check, "toggled", G_CALLBACK (on_check_toggled_cb), entry);
}

static void
add_table (ValiseImportAssistant *self, Entry *entry, guint number)
{
  g_autofree char *name = g_strdup_printf ("%u", number);

  entry->table = valise_import_table_new (entry->choices, self->capabilities, entry->plan);
  valise_import_table_show (VALISE_IMPORT_TABLE (entry->table), entry->plan, entry->points);
  g_signal_connect_object (entry->table, "changed", G_CALLBACK (on_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (entry->table, "configuration", G_CALLBACK (on_configuration_cb), self, G_CONNECT_SWAPPED);
  gtk_stack_add_named (self->table_stack, entry->table, name);
}

static void
show_entry (ValiseImportAssistant *self, guint number)
{
  g_autofree char *name = g_strdup_printf ("%u", number);

  self->shown = self->entries->pdata[number];
  gtk_stack_set_visible_child_name (self->table_stack, name);
}

static void
clear (ValiseImportAssistant *self)
{
  g_clear_handle_id (&self->replan_id, g_source_remove);
  self->shown = NULL;
  valise_import_clear (GTK_WIDGET (self->machine_list));
  valise_import_clear (GTK_WIDGET (self->table_stack));
  g_ptr_array_set_size (self->entries, 0);
}

/* Another deployment option is another reading of the same machines: what they are called, and which of them come along,
 * was said already. */
static void
carry_over (ValiseImportAssistant *self, GPtrArray *machines)
{
  for (guint i = 0; i < MIN (self->entries->len, machines->len); i++)
    {
      const Entry *before = self->entries->pdata[i];
      ValiseImportChoices *now = machines->pdata[i];

      if (g_strcmp0 (before->choices->blueprint->name, now->blueprint->name) != 0)
        continue;
      g_free (now->name);
      now->name = g_strdup (before->choices->name);
      now->taken = now->taken && (before->choices->taken || is_refused (before));
    }
}

static guint
find_shown (ValiseImportAssistant *self, guint most)
{
  guint shown = 0;

  if (self->shown != NULL)
    g_ptr_array_find (self->entries, self->shown, &shown);
  return MIN (shown, most - 1);
}

static void
fill (ValiseImportAssistant *self, GPtrArray *machines)
{
  guint shown = find_shown (self, machines->len);

  carry_over (self, machines);
  clear (self);
  g_ptr_array_set_free_func (machines, NULL);
  for (guint i = 0; i < machines->len; i++)
    {
      Entry *entry = g_new0 (Entry, 1);

      entry->assistant = self;
      entry->choices = machines->pdata[i];
      g_ptr_array_add (self->entries, entry);
    }
  for (guint i = 0; i < machines->len; i++)
    {
      Entry *entry = self->entries->pdata[i];

      if (entry->choices->name == NULL)
        entry->choices->name = free_name (self, entry);
      replan (entry);
      add_row (self, entry);
      add_table (self, entry, i);
    }
  gtk_widget_set_visible (self->list_pane, machines->len > 1);
  gtk_widget_set_visible (self->separator, machines->len > 1);
  g_ptr_array_unref (machines);
  show_entry (self, shown);
  gtk_list_box_select_row (self->machine_list, gtk_list_box_get_row_at_index (self->machine_list, (int) shown));
}

static void
on_row_selected_cb (ValiseImportAssistant *self, GtkListBoxRow *row)
{
  if (row == NULL || (guint) gtk_list_box_row_get_index (row) >= self->entries->len)
    return;
  show_entry (self, (guint) gtk_list_box_row_get_index (row));
  update (self);
}

static void
on_row_activated_cb (ValiseImportAssistant *self)
{
  hdy_leaflet_set_visible_child (self->leaflet, self->table_pane);
  update (self);
}

/* --- all settings --- */

static void
leave_settings (ValiseImportAssistant *self)
{
  ValiseEditSession *session = self->session;

  if (!valise_settings_flush (self->settings))
    {
      /* Where it is said what cannot be read. */
      valise_settings_select_page (self->settings, "xml");
      return;
    }
  if (valise_edit_session_is_changed (session))
    {
      g_clear_pointer (&self->shown->choices->document, valise_document_unref);
      self->shown->choices->document = valise_document_copy (valise_edit_session_get_draft (session));
    }
  valise_settings_set_session (self->settings, NULL);
  g_clear_object (&self->session);
  gtk_stack_set_visible_child_name (self->stack, "machines");
  hdy_header_bar_set_title (self->header_bar, _ ("Bring In"));
  replan (self->shown);
  update (self);
  gtk_widget_grab_focus (self->settings_button);
}

static void
on_settings_clicked_cb (ValiseImportAssistant *self)
{
  if (self->shown == NULL || is_refused (self->shown))
    return;
  self->session = valise_edit_session_new (self->shown->plan->document, self->capabilities, NULL);
  valise_settings_set_session (self->settings, self->session);
  gtk_stack_set_visible_child_name (self->stack, "settings");
  hdy_header_bar_set_title (self->header_bar, _ ("All Settings"));
  update (self);
}

static void
on_back_clicked_cb (ValiseImportAssistant *self)
{
  if (self->session != NULL && valise_settings_get_folded (self->settings))
    valise_settings_go_back (self->settings);
  else if (self->session != NULL)
    leave_settings (self);
  else
    {
      hdy_leaflet_set_visible_child (self->leaflet, self->list_pane);
      update (self);
    }
}

static void
on_folded_cb (ValiseImportAssistant *self)
{
  if (self->entries != NULL)
    update (self);
}

static void
on_error_response_cb (ValiseImportAssistant *self)
{
  show_error (self, NULL);
}

/* --- importing --- */

static void
run (ValiseImportAssistant *self, Entry *entry)
{
  g_autoptr (ValiseJob) job = NULL;

  g_clear_pointer (&entry->plan, valise_import_plan_free);
  job = valise_foreign_job_new (self->library, self->package, g_steal_pointer (&entry->choices), NULL);
  g_signal_emit (self, signals[SIGNAL_JOB], 0, job);
  valise_library_run_job (self->library, job);
}

static void
on_import_clicked_cb (ValiseImportAssistant *self)
{
  g_autofree char *reason = NULL;

  g_clear_handle_id (&self->replan_id, g_source_remove);
  replan_all (self);
  reason = find_reason (self);
  if (reason != NULL || !self->known || self->session != NULL)
    return;
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];

      if (entry->choices->taken)
        run (self, entry);
    }
  gtk_widget_destroy (GTK_WIDGET (self));
}

/* --- what this computer has --- */

static void
on_capabilities_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseImportAssistant) self = user_data;
  ValiseCapabilities *capabilities = valise_host_reader_read_finish (result, NULL);

  if (capabilities == NULL || self->library == NULL)
    {
      g_clear_pointer (&capabilities, valise_capabilities_unref);
      return;
    }
  valise_capabilities_unref (self->capabilities);
  self->capabilities = capabilities;
  self->known = TRUE;
  if (self->session != NULL)
    valise_edit_session_set_capabilities (self->session, capabilities);
  replan_all (self);
}

static void
on_free_space_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseImportAssistant) self = user_data;
  guint64 bytes = valise_free_space_ask_finish (source, result);

  if (self->library == NULL)
    return;
  self->free_space = bytes;
  update (self);
}

static void
valise_import_assistant_dispose (GObject *object)
{
  ValiseImportAssistant *self = VALISE_IMPORT_ASSISTANT (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->replan_id, g_source_remove);
  g_clear_object (&self->session);
  g_clear_object (&self->library);
  G_OBJECT_CLASS (valise_import_assistant_parent_class)->dispose (object);
}

/* The tables are gone by now; they read what is freed here. */
static void
valise_import_assistant_finalize (GObject *object)
{
  ValiseImportAssistant *self = VALISE_IMPORT_ASSISTANT (object);

  g_ptr_array_unref (self->entries);
  g_clear_object (&self->package);
  g_clear_pointer (&self->capabilities, valise_capabilities_unref);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (valise_import_assistant_parent_class)->finalize (object);
}

static void
valise_import_assistant_class_init (ValiseImportAssistantClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (VALISE_TYPE_SETTINGS);
  g_type_ensure (VALISE_TYPE_SIDEBAR_LIST);
  G_OBJECT_CLASS (klass)->dispose = valise_import_assistant_dispose;
  G_OBJECT_CLASS (klass)->finalize = valise_import_assistant_finalize;
  signals[SIGNAL_JOB] = g_signal_new ("job", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 1, VALISE_TYPE_JOB);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/ui/valise-import-assistant.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, header_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, back_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, spinner);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, import_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, error_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, error_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, leaflet);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, list_pane);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, separator);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, machine_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, table_pane);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, table_stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, room_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, reason_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, settings_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseImportAssistant, settings);
  gtk_widget_class_bind_template_callback (widget_class, on_back_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_error_response_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_folded_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_import_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_settings_clicked_cb);
}

static void
valise_import_assistant_init (ValiseImportAssistant *self)
{
  self->cancellable = g_cancellable_new ();
  self->capabilities = valise_host_reader_guess ();
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
valise_import_assistant_new (ValiseLibrary *library, ValisePackage *package, GPtrArray *machines, GtkWindow *parent)
{
  ValiseImportAssistant *self =
      g_object_new (VALISE_TYPE_IMPORT_ASSISTANT, "transient-for", parent, "destroy-with-parent", TRUE, NULL);
  g_autofree char *base = g_path_get_basename (valise_package_get_path (package));
  g_autofree char *shown = valise_text_for_display (base, LONGEST_NAME);

  self->library = g_object_ref (library);
  self->package = g_object_ref (package);
  hdy_header_bar_set_subtitle (self->header_bar, shown);
  fill (self, machines);
  update (self);
  valise_free_space_ask_async (valise_library_get_directory (library), self->cancellable, on_free_space_cb,
                               g_object_ref (self));
  valise_host_reader_read_async (valise_library_get_host (library), self->cancellable, on_capabilities_cb,
                                 g_object_ref (self));
  return GTK_WIDGET (self);
}
