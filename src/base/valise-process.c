/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/valise-background.h"

#define LONGEST_PIECE 65536
#define LONGEST_OUTPUT (64u << 20)
#define ERROR_TAIL 4096
#define LAST_READS 128
#define KILL_AFTER_US (2 * G_USEC_PER_SEC)
/* What is written meanwhile is what others have to wait for. */
#define TURN_US (10 * 1000)

/* One running child and what it has said. */
typedef struct
{
  GPid pid;
  int out, err, pidfd;
  int status;
  gboolean gone;
  gboolean terminated; /* SIGTERM was sent, at kill_at SIGKILL follows; 0 when that was sent too */
  gint64 kill_at;
  gboolean too_much;
  const char *paced; /* NULL: it need not give way, or not any more */
  int written;       /* the same, open; or -1 */
  int unwritten;     /* what errno said when that did not reach the disk, or 0 */
  gint64 turn_begun;
  GString *piece;  /* of standard output, not yet handed over */
  GString *output; /* all of it, or NULL */
  GString *errors; /* the end of standard error */
  ValiseProcessLineFunc on_line;
  gpointer user_data;
} Child;

enum
{
  WATCH_OUT,
  WATCH_ERR,
  WATCH_CHILD,
  WATCH_CANCEL,
  N_WATCHES
};

G_DEFINE_QUARK (valise_process_error_quark, valise_process_error)

static void
set_limit (int resource, guint64 most)
{
  struct rlimit limit = { most, most };

  setrlimit (resource, &limit);
}

/* Between fork and exec: nothing here may allocate. */
static void
child_setup_cb (gpointer data)
{
  const ValiseProcessLimits *limits = data;

  if (limits != NULL && (limits->file_size > 0 || limits->address_space > 0))
    set_limit (RLIMIT_CORE, 0);
  if (limits != NULL && limits->file_size > 0)
    set_limit (RLIMIT_FSIZE, limits->file_size);
  if (limits != NULL && limits->address_space > 0)
    set_limit (RLIMIT_AS, limits->address_space);
  /* A group of its own, so that cancelling reaches what the program started; and an end together with us, of which
   * nothing milder would tell a program that is stopped. */
  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, limits != NULL && limits->paced != NULL ? SIGKILL : SIGTERM);
}

