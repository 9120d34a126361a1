/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-door-private.h"

#include <gio/gunixconnection.h>
#include <gio/gunixfdlist.h>
#include <gio/gunixsocketaddress.h>
#include <unistd.h>

/* A program that has not opened by then is stopped or hangs. */
#define CONNECT_MS 10000

typedef struct
{
  GMainContext *context; /* of its own: nothing else is to run meanwhile */
  GCancellable *cancellable;
  GAsyncResult *result;
  GSourceFunc notice;
  gpointer data;
} Entrance;

char *
valise_door_socket (ValiseHost *host)
{
  g_autofree char *root = valise_host_dup_embed_root (host);
  g_autofree char *hash = NULL;

  if (valise_host_is_embedded (host))
    return g_build_filename (root, "door", NULL);
  hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, valise_host_get_uri (host), -1);
  return g_strdup_printf ("%s/door-%.8s", root, hash);
}

/* The name can be guessed, and a directory that everybody can write to may lie above it. */
static GSocketConnection *
connect_to_own (ValiseHost *host, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = valise_door_socket (host);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) stream = NULL;
  g_autoptr (GCredentials) peer = NULL;

  if (!valise_host_check_embed_root (host, error))
    return NULL;
  stream = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), cancellable, error);
  peer = stream != NULL ? g_socket_get_credentials (g_socket_connection_get_socket (stream), error) : NULL;
  if (peer == NULL)
    return NULL;
  if (g_credentials_get_unix_user (peer, NULL) == geteuid ())
    return g_steal_pointer (&stream);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s belongs to another user's program", path);
  return NULL;
}

static void
on_caller_cancelled_cb (GCancellable *caller, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Entrance *self = data;

  self->result = g_object_ref (result);
}

static gboolean
on_notice_cb (gpointer data)
{
  Entrance *self = data;

  self->notice (self->data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_late_cb (gpointer data)
{
  Entrance *self = data;

  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

GSource *
valise_door_add_timeout (GMainContext *context, guint milliseconds, GSourceFunc callback, gpointer data)
{
  GSource *source = g_timeout_source_new (milliseconds);

  g_source_set_callback (source, callback, data, NULL);
  g_source_attach (source, context);
  return source;
}

void
valise_door_remove_timeout (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

static GDBusConnection *
shake_hands (Entrance *self, GSocketConnection *stream, GError **error)
{
  GSource *notice = valise_door_add_timeout (self->context, VALISE_DOOR_NOTICE_MS, on_notice_cb, self);
  GSource *late = valise_door_add_timeout (self->context, CONNECT_MS, on_late_cb, self);
  GDBusConnection *connection;

  g_dbus_connection_new (G_IO_STREAM (stream), NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                         self->cancellable, opened_cb, self);
  while (self->result == NULL)
    g_main_context_iteration (self->context, TRUE);
  valise_door_remove_timeout (notice);
  valise_door_remove_timeout (late);
  connection = g_dbus_connection_new_finish (self->result, error);
  g_object_unref (self->result);
  return connection;
}

GDBusConnection *
valise_door_open (ValiseHost *host, GSourceFunc notice, gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSocketConnection) stream = connect_to_own (host, cancellable, error);
  g_autoptr (GMainContext) context = NULL;
  g_autoptr (GCancellable) own = NULL;
  Entrance entrance = { .notice = notice, .data = data };
  GDBusConnection *connection;
  gulong handler = 0;

  if (stream == NULL)
    return NULL;
  entrance.context = context = g_main_context_new ();
  entrance.cancellable = own = g_cancellable_new ();
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_caller_cancelled_cb), own, NULL);
  g_main_context_push_thread_default (context);
  connection = shake_hands (&entrance, stream, error);
  g_main_context_pop_thread_default (context);
  g_cancellable_disconnect (cancellable, handler);
  return connection;
}

/* In the connection's own thread, before what came after it. */
static GDBusMessage *
filter (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer begun)
{
  if (incoming && g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_SIGNAL
      && g_strcmp0 (g_dbus_message_get_member (message), VALISE_DOOR_BEGUN) == 0)
    g_atomic_int_set ((int *) begun, TRUE);
  return message;
}

gboolean
valise_door_knock (GDBusConnection *connection,
                   char **arguments,
                   const char *directory,
                   const char *library,
                   int *code,
                   gboolean *begun,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_autoptr (GVariant) answer = NULL;
  int *has_begun = g_new0 (int, 1);
  int output, errors;
  guint number;

  *begun = FALSE;
  output = g_unix_fd_list_append (descriptors, STDOUT_FILENO, error);
  errors = output >= 0 ? g_unix_fd_list_append (descriptors, STDERR_FILENO, error) : -1;
  /* Freed with the filter, which another thread may still be in. */
  number = g_dbus_connection_add_filter (connection, filter, has_begun, g_free);
  if (errors >= 0)
    answer =
        g_dbus_connection_call_with_unix_fd_list_sync (connection, NULL, VALISE_DOOR_PATH, VALISE_DOOR_INTERFACE, "Run",
                                                       g_variant_new ("(^aay^ay^ayhh)", arguments, directory, library,
                                                                      output, errors),
                                                       G_VARIANT_TYPE ("(i)"), G_DBUS_CALL_FLAGS_NONE, G_MAXINT,
                                                       descriptors, NULL, cancellable, error);
  *begun = g_atomic_int_get (has_begun);
  g_dbus_connection_remove_filter (connection, number);
  if (answer == NULL)
    return FALSE;
  g_variant_get (answer, "(i)", code);
  return TRUE;
}
