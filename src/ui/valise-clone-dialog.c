/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-clone-dialog.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-snapshot.h"
#include "engine/valise-clone-job.h"
#include "engine/valise-machine-snapshots.h"
#include "engine/valise-machine-template.h"
#include "ui/valise-style.h"

#define NOW "now"

struct _ValiseCloneDialog
{
  GtkDialog parent_instance;

  GtkEntry *name_entry;
  GtkFileChooser *folder_button;
  GtkComboBoxText *moment_combo;
  GtkToggleButton *linked_radio;
  GtkToggleButton *macs_check;
  GtkToggleButton *keys_check;
  GtkListBox *disk_list;
  GtkLabel *size_label;

  ValiseMachine *machine;
  GHashTable *choices; /* (element-type utf8 GtkComboBoxText): by target */
  GCancellable *looking;
  char *chosen;         /* (nullable): id of the snapshot that it was opened for */
  gboolean has_moments; /* all of them are listed */
  gboolean lists_disks; /* those that are listed are of another moment, or there are none yet */
  gboolean filling;
};

enum
{
  CLONED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseCloneDialog, valise_clone_dialog, GTK_TYPE_DIALOG)

/* --- what is chosen --- */

/* (nullable) */
static const char *
chosen_snapshot (ValiseCloneDialog *self)
{
  const char *id = gtk_combo_box_get_active_id (GTK_COMBO_BOX (self->moment_combo));

  return g_strcmp0 (id, NOW) == 0 ? NULL : id;
}

static GHashTable *
chosen_disks (ValiseCloneDialog *self)
{
  GHashTable *disks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer target, combo;

  if (self->lists_disks)
    return disks;
  g_hash_table_iter_init (&iter, self->choices);
  while (g_hash_table_iter_next (&iter, &target, &combo))
    g_hash_table_insert (disks, g_strdup (target), GINT_TO_POINTER (gtk_combo_box_get_active (combo)));
  return disks;
}

/* --- what is on the disk is looked at in a thread --- */

typedef struct
{
  ValiseMachine *machine;
  char *snapshot;
  GHashTable *disks;
  gboolean linked, lists_disks;
  GPtrArray *snapshots;
  ValiseDocument *document;
  guint64 bytes;
  GError *refusal; /* why it cannot be cloned like that */
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_object_unref (look->machine);
  g_free (look->snapshot);
  g_clear_pointer (&look->disks, g_hash_table_unref);
  g_clear_pointer (&look->snapshots, g_ptr_array_unref);
  g_clear_pointer (&look->document, valise_document_unref);
  g_clear_error (&look->refusal);
  g_free (look);
}

static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Look *look = data;
  GError *error = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (valise_machine_get_path (look->machine), &error);
  ValiseCloneChoice choice = { .linked = look->linked, .snapshot = look->snapshot, .disks = look->disks };

  if (bundle != NULL)
    look->snapshots = valise_snapshots_list (bundle, &error);
  if (look->snapshots != NULL)
    look->document = look->snapshot != NULL ? valise_snapshot_read_document (bundle, look->snapshot, &error)
                                            : valise_document_copy (valise_bundle_get_document (bundle));
  if (look->document == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  valise_clone_estimate (bundle, &choice, &look->bytes, &look->refusal);
  g_task_return_boolean (task, TRUE);
}

static void look_again (ValiseCloneDialog *self, gboolean lists_disks);

static void
on_disk_changed_cb (ValiseCloneDialog *self)
{
  if (!self->filling)
    look_again (self, FALSE);
}

/* --- the disks --- */

static GtkWidget *
make_row (const char *target, const char *words, GtkWidget *combo)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (words);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_tooltip_text (label, words);
  g_object_set (box, "margin", 6, NULL);
  gtk_container_add (GTK_CONTAINER (box), label);
  gtk_container_add (GTK_CONTAINER (box), combo);
  gtk_container_add (GTK_CONTAINER (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_can_focus (row, FALSE);
  gtk_widget_show_all (row);
  return row;
}

static void
add_disk (ValiseCloneDialog *self, ValiseDocument *document, guint number)
{
  g_autofree char *target = valise_document_get_device (document, "disk", number, "target/@dev");
  g_autofree char *file = valise_document_get_device (document, "disk", number, "source/@file");
  g_autofree char *words = NULL, *shown = NULL, *name = NULL;
  GtkWidget *combo;

  if (target == NULL)
    return;
  words = file != NULL ? g_strdup_printf ("%s  %s", target, file) : g_strdup (target);
  shown = valise_text_for_display (words, 120);
  combo = gtk_combo_box_text_new ();
  gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), _ ("Clone"));
  gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), _ ("Share"));
  gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), _ ("Leave Out"));
  gtk_combo_box_set_active (GTK_COMBO_BOX (combo), (int) valise_clone_default (document, number));
  /* Translators: a disk as the guest has it, "vda" */
  name = g_strdup_printf (_ ("What becomes of %s"), target);
  atk_object_set_name (gtk_widget_get_accessible (combo), name);
  g_signal_connect_object (combo, "changed", G_CALLBACK (on_disk_changed_cb), self, G_CONNECT_SWAPPED);
  gtk_container_add (GTK_CONTAINER (self->disk_list), make_row (target, shown, combo));
  g_hash_table_insert (self->choices, g_steal_pointer (&target), combo);
}

