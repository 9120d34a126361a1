/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-display-window.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-style.h"

struct _ValiseDisplayWindow
{
  HdyApplicationWindow parent_instance;

  GtkBox *box;
  HdyHeaderBar *header;
  ValiseDisplayView *view;
  ValiseMachine *machine;
  gboolean fullscreen;
  gboolean visiting; /* here for the full screen only */
};

enum
{
  RETURNING,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseDisplayWindow, valise_display_window, HDY_TYPE_APPLICATION_WINDOW)

/* Of a machine: its window, while there is one. */
static GQuark
window_quark (void)
{
  return g_quark_from_static_string ("valise-display-window");
}

/* --- callbacks --- */

static void
on_name_cb (ValiseDisplayWindow *self)
{
  const char *name = valise_machine_get_name (self->machine);

  gtk_window_set_title (GTK_WINDOW (self), name);
  hdy_header_bar_set_title (self->header, name);
}

static void
on_state_cb (ValiseDisplayWindow *self)
{
  const char *words =
      valise_machine_is_disposable (self->machine) ? _ ("All that is written is gone at power-off") : NULL;

  hdy_header_bar_set_subtitle (self->header, words);
  /* What libhandy shows in there, it does not tell to a screen reader. */
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->header)), words != NULL ? words : "");
}

static gboolean
valise_display_window_key_press (GtkWidget *widget, GdkEventKey *event)
{
  ValiseDisplayWindow *self = VALISE_DISPLAY_WINDOW (widget);
  ValiseDisplay *display = valise_display_view_get_display (self->view);

  gboolean ours = display == NULL || !valise_display_is_grabbed (display);
  gboolean control = (event->state & gtk_accelerator_get_default_mod_mask ()) == GDK_CONTROL_MASK;

  if (ours && event->keyval == GDK_KEY_F11)
    {
      valise_display_window_toggle_fullscreen (self);
      return GDK_EVENT_STOP;
    }
  /* The key that brought it here takes it back. */
  if (ours && control && (event->keyval == GDK_KEY_d || event->keyval == GDK_KEY_w))
    {
      gtk_window_close (GTK_WINDOW (self));
      return GDK_EVENT_STOP;
    }
  return GTK_WIDGET_CLASS (valise_display_window_parent_class)->key_press_event (widget, event);
}

static gboolean
valise_display_window_state_event (GtkWidget *widget, GdkEventWindowState *event)
{
  ValiseDisplayWindow *self = VALISE_DISPLAY_WINDOW (widget);

  self->fullscreen = (event->new_window_state & GDK_WINDOW_STATE_FULLSCREEN) != 0;
  gtk_widget_set_visible (GTK_WIDGET (self->header), !self->fullscreen);
  valise_display_view_set_fullscreen (self->view, self->fullscreen);
  return GTK_WIDGET_CLASS (valise_display_window_parent_class)->window_state_event (widget, event);
}

static gboolean
valise_display_window_delete (GtkWidget *widget, GdkEventAny *event)
{
  ValiseDisplayWindow *self = VALISE_DISPLAY_WINDOW (widget);

  /* Nobody finds this window any more, so that whoever takes the picture keeps it. */
  g_object_set_qdata (G_OBJECT (self->machine), window_quark (), NULL);
  if (valise_display_view_get_display (self->view) != NULL)
    g_signal_emit (self, signals[RETURNING], 0);
  return GDK_EVENT_PROPAGATE;
}

/* --- overrides --- */

static void
valise_display_window_dispose (GObject *object)
{
  ValiseDisplayWindow *self = VALISE_DISPLAY_WINDOW (object);

  if (self->machine != NULL && valise_display_window_find (self->machine) == self)
    g_object_set_qdata (G_OBJECT (self->machine), window_quark (), NULL);
  g_clear_object (&self->machine);
  G_OBJECT_CLASS (valise_display_window_parent_class)->dispose (object);
}

static void
valise_display_window_class_init (ValiseDisplayWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = valise_display_window_dispose;
  widget_class->key_press_event = valise_display_window_key_press;
  widget_class->window_state_event = valise_display_window_state_event;
  widget_class->delete_event = valise_display_window_delete;
  /* The window is closing: the first view that waits takes the picture back. */
  signals[RETURNING] =
      g_signal_new ("returning", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-display-window.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseDisplayWindow, box);
  gtk_widget_class_bind_template_child (widget_class, ValiseDisplayWindow, header);
}

static void
valise_display_window_init (ValiseDisplayWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->view = VALISE_DISPLAY_VIEW (valise_display_view_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->view), TRUE);
  gtk_container_add (GTK_CONTAINER (self->box), GTK_WIDGET (self->view));
}

/* --- public --- */

GtkWidget *
valise_display_window_new (GtkApplication *application, ValiseMachine *machine, ValiseDisplayView *from)
{
  ValiseDisplayWindow *self = g_object_new (VALISE_TYPE_DISPLAY_WINDOW, "application", application, NULL);

  self->machine = g_object_ref (machine);
  g_object_set_qdata (G_OBJECT (machine), window_quark (), self);
  g_signal_connect_object (machine, "notify::name", G_CALLBACK (on_name_cb), self, G_CONNECT_SWAPPED);
  on_name_cb (self);
  g_signal_connect_object (machine, "notify::state", G_CALLBACK (on_state_cb), self, G_CONNECT_SWAPPED);
  on_state_cb (self);
  if (from != NULL && valise_display_view_get_display (from) != NULL)
    valise_display_view_take (self->view, from);
  else
    valise_display_view_set_machine (self->view, machine);
  return GTK_WIDGET (self);
}

ValiseDisplayWindow *
valise_display_window_find (ValiseMachine *machine)
{
  return g_object_get_qdata (G_OBJECT (machine), window_quark ());
}

ValiseDisplayView *
valise_display_window_get_view (ValiseDisplayWindow *self)
{
  g_return_val_if_fail (VALISE_IS_DISPLAY_WINDOW (self), NULL);

  return self->view;
}

void
valise_display_window_toggle_fullscreen (ValiseDisplayWindow *self)
{
  g_return_if_fail (VALISE_IS_DISPLAY_WINDOW (self));

  if (self->visiting)
    gtk_window_close (GTK_WINDOW (self));
  else if (self->fullscreen)
    gtk_window_unfullscreen (GTK_WINDOW (self));
  else
    gtk_window_fullscreen (GTK_WINDOW (self));
}

void
valise_display_window_visit_fullscreen (ValiseDisplayWindow *self)
{
  g_return_if_fail (VALISE_IS_DISPLAY_WINDOW (self));

  self->visiting = TRUE;
  gtk_window_fullscreen (GTK_WINDOW (self));
}
