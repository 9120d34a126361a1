/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-machine-page.h"

#include <glib/gi18n-lib.h>
#include <handy.h>

#include "bundle/valise-image.h"
#include "engine/valise-machine-template.h"
#include "ui/valise-display-view.h"
#include "ui/valise-file-dialog.h"
#include "ui/valise-machine-cell.h"
#include "ui/valise-machine-facts.h"
#include "ui/valise-memory-bar.h"
#include "ui/valise-style.h"
#include "ui/valise-thumbnails.h"

/* The window is there and painted by then. */
#define PREPARE_MS 500

struct _ValiseMachinePage
{
  GtkBox parent_instance;

  GtkInfoBar *identity_bar;
  GtkLabel *identity_label;
  ValiseMemoryBar *memory_bar;
  GtkInfoBar *error_bar;
  GtkLabel *error_label;
  GtkWidget *error_button;
  GtkStack *stack;
  GtkWidget *screen;
  GtkWidget *start_button;
  GtkLabel *state_label;
  ValiseMachineFacts *facts;
  GtkBox *live_box;
  GtkWidget *broken_page;
  GtkWidget *restore_button;
  GtkWidget *locate_button;
  GtkWidget *forget_button;
  GtkWidget *bar;
  GtkWidget *cd_button;
  GtkImage *cd_image;
  GtkLabel *cd_label;
  GtkLabel *live_label;

  ValiseLibrary *library;
  ValiseMachine *machine;
  ValiseDisplayView *display; /* made before the first machine is started */
  guint prepare_id;
  GFileMonitor *monitor;
  GCancellable *cancellable;
  cairo_surface_t *last_screen;
  char *cd_target; /* NULL: no drive */
  char *cd_file;   /* NULL: no disc in it */
  gboolean cd_missing;
  gboolean was_live;
  gboolean can_undo;
};

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseMachinePage, valise_machine_page, GTK_TYPE_BOX)

static void update (ValiseMachinePage *self);

/* --- the last screen --- */

static void
fit (double width, double height, double *x, double *y, double *w, double *h)
{
  double factor = MIN (*w / width, *h / height);

  factor = MIN (factor, 1.0);
  *x += (*w - width * factor) / 2;
  *y += (*h - height * factor) / 2;
  *w = width * factor;
  *h = height * factor;
}

static gboolean
on_screen_draw_cb (GtkWidget *widget, cairo_t *cr, ValiseMachinePage *self)
{
  double x = 0, y = 0;
  double w = gtk_widget_get_allocated_width (widget), h = gtk_widget_get_allocated_height (widget);
  double image_width, image_height;

  cairo_set_source_rgb (cr, 0.106, 0.114, 0.129);
  cairo_rectangle (cr, 0, 0, w, h);
  cairo_fill (cr);
  if (self->last_screen == NULL)
    return GDK_EVENT_PROPAGATE;
  image_width = cairo_image_surface_get_width (self->last_screen);
  image_height = cairo_image_surface_get_height (self->last_screen);
  fit (image_width, image_height, &x, &y, &w, &h);
  cairo_translate (cr, x, y);
  cairo_scale (cr, w / image_width, h / image_height);
  cairo_set_source_surface (cr, self->last_screen, 0, 0);
  cairo_paint_with_alpha (cr, 0.6);
  return GDK_EVENT_PROPAGATE;
}

static void
show_screen (ValiseMachinePage *self, GdkPixbuf *screen)
{
  g_clear_pointer (&self->last_screen, cairo_surface_destroy);
  if (screen != NULL)
    self->last_screen = gdk_cairo_surface_create_from_pixbuf (screen, 1, NULL);
  gtk_widget_queue_draw (self->screen);
}

static void
screen_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseMachinePage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) screen = valise_thumbnails_load_screen_finish (result, &error);

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_screen (self, screen);
}

static void
load_screen (ValiseMachinePage *self)
{
  valise_thumbnails_load_screen_async (valise_machine_get_path (self->machine), self->cancellable, screen_loaded_cb,
                                       g_object_ref (self));
}

