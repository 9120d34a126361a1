/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-event-loop-private.h"

#include <glib/gi18n-lib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/valise-leaks.h"
#include "engine/valise-engine-error-private.h"
#include "engine/valise-libvirt-private.h"

#define LOG_VARIABLE "LIBVIRT_LOG_OUTPUTS"
#define NO_LOG "4:file:/dev/null"

/* A file descriptor or a timer that libvirt asked to be told about. */
typedef struct
{
  GSource source;
  int id;
  int fd;
  gpointer tag;
  int frequency; /* ms; -1 while a timer is off */
  GCallback callback;
  void *opaque;
  virFreeCallback release;
} Watch;

ValiseLate _valise_libvirt = { .file = "libvirt.so.0" };
ValiseLate _valise_libvirt_qemu = { .file = "libvirt-qemu.so.0" };

static GMainContext *loop_context;
static GMutex watches_mutex;
static GHashTable *watches; /* id -> Watch */
static int last_id;

static GIOCondition
condition_from_events (int events)
{
  GIOCondition condition = 0;

  if (events & VIR_EVENT_HANDLE_READABLE)
    condition |= G_IO_IN;
  if (events & VIR_EVENT_HANDLE_WRITABLE)
    condition |= G_IO_OUT;
  if (events & VIR_EVENT_HANDLE_ERROR)
    condition |= G_IO_ERR;
  if (events & VIR_EVENT_HANDLE_HANGUP)
    condition |= G_IO_HUP;
  return condition;
}

static int
events_from_condition (GIOCondition condition)
{
  int events = 0;

  if (condition & G_IO_IN)
    events |= VIR_EVENT_HANDLE_READABLE;
  if (condition & G_IO_OUT)
    events |= VIR_EVENT_HANDLE_WRITABLE;
  if (condition & G_IO_NVAL)
    events |= VIR_EVENT_HANDLE_ERROR;
  if (condition & G_IO_ERR)
    events |= VIR_EVENT_HANDLE_ERROR;
  if (condition & G_IO_HUP)
    events |= VIR_EVENT_HANDLE_HANGUP;
  return events;
}

static void
arm_timer (Watch *watch)
{
  gint64 ready = -1;

  if (watch->frequency >= 0)
    ready = g_get_monotonic_time () + watch->frequency * G_TIME_SPAN_MILLISECOND;
  g_source_set_ready_time (&watch->source, ready);
}

static gboolean
check_handle (GSource *source)
{
  Watch *watch = (Watch *) source;

  return g_source_query_unix_fd (source, watch->tag) != 0;
}

