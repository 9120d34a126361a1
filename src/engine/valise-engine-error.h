/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define VALISE_ENGINE_ERROR (valise_engine_error_quark ())
GQuark valise_engine_error_quark (void);
typedef enum
{
  VALISE_ENGINE_ERROR_NO_LIBVIRT, /* library or daemon not there; says which package */
  VALISE_ENGINE_ERROR_NO_QEMU,
  VALISE_ENGINE_ERROR_BUSY,         /* another process holds the embedded driver or the machine; named */
  VALISE_ENGINE_ERROR_DISCONNECTED, /* the daemon went away; a reconnect is under way */
  VALISE_ENGINE_ERROR_STATE,        /* not possible in this state, e.g. resume of a machine that is off */
  VALISE_ENGINE_ERROR_TIMEOUT,
  VALISE_ENGINE_ERROR_PERMISSION,
  VALISE_ENGINE_ERROR_ASK,       /* the user has not yet settled what this machine may reach, or whether it moved or was
                                    copied */
  VALISE_ENGINE_ERROR_NOT_FOUND, /* no machine of that name */
  VALISE_ENGINE_ERROR_AMBIGUOUS, /* several */
  VALISE_ENGINE_ERROR_SPACE,     /* paused: the disk of this computer is full */
  VALISE_ENGINE_ERROR_HYPERVISOR, /* libvirt or QEMU said no; its own words are in the message */
} ValiseEngineError;

G_END_DECLS