/* --- the display --- */

static void
ensure_display (ValiseMachinePage *self)
{
  if (self->display != NULL)
    return;
  self->display = VALISE_DISPLAY_VIEW (valise_display_view_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->display), TRUE);
  gtk_widget_show (GTK_WIDGET (self->display));
  gtk_container_add (GTK_CONTAINER (self->live_box), GTK_WIDGET (self->display));
}

/* Somebody who is shown a machine that is off may start it. The computer then has better things to do than to build
 * widgets: a start forks, and QEMU comes up beside it. */
static gboolean
prepare_display_cb (gpointer data)
{
  ValiseMachinePage *self = data;
  GtkRequisition natural;

  self->prepare_id = 0;
  ensure_display (self);
  /* Styles are looked up when it is first measured. */
  gtk_widget_get_preferred_size (GTK_WIDGET (self->live_box), NULL, &natural);
  return G_SOURCE_REMOVE;
}

static void
prepare_display (ValiseMachinePage *self)
{
  if (self->display == NULL && self->prepare_id == 0 && valise_machine_can (self->machine, VALISE_VERB_START))
    self->prepare_id = g_timeout_add_full (G_PRIORITY_LOW, PREPARE_MS, prepare_display_cb, self, NULL);
}

/* What the connection that is open anyway shows, or showed when it ended; %NULL if nothing. */
static GdkPixbuf *
take_picture (ValiseMachinePage *self)
{
  ValiseDisplay *display = self->display != NULL ? valise_display_view_get_display (self->display) : NULL;

  return display != NULL && self->machine != NULL ? valise_display_screenshot (display, NULL) : NULL;
}

/* A picture for the list. */
static void
keep_picture (ValiseMachinePage *self)
{
  g_autoptr (GdkPixbuf) picture = take_picture (self);

  if (picture != NULL)
    valise_thumbnails_put (valise_thumbnails_get_default (), valise_machine_get_path (self->machine), picture);
}

/* --- the disc --- */

/* @file: as stored, so that one in the bundle is relative to it. */
static gboolean
is_there (ValiseMachinePage *self, const char *file)
{
  g_autofree char *path = g_canonicalize_filename (file, valise_machine_get_path (self->machine));

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
find_cd (ValiseMachinePage *self, ValiseDocument *document)
{
  guint n = document != NULL ? valise_document_count (document, "devices/disk") : 0;

  g_clear_pointer (&self->cd_target, g_free);
  g_clear_pointer (&self->cd_file, g_free);
  for (guint i = 1; i <= n && self->cd_target == NULL; i++)
    {
      g_autofree char *device = valise_document_get_device (document, "disk", i, "@device");

      if (g_strcmp0 (device, "cdrom") != 0)
        continue;
      self->cd_target = valise_document_get_device (document, "disk", i, "target/@dev");
      self->cd_file = valise_document_get_device (document, "disk", i, "source/@file");
    }
  self->cd_missing = self->cd_file != NULL && !is_there (self, self->cd_file);
}

static void
show_cd (ValiseMachinePage *self)
{
  g_autofree char *base = self->cd_file != NULL ? g_path_get_basename (self->cd_file) : NULL;
  g_autofree char *shown = base != NULL ? g_filename_display_name (base) : g_strdup (_ ("No disc"));
  /* Translators: the file of a disc that ought to be in the drive. */
  g_autofree char *name = self->cd_missing ? g_strdup_printf (_ ("%s is missing"), shown) : g_strdup (shown);
  /* Translators: what is in the drive: a file's name, or "No disc". */
  g_autofree char *said = g_strdup_printf (_ ("CD drive: %s"), name);

  gtk_label_set_text (self->cd_label, name);
  atk_object_set_name (gtk_widget_get_accessible (self->cd_button), said);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->cd_label), self->cd_file);
  gtk_image_set_from_icon_name (self->cd_image, self->cd_missing ? "dialog-warning-symbolic" : "media-optical-symbolic",
                                GTK_ICON_SIZE_BUTTON);
}

