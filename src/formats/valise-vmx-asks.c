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

/* "telnet://:2001", "tcp://192.0.2.7:2001": who makes the connection stands beside it. */
static void
wish_socket (ValiseVmx *self, int port, const char *written, gboolean binds)
{
  g_auto (GStrv) parts = g_strsplit (written, "://", 2);
  const char *rest = parts[0] != NULL && parts[1] != NULL ? parts[1] : written;
  const char *colon = strrchr (rest, ':');
  g_autofree char *host = colon != NULL ? g_strndup (rest, (gsize) (colon - rest)) : NULL;
  guint64 number = colon != NULL ? g_ascii_strtoull (colon + 1, NULL, 10) : 0;

  valise_blueprint_wish_port_socket (self->blueprint, port, host, number, binds,
                                     g_ascii_strncasecmp (written, "telnet", 6) == 0);
}

/* @port: as of valise_blueprint_wish_port_end(), the last ask says it */
static void
wish_port (ValiseVmx *self, const char *device, const char *kind, int port, const char *written)
{
  g_autofree char *pipe = g_strconcat (device, ".pipe", NULL);
  g_autofree char *network = g_strconcat (device, ".network", NULL);

  if (g_ascii_strcasecmp (kind, "network") == 0)
    wish_socket (self, port, written, g_strcmp0 (_valise_vmx_get (self, network, "endPoint"), "client") != 0);
  else if (g_ascii_strcasecmp (kind, "pipe") == 0)
    valise_blueprint_wish_port_end (self->blueprint, port, "unix", written,
                                    g_strcmp0 (_valise_vmx_get (self, pipe, "endPoint"), "client") != 0);
  else
    valise_blueprint_wish_port_end (self->blueprint, port, g_ascii_strcasecmp (kind, "file") == 0 ? "file" : "dev",
                                    written, FALSE);
}

static void
add_port (ValiseVmx *self, const char *prefix, guint number, int port)
{
  g_autofree char *device = g_strdup_printf ("%s%u", prefix, number);
  const char *kind = _valise_vmx_get (self, device, "fileType");
  const char *written = _valise_vmx_get (self, device, "fileName");
  g_autofree char *file = show (written);

  /* VMware's printing through the host is no port that anything else has. */
  if (written == NULL || (kind != NULL && g_ascii_strcasecmp (kind, "thinprint") == 0))
    return;
  ask (self, describe_port (kind != NULL ? kind : "device", file));
  wish_port (self, device, kind != NULL ? kind : "device", port, written);
}

static void
add_serial_ports (ValiseVmx *self)
{
  g_autoptr (GArray) ports = _valise_vmx_numbers (self, "serial");

  self->blueprint->serial_ports = ports->len;
  for (guint i = 0; i < ports->len; i++)
    add_port (self, "serial", g_array_index (ports, guint, i), (int) i);
}

static void
add_parallel_ports (ValiseVmx *self)
{
  g_autoptr (GArray) ports = _valise_vmx_numbers (self, "parallel");

  for (guint i = 0; i < ports->len; i++)
    add_port (self, "parallel", g_array_index (ports, guint, i), -1);
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
  valise_blueprint_wish_folder (self->blueprint, _valise_vmx_get (self, device, "hostPath"), NULL, !writes);
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
  valise_blueprint_wish_card (self->blueprint, _valise_vmx_get (self, device, "id"));
}

/* --- what is known by a key alone --- */

/* "0x0951:0x1666", or words of which two are "vid:0951" and "pid:1666". */
static void
wish_usb (ValiseVmx *self, const char *written)
{
  const char *vendor = strstr (written, "vid:"), *product = strstr (written, "pid:");
  const char *colon = strchr (written, ':');

  if (vendor != NULL && product != NULL)
    valise_blueprint_wish_usb (self->blueprint, g_ascii_strtoull (vendor + 4, NULL, 16),
                               g_ascii_strtoull (product + 4, NULL, 16));
  else if (g_str_has_prefix (written, "0x") && colon != NULL)
    valise_blueprint_wish_usb (self->blueprint, g_ascii_strtoull (written, NULL, 16),
                               g_ascii_strtoull (colon + 1, NULL, 16));
}

static void
ask_for_usb (ValiseVmx *self, const char *key)
{
  const char *written = valise_vmx_text_get (self->text, key);
  g_autofree char *shown = show (written);

  ask (self, g_strdup_printf (_ ("To use the USB device “%s” of this computer."), shown));
  wish_usb (self, written);
}

static void
ask_by_key (ValiseVmx *self, const char *key)
{
  if (g_str_equal (key, "remotedisplay.vnc.enabled") && valise_vmx_text_is_on (self->text, key))
    ask (self, g_strdup (_ ("To show its screen to the network (VNC).")));
  else if (g_str_has_prefix (key, "debugstub.listen.") && valise_vmx_text_is_on (self->text, key))
    ask (self, g_strdup (_ ("To let a debugger in from the network.")));
  else if (g_str_has_prefix (key, "usb.autoconnect.device") && valise_vmx_text_get_filled (self->text, key) != NULL)
    ask_for_usb (self, key);
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
