/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "bundle/valise-archive.h"
#include "engine/valise-export.h"
#include "ui/valise-file-dialog.h"

static const struct
{
  const char *name;
  const char *suffix;
} kinds[] = {
  { N_ ("One file to hand on (.vmbundle.tar.zst)"), VALISE_BUNDLE_ARCHIVE_SUFFIX },
  { N_ ("Folder that runs where it lies (.vmbundle)"), VALISE_BUNDLE_SUFFIX },
  { N_ ("For VirtualBox and VMware, one file (.ova)"), ".ova" },
  { N_ ("For VirtualBox and VMware, a folder (.ovf)"), ".ovf" },
  { N_ ("For UTM on a Mac (.utm)"), ".utm" },
  { N_ ("Settings for libvirt (.xml)"), ".xml" },
  { N_ ("Command that starts QEMU (.sh)"), ".sh" },
  { N_ ("One disk for QEMU (.qcow2)"), ".qcow2" },
  { N_ ("One disk, byte for byte (.img)"), ".img" },
  { N_ ("One disk for VMware (.vmdk)"), ".vmdk" },
  { N_ ("One disk for VirtualBox (.vdi)"), ".vdi" },
  { N_ ("One disk for Hyper-V (.vhdx)"), ".vhdx" },
};

/* What the dialog asks beside the name; "true" at the beginning. */
#define CHOICE_SECRETS "secrets"
#define CHOICE_SNAPSHOTS "snapshots"
#define CHOICE_MEMORY "memory"
#define CHOICE_TPM "tpm"

/* --- the work --- */

static void
on_export_state_cb (ValiseJob *job, GParamSpec *pspec, ValiseWindow *self)
{
  g_autofree char *path = NULL;

  if (valise_job_get_state (job) != VALISE_JOB_DONE || self->library == NULL)
    return;
  /* A job may tell its end more than once. */
  g_signal_handlers_disconnect_by_func (job, on_export_state_cb, self);
  path = valise_job_dup_result_path (job);
  if (path != NULL)
    _valise_window_offer_folder (self, path);
}

/* Whatever lies there already, somebody has agreed to its end in the dialog. */
static void
export_to (ValiseWindow *self, ValiseMachine *machine, const char *target, const ValiseExportChoice *choice)
{
  g_autoptr (GPtrArray) machines = g_ptr_array_new ();
  g_autoptr (ValiseJob) job = NULL;

  g_ptr_array_add (machines, machine);
  job = valise_export_machines_job_new (machines, target, choice);
  g_signal_connect_object (job, "notify::state", G_CALLBACK (on_export_state_cb), self, 0);
  valise_library_run_job (self->library, job);
}

/* --- where to --- */

static const char *
suffix_of_kind (GtkFileChooser *chooser)
{
  GtkFileFilter *kind = gtk_file_chooser_get_filter (chooser);
  const char *suffix = kind != NULL ? g_object_get_data (G_OBJECT (kind), "valise-suffix") : NULL;

  return suffix != NULL ? suffix : kinds[0].suffix;
}

/* "Box", "Box.vmbundle" and "Box.vmbundle.tar.zst" become the last one or the one before. */
static char *
with_suffix (const char *name, const char *suffix)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_suffix (name, kinds[i].suffix))
      {
        g_autofree char *stem = g_strndup (name, strlen (name) - strlen (kinds[i].suffix));

        return g_strconcat (stem, suffix, NULL);
      }
  return g_strconcat (name, suffix, NULL);
}

static void
on_kind_cb (GtkFileChooser *chooser)
{
  g_autofree char *name = gtk_file_chooser_get_current_name (chooser);
  g_autofree char *fitting = NULL;

  if (name == NULL || *name == '\0')
    return;
  fitting = with_suffix (name, suffix_of_kind (chooser));
  if (!g_str_equal (name, fitting))
    gtk_file_chooser_set_current_name (chooser, fitting);
}

/* GTK's native dialog keeps to itself that another kind was chosen, its own window does not. A portal tells it at the
 * end. */
static void
follow_kind (ValiseWindow *self)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next)
    if (GTK_IS_FILE_CHOOSER_DIALOG (l->data) && gtk_window_get_transient_for (l->data) == GTK_WINDOW (self)
        && gtk_widget_get_visible (l->data))
      g_signal_connect (l->data, "notify::filter", G_CALLBACK (on_kind_cb), NULL);
}

