/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-export-dialog.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "engine/valise-export.h"
#include "ui/valise-export-kinds.h"
#include "ui/valise-export-look.h"
#include "ui/valise-file-dialog.h"
#include "ui/valise-style.h"

/* What is typed is looked at when it rests. */
#define RESTS_MS 150

struct _ValiseExportDialog
{
  GtkDialog parent_instance;

  GtkComboBox *kind_combo;
  GtkEntry *name_entry;
  GtkFileChooser *folder_button;
  GtkToggleButton *secrets_check, *snapshots_check, *memory_check, *keys_check, *media_check;
  GtkWidget *macs_label, *disk_label;
  GtkComboBox *macs_combo, *disk_combo;
  GtkLabel *report_label, *place_label, *size_label;
  GtkWidget *export_button;

  GPtrArray *machines;
  char *snapshot;         /* (nullable) */
  ValiseDocument *moment; /* its settings, once they are read */
  GPtrArray *disks;       /* (element-type utf8): targets in the order of the choice */
  gboolean is_over;       /* a file, which whoever presses the button has been told of */
  gboolean is_filling;    /* by us, not by somebody */
  GCancellable *looking;
  guint look_id;
};

enum
{
  EXPORTED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseExportDialog, valise_export_dialog, GTK_TYPE_DIALOG)

/* --- what the machines have --- */

static gboolean
has_snapshots (ValiseMachine *machine)
{
  g_autofree char *path = g_build_filename (valise_machine_get_path (machine), "snapshots", NULL);

  return g_file_test (path, G_FILE_TEST_IS_DIR);
}

static gboolean
has_media (ValiseMachine *machine)
{
  g_autofree char *path = g_build_filename (valise_machine_get_path (machine), "media", NULL);
  g_autoptr (GDir) media = g_dir_open (path, 0, NULL);

  return media != NULL && g_dir_read_name (media) != NULL;
}

static gboolean
is_suspended (ValiseMachine *machine)
{
  return valise_machine_get_state (machine) == VALISE_MACHINE_SUSPENDED;
}

static gboolean
any (ValiseExportDialog *self, gboolean (*is) (ValiseMachine *machine))
{
  for (guint i = 0; i < self->machines->len; i++)
    if (is (self->machines->pdata[i]))
      return TRUE;
  return FALSE;
}

/* (transfer none) (nullable) */
static ValiseDocument *
settings_of (ValiseExportDialog *self, ValiseMachine *machine)
{
  return self->snapshot != NULL ? self->moment : valise_machine_get_document (machine);
}

static gboolean
any_has (ValiseExportDialog *self, const char *path)
{
  for (guint i = 0; i < self->machines->len; i++)
    {
      ValiseDocument *document = settings_of (self, self->machines->pdata[i]);

      if (document != NULL && valise_document_has (document, path))
        return TRUE;
    }
  return FALSE;
}

/* --- what is chosen --- */

static const ValiseExportFile *
chosen_kind (ValiseExportDialog *self)
{
  const char *suffix = gtk_combo_box_get_active_id (self->kind_combo);

  return valise_export_kinds_find (suffix != NULL ? suffix : "");
}

/* A whole path may be typed as well. */
static char *
dup_target (ValiseExportDialog *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_entry_get_text (self->name_entry)));
  g_autofree char *folder = gtk_file_chooser_get_filename (self->folder_button);
  const ValiseExportFile *kind = chosen_kind (self);
  g_autofree char *fitting = NULL;

  if (*name == '\0' || kind == NULL || (folder == NULL && !g_path_is_absolute (name)))
    return NULL;
  fitting = g_str_has_suffix (name, kind->suffix) ? g_strdup (name) : g_strconcat (name, kind->suffix, NULL);
  return g_path_is_absolute (fitting) ? g_steal_pointer (&fitting) : g_build_filename (folder, fitting, NULL);
}

/* What is not asked goes along. */
static gboolean
is_chosen (GtkToggleButton *check)
{
  return !gtk_widget_get_visible (GTK_WIDGET (check)) || gtk_toggle_button_get_active (check);
}

static const char *
chosen_disk (ValiseExportDialog *self)
{
  int active = gtk_combo_box_get_active (self->disk_combo);

  if (!gtk_widget_get_visible (GTK_WIDGET (self->disk_combo)) || active < 0 || (guint) active >= self->disks->len)
    return NULL;
  return self->disks->pdata[active];
}

