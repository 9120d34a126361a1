/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-background.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A pause that is longer than this looks like standing still, and cancelling waits for it. */
#define REST_MOST (2 * G_USEC_PER_SEC)

typedef struct
{
  GThreadFunc func;
  gpointer data;
} Work;

static GPrivate is_background;

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

static gpointer
work_thread (gpointer data)
{
  const Work *work = data;

  give_way ();
  g_private_set (&is_background, GINT_TO_POINTER (TRUE));
  return work->func (work->data);
}

/* A thread of its own, because none may take back that it gave way. */
gpointer
valise_background_run (GThreadFunc func, gpointer data)
{
  Work work = { func, data };

  return g_thread_join (g_thread_new ("background", work_thread, &work));
}

gboolean
valise_background_is_here (void)
{
  return g_private_get (&is_background) != NULL;
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
