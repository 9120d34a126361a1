/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-snapshot-row.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "model/valise-change.h"
#include "ui/valise-style.h"
#include "ui/valise-thumbnails.h"

#define COLUMN_WIDTH 18
#define COLUMNS_DRAWN 6
#define DOT_Y 30
#define PICTURE_WIDTH 72
#define PICTURE_HEIGHT 48
#define CHANGES_MOST 40

struct _ValiseSnapshotRow
{
  GtkListBoxRow parent_instance;

  GtkWidget *graph, *picture;
  GtkLabel *name_label, *facts_label, *note_label;
  GtkRevealer *details;
  GtkEntry *name_entry;
  GtkTextView *note_view;
  GtkWidget *back_button, *clone_button, *export_button, *delete_button;
  GtkToggleButton *compare_button;
  GtkLabel *back_label;
  GtkWidget *keep_check, *back_now_button, *shutdown_button, *force_button;
  GtkRevealer *changes;
  GtkLabel *changes_label;

  ValiseMachine *machine;
  char *id, *name, *note;
  ValiseSnapshotNode node; /* its pointers are not looked at */
  cairo_surface_t *screen;
  GCancellable *cancellable;
  gboolean busy, damaged;
};

enum
{
  GO_BACK,
  SHUT_DOWN,
  DELETE,
  DESCRIBE,
  CLONE,
  EXPORT,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseSnapshotRow, valise_snapshot_row, GTK_TYPE_LIST_BOX_ROW)

/* --- where it stands --- */

static double
column_x (guint column)
{
  return COLUMN_WIDTH * (MIN (column, COLUMNS_DRAWN) + 0.5);
}

static void
draw_line (cairo_t *cr, double from_x, double from_y, double to_x, double to_y)
{
  cairo_move_to (cr, from_x, from_y);
  cairo_line_to (cr, to_x, to_y);
  cairo_stroke (cr);
}

static void
draw_lines (cairo_t *cr, const ValiseSnapshotNode *node, gboolean has_parent, double height)
{
  double x = column_x (node->column);

  for (guint i = 0; i <= COLUMNS_DRAWN && i < node->column; i++)
    if (node->passing & (G_GUINT64_CONSTANT (1) << i))
      draw_line (cr, column_x (i), 0, column_x (i), height);
  if (node->is_branch)
    draw_line (cr, column_x (node->column - 1), DOT_Y, x, DOT_Y);
  else if (has_parent)
    draw_line (cr, x, 0, x, DOT_Y);
  if (node->goes_on)
    draw_line (cr, x, DOT_Y, x, height);
}

static void
draw_dot (cairo_t *cr, GtkStyleContext *context, double x, gboolean present)
{
  GdkRGBA accent = { 0.2, 0.5, 0.9, 1 };

  gtk_style_context_lookup_color (context, "theme_selected_bg_color", &accent);
  if (present)
    gdk_cairo_set_source_rgba (cr, &accent);
  cairo_arc (cr, x, DOT_Y, present ? 6 : 4.5, 0, 2 * G_PI);
  cairo_fill (cr);
}

static gboolean
on_graph_draw_cb (GtkWidget *widget, cairo_t *cr, ValiseSnapshotRow *self)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  GdkRGBA color;

  gtk_style_context_get_color (context, gtk_style_context_get_state (context), &color);
  color.alpha *= 0.55;
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, 2);
  draw_lines (cr, &self->node, self->node.parent != NULL, gtk_widget_get_allocated_height (widget));
  draw_dot (cr, context, column_x (self->node.column), self->id == NULL);
  return GDK_EVENT_PROPAGATE;
}

/* --- how the screen looked --- */

