/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sealed-child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB 1024
#define SAID_MOST (64 * 1024)
#define KERNEL_TMPFILE 020000000

/* The sanitizers keep their own shadows, and take their time. */
#if defined(__SANITIZE_ADDRESS__)
#  define SECONDS 60
#  define RESIDENT_MOST (2048 * MIB)
#else
#  define SECONDS 20
#  define RESIDENT_MOST (150 * MIB)
#  define ADDRESSES ((rlim_t) 1 << 30)
#endif

/* Shared with the child. */
typedef struct
{
  char said[SAID_MOST];
} Board;

/* --- the seal --- */

/* What no reader has to do. What is not known to this kernel's headers is not there to be called. */
static const int forbidden[] = {
  SYS_execve,   SYS_execveat,  SYS_socket,   SYS_connect,   SYS_bind,    SYS_socketpair,
  SYS_unlinkat, SYS_renameat2, SYS_linkat,   SYS_symlinkat, SYS_mknodat, SYS_fchmod,
  SYS_fchmodat, SYS_fchownat,  SYS_truncate, SYS_setxattr,  SYS_ptrace,  SYS_mount,
#ifdef SYS_rename
  SYS_rename,   SYS_unlink,    SYS_link,     SYS_symlink,   SYS_mknod,   SYS_chmod,
  SYS_fork,     SYS_vfork,     SYS_creat,    SYS_rmdir,
#endif
};

static void
add (GArray *filter, guint16 code, guint8 yes, guint8 no, guint32 value)
{
  struct sock_filter one = BPF_JUMP (code, value, yes, no);

  g_array_append_val (filter, one);
}

static void
add_load (GArray *filter, gsize at)
{
  add (filter, BPF_LD | BPF_W | BPF_ABS, 0, 0, (guint32) at);
}

static void
add_forbidden (GArray *filter, guint32 number)
{
  add (filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number);
  add (filter, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS);
}

/* A folder that is wanted and there is found to be there; one that is not there is not made. */
static void
add_refused (GArray *filter, guint32 number)
{
  add (filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number);
  add (filter, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EEXIST);
}

/* Flags are the @argument-th; what may be written to has to be without a name. */
static void
add_open (GArray *filter, guint32 number, guint argument)
{
  add (filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 5, number);
  add_load (filter, offsetof (struct seccomp_data, args) + argument * 8);
  add (filter, BPF_JMP | BPF_JSET | BPF_K, 2, 0, KERNEL_TMPFILE);
  add (filter, BPF_JMP | BPF_JSET | BPF_K, 0, 1, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC);
  add (filter, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS);
  add (filter, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
}

static void
seal (void)
{
  g_autoptr (GArray) filter = g_array_new (FALSE, FALSE, sizeof (struct sock_filter));
  struct sock_fprog program;

  add_load (filter, offsetof (struct seccomp_data, nr));
  for (gsize i = 0; i < G_N_ELEMENTS (forbidden); i++)
    add_forbidden (filter, (guint32) forbidden[i]);
  add_refused (filter, SYS_mkdirat);
#ifdef SYS_mkdir
  add_refused (filter, SYS_mkdir);
  add_open (filter, SYS_open, 1);
#endif
  add_open (filter, SYS_openat, 2);
  add (filter, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
  program.len = (unsigned short) filter->len;
  program.filter = (struct sock_filter *) (gpointer) filter->data;
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    g_error ("sealing: %s", g_strerror (errno));
}

static void
set_limit (int what, rlim_t most)
{
  struct rlimit limit = { most, most };

  setrlimit (what, &limit);
}

/* --- the child --- */

static void
live (SealedWork work, gpointer data, Board *board)
{
  g_autofree char *said = NULL;

  alarm (SECONDS);
  set_limit (RLIMIT_CORE, 0);
  set_limit (RLIMIT_CPU, SECONDS);
#if defined(ADDRESSES)
  set_limit (RLIMIT_AS, ADDRESSES);
#endif
  seal ();
  said = work (data);
  g_strlcpy (board->said, said, sizeof board->said);
  _exit (0);
}

static char *
describe (int status, const struct rusage *usage, const Board *board)
{
  if (WIFSIGNALED (status))
    return g_strdup_printf ("killed by signal %d", WTERMSIG (status));
  if (WEXITSTATUS (status) != 0)
    return g_strdup_printf ("ended with %d", WEXITSTATUS (status));
  if (usage->ru_maxrss > RESIDENT_MOST)
    return g_strdup_printf ("grew to %ld MiB", usage->ru_maxrss / MIB);
  return g_strdup (board->said);
}

char *
sealed_child_run (SealedWork work, gpointer data)
{
  Board *board = mmap (NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  struct rusage usage;
  char *said;
  int status = 0;
  pid_t child;

  g_assert_true (board != MAP_FAILED);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    live (work, data, board);
  while (wait4 (child, &status, 0, &usage) < 0)
    g_assert_cmpint (errno, ==, EINTR);
  said = describe (status, &usage, board);
  munmap (board, sizeof *board);
  return said;
}