static void
media_changed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseMachinePage) self = data;
  g_autoptr (GError) error = NULL;

  if (!valise_machine_change_media_finish (VALISE_MACHINE (source), result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && self->machine == (ValiseMachine *) source)
    {
      gtk_label_set_text (self->error_label, error->message);
      gtk_info_bar_set_revealed (self->error_bar, TRUE);
    }
  if (self->machine == (ValiseMachine *) source)
    valise_machine_page_refresh (self);
}

static void
insert_disc (ValiseMachinePage *self, const char *file)
{
  valise_machine_change_media_async (self->machine, self->cd_target, file, self->cancellable, media_changed_cb,
                                     g_object_ref (self));
}

static void
on_disc_response_cb (GtkFileChooserNative *dialog, int response, ValiseMachinePage *self)
{
  gboolean same = self->machine == g_object_get_data (G_OBJECT (dialog), "valise-machine");
  g_autofree char *file = valise_file_dialog_take (dialog, response);

  if (file != NULL && same)
    insert_disc (self, file);
}

/* --- broken ones --- */

static gboolean
has_code (const GError *error, GQuark domain, int code)
{
  return error != NULL && g_error_matches (error, domain, code);
}

static gboolean
has_history (ValiseMachine *machine)
{
  g_autofree char *path = g_build_filename (valise_machine_get_path (machine), ".history", NULL);
  g_autoptr (GDir) history = g_dir_open (path, 0, NULL);

  return history != NULL && g_dir_read_name (history) != NULL;
}

static void
show_broken (ValiseMachinePage *self)
{
  g_autoptr (GError) error = valise_machine_dup_error (self->machine);
  const ValiseLibraryEntry *entry = valise_library_find_entry (self->library, valise_machine_get_path (self->machine));
  const char *why = error != NULL ? error->message : entry != NULL && entry->error != NULL ? entry->error : "";
  g_autofree char *raw = g_markup_escape_text (why, -1);

  hdy_status_page_set_description (HDY_STATUS_PAGE (self->broken_page), raw);
  /* What libhandy shows in there, it does not tell to a screen reader. */
  atk_object_set_name (gtk_widget_get_accessible (self->broken_page), why);
  gtk_widget_set_visible (self->restore_button, has_code (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED)
                                                    && has_history (self->machine));
  gtk_widget_set_visible (self->locate_button, has_code (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_NOT_A_BUNDLE));
  gtk_widget_set_visible (self->forget_button, entry != NULL && entry->elsewhere);
  gtk_stack_set_visible_child_name (self->stack, "broken");
}

static void
on_restore_clicked_cb (ValiseMachinePage *self)
{
  GActionGroup *actions = gtk_widget_get_action_group (gtk_widget_get_toplevel (GTK_WIDGET (self)), "machine");

  g_action_group_activate_action (actions, "undo-change", NULL);
}

static void
on_retry_clicked_cb (ValiseMachinePage *self)
{
  valise_machine_page_refresh (self);
}

/* --- what is shown --- */

static void
show_error (ValiseMachinePage *self)
{
  g_autoptr (GError) error = valise_machine_dup_error (self->machine);
  gboolean asked = has_code (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK);
  gboolean broken = valise_machine_get_state (self->machine) == VALISE_MACHINE_BROKEN;
  gboolean shown = error != NULL && !asked && !broken;

  if (shown)
    {
      gtk_label_set_text (self->error_label, error->message);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->error_label), error->message);
      gtk_widget_set_visible (self->error_button,
                              error->domain == VALISE_EFFECTIVE_ERROR || error->domain == VALISE_IMAGE_ERROR);
    }
  gtk_info_bar_set_revealed (self->error_bar, shown);
}

