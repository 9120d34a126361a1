/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-still-private.h"

#include <glib/gi18n-lib.h>

#include "engine/valise-engine-error-private.h"
#include "engine/valise-libvirt-private.h"
#include "engine/valise-qemu-jobs-private.h"
#include "engine/valise-still-mark-private.h"
#include "engine/valise-suspended-private.h"

#define TRIES 4
#define PAUSE_US (G_USEC_PER_SEC / 4)
/* An agent answers at once, but freezing is done when the guest has written what it has. */
#define AGENT_SECONDS 5
#define FREEZE_SECONDS 10
#define LATE_US (15 * 60 * G_USEC_PER_SEC)

/* --- freezing --- */

static void
limit (virDomainPtr domain, int seconds)
{
  (void) virDomainAgentSetResponseTimeout (domain, seconds, 0);
}

static gboolean
is_silent (int answer)
{
  return answer < 0 && virGetLastErrorCode () == VIR_ERR_AGENT_UNRESPONSIVE;
}

/* One that hangs looks like one that is still freezing, so it is asked something harmless before. */
static gboolean
hangs (virDomainPtr domain)
{
  long long seconds;
  unsigned int rest;

  return is_silent (virDomainGetTime (domain, &seconds, &rest, 0));
}

/* Nothing is frozen any more. */
static void
let_go (virDomainPtr domain, int mark)
{
  _valise_still_mark_drop (domain, VALISE_STILL_MARK_FROZEN, mark);
  limit (domain, VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK);
}

static ValiseStill
freeze (virDomainPtr domain)
{
  int frozen;

  if (hangs (domain))
    return VALISE_STILL_SILENT;
  limit (domain, FREEZE_SECONDS);
  frozen = virDomainFSFreeze (domain, NULL, 0, 0);
  /* Some agents take themselves for frozen after that. */
  if (frozen == 0)
    (void) virDomainFSThaw (domain, NULL, 0, 0);
  return frozen > 0 ? VALISE_STILL_FROZEN : is_silent (frozen) ? VALISE_STILL_LATE : VALISE_STILL_FREE;
}

ValiseStill
_valise_still_freeze (virDomainPtr domain, int *mark)
{
  ValiseStill still;

  *mark = -1;
  /* Without a limit to its answer it is not asked. */
  if (virDomainAgentSetResponseTimeout (domain, AGENT_SECONDS, 0) < 0)
    return VALISE_STILL_FREE;
  *mark = _valise_still_mark_take (domain, VALISE_STILL_MARK_FROZEN);
  still = freeze (domain);
  limit (domain, AGENT_SECONDS);
  if (still == VALISE_STILL_FROZEN || still == VALISE_STILL_LATE)
    return still;
  let_go (domain, *mark);
  *mark = -1;
  return still;
}

/* --- letting go --- */

typedef int (*TryFunc) (virDomainPtr domain);

static int
insist (TryFunc func, virDomainPtr domain)
{
  int done = func (domain);

  for (guint i = 1; done < 0 && i < TRIES; i++)
    {
      g_usleep (PAUSE_US);
      done = func (domain);
    }
  return done;
}

/* One that goes on already, or is not there any more, does not stand still. That is asked first, so that libvirt's last
 * error is the one that counts. */
static int
resume_once (virDomainPtr domain)
{
  int state = VIR_DOMAIN_PAUSED;

  if (virDomainIsActive (domain) == 0)
    return 0;
  if (virDomainGetState (domain, &state, NULL, 0) == 0 && state == VIR_DOMAIN_RUNNING)
    return 0;
  return virDomainResume (domain);
}

static int
thaw_once (virDomainPtr domain)
{
  return virDomainIsActive (domain) == 0 || virDomainFSThaw (domain, NULL, 0, 0) >= 0 ? 0 : -1;
}

/* --- pausing --- */

/* Marks of those that stand still here, by uuid; a call that gave up may have been the one that paused. */
static GMutex pauses_mutex;
static GHashTable *pauses;

static void
keep_pause (virDomainPtr domain, int mark)
{
  char uuid[VIR_UUID_STRING_BUFLEN];

  if (mark < 0 || virDomainGetUUIDString (domain, uuid) < 0)
    return;
  g_mutex_lock (&pauses_mutex);
  if (pauses == NULL)
    pauses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_insert (pauses, g_strdup (uuid), GINT_TO_POINTER (mark));
  g_mutex_unlock (&pauses_mutex);
}

/* Or -1. */
static int
take_pause (virDomainPtr domain)
{
  char uuid[VIR_UUID_STRING_BUFLEN];
  gpointer mark = NULL;
  gboolean found;

  if (virDomainGetUUIDString (domain, uuid) < 0)
    return -1;
  g_mutex_lock (&pauses_mutex);
  found = pauses != NULL && g_hash_table_lookup_extended (pauses, uuid, NULL, &mark);
  if (found)
    g_hash_table_remove (pauses, uuid);
  g_mutex_unlock (&pauses_mutex);
  return found ? GPOINTER_TO_INT (mark) : -1;
}