static gboolean
is_for (const ValiseExportChoice *choice, ValiseExportKind kind)
{
  return choice->kind == kind;
}

static gboolean
is_ours (const ValiseExportChoice *choice)
{
  return is_for (choice, VALISE_EXPORT_BUNDLE) || is_for (choice, VALISE_EXPORT_ARCHIVE);
}

/* Its strings are the dialog's. */
static gboolean
read_choice (ValiseExportDialog *self, const char *target, ValiseExportChoice *choice)
{
  if (!valise_export_choose (choice, NULL, target))
    return FALSE;
  choice->share = !is_chosen (self->secrets_check);
  choice->snapshots = is_chosen (self->snapshots_check);
  choice->suspended = is_ours (choice) && is_chosen (self->memory_check);
  choice->tpm = is_chosen (self->keys_check);
  choice->media = is_chosen (self->media_check);
  choice->macs = (ValiseShareMacs) MAX (gtk_combo_box_get_active (self->macs_combo), 0);
  choice->disk = chosen_disk (self);
  choice->snapshot = self->snapshot;
  choice->replaces = self->is_over;
  return TRUE;
}

/* --- what is asked --- */

static void
show_asked (ValiseExportDialog *self)
{
  const ValiseExportFile *kind = chosen_kind (self);
  ValiseExportChoice choice = { 0 };
  gboolean ours, now = self->snapshot == NULL, chip = any_has (self, "devices/tpm");
  gboolean card = any_has (self, "devices/interface");
  gboolean memory = now && any (self, is_suspended);
  gboolean disk;

  if (kind == NULL || !valise_export_choose (&choice, NULL, kind->suffix))
    return;
  ours = is_ours (&choice);
  disk = is_for (&choice, VALISE_EXPORT_DISK);
  gtk_widget_set_visible (GTK_WIDGET (self->secrets_check), !disk);
  gtk_widget_set_visible (GTK_WIDGET (self->snapshots_check), ours && now && any (self, has_snapshots));
  gtk_widget_set_visible (GTK_WIDGET (self->memory_check), ours && memory);
  gtk_widget_set_visible (GTK_WIDGET (self->keys_check), ours && chip);
  gtk_widget_set_visible (GTK_WIDGET (self->media_check),
                          (ours || is_for (&choice, VALISE_EXPORT_UTM)) && any (self, has_media));
  gtk_widget_set_visible (GTK_WIDGET (self->macs_combo), !disk && card);
  gtk_widget_set_visible (self->macs_label, !disk && card);
  gtk_widget_set_visible (GTK_WIDGET (self->disk_combo), disk && self->disks->len > 1);
  gtk_widget_set_visible (self->disk_label, disk && self->disks->len > 1);
  /* They hold memory and keys of their own. */
  gtk_widget_set_sensitive (GTK_WIDGET (self->snapshots_check), is_chosen (self->secrets_check)
                                                                    && is_chosen (self->memory_check)
                                                                    && is_chosen (self->keys_check));
}

/* --- what is said beforehand --- */

static void
set_text (GtkLabel *label, const char *text, gboolean warns)
{
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (label));

  gtk_label_set_text (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), *text != '\0');
  if (warns)
    gtk_style_context_add_class (context, "valise-reason");
  else
    gtk_style_context_remove_class (context, "valise-reason");
}

static void
set_export (ValiseExportDialog *self, gboolean sensitive, gboolean replaces)
{
  GtkStyleContext *context = gtk_widget_get_style_context (self->export_button);

  self->is_over = replaces;
  gtk_button_set_label (GTK_BUTTON (self->export_button), replaces ? _ ("_Replace") : _ ("_Export"));
  gtk_style_context_remove_class (context,
                                  replaces ? GTK_STYLE_CLASS_SUGGESTED_ACTION : GTK_STYLE_CLASS_DESTRUCTIVE_ACTION);
  gtk_style_context_add_class (context,
                               replaces ? GTK_STYLE_CLASS_DESTRUCTIVE_ACTION : GTK_STYLE_CLASS_SUGGESTED_ACTION);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (self), GTK_RESPONSE_ACCEPT, sensitive);
}

