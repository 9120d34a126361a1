/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "engine/valise-machine-template.h"
#include "ui/valise-empty-page.h"
#include "ui/valise-gsettings.h"
#include "ui/valise-jobs-popover.h"
#include "ui/valise-style.h"

/* A head that wants more room than there is folds the window; the whole name stands in the window's title and in the
 * list. */
#define HEADER_CHARACTERS 30

G_DEFINE_FINAL_TYPE (ValiseWindow, valise_window, HDY_TYPE_APPLICATION_WINDOW)

/* --- what is shown on the right, made when it first is: before, it would only keep the window from being there --- */

static void
ensure_empty_page (ValiseWindow *self)
{
  GtkWidget *page;

  if (gtk_stack_get_child_by_name (self->stack, "empty") != NULL)
    return;
  page = g_object_new (VALISE_TYPE_EMPTY_PAGE, "visible", TRUE, NULL);
  gtk_stack_add_named (self->stack, page, "empty");
}

static void
ensure_machine_page (ValiseWindow *self)
{
  if (self->machine_page != NULL)
    return;
  self->machine_page = g_object_new (VALISE_TYPE_MACHINE_PAGE, "visible", TRUE, NULL);
  valise_machine_page_set_library (self->machine_page, self->library);
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->machine_page), "machine");
}

static void
ensure_several_page (ValiseWindow *self)
{
  if (self->several_page != NULL)
    return;
  self->several_page = g_object_new (HDY_TYPE_STATUS_PAGE, "visible", TRUE, "icon-name", "edit-select-all-symbolic",
                                     "description", _ ("What you do now is done with all of them."), NULL);
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->several_page), "several");
}

/* GTK makes a new label each time it is told, also the same one. */
static void
set_label (GtkWidget *button, const char *text)
{
  if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), text) != 0)
    gtk_button_set_label (GTK_BUTTON (button), text);
}

static void
show_machine_buttons (ValiseWindow *self)
{
  ValiseMachine *machine = _valise_window_get_machine (self);
  gboolean live = machine != NULL && valise_machine_is_live (machine);
  gboolean some = self->selected->len > 0;

  gtk_widget_set_visible (self->start_button,
                          machine != NULL ? !live : _valise_window_any_can (self, VALISE_VERB_START));
  _valise_window_show_start_menu (self);
  gtk_widget_set_visible (self->shutdown_button,
                          machine != NULL ? live : _valise_window_any_can (self, VALISE_VERB_SHUTDOWN));
  gtk_widget_set_visible (self->settings_button, some);
  gtk_widget_set_visible (self->window_button, live);
  gtk_widget_set_visible (GTK_WIDGET (self->machine_button), some);
  set_label (self->start_button, machine != NULL && valise_machine_get_state (machine) == VALISE_MACHINE_SUSPENDED
                                     ? _ ("_Continue")
                                     : _ ("_Start"));
  gtk_widget_set_tooltip_text (self->start_button,
                               machine != NULL && valise_machine_is_template (machine)
                                   ? _ ("A template is not started. Its menu makes new machines from it.")
                                   : NULL);
}

static void
show_several (ValiseWindow *self)
{
  g_autofree char *text = NULL;
  guint n = self->selected->len;

  ensure_several_page (self);
  text = g_strdup_printf (ngettext ("%u machine selected", "%u machines selected", n), n);
  hdy_status_page_set_title (self->several_page, text);
  /* What libhandy shows in there, it does not tell to a screen reader. */
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->several_page)), text);
  gtk_stack_set_visible_child_name (self->stack, "several");
}

static void
show_one (ValiseWindow *self, ValiseMachine *machine)
{
  ensure_machine_page (self);
  valise_machine_page_set_machine (self->machine_page, machine);
  gtk_stack_set_visible_child_name (self->stack, "machine");
  /* What is looked at stays in sight when the window becomes narrow. */
  if (!hdy_leaflet_get_folded (self->leaflet))
    hdy_leaflet_set_visible_child (self->leaflet, self->machine_pane);
}

