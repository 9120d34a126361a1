/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-passt-private.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

static const char trial[] =
    "<domain type='qemu'><name>valise-passt</name><memory>65536</memory>"
    "<os><type arch='x86_64' machine='q35'>hvm</type></os>"
    "<devices><interface type='user'><mac address='52:54:00:00:00:01'/><model type='virtio'/><backend type='passt'/>"
    "<portForward proto='tcp'><range start='2222' to='22'/></portForward></interface></devices></domain>";

typedef enum
{
  ANSWER_NONE,
  ANSWER_TAKEN,
  ANSWER_REFUSED,
} Answer;

/* What this process's libvirt says, whatever it is connected to. */
static gint answer;

static gboolean
is_installed (void)
{
  g_autofree char *program = g_find_program_in_path ("passt");

  return program != NULL;
}

/* Anything but the text itself may be wrong with a machine that nobody wants to start. */
static gboolean
blames_text (int code)
{
  return code == VIR_ERR_XML_ERROR || code == VIR_ERR_XML_DETAIL || code == VIR_ERR_XML_INVALID_SCHEMA
         || code == VIR_ERR_CONFIG_UNSUPPORTED;
}

void
_valise_passt_ask (virConnectPtr connect)
{
  char *command = is_installed () ? virConnectDomainXMLToNative (connect, "qemu-argv", trial, 0) : NULL;
  gboolean refused = command == NULL && blames_text (virGetLastErrorCode ());

  free (command);
  virResetLastError ();
  if (is_installed ())
    g_atomic_int_set (&answer, refused ? ANSWER_REFUSED : ANSWER_TAKEN);
}

char *
_valise_passt_reason (void)
{
  if (!is_installed ())
    return g_strdup (_ ("Install passt to have ports of this computer lead into a machine."));
  if (g_atomic_int_get (&answer) != ANSWER_REFUSED)
    return NULL;
  return g_strdup (_ ("The libvirt of this computer is built without passt, which leads ports into a machine."));
}

gboolean
_valise_passt_is_taken (void)
{
  return is_installed () && g_atomic_int_get (&answer) == ANSWER_TAKEN;
}
