/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "freezer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t
start (FreezerFunc work, gpointer data)
{
  pid_t child = fork ();

  if (child == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      work (data);
      _exit (0);
    }
  g_assert_cmpint (child, >, 0);
  return child;
}

/* What /proc says after its name: (transfer full) (nullable) */
static char *
read_state (const char *number)
{
  g_autofree char *file = g_build_filename ("/proc", number, "stat", NULL);
  g_autofree char *text = NULL;
  const char *end;

  if (!g_file_get_contents (file, &text, NULL, NULL) || (end = strrchr (text, ')')) == NULL)
    return NULL;
  return g_strdup (end + 1);
}

static gboolean
is_child_of (const char *number, pid_t child)
{
  g_autofree char *state = read_state (number);
  int parent = 0;

  return state != NULL && sscanf (state, " %*c %d", &parent) == 1 && parent == child;
}

/* The programs that it has started are no longer in its group. Returns: how many of them still moved */
static guint
signal_children (pid_t child, int number)
{
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  const char *name;
  guint moving = 0;

  while ((name = g_dir_read_name (processes)) != NULL)
    if (g_ascii_isdigit (name[0]) && is_child_of (name, child))
      {
        g_autofree char *state = read_state (name);

        moving += state != NULL && strchr ("TtZX", state[1]) == NULL;
        kill ((pid_t) g_ascii_strtoll (name, NULL, 10), number);
      }
  return moving;
}

gboolean
freezer_run (FreezerFunc work, FreezerFunc look, gpointer data, double *limit)
{
  pid_t child;
  siginfo_t info = { 0 };
  gboolean ended;

  /* What it has started is ours to wait for when it is gone. */
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1), ==, 0);
  child = start (work, data);
  g_usleep (g_test_rand_double_range (0, *limit));
  kill (child, SIGSTOP);
  g_assert_cmpint (waitid (P_PID, child, &info, WEXITED | WSTOPPED | WNOWAIT), ==, 0);
  ended = info.si_code == CLD_EXITED;
  if (ended)
    g_assert_cmpint (info.si_status, ==, 0);
  /* One that waits for the medium ends its call first. */
  while (signal_children (child, SIGSTOP) > 0)
    g_usleep (1000);
  look (data);
  signal_children (child, SIGKILL);
  kill (child, SIGKILL);
  while (waitpid (-1, NULL, 0) > 0 || errno == EINTR)
    continue;
  *limit = CLAMP (*limit * (ended ? 0.8 : 1.1), 2000, 5000000);
  return ended;
}

void
freezer_copy (const char *from, const char *to)
{
  const char *const argv[] = { "cp", "-r", "--reflink=auto", "--preserve=timestamps", from, to, NULL };
  int status = -1;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}