static gboolean
on_picture_draw_cb (GtkWidget *widget, cairo_t *cr, ValiseSnapshotRow *self)
{
  double width = gtk_widget_get_allocated_width (widget), height = gtk_widget_get_allocated_height (widget);
  double across, down, factor;

  cairo_rectangle (cr, 0, 0, width, height);
  cairo_set_source_rgb (cr, 0.106, 0.114, 0.129);
  cairo_fill (cr);
  if (self->screen == NULL)
    return GDK_EVENT_PROPAGATE;
  across = cairo_image_surface_get_width (self->screen);
  down = cairo_image_surface_get_height (self->screen);
  factor = MIN (width / across, height / down);
  cairo_translate (cr, (width - across * factor) / 2, (height - down * factor) / 2);
  cairo_scale (cr, factor, factor);
  cairo_set_source_surface (cr, self->screen, 0, 0);
  cairo_paint (cr);
  return GDK_EVENT_PROPAGATE;
}

static GdkPixbuf *
shrink (GdkPixbuf *screen, int scale)
{
  double factor = MIN (PICTURE_WIDTH * scale / (double) gdk_pixbuf_get_width (screen),
                       PICTURE_HEIGHT * scale / (double) gdk_pixbuf_get_height (screen));

  return gdk_pixbuf_scale_simple (screen, MAX (1, (int) (gdk_pixbuf_get_width (screen) * factor)),
                                  MAX (1, (int) (gdk_pixbuf_get_height (screen) * factor)), GDK_INTERP_BILINEAR);
}

static void
screen_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseSnapshotRow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) screen = valise_thumbnails_load_screen_finish (result, &error);
  g_autoptr (GdkPixbuf) small = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_pointer (&self->screen, cairo_surface_destroy);
  if (screen != NULL)
    small = shrink (screen, gtk_widget_get_scale_factor (GTK_WIDGET (self)));
  if (small != NULL)
    self->screen = gdk_cairo_surface_create_from_pixbuf (small, 1, NULL);
  gtk_widget_queue_draw (self->picture);
}

static void
load_screen (ValiseSnapshotRow *self)
{
  g_autofree char *folder =
      self->id != NULL ? g_build_filename (valise_machine_get_path (self->machine), "snapshots", self->id, NULL)
                       : g_strdup (valise_machine_get_path (self->machine));

  valise_thumbnails_load_screen_async (folder, self->cancellable, screen_loaded_cb, g_object_ref (self));
}

/* --- what is said --- */

static char *
describe_time (gint64 time)
{
  g_autoptr (GDateTime) local = g_date_time_new_from_unix_local (time / G_USEC_PER_SEC);

  return local != NULL ? g_date_time_format (local, "%x, %R") : g_strdup ("");
}

static char *
describe_facts (ValiseSnapshotRow *self, const ValiseSnapshot *snapshot)
{
  g_autofree char *when = snapshot != NULL ? describe_time (snapshot->time) : NULL;
  g_autofree char *size = snapshot != NULL ? valise_size_format (snapshot->size) : NULL;

  if (snapshot == NULL)
    return g_strdup (valise_machine_state_to_label (valise_machine_get_state (self->machine)));
  if (snapshot->memory == VALISE_SNAPSHOT_MEMORY_NONE)
    /* Translators: a time, and the space that it takes. */
    return g_strdup_printf (_ ("%s · %s"), when, size);
  /* Translators: a time, and the space that it takes; the machine's memory is kept. */
  return g_strdup_printf (_ ("%s · %s · with memory"), when, size);
}

static void
name_for_reader (ValiseSnapshotRow *self, const ValiseSnapshotNode *node, const char *facts)
{
  g_autofree char *after =
      node->parent != NULL ? g_strdup_printf (_ ("made after “%s”"), node->parent->name) : g_strdup (_ ("the first"));
  g_autofree char *all = node->snapshot != NULL ? g_strdup_printf ("%s, %s, %s", self->name, facts, after)
                                                : g_strdup_printf ("%s, %s", self->name, facts);

  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), all);
}

static void
show_note (ValiseSnapshotRow *self)
{
  g_autofree char *note = valise_text_for_display (self->note, 400);

  gtk_label_set_text (self->note_label, note);
  gtk_widget_set_visible (GTK_WIDGET (self->note_label), *note != '\0');
}

static char *
read_note (ValiseSnapshotRow *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->note_view);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

