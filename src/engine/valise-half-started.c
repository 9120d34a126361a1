/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-half-started-private.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/valise-path.h"

#define PREFIX "vm-"
#define SUFFIX ".xml"
#define ASKED_PREFIX "qmp-"

/* <domstatus state='paused' reason='starting up' pid='0'> */
static gboolean
is_half_started (const char *path)
{
  g_autofree char *text = NULL;
  const char *head, *end;
  g_autofree char *tag = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  head = strstr (text, "<domstatus ");
  end = head != NULL ? strchr (head, '>') : NULL;
  if (end == NULL)
    return FALSE;
  tag = g_strndup (head, (gsize) (end - head));
  return strstr (tag, " reason='starting up'") != NULL && strstr (tag, " pid='0'") != NULL;
}

/* The number may belong to another process by now. */
static gboolean
is_process_of (int pid, const char *domain)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/cmdline", pid);
  g_autofree char *line = NULL;
  gsize length = 0;

  if (pid <= 1 || !g_file_get_contents (path, &line, &length, NULL))
    return FALSE;
  for (gsize i = 0; i + 1 < length; i++)
    if (line[i] == '\0')
      line[i] = ' ';
  return strstr (line, domain) != NULL;
}

static void
end_process (const char *directory, const char *domain)
{
  g_autofree char *name = g_strconcat (domain, ".pid", NULL);
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *text = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL) && is_process_of (atoi (text), domain))
    kill (atoi (text), SIGKILL);
  g_unlink (path);
}

static void
clear_machines (const char *root)
{
  g_autofree char *directory = g_build_filename (root, "run", "qemu", NULL);
  g_autoptr (GDir) listing = g_dir_open (directory, 0, NULL);
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      g_autofree char *domain = NULL;

      if (!g_str_has_prefix (name, PREFIX) || !g_str_has_suffix (name, SUFFIX) || !is_half_started (path))
        continue;
      domain = g_strndup (name, strlen (name) - strlen (SUFFIX));
      end_process (directory, domain);
      g_unlink (path);
    }
}

/* By its command line, since it may not have got to writing its number down. */
static void
end_asked (const char *directory)
{
  g_autofree char *mark = g_strconcat (directory, "/qmp.monitor", NULL);
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while (processes != NULL && (name = g_dir_read_name (processes)) != NULL)
    if (g_ascii_isdigit (name[0]) && is_process_of (atoi (name), mark))
      kill (atoi (name), SIGKILL);
}

static void
clear_asked (const char *root)
{
  g_autofree char *directory = g_build_filename (root, "lib", "qemu", NULL);
  g_autoptr (GDir) listing = g_dir_open (directory, 0, NULL);
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);

      if (!g_str_has_prefix (name, ASKED_PREFIX))
        continue;
      end_asked (path);
      if (!valise_directory_remove (path, NULL))
        g_debug ("%s could not be removed", path);
    }
}

void
_valise_half_started_clear (const char *root)
{
  clear_machines (root);
  clear_asked (root);
}
