/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libvirt and QEMU say in one text, told apart whatever language this program speaks. */
#include "engine/valise-engine-error-private.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

/* As it is where the user's language is not QEMU's. */
const char *
g_strerror (int number)
{
  return number == EACCES ? "Keine Berechtigung" : number == ENOSPC ? "Kein Platz" : "Anderes";
}

static void
on_error_cb (void *data, virErrorPtr error)
{
}

static ValiseEngineError
fail_to_open (const char *uri)
{
  ValiseEngineError code;

  g_assert_null (virConnectOpen (uri));
  g_test_message ("%s", virGetLastErrorMessage ());
  code = _valise_engine_error_peek ();
  virResetLastError ();
  return code;
}

/* The driver for tests opens a file, and says its name when it cannot. */
static ValiseEngineError
code_of (const char *said)
{
  g_autofree char *uri = g_strdup_printf ("test:///nowhere/%s", said);

  return fail_to_open (uri);
}

static void
test_languages (void)
{
  static const struct
  {
    const char *said;
    ValiseEngineError code;
  } cases[] = {
    { "Could not open it: Permission denied", VALISE_ENGINE_ERROR_PERMISSION },
    { "Could not open it: Keine Berechtigung", VALISE_ENGINE_ERROR_PERMISSION },
    { "Could not write it: No space left on device", VALISE_ENGINE_ERROR_SPACE },
    { "Could not write it: Kein Platz", VALISE_ENGINE_ERROR_SPACE },
    { "Failed to get \"write\" lock", VALISE_ENGINE_ERROR_BUSY },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].said);
      g_assert_cmpint (code_of (cases[i].said), ==, cases[i].code);
    }
}

static gpointer
hang_up (gpointer data)
{
  g_autoptr (GSocket) connection = g_socket_accept (data, NULL, NULL);
  char asked[4];

  g_assert_nonnull (connection);
  g_assert_cmpint (g_socket_receive (connection, asked, sizeof asked, NULL, NULL), >, 0);
  return NULL;
}

/* A daemon that is not there, and one that goes away when it was asked something. */
static void
test_daemon (void)
{
  g_autofree char *directory = g_dir_make_tmp ("valise-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "socket", NULL);
  g_autofree char *uri = g_strdup_printf ("qemu+unix:///system?socket=%s", path);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
  g_autoptr (GError) error = NULL;
  GThread *daemon;

  g_assert_cmpint (fail_to_open (uri), ==, VALISE_ENGINE_ERROR_NO_LIBVIRT);
  g_assert_true (g_socket_bind (socket, address, FALSE, &error) && g_socket_listen (socket, &error));
  daemon = g_thread_new ("daemon", hang_up, socket);
  g_assert_cmpint (fail_to_open (uri), ==, VALISE_ENGINE_ERROR_DISCONNECTED);
  g_thread_join (daemon);
  g_socket_close (socket, NULL);
  g_assert_cmpint (fail_to_open (uri), ==, VALISE_ENGINE_ERROR_NO_LIBVIRT);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  virSetErrorFunc (NULL, on_error_cb);
  g_test_add_func ("/engine/engine-error/languages", test_languages);
  g_test_add_func ("/engine/engine-error/daemon", test_daemon);
  return g_test_run ();
}