static gboolean
dispatch_handle (GSource *source, GSourceFunc unused, gpointer data)
{
  Watch *watch = (Watch *) source;
  int events = events_from_condition (g_source_query_unix_fd (source, watch->tag));

  if (events)
    ((virEventHandleCallback) watch->callback) (watch->id, watch->fd, events, watch->opaque);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_timer (GSource *source, GSourceFunc unused, gpointer data)
{
  Watch *watch = (Watch *) source;

  arm_timer (watch);
  ((virEventTimeoutCallback) watch->callback) (watch->id, watch->opaque);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs handle_funcs = { .check = check_handle, .dispatch = dispatch_handle };
static GSourceFuncs timer_funcs = { .dispatch = dispatch_timer };

static Watch *
watch_new (GSourceFuncs *funcs, GCallback callback, void *opaque, virFreeCallback release)
{
  Watch *watch = (Watch *) g_source_new (funcs, sizeof (Watch));

  watch->fd = -1;
  watch->frequency = -1;
  watch->callback = callback;
  watch->opaque = opaque;
  watch->release = release;
  return watch;
}

/* The table's reference keeps the source until it is removed. */
static int
add_watch (Watch *watch)
{
  g_mutex_lock (&watches_mutex);
  watch->id = ++last_id;
  g_hash_table_insert (watches, GINT_TO_POINTER (watch->id), watch);
  g_source_attach (&watch->source, loop_context);
  g_mutex_unlock (&watches_mutex);
  return watch->id;
}

/* (transfer full) */
static Watch *
find_watch (int id)
{
  Watch *watch;

  g_mutex_lock (&watches_mutex);
  watch = g_hash_table_lookup (watches, GINT_TO_POINTER (id));
  if (watch != NULL)
    g_source_ref (&watch->source);
  g_mutex_unlock (&watches_mutex);
  return watch;
}

static gboolean
release_watch (gpointer data)
{
  Watch *watch = data;

  if (watch->release != NULL)
    watch->release (watch->opaque);
  return G_SOURCE_REMOVE;
}

/* libvirt may hold locks here that its release function wants: that one is called from the loop, after a dispatch that
 * may be under way. */
static int
remove_watch (int id)
{
  g_autoptr (GSource) later = NULL;
  Watch *watch;

  g_mutex_lock (&watches_mutex);
  watch = g_hash_table_lookup (watches, GINT_TO_POINTER (id));
  if (watch != NULL)
    g_hash_table_remove (watches, GINT_TO_POINTER (id));
  g_mutex_unlock (&watches_mutex);
  if (watch == NULL)
    return -1;

  g_source_destroy (&watch->source);
  later = g_idle_source_new ();
  g_source_set_priority (later, G_PRIORITY_DEFAULT);
  g_source_set_callback (later, release_watch, watch, (GDestroyNotify) g_source_unref);
  g_source_attach (later, loop_context);
  return 0;
}

static int
on_add_handle_cb (int fd, int events, virEventHandleCallback callback, void *opaque, virFreeCallback release)
{
  Watch *watch = watch_new (&handle_funcs, G_CALLBACK (callback), opaque, release);

  watch->fd = fd;
  watch->tag = g_source_add_unix_fd (&watch->source, fd, condition_from_events (events));
  return add_watch (watch);
}

static void
on_update_handle_cb (int id, int events)
{
  Watch *watch = find_watch (id);

  if (watch == NULL)
    return;
  if (!g_source_is_destroyed (&watch->source))
    g_source_modify_unix_fd (&watch->source, watch->tag, condition_from_events (events));
  g_source_unref (&watch->source);
}

static int
on_add_timeout_cb (int frequency, virEventTimeoutCallback callback, void *opaque, virFreeCallback release)
{
  Watch *watch = watch_new (&timer_funcs, G_CALLBACK (callback), opaque, release);

  watch->frequency = frequency;
  arm_timer (watch);
  return add_watch (watch);
}

static void
on_update_timeout_cb (int id, int frequency)
{
  Watch *watch = find_watch (id);

  if (watch == NULL)
    return;
  watch->frequency = frequency;
  arm_timer (watch);
  g_source_unref (&watch->source);
}

/* Having a default context of its own keeps g_main_context_invoke from running the windows' callbacks in this
 * thread. */
static gpointer
run_loop (gpointer data)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (loop_context, FALSE);

  g_main_context_push_thread_default (loop_context);
  g_main_loop_run (loop);
  g_main_context_pop_thread_default (loop_context);
  return NULL;
}

static void
on_error_cb (void *data, virErrorPtr error)
{
}

static gpointer
start_loop (gpointer data)
{
  loop_context = g_main_context_new ();
  watches = g_hash_table_new (NULL, NULL);
  /* libvirt writes to a daemon that may be gone by then; that is an error to be told, not the end of this process. */
  signal (SIGPIPE, SIG_IGN);
  g_thread_unref (g_thread_new ("libvirt-events", run_loop, NULL));
  return loop_context;
}

static void
ensure_loop (void)
{
  static GOnce once = G_ONCE_INIT;

  g_once (&once, start_loop, NULL);
}

/* A process has one environment, which other threads read: it is written to before there are any, and afterwards only this
 * one byte changes. To libvirt an empty variable is none. */
static char silence[] = LOG_VARIABLE "=" NO_LOG;

/* It has been read once: whatever is started from here, a daemon of libvirt's among it, is not to be silent. */
static void
end_silence (void)
{
  silence[strlen (LOG_VARIABLE "=")] = '\0';
}

/* libssh2, which libvirt initialises, has OpenSSL keep something for this thread, and loses it when the program ends before
 * the thread does. */
static gpointer
initialise_libvirt (gpointer data)
{
  __lsan_disable ();
  virInitialize ();
  __lsan_enable ();
  end_silence ();
  virSetErrorFunc (NULL, on_error_cb);
  virEventRegisterImpl (on_add_handle_cb, on_update_handle_cb, remove_watch, on_add_timeout_cb, on_update_timeout_cb,
                        remove_watch);
  return NULL;
}

void
_valise_event_loop_silence (void)
{
  if (g_getenv (LOG_VARIABLE) == NULL)
    putenv (silence);
}

gboolean
_valise_event_loop_start (GError **error)
{
  static GOnce once = G_ONCE_INIT;
  g_autoptr (GError) local = NULL;

  if (!valise_late_load (&_valise_libvirt, &local))
    {
      _valise_engine_error_set (error, VALISE_ENGINE_ERROR_NO_LIBVIRT, _ ("libvirt cannot be used"), local->message);
      return FALSE;
    }
  ensure_loop ();
  g_once (&once, initialise_libvirt, NULL);
  return TRUE;
}

GSource *
_valise_event_loop_after (guint milliseconds, GSourceFunc func, gpointer user_data, GDestroyNotify destroy)
{
  GSource *source = g_timeout_source_new (milliseconds);

  ensure_loop ();
  g_source_set_callback (source, func, user_data, destroy);
  g_source_attach (source, loop_context);
  return source;
}
