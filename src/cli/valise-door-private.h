/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-host.h"

G_BEGIN_DECLS

/* What both sides of the door know. */
#define VALISE_DOOR_PATH "/io/github/valise/Verbs"
#define VALISE_DOOR_INTERFACE "io.github.valise.Verbs1"
#define VALISE_DOOR_INTERFACE_XML                                                                                      \
  "<node><interface name='" VALISE_DOOR_INTERFACE "'><method name='Run'>"                                              \
  "<arg name='arguments' type='aay' direction='in'/>"                                                                  \
  "<arg name='directory' type='ay' direction='in'/>"                                                                   \
  "<arg name='library' type='ay' direction='in'/>"                                                                     \
  "<arg name='output' type='h' direction='in'/>"                                                                       \
  "<arg name='errors' type='h' direction='in'/>"                                                                       \
  "<arg name='code' type='i' direction='out'/>"                                                                        \
  "</method><signal name='" VALISE_DOOR_BEGUN "'/></interface></node>"
/* Sent before the verb's first step: whoever loses the connection after it must not do it again. */
#define VALISE_DOOR_BEGUN "Begun"

/* Whoever sits at a terminal wants to know by then why nothing happens. */
#define VALISE_DOOR_NOTICE_MS 1000

/* The socket in the embedded driver's root, another one for each other connection; its path is short enough for a UNIX
 * socket. (transfer full) */
char *valise_door_socket (ValiseHost *host);

/* A wait's own alarm clock: what else runs in this thread is not to run meanwhile. (transfer full) */
GSource *valise_door_add_timeout (GMainContext *context, guint milliseconds, GSourceFunc callback, gpointer data);
/* @source: (transfer full) */
void valise_door_remove_timeout (GSource *source);

/**
 * valise_door_open:
 * @host: whose embedded driver it is, or which the other process is connected to as well
 * @notice: called with @data when it takes a second
 *
 * Connects to the process that holds the embedded driver, or the application that uses the same connection. Fails with
 * %VALISE_ENGINE_ERROR_PERMISSION or %G_IO_ERROR_PERMISSION_DENIED when it may be somebody else's, with
 * %G_IO_ERROR_NOT_FOUND or %G_IO_ERROR_CONNECTION_REFUSED when nobody listens, with %G_IO_ERROR_CANCELLED also when
 * nobody has answered in ten seconds. (transfer full)
 */
GDBusConnection *
valise_door_open (ValiseHost *host, GSourceFunc notice, gpointer data, GCancellable *cancellable, GError **error);

/**
 * valise_door_knock:
 * @connection: from valise_door_open
 * @arguments: verb and what follows
 * @directory: the caller's working directory
 * @library: absolute directory of the library
 * @code: (out): the verb's exit code
 * @begun: (out): whether the verb was begun over there, also when it fails
 *
 * Has the verb run over there, with our standard output and error. Cancelling closes the connection, which cancels the
 * verb.
 */
gboolean valise_door_knock (GDBusConnection *connection,
                            char **arguments,
                            const char *directory,
                            const char *library,
                            int *code,
                            gboolean *begun,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS
