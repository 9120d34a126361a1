/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-lock-private.h"

#include "base/valise-path.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOLDER_GROUP "holder"
#define HOLDER_MOST 4096
#define SETTLE_MICROSECONDS 20000

struct _ValiseLock
{
  int fd;
  GDestroyNotify on_free; /* with data; or NULL */
  gpointer data;
};

typedef struct
{
  char *host, *boot, *program, *purpose;
  gint64 pid;
  guint64 started; /* the process's start in clock ticks since boot, so that a pid used again is no holder */
} Holder;

static void
holder_clear (Holder *self)
{
  g_free (self->host);
  g_free (self->boot);
  g_free (self->program);
  g_free (self->purpose);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Holder, holder_clear)

static char *
boot_id (void)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
    return g_strdup ("");
  return g_strdup (g_strstrip (text));
}

/* 0 when there is no such process, or /proc does not say. */
static guint64
process_start (gint64 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/stat", pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  const char *after;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (after = strrchr (text, ')')) == NULL)
    return 0;
  fields = g_strsplit (after + 1, " ", -1);
  return g_strv_length (fields) > 20 ? g_ascii_strtoull (fields[20], NULL, 10) : 0;
}

static char *
holder_text (const char *purpose)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *boot = boot_id ();
  const char *program = g_get_prgname ();

  g_key_file_set_string (file, HOLDER_GROUP, "host", g_get_host_name ());
  g_key_file_set_int64 (file, HOLDER_GROUP, "pid", getpid ());
  g_key_file_set_uint64 (file, HOLDER_GROUP, "started", process_start (getpid ()));
  g_key_file_set_string (file, HOLDER_GROUP, "boot", boot);
  g_key_file_set_string (file, HOLDER_GROUP, "program", program != NULL ? program : "valise");
  g_key_file_set_string (file, HOLDER_GROUP, "purpose", purpose);
  g_key_file_set_int64 (file, HOLDER_GROUP, "since", g_get_real_time () / G_USEC_PER_SEC);
  return g_key_file_to_data (file, NULL, NULL);
}

/* What the file says comes with the bundle and may be anybody's: shown only after cleaning. */
static char *
shown_field (GKeyFile *file, const char *key)
{
  g_autofree char *raw = g_key_file_get_string (file, HOLDER_GROUP, key, NULL);

  return valise_text_for_display (raw != NULL ? raw : "", 80);
}

static gboolean
holder_read (int fd, Holder *holder)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  char text[HOLDER_MOST];
  gssize length = pread (fd, text, sizeof text, 0);

  if (length <= 0 || !g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, NULL))
    return FALSE;
  holder->host = shown_field (file, "host");
  holder->boot = shown_field (file, "boot");
  holder->program = shown_field (file, "program");
  holder->purpose = shown_field (file, "purpose");
  holder->pid = g_key_file_get_int64 (file, HOLDER_GROUP, "pid", NULL);
  holder->started = g_key_file_get_uint64 (file, HOLDER_GROUP, "started", NULL);
  return holder->pid > 0;
}

/* A process of another computer cannot be asked, so it counts as alive: two computers writing one disk is the worse
 * fault. */
static gboolean
holder_lives (const Holder *holder)
{
  g_autofree char *boot = boot_id ();
  guint64 started;

  if (g_strcmp0 (holder->host, g_get_host_name ()) != 0)
    return TRUE;
  if (g_strcmp0 (holder->boot, boot) != 0)
    return FALSE;
  if (kill ((pid_t) holder->pid, 0) != 0 && errno == ESRCH)
    return FALSE;
  started = process_start (holder->pid);
  return started == 0 || holder->started == 0 || started == holder->started;
}

static char *
holder_describe (const Holder *holder)
{
  return g_strdup_printf (_ ("In use by %s (process %" PRId64 " on %s, %s)."), holder->program, holder->pid,
                          holder->host, holder->purpose);
}

static void
set_locked (GError **error, const char *bundle_path, int fd, gboolean by_text)
{
  g_autofree char *base = g_path_get_basename (bundle_path);
  g_autofree char *name = valise_text_for_display (base, 80);
  g_auto (Holder) holder = { NULL };
  g_autofree char *who =
      holder_read (fd, &holder) ? holder_describe (&holder) : g_strdup (_ ("In use by another program."));
  gboolean foreign = by_text && g_strcmp0 (holder.host, g_get_host_name ()) != 0;

  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_LOCKED, "“%s”: %s %s", name, who,
               foreign ? _ ("If that computer is switched off, delete the file “.lock” in it.")
                       : _ ("Close it there and try again."));
}

