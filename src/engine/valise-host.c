/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-host-private.h"

#include <glib/gi18n-lib.h>
#ifdef __GLIBC__
#  include <malloc.h>
#endif
#include <string.h>
#include <unistd.h>

#include "engine/valise-accel-private.h"
#include "engine/valise-embed-root-private.h"
#include "engine/valise-engine-error-private.h"
#include "engine/valise-event-loop-private.h"
#include "engine/valise-host-open-private.h"
#include "engine/valise-libvirt-private.h"
#include "engine/valise-lives-private.h"
#include "engine/valise-passt-private.h"
#include "engine/valise-still-private.h"
#include "engine/valise-timed-call-private.h"
#include "engine/valise-trial-private.h"

#define SETTLE_SECONDS 5
#define FIRST_RETRY_MS 500
#define LAST_RETRY_MS 30000
/* A libvirt that does not know a capability by name starts nothing that mentions it; this one has been known since
 * 5.6. */
#define QUICK_QUESTIONS_VERSION 6000000

struct _ValiseHost
{
  GObject parent_instance;

  GMainContext *context;
  char *wanted; /* URI asked for, or NULL for the rule */
  ValiseLives *lives;

  GMutex connect_mutex; /* one attempt at a time */
  GMutex mutex;         /* for all below */
  const char *uri;      /* interned */
  virConnectPtr connect;
  int lifecycle_event;
  gboolean quick_questions;
  GError *error;
  gboolean was_connected;
  gboolean persistent; /* tries again by itself */
  GSource *retry;
  guint retry_ms;

  GMutex capabilities_mutex;
  ValiseCapabilities *capabilities;      /* as the connection told */
  ValiseCapabilities *capabilities_bare; /* while there is none */
};

enum
{
  PROP_URI = 1,
  PROP_CONNECTED,
  PROP_ERROR,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (ValiseHost, valise_host, G_TYPE_OBJECT)

static void schedule_retry (ValiseHost *self);

/* --- telling the main context --- */

void
_valise_host_invoke (ValiseHost *self, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, destroy);
  g_source_attach (source, self->context);
}

static void
weak_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static gpointer
weak_new (gpointer object)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, object);
  return weak;
}

static gboolean
on_notify_cb (gpointer data)
{
  g_autoptr (ValiseHost) self = g_weak_ref_get (data);

  if (self == NULL)
    return G_SOURCE_REMOVE;
  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 1; i < N_PROPS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), props[i]);
  g_object_thaw_notify (G_OBJECT (self));
  return G_SOURCE_REMOVE;
}

static void
notify_soon (ValiseHost *self)
{
  _valise_host_invoke (self, on_notify_cb, weak_new (self), weak_free);
}

/* --- libvirt's callbacks, in the event thread --- */

static int
on_lifecycle_cb (virConnectPtr connect, virDomainPtr domain, int event, int detail, void *data)
{
  g_autoptr (ValiseHost) self = g_weak_ref_get (data);

  if (self != NULL && _valise_lives_is_ours (domain))
    _valise_lives_hint (self->lives, domain);
  return 0;
}

/* The daemon is gone; what ran goes on running, so the records stay as they are until it is back. */
static void
on_closed_cb (virConnectPtr connect, int reason, void *data)
{
  g_autoptr (ValiseHost) self = g_weak_ref_get (data);

  if (self == NULL || reason == VIR_CONNECT_CLOSE_REASON_CLIENT)
    return;
  g_mutex_lock (&self->mutex);
  g_clear_error (&self->error);
  _valise_engine_error_set (&self->error, VALISE_ENGINE_ERROR_DISCONNECTED, _ ("The connection to libvirt was lost"),
                            NULL);
  self->persistent = TRUE;
  self->retry_ms = FIRST_RETRY_MS;
  g_mutex_unlock (&self->mutex);
  notify_soon (self);
  schedule_retry (self);
}

/* --- connecting --- */

static void
free_domain (gpointer data)
{
  virDomainFree (data);
}

typedef struct
{
  ValiseHost *host;
  GPtrArray *domains;
} Finding;

static void
finding_free (gpointer data)
{
  Finding *finding = data;

  g_ptr_array_unref (finding->domains);
  g_object_unref (finding->host);
  g_free (finding);
}