static void
show_size (ValiseExportDialog *self, const ValiseExportLook *look)
{
  g_autofree char *size = valise_size_format (look->bytes);
  g_autofree char *room = valise_size_format (look->room);
  g_autofree char *available = valise_size_format (look->available);
  g_autofree char *text = NULL;
  gboolean short_of = look->bytes > 0 && look->is_available_known && look->available < look->room;

  if (look->bytes == 0)
    text = g_strdup ("");
  else if (short_of && look->room > look->bytes)
    text = g_strdup_printf (_ ("It takes about %s while it is written, and only %s are free in that folder."), room,
                            available);
  else if (short_of)
    text = g_strdup_printf (look->is_compressed ? _ ("At most about %s, and only %s are free in that folder.")
                                                : _ ("About %s, and only %s are free in that folder."),
                            size, available);
  else if (look->is_available_known)
    text = g_strdup_printf (look->is_compressed ? _ ("At most about %s. %s are free in that folder.")
                                                : _ ("About %s. %s are free in that folder."),
                            size, available);
  else
    text = g_strdup_printf (look->is_compressed ? _ ("At most about %s.") : _ ("About %s."), size);
  set_text (self->size_label, text, short_of);
}

static void
show_place (ValiseExportDialog *self, const ValiseExportLook *look)
{
  g_autofree char *base = g_path_get_basename (look->target);
  g_autofree char *name = valise_text_for_display (base, 120);
  g_autofree char *text = NULL;

  if (look->is_folder)
    text = g_strdup_printf (_ ("“%s” is there already. Choose another name."), name);
  else if (look->is_file)
    text = g_strdup_printf (_ ("“%s” is there already, and is replaced."), name);
  set_text (self->place_label, text != NULL ? text : "", TRUE);
}

/* What is true of several machines is said once. */
static char *
describe_report (GPtrArray *report)
{
  g_autoptr (GHashTable) said = g_hash_table_new (g_str_hash, g_str_equal);
  GString *words = g_string_new (NULL);

  for (guint i = 0; i < report->len; i++)
    {
      const ValiseFinding *finding = report->pdata[i];

      if (finding->severity < VALISE_SEVERITY_WARNING || !g_hash_table_add (said, finding->text))
        continue;
      g_string_append_printf (words, "%s%s%s%s", words->len > 0 ? "\n" : "", finding->text,
                              finding->remedy != NULL ? " " : "", finding->remedy != NULL ? finding->remedy : "");
    }
  return g_string_free (words, FALSE);
}

/* Which disk becomes the file, where one disk is exported. */
static void
add_disks (ValiseExportDialog *self)
{
  ValiseDocument *document = settings_of (self, self->machines->pdata[0]);
  guint n = document != NULL ? valise_document_count (document, "devices/disk") : 0;

  for (guint i = 1; i <= n; i++)
    {
      g_autofree char *device = valise_document_get_device (document, "disk", i, "@device");
      g_autofree char *file = valise_document_get_device (document, "disk", i, "source/@file");
      g_autofree char *target = valise_document_get_device (document, "disk", i, "target/@dev");

      if (target == NULL || file == NULL || (device != NULL && !g_str_equal (device, "disk")))
        continue;
      gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (self->disk_combo), target);
      g_ptr_array_add (self->disks, g_steal_pointer (&target));
    }
  gtk_combo_box_set_active (self->disk_combo, 0);
}

static void look_again (ValiseExportDialog *self);

/* What is asked is what was there then. */
static void
enter_moment (ValiseExportDialog *self, ValiseDocument *moment)
{
  self->moment = valise_document_ref (moment);
  self->is_filling = TRUE;
  add_disks (self);
  self->is_filling = FALSE;
  show_asked (self);
  look_again (self);
}

/* Of what cannot be looked at. */
static void
show_nothing (ValiseExportDialog *self, const char *reason)
{
  set_text (self->report_label, reason, TRUE);
  set_text (self->place_label, "", FALSE);
  set_text (self->size_label, "", FALSE);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  ValiseExportDialog *self = VALISE_EXPORT_DIALOG (source);
  g_autoptr (GError) error = NULL;
  const ValiseExportLook *look = valise_export_look_finish (result, &error);
  g_autofree char *words = NULL;
  gboolean refused;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (look == NULL)
    {
      show_nothing (self, error->message);
      return;
    }
  if (self->moment == NULL && look->moment != NULL)
    {
      enter_moment (self, look->moment);
      return;
    }
  words = describe_report (look->report);
  refused = valise_findings_worst (look->report) == VALISE_SEVERITY_ERROR;
  set_text (self->report_label, words, refused);
  show_place (self, look);
  show_size (self, look);
  set_export (self, !refused && !(look->is_folder), look->is_file);
}