/* Nothing becomes of a drive without a disc: the clone has the same. */
static gboolean
is_empty_drive (ValiseDocument *document, guint number)
{
  g_autofree char *device = valise_document_get_device (document, "disk", number, "@device");
  g_autofree char *source = g_strdup_printf ("devices/disk[%u]/source", number);

  return (g_strcmp0 (device, "cdrom") == 0 || g_strcmp0 (device, "floppy") == 0)
         && !valise_document_has (document, source);
}

static void
show_disks (ValiseCloneDialog *self, ValiseDocument *document)
{
  g_autoptr (GList) rows = gtk_container_get_children (GTK_CONTAINER (self->disk_list));
  guint count = valise_document_count (document, "devices/disk");

  g_hash_table_remove_all (self->choices);
  for (GList *l = rows; l != NULL; l = l->next)
    gtk_widget_destroy (l->data);
  self->filling = TRUE;
  for (guint i = 1; i <= count; i++)
    if (!is_empty_drive (document, i))
      add_disk (self, document, i);
  self->filling = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self->disk_list), g_hash_table_size (self->choices) > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->keys_check), valise_document_has (document, "devices/tpm"));
  gtk_widget_set_visible (GTK_WIDGET (self->macs_check), valise_document_has (document, "devices/interface"));
}

static void
add_moment (ValiseCloneDialog *self, const ValiseSnapshot *snapshot)
{
  g_autofree char *name = valise_text_for_display (snapshot->name, 60);

  gtk_combo_box_text_append (self->moment_combo, snapshot->id, name);
}

/* "Now", and what it was opened for, are there from the beginning; the rest comes once. */
static void
show_moments (ValiseCloneDialog *self, GPtrArray *snapshots)
{
  for (guint i = 0; !self->has_moments && i < snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = snapshots->pdata[i];

      if (!snapshot->is_damaged && g_strcmp0 (snapshot->id, self->chosen) != 0)
        add_moment (self, snapshot);
    }
  self->has_moments = TRUE;
}

static void
show_size (ValiseCloneDialog *self, guint64 bytes)
{
  g_autofree char *size = valise_size_format (bytes);
  /* Translators: %s is a size like 4.2 GiB */
  g_autofree char *text =
      g_strdup_printf (_ ("It takes %s on the disk at most, less where the file system shares what is "
                          "the same."),
                       size);

  gtk_label_set_text (self->size_label, text);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  ValiseCloneDialog *self = VALISE_CLONE_DIALOG (source);
  Look *look = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        gtk_label_set_text (self->size_label, error->message);
      return;
    }
  show_moments (self, look->snapshots);
  if (look->lists_disks)
    {
      show_disks (self, look->document);
      self->lists_disks = FALSE;
    }
  if (look->refusal != NULL)
    gtk_label_set_text (self->size_label, look->refusal->message);
  else
    show_size (self, look->bytes);
}

static void
look_again (ValiseCloneDialog *self, gboolean lists_disks)
{
  Look *look = g_new0 (Look, 1);
  g_autoptr (GTask) task = NULL;

  g_cancellable_cancel (self->looking);
  g_clear_object (&self->looking);
  self->looking = g_cancellable_new ();
  /* One that is broken off here may have been to list them. */
  self->lists_disks = self->lists_disks || lists_disks;
  task = g_task_new (self, self->looking, looked_cb, NULL);
  look->machine = g_object_ref (self->machine);
  look->snapshot = g_strdup (chosen_snapshot (self));
  look->linked = gtk_toggle_button_get_active (self->linked_radio);
  look->lists_disks = self->lists_disks;
  look->disks = chosen_disks (self);
  g_task_set_source_tag (task, look_again);
  g_task_set_task_data (task, look, look_free);
  g_task_run_in_thread (task, look_thread);
}

/* --- callbacks --- */

static void
on_name_changed_cb (ValiseCloneDialog *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_entry_get_text (self->name_entry)));

  gtk_dialog_set_response_sensitive (GTK_DIALOG (self), GTK_RESPONSE_ACCEPT, *name != '\0');
}

static void
on_moment_changed_cb (ValiseCloneDialog *self)
{
  if (self->machine != NULL)
    look_again (self, TRUE);
}

static void
on_choice_changed_cb (ValiseCloneDialog *self)
{
  if (self->machine != NULL)
    look_again (self, FALSE);
}

