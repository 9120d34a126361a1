/* SPDX-License-Identifier: GPL-3.0-or-later */
/* start-bench-client BUNDLE [steps]: the application itself with the machine shown; activates Start as its button does,
 * and prints how many milliseconds passed until a frame of the window held the guest's own picture, on request with the
 * steps on the way. Then forces the machine off. */
#include "guest-picture.h"
#include "ui/valise-application.h"
#include "ui/valise-display-private.h"
#include "ui/valise-display-view.h"

/* As long as somebody takes to find the button: the connection stands, and what a start wants to know has been
 * asked. */
#define BEFORE_CLICK_MS 3000
#define LIMIT_SECONDS 40

typedef struct
{
  GtkWidget *window;
  gint64 clicked;
  gboolean tells_steps;
  ValiseMachineState state;
  gboolean connected;
  gboolean has_frame;
  ValiseMachine *machine;
  gboolean painted;
} Run;

static GtkWidget *
find_widget (GtkWidget *widget, GType type)
{
  g_autoptr (GList) children = NULL;
  GtkWidget *found = NULL;

  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    return widget;
  if (!GTK_IS_CONTAINER (widget))
    return NULL;
  children = gtk_container_get_children (GTK_CONTAINER (widget));
  for (GList *link = children; link != NULL && found == NULL; link = link->next)
    found = find_widget (link->data, type);
  return found;
}

static gboolean
shows_guest (ValiseDisplay *display)
{
  ValiseDisplayImage *image = display->link != NULL ? valise_display_link_get_image (display->link) : NULL;

  return image != NULL && gtk_widget_get_mapped (GTK_WIDGET (display))
         && guest_has_painted (valise_display_image_get_pixels (image), valise_display_image_get_stride (image),
                               valise_display_image_get_width (image), valise_display_image_get_height (image));
}

static double
since_click (Run *run)
{
  return (double) (g_get_monotonic_time () - run->clicked) / 1000;
}

/* As of the frame that has just been painted. */
static void
tell_steps (Run *run, ValiseDisplay *display)
{
  ValiseMachineState state = valise_machine_get_state (run->machine);

  if (!run->tells_steps)
    return;
  if (state != run->state)
    g_print ("%8.1f %s\n", since_click (run), valise_machine_state_to_label (state));
  if (!run->connected && valise_display_is_connected (display))
    g_print ("%8.1f connected\n", since_click (run));
  if (!run->has_frame && valise_display_has_frame (display))
    g_print ("%8.1f first frame\n", since_click (run));
  run->state = state;
  run->connected = valise_display_is_connected (display);
  run->has_frame = valise_display_has_frame (display);
}

static void
on_painted_cb (GdkFrameClock *clock, gpointer data)
{
  Run *run = data;
  GtkWidget *view = run->clicked != 0 ? find_widget (run->window, VALISE_TYPE_DISPLAY_VIEW) : NULL;
  GtkWidget *display = view != NULL ? find_widget (view, VALISE_TYPE_DISPLAY) : NULL;

  if (display == NULL || run->painted)
    return;
  if (run->machine == NULL)
    g_object_get (view, "machine", &run->machine, NULL);
  if (run->machine == NULL)
    return;
  tell_steps (run, VALISE_DISPLAY (display));
  if (!shows_guest (VALISE_DISPLAY (display)))
    return;
  run->painted = TRUE;
  g_print ("%.1f\n", since_click (run));
  g_application_quit (g_application_get_default ());
}

static gboolean
on_click_cb (gpointer data)
{
  Run *run = data;
  GActionGroup *actions = gtk_widget_get_action_group (run->window, "machine");

  g_signal_connect (gtk_widget_get_frame_clock (run->window), "after-paint", G_CALLBACK (on_painted_cb), run);
  run->clicked = g_get_monotonic_time ();
  g_action_group_activate_action (actions, "start", NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
on_timeout_cb (gpointer data)
{
  g_printerr ("the guest has not drawn\n");
  g_application_quit (g_application_get_default ());
  return G_SOURCE_REMOVE;
}

static void
on_window_added_cb (GtkApplication *application, GtkWindow *window, gpointer data)
{
  Run *run = data;

  if (run->window != NULL)
    return;
  run->window = GTK_WIDGET (window);
  g_timeout_add (BEFORE_CLICK_MS, on_click_cb, run);
  g_timeout_add_seconds (LIMIT_SECONDS, on_timeout_cb, run);
}

int
main (int argc, char **argv)
{
  g_autoptr (ValiseApplication) application = valise_application_new ();
  Run run = { .tells_steps = argc > 2 };

  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "window-added", G_CALLBACK (on_window_added_cb), &run);
  g_application_run (G_APPLICATION (application), 2, argv);
  if (run.machine != NULL)
    valise_machine_do (run.machine, VALISE_VERB_STOP, NULL, NULL);
  g_clear_object (&run.machine);
  return run.painted ? 0 : 1;
}
