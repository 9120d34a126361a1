/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-vmx-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"

#define NAME_SHOWN 120

/* --- network cards --- */

/* "NAME (how)", whichever of the two is stated: "VM Network", "nat", "VMnet0 (bridged)", "net1 (custom, /dev/vmnet1)". */
static char *
name_network (ValiseVmx *self, const char *device)
{
  const char *name = _valise_vmx_get (self, device, "networkName");
  const char *how = _valise_vmx_get (self, device, "connectionType");
  const char *vnet = _valise_vmx_get (self, device, "vnet");
  const char *switched = how != NULL ? vnet : NULL;
  g_autofree char *text = NULL;

  if (name == NULL && how == NULL)
    return NULL;
  if (how == NULL)
    text = g_strdup (name);
  else if (name == NULL)
    text = switched != NULL ? g_strdup_printf ("%s (%s)", how, switched) : g_strdup (how);
  else
    text = g_strdup_printf ("%s (%s%s%s)", name, how, switched != NULL ? ", " : "", switched != NULL ? switched : "");
  return valise_text_for_display (text, NAME_SHOWN);
}

static char *
get_shown (ValiseVmx *self, const char *device, const char *setting)
{
  const char *value = _valise_vmx_get (self, device, setting);

  return value != NULL ? valise_text_for_display (value, NAME_SHOWN) : NULL;
}

static void
add_nic (ValiseVmx *self, guint number)
{
  g_autofree char *device = g_strdup_printf ("ethernet%u", number);
  const char *kind = _valise_vmx_get (self, device, "addressType");
  const char *start = _valise_vmx_get (self, device, "startConnected");
  ValiseBlueprintNic *nic = valise_blueprint_add_nic (self->blueprint);
  gboolean chosen = kind == NULL || g_ascii_strcasecmp (kind, "static") == 0;

  nic->model = get_shown (self, device, "virtualDev");
  nic->network = name_network (self, device);
  nic->mac = get_shown (self, device, chosen ? "address" : "generatedAddress");
  if (nic->mac == NULL)
    nic->mac = get_shown (self, device, chosen ? "generatedAddress" : "address");
  nic->connected = start == NULL || _valise_vmx_is_on (self, device, "startConnected");
}

/* --- sound --- */

/* Which card VMware gives when none is named. */
static void
read_sound (ValiseVmx *self)
{
  if (!_valise_vmx_is_on (self, "sound", "present"))
    return;
  self->blueprint->sound = get_shown (self, "sound", "virtualDev");
  if (self->blueprint->sound == NULL)
    self->blueprint->sound = g_strdup ("es1371");
}

void
_valise_vmx_add_cards (ValiseVmx *self)
{
  g_autoptr (GArray) nics = _valise_vmx_numbers (self, "ethernet");

  for (guint i = 0; i < nics->len; i++)
    add_nic (self, g_array_index (nics, guint, i));
  read_sound (self);
}