static gpointer
settle_domains (gpointer data, GError **error)
{
  Finding *finding = data;

  for (guint i = 0; i < finding->domains->len; i++)
    {
      virDomainPtr domain = g_ptr_array_index (finding->domains, i);

      _valise_lives_settle (finding->host->lives, domain);
      if (_valise_still_put_right (domain))
        _valise_lives_refresh (finding->host->lives, domain);
    }
  return finding->host;
}

/* A driver that has just started lists what it has not yet got hold of again, in the state that was written down last.
 * A short program would be gone before the truth comes; a machine that hangs is waited for no longer than this. */
static void
settle_found (ValiseHost *self, GPtrArray *domains)
{
  Finding *finding;

  if (domains->len == 0)
    return;
  finding = g_new0 (Finding, 1);
  finding->host = g_object_ref (self);
  finding->domains = g_ptr_array_ref (domains);
  (void) _valise_timed_call (_ ("Finding running machines"), settle_domains, finding, finding_free, NULL,
                             SETTLE_SECONDS, NULL, NULL);
}

static void
list_domains (ValiseHost *self, virConnectPtr connect)
{
  g_autoptr (GPtrArray) ours = g_ptr_array_new_with_free_func (free_domain);
  virDomainPtr *domains = NULL;
  int length = virConnectListAllDomains (connect, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);

  for (int i = 0; i < length; i++)
    if (_valise_lives_is_ours (domains[i]))
      g_ptr_array_add (ours, domains[i]);
    else
      virDomainFree (domains[i]);
  free (domains);
  _valise_lives_replace (self->lives, ours);
  settle_found (self, ours);
}

/* What runs in this process cannot be lost. libvirt takes the callback there all the same and forgets it, without
 * freeing what it was given. */
static void
listen_for_close (ValiseHost *self, virConnectPtr connect, const char *uri)
{
  g_autofree char *root = _valise_embed_root_from_uri (uri);
  gpointer weak;

  if (root != NULL || g_str_has_prefix (uri, "test:"))
    return;
  weak = weak_new (self);
  if (virConnectRegisterCloseCallback (connect, on_closed_cb, weak, weak_free) < 0)
    weak_free (weak);
}

static gboolean
has_quick_questions (virConnectPtr connect)
{
  const char *type = virConnectGetType (connect);
  unsigned long version = 0;

  return g_strcmp0 (type, "QEMU") == 0 && virConnectGetLibVersion (connect, &version) == 0
         && version >= QUICK_QUESTIONS_VERSION;
}

/* Events first, so that nothing happens between the list and them. */
static void
adopt_connect (ValiseHost *self, virConnectPtr connect, const char *uri)
{
  int event =
      virConnectDomainEventRegisterAny (connect, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                        VIR_DOMAIN_EVENT_CALLBACK (on_lifecycle_cb), weak_new (self), weak_free);
  gboolean quick_questions = has_quick_questions (connect);

  listen_for_close (self, connect, uri);
  if (strchr (uri, '+') != NULL)
    (void) virConnectSetKeepAlive (connect, 10, 3);
  list_domains (self, connect);
  _valise_trial_clean (connect);

  g_mutex_lock (&self->mutex);
  self->connect = connect;
  self->lifecycle_event = event;
  self->quick_questions = quick_questions;
  self->uri = g_intern_string (uri);
  self->was_connected = TRUE;
  g_clear_error (&self->error);
  self->retry_ms = FIRST_RETRY_MS;
  g_mutex_unlock (&self->mutex);
}

static void
release_connect (virConnectPtr connect, int event)
{
  if (connect == NULL)
    return;
  (void) virConnectUnregisterCloseCallback (connect, on_closed_cb);
  if (event >= 0)
    (void) virConnectDomainEventDeregisterAny (connect, event);
  virConnectClose (connect);
}

/* The one whose daemon went away. */
static void
drop_connect (ValiseHost *self)
{
  virConnectPtr connect;
  int event;

  g_mutex_lock (&self->mutex);
  connect = g_steal_pointer (&self->connect);
  event = self->lifecycle_event;
  self->lifecycle_event = -1;
  g_mutex_unlock (&self->mutex);
  release_connect (connect, event);
}

static void
keep_error (ValiseHost *self, const GError *error)
{
  g_mutex_lock (&self->mutex);
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
  g_mutex_unlock (&self->mutex);
}