static gboolean
look_cb (gpointer data)
{
  ValiseExportDialog *self = data;
  g_autofree char *target = dup_target (self);
  ValiseExportChoice choice;

  self->look_id = 0;
  g_clear_object (&self->looking);
  if (target == NULL || !read_choice (self, target, &choice))
    {
      show_nothing (self, "");
      return G_SOURCE_REMOVE;
    }
  self->looking = g_cancellable_new ();
  valise_export_look_async (self, self->machines, target, &choice, self->looking, looked_cb);
  return G_SOURCE_REMOVE;
}

/* Until that is known, nothing that lies there is replaced, and nothing is begun. */
static void
look_again (ValiseExportDialog *self)
{
  g_cancellable_cancel (self->looking);
  g_clear_handle_id (&self->look_id, g_source_remove);
  set_export (self, FALSE, FALSE);
  self->look_id = g_timeout_add (RESTS_MS, look_cb, self);
}

/* --- callbacks --- */

static void
on_changed_cb (ValiseExportDialog *self)
{
  if (self->is_filling || self->machines == NULL)
    return;
  show_asked (self);
  look_again (self);
}

static void
on_kind_changed_cb (ValiseExportDialog *self)
{
  const ValiseExportFile *kind = chosen_kind (self);
  g_autofree char *fitting = NULL;

  if (self->is_filling || kind == NULL)
    return;
  fitting = valise_export_kinds_fit (gtk_entry_get_text (self->name_entry), kind->suffix);
  self->is_filling = TRUE;
  gtk_entry_set_text (self->name_entry, fitting);
  self->is_filling = FALSE;
  on_changed_cb (self);
}

/* Somebody who types another ending means it. */
static void
on_name_changed_cb (ValiseExportDialog *self)
{
  const ValiseExportFile *typed = valise_export_kinds_find (gtk_entry_get_text (self->name_entry));

  if (self->is_filling)
    return;
  self->is_filling = TRUE;
  if (typed != NULL)
    gtk_combo_box_set_active_id (self->kind_combo, typed->suffix);
  self->is_filling = FALSE;
  on_changed_cb (self);
}

static void export(ValiseExportDialog *self)
{
  g_autofree char *target = dup_target (self);
  g_autofree char *folder = target != NULL ? g_path_get_dirname (target) : NULL;
  g_autoptr (ValiseJob) job = NULL;
  ValiseExportChoice choice;

  if (target == NULL || !read_choice (self, target, &choice))
    return;
  valise_file_dialog_remember (folder);
  job = valise_export_machines_job_new (self->machines, target, &choice);
  g_signal_emit (self, signals[EXPORTED], 0, job);
}

static void
on_response_cb (ValiseExportDialog *self, int response, gpointer unused)
{
  if (response == GTK_RESPONSE_ACCEPT)
    export(self);
  gtk_widget_destroy (GTK_WIDGET (self));
}

/* --- the dialog --- */

static void
valise_export_dialog_dispose (GObject *object)
{
  ValiseExportDialog *self = VALISE_EXPORT_DIALOG (object);

  g_cancellable_cancel (self->looking);
  g_clear_handle_id (&self->look_id, g_source_remove);
  g_clear_object (&self->looking);
  g_clear_pointer (&self->machines, g_ptr_array_unref);
  g_clear_pointer (&self->disks, g_ptr_array_unref);
  g_clear_pointer (&self->snapshot, g_free);
  g_clear_pointer (&self->moment, valise_document_unref);
  G_OBJECT_CLASS (valise_export_dialog_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-export-dialog.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, disk_combo);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, disk_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, folder_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, keys_check);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, kind_combo);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, macs_combo);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, macs_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, media_check);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, memory_check);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, name_entry);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, place_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, report_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, secrets_check);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, size_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseExportDialog, snapshots_check);
  gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_kind_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_name_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_response_cb);
}

