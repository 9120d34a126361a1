/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking libvirt what it would make of settings, without keeping anything of it. */
#include "engine/valise-machine-private.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "engine/valise-trial-private.h"

/* TPMs answer there when the machine runs; a trial talks to none. */
#define NO_TPM_SOCKET "/nonexistent/tpm"
/* How many parts are left out, one by one, to find the one that libvirt does not take: half a second. */
#define MOST_TRIES 60
#define LONGEST_REASON 400

typedef struct
{
  ValiseMachine *machine;
  ValiseDocument *document;
  ValiseDocument *before; /* nullable */
  ValiseGrants *grants;
  GCancellable *cancellable;
} Trial;

/* --- one trial --- */

static gboolean
is_program (const ValiseAsk *ask)
{
  return g_str_has_prefix (ask->knob, "devices/emulator") || g_str_has_prefix (ask->knob, "qemu:");
}

/* What was typed here and is not applied yet counts as allowed, for the trial alone; but libvirt runs an emulator at
 * define already, so that one waits for Apply. */
static void
pretend_grants (Trial *self)
{
  g_autoptr (GPtrArray) asks = NULL;
  g_autoptr (GPtrArray) old = NULL;

  if (self->before == NULL)
    return;
  asks = valise_effective_list_asks (self->document, self->machine->path, self->grants);
  old = valise_effective_list_asks (self->before, self->machine->path, self->grants);
  for (guint i = 0; i < asks->len; i++)
    {
      const ValiseAsk *ask = asks->pdata[i];

      if (!ask->granted && !is_program (ask) && !valise_effective_asks_for (old, ask))
        valise_grants_pretend (self->grants, ask->knob, ask->value);
    }
}

/* %NULL with an error when libvirt could not be asked. */
static ValiseReadBack *
try_document (Trial *self, ValiseDocument *document, char **refusal, GError **error)
{
  g_autoptr (ValiseDocument) effective = NULL;
  g_autoptr (ValiseDocument) given = NULL;
  g_autoptr (ValiseDocument) taken = NULL;

  effective =
      _valise_machine_make_effective_of (self->machine, document, self->grants, NO_TPM_SOCKET, NULL, TRUE, error);
  if (effective == NULL
      || !_valise_trial_define (valise_machine_get_host (self->machine), effective, &given, &taken, refusal,
                                self->cancellable, error))
    return NULL;
  return taken != NULL ? valise_read_back_new (document, given, taken) : NULL;
}

/* --- what it is that libvirt does not take --- */

/* Whether libvirt takes the machine with @value at @path, or without it when that is %NULL. */
static gboolean
helps (Trial *self, const char *path, const char *value)
{
  g_autoptr (ValiseDocument) other = valise_document_copy (self->document);
  g_autoptr (ValiseReadBack) back = NULL;
  g_autofree char *refusal = NULL;

  if (value != NULL ? !valise_document_set (other, path, value, NULL) : !valise_document_unset (other, path, NULL))
    return FALSE;
  back = try_document (self, other, &refusal, NULL);
  return back != NULL;
}

static char *
find_among_changes (Trial *self, guint *left)
{
  g_autoptr (GPtrArray) changes = valise_document_diff (self->before, self->document);

  for (guint i = 0; i<changes->len && * left> 0; i++, (*left)--)
    {
      const ValiseDocumentChange *change = changes->pdata[i];

      if (change->after != NULL && helps (self, change->path, change->before))
        return g_strdup (change->path);
    }
  return NULL;
}