/* Machines that run at one place are not to be looked for at another because its daemon was away. */
static const char *
choice_of_uri (ValiseHost *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->wanted == NULL && self->was_connected ? self->uri : self->wanted;
}

static gboolean
connect_locked (ValiseHost *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *uri = NULL;
  g_autoptr (GError) failure = NULL;
  virConnectPtr connect;

  if (valise_host_is_connected (self))
    return TRUE;
  drop_connect (self);
  connect = _valise_host_open (choice_of_uri (self), &uri, cancellable, &failure);
  if (connect == NULL)
    {
      keep_error (self, failure);
      g_propagate_error (error, g_steal_pointer (&failure));
      notify_soon (self);
      return FALSE;
    }
  adopt_connect (self, connect, uri);
  notify_soon (self);
  _valise_lives_wake (self->lives);
  return TRUE;
}

gboolean
valise_host_connect_sync (ValiseHost *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (VALISE_IS_HOST (self), FALSE);
  locker = g_mutex_locker_new (&self->connect_mutex);
  return connect_locked (self, cancellable, error);
}

/* --- trying again --- */

/* What a start will want to know is asked as soon as there is somebody to answer. Reading the answers leaves free heap
 * behind, more than three MiB of it, that glibc would keep for this thread alone. */
static void
warm_up (ValiseHost *self)
{
  (void) valise_host_probe_accel (self, NULL);
  (void) valise_host_get_capabilities (self);
#ifdef __GLIBC__
  malloc_trim (0);
#endif
}

static gpointer
run_retry (gpointer data)
{
  g_autoptr (ValiseHost) self = g_weak_ref_get (data);

  weak_free (data);
  if (self == NULL)
    return NULL;
  if (valise_host_connect_sync (self, NULL, NULL))
    warm_up (self);
  else
    schedule_retry (self);
  return NULL;
}

static gboolean
on_retry_cb (gpointer data)
{
  g_autoptr (ValiseHost) self = g_weak_ref_get (data);

  if (self == NULL)
    return G_SOURCE_REMOVE;
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->retry, g_source_unref);
  g_mutex_unlock (&self->mutex);
  g_thread_unref (g_thread_new ("libvirt-reconnect", run_retry, weak_new (self)));
  return G_SOURCE_REMOVE;
}

static void
schedule_retry (ValiseHost *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (!self->persistent || self->retry != NULL)
    return;
  self->retry = _valise_event_loop_after (self->retry_ms, on_retry_cb, weak_new (self), weak_free);
  self->retry_ms = MIN (self->retry_ms * 2, LAST_RETRY_MS);
}

static void
connect_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ValiseHost *self = source;
  GError *error = NULL;

  if (valise_host_connect_sync (self, cancellable, &error))
    {
      g_task_return_boolean (task, TRUE);
      warm_up (self);
      return;
    }
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    schedule_retry (self);
  g_task_return_error (task, error);
}

void
valise_host_connect_async (ValiseHost *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, valise_host_connect_async);
  g_mutex_lock (&self->mutex);
  self->persistent = TRUE;
  g_mutex_unlock (&self->mutex);
  g_task_run_in_thread (task, connect_thread);
}

