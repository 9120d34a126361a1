/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-host-open-private.h"

#include <glib/gi18n-lib.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/valise-embed-root-private.h"
#include "engine/valise-embed-run-private.h"
#include "engine/valise-engine-error-private.h"
#include "engine/valise-event-loop-private.h"
#include "engine/valise-half-started-private.h"
#include "engine/valise-libvirt-private.h"
#include "engine/valise-timed-call-private.h"

#define SESSION_URI "qemu:///session"
#define OPEN_SECONDS 60 /* the first time the driver asks every QEMU what it can do */

/* Whether this process holds an embedded driver, which it does to its end, whatever is closed: from then on the
 * driver's pid file may not be opened here, since closing it again would take the driver's lock away. */
static int holds_embedded;

/* An opening that nobody waits for any more goes on. Whoever opens the embedded driver a second time meanwhile gets it
 * half made, and crashes on it. */
static int opening_embedded;

typedef struct
{
  char *uri;
  char *root; /* of an embedded driver, or NULL */
} Opening;

static void
opening_free (gpointer data)
{
  Opening *opening = data;

  g_free (opening->uri);
  g_free (opening->root);
  g_free (opening);
}

static void
close_connect (gpointer data)
{
  virConnectClose (data);
}

static gboolean
set_busy (const char *root, GError **error)
{
  gboolean claimed = g_atomic_int_get (&holds_embedded) || _valise_embed_root_claim (root);
  pid_t holder = !g_atomic_int_get (&holds_embedded) ? _valise_embed_root_get_holder (root) : 0;
  g_autofree char *who = NULL;

  if (claimed && holder == 0)
    return FALSE;
  if (claimed)
    _valise_embed_root_release ();
  if (holder != 0)
    who = _valise_embed_root_describe_process (holder);
  _valise_engine_error_set (error, VALISE_ENGINE_ERROR_BUSY,
                            _ ("The machines of this user are in the hands of another program"), who);
  return TRUE;
}

/* An embedded driver whose first opening fails can never be opened in this process again: all that can be known is
 * asked before. */
static gboolean
prepare_root (const char *root, GError **error)
{
  if (!_valise_embed_root_prepare (root, error) || set_busy (root, error))
    return FALSE;
  if (!g_atomic_int_get (&holds_embedded))
    {
      _valise_embed_run_place (root, NULL);
      _valise_half_started_clear (root);
    }
  return TRUE;
}

static void
take_open_error (Opening *opening, GError **error)
{
  g_autofree char *what = g_strdup_printf (_ ("Connecting to libvirt at %s"), opening->uri);
  ValiseEngineError code = _valise_engine_error_peek ();

  if (opening->root != NULL && code == VALISE_ENGINE_ERROR_HYPERVISOR)
    g_set_error (error, VALISE_ENGINE_ERROR, code, _ ("%s: %s. Close Valise and start it again."), what,
                 virGetLastErrorMessage ());
  else if (code == VALISE_ENGINE_ERROR_DISCONNECTED)
    _valise_engine_error_set (error, VALISE_ENGINE_ERROR_NO_LIBVIRT, what, virGetLastErrorMessage ());
  else
    _valise_engine_error_take (error, what);
}

#ifndef __SANITIZE_ADDRESS__
/* The driver's threads may still be finding machines again; what exit() takes apart under them (libnuma's tables) lets
 * them crash. */
static void
on_exit_cb (int status, void *unused)
{
  fflush (NULL);
  _exit (status);
}
#endif

static void
hold_embedded (void)
{
  g_atomic_int_set (&holds_embedded, TRUE);
#ifndef __SANITIZE_ADDRESS__
  on_exit (on_exit_cb, NULL);
#endif
}

/* --- on one core --- */

static gboolean
stay_on_first_core (cpu_set_t *all, cpu_set_t *first)
{
  CPU_ZERO (first);
  if (sched_getaffinity (0, sizeof *all, all) != 0)
    return FALSE;
  for (int core = 0; core < CPU_SETSIZE && CPU_COUNT (first) == 0; core++)
    if (CPU_ISSET (core, all))
      CPU_SET (core, first);
  return sched_setaffinity (0, sizeof *first, first) == 0;
}