static void
show_state (ValiseMachinePage *self)
{
  const ValiseLibraryEntry *entry = valise_library_find_entry (self->library, valise_machine_get_path (self->machine));
  ValiseMachineState state = valise_machine_get_state (self->machine);
  gboolean is_template = state == VALISE_MACHINE_OFF && valise_machine_is_template (self->machine);
  g_autofree char *reason = NULL;
  g_autofree char *text = NULL;

  g_object_get (self->machine, "pause-reason", &reason, NULL);
  if (state == VALISE_MACHINE_PAUSED && reason != NULL)
    text = g_strdup_printf ("%s: %s", valise_machine_state_to_label (state), reason);
  else if (state == VALISE_MACHINE_SUSPENDED && entry != NULL)
    text = valise_machine_cell_describe_state (entry);
  else if (valise_machine_is_disposable (self->machine))
    /* Translators: a machine's state, e.g. "Running". */
    text = g_strdup_printf (_ ("%s. All that is written is gone at power-off"), valise_machine_state_to_label (state));
  else
    text = g_strdup (is_template ? _ ("Template: it is not started. Its menu makes new machines from it")
                                 : valise_machine_state_to_label (state));
  gtk_label_set_text (self->state_label, text);
  gtk_label_set_text (self->live_label, valise_machine_is_live (self->machine) ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->state_label), state != VALISE_MACHINE_OFF || is_template);
  gtk_widget_set_visible (self->start_button, !is_template);
  gtk_widget_set_tooltip_text (self->start_button, state == VALISE_MACHINE_SUSPENDED ? _ ("Continue") : _ ("Start"));
}

/* Nobody is busy elsewhere: the focus is here, or still on the button that started the machine. */
static gboolean
may_take_focus (ValiseMachinePage *self)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (self));
  GtkWidget *focus = GTK_IS_WINDOW (window) ? gtk_window_get_focus (GTK_WINDOW (window)) : NULL;

  return focus == NULL || gtk_widget_is_ancestor (focus, GTK_WIDGET (self))
         || (GTK_IS_BUTTON (focus)
             && g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (focus)), "machine.start") == 0);
}

/* Whoever has just started the machine wants to type into it. */
static void
show_live (ValiseMachinePage *self)
{
  gboolean focus = !self->was_live && may_take_focus (self);

  ensure_display (self);
  valise_display_view_set_machine (self->display, self->machine);
  gtk_stack_set_visible_child_name (self->stack, "live");
  if (focus)
    valise_machine_page_focus (self);
}

/* How the guest looked last stays with the bundle. */
static void
keep_last_screen (ValiseMachinePage *self)
{
  ValiseThumbnails *thumbnails = valise_thumbnails_get_default ();
  const char *path = valise_machine_get_path (self->machine);
  g_autoptr (GdkPixbuf) picture = take_picture (self);

  if (picture == NULL)
    {
      valise_thumbnails_forget (thumbnails, path);
      load_screen (self);
      return;
    }
  valise_thumbnails_store (thumbnails, path, picture);
  show_screen (self, picture);
}

static void
show_off (ValiseMachinePage *self)
{
  if (self->was_live)
    {
      keep_last_screen (self);
      valise_machine_facts_show (self->facts, self->machine);
    }
  if (self->display != NULL)
    valise_display_view_set_machine (self->display, NULL);
  gtk_stack_set_visible_child_name (self->stack, "off");
  prepare_display (self);
}

static void
update (ValiseMachinePage *self)
{
  gboolean live = valise_machine_is_live (self->machine);
  gboolean broken = valise_machine_get_state (self->machine) == VALISE_MACHINE_BROKEN;

  show_error (self);
  show_state (self);
  valise_memory_bar_follow (self->memory_bar, self->machine);
  if (live)
    show_live (self);
  else if (broken)
    show_broken (self);
  else
    show_off (self);
  self->was_live = live;
  show_cd (self);
  gtk_widget_set_visible (self->bar, !broken && (self->cd_target != NULL || live));
  g_signal_emit (self, signals[CHANGED], 0);
}

/* --- callbacks --- */

static void
on_machine_notify_cb (ValiseMachinePage *self, GParamSpec *pspec, ValiseMachine *machine)
{
  update (self);
}