static gboolean
is_empty (ValiseWindow *self)
{
  gboolean scanned;

  g_object_get (self->library, "scanned", &scanned, NULL);
  return scanned && g_list_model_get_n_items (G_LIST_MODEL (self->library)) == 0;
}

static void
update_title (ValiseWindow *self)
{
  ValiseMachine *machine = _valise_window_get_machine (self);
  const char *name = machine != NULL ? valise_machine_get_name (machine) : NULL;
  g_autofree char *shown = name != NULL ? valise_text_for_display (name, HEADER_CHARACTERS) : NULL;
  g_autofree char *title = NULL;

  hdy_header_bar_set_title (self->machine_header, shown != NULL ? shown : "");
  /* Translators: the title of the window: a machine's name, then the program's. */
  title = name != NULL ? g_strdup_printf (_ ("%s — Valise"), name) : g_strdup (_ ("Valise"));
  gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
update_page (ValiseWindow *self)
{
  ValiseMachine *machine = _valise_window_get_machine (self);

  if (self->library == NULL) /* the list empties itself when the window goes */
    return;
  if (self->machine_page != NULL && machine == NULL)
    valise_machine_page_set_machine (self->machine_page, NULL);
  if (machine != NULL)
    show_one (self, machine);
  else if (self->selected->len > 1)
    show_several (self);
  else if (is_empty (self))
    {
      ensure_empty_page (self);
      gtk_stack_set_visible_child_name (self->stack, "empty");
      hdy_leaflet_set_visible_child (self->leaflet, self->machine_pane);
    }
  else
    gtk_stack_set_visible_child_name (self->stack, "blank");
  update_title (self);
  show_machine_buttons (self);
  _valise_window_update_actions (self);
}

static gboolean
update_cb (gpointer data)
{
  ValiseWindow *self = data;

  self->update_id = 0;
  update_title (self);
  show_machine_buttons (self);
  _valise_window_update_actions (self);
  return G_SOURCE_REMOVE;
}

static void
queue_update (ValiseWindow *self)
{
  if (self->update_id == 0)
    self->update_id = g_idle_add_full (GTK_PRIORITY_RESIZE, update_cb, self, NULL);
}

static void
watch_selected (ValiseWindow *self, GPtrArray *machines)
{
  for (guint i = 0; i < self->selected->len; i++)
    g_signal_handlers_disconnect_by_func (g_ptr_array_index (self->selected, i), queue_update, self);
  g_clear_pointer (&self->selected, g_ptr_array_unref);
  self->selected = machines;
  for (guint i = 0; i < machines->len; i++)
    g_signal_connect_object (g_ptr_array_index (machines, i), "notify", G_CALLBACK (queue_update), self,
                             G_CONNECT_SWAPPED);
}

/* A machine that is looked at says in the list, too, what it is. */
static void
select_first_cb (ValiseWindow *self)
{
  if (self->chosen || self->library == NULL)
    return;
  self->chosen = TRUE;
  if (valise_machine_list_count_selected (self->machine_list) == 0)
    valise_machine_list_select_first (self->machine_list);
  /* Where GTK has put the focus by itself there is nothing to do with machines. */
  if (gtk_window_get_focus (GTK_WINDOW (self)) == GTK_WIDGET (self->new_button)
      || gtk_window_get_focus (GTK_WINDOW (self)) == NULL)
    valise_machine_list_focus (self->machine_list);
}

static gboolean
select_first_idle_cb (gpointer data)
{
  select_first_cb (data);
  return G_SOURCE_REMOVE;
}

/* --- callbacks --- */

static void
on_selection_changed_cb (ValiseWindow *self)
{
  g_autoptr (GPtrArray) machines = valise_machine_list_get_selected (self->machine_list);

  if (machines->len == self->selected->len
      && (machines->len == 0
          || memcmp (machines->pdata, self->selected->pdata, machines->len * sizeof (gpointer)) == 0))
    {
      if (machines->len == 0)
        update_page (self);
      return;
    }
  if (machines->len > 0)
    self->chosen = TRUE;
  watch_selected (self, g_steal_pointer (&machines));
  update_page (self);
}

static void
say_not_started (ValiseWindow *self, ValiseMachine *machine)
{
  g_autofree char *text =
      g_strdup_printf (_ ("“%s” is a template, and is not started. Its menu makes new machines from it."),
                       valise_machine_get_name (machine));

  valise_notice_bar_say (self->notices, GTK_MESSAGE_INFO, text);
}

static void
on_activated_cb (ValiseWindow *self, ValiseMachine *machine)
{
  gboolean was_hidden =
      hdy_leaflet_get_folded (self->leaflet) && hdy_leaflet_get_visible_child (self->leaflet) != self->machine_pane;

  hdy_leaflet_set_visible_child (self->leaflet, self->machine_pane);
  /* What could not be seen is looked at first. */
  if (valise_machine_is_template (machine) && !was_hidden)
    say_not_started (self, machine);
  else if (valise_machine_can (machine, VALISE_VERB_START) && !was_hidden)
    _valise_window_do (self, machine, VALISE_VERB_START);
  else if (self->machine_page != NULL)
    valise_machine_page_focus (self->machine_page);
}

/* In a narrow window, a click on a machine leads to it. */
static void
on_picked_cb (ValiseWindow *self)
{
  hdy_leaflet_set_visible_child (self->leaflet, self->machine_pane);
}

static void
on_dropped_on_group_cb (ValiseWindow *self, const char *group)
{
  _valise_window_set_group (self, group);
}

static void
on_folded_cb (ValiseWindow *self)
{
  gtk_widget_set_visible (self->back_button, hdy_leaflet_get_folded (self->leaflet));
}

static void
on_scanned_cb (ValiseWindow *self)
{
  g_autoptr (GError) error = NULL;

  g_object_get (self->library, "error", &error, NULL);
  valise_notice_bar_say_error (self->notices, NULL, error);
  update_page (self);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->library)) > 0)
    g_idle_add_full (G_PRIORITY_LOW, select_first_idle_cb, g_object_ref (self), g_object_unref);
}