/* The threads that the driver has made have inherited the one core, and so has what they have made meanwhile. */
static guint
leave_core (const cpu_set_t *all, const cpu_set_t *first)
{
  g_autoptr (GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  const char *name;
  guint left = 0;

  while (threads != NULL && (name = g_dir_read_name (threads)) != NULL)
    {
      pid_t thread = (pid_t) g_ascii_strtoll (name, NULL, 10);
      cpu_set_t set;

      if (sched_getaffinity (thread, sizeof set, &set) == 0 && CPU_EQUAL (&set, first)
          && sched_setaffinity (thread, sizeof *all, all) == 0)
        left++;
    }
  return left;
}

/* libvirt keeps what each QEMU can do, and asks them all again, which takes seconds, when the processor says another word
 * about itself than the last time. Cores of one processor do not all say the same: performance and efficiency cores, or
 * those of a virtual computer. So it is always the same one that is asked. */
static virConnectPtr
open_on_first_core (const char *uri)
{
  cpu_set_t all, first;
  gboolean stays = stay_on_first_core (&all, &first);
  virConnectPtr connect = virConnectOpen (uri);

  if (stays && !CPU_EQUAL (&all, &first))
    while (leave_core (&all, &first) > 0)
      ;
  return connect;
}

static virConnectPtr
open_embedded (Opening *opening, GError **error)
{
  virConnectPtr connect;

  if (!prepare_root (opening->root, error))
    return NULL;
  connect = open_on_first_core (opening->uri);
  if (connect == NULL)
    take_open_error (opening, error);
  else if (!g_atomic_int_get (&holds_embedded))
    hold_embedded ();
  if (connect == NULL && !g_atomic_int_get (&holds_embedded))
    _valise_embed_root_release ();
  return connect;
}

static gpointer
open_uri (gpointer data, GError **error)
{
  Opening *opening = data;
  virConnectPtr connect;

  if (!_valise_event_loop_start (error))
    return NULL;
  if (opening->root == NULL)
    {
      connect = virConnectOpen (opening->uri);
      if (connect == NULL)
        take_open_error (opening, error);
      return connect;
    }
  if (!g_atomic_int_compare_and_exchange (&opening_embedded, FALSE, TRUE))
    {
      _valise_engine_error_set (error, VALISE_ENGINE_ERROR_TIMEOUT, _ ("Connecting to libvirt"),
                                _ ("the attempt before is still under way"));
      return NULL;
    }
  connect = open_embedded (opening, error);
  g_atomic_int_set (&opening_embedded, FALSE);
  return connect;
}

static virConnectPtr
open_one (const char *uri, GCancellable *cancellable, GError **error)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->uri = g_strdup (uri);
  opening->root = _valise_embed_root_from_uri (uri);
  return _valise_timed_call (_ ("Connecting to libvirt"), open_uri, opening, opening_free, close_connect, OPEN_SECONDS,
                             cancellable, error);
}

static char *
embedded_uri (void)
{
  g_autofree char *root = _valise_embed_root_default ();

  return _valise_embed_root_to_uri (root);
}

char *
_valise_host_guess_uri (const char *wanted)
{
  if (wanted != NULL)
    return g_strdup (wanted);
  return geteuid () != 0 ? g_strdup (SESSION_URI) : embedded_uri ();
}

/* A user without a session daemon gets the embedded driver; when that fails too, its error is the one that helps. */
virConnectPtr
_valise_host_open (const char *wanted, char **uri, GCancellable *cancellable, GError **error)
{
  virConnectPtr connect;

  *uri = _valise_host_guess_uri (wanted);
  if (wanted != NULL || geteuid () == 0)
    return open_one (*uri, cancellable, error);

  connect = open_one (*uri, cancellable, NULL);
  if (connect != NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    return connect;
  g_free (*uri);
  *uri = embedded_uri ();
  return open_one (*uri, cancellable, error);
}
