/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kill-points.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define POINTS_MOST 2000

static gboolean
changes_files (const struct __ptrace_syscall_info *info)
{
  static const guint64 numbers[] = {
    __NR_write,   __NR_pwrite64, __NR_ftruncate, __NR_fsync,           __NR_renameat2,
    __NR_mkdirat, __NR_unlinkat, __NR_linkat,    __NR_copy_file_range, __NR_renameat,
#ifdef __NR_mkdir
    __NR_mkdir,   __NR_unlink,   __NR_link,      __NR_rename,          __NR_rmdir,
#endif
  };

  if (info->op != PTRACE_SYSCALL_INFO_ENTRY)
    return FALSE;
  if (info->entry.nr == __NR_openat)
    return (info->entry.args[2] & O_CREAT) != 0;
  /* A write that wakes another thread is no file's. */
  if (info->entry.nr == __NR_write && info->entry.args[1] != 0 && info->entry.args[2] == 8)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (numbers[i] == info->entry.nr)
      return TRUE;
  return FALSE;
}

static pid_t
start (KillPointsFunc work, gpointer data)
{
  pid_t child = fork ();

  if (child == 0)
    {
      if (ptrace (PTRACE_TRACEME, 0, 0, 0) != 0)
        _exit (2);
      raise (SIGSTOP);
      work (data);
      _exit (0);
    }
  g_assert_cmpint (child, >, 0);
  return child;
}

/* Lets one thread of the child go on from a stop; %TRUE when it stands before the call that is not to happen. */
static gboolean
step (pid_t thread, int status, guint *left)
{
  struct __ptrace_syscall_info info = { 0 };
  int signal = WSTOPSIG (status);

  if (signal == (SIGTRAP | 0x80))
    {
      ptrace (PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info);
      if (changes_files (&info) && --*left == 0)
        return TRUE;
    }
  ptrace (PTRACE_SYSCALL, thread, 0, signal == (SIGTRAP | 0x80) || signal == SIGTRAP || signal == SIGSTOP ? 0 : signal);
  return FALSE;
}

typedef enum
{
  KILLED,
  GOT_THROUGH,
  CANNOT_TRACE,
} Outcome;

/* Kills the child before its @point-th change (from 1). */
static Outcome
run_until (KillPointsFunc work, gpointer data, guint point)
{
  pid_t child = start (work, data);
  Outcome outcome = KILLED;
  int status = 0;
  pid_t thread;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFEXITED (status))
    return CANNOT_TRACE;
  ptrace (PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
  ptrace (PTRACE_SYSCALL, child, 0, 0);
  while ((thread = waitpid (-1, &status, __WALL)) > 0)
    {
      if (thread == child && WIFEXITED (status))
        outcome = GOT_THROUGH;
      if (WIFSTOPPED (status) && step (thread, status, &point))
        kill (child, SIGKILL);
    }
  return outcome;
}

void
kill_points_try (KillPointsFunc work, KillPointsFunc look, gpointer data)
{
  Outcome outcome = KILLED;
  guint point;

  for (point = 1; outcome == KILLED && point < POINTS_MOST; point++)
    {
      outcome = run_until (work, data, point);
      if (outcome == CANNOT_TRACE)
        {
          g_test_skip ("ptrace is not allowed here");
          return;
        }
      look (data);
    }
  g_assert_cmpint (outcome, ==, GOT_THROUGH);
  g_test_message ("survived: %u kills", point - 2);
  g_assert_cmpuint (point, >, 8);
}
