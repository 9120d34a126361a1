/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "bundle/valise-archive.h"
#include "engine/valise-export.h"
#include "ui/valise-file-dialog.h"

/* @several: takes more than one machine */
static const struct
{
  const char *name;
  const char *suffix;
  gboolean several;
} kinds[] = {
  { N_ ("One file to hand on (.vmbundle.tar.zst)"), VALISE_BUNDLE_ARCHIVE_SUFFIX },
  { N_ ("Folder that runs where it lies (.vmbundle)"), VALISE_BUNDLE_SUFFIX },
  { N_ ("For VirtualBox and VMware, one file (.ova)"), ".ova", TRUE },
  { N_ ("For VirtualBox and VMware, a folder (.ovf)"), ".ovf", TRUE },
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
/* And which of several. */
#define CHOICE_MACS "macs"
#define CHOICE_DISK "disk"

#define MACHINES "valise-machines"

/* In the order of #ValiseShareMacs. */
static const char *const mac_ids[] = { "keep", "new", "strip", NULL };

/* --- the work --- */

/* What is true of several machines is said once. */
static void
append_findings (GString *text, GPtrArray *findings)
{
  g_autoptr (GHashTable) said = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = findings->pdata[i];

      if (!g_hash_table_add (said, finding->text))
        continue;
      g_string_append_printf (text, "\n%s", finding->text);
      if (finding->remedy != NULL)
        g_string_append_printf (text, " %s", finding->remedy);
    }
}

/* Where it lies, and what whoever gets it has to know. */
static void
say_exported (ValiseWindow *self, ValiseJob *job, const char *path)
{
  guint n = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (job), MACHINES));
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GPtrArray) findings = valise_export_job_get_report (job);
  g_autoptr (GString) text = g_string_new (NULL);
  GtkMessageType type = GTK_MESSAGE_INFO;

  if (n == 1)
    g_string_printf (text, _ ("The machine was exported to %s."), shown);
  else
    g_string_printf (text, ngettext ("%u machine was exported to %s.", "%u machines were exported to %s.", n), n,
                     shown);
  if (findings != NULL && valise_findings_worst (findings) > VALISE_SEVERITY_INFO)
    type = GTK_MESSAGE_WARNING;
  if (findings != NULL)
    append_findings (text, findings);
  _valise_window_offer_folder (self, type, text->str, path);
}

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
    say_exported (self, job, path);
}

/* Whatever lies there already, somebody has agreed to its end in the dialog. */
static void
export_to (ValiseWindow *self, GPtrArray *machines, const char *target, const ValiseExportChoice *choice)
{
  g_autoptr (ValiseJob) job = valise_export_machines_job_new (machines, target, choice);

  g_object_set_data (G_OBJECT (job), MACHINES, GUINT_TO_POINTER (machines->len));
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

/* (nullable): NULL for what was not asked */
static const char *
get_choice (GtkFileChooserNative *dialog, const char *id)
{
  return g_object_get_data (G_OBJECT (dialog), id) != NULL ? gtk_file_chooser_get_choice (GTK_FILE_CHOOSER (dialog), id)
                                                           : NULL;
}

/* What was not asked goes along. */
static gboolean
is_chosen (GtkFileChooserNative *dialog, const char *id)
{
  return g_strcmp0 (get_choice (dialog, id), "false") != 0;
}

static ValiseShareMacs
get_macs (GtkFileChooserNative *dialog)
{
  const char *chosen = get_choice (dialog, CHOICE_MACS);

  for (guint i = 0; chosen != NULL && mac_ids[i] != NULL; i++)
    if (g_str_equal (mac_ids[i], chosen))
      return (ValiseShareMacs) i;
  return VALISE_SHARE_MACS_KEEP;
}

static void
on_export_response_cb (GtkFileChooserNative *dialog, int response, ValiseWindow *self)
{
  GPtrArray *machines = g_object_get_data (G_OBJECT (dialog), MACHINES);
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
  choice.macs = get_macs (dialog);
  choice.disk = get_choice (dialog, CHOICE_DISK);
  choice.replaces = g_file_test (target, G_FILE_TEST_IS_REGULAR);
  export_to (self, machines, target, &choice);
}

/* The first one of @ids is chosen. */
static void
add_options (GtkFileChooserNative *dialog,
             const char *id,
             const char *label,
             const char *const *ids,
             const char *const *labels)
{
  gtk_file_chooser_add_choice (GTK_FILE_CHOOSER (dialog), id, label, (const char **) ids, (const char **) labels);
  gtk_file_chooser_set_choice (GTK_FILE_CHOOSER (dialog), id, ids != NULL ? ids[0] : "true");
  g_object_set_data (G_OBJECT (dialog), id, dialog);
}

static void
add_choice (GtkFileChooserNative *dialog, const char *id, const char *label)
{
  add_options (dialog, id, label, NULL, NULL);
}

static gboolean
has_snapshots (ValiseMachine *machine)
{
  g_autofree char *snapshots = g_build_filename (valise_machine_get_path (machine), "snapshots", NULL);

  return g_file_test (snapshots, G_FILE_TEST_IS_DIR);
}

static gboolean
is_suspended (ValiseMachine *machine)
{
  return valise_machine_get_state (machine) == VALISE_MACHINE_SUSPENDED;
}

static gboolean
has_element (ValiseMachine *machine, const char *path)
{
  ValiseDocument *document = valise_machine_get_document (machine);

  return document != NULL && valise_document_has (document, path);
}

static gboolean
has_chip (ValiseMachine *machine)
{
  return has_element (machine, "devices/tpm");
}

static gboolean
has_card (ValiseMachine *machine)
{
  return has_element (machine, "devices/interface");
}

static gboolean
any (GPtrArray *machines, gboolean (*is) (ValiseMachine *machine))
{
  for (guint i = 0; i < machines->len; i++)
    if (is (machines->pdata[i]))
      return TRUE;
  return FALSE;
}

/* Which disk becomes the file, where one disk is exported. */
static void
add_disks (GtkFileChooserNative *dialog, ValiseMachine *machine)
{
  ValiseDocument *document = valise_machine_get_document (machine);
  guint n = document != NULL ? valise_document_count (document, "devices/disk") : 0;
  g_autoptr (GPtrArray) targets = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 1; i <= n; i++)
    {
      g_autofree char *device = valise_document_get_device (document, "disk", i, "@device");
      g_autofree char *file = valise_document_get_device (document, "disk", i, "source/@file");
      char *target = valise_document_get_device (document, "disk", i, "target/@dev");

      if (target != NULL && file != NULL && (device == NULL || g_str_equal (device, "disk")))
        g_ptr_array_add (targets, target);
      else
        g_free (target);
    }
  if (targets->len < 2)
    return;
  g_ptr_array_add (targets, NULL);
  add_options (dialog, CHOICE_DISK, _ ("The one disk:"), (const char *const *) targets->pdata,
               (const char *const *) targets->pdata);
}

