/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-export-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/valise-engine-error-private.h"
#include "engine/valise-timed-call-private.h"
#include "model/valise-grants.h"

#define ASK_SECONDS 30
#define NATIVE_FORMAT "qemu-argv"

typedef struct
{
  virConnectPtr connect;
  char *xml;
  char *what;
} Question;

static void
question_free (gpointer data)
{
  Question *self = data;

  virConnectClose (self->connect);
  g_free (self->xml);
  g_free (self->what);
  g_free (self);
}

static gpointer
ask (gpointer data, GError **error)
{
  Question *self = data;
  char *native = virConnectDomainXMLToNative (self->connect, NATIVE_FORMAT, self->xml, 0), *text;

  if (native == NULL)
    _valise_engine_error_take (error, self->what);
  text = g_strdup (native);
  free (native);
  return text;
}

/* One line per option, as a person reads it. */
static char *
break_lines (const char *command)
{
  g_auto (GStrv) parts = g_strsplit (g_strstrip ((char *) command), " -", -1);
  g_autofree char *joined = g_strjoinv (" \\\n  -", parts);

  return g_strdup_printf ("#!/bin/sh\n%s\n", joined);
}

char *
_valise_export_command (ValiseMachine *machine, ValiseDocument *document, GError **error)
{
  g_autofree char *uuid = valise_document_get (document, "uuid");
  g_autoptr (ValiseGrants) grants = valise_grants_load (uuid, error);
  g_autoptr (ValiseDocument) effective = NULL;
  g_autofree char *native = NULL;
  Question *question;

  if (grants != NULL && _valise_host_await (machine->host, NULL, error))
    effective = _valise_machine_make_effective_of (machine, document, grants, NULL, NULL, FALSE, error);
  if (effective == NULL)
    return NULL;
  question = g_new0 (Question, 1);
  question->what = g_strdup_printf (_ ("Writing the command of “%s”"), valise_machine_get_name (machine));
  question->xml = g_strdup (valise_document_get_text (effective));
  question->connect = _valise_host_dup_connect (machine->host, error);
  if (question->connect == NULL)
    {
      g_free (question->xml);
      g_free (question->what);
      g_free (question);
      return NULL;
    }
  native = _valise_timed_call (question->what, ask, question, question_free, g_free, ASK_SECONDS, NULL, error);
  return native != NULL ? break_lines (native) : NULL;
}
