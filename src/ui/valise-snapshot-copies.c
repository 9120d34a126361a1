/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-snapshot-copies.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "ui/valise-clone-dialog.h"
#include "ui/valise-export-dialog.h"
#include "ui/valise-export-notice.h"
#include "ui/valise-job-row.h"

#define JOB "valise-job"

struct _ValiseSnapshotCopies
{
  GtkListBox parent_instance;

  ValiseMachine *machine;
  ValiseLibrary *library;
  ValiseNoticeBar *notices; /* the window's */
};

G_DEFINE_FINAL_TYPE (ValiseSnapshotCopies, valise_snapshot_copies, GTK_TYPE_LIST_BOX)

/* --- under way --- */

static void
remove_row (GtkWidget *row, gpointer job)
{
  if (g_object_get_data (G_OBJECT (row), JOB) == job)
    gtk_widget_destroy (row);
}

/* Whether it is over. A job may tell its end more than once; where it failed, it is said here, and not once more in the
 * list of jobs. */
static gboolean
take_in_end (ValiseSnapshotCopies *self, ValiseJob *job, gpointer callback)
{
  ValiseJobState state = valise_job_get_state (job);

  if (state == VALISE_JOB_WAITING || state == VALISE_JOB_RUNNING)
    return FALSE;
  g_signal_handlers_disconnect_by_func (job, callback, self);
  gtk_container_foreach (GTK_CONTAINER (self), remove_row, job);
  gtk_widget_set_visible (GTK_WIDGET (self), gtk_list_box_get_row_at_index (GTK_LIST_BOX (self), 0) != NULL);
  if (state != VALISE_JOB_DONE)
    valise_notice_bar_say_error (self->notices, NULL, valise_job_get_error (job));
  valise_library_dismiss_job (self->library, job);
  return TRUE;
}

static void
start (ValiseSnapshotCopies *self, ValiseJob *job, GCallback callback)
{
  GtkWidget *row = valise_job_row_new (self->library, job);

  g_object_set_data (G_OBJECT (row), JOB, job);
  gtk_container_add (GTK_CONTAINER (self), row);
  gtk_widget_show (row);
  gtk_widget_show (GTK_WIDGET (self));
  g_signal_connect_object (job, "notify::state", callback, self, G_CONNECT_SWAPPED);
  valise_library_run_job (self->library, job);
}

/* --- clones --- */

static void
on_clone_state_cb (ValiseSnapshotCopies *self, GParamSpec *pspec, ValiseJob *job)
{
  g_autofree char *path = NULL, *name = NULL, *text = NULL;
  g_autoptr (ValiseMachine) clone = NULL;
  g_autoptr (GError) error = NULL;

  if (!take_in_end (self, job, on_clone_state_cb) || valise_job_get_state (job) != VALISE_JOB_DONE)
    return;
  path = valise_job_dup_result_path (job);
  clone = path != NULL ? valise_library_open (self->library, path, &error) : NULL;
  if (clone == NULL)
    {
      valise_notice_bar_say_error (self->notices, path, error);
      return;
    }
  name = valise_text_for_display (valise_machine_get_name (clone), 120);
  text = g_strdup_printf (_ ("“%s” is there, in the list of machines."), name);
  valise_notice_bar_say (self->notices, GTK_MESSAGE_INFO, text);
}

static void
on_cloned_cb (ValiseSnapshotCopies *self, ValiseJob *job)
{
  start (self, job, G_CALLBACK (on_clone_state_cb));
}

/* What the dialogs are told of it. */
static ValiseSnapshot
snapshot_of (ValiseSnapshotRow *row)
{
  return (ValiseSnapshot){ .id = (char *) valise_snapshot_row_get_id (row),
                           .name = (char *) valise_snapshot_row_get_name (row) };
}

static GtkWindow *
window_of (ValiseSnapshotCopies *self)
{
  return GTK_WINDOW (gtk_widget_get_toplevel (GTK_WIDGET (self)));
}

static void
on_clone_cb (ValiseSnapshotCopies *self, ValiseSnapshotRow *row)
{
  const ValiseSnapshot snapshot = snapshot_of (row);
  GtkWidget *dialog = valise_clone_dialog_new (self->machine, &snapshot, self->library, window_of (self));

  g_signal_connect_object (dialog, "cloned", G_CALLBACK (on_cloned_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- exports --- */

static void
on_export_state_cb (ValiseSnapshotCopies *self, GParamSpec *pspec, ValiseJob *job)
{
  if (take_in_end (self, job, on_export_state_cb) && valise_job_get_state (job) == VALISE_JOB_DONE)
    valise_export_notice_say (self->notices, job);
}

static void
on_exported_cb (ValiseSnapshotCopies *self, ValiseJob *job)
{
  start (self, job, G_CALLBACK (on_export_state_cb));
}

static void
on_export_cb (ValiseSnapshotCopies *self, ValiseSnapshotRow *row)
{
  const ValiseSnapshot snapshot = snapshot_of (row);
  g_autoptr (GPtrArray) machines = g_ptr_array_new ();
  GtkWidget *dialog;

  g_ptr_array_add (machines, self->machine);
  dialog = valise_export_dialog_new (machines, &snapshot, window_of (self));
  g_signal_connect_object (dialog, "exported", G_CALLBACK (on_exported_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- the widget --- */

static void
valise_snapshot_copies_finalize (GObject *object)
{
  ValiseSnapshotCopies *self = VALISE_SNAPSHOT_COPIES (object);

  g_clear_object (&self->machine);
  g_clear_object (&self->library);
  G_OBJECT_CLASS (valise_snapshot_copies_parent_class)->finalize (object);
}

static void
valise_snapshot_copies_class_init (ValiseSnapshotCopiesClass *class)
{
  G_OBJECT_CLASS (class)->finalize = valise_snapshot_copies_finalize;
}

static void
valise_snapshot_copies_init (ValiseSnapshotCopies *self)
{
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self), GTK_SELECTION_NONE);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), _ ("Copies under way"));
}

void
valise_snapshot_copies_set_machine (ValiseSnapshotCopies *self,
                                    ValiseMachine *machine,
                                    ValiseLibrary *library,
                                    ValiseNoticeBar *notices)
{
  g_return_if_fail (VALISE_IS_SNAPSHOT_COPIES (self) && self->machine == NULL);

  self->machine = g_object_ref (machine);
  self->library = g_object_ref (library);
  self->notices = notices;
}

void
valise_snapshot_copies_follow (ValiseSnapshotCopies *self, ValiseSnapshotRow *row)
{
  g_return_if_fail (VALISE_IS_SNAPSHOT_COPIES (self) && VALISE_IS_SNAPSHOT_ROW (row));

  g_signal_connect_object (row, "clone", G_CALLBACK (on_clone_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "export", G_CALLBACK (on_export_cb), self, G_CONNECT_SWAPPED);
}
