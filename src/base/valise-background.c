/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-background.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A pause that is longer than this looks like standing still, and cancelling waits for it. */
#define REST_MOST (2 * G_USEC_PER_SEC)
/* What there is too much of the processors is rested out in pieces of this: shorter ones let nobody finish anything. */
#define TURN (60 * 1000)
/* After one piece of work. However busy the rest of the program is, this goes on. */
#define TURN_MOST (G_USEC_PER_SEC / 4)

typedef struct
{
  GThreadFunc func;
  gpointer data;
  gint64 since; /* when its share of the processors was last counted from, and what the program had had of them */
  gint64 spent;
} Work;

static GPrivate current;

/* A tenth of a processor that somebody else wants as well: with none at all, a guest that is never done would let it
 * never end. */
#define NICE 10

/* Where the system does not let us, the work is done all the same. */
static void
give_way (void)
{
  (void) setpriority (PRIO_PROCESS, (id_t) syscall (SYS_gettid), getpriority (PRIO_PROCESS, 0) + NICE);
  (void) syscall (SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE (IOPRIO_CLASS_IDLE, 0));
}

/* Of all processors together, in microseconds, and of all threads: a library's are nobody else's to count. */
static gint64
processor_time (void)
{
  struct timespec time = { 0 };

  (void) clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static gpointer
work_thread (gpointer data)
{
  Work *work = data;

  give_way ();
  g_private_set (&current, work);
  work->since = g_get_monotonic_time ();
  work->spent = processor_time ();
  return work->func (work->data);
}

/* A thread of its own, because none may take back that it gave way. */
gpointer
valise_background_run (GThreadFunc func, gpointer data)
{
  Work work = { .func = func, .data = data };

  return g_thread_join (g_thread_new ("background", work_thread, &work));
}

gboolean
valise_background_is_here (void)
{
  return g_private_get (&current) != NULL;
}

int
valise_background_flush (int fd, guint64 offset, guint64 length)
{
  unsigned all = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;

  if (sync_file_range (fd, (off_t) offset, (off_t) length, all) == 0)
    return 0;
  /* Not every file system and no pipe knows it; the fsync at the end does all then. */
  return errno == ENOSYS || errno == EINVAL || errno == ESPIPE || errno == EOPNOTSUPP ? 0 : errno;
}

void
valise_background_rest (gint64 busy)
{
  g_usleep ((gulong) CLAMP (busy * (VALISE_BACKGROUND_SHARE - 1), 0, REST_MOST));
}

static void
take_turn (Work *work)
{
  double most = VALISE_BACKGROUND_PROCESSORS * g_get_num_processors ();
  gint64 spent = processor_time ();
  gint64 over = (gint64) ((double) (spent - work->spent) / most) - (g_get_monotonic_time () - work->since);

  if (over > TURN)
    g_usleep ((gulong) MIN (over, TURN_MOST));
  if (ABS (over) <= TURN)
    return;
  /* What was not used is not saved up. What goes on in other threads while this rests counts, unless that is so much that it
   * must be somebody else's. */
  work->since = g_get_monotonic_time ();
  work->spent = over > TURN_MOST ? processor_time () : spent;
}

void
valise_background_share (void)
{
  if (valise_background_is_here ())
    take_turn (g_private_get (&current));
}
