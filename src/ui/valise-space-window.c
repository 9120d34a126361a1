/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-space-window.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "engine/valise-jobs.h"
#include "engine/valise-machine-orphans.h"
#include "ui/valise-machine-window.h"
#include "ui/valise-notice-bar.h"
#include "ui/valise-space-bar.h"
#include "ui/valise-style.h"
#include "ui/valise-words-label.h"

#define FILE_KEY "valise-file"

struct _ValiseSpaceWindow
{
  HdyWindow parent_instance;

  HdyHeaderBar *header_bar;
  GtkWidget *again_button;
  GtkStack *stack;
  GtkLabel *total_label, *failure_label;
  ValiseSpaceBar *bar;
  GtkListBox *list;
  ValiseNoticeBar *notices;

  ValiseMachine *machine;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (ValiseSpaceWindow, valise_space_window, HDY_TYPE_WINDOW)

static void look (ValiseSpaceWindow *self);

/* --- to the Trash, and back --- */

/* One file that goes or comes back. */
typedef struct
{
  ValiseMachine *machine;
  char *file; /* relative */
  gboolean back;
} Moving;

static void
moving_free (gpointer data)
{
  Moving *self = data;

  g_object_unref (self->machine);
  g_free (self->file);
  g_free (self);
}

static Moving *
moving_new (ValiseMachine *machine, const char *file, gboolean back)
{
  Moving *self = g_new0 (Moving, 1);

  self->machine = g_object_ref (machine);
  self->file = g_strdup (file);
  self->back = back;
  return self;
}

static void
move_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Moving *moving = data;
  const char *files[] = { moving->file, NULL };
  g_autofree char *path = g_build_filename (valise_machine_get_path (moving->machine), moving->file, NULL);
  GError *error = NULL;

  if (moving->back ? valise_machine_untrash (path, cancellable, &error)
                   : valise_machine_trash_orphans (moving->machine, files, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void move_file (ValiseSpaceWindow *self, const char *file, gboolean back);

typedef struct
{
  ValiseSpaceWindow *window;
  char *file;
} WayBack;

static void
way_back_free (gpointer data)
{
  WayBack *self = data;

  g_free (self->file);
  g_free (self);
}

static void
bring_back (gpointer data)
{
  WayBack *back = data;

  move_file (back->window, back->file, TRUE);
}

static void
offer_way_back (ValiseSpaceWindow *self, const char *file)
{
  g_autofree char *shown = valise_text_for_display (file, 80);
  g_autofree char *text = g_strdup_printf (_ ("“%s” is in the Trash."), shown);
  WayBack *back = g_new0 (WayBack, 1);

  back->window = self;
  back->file = g_strdup (file);
  valise_notice_bar_offer (self->notices, GTK_MESSAGE_INFO, text, _ ("_Undo"), bring_back, back, way_back_free);
}

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseSpaceWindow *self = VALISE_SPACE_WINDOW (source);
  const Moving *moving = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);

  if (self->machine == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;
  if (!done)
    valise_notice_bar_say_error (self->notices, NULL, error);
  else if (!moving->back)
    offer_way_back (self, moving->file);
  look (self);
}

/* What has begun is not called off: the file is in one of the two places. */
static void
move_file (ValiseSpaceWindow *self, const char *file, gboolean back)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, moved_cb, NULL);

  g_task_set_source_tag (task, move_file);
  g_task_set_task_data (task, moving_new (self->machine, file, back), moving_free);
  g_task_run_in_thread (task, move_thread);
}

static void
on_trash_cb (GtkWidget *button, ValiseSpaceWindow *self)
{
  gtk_widget_set_sensitive (button, FALSE);
  move_file (self, g_object_get_data (G_OBJECT (button), FILE_KEY), FALSE);
}

/* --- the parts in words --- */

/* Of a disk that snapshots keep a part of, nobody has counted what all of it leaves free. */
static char *
describe_disk (const ValiseSpacePart *part, gboolean whole)
{
  g_autofree char *most = valise_size_format (part->most);
  g_autofree char *rest = valise_size_format (part->most > part->taken ? part->most - part->taken : 0);

  if (part->most == 0)
    return g_strdup (valise_space_kind_to_label (part->kind));
  if (!whole)
    return g_strdup_printf (
        _ ("Disk of %s: what was written since the last snapshot. How much of it is free inside, only "
           "the system on it knows."),
        most);
  return g_strdup_printf (
      _ ("Disk of %s, of which %s takes no room here. How much of the rest is free inside, only the "
         "system on it knows."),
      most, rest);
}

static char *
describe (const ValiseSpacePart *part, gboolean whole)
{
  if (part->kind == VALISE_SPACE_DISK)
    return describe_disk (part, whole);
  if (part->kind == VALISE_SPACE_ORPHAN)
    return g_strdup (part->undone ? _ ("Only an earlier version of the settings names this file.")
                                  : _ ("Neither the settings nor a snapshot name this file."));
  return g_strdup (valise_space_kind_to_label (part->kind));
}

static GtkWidget *
make_trash_button (ValiseSpaceWindow *self, const ValiseSpacePart *part, const char *name)
{
  GtkWidget *button = gtk_button_new_with_label (_ ("Move to Trash"));
  g_autofree char *said = g_strdup_printf (_ ("Move “%s” to the Trash"), name);

  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_widget_set_sensitive (button, !valise_machine_is_live (self->machine));
  if (valise_machine_is_live (self->machine))
    gtk_widget_set_tooltip_text (button, _ ("Shut the machine down first"));
  atk_object_set_name (gtk_widget_get_accessible (button), said);
  g_object_set_data_full (G_OBJECT (button), FILE_KEY, g_strdup (part->path), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_trash_cb), self, 0);
  return button;
}

