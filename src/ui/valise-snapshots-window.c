/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-snapshots-window.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-snapshot-jobs.h"
#include "ui/valise-job-row.h"
#include "ui/valise-machine-window.h"
#include "ui/valise-notice-bar.h"
#include "ui/valise-schedule-bar.h"
#include "ui/valise-snapshot-copies.h"
#include "ui/valise-snapshot-popover.h"
#include "ui/valise-snapshot-row.h"
#include "ui/valise-style.h"
#include "ui/valise-thumbnails.h"

#define SETTLED_MS 200

/* One that is to be deleted once nobody wants it back. */
typedef struct
{
  ValiseSnapshotsWindow *window; /* weak */
  GtkWidget *parent;             /* weak: the window above it */
  ValiseLibrary *library;
  ValiseMachine *machine;
  char *id;
  gboolean wanted_back;
} Deletion;

#define TASK "valise-task"
#define ABOUT "valise-id"
/* What a job is; of a deletion, of which snapshot as well. */
typedef enum
{
  TAKES,
  GOES_BACK,
  DELETES,
  RETURNS,
} Task;

struct _ValiseSnapshotsWindow
{
  HdyWindow parent_instance;

  HdyHeaderBar *header_bar;
  GtkWidget *take_button;
  ValiseSnapshotPopover *take_popover;
  GtkInfoBar *ask_bar;
  GtkLabel *ask_label;
  GtkWidget *trust_button;
  GtkStack *stack;
  GtkLabel *failure_label;
  GtkListBox *list, *job_list;
  ValiseSnapshotCopies *copies;
  ValiseScheduleBar *schedule_bar;
  ValiseNoticeBar *notices;

  ValiseMachine *machine;
  ValiseLibrary *library;
  GPtrArray *snapshots; /* as they are; NULL until they are known */
  GHashTable *gone;     /* ids of those that are being deleted, or will be when nobody wants them back */
  ValiseJob *job;       /* what is under way but for deletions, or NULL */
  char *wanted;         /* (nullable): to be selected when it is there */
  char *back_id;        /* where it goes back to */
  ValiseRevertFlags back_flags;
  gboolean back_keep, back_stop;
  GFileMonitor *monitors[2];
  GCancellable *cancellable;
  guint refresh_id;
};

G_DEFINE_FINAL_TYPE (ValiseSnapshotsWindow, valise_snapshots_window, HDY_TYPE_WINDOW)

static void refresh (ValiseSnapshotsWindow *self);

/* --- the list --- */

static ValiseSnapshotRow *
row_at (ValiseSnapshotsWindow *self, int index)
{
  return (ValiseSnapshotRow *) gtk_list_box_get_row_at_index (self->list, index);
}

static ValiseSnapshotRow *
selected_row (ValiseSnapshotsWindow *self)
{
  return (ValiseSnapshotRow *) gtk_list_box_get_selected_row (self->list);
}

static gboolean
is_row_of (ValiseSnapshotRow *row, const ValiseSnapshotNode *node)
{
  return row != NULL
         && g_strcmp0 (valise_snapshot_row_get_id (row), node->snapshot != NULL ? node->snapshot->id : NULL) == 0;
}

static gboolean
has_same_rows (ValiseSnapshotsWindow *self, GArray *nodes)
{
  for (guint i = 0; i < nodes->len; i++)
    if (!is_row_of (row_at (self, (int) i), &g_array_index (nodes, ValiseSnapshotNode, i)))
      return FALSE;
  return row_at (self, (int) nodes->len) == NULL;
}

static ValiseSnapshotRow *
find_row (ValiseSnapshotsWindow *self, const char *id)
{
  ValiseSnapshotRow *row;

  for (int i = 0; (row = row_at (self, i)) != NULL; i++)
    if (g_strcmp0 (valise_snapshot_row_get_id (row), id) == 0)
      return row;
  return NULL;
}

