/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-verb-service.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "cli/valise-command.h"
#include "cli/valise-door-private.h"

#define REGISTRATION "valise-registration"

/**
 * A D-Bus server with a thread and a main context of its own, so that it answers while valisectl's only thread waits in
 * a verb and so that a verb never runs on the application's main loop.
 */
struct _ValiseVerbService
{
  GObject parent;

  ValiseHost *host;
  GDBusServer *server;
  GPtrArray *connections; /* of callers who are there; for the serving thread only */
  GDBusNodeInfo *node;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  char *socket;
  char *making; /* the socket's name before it listens */
  int claim;    /* who may make it, where that is not whoever holds the driver; -1 */
  GMutex mutex;
  GCond served;
  GPtrArray *visits; /* cancellables of others' verbs under way */
  gboolean is_closed;
};

G_DEFINE_FINAL_TYPE (ValiseVerbService, valise_verb_service, G_TYPE_OBJECT)

/* One verb on its way. */
typedef struct
{
  ValiseVerbService *service;
  GDBusMethodInvocation *invocation;
  GCancellable *cancellable;
  GSource *gone;
  char **arguments;
  char *directory;
  char *library;
  FILE *output;
  FILE *errors;
} Visit;

static void
visit_free (Visit *self)
{
  g_source_destroy (self->gone);
  g_source_unref (self->gone);
  g_clear_object (&self->invocation);
  g_clear_object (&self->cancellable);
  g_strfreev (self->arguments);
  g_free (self->directory);
  g_free (self->library);
  g_clear_pointer (&self->output, fclose);
  g_clear_pointer (&self->errors, fclose);
  g_free (self);
}

static gboolean
add_visit (ValiseVerbService *self, GCancellable *cancellable)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (!self->is_closed)
    g_ptr_array_add (self->visits, g_object_ref (cancellable));
  return !self->is_closed;
}

static void
remove_visit (ValiseVerbService *self, GCancellable *cancellable)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_ptr_array_remove_fast (self->visits, cancellable);
  g_cond_broadcast (&self->served);
}

static int
run_visit (Visit *self)
{
  g_autoptr (ValiseLibrary) library = valise_library_new (self->service->host, self->library);
  ValiseCall call = {
    .library = library,
    .directory = self->directory,
    .out = self->output,
    .err = self->errors,
    .cancellable = self->cancellable,
  };
  int code = valise_command_run (&call, self->arguments);

  g_clear_pointer (&self->output, fclose);
  g_clear_pointer (&self->errors, fclose);
  return code;
}

/* Has left this process before the verb's first step, however it ends. */
static void
say_begun (Visit *self)
{
  GDBusConnection *connection = g_dbus_method_invocation_get_connection (self->invocation);

  g_dbus_connection_emit_signal (connection, NULL, VALISE_DOOR_PATH, VALISE_DOOR_INTERFACE, VALISE_DOOR_BEGUN, NULL,
                                 NULL);
  g_dbus_connection_flush_sync (connection, NULL, NULL);
}

static gpointer
visit_thread (gpointer data)
{
  Visit *self = data;
  ValiseVerbService *service = self->service;
  g_autoptr (GCancellable) cancellable = g_object_ref (self->cancellable);
  int code;

  say_begun (self);
  code = run_visit (self);
  g_dbus_method_invocation_return_value (g_object_ref (self->invocation), g_variant_new ("(i)", code));
  g_dbus_connection_flush_sync (g_dbus_method_invocation_get_connection (self->invocation), NULL, NULL);
  visit_free (self);
  remove_visit (service, cancellable);
  g_object_unref (service);
  return NULL;
}

static GSocket *
get_socket (GDBusConnection *connection)
{
  return g_socket_connection_get_socket (G_SOCKET_CONNECTION (g_dbus_connection_get_stream (connection)));
}

/* The connection itself says in the application's main loop only that its caller is gone, and valisectl runs none. The
 * source is to be given back. */
static GSource *
watch_caller (ValiseVerbService *self,
              GDBusConnection *connection,
              GSocketSourceFunc gone,
              gpointer data,
              GDestroyNotify free_data)
{
  GSource *source = g_socket_create_source (get_socket (connection), G_IO_HUP, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (gone), data, free_data);
  g_source_attach (source, self->context);
  return source;
}

