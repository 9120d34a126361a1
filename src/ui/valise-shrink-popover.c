/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-shrink-popover.h"

#include "base/valise-size.h"
#include "ui/valise-style.h"

struct _ValiseShrinkPopover
{
  GtkPopover parent_instance;

  GtkSpinButton *size_spin;
  GtkLabel *unit_label;
  GtkToggleButton *lose_check;
  GtkWidget *shrink_button;

  guint64 bytes; /* now */
  guint64 unit;
};

enum
{
  CHOSEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseShrinkPopover, valise_shrink_popover, GTK_TYPE_POPOVER)

/* As it is typed: a spin button has it for its value only once it is left. */
static guint64
chosen_bytes (ValiseShrinkPopover *self)
{
  double number = g_strtod (gtk_entry_get_text (GTK_ENTRY (self->size_spin)), NULL);

  return number > 0 && number * (double) self->unit < (double) self->bytes ? (guint64) (number * (double) self->unit)
                                                                           : 0;
}

static void
on_size_changed_cb (ValiseShrinkPopover *self)
{
  gtk_widget_set_sensitive (self->shrink_button, chosen_bytes (self) > 0);
}

static void
on_shrink_cb (ValiseShrinkPopover *self)
{
  guint64 bytes = chosen_bytes (self);

  if (bytes == 0)
    return;
  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, signals[CHOSEN], 0, bytes, gtk_toggle_button_get_active (self->lose_check));
}

static void
valise_shrink_popover_class_init (ValiseShrinkPopoverClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  signals[CHOSEN] = g_signal_new ("chosen", VALISE_TYPE_SHRINK_POPOVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_BOOLEAN);
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-shrink-popover.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseShrinkPopover, lose_check);
  gtk_widget_class_bind_template_child (widget_class, ValiseShrinkPopover, shrink_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseShrinkPopover, size_spin);
  gtk_widget_class_bind_template_child (widget_class, ValiseShrinkPopover, unit_label);
  gtk_widget_class_bind_template_callback (widget_class, on_shrink_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_size_changed_cb);
}

static void
valise_shrink_popover_init (ValiseShrinkPopover *self)
{
  self->unit = VALISE_GIB;
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
valise_shrink_popover_new (void)
{
  return g_object_new (VALISE_TYPE_SHRINK_POPOVER, NULL);
}

void
valise_shrink_popover_set_size (ValiseShrinkPopover *self, guint64 bytes)
{
  g_return_if_fail (VALISE_IS_SHRINK_POPOVER (self));

  if (bytes == self->bytes)
    return;
  self->bytes = bytes;
  self->unit = bytes > 2 * VALISE_GIB ? VALISE_GIB : VALISE_MIB;
  gtk_label_set_text (self->unit_label, self->unit == VALISE_GIB ? "GiB" : "MiB");
  gtk_spin_button_set_digits (self->size_spin, self->unit == VALISE_GIB ? 2 : 0);
  gtk_spin_button_set_range (self->size_spin, 0, (double) bytes / (double) self->unit);
  gtk_spin_button_set_value (self->size_spin, (double) bytes / (double) self->unit);
  gtk_toggle_button_set_active (self->lose_check, FALSE);
  on_size_changed_cb (self);
}