static void
update_busy (ValiseSnapshotsWindow *self)
{
  ValiseSnapshotRow *row;

  gtk_widget_set_sensitive (self->take_button, self->job == NULL);
  valise_snapshot_popover_set_busy (self->take_popover, self->job != NULL);
  for (int i = 0; (row = row_at (self, i)) != NULL; i++)
    valise_snapshot_row_set_busy (row, self->job != NULL);
}

/* --- work --- */

static void
deletion_free (gpointer data)
{
  Deletion *self = data;

  g_clear_weak_pointer (&self->window);
  g_clear_weak_pointer (&self->parent);
  g_object_unref (self->library);
  g_object_unref (self->machine);
  g_free (self->id);
  g_free (self);
}

static void start_job (ValiseSnapshotsWindow *self, ValiseJob *job, Task task);

typedef struct
{
  ValiseSnapshotsWindow *window;
  char *id; /* of what the present was kept as */
} WayBack;

static void
way_back_free (gpointer data)
{
  WayBack *self = data;

  g_free (self->id);
  g_free (self);
}

static void
undo_going_back (gpointer data)
{
  WayBack *back = data;
  ValiseSnapshotsWindow *self = back->window;

  if (self->job == NULL)
    start_job (self, valise_snapshot_return_job_new (self->machine, back->id), RETURNS);
}

static void
say_gone_back (ValiseSnapshotsWindow *self, ValiseJob *job)
{
  g_autofree char *taken = valise_snapshot_job_dup_taken (job);
  const ValiseSnapshot *snapshot = valise_snapshots_find (self->snapshots, self->back_id, NULL);
  g_autofree char *name = snapshot != NULL ? valise_text_for_display (snapshot->name, 120) : g_strdup ("");
  g_autofree char *words =
      g_strdup_printf (_ ("“%s” is what it was at “%s”."), valise_machine_get_name (self->machine), name);
  WayBack *back;

  if (taken == NULL)
    {
      valise_notice_bar_say (self->notices, GTK_MESSAGE_INFO, words);
      return;
    }
  back = g_new0 (WayBack, 1);
  back->window = self;
  back->id = g_steal_pointer (&taken);
  valise_notice_bar_offer (self->notices, GTK_MESSAGE_INFO, words, _ ("_Undo"), undo_going_back, back, way_back_free);
}

static void
ask_about_memory (ValiseSnapshotsWindow *self, const GError *error)
{
  gtk_label_set_text (self->ask_label, error->message);
  /* Memory of another machine is not taken however much it is trusted. */
  gtk_widget_set_visible (self->trust_button, !(self->back_flags & VALISE_REVERT_TRUST_MEMORY));
  gtk_info_bar_set_revealed (self->ask_bar, TRUE);
}

static void
say_failed (ValiseSnapshotsWindow *self, ValiseJob *job, Task task)
{
  const GError *error = valise_job_get_error (job);

  if (task == GOES_BACK && g_error_matches (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK))
    ask_about_memory (self, error);
  else
    valise_notice_bar_say_error (self->notices, NULL, error);
}

static void
take_in_end (ValiseSnapshotsWindow *self, ValiseJob *job, Task task)
{
  g_autofree char *notice = valise_machine_take_notice (self->machine);

  if (notice != NULL)
    valise_notice_bar_say (self->notices, GTK_MESSAGE_WARNING, notice);
  if (valise_job_get_state (job) != VALISE_JOB_DONE)
    say_failed (self, job, task);
  else if (task == GOES_BACK)
    say_gone_back (self, job);
  else if (task == TAKES)
    {
      g_free (self->wanted);
      self->wanted = valise_snapshot_job_dup_taken (job);
    }
  if (task == GOES_BACK || task == RETURNS)
    valise_thumbnails_forget (valise_thumbnails_get_default (), valise_machine_get_path (self->machine));
  if (task == DELETES)
    g_hash_table_remove (self->gone, g_object_get_data (G_OBJECT (job), ABOUT));
}

static void
remove_child (GtkWidget *child, gpointer unused)
{
  gtk_widget_destroy (child);
}

