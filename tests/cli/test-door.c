/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The door of an application that uses a daemon: what comes in through it has its turn with the machines that are held. */
#include <dlfcn.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "base/valise-process.h"
#include "cli/valise-door-private.h"
#include "cli/valise-verb-service.h"
#include "engine/valise-machine-snapshots-private.h"
#include "place.h"

#define URI "test:///default"
/* What is refused at once has ended by then; what waits has not, however slow this computer is. */
#define PATIENCE (G_TIME_SPAN_SECOND / 2)

static const char config[] =
    "<domain type='qemu'><name>box</name><uuid>5b6c7a31-6d6e-4d0c-9d0e-0d1f5a3c9b31</uuid>"
    "<memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os></domain>";

typedef struct
{
  Place place;
  char *path;
  ValiseHost *host;
  ValiseLibrary *library;
  ValiseMachine *machine;
  GThread *thread;
  GMutex mutex;
  GCond cond;
  gboolean ended;
  GError *error; /* of the program that knocked */
} Fixture;

/* How often anything was called off. */
static gint cancels;

void
g_cancellable_cancel (GCancellable *cancellable)
{
  void (*real) (GCancellable *);

  *(void **) &real = dlsym (dlopen ("libgio-2.0.so.0", RTLD_NOW), "g_cancellable_cancel");
  real (cancellable);
  g_atomic_int_inc (&cancels);
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autofree char *state = NULL, *library = NULL, *file = NULL;
  g_autoptr (GError) error = NULL;

  place_begin (&self->place, "none");
  state = g_build_filename (self->place.directory, "s", NULL);
  library = g_build_filename (self->place.directory, "l", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  g_setenv ("VALISE_LIBRARY", library, TRUE);
  place_run (self->place.directory, "mkdir -p s l/Box.vmbundle/disks");
  self->path = g_build_filename (library, "Box.vmbundle", NULL);
  file = g_build_filename (self->path, "config.xml", NULL);
  g_assert_true (g_file_set_contents (file, config, -1, NULL));
  self->host = valise_host_new (URI);
  valise_host_connect_sync (self->host, NULL, &error);
  g_assert_no_error (error);
  self->library = valise_library_new (self->host, library);
  self->machine = valise_machine_new (self->host, self->path);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_clear_object (&self->machine);
  g_clear_object (&self->library);
  g_clear_object (&self->host);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self->path);
  place_tear_down (&self->place, NULL);
}

static gpointer
run_valisectl (gpointer data)
{
  Fixture *self = data;
  const char *argv[] = { g_getenv ("VALISECTL"), "--connect", URI, "set", self->path, "description=knocked", NULL };
  GError *error = NULL;

  valise_process_run (argv, NULL, NULL, NULL, NULL, &error);
  g_mutex_lock (&self->mutex);
  self->error = error;
  self->ended = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
  return NULL;
}

/* Whether it has ended meanwhile. */
static gboolean
wait_for_end (Fixture *self)
{
  gint64 until = g_get_monotonic_time () + PATIENCE;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  while (!self->ended && g_cond_wait_until (&self->cond, &self->mutex, until))
    ;
  return self->ended;
}

static gboolean
knock_meanwhile (ValiseMachine *machine, ValiseBundle *bundle, gpointer data, GCancellable *cancellable, GError **error)
{
  Fixture *self = data;

  self->thread = g_thread_new ("valisectl", run_valisectl, self);
  g_assert_false (wait_for_end (self));
  return TRUE;
}

static void
test_turn (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseVerbService) service = valise_verb_service_new (self->library, &error);
  g_autofree char *set = NULL;

  g_test_summary (
      "A verb from outside waits for its turn with a machine that is held here, instead of finding it locked");
  g_assert_no_error (error);
  _valise_machine_work_on_snapshots (self->machine, knock_meanwhile, self, NULL, &error);
  g_assert_no_error (error);
  g_thread_join (self->thread);
  g_assert_no_error (self->error);
  set = valise_document_get (valise_machine_get_document (self->machine), "description");
  g_assert_cmpstr (set, ==, "knocked");
}

typedef struct
{
  Fixture *fixture;
  ValiseVerbService *service;
} Ending;

