/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-application.h"

#include "ui/valise-style.h"
#include "ui/valise-window.h"
#include "valise-config.h"

struct _ValiseApplication
{
  GtkApplication parent_instance;

  ValiseHost *host;
  ValiseLibrary *library;
};

G_DEFINE_FINAL_TYPE (ValiseApplication, valise_application, GTK_TYPE_APPLICATION)

static void
valise_application_startup (GApplication *application)
{
  ValiseApplication *self = VALISE_APPLICATION (application);

  G_APPLICATION_CLASS (valise_application_parent_class)->startup (application);
  valise_style_load ();
  self->host = valise_host_new (NULL);
  self->library = valise_library_new (self->host, NULL);
}

static void
valise_application_activate (GApplication *application)
{
  ValiseApplication *self = VALISE_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL)
    window = GTK_WINDOW (valise_window_new (GTK_APPLICATION (self), self->library));
  gtk_window_present (window);
}

static void
valise_application_finalize (GObject *object)
{
  ValiseApplication *self = VALISE_APPLICATION (object);

  g_clear_object (&self->library);
  g_clear_object (&self->host);
  G_OBJECT_CLASS (valise_application_parent_class)->finalize (object);
}

static void
valise_application_class_init (ValiseApplicationClass *class)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = valise_application_finalize;
  application_class->startup = valise_application_startup;
  application_class->activate = valise_application_activate;
}

static void
valise_application_init (ValiseApplication *self)
{
}

ValiseApplication *
valise_application_new (void)
{
  return g_object_new (VALISE_TYPE_APPLICATION, "application-id", VALISE_APPLICATION_ID, NULL);
}

ValiseLibrary *
valise_application_get_library (ValiseApplication *self)
{
  return self->library;
}