static int
open_lock (const char *bundle_path, int flags, GError **error)
{
  g_autofree char *path = g_build_filename (bundle_path, ".lock", NULL);
  int fd = open (path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
  struct stat st;

  if (fd >= 0 && fstat (fd, &st) == 0 && S_ISREG (st.st_mode))
    return fd;
  if (fd < 0 && errno != ELOOP && errno != ENXIO && errno != EISDIR)
    {
      _valise_medium_set_error (error, errno, path, 0);
      return -1;
    }
  if (fd >= 0)
    close (fd);
  g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE, _ ("“%s” is not a plain file. Remove it."),
               path);
  return -1;
}

typedef enum
{
  KERNEL_TAKEN,
  KERNEL_HELD_BY_OTHER,
  KERNEL_KNOWS_NO_LOCKS,
} KernelAnswer;

static KernelAnswer
ask_kernel (int fd)
{
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  if (fcntl (fd, F_OFD_SETLK, &range) == 0)
    return KERNEL_TAKEN;
  return errno == EAGAIN || errno == EACCES ? KERNEL_HELD_BY_OTHER : KERNEL_KNOWS_NO_LOCKS;
}

static gboolean
text_is_held (int fd)
{
  g_auto (Holder) holder = { NULL };

  return holder_read (fd, &holder) && holder_lives (&holder);
}

static gboolean
write_text (int fd, const char *text)
{
  gssize length = strlen (text);

  return ftruncate (fd, 0) == 0 && pwrite (fd, text, length, 0) == length;
}

/* Of two that claim at the same moment the later writer wins; each looks again once both have written. */
static gboolean
claim_by_text (int fd, const char *text)
{
  char seen[HOLDER_MOST];
  gssize length = strlen (text);

  if (text_is_held (fd) || !write_text (fd, text))
    return FALSE;
  g_usleep (SETTLE_MICROSECONDS);
  return pread (fd, seen, sizeof seen, 0) == length && memcmp (seen, text, length) == 0;
}

ValiseLock *
_valise_lock_take (const char *bundle_path, const char *purpose, gboolean by_text, GError **error)
{
  int fd = open_lock (bundle_path, O_RDWR | O_CREAT, error);
  g_autofree char *text = NULL;
  KernelAnswer answer;
  gboolean taken;
  ValiseLock *self;

  if (fd < 0)
    return NULL;
  answer = by_text ? KERNEL_KNOWS_NO_LOCKS : ask_kernel (fd);
  text = holder_text (purpose);
  taken = answer == KERNEL_TAKEN || (answer == KERNEL_KNOWS_NO_LOCKS && claim_by_text (fd, text));
  if (!taken)
    {
      set_locked (error, bundle_path, fd, answer == KERNEL_KNOWS_NO_LOCKS);
      close (fd);
      return NULL;
    }
  /* The text is for people then; a full medium must not keep anyone from the lock. */
  if (answer == KERNEL_TAKEN && !write_text (fd, text))
    g_debug ("%s/.lock: %s", bundle_path, g_strerror (errno));
  self = g_new0 (ValiseLock, 1);
  self->fd = fd;
  return self;
}

ValiseLock *
valise_lock_take (const char *bundle_path, const char *purpose, GError **error)
{
  g_return_val_if_fail (bundle_path != NULL && purpose != NULL, NULL);

  return _valise_lock_take (bundle_path, purpose, FALSE, error);
}

void
valise_lock_free (ValiseLock *self)
{
  if (self == NULL)
    return;
  /* Emptied while still held: whoever comes next must not read our name. The file stays, since removing it would
   * race. */
  if (ftruncate (self->fd, 0) != 0)
    g_debug ("emptying a lock: %s", g_strerror (errno));
  close (self->fd);
  if (self->on_free != NULL)
    self->on_free (self->data);
  g_free (self);
}

void
valise_lock_on_free (ValiseLock *self, GDestroyNotify func, gpointer data)
{
  g_return_if_fail (self != NULL && func != NULL && self->on_free == NULL);

  self->on_free = func;
  self->data = data;
}

char *
valise_lock_describe_holder (const char *bundle_path)
{
  struct flock range = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
  g_auto (Holder) holder = { NULL };
  int fd = open_lock (bundle_path, O_RDONLY, NULL);
  gboolean known, named, held;

  if (fd < 0)
    return NULL;
  known = fcntl (fd, F_OFD_GETLK, &range) == 0;
  named = holder_read (fd, &holder);
  held = known ? range.l_type != F_UNLCK : named && holder_lives (&holder);
  close (fd);
  if (!held)
    return NULL;
  return named ? holder_describe (&holder) : g_strdup (_ ("In use by another program."));
}
