/* SPDX-License-Identifier: GPL-3.0-or-later */
/* paint-watch X Y WIDTH HEIGHT COMMAND...: runs the command and looks at its window from outside, so that every program
 * is measured alike. Prints {"first": ms, "ready": ms, "settled": ms, "pss": KiB}: from exec until the first window
 * shows more than one colour, until the named part of it does (a list has lines, a page has words), until nothing was
 * painted for half a second; and the memory of the process and its children then. Ends the command. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/Xdamage.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define QUIET_MS 500
#define MOST_MS 60000
#define COLOURS 3

typedef struct
{
  Display *display;
  Window window;
  int x, y, width, height;
  double first, ready, last;
} Watch;

static double
now_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000.0 + time.tv_nsec / 1000000.0;
}

static int
ignore_error (Display *display, XErrorEvent *event)
{
  return 0;
}

/* Whether the part shows at least so many colours; one or two are a background with its border. */
static int
has_content (Watch *watch, int x, int y, int width, int height)
{
  XImage *image = XGetImage (watch->display, watch->window, x, y, width, height, AllPlanes, ZPixmap);
  unsigned long seen[COLOURS];
  int colours = 0;

  if (image == NULL)
    return 0;
  for (int row = 0; row < height && colours < COLOURS; row += 2)
    for (int column = 0; column < width && colours < COLOURS; column++)
      {
        unsigned long pixel = XGetPixel (image, column, row);
        int known = 0;

        for (int i = 0; i < colours; i++)
          known |= seen[i] == pixel;
        if (!known)
          seen[colours++] = pixel;
      }
  XDestroyImage (image);
  return colours >= COLOURS;
}

static void
look (Watch *watch, double began)
{
  XWindowAttributes attributes;
  double now = now_ms () - began;

  watch->last = now;
  if (watch->ready > 0 || !XGetWindowAttributes (watch->display, watch->window, &attributes))
    return;
  if (watch->first == 0 && has_content (watch, 0, 0, attributes.width, attributes.height))
    watch->first = now;
  if (watch->first == 0)
    return;
  if (watch->x + watch->width <= attributes.width && watch->y + watch->height <= attributes.height
      && has_content (watch, watch->x, watch->y, watch->width, watch->height))
    watch->ready = now;
}

/* A window that was only mapped still shows what was there before; it counts from its first painting. */
static void
take_window (Watch *watch, XMapEvent *event)
{
  XWindowAttributes attributes;

  if (watch->window != None || !XGetWindowAttributes (watch->display, event->window, &attributes))
    return;
  if (attributes.width < 300 || attributes.height < 200)
    return;
  watch->window = event->window;
  XDamageCreate (watch->display, watch->window, XDamageReportBoundingBox);
}

static void
handle_events (Watch *watch, double began, int damage_event)
{
  int painted = 0;

  while (XPending (watch->display) > 0)
    {
      XEvent event;

      XNextEvent (watch->display, &event);
      if (event.type == MapNotify)
        take_window (watch, &event.xmap);
      else if (event.type == damage_event + XDamageNotify)
        {
          XDamageSubtract (watch->display, ((XDamageNotifyEvent *) &event)->damage, None, None);
          painted = 1;
        }
    }
  if (painted && watch->window != None)
    look (watch, began);
}

static long
read_pss (pid_t pid)
{
  char path[64], line[256];
  long pss = 0, value;
  FILE *file;

  snprintf (path, sizeof path, "/proc/%d/smaps_rollup", (int) pid);
  file = fopen (path, "re");
  while (file != NULL && fgets (line, sizeof line, file) != NULL)
    if (sscanf (line, "Pss: %ld kB", &value) == 1)
      pss = value;
  if (file != NULL)
    fclose (file);
  return pss;
}

static pid_t
run (char **command)
{
  pid_t pid = fork ();

  if (pid != 0)
    return pid;
  setpgid (0, 0);
  execvp (command[0], command);
  _exit (127);
}

int
main (int argc, char **argv)
{
  Watch watch = { 0 };
  int damage_event, damage_error;
  double began;
  pid_t pid;

  if (argc < 6 || (watch.display = XOpenDisplay (NULL)) == NULL)
    return 2;
  XSetErrorHandler (ignore_error);
  if (!XDamageQueryExtension (watch.display, &damage_event, &damage_error))
    return 2;
  watch.x = atoi (argv[1]);
  watch.y = atoi (argv[2]);
  watch.width = atoi (argv[3]);
  watch.height = atoi (argv[4]);
  XSelectInput (watch.display, DefaultRootWindow (watch.display), SubstructureNotifyMask);
  XSync (watch.display, False);

  began = now_ms ();
  pid = run (argv + 5);
  while (now_ms () - began < MOST_MS)
    {
      struct pollfd fd = { ConnectionNumber (watch.display), POLLIN, 0 };

      handle_events (&watch, began, damage_event);
      if (watch.ready > 0 && now_ms () - began - watch.last > QUIET_MS)
        break;
      poll (&fd, 1, 50);
      if (waitpid (pid, NULL, WNOHANG) == pid)
        return 1;
    }
  printf ("{\"first\": %.1f, \"ready\": %.1f, \"settled\": %.1f, \"pss\": %ld}\n", watch.first, watch.ready, watch.last,
          read_pss (pid));
  kill (-pid, SIGKILL);
  waitpid (pid, NULL, 0);
  return watch.ready > 0 ? 0 : 1;
}
