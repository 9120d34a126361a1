/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-live-answers-private.h"

#include <glib/gi18n-lib.h>

#include "base/valise-finding.h"
#include "base/valise-size.h"

typedef enum
{
  ANSWER_NONE,
  ANSWER_REMOVED,
  ANSWER_REFUSED,
} Answer;

typedef struct
{
  char *alias;
  char *label;
} Removal;

struct _ValiseLiveAnswers
{
  virDomainPtr domain;
  int events[4];
  GPtrArray *removals; /* of Removal */
  guint64 wanted;      /* KiB, 0 for nothing wanted */

  GMutex mutex; /* for all below, which the events write */
  GCond changed;
  GHashTable *answers; /* alias -> Answer */
  guint64 memory;      /* KiB the balloon leaves, as the guest said last; 0 when it has said nothing */
  gboolean gone;
};

static void
removal_free (gpointer data)
{
  Removal *removal = data;

  g_free (removal->alias);
  g_free (removal->label);
  g_free (removal);
}

/* --- what libvirt tells --- */

static void
note (ValiseLiveAnswers *self, const char *alias, Answer answer)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_hash_table_replace (self->answers, g_strdup (alias), GINT_TO_POINTER (answer));
  g_cond_broadcast (&self->changed);
}

static void
on_removed_cb (virConnectPtr connect, virDomainPtr domain, const char *alias, void *self)
{
  note (self, alias, ANSWER_REMOVED);
}

static void
on_removal_failed_cb (virConnectPtr connect, virDomainPtr domain, const char *alias, void *self)
{
  note (self, alias, ANSWER_REFUSED);
}

static void
on_balloon_cb (virConnectPtr connect, virDomainPtr domain, unsigned long long kib, void *data)
{
  ValiseLiveAnswers *self = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->memory = kib;
  g_cond_broadcast (&self->changed);
}

static int
on_lifecycle_cb (virConnectPtr connect, virDomainPtr domain, int event, int detail, void *data)
{
  ValiseLiveAnswers *self = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (event != VIR_DOMAIN_EVENT_STOPPED && event != VIR_DOMAIN_EVENT_CRASHED)
    return 0;
  self->gone = TRUE;
  g_cond_broadcast (&self->changed);
  return 0;
}

static void
on_cancelled_cb (GCancellable *cancellable, ValiseLiveAnswers *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_cond_broadcast (&self->changed);
}

/* --- the object --- */

static void
answers_clear (gpointer data)
{
  ValiseLiveAnswers *self = data;

  g_ptr_array_unref (self->removals);
  g_hash_table_unref (self->answers);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  virDomainFree (self->domain);
}

/* libvirt may still be telling while it is told not to, so each event has a reference of its own. */
static void
answers_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, answers_clear);
}

static int
listen (ValiseLiveAnswers *self, int event, virConnectDomainEventGenericCallback callback)
{
  int id = virConnectDomainEventRegisterAny (virDomainGetConnect (self->domain), self->domain, event, callback,
                                             g_atomic_rc_box_acquire (self), answers_unref);

  if (id < 0)
    answers_unref (self);
  return id;
}

ValiseLiveAnswers *
_valise_live_answers_new (virDomainPtr domain)
{
  ValiseLiveAnswers *self = g_atomic_rc_box_new0 (ValiseLiveAnswers);

  virDomainRef (domain);
  self->domain = domain;
  self->removals = g_ptr_array_new_with_free_func (removal_free);
  self->answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  self->events[0] = listen (self, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK (on_removed_cb));
  self->events[1] =
      listen (self, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, VIR_DOMAIN_EVENT_CALLBACK (on_removal_failed_cb));
  self->events[2] = listen (self, VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, VIR_DOMAIN_EVENT_CALLBACK (on_balloon_cb));
  self->events[3] = listen (self, VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK (on_lifecycle_cb));
  return self;
}