static void
remove_job_row (GtkWidget *row, gpointer job)
{
  if (g_object_get_data (G_OBJECT (row), TASK) == job)
    gtk_widget_destroy (row);
}

/* Where it failed, it is said here, and not once more in the list of jobs. */
static void
on_job_state_cb (ValiseSnapshotsWindow *self, GParamSpec *pspec, ValiseJob *job)
{
  ValiseJobState state = valise_job_get_state (job);

  if (state == VALISE_JOB_WAITING || state == VALISE_JOB_RUNNING)
    return;
  g_signal_handlers_disconnect_by_func (job, on_job_state_cb, self);
  gtk_container_foreach (GTK_CONTAINER (self->job_list), remove_job_row, job);
  gtk_widget_set_visible (GTK_WIDGET (self->job_list), gtk_list_box_get_row_at_index (self->job_list, 0) != NULL);
  take_in_end (self, job, GPOINTER_TO_INT (g_object_get_data (G_OBJECT (job), TASK)));
  valise_library_dismiss_job (self->library, job);
  valise_library_refresh (self->library, valise_machine_get_path (self->machine));
  if (job == self->job)
    g_clear_object (&self->job);
  update_busy (self);
  refresh (self);
}

/* Takes over @job. */
static void
start_job (ValiseSnapshotsWindow *self, ValiseJob *job, Task task)
{
  GtkWidget *row = valise_job_row_new (self->library, job);

  g_object_set_data (G_OBJECT (job), TASK, GINT_TO_POINTER (task));
  g_object_set_data (G_OBJECT (row), TASK, job);
  gtk_container_add (GTK_CONTAINER (self->job_list), row);
  gtk_widget_show (row);
  gtk_widget_show (GTK_WIDGET (self->job_list));
  g_signal_connect_object (job, "notify::state", G_CALLBACK (on_job_state_cb), self, G_CONNECT_SWAPPED);
  if (task != DELETES)
    {
      gtk_info_bar_set_revealed (self->ask_bar, FALSE);
      g_set_object (&self->job, job);
    }
  update_busy (self);
  valise_library_run_job (self->library, job);
  g_object_unref (job);
}

/* --- deleting --- */

static void show_list (ValiseSnapshotsWindow *self);

static void
want_back (gpointer data)
{
  Deletion *deletion = data;

  deletion->wanted_back = TRUE;
}

static void
delete_for_good (Deletion *deletion)
{
  ValiseSnapshotsWindow *self = deletion->window;
  ValiseJob *job = valise_snapshot_delete_job_new (deletion->machine, deletion->id);

  if (self != NULL && !gtk_widget_in_destruction (GTK_WIDGET (self)))
    {
      g_object_set_data_full (G_OBJECT (job), ABOUT, g_strdup (deletion->id), g_free);
      start_job (self, job, DELETES);
      return;
    }
  valise_library_run_job (deletion->library, job);
  g_object_unref (job);
}

/* The notice is gone. When all of the program goes, the snapshot stays. */
static void
deletion_is_settled (gpointer data)
{
  Deletion *deletion = data;
  ValiseSnapshotsWindow *self = deletion->window;
  gboolean ends = deletion->parent == NULL || gtk_widget_in_destruction (deletion->parent);

  if (!deletion->wanted_back && !ends)
    delete_for_good (deletion);
  else if (self != NULL && !gtk_widget_in_destruction (GTK_WIDGET (self)))
    {
      g_hash_table_remove (self->gone, deletion->id);
      show_list (self);
    }
  deletion_free (deletion);
}

/* What was deleted before is so for good. */
static void
settle_deletion (ValiseSnapshotsWindow *self)
{
  valise_notice_bar_withdraw (self->notices, want_back, NULL);
}