static void
ask_for_clone (ValiseCloneDialog *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_entry_get_text (self->name_entry)));
  g_autofree char *directory = gtk_file_chooser_get_filename (self->folder_button);
  g_autofree char *beside = g_path_get_dirname (valise_machine_get_path (self->machine));
  g_autoptr (GHashTable) disks = chosen_disks (self);
  const ValiseCloneChoice choice = { .linked = gtk_toggle_button_get_active (self->linked_radio),
                                     .snapshot = chosen_snapshot (self),
                                     .keep_macs = gtk_toggle_button_get_active (self->macs_check),
                                     .keep_keys = gtk_toggle_button_get_active (self->keys_check),
                                     .disks = disks };
  g_autoptr (ValiseJob) job =
      valise_clone_job_new (self->machine, directory != NULL ? directory : beside, name, &choice);

  g_signal_emit (self, signals[CLONED], 0, job);
}

static void
on_response_cb (ValiseCloneDialog *self, int response, gpointer unused)
{
  if (response == GTK_RESPONSE_ACCEPT)
    ask_for_clone (self);
  gtk_widget_destroy (GTK_WIDGET (self));
}

/* --- overrides --- */

static void
valise_clone_dialog_dispose (GObject *object)
{
  ValiseCloneDialog *self = VALISE_CLONE_DIALOG (object);

  g_cancellable_cancel (self->looking);
  g_clear_object (&self->looking);
  g_clear_object (&self->machine);
  g_clear_pointer (&self->choices, g_hash_table_unref);
  g_clear_pointer (&self->chosen, g_free);
  G_OBJECT_CLASS (valise_clone_dialog_parent_class)->dispose (object);
}

static void
valise_clone_dialog_class_init (ValiseCloneDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = valise_clone_dialog_dispose;
  signals[CLONED] = g_signal_new ("cloned", VALISE_TYPE_CLONE_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, VALISE_TYPE_JOB);
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-clone-dialog.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseCloneDialog, disk_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseCloneDialog, folder_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseCloneDialog, keys_check);
  gtk_widget_class_bind_template_child (widget_class, ValiseCloneDialog, linked_radio);
  gtk_widget_class_bind_template_child (widget_class, ValiseCloneDialog, macs_check);
  gtk_widget_class_bind_template_child (widget_class, ValiseCloneDialog, moment_combo);
  gtk_widget_class_bind_template_child (widget_class, ValiseCloneDialog, name_entry);
  gtk_widget_class_bind_template_child (widget_class, ValiseCloneDialog, size_label);
  gtk_widget_class_bind_template_callback (widget_class, on_choice_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_moment_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_name_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_response_cb);
}

static void
valise_clone_dialog_init (ValiseCloneDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->choices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gtk_combo_box_text_append (self->moment_combo, NOW, _ ("As it is now"));
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (self->moment_combo), NOW);
}

static void
add_buttons (GtkDialog *dialog)
{
  GtkWidget *button;

  gtk_dialog_add_button (dialog, _ ("_Cancel"), GTK_RESPONSE_CANCEL);
  button = gtk_dialog_add_button (dialog, _ ("_Clone"), GTK_RESPONSE_ACCEPT);
  gtk_style_context_add_class (gtk_widget_get_style_context (button), GTK_STYLE_CLASS_SUGGESTED_ACTION);
  gtk_dialog_set_default_response (dialog, GTK_RESPONSE_ACCEPT);
}

static void
choose_snapshot (ValiseCloneDialog *self, const ValiseSnapshot *snapshot)
{
  self->chosen = g_strdup (snapshot->id);
  add_moment (self, snapshot);
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (self->moment_combo), snapshot->id);
}

/* @snapshot: (nullable) */
static char *
make_name (ValiseMachine *machine, const ValiseSnapshot *snapshot)
{
  if (snapshot != NULL)
    /* Translators: a proposed name: the machine, and the snapshot of it that is cloned. */
    return g_strdup_printf (_ ("%s, %s"), valise_machine_get_name (machine), snapshot->name);
  if (valise_machine_is_template (machine))
    return g_strdup ("");
  return g_strdup_printf (_ ("Clone of %s"), valise_machine_get_name (machine));
}

GtkWidget *
valise_clone_dialog_new (ValiseMachine *machine,
                         const ValiseSnapshot *snapshot,
                         ValiseLibrary *library,
                         GtkWindow *parent)
{
  gboolean is_template = valise_machine_is_template (machine);
  ValiseCloneDialog *self = g_object_new (VALISE_TYPE_CLONE_DIALOG, "transient-for", parent, "use-header-bar", 1,
                                          "title", is_template ? _ ("New from the Template") : _ ("Clone"), NULL);
  g_autofree char *name = make_name (machine, snapshot);

  add_buttons (GTK_DIALOG (self));
  gtk_file_chooser_set_current_folder (self->folder_button, valise_library_get_directory (library));
  gtk_toggle_button_set_active (self->linked_radio, is_template);
  gtk_entry_set_text (self->name_entry, name);
  on_name_changed_cb (self);
  gtk_editable_select_region (GTK_EDITABLE (self->name_entry), 0, -1);
  if (snapshot != NULL)
    choose_snapshot (self, snapshot);
  self->machine = g_object_ref (machine);
  look_again (self, TRUE);
  return GTK_WIDGET (self);
}
