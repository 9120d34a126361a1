/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-engine-error-private.h"

#include "engine/valise-libvirt-private.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "base/valise-process.h"

G_DEFINE_QUARK (valise_engine_error_quark, valise_engine_error)

/* libvirt's numbers that mean one thing wherever they come from. */
static const struct
{
  int theirs;
  ValiseEngineError ours;
} codes[] = {
  { VIR_ERR_NO_CONNECT, VALISE_ENGINE_ERROR_NO_LIBVIRT },
  { VIR_ERR_INVALID_CONN, VALISE_ENGINE_ERROR_DISCONNECTED },
  { VIR_ERR_NO_DOMAIN, VALISE_ENGINE_ERROR_STATE },
  { VIR_ERR_OPERATION_INVALID, VALISE_ENGINE_ERROR_STATE },
  { VIR_ERR_DOM_EXIST, VALISE_ENGINE_ERROR_STATE },
  { VIR_ERR_OPERATION_TIMEOUT, VALISE_ENGINE_ERROR_TIMEOUT },
  { VIR_ERR_AGENT_UNRESPONSIVE, VALISE_ENGINE_ERROR_TIMEOUT },
  { VIR_ERR_AUTH_FAILED, VALISE_ENGINE_ERROR_PERMISSION },
  { VIR_ERR_AUTH_CANCELLED, VALISE_ENGINE_ERROR_PERMISSION },
  { VIR_ERR_AUTH_UNAVAILABLE, VALISE_ENGINE_ERROR_PERMISSION },
  { VIR_ERR_ACCESS_DENIED, VALISE_ENGINE_ERROR_PERMISSION },
  { VIR_ERR_OPERATION_DENIED, VALISE_ENGINE_ERROR_PERMISSION },
  { VIR_ERR_RESOURCE_BUSY, VALISE_ENGINE_ERROR_BUSY },
};

/* What only the text tells. libvirt translates its own words, but not QEMU's; errno comes in the language of g_strerror
 * from libvirt and in none from QEMU. */
static const struct
{
  const char *text;
  ValiseEngineError ours;
} texts[] = {
  { "Failed to get \"write\" lock", VALISE_ENGINE_ERROR_BUSY },
  { "Failed to get shared \"write\" lock", VALISE_ENGINE_ERROR_BUSY },
  { "Failed to acquire pid file", VALISE_ENGINE_ERROR_BUSY },
  { "Cannot check QEMU binary", VALISE_ENGINE_ERROR_NO_QEMU },
  { "no emulator for domain", VALISE_ENGINE_ERROR_NO_QEMU },
  { "could not find capabilities for arch", VALISE_ENGINE_ERROR_NO_QEMU },
};

static const struct
{
  int number;
  ValiseEngineError ours;
} numbers[] = {
  { ENOSPC, VALISE_ENGINE_ERROR_SPACE },
  { EDQUOT, VALISE_ENGINE_ERROR_SPACE },
  { EACCES, VALISE_ENGINE_ERROR_PERMISSION },
  { EPERM, VALISE_ENGINE_ERROR_PERMISSION },
};

static gboolean
code_from_text (const char *message, ValiseEngineError *code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (strstr (message, texts[i].text) != NULL)
      {
        *code = texts[i].ours;
        return TRUE;
      }
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (valise_process_said (message, numbers[i].number) || strstr (message, g_strerror (numbers[i].number)) != NULL)
      {
        *code = numbers[i].ours;
        return TRUE;
      }
  return FALSE;
}

/* A daemon that is not there, and not one that went away in the middle of a call: what that was at, it may have done. */
static gboolean
was_never_there (virErrorPtr virt)
{
  return virt->code == VIR_ERR_NO_CONNECT
         || (virt->code == VIR_ERR_SYSTEM_ERROR
             && (virt->int1 == ENOENT || virt->int1 == ECONNREFUSED || virt->int1 == EACCES));
}

static ValiseEngineError
code_from_virt (virErrorPtr virt)
{
  ValiseEngineError code;

  if (virt->domain == VIR_FROM_RPC)
    return was_never_there (virt) ? VALISE_ENGINE_ERROR_NO_LIBVIRT : VALISE_ENGINE_ERROR_DISCONNECTED;
  if (virt->message != NULL && code_from_text (virt->message, &code))
    return code;
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (codes[i].theirs == virt->code)
      return codes[i].ours;
  return VALISE_ENGINE_ERROR_HYPERVISOR;
}

ValiseEngineError
_valise_engine_error_peek (void)
{
  virErrorPtr virt = virGetLastError ();

  return virt != NULL ? code_from_virt (virt) : VALISE_ENGINE_ERROR_HYPERVISOR;
}

static const char *
remedy_of (ValiseEngineError code)
{
  switch (code)
    {
    case VALISE_ENGINE_ERROR_NO_LIBVIRT:
      return _ ("Install libvirt (package libvirt-daemon-driver-qemu, elsewhere libvirt-daemon) and try again.");
    case VALISE_ENGINE_ERROR_NO_QEMU:
      return _ ("Install QEMU (package qemu-system-x86, elsewhere qemu-kvm) and try again.");
    case VALISE_ENGINE_ERROR_BUSY:
      return _ ("Close the other program, or use the machine there.");
    case VALISE_ENGINE_ERROR_DISCONNECTED:
      return _ ("The connection is being made again; try once more in a moment.");
    case VALISE_ENGINE_ERROR_TIMEOUT:
      return _ ("Try again; if it goes on, force the machine off.");
    case VALISE_ENGINE_ERROR_PERMISSION:
      return _ ("Check who owns the file and that you may read and write it.");
    case VALISE_ENGINE_ERROR_SPACE:
      return _ ("Free some space on this computer's disk and try again.");
    case VALISE_ENGINE_ERROR_HYPERVISOR:
      return _ ("Change the setting it names and try again; logs/qemu.log in the machine's folder may say more.");
    case VALISE_ENGINE_ERROR_STATE:
    case VALISE_ENGINE_ERROR_ASK:
    case VALISE_ENGINE_ERROR_NOT_FOUND:
    case VALISE_ENGINE_ERROR_AMBIGUOUS:
    default:
      return NULL;
    }
}

void
_valise_engine_error_set (GError **error, ValiseEngineError code, const char *what, const char *said)
{
  const char *remedy = remedy_of (code);
  g_autoptr (GString) message = g_string_new (what);

  if (said != NULL && *said != '\0')
    {
      g_autofree char *shown = valise_text_for_display (said, 600);
      g_strchomp (shown);
      g_string_append_printf (message, ": %s", shown);
    }
  if (message->len > 0 && strchr (".!?", message->str[message->len - 1]) == NULL)
    g_string_append_c (message, '.');
  if (remedy != NULL)
    g_string_append_printf (message, " %s", remedy);
  g_set_error_literal (error, VALISE_ENGINE_ERROR, code, message->str);
}

void
_valise_engine_error_take (GError **error, const char *what)
{
  virErrorPtr virt = virGetLastError ();

  _valise_engine_error_set (error, _valise_engine_error_peek (), what, virt != NULL ? virt->message : NULL);
  virResetLastError ();
}