void
_valise_live_answers_free (ValiseLiveAnswers *self)
{
  if (self == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (self->events); i++)
    if (self->events[i] >= 0)
      (void) virConnectDomainEventDeregisterAny (virDomainGetConnect (self->domain), self->events[i]);
  answers_unref (self);
}

void
_valise_live_answers_expect_removal (ValiseLiveAnswers *self, const char *alias, const char *label)
{
  Removal *removal = g_new0 (Removal, 1);

  removal->alias = g_strdup (alias);
  removal->label = g_strdup (label);
  g_ptr_array_add (self->removals, removal);
}

void
_valise_live_answers_expect_memory (ValiseLiveAnswers *self, guint64 kib)
{
  self->wanted = kib;
}

/* --- waiting --- */

/* Guests count in pages of their own. */
static gboolean
has_memory (ValiseLiveAnswers *self)
{
  return self->wanted == 0
         || (MAX (self->memory, self->wanted) - MIN (self->memory, self->wanted)) * VALISE_KIB < VALISE_MIB;
}

static gboolean
is_answered (ValiseLiveAnswers *self)
{
  if (self->gone)
    return TRUE;
  for (guint i = 0; i < self->removals->len; i++)
    if (!g_hash_table_contains (self->answers, ((Removal *) self->removals->pdata[i])->alias))
      return FALSE;
  return has_memory (self);
}

static void
add (GPtrArray *findings, const char *id, const char *knob, const char *text, const char *remedy)
{
  g_ptr_array_add (findings, valise_finding_new (VALISE_SEVERITY_WARNING, id, knob, text, remedy));
}

static void
judge_removal (ValiseLiveAnswers *self, const Removal *removal, GPtrArray *findings)
{
  Answer answer = GPOINTER_TO_INT (g_hash_table_lookup (self->answers, removal->alias));
  g_autofree char *text = NULL;

  if (answer == ANSWER_REMOVED)
    return;
  text =
      g_strdup_printf (answer == ANSWER_REFUSED ? _ ("%s: the guest did not let it go.")
                                                : _ ("%s: the guest has been asked to let it go and has not answered."),
                       removal->label);
  if (answer == ANSWER_REFUSED)
    add (findings, "live-refused", NULL, text,
         _ ("End what uses it in the guest, or restart the machine: then it is gone."));
  else
    add (findings, "live-waiting", NULL, text,
         _ ("It goes as soon as the guest answers, at the latest when the machine is started again."));
}

static void
judge_memory (ValiseLiveAnswers *self, GPtrArray *findings)
{
  g_autofree char *wanted = valise_size_format (self->wanted * VALISE_KIB);
  g_autofree char *now = valise_size_format (self->memory * VALISE_KIB);
  g_autofree char *text = NULL;

  if (has_memory (self))
    return;
  text = self->memory == 0
             ? g_strdup_printf (_ ("The guest has been asked to use %s of memory and has not answered."), wanted)
             : g_strdup_printf (_ ("The guest has been asked to use %s of memory and uses %s so far."), wanted, now);
  add (findings, "live-waiting", "currentMemory", text,
       _ ("It changes when the guest's balloon driver answers, at the latest when the machine is started again."));
}

void
_valise_live_answers_wait (ValiseLiveAnswers *self, guint seconds, GCancellable *cancellable, GPtrArray *findings)
{
  gint64 end = g_get_monotonic_time () + seconds * G_TIME_SPAN_SECOND;
  gulong handler =
      cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled_cb), self, NULL) : 0;

  g_mutex_lock (&self->mutex);
  while (!is_answered (self) && !g_cancellable_is_cancelled (cancellable)
         && g_cond_wait_until (&self->changed, &self->mutex, end))
    ;
  if (!self->gone)
    {
      for (guint i = 0; i < self->removals->len; i++)
        judge_removal (self, self->removals->pdata[i], findings);
      judge_memory (self, findings);
    }
  g_mutex_unlock (&self->mutex);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, handler);
}