/* What is being typed stays. */
static void
fill_controls (ValiseSnapshotRow *self)
{
  if (!gtk_widget_has_focus (GTK_WIDGET (self->name_entry)))
    gtk_entry_set_text (self->name_entry, self->name);
  if (!gtk_widget_has_focus (GTK_WIDGET (self->note_view)))
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->note_view), self->note, -1);
}

/* --- going back --- */

static char *
describe_way_back (ValiseSnapshotRow *self, gboolean live)
{
  const char *machine = valise_machine_get_name (self->machine);

  if (live)
    return g_strdup_printf (_ ("“%s” is running, and has to be off to go back."), machine);
  return g_strdup_printf (_ ("“%s” becomes what it was then: its disks, its settings and what its firmware remembers. "
                             "What it wrote since its last snapshot is gone, unless it is kept."),
                          machine);
}

static void
update_buttons (ValiseSnapshotRow *self)
{
  gboolean live = valise_machine_is_live (self->machine);
  g_autofree char *words = describe_way_back (self, live);

  gtk_label_set_text (self->back_label, words);
  gtk_widget_set_visible (self->back_now_button, !live);
  gtk_widget_set_visible (self->shutdown_button, live);
  gtk_widget_set_visible (self->force_button, live);
  gtk_widget_set_sensitive (self->shutdown_button, valise_machine_can (self->machine, VALISE_VERB_SHUTDOWN));
  gtk_widget_set_sensitive (self->back_button, !self->busy && !self->damaged);
  gtk_widget_set_sensitive (self->clone_button, !self->busy && !self->damaged);
  gtk_widget_set_sensitive (self->export_button, !self->busy && !self->damaged);
  gtk_widget_set_sensitive (self->delete_button, !self->busy);
}

static void
go_back (ValiseSnapshotRow *self, gboolean stop)
{
  gboolean keep = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->keep_check));

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->back_button), FALSE);
  g_signal_emit (self, signals[GO_BACK], 0, keep, stop);
}

/* The way back has just been unfolded. */
static void
on_way_back_map_cb (ValiseSnapshotRow *self)
{
  gtk_widget_grab_focus (gtk_widget_get_visible (self->back_now_button) ? self->back_now_button
                                                                        : self->shutdown_button);
}

static void
on_back_now_clicked_cb (ValiseSnapshotRow *self)
{
  go_back (self, FALSE);
}

static void
on_force_clicked_cb (ValiseSnapshotRow *self)
{
  go_back (self, TRUE);
}

static void
on_shutdown_clicked_cb (ValiseSnapshotRow *self)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->back_button), FALSE);
  g_signal_emit (self, signals[SHUT_DOWN], 0);
}

static void
on_clone_clicked_cb (ValiseSnapshotRow *self)
{
  g_signal_emit (self, signals[CLONE], 0);
}

static void
on_export_clicked_cb (ValiseSnapshotRow *self)
{
  g_signal_emit (self, signals[EXPORT], 0);
}

static void
on_delete_clicked_cb (ValiseSnapshotRow *self)
{
  g_signal_emit (self, signals[DELETE], 0);
}

/* --- name and note --- */

static void
describe (ValiseSnapshotRow *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_entry_get_text (self->name_entry)));
  g_autofree char *note = read_note (self);

  if (self->id == NULL || *name == '\0' || (g_str_equal (name, self->name) && g_str_equal (note, self->note)))
    return;
  g_free (self->name);
  self->name = g_strdup (name);
  g_free (self->note);
  self->note = g_strdup (note);
  g_signal_emit (self, signals[DESCRIBE], 0, name, note);
}