static void
on_delete_cb (ValiseSnapshotsWindow *self, ValiseSnapshotRow *row)
{
  g_autofree char *words = g_strdup_printf (_ ("“%s” is deleted."), valise_snapshot_row_get_name (row));
  Deletion *deletion = g_new0 (Deletion, 1);

  g_set_weak_pointer (&deletion->window, self);
  g_set_weak_pointer (&deletion->parent, GTK_WIDGET (gtk_window_get_transient_for (GTK_WINDOW (self))));
  deletion->library = g_object_ref (self->library);
  deletion->machine = g_object_ref (self->machine);
  deletion->id = g_strdup (valise_snapshot_row_get_id (row));
  g_hash_table_add (self->gone, g_strdup (deletion->id));
  settle_deletion (self);
  show_list (self);
  valise_notice_bar_offer (self->notices, GTK_MESSAGE_INFO, words, _ ("_Undo"), want_back, deletion,
                           deletion_is_settled);
}

/* --- going back --- */

static void
go_back (ValiseSnapshotsWindow *self)
{
  const ValiseSnapshot *snapshot = valise_snapshots_find (self->snapshots, self->back_id, NULL);
  g_autofree char *keep =
      self->back_keep && snapshot != NULL ? g_strdup_printf (_ ("Before going back to %s"), snapshot->name) : NULL;

  settle_deletion (self);
  if (self->job == NULL)
    start_job (self,
               valise_snapshot_revert_job_new (self->machine, self->back_id, self->back_flags, keep, self->back_stop),
               GOES_BACK);
}

static void
on_go_back_cb (ValiseSnapshotsWindow *self, gboolean keep, gboolean stop, ValiseSnapshotRow *row)
{
  g_free (self->back_id);
  self->back_id = g_strdup (valise_snapshot_row_get_id (row));
  self->back_flags = VALISE_REVERT_DEFAULT;
  self->back_keep = keep;
  self->back_stop = stop;
  go_back (self);
}

static void
on_ask_response_cb (ValiseSnapshotsWindow *self, int response)
{
  gtk_info_bar_set_revealed (self->ask_bar, FALSE);
  if (response == GTK_RESPONSE_NO)
    self->back_flags |= VALISE_REVERT_WITHOUT_MEMORY;
  else if (response == GTK_RESPONSE_YES)
    self->back_flags |= VALISE_REVERT_TRUST_MEMORY;
  else
    return;
  go_back (self);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseSnapshotsWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!valise_machine_do_finish (VALISE_MACHINE (source), result, &error) && self->list != NULL)
    valise_notice_bar_say_error (self->notices, NULL, error);
}

static void
on_shut_down_cb (ValiseSnapshotsWindow *self)
{
  valise_machine_do_async (self->machine, VALISE_VERB_SHUTDOWN, self->cancellable, asked_cb, g_object_ref (self));
}

/* --- names and notes --- */

