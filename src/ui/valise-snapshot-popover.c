/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-snapshot-popover.h"

#include <glib/gi18n-lib.h>

#include "base/valise-size.h"
#include "model/valise-label.h"
#include "ui/valise-style.h"

struct _ValiseSnapshotPopover
{
  GtkPopover parent_instance;

  GtkEntry *name_entry;
  GtkTextView *note_view;
  GtkWidget *memory_check, *take_button;
  GtkLabel *cost_label;

  ValiseMachine *machine;
  guint count;
  gboolean busy;
};

enum
{
  TAKE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseSnapshotPopover, valise_snapshot_popover, GTK_TYPE_POPOVER)

/* --- words --- */

static char *
describe_memory (ValiseSnapshotPopover *self)
{
  ValiseDocument *document = valise_machine_get_document (self->machine);
  guint64 bytes;

  return document != NULL && valise_label_get_size (document, "memory", &bytes) ? valise_size_format (bytes)
                                                                                : g_strdup ("?");
}

static char *
describe_cost (ValiseSnapshotPopover *self)
{
  const char *name = valise_machine_get_name (self->machine);
  g_autofree char *memory = describe_memory (self);

  if (!valise_machine_is_live (self->machine))
    return g_strdup (valise_machine_get_state (self->machine) == VALISE_MACHINE_SUSPENDED
                         ? _ ("It takes a moment. The suspended memory goes along. Space is taken by what the machine "
                              "writes from then on.")
                         : _ ("It takes a moment. Space is taken by what the machine writes from then on."));
  if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->memory_check)))
    return g_strdup_printf (_ ("“%s” stands still while its memory, %s at most, is written. Going back continues "
                               "right there."),
                            name, memory);
  return g_strdup_printf (
      _ ("“%s” stands still for less than a second. Going back finds it off, as after a power cut."), name);
}

/* --- what is asked --- */

static void
update (ValiseSnapshotPopover *self)
{
  g_autofree char *cost = NULL;
  g_autofree char *name = g_strstrip (g_strdup (gtk_entry_get_text (self->name_entry)));

  if (self->machine == NULL)
    return;
  cost = describe_cost (self);
  gtk_widget_set_visible (self->memory_check, valise_machine_is_live (self->machine));
  gtk_label_set_text (self->cost_label, cost);
  gtk_widget_set_sensitive (self->take_button, *name != '\0' && !self->busy);
}

static void
on_show_cb (GtkWidget *widget)
{
  ValiseSnapshotPopover *self = VALISE_SNAPSHOT_POPOVER (widget);
  g_autofree char *name = g_strdup_printf (_ ("Snapshot %u"), self->count + 1);

  gtk_entry_set_text (self->name_entry, name);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->note_view), "", -1);
  update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->name_entry));
}

static char *
read_note (ValiseSnapshotPopover *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->note_view);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
on_take_cb (ValiseSnapshotPopover *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_entry_get_text (self->name_entry)));
  g_autofree char *note = read_note (self);
  gboolean memory = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->memory_check));

  if (self->busy || *name == '\0')
    return;
  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, signals[TAKE], 0, name, note, memory);
}

/* --- overrides --- */

static void
valise_snapshot_popover_dispose (GObject *object)
{
  ValiseSnapshotPopover *self = VALISE_SNAPSHOT_POPOVER (object);

  g_clear_object (&self->machine);
  G_OBJECT_CLASS (valise_snapshot_popover_parent_class)->dispose (object);
}

static void
valise_snapshot_popover_class_init (ValiseSnapshotPopoverClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = valise_snapshot_popover_dispose;
  signals[TAKE] = g_signal_new ("take", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_BOOLEAN);
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-snapshot-popover.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotPopover, cost_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotPopover, memory_check);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotPopover, name_entry);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotPopover, note_view);
  gtk_widget_class_bind_template_child (widget_class, ValiseSnapshotPopover, take_button);
  gtk_widget_class_bind_template_callback (widget_class, on_show_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_take_cb);
  gtk_widget_class_bind_template_callback (widget_class, update);
}

static void
valise_snapshot_popover_init (ValiseSnapshotPopover *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* --- public --- */

void
valise_snapshot_popover_set_machine (ValiseSnapshotPopover *self, ValiseMachine *machine)
{
  g_return_if_fail (VALISE_IS_SNAPSHOT_POPOVER (self) && self->machine == NULL);
  self->machine = g_object_ref (machine);
  g_signal_connect_object (machine, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

void
valise_snapshot_popover_set_count (ValiseSnapshotPopover *self, guint count)
{
  g_return_if_fail (VALISE_IS_SNAPSHOT_POPOVER (self));
  self->count = count;
}

void
valise_snapshot_popover_set_busy (ValiseSnapshotPopover *self, gboolean busy)
{
  g_return_if_fail (VALISE_IS_SNAPSHOT_POPOVER (self));
  self->busy = busy;
  update (self);
}
