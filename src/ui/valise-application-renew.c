/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-application-private.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-gsettings.h"
#include "ui/valise-new-machine.h"
#include "ui/valise-settings-window.h"

/* The environment wins, so that a test or a script is never surprised by what somebody once chose. */
static char *
choose_setting (const char *variable, const char *key)
{
  g_autofree char *stored = NULL;

  if (g_getenv (variable) != NULL)
    return NULL;
  stored = g_settings_get_string (valise_gsettings_get (), key);
  return *stored != '\0' ? g_steal_pointer (&stored) : NULL;
}

/* What it is about to do ends first. */
void
_valise_application_drop_library (ValiseApplication *self)
{
  if (self->keeper != NULL)
    valise_keeper_stop (self->keeper);
  g_clear_object (&self->keeper);
  g_clear_object (&self->library);
}

static void
on_keeper_failed_cb (ValiseApplication *self, ValiseMachine *machine, const GError *error)
{
  g_autofree char *title = g_strdup_printf (_ ("Scheduled snapshot of “%s”"), valise_machine_get_name (machine));

  if (self->window != NULL)
    valise_notice_bar_say_error (valise_window_get_notices (self->window), title, error);
}

void
_valise_application_make_library (ValiseApplication *self)
{
  g_autofree char *uri = choose_setting ("VALISE_CONNECT", "connection");

  g_free (self->directory);
  self->directory = choose_setting ("VALISE_LIBRARY", "library");
  _valise_application_drop_library (self);
  if (self->host == NULL || g_strcmp0 (uri, self->uri) != 0)
    {
      g_clear_object (&self->host);
      self->host = valise_host_new (uri);
      g_free (self->uri);
      self->uri = g_steal_pointer (&uri);
    }
  self->library = valise_library_new (self->host, self->directory);
  valise_library_start (self->library);
  self->keeper = valise_keeper_new (self->library);
  g_signal_connect_object (self->keeper, "failed", G_CALLBACK (on_keeper_failed_cb), self, G_CONNECT_SWAPPED);
}

/* --- again --- */

static gboolean
is_other (ValiseApplication *self)
{
  g_autofree char *uri = choose_setting ("VALISE_CONNECT", "connection");
  g_autofree char *directory = choose_setting ("VALISE_LIBRARY", "library");

  return g_strcmp0 (uri, self->uri) != 0 || g_strcmp0 (directory, self->directory) != 0;
}

/* What has been typed there would be lost with the window. (nullable) */
static GtkWidget *
find_draft (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next)
    if ((VALISE_IS_SETTINGS_WINDOW (l->data) || VALISE_IS_NEW_MACHINE (l->data)) && gtk_widget_get_visible (l->data))
      return l->data;
  return NULL;
}

/* (nullable) */
static ValiseJob *
find_work (ValiseApplication *self)
{
  GListModel *jobs = valise_library_get_jobs (self->library);

  for (guint i = 0; i < g_list_model_get_n_items (jobs); i++)
    {
      g_autoptr (ValiseJob) job = g_list_model_get_item (jobs, i);
      ValiseJobState state = valise_job_get_state (job);

      if (state == VALISE_JOB_WAITING || state == VALISE_JOB_RUNNING)
        return job;
    }
  return NULL;
}

static void
follow_live_machines (ValiseLibrary *library, GPtrArray *paths)
{
  for (guint i = 0; i < paths->len; i++)
    {
      g_autoptr (ValiseMachine) machine = valise_library_open (library, g_ptr_array_index (paths, i), NULL);
    }
}

/* One that runs stays in the list, wherever it lies. (transfer full) */
static GPtrArray *
list_live_paths (ValiseApplication *self)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->library)); i++)
    {
      const ValiseLibraryEntry *entry = valise_library_get_entry (self->library, i);

      if (entry->machine != NULL && valise_machine_is_live (entry->machine))
        g_ptr_array_add (paths, g_strdup (entry->path));
    }
  return paths;
}

static void
replace_window (ValiseApplication *self)
{
  GtkWindow *before = GTK_WINDOW (self->window);
  int left, top, width, height;

  if (before == NULL)
    return;
  gtk_window_get_position (before, &left, &top);
  gtk_window_get_size (before, &width, &height);
  g_object_remove_weak_pointer (G_OBJECT (before), (gpointer *) &self->window);
  self->window = NULL;
  g_application_activate (G_APPLICATION (self));
  gtk_window_move (GTK_WINDOW (self->window), left, top);
  gtk_window_resize (GTK_WINDOW (self->window), width, height);
  gtk_widget_destroy (GTK_WIDGET (before));
}

static void
renew (ValiseApplication *self)
{
  g_autoptr (ValiseHost) host = g_object_ref (self->host);
  g_autoptr (GPtrArray) live = list_live_paths (self);

  _valise_application_make_library (self);
  if (self->host == host)
    follow_live_machines (self->library, live);
  else
    /* Only then: what comes in brings its library with it, and what is under way would keep the name of a door that is
     * opened again from the new one. */
    g_clear_object (&self->door);
  replace_window (self);
}

static void
consider (ValiseApplication *self)
{
  GtkWidget *draft = find_draft ();
  ValiseJob *job = find_work (self);

  if (self->window == NULL || self->quitting || !is_other (self))
    return;
  if (draft == NULL && job == NULL)
    {
      renew (self);
      return;
    }
  if (draft != NULL)
    g_signal_connect_object (draft, "destroy", G_CALLBACK (_valise_application_consider_renewal), self,
                             G_CONNECT_SWAPPED);
  else
    g_signal_connect_object (job, "notify::state", G_CALLBACK (_valise_application_consider_renewal), self,
                             G_CONNECT_SWAPPED);
  valise_notice_bar_say (valise_window_get_notices (self->window), GTK_MESSAGE_INFO,
                         draft != NULL ? _ ("What you have chosen counts as soon as the windows of settings and of new "
                                            "machines are closed.")
                                       : _ ("What you have chosen counts as soon as the work under way is done."));
}

static gboolean
consider_cb (gpointer data)
{
  ValiseApplication *self = data;

  self->considering = FALSE;
  consider (self);
  return G_SOURCE_REMOVE;
}

/* Not at once: it is a window or a job that says it is over, and all of them are when the program ends. */
void
_valise_application_consider_renewal (ValiseApplication *self)
{
  if (self->considering)
    return;
  self->considering = TRUE;
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, consider_cb, g_object_ref (self), g_object_unref);
}