static void
valise_export_dialog_class_init (ValiseExportDialogClass *class)
{
  G_OBJECT_CLASS (class)->dispose = valise_export_dialog_dispose;
  signals[EXPORTED] = g_signal_new ("exported", VALISE_TYPE_EXPORT_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, VALISE_TYPE_JOB);
  bind_template (GTK_WIDGET_CLASS (class));
}

/* What is to be chosen is longer than a narrow window. */
static void
shorten (GtkComboBox *combo)
{
  g_autoptr (GList) cells = gtk_cell_layout_get_cells (GTK_CELL_LAYOUT (combo));

  for (GList *l = cells; l != NULL; l = l->next)
    g_object_set (l->data, "ellipsize", PANGO_ELLIPSIZE_END, "width-chars", 16, NULL);
}

static void
valise_export_dialog_init (ValiseExportDialog *self)
{
  self->is_filling = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  shorten (self->kind_combo);
  gtk_dialog_add_button (GTK_DIALOG (self), _ ("_Cancel"), GTK_RESPONSE_CANCEL);
  self->export_button = gtk_dialog_add_button (GTK_DIALOG (self), _ ("_Export"), GTK_RESPONSE_ACCEPT);
  gtk_dialog_set_default_response (GTK_DIALOG (self), GTK_RESPONSE_ACCEPT);
}

/* --- new --- */

static void
add_kinds (ValiseExportDialog *self)
{
  const ValiseExportFile *kind;

  for (guint i = 0; (kind = valise_export_kinds_get (i)) != NULL; i++)
    if ((kind->several || self->machines->len == 1) && !(kind->settings && self->snapshot != NULL))
      gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (self->kind_combo), kind->suffix, _ (kind->name));
  gtk_combo_box_set_active (self->kind_combo, 0);
}

static void
add_macs (ValiseExportDialog *self)
{
  /* In the order of #ValiseShareMacs. */
  const char *const labels[] = { C_ ("network addresses", "Kept"), C_ ("network addresses", "New"),
                                 C_ ("network addresses", "None") };

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (self->macs_combo), labels[i]);
  gtk_combo_box_set_active (self->macs_combo, VALISE_SHARE_MACS_KEEP);
}

/* @snapshot: (nullable) */
static void
propose_name (ValiseExportDialog *self, const ValiseSnapshot *snapshot)
{
  const char *machine = valise_machine_get_name (self->machines->pdata[0]);
  g_autofree char *label =
      snapshot != NULL ? g_strdup_printf (_ ("%s, %s"), machine, snapshot->name) : g_strdup (machine);
  g_autofree char *stem = valise_path_name_from_label (label);
  g_autofree char *name = g_strconcat (stem, chosen_kind (self)->suffix, NULL);

  gtk_entry_set_text (self->name_entry, name);
  gtk_editable_select_region (GTK_EDITABLE (self->name_entry), 0, (int) g_utf8_strlen (stem, -1));
}

static gpointer
ref_machine (gconstpointer machine, gpointer unused)
{
  return g_object_ref ((gpointer) machine);
}

GtkWidget *
valise_export_dialog_new (GPtrArray *machines, const ValiseSnapshot *snapshot, GtkWindow *parent)
{
  ValiseExportDialog *self =
      g_object_new (VALISE_TYPE_EXPORT_DIALOG, "transient-for", parent, "use-header-bar", 1, "title",
                    snapshot != NULL     ? _ ("Export the Snapshot")
                    : machines->len == 1 ? _ ("Export the Machine")
                                         : _ ("Export the Machines"),
                    NULL);
  g_autofree char *folder = valise_file_dialog_dup_folder ();

  self->machines = g_ptr_array_copy (machines, ref_machine, NULL);
  g_ptr_array_set_free_func (self->machines, g_object_unref);
  self->disks = g_ptr_array_new_with_free_func (g_free);
  self->snapshot = snapshot != NULL ? g_strdup (snapshot->id) : NULL;
  gtk_file_chooser_set_current_folder (self->folder_button, folder);
  add_kinds (self);
  add_macs (self);
  if (machines->len == 1 && snapshot == NULL)
    add_disks (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->name_entry));
  propose_name (self, snapshot);
  self->is_filling = FALSE;
  on_changed_cb (self);
  return GTK_WIDGET (self);
}