static void
on_items_changed_cb (ValiseWindow *self, guint position, guint removed, guint added)
{
  if (added > 0)
    _valise_window_review_trash (self);
  if (self->selected->len == 0)
    update_page (self);
  if (removed == 0 && added == g_list_model_get_n_items (G_LIST_MODEL (self->library)))
    self->chosen = FALSE;
}

/* A menu's popover is built as soon as its button has the menu. */
static void
on_menu_toggled_cb (GtkMenuButton *button, ValiseWindow *self)
{
  GMenuModel *menu = self->machine_menu;

  if (gtk_menu_button_get_menu_model (button) != NULL)
    return;
  if (button == self->new_button)
    menu = self->new_menu;
  else if (button == self->app_button)
    menu = self->app_menu;
  gtk_menu_button_set_menu_model (button, menu);
  gtk_popover_popup (gtk_menu_button_get_popover (button));
}

static void
on_jobs_changed_cb (ValiseWindow *self, guint position, guint removed, guint added, GListModel *jobs)
{
  guint n = g_list_model_get_n_items (jobs);

  gtk_widget_set_visible (GTK_WIDGET (self->jobs_button), n > 0);
  if (n > 0 && gtk_menu_button_get_popover (self->jobs_button) == NULL)
    gtk_menu_button_set_popover (self->jobs_button, valise_jobs_popover_new (self->library));
}

static void
open_preferences (gpointer data)
{
  GtkApplication *application = gtk_window_get_application (data);

  g_action_group_activate_action (G_ACTION_GROUP (application), "preferences", NULL);
}

static void
on_host_error_cb (ValiseWindow *self, GParamSpec *pspec, ValiseHost *host)
{
  g_autoptr (GError) error = NULL;

  g_object_get (host, "error", &error, NULL);
  valise_window_say_host_error (self, error);
}