static gboolean
set_spawn_error (const char *program, GError *cause, GError **error)
{
  if (g_error_matches (cause, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
    g_set_error (error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_MISSING,
                 _ ("The program “%s” is not installed. Install it and try again."), program);
  else
    g_set_error (error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_FAILED, _ ("“%s” could not be started: %s"), program,
                 cause->message);
  g_error_free (cause);
  return FALSE;
}

static gboolean
spawn (Child *child,
       const char *const *argv,
       const ValiseProcessLimits *limits,
       const int *fds,
       guint n_fds,
       GError **error)
{
  int targets[VALISE_PROCESS_FDS_MOST];
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "LC_ALL", "C.UTF-8", TRUE);
  g_auto (GStrv) arguments = g_strdupv ((char **) argv);
  GError *cause = NULL;

  for (guint i = 0; i < n_fds; i++)
    targets[i] = VALISE_PROCESS_FIRST_FD + (int) i;
  if (!g_spawn_async_with_pipes_and_fds (NULL, (const char *const *) arguments, (const char *const *) environment,
                                         G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH, child_setup_cb,
                                         (gpointer) limits, -1, -1, -1, fds, targets, n_fds, &child->pid, NULL,
                                         &child->out, &child->err, &cause))
    return set_spawn_error (argv[0], cause, error);
  g_unix_set_fd_nonblocking (child->out, TRUE, NULL);
  g_unix_set_fd_nonblocking (child->err, TRUE, NULL);
  /* Tells of the child's end even when a grandchild keeps the pipes open; without it (-1) poll leaves it out. */
  child->pidfd = (int) syscall (SYS_pidfd_open, child->pid, 0);
  return TRUE;
}

static void
hand_over_piece (Child *child)
{
  if (child->piece->len > 0 && child->on_line != NULL)
    {
      g_autofree char *line = g_utf8_make_valid (child->piece->str, (gssize) child->piece->len);

      child->on_line (line, child->user_data);
    }
  g_string_truncate (child->piece, 0);
}

static void
take_output (Child *child, const char *bytes, gsize length)
{
  if (child->output != NULL && child->output->len + length > LONGEST_OUTPUT)
    child->too_much = TRUE;
  else if (child->output != NULL)
    g_string_append_len (child->output, bytes, (gssize) length);
  for (gsize i = 0; child->on_line != NULL && i < length; i++)
    {
      gboolean end = bytes[i] == '\n' || bytes[i] == '\r';

      if (!end)
        g_string_append_c (child->piece, bytes[i]);
      if (end || child->piece->len >= LONGEST_PIECE)
        hand_over_piece (child);
    }
}

static void
take_errors (Child *child, const char *bytes, gsize length)
{
  g_string_append_len (child->errors, bytes, (gssize) length);
  if (child->errors->len > ERROR_TAIL)
    g_string_erase (child->errors, 0, (gssize) (child->errors->len - ERROR_TAIL));
}

static void
close_pipe (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* One read: a flood must not keep us from looking at the cancellable. FALSE when there was nothing; closes the pipe at
 * its end. */
static gboolean
read_some (Child *child, int *fd)
{
  char buffer[16384];
  gssize n;

  if (*fd < 0)
    return FALSE;
  do
    n = read (*fd, buffer, sizeof buffer);
  while (n < 0 && errno == EINTR);
  if (n > 0 && fd == &child->out)
    take_output (child, buffer, (gsize) n);
  else if (n > 0)
    take_errors (child, buffer, (gsize) n);
  else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
    close_pipe (fd);
  return n > 0;
}

static void
reap (Child *child, int options)
{
  pid_t pid;

  do
    pid = waitpid (child->pid, &child->status, options);
  while (pid < 0 && errno == EINTR);
  child->gone = pid != 0;
}

static void
terminate (Child *child)
{
  gint64 now = g_get_monotonic_time ();

  if (!child->terminated)
    {
      child->terminated = TRUE;
      child->paced = NULL;
      child->kill_at = now + KILL_AFTER_US;
      kill (-child->pid, SIGTERM);
    }
  else if (child->kill_at != 0 && now >= child->kill_at)
    {
      child->kill_at = 0;
      kill (-child->pid, SIGKILL);
    }
}

static int
timeout_of (const Child *child)
{
  gint64 due = child->paced != NULL ? child->turn_begun + TURN_US : G_MAXINT64;

  if (child->kill_at != 0)
    due = MIN (due, child->kill_at);
  return due == G_MAXINT64 ? -1 : (int) (MAX (0, due - g_get_monotonic_time ()) / 1000) + 1;
}

/* --- giving way --- */

static void
flush (Child *child)
{
  int failed;

  if (child->written < 0)
    child->written = open (child->paced, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  failed = child->written >= 0 ? valise_background_flush (child->written, 0, 0) : 0;
  if (child->unwritten == 0)
    child->unwritten = failed;
}

static void
end_turn (Child *child)
{
  kill (-child->pid, SIGSTOP);
  flush (child);
  valise_background_rest (g_get_monotonic_time () - child->turn_begun);
  kill (-child->pid, SIGCONT);
  child->turn_begun = g_get_monotonic_time ();
}

/* --- to the end --- */

/* One wait for the next thing to happen. */
static void
step (Child *child, GPollFD *cancel)
{
  struct pollfd polls[N_WATCHES] = {
    [WATCH_OUT] = { child->out, POLLIN, 0 },
    [WATCH_ERR] = { child->err, POLLIN, 0 },
    [WATCH_CHILD] = { child->pidfd, POLLIN, 0 },
    [WATCH_CANCEL] = { child->terminated ? -1 : (int) cancel->fd, POLLIN, 0 },
  };

  if (poll (polls, N_WATCHES, timeout_of (child)) < 0)
    return;
  if (polls[WATCH_OUT].revents != 0)
    read_some (child, &child->out);
  if (polls[WATCH_ERR].revents != 0)
    read_some (child, &child->err);
  if (polls[WATCH_CANCEL].revents != 0 || child->terminated || child->too_much || child->unwritten != 0)
    terminate (child);
  if (polls[WATCH_CHILD].revents != 0)
    reap (child, WNOHANG);
  else if (child->paced != NULL && g_get_monotonic_time () >= child->turn_begun + TURN_US)
    end_turn (child);
}

static void
run_to_end (Child *child, GCancellable *cancellable)
{
  GPollFD cancel = { -1, G_IO_IN, 0 };
  gboolean watched = cancellable != NULL && g_cancellable_make_pollfd (cancellable, &cancel);

  if (!watched)
    cancel.fd = -1;
  while (!child->gone && (child->out >= 0 || child->err >= 0 || child->pidfd >= 0))
    step (child, &cancel);
  if (!child->gone)
    reap (child, 0);
  if (child->paced != NULL)
    flush (child);
  /* What it said last; bounded, because a grandchild may still hold the pipe and go on. */
  for (guint i = 0; i < LAST_READS && read_some (child, &child->out); i++)
    ;
  for (guint i = 0; i < LAST_READS && read_some (child, &child->err); i++)
    ;
  hand_over_piece (child);
  if (watched)
    g_cancellable_release_fd (cancellable);
}

static gboolean
check_written (const Child *child, const char *program, GError **error)
{
  if (child->unwritten != 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (child->unwritten),
                 _ ("What “%s” wrote did not reach the disk: %s. Choose another place."), program,
                 g_strerror (child->unwritten));
  return child->unwritten == 0;
}

static gboolean
judge (const Child *child, const char *program, GCancellable *cancellable, GError **error)
{
  g_autofree char *said = g_utf8_make_valid (child->errors->str, (gssize) child->errors->len);

  if (child->terminated && g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!check_written (child, program, error))
    return FALSE;
  if (!child->too_much && WIFEXITED (child->status) && WEXITSTATUS (child->status) == 0)
    return TRUE;
  g_strstrip (said);
  if (child->too_much)
    g_set_error (error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_FAILED,
                 _ ("“%s” wrote more than expected and was stopped."), program);
  else if (WIFSIGNALED (child->status))
    g_set_error (error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_FAILED, _ ("“%s” was stopped by signal %d. %s"),
                 program, WTERMSIG (child->status), said);
  else
    g_set_error (error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_FAILED, _ ("“%s” failed (exit status %d). %s"),
                 program, WEXITSTATUS (child->status), said);
  return FALSE;
}

static void
child_clear (Child *child)
{
  close_pipe (&child->out);
  close_pipe (&child->err);
  close_pipe (&child->pidfd);
  close_pipe (&child->written);
  g_string_free (child->piece, TRUE);
  g_string_free (child->errors, TRUE);
  if (child->output != NULL)
    g_string_free (child->output, TRUE);
}

static gboolean
run_child (const char *const *argv,
           const ValiseProcessLimits *limits,
           const int *fds,
           guint n_fds,
           ValiseProcessLineFunc on_line,
           gpointer user_data,
           char **output,
           GCancellable *cancellable,
           GError **error)
{
  Child child = { .out = -1, .err = -1, .pidfd = -1, .written = -1, .on_line = on_line, .user_data = user_data };
  gboolean success;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  child.piece = g_string_new (NULL);
  child.errors = g_string_new (NULL);
  child.output = output != NULL ? g_string_new (NULL) : NULL;
  child.paced = limits != NULL && valise_background_is_here () ? limits->paced : NULL;
  child.turn_begun = g_get_monotonic_time ();
  success = spawn (&child, argv, limits, fds, n_fds, error);
  if (success)
    {
      run_to_end (&child, cancellable);
      success = judge (&child, argv[0], cancellable, error);
    }
  if (success && output != NULL)
    *output = g_string_free (g_steal_pointer (&child.output), FALSE);
  child_clear (&child);
  return success;
}

gboolean
valise_process_run (const char *const *argv,
                    ValiseProcessLineFunc on_line,
                    gpointer user_data,
                    char **output,
                    GCancellable *cancellable,
                    GError **error)
{
  g_return_val_if_fail (argv != NULL && argv[0] != NULL, FALSE);

  return run_child (argv, NULL, NULL, 0, on_line, user_data, output, cancellable, error);
}

gboolean
valise_process_run_with_files (const char *const *argv,
                               const ValiseProcessLimits *limits,
                               const int *fds,
                               guint n_fds,
                               ValiseProcessLineFunc on_line,
                               gpointer user_data,
                               GCancellable *cancellable,
                               GError **error)
{
  g_return_val_if_fail (argv != NULL && argv[0] != NULL && n_fds <= VALISE_PROCESS_FDS_MOST, FALSE);

  return run_child (argv, limits, fds, n_fds, on_line, user_data, NULL, cancellable, error);
}

gboolean
valise_process_said (const char *message, int number)
{
  static locale_t plain;

  g_return_val_if_fail (message != NULL, FALSE);
  if (g_once_init_enter (&plain))
    g_once_init_leave (&plain, newlocale (LC_ALL_MASK, "C", (locale_t) 0));
  return strstr (message, strerror_l (number, plain)) != NULL;
}
