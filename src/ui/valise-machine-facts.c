/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-machine-facts.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-image-chain.h"
#include "engine/valise-machine-snapshots.h"
#include "model/valise-effective.h"
#include "model/valise-label.h"
#include "ui/valise-snapshot-line.h"
#include "ui/valise-style.h"

#define LINES_MOST 12

struct _ValiseMachineFacts
{
  GtkFlowBox parent_instance;

  GtkBox *hardware;
  GtkBox *disks;
  GtkBox *network;
  GtkBox *snapshots;
  GtkButton *snapshots_button;
  GtkBox *notes;
  GtkWidget *notes_child;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (ValiseMachineFacts, valise_machine_facts, GTK_TYPE_FLOW_BOX)

/* --- lines --- */

static void
clear_box (GtkBox *box)
{
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (box));

  for (GList *l = children != NULL ? children->next : NULL; l != NULL; l = l->next)
    gtk_widget_destroy (l->data);
}

static GtkWidget *
add_line (GtkBox *box, const char *raw)
{
  g_autofree char *text = valise_text_for_display (raw, 400);
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 28);
  gtk_label_set_lines (GTK_LABEL (label), 6);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_show (label);
  gtk_container_add (GTK_CONTAINER (box), label);
  return label;
}

static void
add_dim_line (GtkBox *box, const char *text)
{
  gtk_style_context_add_class (gtk_widget_get_style_context (add_line (box, text)), GTK_STYLE_CLASS_DIM_LABEL);
}

/* --- hardware, network, notes: from the document --- */

static char *
describe_memory (ValiseDocument *document)
{
  guint64 bytes;

  return valise_label_get_size (document, "memory", &bytes) ? valise_size_format (bytes) : NULL;
}

static void
show_hardware (ValiseMachineFacts *self, ValiseDocument *document)
{
  g_autofree char *cpus = valise_document_get (document, "vcpu");
  g_autofree char *memory = describe_memory (document);
  guint64 n = cpus != NULL ? g_ascii_strtoull (cpus, NULL, 10) : 1;
  g_autofree char *line = g_strdup_printf (ngettext ("%u CPU", "%u CPUs", (gulong) n), (guint) n);

  add_line (self->hardware, line);
  if (memory != NULL)
    {
      /* Translators: an amount of memory. */
      g_autofree char *text = g_strdup_printf (_ ("%s memory"), memory);

      add_line (self->hardware, text);
    }
  add_line (self->hardware, valise_firmware_label (valise_effective_get_firmware (document)));
}

static char *
describe_interface (ValiseDocument *document, guint i)
{
  g_autofree char *type = valise_document_get_device (document, "interface", i, "@type");
  g_autofree char *network = valise_document_get_device (document, "interface", i, "source/@network");
  g_autofree char *bridge = valise_document_get_device (document, "interface", i, "source/@bridge");

  if (g_strcmp0 (type, "user") == 0)
    return g_strdup (_ ("Shares this computer's connection"));
  if (network != NULL)
    return g_strdup_printf (_ ("Virtual network “%s”"), network);
  if (bridge != NULL)
    return g_strdup_printf (_ ("Bridge “%s”"), bridge);
  return g_steal_pointer (&type);
}

static void
show_network (ValiseMachineFacts *self, ValiseDocument *document)
{
  guint n = MIN (valise_document_count (document, "devices/interface"), LINES_MOST);

  for (guint i = 1; i <= n; i++)
    {
      g_autofree char *line = describe_interface (document, i);

      if (line != NULL)
        add_line (self->network, line);
    }
  if (n == 0)
    add_dim_line (self->network, _ ("None"));
}

static void
show_notes (ValiseMachineFacts *self, ValiseDocument *document)
{
  g_autofree char *notes = valise_document_get (document, "metadata/valise:machine/valise:notes");
  gboolean some = FALSE;

  if (notes == NULL || *g_strstrip (notes) == '\0')
    {
      g_free (notes);
      notes = valise_document_get (document, "description");
    }
  some = notes != NULL && *g_strstrip (notes) != '\0';
  gtk_widget_set_visible (self->notes_child, some);
  if (some)
    add_line (self->notes, notes);
}

