/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-door-private.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

char *
valise_door_socket (ValiseHost *host)
{
  g_autofree char *root = valise_host_dup_embed_root (host);

  return g_build_filename (root, "door", NULL);
}

static GDBusConnection *
connect_to_door (ValiseHost *host, GCancellable *cancellable, GError **error)
{
  g_autofree char *socket = valise_door_socket (host);
  g_autofree char *escaped = g_dbus_address_escape_value (socket);
  g_autofree char *address = g_strdup_printf ("unix:path=%s", escaped);

  return g_dbus_connection_new_for_address_sync (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                                                 cancellable, error);
}

gboolean
valise_door_knock (ValiseHost *host,
                   char **arguments,
                   const char *directory,
                   const char *library,
                   int *code,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (GDBusConnection) connection = connect_to_door (host, cancellable, error);
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_autoptr (GVariant) answer = NULL;
  int output, errors;

  if (connection == NULL)
    return FALSE;
  output = g_unix_fd_list_append (descriptors, STDOUT_FILENO, error);
  errors = output >= 0 ? g_unix_fd_list_append (descriptors, STDERR_FILENO, error) : -1;
  if (errors < 0)
    return FALSE;
  answer =
      g_dbus_connection_call_with_unix_fd_list_sync (connection, NULL, VALISE_DOOR_PATH, VALISE_DOOR_INTERFACE, "Run",
                                                     g_variant_new ("(^aay^ay^ayhh)", arguments, directory, library,
                                                                    output, errors),
                                                     G_VARIANT_TYPE ("(i)"), G_DBUS_CALL_FLAGS_NONE, G_MAXINT,
                                                     descriptors, NULL, cancellable, error);
  if (answer == NULL)
    return FALSE;
  g_variant_get (answer, "(i)", code);
  return TRUE;
}
