/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-still-private.h"

#include <glib/gi18n-lib.h>

#include "engine/valise-engine-error.h"
#include "engine/valise-libvirt-private.h"

#define TRIES 4
#define PAUSE_US (G_USEC_PER_SEC / 4)

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

/* One that goes on already, or is not there any more, does not stand still. */
static int
resume_once (virDomainPtr domain)
{
  int state = VIR_DOMAIN_PAUSED;

  if (virDomainResume (domain) == 0)
    return 0;
  if (virDomainIsActive (domain) == 0)
    return 0;
  return virDomainGetState (domain, &state, NULL, 0) == 0 && state == VIR_DOMAIN_RUNNING ? 0 : -1;
}

static int
thaw_once (virDomainPtr domain)
{
  return virDomainFSThaw (domain, NULL, 0, 0) >= 0 || virDomainIsActive (domain) == 0 ? 0 : -1;
}

int
_valise_still_resume (virDomainPtr domain)
{
  return insist (resume_once, domain);
}

int
_valise_still_thaw (virDomainPtr domain)
{
  return insist (thaw_once, domain);
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
