/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bare-start-client SOCKET QEMU ARGUMENT...: starts QEMU, connects to its VNC socket as soon as it is there, and prints
 * how many milliseconds passed until the guest's own picture had come: a raw RFB client with no window. Then ends
 * QEMU. */
#include <errno.h>
#include <gio/gio.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest-picture.h"
#include "ui/valise-display-reader.h"

#define LIMIT_SECONDS 60
#define ENCODING_RAW 0
#define ENCODING_SIZE -223

typedef struct
{
  ValiseDisplayReader *reader;
  int fd;
  guint8 *pixels;
  int width;
  int height;
  gboolean painted;
} Client;

static void
say (gpointer data, const void *bytes, gsize size)
{
  Client *client = data;

  if (send (client->fd, bytes, size, MSG_NOSIGNAL) != (ssize_t) size)
    g_error ("QEMU does not listen: %s", g_strerror (errno));
}

static void
put_u16 (guint8 *out, guint value)
{
  out[0] = (guint8) (value >> 8);
  out[1] = (guint8) value;
}

static void
request (Client *client, gboolean incremental)
{
  guint8 message[10] = { 3, incremental != FALSE };

  put_u16 (message + 6, (guint) client->width);
  put_u16 (message + 8, (guint) client->height);
  say (client, message, sizeof message);
}

static gboolean
on_sized (gpointer data, int width, int height, GError **error)
{
  Client *client = data;

  g_free (client->pixels);
  client->pixels = g_malloc0 ((gsize) width * (gsize) height * 4);
  client->width = width;
  client->height = height;
  valise_display_reader_set_framebuffer (client->reader, client->pixels, (gsize) width * 4, width, height);
  return TRUE;
}

static void
on_opened (gpointer data)
{
  static const gint32 encodings[] = { ENCODING_RAW, ENCODING_SIZE };
  guint8 message[4 + sizeof encodings] = { 2, 0, 0, G_N_ELEMENTS (encodings) };

  for (guint i = 0; i < G_N_ELEMENTS (encodings); i++)
    {
      guint32 value = GUINT32_TO_BE ((guint32) encodings[i]);

      memcpy (message + 4 + i * 4, &value, 4);
    }
  say (data, message, sizeof message);
  request (data, FALSE);
}

static void
on_damaged (gpointer data, int x, int y, int width, int height)
{
}

static void
on_updated (gpointer data, gboolean fresh)
{
  Client *client = data;

  client->painted = guest_has_painted (client->pixels, (gsize) client->width * 4, client->width, client->height);
  if (client->painted)
    valise_display_reader_stop (client->reader);
  else
    request (client, !fresh);
}

static const ValiseDisplayEvents events = { .say = say,
                                            .sized = on_sized,
                                            .opened = on_opened,
                                            .damaged = on_damaged,
                                            .updated = on_updated };

static pid_t
run (char **command)
{
  pid_t pid = fork ();

  if (pid != 0)
    return pid;
  /* It tells the name of its serial port. */
  if (freopen ("/dev/null", "w", stdout) != NULL)
    execv (command[0], command);
  _exit (127);
}

static double
since (gint64 began)
{
  return (double) (g_get_monotonic_time () - began) / 1000;
}

static gboolean
is_over (pid_t pid, gint64 began)
{
  return since (began) > LIMIT_SECONDS * 1000 || waitpid (pid, NULL, WNOHANG) == pid;
}

static int
connect_to (const char *path, pid_t pid, gint64 began)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  while (connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    {
      if (is_over (pid, began))
        return -1;
      g_usleep (500);
    }
  return fd;
}

static void
look_until_painted (Client *client, pid_t pid, gint64 began)
{
  g_autoptr (GError) error = NULL;

  while (!client->painted && !is_over (pid, began))
    {
      struct pollfd poll_fd = { client->fd, POLLIN, 0 };

      poll (&poll_fd, 1, 1000);
      if (!valise_display_reader_read (client->reader, client->fd, &error) && !client->painted)
        g_error ("%s", error->message);
    }
}

int
main (int argc, char **argv)
{
  Client client = { 0 };
  gint64 began = g_get_monotonic_time ();
  pid_t pid;

  if (argc < 3)
    return 2;
  pid = run (argv + 2);
  client.fd = connect_to (argv[1], pid, began);
  client.reader = valise_display_reader_new (&events, &client);
  if (client.fd >= 0)
    look_until_painted (&client, pid, began);
  if (client.painted)
    g_print ("%.1f\n", since (began));
  else
    g_printerr ("the guest has not painted\n");
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  valise_display_reader_free (client.reader);
  g_free (client.pixels);
  return client.painted ? 0 : 1;
}