gboolean
valise_host_connect_finish (ValiseHost *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- what this computer can do --- */

static guint64
physical_memory (void)
{
  return (guint64) sysconf (_SC_PHYS_PAGES) * (guint64) sysconf (_SC_PAGESIZE);
}

/* valise_capabilities_new cannot fail without XML. */
static ValiseCapabilities *
bare_capabilities (ValiseHost *self)
{
  if (self->capabilities_bare == NULL)
    self->capabilities_bare = valise_capabilities_new (NULL, NULL, g_get_num_processors (), physical_memory (), NULL);
  return self->capabilities_bare;
}

static ValiseCapabilities *
ask_capabilities (virConnectPtr connect, gboolean kvm)
{
  char *host = virConnectGetCapabilities (connect);
  char *domain = virConnectGetDomainCapabilities (connect, NULL, "x86_64", "q35", kvm ? "kvm" : "qemu", 0);
  ValiseCapabilities *capabilities = NULL;

  if (host != NULL && domain != NULL)
    capabilities = valise_capabilities_new (domain, host, g_get_num_processors (), physical_memory (), NULL);
  if (capabilities != NULL)
    _valise_passt_ask (connect);
  free (host);
  free (domain);
  return capabilities;
}

ValiseCapabilities *
valise_host_get_capabilities (ValiseHost *self)
{
  g_autoptr (GMutexLocker) locker = NULL;
  virConnectPtr connect;
  gboolean kvm;

  g_return_val_if_fail (VALISE_IS_HOST (self), NULL);
  locker = g_mutex_locker_new (&self->capabilities_mutex);
  if (self->capabilities != NULL)
    return self->capabilities;
  connect = _valise_host_dup_connect (self, NULL);
  if (connect == NULL)
    return bare_capabilities (self);
  kvm = valise_host_probe_accel (self, NULL) == VALISE_ACCEL_NATIVE;
  self->capabilities = ask_capabilities (connect, kvm);
  virConnectClose (connect);
  return self->capabilities != NULL ? self->capabilities : bare_capabilities (self);
}

ValiseAccel
valise_host_probe_accel (ValiseHost *self, char **reason)
{
  ValiseAccel accel = _valise_accel_probe ();

  if (reason != NULL)
    *reason = g_strdup (_valise_accel_get_reason (accel));
  return accel;
}

/* --- for the machines --- */

virConnectPtr
_valise_host_dup_connect (ValiseHost *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (self->connect != NULL && self->error == NULL)
    {
      virConnectRef (self->connect);
      return self->connect;
    }
  if (self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  else
    _valise_engine_error_set (error, VALISE_ENGINE_ERROR_DISCONNECTED, _ ("There is no connection to libvirt yet"),
                              NULL);
  return NULL;
}

gboolean
_valise_host_is_unanswered (ValiseHost *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->connect == NULL && self->error == NULL;
}

gboolean
_valise_host_await (ValiseHost *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GMutexLocker) locker =
      _valise_host_is_unanswered (self) ? g_mutex_locker_new (&self->connect_mutex) : NULL;

  return locker == NULL || !_valise_host_is_unanswered (self) || connect_locked (self, cancellable, error);
}

void
_valise_host_unlisten (ValiseHost *self, int event)
{
  virConnectPtr connect = _valise_host_dup_connect (self, NULL);

  if (connect == NULL)
    return;
  (void) virConnectDomainEventDeregisterAny (connect, event);
  virConnectClose (connect);
}

gboolean
_valise_host_has_quick_questions (ValiseHost *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->quick_questions;
}

ValiseLife
_valise_host_look (ValiseHost *self, const char *uuid, const char *path)
{
  return _valise_lives_look (self->lives, uuid, path);
}

void
_valise_host_move (ValiseHost *self, const char *uuid, const char *path)
{
  _valise_lives_move (self->lives, uuid, path);
}

char *
_valise_host_dup_live_uuid (ValiseHost *self, const char *path)
{
  return _valise_lives_dup_uuid (self->lives, path);
}

void
_valise_host_refresh (ValiseHost *self, virDomainPtr domain)
{
  _valise_lives_refresh (self->lives, domain);
}

void
_valise_host_settle (ValiseHost *self, virDomainPtr domain)
{
  _valise_lives_settle (self->lives, domain);
}

GPtrArray *
_valise_host_list_live_paths (ValiseHost *self)
{
  return _valise_lives_list_paths (self->lives);
}

void
_valise_host_watch (ValiseHost *self, const char *key, gpointer object, ValiseLifeFunc func)
{
  _valise_lives_watch (self->lives, key, object, func);
}

void
_valise_host_unwatch (ValiseHost *self, const char *key)
{
  _valise_lives_unwatch (self->lives, key);
}

gboolean
_valise_host_wait (ValiseHost *self,
                   ValiseConditionFunc func,
                   gpointer data,
                   guint timeout_ms,
                   GCancellable *cancellable)
{
  return _valise_lives_wait (self->lives, func, data, timeout_ms, cancellable);
}

void
_valise_host_wake (ValiseHost *self)
{
  _valise_lives_wake (self->lives);
}

/* --- the object --- */

/* Closing waits for the driver, so a connection still open here is left to a thread. */
static gpointer
run_release (gpointer data)
{
  release_connect (data, -1);
  return NULL;
}

static void
valise_host_dispose (GObject *object)
{
  ValiseHost *self = VALISE_HOST (object);
  g_autoptr (GSource) retry = NULL;
  virConnectPtr connect;
  int event;

  g_mutex_lock (&self->mutex);
  retry = g_steal_pointer (&self->retry);
  connect = g_steal_pointer (&self->connect);
  event = self->lifecycle_event;
  self->lifecycle_event = -1;
  g_mutex_unlock (&self->mutex);
  if (retry != NULL)
    g_source_destroy (retry);
  if (connect != NULL)
    {
      (void) virConnectUnregisterCloseCallback (connect, on_closed_cb);
      if (event >= 0)
        (void) virConnectDomainEventDeregisterAny (connect, event);
      g_thread_unref (g_thread_new ("libvirt-close", run_release, connect));
    }
  G_OBJECT_CLASS (valise_host_parent_class)->dispose (object);
}

static void
valise_host_finalize (GObject *object)
{
  ValiseHost *self = VALISE_HOST (object);

  _valise_lives_free (self->lives);
  g_clear_pointer (&self->capabilities, valise_capabilities_unref);
  g_clear_pointer (&self->capabilities_bare, valise_capabilities_unref);
  g_clear_error (&self->error);
  g_free (self->wanted);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->mutex);
  g_mutex_clear (&self->connect_mutex);
  g_mutex_clear (&self->capabilities_mutex);
  G_OBJECT_CLASS (valise_host_parent_class)->finalize (object);
}