/* --- disks: their files are looked at in a thread --- */

typedef struct
{
  char *name;
  char *path;
  char *format;
  guint64 actual;
  guint64 most;
  gboolean missing;
  char *problem;
} DiskFact;

static void
disk_fact_free (DiskFact *disk)
{
  g_free (disk->name);
  g_free (disk->path);
  g_free (disk->format);
  g_free (disk->problem);
  g_free (disk);
}

static DiskFact *
disk_fact_new (ValiseDocument *document, guint i, const char *directory)
{
  g_autofree char *device = valise_document_get_device (document, "disk", i, "@device");
  g_autofree char *file = valise_document_get_device (document, "disk", i, "source/@file");
  g_autofree char *target = valise_document_get_device (document, "disk", i, "target/@dev");
  g_autofree char *base = NULL;
  DiskFact *disk;

  if (file == NULL || (device != NULL && g_strcmp0 (device, "disk") != 0))
    return NULL;
  disk = g_new0 (DiskFact, 1);
  base = g_path_get_basename (file);
  disk->name = target != NULL ? g_strdup_printf ("%s (%s)", base, target) : g_strdup (base);
  disk->path = valise_bundle_source_path (directory, file);
  disk->format = valise_document_get_device (document, "disk", i, "driver/@type");
  return disk;
}

static void
inspect_disk (DiskFact *disk)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseImageInfo) info = NULL;

  if (!g_file_test (disk->path, G_FILE_TEST_EXISTS))
    {
      disk->missing = TRUE;
      return;
    }
  info = valise_image_inspect_chain (disk->path, disk->format != NULL ? disk->format : "raw", NULL, &error);
  if (info == NULL)
    {
      disk->problem = g_strdup (error->message);
      return;
    }
  disk->actual = info->actual_size;
  disk->most = info->virtual_size;
}

static void
inspect_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GPtrArray *disks = data;

  for (guint i = 0; i < disks->len && !g_cancellable_is_cancelled (cancellable); i++)
    inspect_disk (g_ptr_array_index (disks, i));
  g_task_return_boolean (task, TRUE);
}

static void
show_disk (ValiseMachineFacts *self, DiskFact *disk)
{
  g_autofree char *line = NULL;
  g_autofree char *actual = valise_size_format (disk->actual);
  g_autofree char *most = valise_size_format (disk->most);
  GtkWidget *bar;

  if (disk->missing)
    {
      line = g_strdup_printf (_ ("%s is missing"), disk->name);
      gtk_style_context_add_class (gtk_widget_get_style_context (add_line (self->disks, line)), GTK_STYLE_CLASS_ERROR);
      return;
    }
  if (disk->problem != NULL)
    {
      gtk_style_context_add_class (gtk_widget_get_style_context (add_line (self->disks, disk->problem)),
                                   GTK_STYLE_CLASS_ERROR);
      return;
    }
  /* Translators: a disk's name, the space that it takes now, and the most it can take. */
  line = g_strdup_printf (_ ("%s: %s of %s"), disk->name, actual, most);
  add_line (self->disks, line);
  bar = gtk_level_bar_new_for_interval (0, 1);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), disk->most > 0 ? MIN (1.0, disk->actual / (double) disk->most) : 0);
  gtk_level_bar_add_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_LOW, 0);
  gtk_level_bar_add_offset_value (GTK_LEVEL_BAR (bar), GTK_LEVEL_BAR_OFFSET_HIGH, 1);
  atk_object_set_name (gtk_widget_get_accessible (bar), line);
  gtk_widget_show (bar);
  gtk_container_add (GTK_CONTAINER (self->disks), bar);
}