int
_valise_still_pause (virDomainPtr domain)
{
  int mark = _valise_still_mark_take (domain, VALISE_STILL_MARK_PAUSED);

  if (virDomainSuspend (domain) >= 0)
    {
      keep_pause (domain, mark);
      return 0;
    }
  /* It may stand all the same. */
  _valise_still_mark_leave (mark);
  return -1;
}

int
_valise_still_resume (virDomainPtr domain)
{
  int resumed = insist (resume_once, domain);

  if (resumed >= 0)
    _valise_still_mark_drop (domain, VALISE_STILL_MARK_PAUSED, take_pause (domain));
  return resumed;
}

static int
pause_once (virDomainPtr domain)
{
  int state = 0;

  if (virDomainIsActive (domain) == 0
      || (virDomainGetState (domain, &state, NULL, 0) == 0 && state == VIR_DOMAIN_PAUSED))
    return 0;
  return virDomainSuspend (domain);
}

static gboolean
is_paused_by_somebody (virDomainPtr domain)
{
  int state = 0, reason = 0;

  return virDomainGetState (domain, &state, &reason, 0) == 0 && state == VIR_DOMAIN_PAUSED
         && reason != VIR_DOMAIN_PAUSED_IOERROR && reason != VIR_DOMAIN_PAUSED_CRASHED
         && reason != VIR_DOMAIN_PAUSED_WATCHDOG;
}

/* libvirt does so only with one that it has paused for it. */
int
_valise_still_stir (virDomainPtr domain)
{
  if (!is_paused_by_somebody (domain))
    return 0;
  (void) virDomainResume (domain);
  return insist (pause_once, domain);
}

/* --- an agent that answers late --- */

typedef struct
{
  virDomainPtr domain;
  int mark;
  ValiseStillDone done;
  gpointer data;
} Late;

/* Each question waits for the agent by itself, but one that is not there is told at once. */
static gpointer
thaw_late (gpointer data)
{
  Late *late = data;
  gint64 end = g_get_monotonic_time () + LATE_US;
  gboolean thawed = FALSE;

  while (!(thawed = thaw_once (late->domain) == 0) && g_get_monotonic_time () < end)
    g_usleep (PAUSE_US);
  if (thawed)
    let_go (late->domain, late->mark);
  else
    _valise_still_mark_leave (late->mark);
  if (late->done != NULL)
    late->done (thawed, late->data);
  virDomainFree (late->domain);
  g_free (late);
  return NULL;
}

void
_valise_still_thaw_late (virDomainPtr domain, int mark, ValiseStillDone done, gpointer data)
{
  Late *late = g_new0 (Late, 1);

  virDomainRef (domain);
  late->domain = domain;
  late->mark = mark;
  late->done = done;
  late->data = data;
  g_thread_unref (g_thread_new ("thaw", thaw_late, late));
}

int
_valise_still_thaw (virDomainPtr domain, int mark)
{
  int thawed = insist (thaw_once, domain);

  if (thawed >= 0)
    let_go (domain, mark);
  return thawed;
}

/* --- a copy --- */

/* -1 where that is not known: it may be. */
static int
is_at (virDomainPtr domain, virDomainJobOperation wanted)
{
  virTypedParameterPtr params = NULL;
  int type, n_params = 0, operation = 0;
  int found;

  if (virDomainGetJobStats (domain, &type, &params, &n_params, 0) < 0)
    return virDomainIsActive (domain) == 0 ? FALSE : -1;
  found =
      virTypedParamsGetInt (params, n_params, VIR_DOMAIN_JOB_OPERATION, &operation) == 1 && operation == (int) wanted;
  virTypedParamsFree (params, n_params);
  return found;
}

int
_valise_still_go_on (virDomainPtr domain)
{
  int state = 0, reason = 0;

  if (virDomainGetState (domain, &state, &reason, 0) < 0 || state != VIR_DOMAIN_PAUSED
      || reason != VIR_DOMAIN_PAUSED_IOERROR)
    return 0;
  return virDomainResume (domain);
}

void
_valise_still_give_up_copy (virDomainPtr domain, int mark)
{
  int at = is_at (domain, VIR_DOMAIN_JOB_OPERATION_BACKUP);

  _valise_still_end_copy (domain, mark, at > 0 ? virDomainAbortJob (domain) == 0 : at == 0);
}

static void
put_copy_right (virDomainPtr domain)
{
  int mark = _valise_still_mark_inherit (domain, VALISE_STILL_MARK_COPIED);

  if (mark < 0)
    return;
  _valise_still_give_up_copy (domain, mark);
  _valise_qemu_jobs_widen_left (domain);
  (void) _valise_still_go_on (domain);
}

int
_valise_still_begin_copy (virDomainPtr domain)
{
  put_copy_right (domain);
  return _valise_still_mark_take (domain, VALISE_STILL_MARK_COPIED);
}

void
_valise_still_end_copy (virDomainPtr domain, int mark, gboolean ended)
{
  if (ended)
    _valise_still_mark_drop (domain, VALISE_STILL_MARK_COPIED, mark);
  else
    _valise_still_mark_leave (mark);
}

/* --- its memory --- */