/* @data: id, name and note */
static void
describe_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  char **texts = data;
  g_autoptr (GError) error = NULL;

  if (valise_machine_describe_snapshot (VALISE_SNAPSHOTS_WINDOW (source)->machine, texts[0], texts[1], texts[2],
                                        &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
described_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseSnapshotsWindow *self = VALISE_SNAPSHOTS_WINDOW (source);
  g_autoptr (GError) error = NULL;

  /* The window may have been closed meanwhile. */
  if (self->list == NULL)
    return;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    valise_notice_bar_say_error (self->notices, NULL, error);
  refresh (self);
}

/* Not cancelled with the window: what was typed is meant to be kept. */
static void
on_describe_cb (ValiseSnapshotsWindow *self, const char *name, const char *note, ValiseSnapshotRow *row)
{
  const char *const texts[] = { valise_snapshot_row_get_id (row), name, note, NULL };
  g_autoptr (GTask) task = g_task_new (self, NULL, described_cb, NULL);

  g_task_set_source_tag (task, on_describe_cb);
  g_task_set_task_data (task, g_strdupv ((char **) texts), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, describe_in_thread);
}

/* --- what is shown --- */

static void
add_row (ValiseSnapshotsWindow *self, const ValiseSnapshotNode *node)
{
  GtkWidget *row = valise_snapshot_row_new (self->machine, node);

  g_signal_connect_object (row, "go-back", G_CALLBACK (on_go_back_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "shut-down", G_CALLBACK (on_shut_down_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "delete", G_CALLBACK (on_delete_cb), self, G_CONNECT_SWAPPED);
  valise_snapshot_copies_follow (self->copies, VALISE_SNAPSHOT_ROW (row));
  g_signal_connect_object (row, "describe", G_CALLBACK (on_describe_cb), self, G_CONNECT_SWAPPED);
  gtk_container_add (GTK_CONTAINER (self->list), row);
}

static void
rebuild (ValiseSnapshotsWindow *self, GArray *nodes)
{
  ValiseSnapshotRow *selected = selected_row (self), *row;
  g_autofree char *id = selected != NULL ? g_strdup (valise_snapshot_row_get_id (selected)) : NULL;
  gboolean focused = gtk_container_get_focus_child (GTK_CONTAINER (self->list)) != NULL;

  gtk_container_foreach (GTK_CONTAINER (self->list), remove_child, NULL);
  for (guint i = 0; i < nodes->len; i++)
    add_row (self, &g_array_index (nodes, ValiseSnapshotNode, i));
  row = find_row (self, self->wanted != NULL ? self->wanted : id);
  row = row != NULL ? row : find_row (self, NULL);
  g_clear_pointer (&self->wanted, g_free);
  gtk_list_box_select_row (self->list, GTK_LIST_BOX_ROW (row));
  if (focused)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
show_list (ValiseSnapshotsWindow *self)
{
  g_autoptr (GPtrArray) shown = NULL;
  g_autoptr (GArray) nodes = NULL;

  if (self->snapshots == NULL)
    return;
  shown = valise_snapshot_graph_leave_out (self->snapshots, self->gone);
  nodes = valise_snapshot_graph_lay_out (shown);
  if (has_same_rows (self, nodes))
    for (guint i = 0; i < nodes->len; i++)
      valise_snapshot_row_show (row_at (self, (int) i), &g_array_index (nodes, ValiseSnapshotNode, i));
  else
    rebuild (self, nodes);
  gtk_stack_set_visible_child_name (self->stack, shown->len > 0 ? "list" : "empty");
  update_busy (self);
}

static void
list_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *snapshots = valise_machine_list_snapshots (VALISE_MACHINE (data), &error);

  if (snapshots != NULL)
    g_task_return_pointer (task, snapshots, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseSnapshotsWindow *self = VALISE_SNAPSHOTS_WINDOW (source);
  g_autoptr (GError) error = NULL;
  GPtrArray *snapshots = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  /* At first, what can be done with the newest is shown. */
  if (self->snapshots == NULL && snapshots != NULL && valise_snapshots_find_current (snapshots) != NULL)
    self->wanted = g_strdup (valise_snapshots_find_current (snapshots)->id);
  g_clear_pointer (&self->snapshots, g_ptr_array_unref);
  self->snapshots = snapshots;
  if (snapshots != NULL)
    {
      valise_snapshot_popover_set_count (self->take_popover, snapshots->len);
      show_list (self);
      return;
    }
  gtk_label_set_text (self->failure_label, error->message);
  gtk_stack_set_visible_child_name (self->stack, "failure");
}

/* While something is under way, what is half done is not looked at. */
static void
refresh (ValiseSnapshotsWindow *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->machine == NULL || self->job != NULL || g_cancellable_is_cancelled (self->cancellable))
    return;
  task = g_task_new (self, self->cancellable, listed_cb, NULL);
  g_task_set_source_tag (task, refresh);
  g_task_set_task_data (task, g_object_ref (self->machine), g_object_unref);
  g_task_run_in_thread (task, list_in_thread);
}

static gboolean
refresh_cb (gpointer data)
{
  ValiseSnapshotsWindow *self = data;

  self->refresh_id = 0;
  valise_schedule_bar_refresh (self->schedule_bar);
  refresh (self);
  return G_SOURCE_REMOVE;
}

static void
queue_refresh (ValiseSnapshotsWindow *self)
{
  if (self->refresh_id == 0)
    self->refresh_id = g_timeout_add (SETTLED_MS, refresh_cb, self);
}

/* --- callbacks --- */

static void
on_take_cb (ValiseSnapshotsWindow *self, const char *name, const char *note, gboolean memory)
{
  settle_deletion (self);
  if (self->job == NULL)
    start_job (self, valise_snapshot_take_job_new (self->machine, name, note, memory), TAKES);
}

static void
on_row_selected_cb (ValiseSnapshotsWindow *self, GtkListBoxRow *selected)
{
  ValiseSnapshotRow *row;

  for (int i = 0; (row = row_at (self, i)) != NULL; i++)
    valise_snapshot_row_set_open (row, GTK_LIST_BOX_ROW (row) == selected);
}

static void
on_row_activated_cb (ValiseSnapshotsWindow *self, GtkListBoxRow *row)
{
  GdkEvent *event = gtk_get_current_event ();

  gtk_list_box_select_row (self->list, row);
  /* A click opens it; Return wants what one comes here for. */
  if (event != NULL && event->type == GDK_KEY_PRESS)
    valise_snapshot_row_ask_to_go_back (VALISE_SNAPSHOT_ROW (row));
  g_clear_pointer (&event, gdk_event_free);
}

static void
on_machine_notify_cb (ValiseSnapshotsWindow *self)
{
  if (self->job == NULL)
    show_list (self);
}

static gboolean
on_list_key (ValiseSnapshotsWindow *self, GdkEventKey *event)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  ValiseSnapshotRow *row = VALISE_IS_SNAPSHOT_ROW (focus) ? VALISE_SNAPSHOT_ROW (focus) : NULL;

  if (row == NULL || valise_snapshot_row_get_id (row) == NULL)
    return GDK_EVENT_PROPAGATE;
  if (event->keyval == GDK_KEY_F2)
    {
      gtk_list_box_select_row (self->list, GTK_LIST_BOX_ROW (row));
      valise_snapshot_row_edit_name (row);
    }
  else if (event->keyval == GDK_KEY_Delete && self->job == NULL)
    on_delete_cb (self, row);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

static gboolean
valise_snapshots_window_key_press (GtkWidget *widget, GdkEventKey *event)
{
  ValiseSnapshotsWindow *self = VALISE_SNAPSHOTS_WINDOW (widget);
  gboolean control = (event->state & gtk_accelerator_get_default_mod_mask ()) == GDK_CONTROL_MASK;
  guint key = gdk_keyval_to_lower (event->keyval);

  if (control && key == GDK_KEY_w)
    gtk_window_close (GTK_WINDOW (self));
  else if (control && key == GDK_KEY_n && self->job == NULL)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->take_button), TRUE);
  else if (control && key == GDK_KEY_z && !GTK_IS_EDITABLE (gtk_window_get_focus (GTK_WINDOW (self))))
    valise_notice_bar_take_up (self->notices, want_back);
  else if (on_list_key (self, event) == GDK_EVENT_PROPAGATE)
    return GTK_WIDGET_CLASS (valise_snapshots_window_parent_class)->key_press_event (widget, event);
  return GDK_EVENT_STOP;
}

/* --- the window --- */

static void
on_schedule_failed_cb (ValiseSnapshotsWindow *self, const GError *error)
{
  valise_notice_bar_say_error (self->notices, NULL, error);
}

static void
valise_snapshots_window_dispose (GObject *object)
{
  ValiseSnapshotsWindow *self = VALISE_SNAPSHOTS_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->refresh_id, g_source_remove);
  for (gsize i = 0; i < G_N_ELEMENTS (self->monitors); i++)
    {
      if (self->monitors[i] != NULL)
        g_file_monitor_cancel (self->monitors[i]);
      g_clear_object (&self->monitors[i]);
    }
  if (self->machine != NULL)
    g_signal_handlers_disconnect_by_data (self->machine, self);
  G_OBJECT_CLASS (valise_snapshots_window_parent_class)->dispose (object);
}

