/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One setting for two machines of which one runs: what is there at once, and what waits for its next start. */
#include "engine-fixture.h"
#include "settings-fixture.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "ui/valise-several-row.h"
#include "ui/valise-several-window.h"

static ValiseHost *host;
static virConnectPtr connect;

typedef struct
{
  GPtrArray *machines; /* the first runs */
  GtkWidget *window;
} Fixture;

static ValiseMachine *
machine_of (Fixture *self, guint number)
{
  return self->machines->pdata[number];
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->machines = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->machines, engine_fixture_machine (host, "running", NULL, NULL));
  g_ptr_array_add (self->machines, engine_fixture_machine (host, "off", NULL, NULL));
  engine_fixture_do (machine_of (self, 0), VALISE_VERB_START);
  self->window = valise_several_window_new (self->machines, NULL);
  gtk_widget_show (self->window);
  settings_fixture_settle ();
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_widget_destroy (self->window);
  settings_fixture_settle ();
  engine_fixture_do (machine_of (self, 0), VALISE_VERB_STOP);
  g_ptr_array_unref (self->machines);
}

static const char *
words_of (Fixture *self, guint number)
{
  GtkWidget *row = settings_fixture_control (self->window, VALISE_TYPE_SEVERAL_ROW, number);

  return atk_object_get_name (gtk_widget_get_accessible (row));
}

static gboolean
on_timeout_cb (gpointer user_data)
{
  Fixture *self = user_data;

  g_error ("waited in vain: %s; %s", words_of (self, 0), words_of (self, 1));
  return G_SOURCE_REMOVE;
}

static void
wait_for (Fixture *self, guint number, const char *words)
{
  guint timeout = g_timeout_add_seconds (120, on_timeout_cb, self);

  while (strstr (words_of (self, number), words) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
}

static void
choose (Fixture *self, const char *knob, const char *value)
{
  GtkWidget *row;

  g_assert_true (valise_several_window_choose (VALISE_SEVERAL_WINDOW (self->window), knob));
  row = settings_fixture_control (self->window, VALISE_TYPE_SETTINGS_ROW, 0);
  g_assert_nonnull (row);
  settings_fixture_put (row, 0, value);
}

static void
apply (Fixture *self)
{
  guint timeout = g_timeout_add_seconds (120, on_timeout_cb, self);
  GtkWidget *button = NULL;

  for (guint i = 0; button == NULL || g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), "_Apply") != 0; i++)
    button = settings_fixture_control (self->window, GTK_TYPE_BUTTON, i);
  while (!gtk_widget_get_sensitive (button))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
  gtk_button_clicked (GTK_BUTTON (button));
}

/* What QEMU's domain has now. */
static void
assert_live (Fixture *self, const char *knob, const char *expected)
{
  g_autofree char *uuid = valise_document_get (valise_machine_get_document (machine_of (self, 0)), "uuid");
  virDomainPtr domain = virDomainLookupByUUIDString (connect, uuid);
  char *xml = virDomainGetXMLDesc (domain, 0);
  g_autoptr (ValiseDocument) live = valise_document_new (xml, -1, "live", NULL);
  g_autofree char *value = valise_document_get (live, knob);

  free (xml);
  virDomainFree (domain);
  g_assert_cmpstr (value, ==, expected);
}

static void
assert_stored (Fixture *self, const char *knob, const char *expected)
{
  for (guint i = 0; i < self->machines->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *value = NULL;

      valise_machine_load (machine_of (self, i), TRUE, &error);
      g_assert_no_error (error);
      value = valise_document_get (valise_machine_get_document (machine_of (self, i)), knob);
      g_assert_cmpstr (value, ==, expected);
    }
}

static void
test_now (Fixture *self, gconstpointer data)
{
  choose (self, "devices/interface/link/@state", "down");
  wait_for (self, 0, "(now)");
  wait_for (self, 1, "Unplugged");
  g_assert_null (strstr (words_of (self, 1), "(now)"));
  apply (self);
  wait_for (self, 0, "Applied");
  wait_for (self, 1, "Applied");
  assert_live (self, "devices/interface/link/@state", "down");
  assert_stored (self, "devices/interface/link/@state", "down");
}

static void
test_after_restart (Fixture *self, gconstpointer data)
{
  choose (self, "on_crash", "restart");
  wait_for (self, 0, "(after restart)");
  wait_for (self, 1, "→");
  g_assert_null (strstr (words_of (self, 1), "(after restart)"));
  apply (self);
  wait_for (self, 0, "next start");
  wait_for (self, 1, "Applied");
  g_assert_null (strstr (words_of (self, 1), "next start"));
  assert_stored (self, "on_crash", "restart");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  gtk_init (&argc, &argv);
  settings_fixture_init ();
  host = engine_fixture_host ();
  connect = virConnectOpen (valise_host_get_uri (host));
  g_assert_nonnull (connect);
  g_test_add ("/ui/several-running/now", Fixture, NULL, set_up, test_now, tear_down);
  g_test_add ("/ui/several-running/after-restart", Fixture, NULL, set_up, test_after_restart, tear_down);
  result = g_test_run ();
  virConnectClose (connect);
  g_clear_object (&host);
  engine_fixture_end ();
  return result;
}