static gboolean
on_delete_event_cb (GtkWidget *widget, GdkEvent *event, gpointer unused)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (widget));

  if (application == NULL)
    return GDK_EVENT_PROPAGATE;
  g_action_group_activate_action (G_ACTION_GROUP (application), "quit", NULL);
  return GDK_EVENT_STOP;
}

/* The guest gets every key while it has the focus; window shortcuts come after it. */
static gboolean
on_key_press_cb (GtkWidget *widget, GdkEventKey *event, gpointer unused)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (widget));

  if (focus != NULL && VALISE_IS_WINDOW (widget)
      && valise_machine_page_owns_keys (VALISE_WINDOW (widget)->machine_page, focus))
    return gtk_window_propagate_key_event (GTK_WINDOW (widget), event);
  return GDK_EVENT_PROPAGATE;
}

static void
on_is_active_cb (ValiseWindow *self, GParamSpec *pspec, gpointer unused)
{
  if (gtk_window_is_active (GTK_WINDOW (self)) && self->library != NULL)
    valise_machine_list_refresh_pictures (self->machine_list);
}

/* --- overrides --- */

static void
store_size (ValiseWindow *self)
{
  GSettings *settings = valise_gsettings_get ();
  gboolean maximized = gtk_window_is_maximized (GTK_WINDOW (self));
  int width, height;

  g_settings_set_boolean (settings, "window-maximized", maximized);
  if (maximized)
    return;
  gtk_window_get_size (GTK_WINDOW (self), &width, &height);
  g_settings_set (settings, "window-size", "(ii)", width, height);
}

/* A header bar that gets its buttons asks how large the window is, and as long as that is not on the screen all of it is
 * measured for the answer. */
static void
valise_window_map (GtkWidget *widget)
{
  ValiseWindow *self = VALISE_WINDOW (widget);

  GTK_WIDGET_CLASS (valise_window_parent_class)->map (widget);
  hdy_header_bar_set_show_close_button (self->library_header, TRUE);
  hdy_header_bar_set_show_close_button (self->machine_header, TRUE);
}

static void
valise_window_unmap (GtkWidget *widget)
{
  store_size (VALISE_WINDOW (widget));
  GTK_WIDGET_CLASS (valise_window_parent_class)->unmap (widget);
}

/* The library may well live on, for work that is under way or a window in this one's place. */
static void
stop_following (ValiseWindow *self)
{
  if (self->library == NULL)
    return;
  g_signal_handlers_disconnect_by_data (valise_library_get_jobs (self->library), self);
  if (valise_library_get_host (self->library) != NULL)
    g_signal_handlers_disconnect_by_data (valise_library_get_host (self->library), self);
  g_signal_handlers_disconnect_by_data (self->library, self);
}

static void
valise_window_dispose (GObject *object)
{
  ValiseWindow *self = VALISE_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->update_id, g_source_remove);
  if (self->selected != NULL)
    g_ptr_array_set_size (self->selected, 0);
  g_clear_object (&self->machine_actions);
  stop_following (self);
  g_clear_object (&self->library);
  G_OBJECT_CLASS (valise_window_parent_class)->dispose (object);
}

static void
valise_window_finalize (GObject *object)
{
  ValiseWindow *self = VALISE_WINDOW (object);

  g_ptr_array_unref (self->selected);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (valise_window_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-window.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, app_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, app_menu);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, content);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, jobs_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, library_header);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, library_pane);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, machine_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, machine_header);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, machine_menu);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, machine_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, machine_pane);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, new_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, new_menu);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, notices);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, row_menu);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, settings_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, shutdown_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, start_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, once_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, window_button);
  gtk_widget_class_bind_template_callback (widget_class, on_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_delete_event_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_dropped_on_group_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_folded_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_is_active_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_key_press_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_menu_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_picked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_selection_changed_cb);
}