static gboolean
on_visitor_gone_cb (GSocket *socket, GIOCondition condition, gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

/* NULL for what cannot be written to. */
static FILE *
take_descriptor (GUnixFDList *list, int number)
{
  int fd = g_unix_fd_list_get (list, number, NULL);
  FILE *file = fd >= 0 ? fdopen (fd, "w") : NULL;

  if (fd >= 0 && file == NULL)
    close (fd);
  return file;
}

/* Takes both descriptors out of the message; FALSE when the caller did not send two that can be written to. */
static gboolean
take_descriptors (GDBusMethodInvocation *invocation, gint32 output, gint32 errors, Visit *visit)
{
  GUnixFDList *list = g_dbus_message_get_unix_fd_list (g_dbus_method_invocation_get_message (invocation));
  int count = list != NULL ? g_unix_fd_list_get_length (list) : 0;

  if (output < 0 || output >= count || errors < 0 || errors >= count)
    return FALSE;
  visit->output = take_descriptor (list, output);
  visit->errors = take_descriptor (list, errors);
  return visit->output != NULL && visit->errors != NULL;
}

static void
refuse (Visit *visit, int code, const char *why)
{
  GDBusMethodInvocation *invocation = g_object_ref (visit->invocation);

  visit_free (visit);
  g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR, code, why);
}

static void
on_method_call_cb (GDBusConnection *connection,
                   const char *sender,
                   const char *path,
                   const char *interface,
                   const char *method,
                   GVariant *parameters,
                   GDBusMethodInvocation *invocation,
                   gpointer user_data)
{
  ValiseVerbService *self = user_data;
  Visit *visit = g_new0 (Visit, 1);
  gint32 output, errors;

  visit->service = self;
  visit->invocation = invocation;
  visit->cancellable = g_cancellable_new ();
  visit->gone = watch_caller (self, connection, on_visitor_gone_cb, g_object_ref (visit->cancellable), g_object_unref);
  g_variant_get (parameters, "(^aay^ay^ayhh)", &visit->arguments, &visit->directory, &visit->library, &output, &errors);
  if (!take_descriptors (invocation, output, errors, visit) || visit->arguments[0] == NULL)
    {
      refuse (visit, G_DBUS_ERROR_INVALID_ARGS, "Run takes a verb and two file descriptors to write to");
      return;
    }
  if (!add_visit (self, visit->cancellable))
    {
      refuse (visit, G_DBUS_ERROR_NO_SERVER, "This program is at its end");
      return;
    }
  g_object_ref (self);
  g_thread_unref (g_thread_new ("verb", visit_thread, visit));
}

static gboolean
on_caller_gone_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  ValiseVerbService *self = user_data;

  for (guint i = 0; i < self->connections->len; i++)
    if (get_socket (self->connections->pdata[i]) == socket)
      {
        g_ptr_array_remove_index_fast (self->connections, i);
        break;
      }
  return G_SOURCE_REMOVE;
}

static gboolean
on_new_connection_cb (GDBusServer *server, GDBusConnection *connection, gpointer user_data)
{
  static const GDBusInterfaceVTable table = { .method_call = on_method_call_cb };
  ValiseVerbService *self = user_data;
  guint registration;

  registration = g_dbus_connection_register_object (connection, VALISE_DOOR_PATH, self->node->interfaces[0], &table,
                                                    self, NULL, NULL);
  if (registration == 0)
    return FALSE;
  g_object_set_data (G_OBJECT (connection), REGISTRATION, GUINT_TO_POINTER (registration));
  g_source_unref (watch_caller (self, connection, on_caller_gone_cb, self, NULL));
  g_ptr_array_add (self->connections, g_object_ref (connection));
  return TRUE;
}

/* Who is still there has had an answer, or will ask again elsewhere. */
static void
show_out (gpointer data, gpointer self)
{
  GDBusConnection *connection = data;

  g_dbus_connection_unregister_object (connection,
                                       GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (connection), REGISTRATION)));
  g_dbus_connection_close_sync (connection, NULL, NULL);
}

static gpointer
serve (gpointer data)
{
  ValiseVerbService *self = data;

  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

/* In the serving thread: GLib 2.74 loses the source of an accept that one thread cancels while another gives it up. */
static gboolean
on_quit_cb (gpointer data)
{
  ValiseVerbService *self = data;

  g_unlink (self->socket);
  g_dbus_server_stop (self->server);
  g_ptr_array_foreach (self->connections, show_out, self);
  g_ptr_array_set_size (self->connections, 0);
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

/* Through a source of the loop's own context: the thread may not have entered the loop yet, and a quit before run is
 * forgotten. */
static void
stop_serving (ValiseVerbService *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, on_quit_cb, self, NULL);
  g_source_attach (source, self->context);
  g_thread_join (g_steal_pointer (&self->thread));
}

/* Many can be connected to a daemon; the first has the door. */
static gboolean
claim_door (ValiseVerbService *self, GError **error)
{
  g_autofree char *path = g_strconcat (self->socket, ".claim", NULL);
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  gboolean is_held;
  int number;

  if (valise_host_is_embedded (self->host))
    return TRUE;
  if (!valise_host_make_embed_root (self->host, error))
    return FALSE;
  self->claim = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->claim >= 0 && fcntl (self->claim, F_OFD_SETLK, &range) == 0)
    return TRUE;
  number = errno;
  is_held = self->claim >= 0 && (number == EAGAIN || number == EACCES);
  g_set_error (error, G_IO_ERROR, is_held ? G_IO_ERROR_BUSY : g_io_error_from_errno (number), "%s: %s", path,
               g_strerror (number));
  return FALSE;
}