static void
valise_host_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ValiseHost *self = VALISE_HOST (object);

  switch (id)
    {
    case PROP_URI:
      g_value_set_string (value, valise_host_get_uri (self));
      break;
    case PROP_CONNECTED:
      g_value_set_boolean (value, valise_host_is_connected (self));
      break;
    case PROP_ERROR:
      g_mutex_lock (&self->mutex);
      g_value_set_boxed (value, self->error);
      g_mutex_unlock (&self->mutex);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
valise_host_class_init (ValiseHostClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  _valise_event_loop_silence ();
  object_class->dispose = valise_host_dispose;
  object_class->finalize = valise_host_finalize;
  object_class->get_property = valise_host_get_property;
  props[PROP_URI] = g_param_spec_string ("uri", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_CONNECTED] =
      g_param_spec_boolean ("connected", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
valise_host_init (ValiseHost *self)
{
  g_mutex_init (&self->mutex);
  g_mutex_init (&self->connect_mutex);
  g_mutex_init (&self->capabilities_mutex);
  self->context = g_main_context_ref_thread_default ();
  self->lives = _valise_lives_new ();
  self->lifecycle_event = -1;
  self->retry_ms = FIRST_RETRY_MS;
}

/* --- public --- */

ValiseHost *
valise_host_new (const char *uri)
{
  ValiseHost *self = g_object_new (VALISE_TYPE_HOST, NULL);
  const char *wanted = uri != NULL ? uri : g_getenv ("VALISE_CONNECT");
  g_autofree char *first = NULL;

  if (wanted != NULL && *wanted != '\0')
    self->wanted = g_strdup (wanted);
  first = _valise_host_guess_uri (self->wanted);
  self->uri = g_intern_string (first);
  return self;
}

const char *
valise_host_get_uri (ValiseHost *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (VALISE_IS_HOST (self), NULL);
  locker = g_mutex_locker_new (&self->mutex);
  return self->uri;
}

gboolean
valise_host_is_connected (ValiseHost *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (VALISE_IS_HOST (self), FALSE);
  locker = g_mutex_locker_new (&self->mutex);
  return self->connect != NULL && self->error == NULL;
}

gboolean
valise_host_is_embedded (ValiseHost *self)
{
  g_autofree char *root = _valise_embed_root_from_uri (valise_host_get_uri (self));

  return root != NULL;
}

char *
valise_host_dup_embed_root (ValiseHost *self)
{
  char *root = _valise_embed_root_from_uri (valise_host_get_uri (self));

  return root != NULL ? root : _valise_embed_root_default ();
}

gboolean
valise_host_make_embed_root (ValiseHost *self, GError **error)
{
  g_autofree char *root = NULL;

  g_return_val_if_fail (VALISE_IS_HOST (self), FALSE);
  root = valise_host_dup_embed_root (self);
  return _valise_embed_root_prepare (root, error);
}

gboolean
valise_host_check_embed_root (ValiseHost *self, GError **error)
{
  g_autofree char *root = NULL;

  g_return_val_if_fail (VALISE_IS_HOST (self), FALSE);
  root = valise_host_dup_embed_root (self);
  return _valise_embed_root_check (root, error);
}