static gboolean
count_meanwhile (ValiseMachine *machine, ValiseBundle *bundle, gpointer data, GCancellable *cancellable, GError **error)
{
  Ending *ending = data;

  ending->fixture->thread = g_thread_new ("valisectl", run_valisectl, ending->fixture);
  while (valise_verb_service_count_visits (ending->service) == 0)
    g_usleep (1000);
  g_assert_cmpuint (valise_verb_service_count_visits (ending->service), ==, 1);
  return TRUE;
}

static void
test_visits (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseVerbService) service = valise_verb_service_new (self->library, &error);
  Ending ending = { self, service };
  g_autofree char *set = NULL;

  g_test_summary ("An application that ends knows of what came in, and waits until it is over");
  g_assert_no_error (error);
  _valise_machine_work_on_snapshots (self->machine, count_meanwhile, &ending, NULL, &error);
  g_assert_no_error (error);
  valise_verb_service_close (service, NULL);
  g_assert_cmpuint (valise_verb_service_count_visits (service), ==, 0);
  set = valise_document_get (valise_machine_get_document (self->machine), "description");
  g_assert_cmpstr (set, ==, "knocked");
  g_thread_join (self->thread);
  g_assert_no_error (self->error);
}

static gboolean
interrupt_meanwhile (ValiseMachine *machine,
                     ValiseBundle *bundle,
                     gpointer data,
                     GCancellable *cancellable,
                     GError **error)
{
  Ending *ending = data;
  gint before;
  g_autoptr (GSubprocess) program =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE, error, g_getenv ("VALISECTL"), "--connect", URI, "set",
                        ending->fixture->path, "description=knocked", NULL);

  for (guint i = 0; valise_verb_service_count_visits (ending->service) == 0; i++)
    {
      g_assert_cmpuint (i, <, 30000);
      g_usleep (1000);
    }
  g_usleep (PATIENCE);
  before = g_atomic_int_get (&cancels);
  g_subprocess_send_signal (program, SIGINT);
  g_assert_true (g_subprocess_wait (program, NULL, error));
  g_assert_false (g_subprocess_get_successful (program));
  /* Until the other side has heard of it. */
  for (guint i = 0; g_atomic_int_get (&cancels) == before; i++)
    {
      g_assert_cmpuint (i, <, 30000);
      g_usleep (1000);
    }
  return TRUE;
}

static void
test_interrupted (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseVerbService) service = valise_verb_service_new (self->library, &error);
  Ending ending = { self, service };
  g_autofree char *set = NULL;

  g_test_summary ("What was called off while it waited for its turn is not done when that comes");
  g_assert_no_error (error);
  _valise_machine_work_on_snapshots (self->machine, interrupt_meanwhile, &ending, NULL, &error);
  g_assert_no_error (error);
  valise_verb_service_close (service, NULL);
  set = valise_document_get (valise_machine_get_document (self->machine), "description");
  g_assert_null (set);
}

static void
test_closed (Fixture *self, gconstpointer unused)
{
  const char *arguments[] = { "list", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseVerbService) service = valise_verb_service_new (self->library, &error);
  g_autoptr (GDBusConnection) connection = NULL;
  gboolean begun = TRUE;
  int code = -1;

  g_test_summary ("Who knocks at the end of a program, which would cut the verb off, is told that nothing was begun");
  g_assert_no_error (error);
  connection = valise_door_open (self->host, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  valise_verb_service_close (service, NULL);
  g_assert_false (
      valise_door_knock (connection, (char **) arguments, "/", self->place.directory, &code, &begun, NULL, &error));
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_SERVER);
  g_assert_false (begun);
}

static void
test_second (Fixture *self, gconstpointer unused)
{
  g_autofree char *socket = valise_door_socket (self->host);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseVerbService) service = valise_verb_service_new (self->library, &error);
  g_autoptr (ValiseVerbService) second = NULL;

  g_test_summary ("Of several applications at one daemon the first has the door, and leaves none behind");
  g_assert_no_error (error);
  second = valise_verb_service_new (self->library, &error);
  g_assert_null (second);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_true (g_file_test (socket, G_FILE_TEST_EXISTS));
  g_clear_object (&service);
  g_assert_false (g_file_test (socket, G_FILE_TEST_EXISTS));
  g_clear_error (&error);
  second = valise_verb_service_new (self->library, &error);
  g_assert_no_error (error);
}