/* Whoever sees the door come up knocks at once: it gets its name when it listens. A killed process leaves both names
 * behind; whoever holds the driver, or the claim, is the only one who may make new ones. */
static gboolean
open_server (ValiseVerbService *self, GError **error)
{
  g_autofree char *escaped = g_dbus_address_escape_value (self->making);
  g_autofree char *address = g_strdup_printf ("unix:path=%s", escaped);
  g_autofree char *guid = g_dbus_generate_guid ();
  GDBusServerFlags flags = G_DBUS_SERVER_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER;

  g_unlink (self->making);
  g_unlink (self->socket);
  g_main_context_push_thread_default (self->context);
  self->server = g_dbus_server_new_sync (address, flags, guid, NULL, NULL, error);
  g_main_context_pop_thread_default (self->context);
  if (self->server == NULL)
    return FALSE;
  if (link (self->making, self->socket) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", self->socket, g_strerror (errno));
  return FALSE;
}

static void
valise_verb_service_dispose (GObject *object)
{
  ValiseVerbService *self = VALISE_VERB_SERVICE (object);

  if (self->thread != NULL)
    /* The last reference may go in a verb's own thread or here; never in the serving one, which takes none. */
    stop_serving (self);
  g_clear_object (&self->server);
  /* The listener's accept, cancelled by the stop, ends in this context; nobody else runs it any more. */
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_clear_object (&self->host);
  G_OBJECT_CLASS (valise_verb_service_parent_class)->dispose (object);
}

static void
valise_verb_service_finalize (GObject *object)
{
  ValiseVerbService *self = VALISE_VERB_SERVICE (object);

  g_ptr_array_unref (self->connections);
  g_ptr_array_unref (self->visits);
  g_dbus_node_info_unref (self->node);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_free (self->socket);
  g_free (self->making);
  if (self->claim >= 0)
    close (self->claim);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->served);
  G_OBJECT_CLASS (valise_verb_service_parent_class)->finalize (object);
}

static void
valise_verb_service_class_init (ValiseVerbServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = valise_verb_service_dispose;
  object_class->finalize = valise_verb_service_finalize;
}

static void
valise_verb_service_init (ValiseVerbService *self)
{
  self->claim = -1;
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
  self->visits = g_ptr_array_new_with_free_func (g_object_unref);
  self->node = g_dbus_node_info_new_for_xml (VALISE_DOOR_INTERFACE_XML, NULL);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->served);
}

ValiseVerbService *
valise_verb_service_new (ValiseLibrary *library, GError **error)
{
  g_autoptr (ValiseVerbService) self = g_object_new (VALISE_TYPE_VERB_SERVICE, NULL);

  self->host = g_object_ref (valise_library_get_host (library));
  self->socket = valise_door_socket (self->host);
  self->making = g_strconcat (self->socket, ".new", NULL);
  if (!claim_door (self, error) || !open_server (self, error))
    return NULL;
  g_signal_connect (self->server, "new-connection", G_CALLBACK (on_new_connection_cb), self);
  self->thread = g_thread_new ("door", serve, self);
  g_dbus_server_start (self->server);
  return g_steal_pointer (&self);
}

static void
on_waiting_cancelled_cb (GCancellable *cancellable, ValiseVerbService *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_cond_broadcast (&self->served);
}

guint
valise_verb_service_count_visits (ValiseVerbService *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (VALISE_IS_VERB_SERVICE (self), 0);
  locker = g_mutex_locker_new (&self->mutex);
  return self->visits->len;
}

void
valise_verb_service_cancel_visits (ValiseVerbService *self)
{
  g_autoptr (GPtrArray) visits = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_if_fail (VALISE_IS_VERB_SERVICE (self));
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->visits->len; i++)
    g_ptr_array_add (visits, g_object_ref (self->visits->pdata[i]));
  g_mutex_unlock (&self->mutex);
  /* Without the mutex: whoever is told may be about to leave. */
  for (guint i = 0; i < visits->len; i++)
    g_cancellable_cancel (visits->pdata[i]);
}

void
valise_verb_service_close (ValiseVerbService *self, GCancellable *cancellable)
{
  gulong handler;

  g_return_if_fail (VALISE_IS_VERB_SERVICE (self));

  handler =
      cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (on_waiting_cancelled_cb), self, NULL) : 0;
  g_mutex_lock (&self->mutex);
  while (self->visits->len > 0 && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->served, &self->mutex);
  /* At one stroke: a verb that came in now would be cut off by the end of this program. */
  self->is_closed = TRUE;
  g_mutex_unlock (&self->mutex);
  g_cancellable_disconnect (cancellable, handler);
}
