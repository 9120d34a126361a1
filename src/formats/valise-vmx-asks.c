/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-vmx-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"

#define NAME_SHOWN 120

static char *
show (const char *value)
{
  return valise_text_for_display (value != NULL ? value : "?", NAME_SHOWN);
}

static void
ask (ValiseVmx *self, char *text)
{
  g_ptr_array_add (self->blueprint->asks, text);
}

/* --- ports --- */

static char *
describe_port (const char *kind, const char *file)
{
  if (g_ascii_strcasecmp (kind, "file") == 0 || g_ascii_strcasecmp (kind, "thinprint") == 0)
    return g_strdup_printf (_ ("To write what comes from a port into the file “%s”."), file);
  if (g_ascii_strcasecmp (kind, "pipe") == 0)
    return g_strdup_printf (_ ("To connect a port to another program, through the pipe “%s”."), file);
  if (g_ascii_strcasecmp (kind, "network") == 0)
    return g_strdup_printf (_ ("To connect a port to the network, as “%s”."), file);
  return g_strdup_printf (_ ("To use the port “%s” of this computer."), file);
}

static void
add_port (ValiseVmx *self, const char *prefix, guint number)
{
  g_autofree char *device = g_strdup_printf ("%s%u", prefix, number);
  const char *kind = _valise_vmx_get (self, device, "fileType");
  const char *written = _valise_vmx_get (self, device, "fileName");
  g_autofree char *file = show (written);

  /* VMware's printing through the host is no port that anything else has. */
  if (written != NULL && !(kind != NULL && g_ascii_strcasecmp (kind, "thinprint") == 0))
    ask (self, describe_port (kind != NULL ? kind : "device", file));
}

static void
add_serial_ports (ValiseVmx *self)
{
  g_autoptr (GArray) ports = _valise_vmx_numbers (self, "serial");

  self->blueprint->serial_ports = ports->len;
  for (guint i = 0; i < ports->len; i++)
    add_port (self, "serial", g_array_index (ports, guint, i));
}

static void
add_parallel_ports (ValiseVmx *self)
{
  g_autoptr (GArray) ports = _valise_vmx_numbers (self, "parallel");

  for (guint i = 0; i < ports->len; i++)
    add_port (self, "parallel", g_array_index (ports, guint, i));
  if (ports->len > 0)
    _valise_vmx_tell (self, VALISE_SEVERITY_INFO, "parallel", "parallel0.present", _ ("The printer port stays behind."),
                      NULL);
}

/* --- folders and devices --- */

static void
add_folder (ValiseVmx *self, guint number)
{
  g_autofree char *device = g_strdup_printf ("sharedfolder%u", number);
  g_autofree char *path = show (_valise_vmx_get (self, device, "hostPath"));
  gboolean writes = _valise_vmx_is_on (self, device, "writeAccess");

  if (_valise_vmx_get (self, device, "enabled") != NULL && !_valise_vmx_is_on (self, device, "enabled"))
    return;
  ask (self, g_strdup_printf (writes ? _ ("To read and write the folder “%s” of this computer.")
                                     : _ ("To read the folder “%s” of this computer."),
                              path));
  valise_blueprint_wish_folder (self->blueprint, _valise_vmx_get (self, device, "hostPath"), !writes);
}

static void
add_numbered (ValiseVmx *self, const char *prefix, void (*add) (ValiseVmx *self, guint number))
{
  g_autoptr (GArray) numbers = _valise_vmx_numbers (self, prefix);

  for (guint i = 0; i < numbers->len; i++)
    add (self, g_array_index (numbers, guint, i));
}

static void
add_pci (ValiseVmx *self, guint number)
{
  g_autofree char *device = g_strdup_printf ("pcipassthru%u", number);
  g_autofree char *id = show (_valise_vmx_get (self, device, "id"));

  ask (self, g_strdup_printf (_ ("To use the card “%s” of this computer."), id));
}

/* --- what is known by a key alone --- */

static void
ask_by_key (ValiseVmx *self, const char *key)
{
  g_autofree char *shown = show (valise_vmx_text_get (self->text, key));

  if (g_str_equal (key, "remotedisplay.vnc.enabled") && valise_vmx_text_is_on (self->text, key))
    ask (self, g_strdup (_ ("To show its screen to the network (VNC).")));
  else if (g_str_has_prefix (key, "debugstub.listen.") && valise_vmx_text_is_on (self->text, key))
    ask (self, g_strdup (_ ("To let a debugger in from the network.")));
  else if (g_str_has_prefix (key, "usb.autoconnect.device") && valise_vmx_text_get_filled (self->text, key) != NULL)
    ask (self, g_strdup_printf (_ ("To use the USB device “%s” of this computer."), shown));
}

static void
add_others (ValiseVmx *self)
{
  g_autoptr (GPtrArray) keys = valise_vmx_text_keys (self->text);

  for (guint i = 0; i < keys->len; i++)
    ask_by_key (self, keys->pdata[i]);
}

void
_valise_vmx_add_asks (ValiseVmx *self)
{
  add_serial_ports (self);
  add_parallel_ports (self);
  add_numbered (self, "sharedfolder", add_folder);
  add_numbered (self, "pcipassthru", add_pci);
  add_others (self);
}
