/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is chosen holds, and what holds is shown. */
#include <gtk/gtk.h>

#include "engine/valise-machine-schedule.h"
#include "place.h"
#include "ui/valise-schedule-bar.h"

static const char config[] =
    "<domain type='qemu'><name>box</name><uuid>5b6c7a31-6d6e-4d0c-9d0e-0d1f5a3c9b10</uuid><metadata>"
    "<valise:machine xmlns:valise='https://valise.page/bundle/1' version='1' name='Box'/></metadata>"
    "<memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><devices/>"
    "</domain>";

typedef struct
{
  Place place;
  char *path;
  ValiseMachine *machine;
  GtkWidget *window;
  ValiseScheduleBar *bar;
  GtkComboBox *every;
  GtkSpinButton *keep;
  GtkToggleButton *precautions;
  guint failed;
} Fixture;

static void
on_failed_cb (ValiseScheduleBar *bar, const GError *error, Fixture *self)
{
  g_assert_nonnull (error);
  self->failed++;
}

static void
find_controls (GtkWidget *widget, gpointer data)
{
  Fixture *self = data;

  if (GTK_IS_COMBO_BOX (widget))
    self->every = GTK_COMBO_BOX (widget);
  else if (GTK_IS_SPIN_BUTTON (widget))
    self->keep = GTK_SPIN_BUTTON (widget);
  else if (GTK_IS_CHECK_BUTTON (widget))
    self->precautions = GTK_TOGGLE_BUTTON (widget);
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), find_controls, self);
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");
  g_autoptr (GError) error = NULL;
  g_autofree char *state = NULL;
  g_autofree char *file = NULL;

  place_begin (&self->place, "none");
  place_run (self->place.directory, "mkdir -p s Box.vmbundle");
  state = g_build_filename (self->place.directory, "s", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  self->path = g_build_filename (self->place.directory, "Box.vmbundle", NULL);
  file = g_build_filename (self->path, "config.xml", NULL);
  g_assert_true (g_file_set_contents (file, config, -1, NULL));
  self->machine = valise_machine_new (host, self->path);
  valise_machine_load (self->machine, FALSE, &error);
  g_assert_no_error (error);

  self->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  self->bar = g_object_new (VALISE_TYPE_SCHEDULE_BAR, NULL);
  g_signal_connect (self->bar, "failed", G_CALLBACK (on_failed_cb), self);
  gtk_container_add (GTK_CONTAINER (self->window), GTK_WIDGET (self->bar));
  gtk_container_forall (GTK_CONTAINER (self->bar), find_controls, self);
  gtk_widget_show (self->window);
  g_assert_false (gtk_widget_get_sensitive (GTK_WIDGET (self->bar)));
  valise_schedule_bar_set_machine (self->bar, self->machine);
  while (!gtk_widget_get_sensitive (GTK_WIDGET (self->bar)))
    gtk_main_iteration ();
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  gtk_widget_destroy (self->window);
  while (gtk_events_pending ())
    gtk_main_iteration ();
  g_clear_object (&self->machine);
  g_free (self->path);
  place_tear_down (&self->place, NULL);
}

static ValiseSchedule
stored (Fixture *self)
{
  ValiseSchedule schedule;
  g_autoptr (GError) error = NULL;

  valise_machine_get_schedule (self->machine, &schedule, &error);
  g_assert_no_error (error);
  return schedule;
}

static gboolean
are_wanted (Fixture *self)
{
  gboolean precautions = FALSE;
  g_autoptr (GError) error = NULL;

  valise_machine_get_precautions (self->machine, &precautions, &error);
  g_assert_no_error (error);
  return precautions;
}

static void
test_chosen (Fixture *self, gconstpointer unused)
{
  g_assert_cmpint (gtk_combo_box_get_active (self->every), ==, VALISE_EVERY_OFF);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (self->keep)));
  gtk_combo_box_set_active (self->every, VALISE_EVERY_DAY);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (self->keep)));
  /* Once more while the first is being stored. */
  gtk_spin_button_set_value (self->keep, 3);
  while (stored (self).every != VALISE_EVERY_DAY || stored (self).keep != 3)
    gtk_main_iteration ();
  gtk_combo_box_set_active (self->every, VALISE_EVERY_OFF);
  while (stored (self).every != VALISE_EVERY_OFF)
    gtk_main_iteration ();
  g_assert_cmpuint (self->failed, ==, 0);
}

static void
test_precautions (Fixture *self, gconstpointer unused)
{
  g_assert_true (gtk_toggle_button_get_active (self->precautions));
  gtk_toggle_button_set_active (self->precautions, FALSE);
  while (are_wanted (self))
    gtk_main_iteration ();
  g_assert_cmpint (stored (self).every, ==, VALISE_EVERY_OFF);
  gtk_toggle_button_set_active (self->precautions, TRUE);
  while (!are_wanted (self))
    gtk_main_iteration ();
  g_assert_cmpuint (self->failed, ==, 0);
}

static void
test_changed (Fixture *self, gconstpointer unused)
{
  const ValiseSchedule schedule = { VALISE_EVERY_WEEK, 12 };
  g_autoptr (GError) error = NULL;

  valise_machine_set_schedule (self->machine, &schedule, &error);
  g_assert_no_error (error);
  valise_machine_set_precautions (self->machine, FALSE, &error);
  g_assert_no_error (error);
  valise_schedule_bar_refresh (self->bar);
  while (gtk_combo_box_get_active (self->every) != VALISE_EVERY_WEEK)
    gtk_main_iteration ();
  g_assert_cmpint (gtk_spin_button_get_value_as_int (self->keep), ==, 12);
  g_assert_false (gtk_toggle_button_get_active (self->precautions));
}

/* It tells, and shows what holds. */
static void
test_failed (Fixture *self, gconstpointer unused)
{
  place_run (self->path, "mv config.xml away && mkdir config.xml");
  gtk_combo_box_set_active (self->every, VALISE_EVERY_DAY);
  while (self->failed == 0)
    gtk_main_iteration ();
  place_run (self->path, "rmdir config.xml && mv away config.xml");
  valise_schedule_bar_refresh (self->bar);
  while (gtk_combo_box_get_active (self->every) != VALISE_EVERY_OFF)
    gtk_main_iteration ();
  g_assert_cmpuint (self->failed, ==, 1);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add ("/ui/schedule-bar/chosen", Fixture, NULL, set_up, test_chosen, tear_down);
  g_test_add ("/ui/schedule-bar/precautions", Fixture, NULL, set_up, test_precautions, tear_down);
  g_test_add ("/ui/schedule-bar/changed", Fixture, NULL, set_up, test_changed, tear_down);
  g_test_add ("/ui/schedule-bar/failed", Fixture, NULL, set_up, test_failed, tear_down);
  return g_test_run ();
}