static void
inspected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseMachineFacts *self = VALISE_MACHINE_FACTS (source);
  GPtrArray *disks = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    return;
  clear_box (self->disks);
  for (guint i = 0; i < disks->len; i++)
    show_disk (self, g_ptr_array_index (disks, i));
  if (disks->len == 0)
    add_dim_line (self->disks, _ ("None"));
}

static void
show_disks (ValiseMachineFacts *self, ValiseMachine *machine)
{
  ValiseDocument *document = valise_machine_get_document (machine);
  guint n = MIN (valise_document_count (document, "devices/disk"), LINES_MOST);
  GPtrArray *disks = g_ptr_array_new_with_free_func ((GDestroyNotify) disk_fact_free);
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, inspected_cb, NULL);

  for (guint i = 1; i <= n; i++)
    {
      DiskFact *disk = disk_fact_new (document, i, valise_machine_get_path (machine));

      if (disk != NULL)
        g_ptr_array_add (disks, disk);
    }
  g_task_set_source_tag (task, show_disks);
  g_task_set_task_data (task, disks, (GDestroyNotify) g_ptr_array_unref);
  g_task_run_in_thread (task, inspect_thread);
}

/* --- snapshots: listed in a thread --- */

static void
list_snapshots_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *snapshots = valise_machine_list_snapshots (data, &error);

  if (snapshots != NULL)
    g_task_return_pointer (task, snapshots, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
fill_snapshots (ValiseMachineFacts *self, GPtrArray *snapshots)
{
  g_autofree char *title = g_strdup_printf (_ ("Snapshots (%u)…"), snapshots->len);

  gtk_button_set_label (self->snapshots_button, snapshots->len > 0 ? title : _ ("Snapshots…"));
  if (snapshots->len > 0)
    gtk_container_add (GTK_CONTAINER (self->snapshots), valise_snapshot_line_new (snapshots));
  else
    add_dim_line (self->snapshots, _ ("None"));
}

static void
snapshots_listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseMachineFacts *self = VALISE_MACHINE_FACTS (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) snapshots = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  clear_box (self->snapshots);
  if (snapshots != NULL)
    fill_snapshots (self, snapshots);
  else
    gtk_style_context_add_class (gtk_widget_get_style_context (add_line (self->snapshots, error->message)),
                                 GTK_STYLE_CLASS_ERROR);
}

static void
show_snapshots (ValiseMachineFacts *self, ValiseMachine *machine)
{
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, snapshots_listed_cb, NULL);

  g_task_set_source_tag (task, show_snapshots);
  g_task_set_task_data (task, g_object_ref (machine), g_object_unref);
  g_task_run_in_thread (task, list_snapshots_thread);
}

/* --- overrides --- */

static void
valise_machine_facts_dispose (GObject *object)
{
  ValiseMachineFacts *self = VALISE_MACHINE_FACTS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (valise_machine_facts_parent_class)->dispose (object);
}

static void
valise_machine_facts_class_init (ValiseMachineFactsClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = valise_machine_facts_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-machine-facts.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseMachineFacts, disks);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachineFacts, hardware);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachineFacts, network);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachineFacts, notes);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachineFacts, notes_child);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachineFacts, snapshots);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachineFacts, snapshots_button);
}

static void
valise_machine_facts_init (ValiseMachineFacts *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
}

/* --- public --- */

void
valise_machine_facts_show (ValiseMachineFacts *self, ValiseMachine *machine)
{
  ValiseDocument *document = machine != NULL ? valise_machine_get_document (machine) : NULL;

  g_cancellable_cancel (self->cancellable);
  g_set_object (&self->cancellable, NULL);
  self->cancellable = g_cancellable_new ();
  clear_box (self->hardware);
  clear_box (self->disks);
  clear_box (self->network);
  clear_box (self->snapshots);
  clear_box (self->notes);
  gtk_widget_hide (self->notes_child);
  if (document == NULL)
    return;
  show_hardware (self, document);
  show_network (self, document);
  show_notes (self, document);
  show_disks (self, machine);
  show_snapshots (self, machine);
}