static char *
find_among_children (Trial *self, xmlNode *parent, guint *left)
{
  for (xmlNode *child = xmlFirstElementChild (parent); child != NULL && *left > 0;
       child = xmlNextElementSibling (child))
    {
      g_autofree char *path = child->ns == NULL ? valise_document_path_of (self->document, child) : NULL;

      if (path == NULL || g_str_equal (path, "devices"))
        continue;
      (*left)--;
      if (helps (self, path, NULL))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static char *
find_culprit (Trial *self)
{
  xmlNode *domain = xmlDocGetRootElement (valise_document_get_tree (self->document));
  guint left = MOST_TRIES;
  char *found = self->before != NULL ? find_among_changes (self, &left) : NULL;

  for (xmlNode *child = xmlFirstElementChild (domain); found == NULL && child != NULL;
       child = xmlNextElementSibling (child))
    if (child->ns == NULL && xmlStrEqual (child->name, BAD_CAST "devices"))
      found = find_among_children (self, child, &left);
  return found != NULL ? found : find_among_children (self, domain, &left);
}

static ValiseReadBack *
explain (Trial *self, const char *refusal)
{
  g_autofree char *where = find_culprit (self);
  g_autofree char *shown = valise_text_for_display (refusal, LONGEST_REASON);
  g_autofree char *text = g_strdup_printf (_ ("The libvirt installed here does not take this: %s."), shown);

  return valise_read_back_new_refused (self->document, where, text);
}

/* --- public --- */

ValiseReadBack *
valise_machine_try (ValiseMachine *self,
                    ValiseDocument *document,
                    ValiseDocument *before,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autofree char *uuid = NULL;
  g_autoptr (ValiseGrants) grants = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *refusal = NULL;
  Trial trial = { self, document, before, NULL, cancellable };
  ValiseReadBack *back;

  g_return_val_if_fail (VALISE_IS_MACHINE (self) && document != NULL, NULL);

  uuid = _valise_machine_dup_uuid (self);
  trial.grants = grants = valise_grants_load (uuid != NULL ? uuid : "", error);
  if (grants == NULL)
    return NULL;
  pretend_grants (&trial);
  back = try_document (&trial, document, &refusal, &local);
  if (refusal != NULL)
    return explain (&trial, refusal);
  if (back == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return back;
}

static void
try_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ValiseDocument **documents = data;
  GError *error = NULL;
  ValiseReadBack *back = valise_machine_try (source, documents[0], documents[1], cancellable, &error);

  if (back != NULL)
    g_task_return_pointer (task, back, (GDestroyNotify) valise_read_back_unref);
  else
    g_task_return_error (task, error);
}

static void
documents_free (gpointer data)
{
  ValiseDocument **documents = data;

  valise_document_unref (documents[0]);
  g_clear_pointer (&documents[1], valise_document_unref);
  g_free (documents);
}

void
valise_machine_try_async (ValiseMachine *self,
                          ValiseDocument *document,
                          ValiseDocument *before,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  ValiseDocument **documents = g_new0 (ValiseDocument *, 2);

  documents[0] = valise_document_copy (document);
  documents[1] = before != NULL ? valise_document_copy (before) : NULL;
  g_task_set_source_tag (task, valise_machine_try_async);
  g_task_set_task_data (task, documents, documents_free);
  g_task_run_in_thread (task, try_thread);
}

ValiseReadBack *
valise_machine_try_finish (ValiseMachine *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
is_told (GPtrArray *findings, const char *where)
{
  for (guint i = 0; where != NULL && i < findings->len; i++)
    if (g_strcmp0 (((const ValiseFinding *) findings->pdata[i])->where, where) == 0)
      return TRUE;
  return FALSE;
}

void
_valise_machine_add_read_back (ValiseMachine *self,
                               ValiseDocument *document,
                               ValiseDocument *before,
                               GPtrArray *findings,
                               GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseReadBack) back = valise_machine_try (self, document, before, cancellable, &error);
  GPtrArray *found = back != NULL ? valise_read_back_get_findings (back) : NULL;

  for (guint i = 0; found != NULL && i < found->len; i++)
    {
      const ValiseFinding *finding = found->pdata[i];

      if (!is_told (findings, finding->where))
        g_ptr_array_add (findings, valise_finding_copy (finding));
    }
  if (back == NULL)
    g_debug ("%s: %s", valise_machine_get_name (self), error->message);
}