/* The first letter says whether it ran. */
int
_valise_still_begin_save (virDomainPtr domain, const char *bundle_path)
{
  int mark = _valise_still_mark_take (domain, VALISE_STILL_MARK_SAVED);
  int state = 0;
  gboolean ran = virDomainGetState (domain, &state, NULL, 0) == 0 && state == VIR_DOMAIN_RUNNING;
  g_autofree char *text = g_strconcat (ran ? "r" : "p", bundle_path, NULL);

  _valise_still_mark_write (mark, text);
  return mark;
}

/* libvirt's last error is still to be told, and the next call would lose it. */
void
_valise_still_end_save (const char *uuid, int mark, gboolean saved)
{
  if (mark >= 0 && (saved || _valise_engine_error_peek () != VALISE_ENGINE_ERROR_DISCONNECTED))
    _valise_still_mark_remove (uuid, VALISE_STILL_MARK_SAVED);
  _valise_still_mark_leave (mark);
}

static void
forget_memory (virDomainPtr domain, const char *bundle_path)
{
  char uuid[VIR_UUID_STRING_BUFLEN];

  if (virDomainGetUUIDString (domain, uuid) < 0)
    return;
  _valise_suspended_abandon (bundle_path, uuid);
  _valise_suspended_remove (bundle_path, uuid);
}

/* Since its guest lives, or may write to its disks by now. */
static void
forget_save (virDomainPtr domain, int mark)
{
  g_autofree char *text = _valise_still_mark_read (mark);

  if (text[0] != '\0')
    forget_memory (domain, text + 1);
  _valise_still_mark_drop (domain, VALISE_STILL_MARK_SAVED, mark);
}

void
_valise_still_forget (virDomainPtr domain)
{
  int mark = take_pause (domain);

  if (mark < 0)
    mark = _valise_still_mark_inherit (domain, VALISE_STILL_MARK_PAUSED);
  _valise_still_mark_drop (domain, VALISE_STILL_MARK_PAUSED, mark);
  forget_save (domain, _valise_still_mark_inherit (domain, VALISE_STILL_MARK_SAVED));
}

void
_valise_still_forget_earlier (const char *uuid)
{
  _valise_still_mark_remove (uuid, VALISE_STILL_MARK_PAUSED);
  _valise_still_mark_remove (uuid, VALISE_STILL_MARK_SAVED);
}

/* libvirt has let the guest go on when it has found it again, unless it was killed before it knew that it stood. One that
 * is gone is woken with what was written. */
static gboolean
lives_on (virDomainPtr domain, gboolean ran)
{
  return (!ran || insist (resume_once, domain) >= 0) && virDomainIsActive (domain) == 1;
}

/* A daemon that was not killed itself still writes. */
static gboolean
put_save_right (virDomainPtr domain)
{
  int mark = _valise_still_mark_inherit (domain, VALISE_STILL_MARK_SAVED);
  g_autofree char *text = mark >= 0 ? _valise_still_mark_read (mark) : NULL;
  gboolean ran = text != NULL && text[0] == 'r';
  gboolean lives = mark >= 0 && is_at (domain, VIR_DOMAIN_JOB_OPERATION_SAVE) == 0 && lives_on (domain, ran);

  if (lives)
    forget_save (domain, mark);
  else
    _valise_still_mark_leave (mark);
  return ran && lives;
}

/* --- what dead processes have left --- */

static gboolean
put_pause_right (virDomainPtr domain)
{
  int mark = _valise_still_mark_inherit (domain, VALISE_STILL_MARK_PAUSED);

  if (mark >= 0 && insist (resume_once, domain) >= 0)
    {
      _valise_still_mark_drop (domain, VALISE_STILL_MARK_PAUSED, mark);
      return TRUE;
    }
  _valise_still_mark_leave (mark);
  return FALSE;
}

gboolean
_valise_still_put_right (virDomainPtr domain)
{
  gboolean saved = put_save_right (domain);
  gboolean goes_on = put_pause_right (domain) || saved;
  int mark = _valise_still_mark_inherit (domain, VALISE_STILL_MARK_FROZEN);

  put_copy_right (domain);
  if (mark < 0)
    return goes_on;
  limit (domain, AGENT_SECONDS);
  _valise_still_thaw_late (domain, mark, NULL, NULL);
  return goes_on;
}

static void
put_before (GError **error, const char *text)
{
  if (error == NULL)
    return;
  if (*error == NULL)
    g_set_error_literal (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR, text);
  else
    g_prefix_error (error, "%s ", text);
}

void
_valise_still_tell_paused (GError **error, const char *name, const char *why)
{
  g_autofree char *text =
      g_strdup_printf (_ ("“%s” was paused for a moment and does not go on (%s). Resume it; if that does not help, "
                          "save what can be saved and force it off."),
                       name, why);

  put_before (error, text);
}

void
_valise_still_tell_frozen (GError **error, const char *name, const char *why)
{
  g_autofree char *text = g_strdup_printf (
      _ ("The file systems in “%s” were frozen for a moment, and its guest agent does not say that they "
         "can be written again (%s). If the guest hangs, thaw them in it (“fsfreeze --unfreeze /”), "
         "or restart it."),
      name, why);

  put_before (error, text);
}