static void
valise_snapshots_window_finalize (GObject *object)
{
  ValiseSnapshotsWindow *self = VALISE_SNAPSHOTS_WINDOW (object);

  g_clear_pointer (&self->snapshots, g_ptr_array_unref);
  g_clear_object (&self->job);
  g_clear_object (&self->machine);
  g_clear_object (&self->library);
  g_clear_object (&self->cancellable);
  g_hash_table_unref (self->gone);
  g_free (self->wanted);
  g_free (self->back_id);
  G_OBJECT_CLASS (valise_snapshots_window_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-snapshots-window.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotsWindow, ask_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotsWindow, ask_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotsWindow, copies);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotsWindow, failure_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotsWindow, header_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotsWindow, job_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotsWindow, list);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotsWindow, notices);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotsWindow, schedule_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotsWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotsWindow, take_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotsWindow, take_popover);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotsWindow, trust_button);
  gtk_widget_class_bind_template_callback (widget_class, on_ask_response_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_schedule_failed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_take_cb);
  gtk_widget_class_bind_template_callback (widget_class, refresh);
}

static void
valise_snapshots_window_class_init (ValiseSnapshotsWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = valise_snapshots_window_dispose;
  G_OBJECT_CLASS (class)->finalize = valise_snapshots_window_finalize;
  widget_class->key_press_event = valise_snapshots_window_key_press;
  g_type_ensure (VALISE_TYPE_NOTICE_BAR);
  g_type_ensure (VALISE_TYPE_SCHEDULE_BAR);
  g_type_ensure (VALISE_TYPE_SNAPSHOT_COPIES);
  g_type_ensure (VALISE_TYPE_SNAPSHOT_POPOVER);
  bind_template (widget_class);
}