/* What was not asked goes along. */
static gboolean
is_chosen (GtkFileChooserNative *dialog, const char *id)
{
  return g_object_get_data (G_OBJECT (dialog), id) == NULL
         || g_strcmp0 (gtk_file_chooser_get_choice (GTK_FILE_CHOOSER (dialog), id), "false") != 0;
}

static void
on_export_response_cb (GtkFileChooserNative *dialog, int response, ValiseWindow *self)
{
  ValiseMachine *machine = g_object_get_data (G_OBJECT (dialog), "valise-machine");
  const char *suffix = suffix_of_kind (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = valise_file_dialog_take (dialog, response);
  g_autofree char *target = NULL;
  ValiseExportChoice choice;

  if (path == NULL || self->library == NULL)
    return;
  /* Somebody who types another ending means it. */
  target = valise_export_choose (&choice, NULL, path) ? g_strdup (path) : with_suffix (path, suffix);
  if (!valise_export_choose (&choice, NULL, target))
    return;
  choice.share = !is_chosen (dialog, CHOICE_SECRETS);
  choice.snapshots = is_chosen (dialog, CHOICE_SNAPSHOTS);
  choice.suspended = is_chosen (dialog, CHOICE_MEMORY);
  choice.tpm = is_chosen (dialog, CHOICE_TPM);
  choice.replaces = g_file_test (target, G_FILE_TEST_IS_REGULAR);
  export_to (self, machine, target, &choice);
}

static void
add_choice (GtkFileChooserNative *dialog, const char *id, const char *label)
{
  gtk_file_chooser_add_choice (GTK_FILE_CHOOSER (dialog), id, label, NULL, NULL);
  gtk_file_chooser_set_choice (GTK_FILE_CHOOSER (dialog), id, "true");
  g_object_set_data (G_OBJECT (dialog), id, dialog);
}

/* Only what the machine has is asked about. */
static void
add_choices (GtkFileChooserNative *dialog, ValiseMachine *machine)
{
  ValiseDocument *document = valise_machine_get_document (machine);
  g_autofree char *snapshots = g_build_filename (valise_machine_get_path (machine), "snapshots", NULL);

  add_choice (dialog, CHOICE_SECRETS, _ ("With what tells about me (notes, addresses, paths, pictures)"));
  if (g_file_test (snapshots, G_FILE_TEST_IS_DIR))
    add_choice (dialog, CHOICE_SNAPSHOTS, _ ("With its snapshots"));
  if (valise_machine_get_state (machine) == VALISE_MACHINE_SUSPENDED)
    add_choice (dialog, CHOICE_MEMORY, _ ("With its suspended memory"));
  if (document != NULL && valise_document_has (document, "devices/tpm"))
    add_choice (dialog, CHOICE_TPM, _ ("With the keys in its security chip: whoever has the copy can use them"));
}

static void
add_kinds (GtkFileChooserNative *dialog)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *pattern = g_strconcat ("*", kinds[i].suffix, NULL);
      GtkFileFilter *kind = valise_file_dialog_add_kind (dialog, _ (kinds[i].name), pattern);

      g_object_set_data (G_OBJECT (kind), "valise-suffix", (gpointer) kinds[i].suffix);
    }
}

static void
on_export_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = _valise_window_get_machine (self);
  GtkFileChooserNative *dialog;
  g_autofree char *stem = NULL;
  g_autofree char *name = NULL;

  if (machine == NULL)
    return;
  dialog =
      valise_file_dialog_new (_ ("Export the Machine"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Export"));
  stem = valise_path_name_from_label (valise_machine_get_name (machine));
  name = g_strconcat (stem, kinds[0].suffix, NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (dialog), TRUE);
  add_kinds (dialog);
  add_choices (dialog, machine);
  g_object_set_data_full (G_OBJECT (dialog), "valise-machine", g_object_ref (machine), g_object_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_export_response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
  follow_kind (self);
}

static const GActionEntry entries[] = {
  { .name = "export", .activate = on_export_cb },
};

void
_valise_window_add_export_actions (ValiseWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self->machine_actions), entries, G_N_ELEMENTS (entries), self);
}