static void
on_config_changed_cb (ValiseMachinePage *self, GFile *file, GFile *other, GFileMonitorEvent event)
{
  if (event == G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT || event == G_FILE_MONITOR_EVENT_RENAMED
      || event == G_FILE_MONITOR_EVENT_CREATED || event == G_FILE_MONITOR_EVENT_MOVED_IN)
    valise_machine_page_refresh (self);
}

static void
identity_settled (ValiseMachinePage *self, gboolean copied)
{
  g_autoptr (GError) error = NULL;
  GActionGroup *actions = gtk_widget_get_action_group (gtk_widget_get_toplevel (GTK_WIDGET (self)), "machine");

  gtk_info_bar_set_revealed (self->identity_bar, FALSE);
  if (valise_machine_settle_identity (self->machine, copied, NULL, &error))
    {
      g_action_group_activate_action (actions, "start", NULL);
      return;
    }
  gtk_label_set_text (self->error_label, error->message);
  gtk_info_bar_set_revealed (self->error_bar, TRUE);
}

static void
on_identity_response_cb (ValiseMachinePage *self, int response)
{
  identity_settled (self, response == GTK_RESPONSE_NO);
}

static void
on_error_response_cb (ValiseMachinePage *self, int response)
{
  GActionGroup *actions = gtk_widget_get_action_group (gtk_widget_get_toplevel (GTK_WIDGET (self)), "machine");

  gtk_info_bar_set_revealed (self->error_bar, FALSE);
  if (response == GTK_RESPONSE_ACCEPT)
    g_action_group_activate_action (actions, "settings", NULL);
  else if (self->machine != NULL)
    valise_machine_clear_error (self->machine);
}

/* --- overrides --- */

static void
let_go (ValiseMachinePage *self)
{
  if (self->machine != NULL)
    g_signal_handlers_disconnect_by_data (self->machine, self);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->monitor != NULL)
    g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
  g_clear_object (&self->machine);
  g_clear_pointer (&self->last_screen, cairo_surface_destroy);
  g_clear_pointer (&self->cd_target, g_free);
  g_clear_pointer (&self->cd_file, g_free);
}

static void
valise_machine_page_dispose (GObject *object)
{
  ValiseMachinePage *self = VALISE_MACHINE_PAGE (object);

  let_go (self);
  g_clear_handle_id (&self->prepare_id, g_source_remove);
  g_clear_object (&self->library);
  G_OBJECT_CLASS (valise_machine_page_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-machine-page.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, broken_page);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, cd_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, cd_image);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, cd_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, error_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, error_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, error_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, facts);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, forget_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, identity_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, identity_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, live_box);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, live_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, locate_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, memory_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, restore_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, screen);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, start_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachinePage, state_label);
  gtk_widget_class_bind_template_callback (widget_class, on_error_response_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_identity_response_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_restore_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_retry_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_screen_draw_cb);
}