/* Kept for a machine that takes this one's place, new for one beside it, none for whoever brings it in to choose. */
static void
add_macs (GtkFileChooserNative *dialog)
{
  const char *const labels[] = { C_ ("network addresses", "Kept"), C_ ("network addresses", "New"),
                                 C_ ("network addresses", "None"), NULL };

  add_options (dialog, CHOICE_MACS, _ ("Network addresses:"), mac_ids, labels);
}

/* Only what a machine has is asked about. */
static void
add_choices (GtkFileChooserNative *dialog, GPtrArray *machines)
{
  add_choice (dialog, CHOICE_SECRETS, _ ("With what tells about me (notes, addresses, paths, pictures)"));
  if (machines->len == 1 && any (machines, has_snapshots))
    add_choice (dialog, CHOICE_SNAPSHOTS, _ ("With its snapshots"));
  if (any (machines, is_suspended))
    add_choice (dialog, CHOICE_MEMORY, _ ("With its suspended memory"));
  if (any (machines, has_chip))
    add_choice (dialog, CHOICE_TPM, _ ("With the keys in its security chip: whoever has the copy can use them"));
  if (any (machines, has_card))
    add_macs (dialog);
  if (machines->len == 1)
    add_disks (dialog, machines->pdata[0]);
}

/* Returns: the first one's suffix (transfer none) */
static const char *
add_kinds (GtkFileChooserNative *dialog, gboolean several)
{
  const char *first = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *pattern = g_strconcat ("*", kinds[i].suffix, NULL);
      GtkFileFilter *kind;

      if (several && !kinds[i].several)
        continue;
      kind = valise_file_dialog_add_kind (dialog, _ (kinds[i].name), pattern);
      g_object_set_data (G_OBJECT (kind), "valise-suffix", (gpointer) kinds[i].suffix);
      if (first == NULL)
        first = kinds[i].suffix;
    }
  return first;
}

static gpointer
ref_machine (gconstpointer machine, gpointer unused)
{
  return g_object_ref ((gpointer) machine);
}

static void
on_export_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  gboolean several = self->selected->len > 1;
  GtkFileChooserNative *dialog;
  g_autofree char *stem = NULL;
  g_autofree char *name = NULL;

  if (self->selected->len == 0)
    return;
  dialog = valise_file_dialog_new (several ? _ ("Export the Machines") : _ ("Export the Machine"), GTK_WINDOW (self),
                                   GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Export"));
  stem = valise_path_name_from_label (valise_machine_get_name (self->selected->pdata[0]));
  name = g_strconcat (stem, add_kinds (dialog, several), NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (dialog), TRUE);
  add_choices (dialog, self->selected);
  g_object_set_data_full (G_OBJECT (dialog), MACHINES, g_ptr_array_copy (self->selected, ref_machine, NULL),
                          (GDestroyNotify) g_ptr_array_unref);
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