static GtkWidget *
make_row (ValiseSpaceWindow *self, const ValiseSpacePart *part, gboolean whole)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  g_autofree char *name = valise_text_for_display (part->name, 200);
  g_autofree char *size = valise_size_format (part->taken);
  g_autofree char *what = describe (part, whole);
  g_autofree char *said = g_strdup_printf ("%s: %s, %s. %s", valise_space_kind_to_label (part->kind), name, size, what);

  g_object_set (box, "margin", 12, NULL);
  gtk_container_add (GTK_CONTAINER (words), valise_words_label_new (name, NULL));
  gtk_container_add (GTK_CONTAINER (words), valise_words_label_new (what, "dim-label"));
  if (part->kind == VALISE_SPACE_ORPHAN)
    gtk_container_add (GTK_CONTAINER (words), make_trash_button (self, part, name));
  gtk_container_add (GTK_CONTAINER (box), valise_space_bar_make_mark (part->kind));
  gtk_container_add (GTK_CONTAINER (box), words);
  gtk_container_add (GTK_CONTAINER (box), gtk_label_new (size));
  gtk_container_add (GTK_CONTAINER (row), box);
  g_object_set (row, "activatable", FALSE, "selectable", FALSE, NULL);
  atk_object_set_name (gtk_widget_get_accessible (row), said);
  gtk_widget_show_all (row);
  return row;
}

static void
remove_child (GtkWidget *child, gpointer unused)
{
  gtk_widget_destroy (child);
}

static gboolean
has_snapshots (GPtrArray *parts)
{
  for (guint i = 0; i < parts->len; i++)
    if (((const ValiseSpacePart *) parts->pdata[i])->kind == VALISE_SPACE_SNAPSHOT)
      return TRUE;
  return FALSE;
}

static void
show_parts (ValiseSpaceWindow *self, GPtrArray *parts)
{
  g_autofree char *total = valise_size_format (valise_space_total (parts));
  g_autofree char *text = g_strdup_printf (_ ("%s in all"), total);

  gtk_label_set_text (self->total_label, text);
  valise_space_bar_set_parts (self->bar, parts);
  gtk_container_foreach (GTK_CONTAINER (self->list), remove_child, NULL);
  for (guint i = 0; i < parts->len; i++)
    gtk_container_add (GTK_CONTAINER (self->list), make_row (self, parts->pdata[i], !has_snapshots (parts)));
  gtk_stack_set_visible_child_name (self->stack, "parts");
}

/* --- measuring --- */

static void
measure_thread (GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *parts = valise_space_measure (path, cancellable, &error);

  if (parts != NULL)
    g_task_return_pointer (task, parts, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
measured_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseSpaceWindow *self = VALISE_SPACE_WINDOW (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) parts = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  gtk_widget_set_sensitive (self->again_button, TRUE);
  if (parts != NULL)
    {
      show_parts (self, parts);
      return;
    }
  gtk_label_set_text (self->failure_label, error->message);
  gtk_stack_set_visible_child_name (self->stack, "failure");
}

static void
look (ValiseSpaceWindow *self)
{
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, measured_cb, NULL);

  gtk_widget_set_sensitive (self->again_button, FALSE);
  g_task_set_source_tag (task, look);
  g_task_set_task_data (task, g_strdup (valise_machine_get_path (self->machine)), g_free);
  g_task_run_in_thread (task, measure_thread);
}

/* --- the window --- */

static void
valise_space_window_dispose (GObject *object)
{
  ValiseSpaceWindow *self = VALISE_SPACE_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  G_OBJECT_CLASS (valise_space_window_parent_class)->dispose (object);
}

static void
valise_space_window_finalize (GObject *object)
{
  ValiseSpaceWindow *self = VALISE_SPACE_WINDOW (object);

  g_clear_object (&self->machine);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (valise_space_window_parent_class)->finalize (object);
}

static void
valise_space_window_class_init (ValiseSpaceWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = valise_space_window_dispose;
  G_OBJECT_CLASS (class)->finalize = valise_space_window_finalize;
  g_type_ensure (VALISE_TYPE_NOTICE_BAR);
  g_type_ensure (VALISE_TYPE_SPACE_BAR);
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-space-window.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseSpaceWindow, again_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseSpaceWindow, bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseSpaceWindow, failure_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSpaceWindow, header_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseSpaceWindow, list);
  gtk_widget_class_bind_template_child (widget_class, ValiseSpaceWindow, notices);
  gtk_widget_class_bind_template_child (widget_class, ValiseSpaceWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseSpaceWindow, total_label);
  gtk_widget_class_bind_template_callback (widget_class, look);
}

static void
valise_space_window_init (ValiseSpaceWindow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

static ValiseSpaceWindow *
window_new (ValiseMachine *machine, GtkWindow *parent)
{
  ValiseSpaceWindow *self =
      g_object_new (VALISE_TYPE_SPACE_WINDOW, "transient-for", parent, "destroy-with-parent", TRUE, NULL);
  g_autofree char *shown = valise_text_for_display (valise_machine_get_name (machine), 60);
  g_autofree char *title = g_strdup_printf (_ ("%s: Space"), shown);

  self->machine = g_object_ref (machine);
  valise_machine_window_begin (GTK_WINDOW (self), self->header_bar, machine, title);
  valise_machine_window_close_on_keys (GTK_WINDOW (self));
  g_signal_connect_object (machine, "notify::state", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
  look (self);
  return self;
}

void
valise_space_window_present (ValiseMachine *machine, GtkWindow *parent)
{
  if (!valise_machine_window_present (VALISE_TYPE_SPACE_WINDOW, machine))
    gtk_window_present (GTK_WINDOW (window_new (machine, parent)));
}