static void
on_name_activate_cb (ValiseSnapshotRow *self)
{
  describe (self);
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

static gboolean
on_focus_out_cb (ValiseSnapshotRow *self)
{
  describe (self);
  return GDK_EVENT_PROPAGATE;
}

/* --- what differs from now --- */

typedef struct
{
  char *path, *id;
} Comparison;

static void
comparison_free (gpointer data)
{
  Comparison *self = data;

  g_free (self->path);
  g_free (self->id);
  g_free (self);
}

static void
compare_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Comparison *comparison = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (comparison->path, &error);
  g_autoptr (ValiseDocument) then =
      bundle != NULL ? valise_snapshot_read_document (bundle, comparison->id, &error) : NULL;
  g_autoptr (ValiseDocument) before = NULL, after = NULL;

  if (then == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  before = valise_snapshot_plain_settings (then);
  after = valise_snapshot_plain_settings (valise_bundle_get_document (bundle));
  g_task_return_pointer (task, valise_change_list (before, after), (GDestroyNotify) g_ptr_array_unref);
}

static void
append_change (GString *words, const ValiseChange *change)
{
  if (words->len > 0)
    g_string_append_c (words, '\n');
  if (change->before == NULL && change->after == NULL)
    g_string_append (words, change->label);
  else
    /* Translators: a setting, what it was and what it is. */
    g_string_append_printf (words, _ ("%s: %s → %s"), change->label,
                            change->before != NULL ? change->before : _ ("not set"),
                            change->after != NULL ? change->after : _ ("not set"));
}

static char *
describe_changes (GPtrArray *changes)
{
  g_autoptr (GString) words = g_string_new (NULL);

  if (changes->len == 0)
    return g_strdup (_ ("The settings were the same as now."));
  for (guint i = 0; i < changes->len && i < CHANGES_MOST; i++)
    append_change (words, changes->pdata[i]);
  if (changes->len > CHANGES_MOST)
    {
      guint more = changes->len - CHANGES_MOST;

      g_string_append_c (words, '\n');
      g_string_append_printf (words, ngettext ("and %u more", "and %u more", more), more);
    }
  return g_string_free (g_steal_pointer (&words), FALSE);
}

static void
compared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseSnapshotRow *self = VALISE_SNAPSHOT_ROW (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) changes = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *words = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  words = changes != NULL ? describe_changes (changes) : g_strdup (error->message);
  gtk_label_set_text (self->changes_label, words);
  gtk_revealer_set_reveal_child (self->changes, TRUE);
}

static void
on_compare_toggled_cb (ValiseSnapshotRow *self)
{
  g_autoptr (GTask) task = NULL;
  Comparison *comparison;

  if (!gtk_toggle_button_get_active (self->compare_button))
    {
      gtk_revealer_set_reveal_child (self->changes, FALSE);
      return;
    }
  comparison = g_new0 (Comparison, 1);
  comparison->path = g_strdup (valise_machine_get_path (self->machine));
  comparison->id = g_strdup (self->id);
  task = g_task_new (self, self->cancellable, compared_cb, NULL);
  g_task_set_source_tag (task, on_compare_toggled_cb);
  g_task_set_task_data (task, comparison, comparison_free);
  g_task_run_in_thread (task, compare_in_thread);
}

/* --- the widget --- */

static void
valise_snapshot_row_dispose (GObject *object)
{
  ValiseSnapshotRow *self = VALISE_SNAPSHOT_ROW (object);

  g_cancellable_cancel (self->cancellable);
  G_OBJECT_CLASS (valise_snapshot_row_parent_class)->dispose (object);
}

static void
valise_snapshot_row_finalize (GObject *object)
{
  ValiseSnapshotRow *self = VALISE_SNAPSHOT_ROW (object);

  g_clear_object (&self->cancellable);
  g_clear_object (&self->machine);
  g_clear_pointer (&self->screen, cairo_surface_destroy);
  g_free (self->id);
  g_free (self->name);
  g_free (self->note);
  G_OBJECT_CLASS (valise_snapshot_row_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-snapshot-row.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, back_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, back_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, back_now_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, changes);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, changes_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, clone_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, compare_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, delete_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, details);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, export_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, facts_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, force_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, graph);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, keep_check);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, name_entry);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, note_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, note_view);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, picture);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotRow, shutdown_button);
  gtk_widget_class_bind_template_callback (widget_class, on_back_now_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_way_back_map_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_clone_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_compare_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_delete_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_export_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_focus_out_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_force_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_graph_draw_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_name_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_picture_draw_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_shutdown_clicked_cb);
}

