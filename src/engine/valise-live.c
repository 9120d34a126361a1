/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-live-change-private.h"

#include <glib/gi18n-lib.h>

#include "base/valise-size.h"
#include "engine/valise-engine-error-private.h"
#include "engine/valise-libvirt-private.h"
#include "model/valise-label.h"

static gboolean
differs (ValiseLiveChange *self, const char *knob)
{
  g_autofree char *before = valise_document_get (self->before, knob);
  g_autofree char *after = valise_document_get (self->after, knob);

  return g_strcmp0 (before, after) != 0;
}

/* --- what is refused --- */

void
_valise_live_refuse (ValiseLiveChange *self, const char *knob, const char *text)
{
  g_ptr_array_add (self->findings,
                   valise_finding_new (VALISE_SEVERITY_WARNING, "live-refused", knob, text,
                                       _ ("It is saved, and takes effect when the machine is started again.")));
}

void
_valise_live_check (ValiseLiveChange *self, int result, const char *what, const char *knob)
{
  g_autoptr (GError) error = NULL;

  if (result >= 0)
    return;
  /* Processors that the guest has to give back: libvirt itself waits for them, and then says that somebody should
   * look. */
  _valise_engine_error_set (&error, VALISE_ENGINE_ERROR_STATE, what,
                            virGetLastErrorCode () == VIR_ERR_OPERATION_TIMEOUT
                                ? _ ("the guest has been asked and has not answered")
                                : virGetLastErrorMessage ());
  _valise_live_refuse (self, knob, error->message);
  virResetLastError ();
}

void
_valise_live_check_all (ValiseLiveChange *self, int result, const char *what, GPtrArray *knobs)
{
  guint first = self->findings->len;
  g_autofree char *text = NULL;

  _valise_live_check (self, result, what, knobs->len > 0 ? knobs->pdata[0] : NULL);
  if (self->findings->len == first)
    return;
  text = g_strdup (((ValiseFinding *) self->findings->pdata[first])->text);
  for (guint i = 1; i < knobs->len; i++)
    _valise_live_refuse (self, knobs->pdata[i], text);
}

/* --- numbers --- */

static gboolean
get_kib (ValiseDocument *document, const char *knob, guint64 *kib)
{
  guint64 bytes;

  if (!valise_label_get_size (document, knob, &bytes))
    return FALSE;
  *kib = bytes / VALISE_KIB;
  return TRUE;
}

/* The balloon cannot give more than the machine was started with, whatever its settings say by now. TRUE when @kib had
 * to be lowered. */
static gboolean
lower_to_most (ValiseLiveChange *self, const char *knob, guint64 *kib)
{
  guint64 most;
  g_autofree char *wanted = NULL;
  g_autofree char *can = NULL;
  g_autofree char *text = NULL;

  if (!get_kib (self->live, "memory", &most) || *kib <= most)
    return FALSE;
  wanted = valise_size_format (*kib * VALISE_KIB);
  can = valise_size_format (most * VALISE_KIB);
  text = g_strdup_printf (_ ("%s of memory cannot be used yet: the machine was started with %s at most."), wanted, can);
  _valise_live_refuse (self, knob, text);
  *kib = most;
  return TRUE;
}

/* Without a currentMemory all of the memory is in use. */
static void
change_memory (ValiseLiveChange *self)
{
  const char *knob = "currentMemory";
  guint64 before, after, now;
  int result;

  if (!get_kib (self->before, knob, &before) && !get_kib (self->before, "memory", &before))
    return;
  if (!get_kib (self->after, knob, &after) && !get_kib (self->after, "memory", &after))
    return;
  if (before == after || (differs (self, "memory") && !differs (self, knob)))
    return;
  if (lower_to_most (self, knob, &after) && get_kib (self->live, knob, &now) && now == after)
    return;
  result = virDomainSetMemoryFlags (self->domain, (unsigned long) after, VIR_DOMAIN_AFFECT_LIVE);
  _valise_live_check (self, result, _ ("The memory in use could not be changed while it runs"), knob);
  if (result >= 0)
    _valise_live_answers_expect_memory (self->answers, after);
}

static void
change_processors (ValiseLiveChange *self)
{
  const char *knob = "vcpu/@current";
  g_autofree char *current = valise_document_get (self->after, knob);
  g_autofree char *all = valise_document_get (self->after, "vcpu");
  const char *wanted = current != NULL ? current : all;

  if (wanted == NULL || !differs (self, knob))
    return;
  _valise_live_check (self,
                      virDomainSetVcpusFlags (self->domain, (guint) g_ascii_strtoull (wanted, NULL, 10),
                                              VIR_DOMAIN_AFFECT_LIVE),
                      _ ("The number of processors in use could not be changed while it runs"), knob);
}

void
_valise_live_change (virDomainPtr domain,
                     ValiseDocument *before,
                     ValiseDocument *after,
                     ValiseDocument *effective,
                     ValiseLiveAnswers *answers,
                     GPtrArray *findings)
{
  char *xml = virDomainGetXMLDesc (domain, 0);
  g_autoptr (ValiseDocument) live = xml != NULL ? valise_document_new (xml, -1, "domain", NULL) : NULL;
  ValiseLiveChange change = { domain, before, after, effective, live, answers, findings };

  free (xml);
  if (live == NULL)
    {
      _valise_live_check (&change, -1, _ ("The running machine could not be changed"), NULL);
      return;
    }
  change_memory (&change);
  change_processors (&change);
  _valise_live_change_devices (&change);
}