static void
valise_machine_page_class_init (ValiseMachinePageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = valise_machine_page_dispose;
  g_type_ensure (VALISE_TYPE_MACHINE_FACTS);
  g_type_ensure (VALISE_TYPE_MEMORY_BAR);
  bind_template (GTK_WIDGET_CLASS (class));
  signals[CHANGED] =
      g_signal_new ("changed", VALISE_TYPE_MACHINE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_machine_page_init (ValiseMachinePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* --- public --- */

void
valise_machine_page_set_library (ValiseMachinePage *self, ValiseLibrary *library)
{
  g_set_object (&self->library, library);
}

/* The settings may be changed by valisectl or by hand while they are shown. */
static void
watch_config (ValiseMachinePage *self)
{
  g_autoptr (GFile) file = g_file_new_build_filename (valise_machine_get_path (self->machine), "config.xml", NULL);

  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (on_config_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
look (ValiseMachinePage *self, gboolean again)
{
  ValiseBundle *bundle;
  g_autoptr (GPtrArray) history = NULL;

  (void) valise_machine_load (self->machine, again, NULL);
  bundle = valise_machine_get_bundle (self->machine);
  history = bundle != NULL ? valise_bundle_list_history (bundle) : NULL;
  self->can_undo = history != NULL && history->len > 0;
  find_cd (self, bundle != NULL ? valise_machine_get_document (self->machine) : NULL);
  valise_machine_facts_show (self->facts, self->machine);
}

void
valise_machine_page_set_machine (ValiseMachinePage *self, ValiseMachine *machine)
{
  if (self->machine == machine)
    return;
  keep_picture (self);
  let_go (self);
  gtk_info_bar_set_revealed (self->identity_bar, FALSE);
  if (machine == NULL)
    {
      if (self->display != NULL)
        valise_display_view_set_machine (self->display, NULL);
      return;
    }
  self->machine = g_object_ref (machine);
  self->cancellable = g_cancellable_new ();
  self->was_live = FALSE;
  g_signal_connect_object (machine, "notify", G_CALLBACK (on_machine_notify_cb), self, G_CONNECT_SWAPPED);
  look (self, FALSE);
  watch_config (self);
  load_screen (self);
  update (self);
}

void
valise_machine_page_refresh (ValiseMachinePage *self)
{
  if (self->machine == NULL)
    return;
  look (self, TRUE);
  valise_library_refresh (self->library, valise_machine_get_path (self->machine));
  update (self);
}

void
valise_machine_page_focus (ValiseMachinePage *self)
{
  ValiseDisplay *display = self->display != NULL ? valise_display_view_get_display (self->display) : NULL;

  if (self->machine != NULL && valise_machine_is_live (self->machine) && display != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (display));
  else
    gtk_widget_grab_focus (self->start_button);
}

gboolean
valise_machine_page_owns_keys (ValiseMachinePage *self, GtkWidget *focus)
{
  return self != NULL && VALISE_IS_DISPLAY (focus) && valise_display_is_grabbed (VALISE_DISPLAY (focus));
}

void
valise_machine_page_open_window (ValiseMachinePage *self, gboolean fullscreen)
{
  if (self->machine == NULL || !valise_machine_is_live (self->machine))
    return;
  ensure_display (self);
  valise_display_view_open_window (self->display, fullscreen);
}

void
valise_machine_page_ask_memory (ValiseMachinePage *self)
{
  g_return_if_fail (VALISE_IS_MACHINE_PAGE (self) && self->machine != NULL);

  valise_memory_bar_ask (self->memory_bar, self->machine);
}

gboolean
valise_machine_page_ask_identity (ValiseMachinePage *self)
{
  g_autofree char *other = NULL;
  g_autofree char *text = NULL;

  if (self->machine == NULL || valise_machine_check_identity (self->machine, &other) != VALISE_IDENTITY_TWIN)
    return FALSE;
  text =
      g_strdup_printf (_ ("There is another machine with the same identity: %s. Was this one moved, or is it a copy?"),
                       other != NULL ? other : "");
  gtk_label_set_text (self->identity_label, text);
  gtk_info_bar_set_revealed (self->identity_bar, TRUE);
  return TRUE;
}

gboolean
valise_machine_page_has_cd (ValiseMachinePage *self)
{
  return self->cd_target != NULL;
}

const char *
valise_machine_page_get_cd (ValiseMachinePage *self)
{
  return self->cd_file;
}

void
valise_machine_page_change_cd (ValiseMachinePage *self)
{
  GtkFileChooserNative *dialog;
  GtkFileFilter *filter;
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (self));

  g_return_if_fail (self->machine != NULL);
  dialog =
      valise_file_dialog_new (_ ("Insert a Disc"), GTK_WINDOW (window), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Insert"));
  filter = valise_file_dialog_add_kind (dialog, _ ("Disc images"), "*.[iI][sS][oO]");
  gtk_file_filter_add_mime_type (filter, "application/x-cd-image");
  g_object_set_data_full (G_OBJECT (dialog), "valise-machine", g_object_ref (self->machine), g_object_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_disc_response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
valise_machine_page_eject_cd (ValiseMachinePage *self)
{
  g_return_if_fail (self->machine != NULL);
  insert_disc (self, NULL);
}

gboolean
valise_machine_page_can_undo (ValiseMachinePage *self)
{
  return self->can_undo;
}