static guint
add_signal (const char *name, guint count, GType first, GType second)
{
  return g_signal_new (name, VALISE_TYPE_SNAPSHOT_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, count,
                       first, second);
}

static void
valise_snapshot_row_class_init (ValiseSnapshotRowClass *class)
{
  G_OBJECT_CLASS (class)->dispose = valise_snapshot_row_dispose;
  G_OBJECT_CLASS (class)->finalize = valise_snapshot_row_finalize;
  bind_template (GTK_WIDGET_CLASS (class));
  signals[GO_BACK] = add_signal ("go-back", 2, G_TYPE_BOOLEAN, G_TYPE_BOOLEAN);
  signals[SHUT_DOWN] = add_signal ("shut-down", 0, G_TYPE_NONE, G_TYPE_NONE);
  signals[DELETE] = add_signal ("delete", 0, G_TYPE_NONE, G_TYPE_NONE);
  signals[CLONE] = add_signal ("clone", 0, G_TYPE_NONE, G_TYPE_NONE);
  signals[EXPORT] = add_signal ("export", 0, G_TYPE_NONE, G_TYPE_NONE);
  signals[DESCRIBE] = add_signal ("describe", 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
valise_snapshot_row_init (ValiseSnapshotRow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* --- public --- */

GtkWidget *
valise_snapshot_row_new (ValiseMachine *machine, const ValiseSnapshotNode *node)
{
  ValiseSnapshotRow *self;

  g_return_val_if_fail (VALISE_IS_MACHINE (machine) && node != NULL, NULL);

  self = g_object_new (VALISE_TYPE_SNAPSHOT_ROW, "visible", TRUE, NULL);
  self->machine = g_object_ref (machine);
  self->id = node->snapshot != NULL ? g_strdup (node->snapshot->id) : NULL;
  valise_snapshot_row_show (self, node);
  load_screen (self);
  return GTK_WIDGET (self);
}

void
valise_snapshot_row_show (ValiseSnapshotRow *self, const ValiseSnapshotNode *node)
{
  const ValiseSnapshot *snapshot = node->snapshot;
  g_autofree char *facts = describe_facts (self, snapshot);

  self->node = *node;
  self->damaged = snapshot != NULL && snapshot->is_damaged;
  g_free (self->name);
  self->name = snapshot != NULL ? valise_text_for_display (snapshot->name, 200) : g_strdup (_ ("Now: you are here"));
  g_free (self->note);
  self->note = g_strdup (snapshot != NULL ? snapshot->note : "");
  gtk_label_set_text (self->name_label, self->name);
  gtk_label_set_text (self->facts_label, facts);
  gtk_widget_set_size_request (self->graph, COLUMN_WIDTH * ((int) MIN (node->column, COLUMNS_DRAWN) + 1), -1);
  gtk_widget_queue_draw (self->graph);
  show_note (self);
  fill_controls (self);
  name_for_reader (self, node, facts);
  update_buttons (self);
}

const char *
valise_snapshot_row_get_id (ValiseSnapshotRow *self)
{
  return self->id;
}

const char *
valise_snapshot_row_get_name (ValiseSnapshotRow *self)
{
  return self->name;
}

void
valise_snapshot_row_set_open (ValiseSnapshotRow *self, gboolean open)
{
  gtk_revealer_set_reveal_child (self->details, open && self->id != NULL);
  if (!open)
    gtk_toggle_button_set_active (self->compare_button, FALSE);
}

void
valise_snapshot_row_set_busy (ValiseSnapshotRow *self, gboolean busy)
{
  self->busy = busy;
  update_buttons (self);
}

void
valise_snapshot_row_edit_name (ValiseSnapshotRow *self)
{
  if (self->id != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->name_entry));
}

void
valise_snapshot_row_ask_to_go_back (ValiseSnapshotRow *self)
{
  if (self->id != NULL && !self->busy)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->back_button), TRUE);
}