static void
test_not_private (Fixture *self, gconstpointer unused)
{
  g_autofree char *root = valise_host_dup_embed_root (self->host);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseVerbService) service = valise_verb_service_new (self->library, &error);
  g_autoptr (GDBusConnection) connection = NULL;

  g_test_summary ("Nobody knocks where somebody else may have put the door");
  g_assert_no_error (error);
  g_assert_no_errno (g_chmod (root, 0777));
  connection = valise_door_open (self->host, NULL, NULL, NULL, &error);
  g_assert_no_errno (g_chmod (root, 0700));
  g_assert_null (connection);
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_PERMISSION);
  g_clear_error (&error);
  connection = valise_door_open (self->host, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
on_run_cb (GDBusConnection *connection,
           const char *sender,
           const char *path,
           const char *interface,
           const char *method,
           GVariant *parameters,
           GDBusMethodInvocation *invocation,
           gpointer begins)
{
  if (GPOINTER_TO_INT (begins))
    g_dbus_connection_emit_signal (connection, NULL, path, interface, VALISE_DOOR_BEGUN, NULL, NULL);
  g_dbus_connection_flush_sync (connection, NULL, NULL);
  g_dbus_connection_close_sync (connection, NULL, NULL);
  g_object_unref (invocation);
}

static gboolean
on_visitor_cb (GDBusServer *server, GDBusConnection *connection, gpointer begins)
{
  static const GDBusInterfaceVTable table = { .method_call = on_run_cb };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (VALISE_DOOR_INTERFACE_XML, NULL);

  return g_dbus_connection_register_object (g_object_ref (connection), VALISE_DOOR_PATH, node->interfaces[0], &table,
                                            begins, NULL, NULL)
         != 0;
}

static gboolean
has_ended (Fixture *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->ended;
}

static gpointer
run_and_wake (gpointer data)
{
  run_valisectl (data);
  g_main_context_wakeup (NULL);
  return NULL;
}

static void
test_lost (Fixture *self, gconstpointer begins)
{
  g_autofree char *socket = valise_door_socket (self->host);
  g_autofree char *address = g_strconcat ("unix:path=", socket, NULL);
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusServer) server = NULL;
  g_autofree char *set = NULL;

  g_test_summary ("What another process has begun is not done a second time when that ends; what it has not, is");
  g_assert_true (valise_host_make_embed_root (self->host, &error));
  server = g_dbus_server_new_sync (address, G_DBUS_SERVER_FLAGS_NONE, guid, NULL, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (server, "new-connection", G_CALLBACK (on_visitor_cb), (gpointer) begins);
  g_dbus_server_start (server);
  self->thread = g_thread_new ("valisectl", run_and_wake, self);
  while (!has_ended (self))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (self->thread);
  g_dbus_server_stop (server);
  g_unlink (socket);
  g_assert_true ((self->error != NULL) == (begins != NULL));
  g_clear_error (&self->error);
  valise_machine_load (self->machine, TRUE, &error);
  g_assert_no_error (error);
  set = valise_document_get (valise_machine_get_document (self->machine), "description");
  g_assert_cmpstr (set, ==, begins != NULL ? NULL : "knocked");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cli/door/turn", Fixture, NULL, set_up, test_turn, tear_down);
  g_test_add ("/cli/door/visits", Fixture, NULL, set_up, test_visits, tear_down);
  g_test_add ("/cli/door/interrupted", Fixture, NULL, set_up, test_interrupted, tear_down);
  g_test_add ("/cli/door/closed", Fixture, NULL, set_up, test_closed, tear_down);
  g_test_add ("/cli/door/second", Fixture, NULL, set_up, test_second, tear_down);
  g_test_add ("/cli/door/not-private", Fixture, NULL, set_up, test_not_private, tear_down);
  g_test_add ("/cli/door/lost", Fixture, GINT_TO_POINTER (TRUE), set_up, test_lost, tear_down);
  g_test_add ("/cli/door/lost-before", Fixture, NULL, set_up, test_lost, tear_down);
  return g_test_run ();
}
