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
  "</method></interface></node>"

/* The socket beside the embedded driver's root; its path is short enough for a UNIX socket. (transfer full) */
char *valise_door_socket (ValiseHost *host);

/**
 * valise_door_knock:
 * @host: whose embedded driver it is
 * @arguments: verb and what follows
 * @directory: the caller's working directory
 * @library: absolute directory of the library
 * @code: (out): the verb's exit code
 *
 * Has the process that holds the embedded driver run the verb, with our standard output and error. Fails with
 * %G_IO_ERROR_NOT_FOUND or %G_IO_ERROR_CONNECTION_REFUSED when nobody listens. Cancelling closes the connection, which
 * cancels the verb over there.
 */
gboolean valise_door_knock (ValiseHost *host,
                            char **arguments,
                            const char *directory,
                            const char *library,
                            int *code,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS
