/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-memory-bar.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "ui/valise-style.h"

struct _ValiseMemoryBar
{
  GtkInfoBar parent_instance;

  GtkLabel *label;
  GtkWidget *trust_button;

  const ValiseMachine *machine; /* only compared */
};

G_DEFINE_FINAL_TYPE (ValiseMemoryBar, valise_memory_bar, GTK_TYPE_INFO_BAR)

static void
on_response_cb (ValiseMemoryBar *self, int response)
{
  GActionGroup *actions = gtk_widget_get_action_group (gtk_widget_get_toplevel (GTK_WIDGET (self)), "machine");

  gtk_info_bar_set_revealed (GTK_INFO_BAR (self), FALSE);
  if (response == GTK_RESPONSE_YES)
    g_action_group_activate_action (actions, "trust", NULL);
  else if (response == GTK_RESPONSE_NO)
    g_action_group_activate_action (actions, "discard", NULL);
}

static void
valise_memory_bar_class_init (ValiseMemoryBarClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-memory-bar.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseMemoryBar, label);
  gtk_widget_class_bind_template_child (widget_class, ValiseMemoryBar, trust_button);
  gtk_widget_class_bind_template_callback (widget_class, on_response_cb);
}

static void
valise_memory_bar_init (ValiseMemoryBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
valise_memory_bar_ask (ValiseMemoryBar *self, ValiseMachine *machine)
{
  g_autofree char *name = NULL;
  g_autofree char *words = NULL;

  g_return_if_fail (VALISE_IS_MEMORY_BAR (self) && VALISE_IS_MACHINE (machine));

  name = valise_text_for_display (valise_machine_get_name (machine), 60);
  words = g_strdup_printf (_ ("“%s” was suspended on another computer, and its memory decides what it does next. Go on "
                              "with it if you trust where it comes from. Else discard the memory: the machine then "
                              "starts afresh, as after a power cut."),
                           name);
  self->machine = machine;
  gtk_label_set_text (self->label, words);
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self), TRUE);
  gtk_widget_grab_focus (self->trust_button);
}

void
valise_memory_bar_follow (ValiseMemoryBar *self, ValiseMachine *machine)
{
  g_return_if_fail (VALISE_IS_MEMORY_BAR (self) && VALISE_IS_MACHINE (machine));

  if (self->machine == machine && valise_machine_get_state (machine) == VALISE_MACHINE_SUSPENDED)
    return;
  self->machine = NULL;
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self), FALSE);
}