static void
valise_window_class_init (ValiseWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = valise_window_dispose;
  G_OBJECT_CLASS (class)->finalize = valise_window_finalize;
  widget_class->map = valise_window_map;
  widget_class->unmap = valise_window_unmap;
  g_type_ensure (VALISE_TYPE_MACHINE_LIST);
  g_type_ensure (VALISE_TYPE_NOTICE_BAR);
  bind_template (widget_class);
}

/* No larger than the screen, which may be another one than last time. */
static void
restore_size (ValiseWindow *self)
{
  GSettings *settings = valise_gsettings_get ();
  GdkDisplay *display = gtk_widget_get_display (GTK_WIDGET (self));
  GdkMonitor *monitor = gdk_display_get_primary_monitor (display);
  GdkRectangle area = { 0, 0, G_MAXINT, G_MAXINT };
  int width, height;

  if (monitor == NULL)
    monitor = gdk_display_get_monitor (display, 0);
  if (monitor != NULL)
    gdk_monitor_get_workarea (monitor, &area);
  g_settings_get (settings, "window-size", "(ii)", &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (self), MIN (width, area.width), MIN (height, area.height));
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
}

static void
valise_window_init (ValiseWindow *self)
{
  self->selected = g_ptr_array_new_with_free_func (g_object_unref);
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Each header bar that comes into a window asks how large that is, and all that is visible is measured for it. */
  gtk_widget_show (self->content);
  restore_size (self);
  _valise_window_init_actions (self);
  _valise_window_add_change_actions (self);
  _valise_window_add_clone_actions (self);
  _valise_window_add_export_actions (self);
  _valise_window_add_file_actions (self);
  _valise_window_add_snapshot_actions (self);
  _valise_window_add_house_actions (self);
  _valise_window_add_trash_actions (self);
  valise_machine_list_set_menu (self->machine_list, self->row_menu);
}

/* --- room-private --- */

ValiseMachine *
_valise_window_get_machine (ValiseWindow *self)
{
  return self->selected->len == 1 ? g_ptr_array_index (self->selected, 0) : NULL;
}

/* --- public --- */

ValiseWindow *
valise_window_new (GtkApplication *application, ValiseLibrary *library)
{
  ValiseWindow *self = g_object_new (VALISE_TYPE_WINDOW, "application", application, NULL);
  GListModel *jobs = valise_library_get_jobs (library);

  self->library = g_object_ref (library);
  valise_machine_list_set_library (self->machine_list, library);
  g_signal_connect_object (library, "notify::scanned", G_CALLBACK (on_scanned_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (library, "items-changed", G_CALLBACK (on_items_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (jobs, "items-changed", G_CALLBACK (on_jobs_changed_cb), self, G_CONNECT_SWAPPED);
  if (valise_library_get_host (library) != NULL)
    g_signal_connect_object (valise_library_get_host (library), "notify::error", G_CALLBACK (on_host_error_cb), self,
                             G_CONNECT_SWAPPED);
  update_page (self);
  return self;
}

ValiseNoticeBar *
valise_window_get_notices (ValiseWindow *self)
{
  return self->notices;
}

void
valise_window_say_host_error (ValiseWindow *self, const GError *error)
{
  g_autofree char *chosen = g_settings_get_string (valise_gsettings_get (), "connection");

  if (*chosen == '\0' || error == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    valise_notice_bar_say_error (self->notices, NULL, error);
  else
    valise_notice_bar_offer (self->notices, GTK_MESSAGE_ERROR, error->message, _ ("_Preferences"), open_preferences,
                             self, NULL);
}

void
valise_window_show_machine (ValiseWindow *self, ValiseMachine *machine, gboolean start)
{
  self->chosen = TRUE;
  valise_machine_list_select (self->machine_list, machine);
  hdy_leaflet_set_visible_child (self->leaflet, self->machine_pane);
  if (!start)
    return;
  /* Whatever opened the dialog still had the keyboard; from its page the machine's screen takes it over. */
  if (self->machine_page != NULL)
    valise_machine_page_focus (self->machine_page);
  _valise_window_do (self, machine, VALISE_VERB_START);
}