static void
valise_snapshots_window_init (ValiseSnapshotsWindow *self)
{
  self->cancellable = g_cancellable_new ();
  self->gone = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* They may be changed by valisectl, or by themselves, while they are shown. */
static void
watch (ValiseSnapshotsWindow *self)
{
  static const char *const names[] = { "config.xml", "snapshots" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GFile) file = g_file_new_build_filename (valise_machine_get_path (self->machine), names[i], NULL);

      self->monitors[i] = g_file_monitor (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
      if (self->monitors[i] != NULL)
        g_signal_connect_object (self->monitors[i], "changed", G_CALLBACK (queue_refresh), self, G_CONNECT_SWAPPED);
    }
}

static ValiseSnapshotsWindow *
window_new (ValiseMachine *machine, ValiseLibrary *library, GtkWindow *parent)
{
  ValiseSnapshotsWindow *self =
      g_object_new (VALISE_TYPE_SNAPSHOTS_WINDOW, "transient-for", parent, "destroy-with-parent", TRUE, NULL);
  g_autofree char *shown = valise_text_for_display (valise_machine_get_name (machine), 60);
  g_autofree char *title = g_strdup_printf (_ ("%s: Snapshots"), shown);

  self->machine = g_object_ref (machine);
  self->library = g_object_ref (library);
  valise_machine_window_begin (GTK_WINDOW (self), self->header_bar, machine, title);
  g_signal_connect_object (machine, "notify", G_CALLBACK (on_machine_notify_cb), self, G_CONNECT_SWAPPED);
  watch (self);
  valise_schedule_bar_set_machine (self->schedule_bar, machine);
  valise_snapshot_copies_set_machine (self->copies, machine, library, self->notices);
  valise_snapshot_popover_set_machine (self->take_popover, machine);
  refresh (self);
  return self;
}

void
valise_snapshots_window_present (ValiseMachine *machine, ValiseLibrary *library, GtkWindow *parent)
{
  if (!valise_machine_window_present (VALISE_TYPE_SNAPSHOTS_WINDOW, machine))
    gtk_window_present (GTK_WINDOW (window_new (machine, library, parent)));
}
