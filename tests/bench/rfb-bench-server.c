/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rfb-bench-server SOCKET|tcp WIDTH HEIGHT RATE: offers full-frame changes to the one client that connects to the UNIX
 * socket, or to the TCP port of this computer that the first line of its output names. Answers each line on its input
 * with the number of updates sent so far; ends when its input does. */
#include "../ui/rfb-server.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
listen_unix (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  unlink (path);
  if (bind (listener, (struct sockaddr *) &address, sizeof address) != 0 || listen (listener, 1) != 0)
    g_error ("%s: cannot listen there", path);
  puts ("0");
  return listener;
}

static int
listen_tcp (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (bind (listener, (struct sockaddr *) &address, length) != 0 || listen (listener, 1) != 0
      || getsockname (listener, (struct sockaddr *) &address, &length) != 0)
    g_error ("cannot listen on this computer");
  printf ("%d\n", ntohs (address.sin_port));
  return listener;
}

static int
wait_for_client (const char *path)
{
  int listener = g_str_equal (path, "tcp") ? listen_tcp () : listen_unix (path);
  int fd;

  fflush (stdout);
  fd = accept (listener, NULL, NULL);
  close (listener);
  return fd;
}

int
main (int argc, char **argv)
{
  g_autoptr (RfbServer) server = NULL;
  char line[64];

  if (argc != 5)
    g_error ("usage: rfb-bench-server SOCKET|tcp WIDTH HEIGHT RATE");
  server = rfb_server_new_for_fd (wait_for_client (argv[1]), atoi (argv[2]), atoi (argv[3]));
  rfb_server_animate (server, (guint) atoi (argv[4]));
  rfb_server_start (server);
  while (fgets (line, sizeof line, stdin) != NULL)
    {
      printf ("%u\n", rfb_server_count_updates (server));
      fflush (stdout);
    }
  return 0;
}
