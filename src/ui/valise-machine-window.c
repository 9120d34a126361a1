/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-machine-window.h"

#define MACHINE "valise-machine"

gboolean
valise_machine_window_present (GType type, ValiseMachine *machine)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next)
    if (g_type_is_a (G_OBJECT_TYPE (l->data), type) && g_object_get_data (l->data, MACHINE) == machine)
      {
        gtk_window_present (l->data);
        return TRUE;
      }
  return FALSE;
}

/* After the window's own use of them. */
static gboolean
on_key_press_cb (GtkWindow *window, GdkEventKey *event)
{
  gboolean control = (event->state & gtk_accelerator_get_default_mod_mask ()) == GDK_CONTROL_MASK;

  if (event->keyval != GDK_KEY_Escape && !(control && gdk_keyval_to_lower (event->keyval) == GDK_KEY_w))
    return GDK_EVENT_PROPAGATE;
  gtk_window_close (window);
  return GDK_EVENT_STOP;
}

void
valise_machine_window_begin (GtkWindow *window, HdyHeaderBar *header_bar, ValiseMachine *machine, const char *title)
{
  g_object_set_data_full (G_OBJECT (window), MACHINE, g_object_ref (machine), g_object_unref);
  hdy_header_bar_set_title (header_bar, title);
  gtk_window_set_title (window, title);
}

void
valise_machine_window_close_on_keys (GtkWindow *window)
{
  g_signal_connect_after (window, "key-press-event", G_CALLBACK (on_key_press_cb), NULL);
}
