/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-trial-private.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "engine/valise-engine-error-private.h"
#include "engine/valise-libvirt-private.h"
#include "engine/valise-timed-call-private.h"

#define NAME_PREFIX "valise-trial-"
#define SECONDS 10

typedef struct
{
  virConnectPtr connect;
  char *xml;
} Trial;

typedef struct
{
  char *taken;
  char *refusal;
} Outcome;

static void
trial_free (gpointer data)
{
  Trial *trial = data;

  virConnectClose (trial->connect);
  g_free (trial->xml);
  g_free (trial);
}

static void
outcome_free (gpointer data)
{
  Outcome *outcome = data;

  free (outcome->taken);
  g_free (outcome->refusal);
  g_free (outcome);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Outcome, outcome_free)

static void
take_back (virDomainPtr domain)
{
  if (virDomainUndefineFlags (domain, VIR_DOMAIN_UNDEFINE_KEEP_NVRAM) < 0)
    g_debug ("%s stays defined: %s", virDomainGetName (domain), virGetLastErrorMessage ());
}

/* What its schema's validator has to say names no place and fills several lines. */
static char *
dup_reason (void)
{
  if (virGetLastErrorCode () == VIR_ERR_XML_INVALID_SCHEMA)
    return g_strdup (_ ("it is written in a way that it does not know"));
  return g_strdup (virGetLastErrorMessage ());
}

/* %NULL with an error when libvirt could not be asked, which says nothing about the machine. */
static Outcome *
refused (GError **error)
{
  Outcome *outcome;

  if (_valise_engine_error_peek () == VALISE_ENGINE_ERROR_DISCONNECTED)
    {
      _valise_engine_error_take (error, _ ("Asking libvirt what it makes of the settings"));
      return NULL;
    }
  outcome = g_new0 (Outcome, 1);
  outcome->refusal = dup_reason ();
  virResetLastError ();
  return outcome;
}

static gpointer
run_trial (gpointer data, GError **error)
{
  Trial *trial = data;
  virDomainPtr domain = virDomainDefineXMLFlags (trial->connect, trial->xml, VIR_DOMAIN_DEFINE_VALIDATE);
  Outcome *outcome;

  if (domain == NULL)
    return refused (error);
  outcome = g_new0 (Outcome, 1);
  outcome->taken = virDomainGetXMLDesc (domain, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);
  take_back (domain);
  virDomainFree (domain);
  if (outcome->taken != NULL)
    return outcome;
  outcome_free (outcome);
  _valise_engine_error_take (error, _ ("Asking libvirt what it makes of the settings"));
  return NULL;
}

/* A machine that runs has its name and uuid already, and would become a defined one. What the guest is told of the uuid
 * must agree with it. */
static gboolean
disguise (ValiseDocument *given, GError **error)
{
  static const char guest[] = "sysinfo/system/entry[@name='uuid']";
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *name = g_strconcat (NAME_PREFIX, uuid, NULL);

  return valise_document_set (given, "uuid", uuid, error) && valise_document_set (given, "name", name, error)
         && (!valise_document_has (given, guest) || valise_document_set (given, guest, uuid, error));
}

static virConnectPtr
connect_to_qemu (ValiseHost *host, GError **error)
{
  virConnectPtr connect = _valise_host_dup_connect (host, error);

  if (connect == NULL || g_strcmp0 (virConnectGetType (connect), "QEMU") == 0)
    return connect;
  virConnectClose (connect);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       _ ("This libvirt runs no QEMU, and cannot be asked what it makes of the settings."));
  return NULL;
}

gboolean
_valise_trial_define (ValiseHost *host,
                      ValiseDocument *effective,
                      ValiseDocument **given,
                      ValiseDocument **taken,
                      char **refusal,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (ValiseDocument) disguised = valise_document_copy (effective);
  virConnectPtr connect = disguise (disguised, error) ? connect_to_qemu (host, error) : NULL;
  g_autoptr (Outcome) outcome = NULL;
  Trial *trial;

  if (connect == NULL)
    return FALSE;
  trial = g_new0 (Trial, 1);
  trial->connect = connect;
  trial->xml = g_strndup (valise_document_get_text (disguised), valise_document_get_length (disguised));
  outcome = _valise_timed_call (_ ("Asking libvirt what it makes of the settings"), run_trial, trial, trial_free,
                                outcome_free, SECONDS, cancellable, error);
  if (outcome == NULL)
    return FALSE;
  *taken = outcome->taken != NULL ? valise_document_new (outcome->taken, -1, "libvirt", error) : NULL;
  if (outcome->taken != NULL && *taken == NULL)
    return FALSE;
  *given = g_steal_pointer (&disguised);
  *refusal = g_steal_pointer (&outcome->refusal);
  return TRUE;
}

void
_valise_trial_clean (virConnectPtr connect)
{
  virDomainPtr *domains = NULL;
  int length = virConnectListAllDomains (connect, &domains, VIR_CONNECT_LIST_DOMAINS_INACTIVE);

  for (int i = 0; i < length; i++)
    {
      if (g_str_has_prefix (virDomainGetName (domains[i]), NAME_PREFIX))
        take_back (domains[i]);
      virDomainFree (domains[i]);
    }
  free (domains);
}
