/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-vbox-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MOST_ASKS 256

/* Returns: whether there was room for it */
static gboolean
ask (ValiseVbox *self, char *text)
{
  gboolean room = self->blueprint->asks->len < MOST_ASKS;

  if (room)
    g_ptr_array_add (self->blueprint->asks, text);
  else
    g_free (text);
  return room;
}

static char *
describe_port (const char *mode, const char *path)
{
  if (g_ascii_strcasecmp (mode, "RawFile") == 0)
    return g_strdup_printf (_ ("To write what comes from a port into the file “%s”."), path);
  if (g_ascii_strcasecmp (mode, "HostPipe") == 0)
    return g_strdup_printf (_ ("To connect a port to another program, through the pipe “%s”."), path);
  if (g_ascii_strcasecmp (mode, "TCP") == 0)
    return g_strdup_printf (_ ("To connect a port to the network, as “%s”."), path);
  return g_strdup_printf (_ ("To use the port “%s” of this computer."), path);
}

/* "192.0.2.7:2001", or only the port where it listens. */
static void
wish_socket (ValiseVbox *self, int number, const char *path, gboolean binds)
{
  const char *colon = strrchr (path, ':');
  g_autofree char *host = colon != NULL ? g_strndup (path, (gsize) (colon - path)) : NULL;

  valise_blueprint_wish_port_socket (self->blueprint, number, host,
                                     g_ascii_strtoull (colon != NULL ? colon + 1 : path, NULL, 10), binds, FALSE);
}

static void
wish_port (ValiseVbox *self, const xmlNode *port, int number, const char *mode, const char *path)
{
  gboolean binds = _valise_vbox_is_on (port, "server", FALSE);

  if (g_ascii_strcasecmp (mode, "TCP") == 0)
    wish_socket (self, number, path, binds);
  else if (g_ascii_strcasecmp (mode, "HostPipe") == 0)
    valise_blueprint_wish_port_end (self->blueprint, number, "unix", path, binds);
  else
    valise_blueprint_wish_port_end (self->blueprint, number, g_ascii_strcasecmp (mode, "RawFile") == 0 ? "file" : "dev",
                                    path, FALSE);
}

/* @printers: printer ports. Returns: how many there are */
static guint
add_ports (ValiseVbox *self, const char *group, gboolean printers)
{
  guint n = 0;

  for (const xmlNode *port = valise_foreign_xml_child (_valise_vbox_part (self, group), "Port"); port != NULL;
       port = valise_foreign_xml_next (port->next, "Port"))
    {
      g_autofree char *mode = valise_foreign_xml_attribute (port, "hostMode");
      g_autofree char *path = _valise_vbox_shown (port, "path");

      if (!_valise_vbox_is_on (port, "enabled", FALSE))
        continue;
      n++;
      if (path != NULL && g_strcmp0 (mode, "Disconnected") != 0
          && ask (self, describe_port (mode != NULL ? mode : "", path)))
        wish_port (self, port, printers ? -1 : (int) n - 1, mode != NULL ? mode : "", path);
    }
  return n;
}

static void
add_folders (ValiseVbox *self)
{
  for (const xmlNode *node = valise_foreign_xml_child (_valise_vbox_part (self, "SharedFolders"), "SharedFolder");
       node != NULL; node = valise_foreign_xml_next (node->next, "SharedFolder"))
    {
      g_autofree char *path = _valise_vbox_shown (node, "hostPath");
      gboolean writes = _valise_vbox_is_on (node, "writable", TRUE);

      if (ask (self, g_strdup_printf (writes ? _ ("To read and write the folder “%s” of this computer.")
                                             : _ ("To read the folder “%s” of this computer."),
                                      path != NULL ? path : "?")))
        valise_blueprint_wish_folder (self->blueprint, path, NULL, !writes);
    }
}

/* Four hexadecimal digits; 0 for anything else. */
static guint64
read_usb_number (const xmlNode *node, const char *name)
{
  g_autofree char *text = valise_foreign_xml_attribute (node, name);
  guint64 number = 0;

  return text != NULL && g_ascii_string_to_unsigned (text, 16, 0, G_MAXUINT16, &number, NULL) ? number : 0;
}

static void
add_usb_devices (ValiseVbox *self)
{
  const xmlNode *filters = valise_foreign_xml_child (_valise_vbox_part (self, "USB"), "DeviceFilters");

  for (const xmlNode *node = valise_foreign_xml_child (filters, "DeviceFilter"); node != NULL;
       node = valise_foreign_xml_next (node->next, "DeviceFilter"))
    {
      g_autofree char *name = _valise_vbox_shown (node, "name");

      if (_valise_vbox_is_on (node, "active", FALSE)
          && ask (self,
                  g_strdup_printf (_ ("To use the USB device “%s” of this computer."), name != NULL ? name : "?")))
        valise_blueprint_wish_usb (self->blueprint, read_usb_number (node, "vendorId"),
                                   read_usb_number (node, "productId"));
    }
}

/* Bus, slot and function in one number, or written as everywhere else. */
static void
wish_card (ValiseVbox *self, const char *address)
{
  guint64 packed;

  if (g_ascii_string_to_unsigned (address, 10, 0, G_MAXUINT16, &packed, NULL))
    valise_blueprint_wish_card_at (self->blueprint, packed >> 8, (packed >> 3) & 31, packed & 7);
  else
    valise_blueprint_wish_card (self->blueprint, address);
}

static void
add_cards (ValiseVbox *self)
{
  const xmlNode *devices = valise_foreign_xml_child (_valise_vbox_part (self, "HostPci"), "Devices");

  for (const xmlNode *node = valise_foreign_xml_child (devices, "Device"); node != NULL;
       node = valise_foreign_xml_next (node->next, "Device"))
    {
      g_autofree char *address = _valise_vbox_shown (node, "host");

      if (ask (self, g_strdup_printf (_ ("To use the card “%s” of this computer."), address != NULL ? address : "?"))
          && address != NULL)
        wish_card (self, address);
    }
}

/* Settings that reach into VirtualBox itself mean nothing anywhere else. */
static void
tell_internals (ValiseVbox *self)
{
  const xmlNode *data = valise_foreign_xml_child (self->machine, "ExtraData");

  for (const xmlNode *node = valise_foreign_xml_child (data, "ExtraDataItem"); node != NULL;
       node = valise_foreign_xml_next (node->next, "ExtraDataItem"))
    {
      g_autofree char *name = valise_foreign_xml_attribute (node, "name");

      if (name == NULL || !g_str_has_prefix (name, "VBoxInternal"))
        continue;
      _valise_vbox_tell (self, VALISE_SEVERITY_INFO, "internals", node,
                         _ ("The machine had settings of VirtualBox's inside, which stay behind."), NULL);
      return;
    }
}

void
_valise_vbox_add_asks (ValiseVbox *self)
{
  self->blueprint->serial_ports = add_ports (self, "UART", FALSE);
  if (add_ports (self, "LPT", TRUE) > 0)
    _valise_vbox_tell (self, VALISE_SEVERITY_INFO, "parallel", _valise_vbox_part (self, "LPT"),
                       _ ("The printer port stays behind."), NULL);
  add_folders (self);
  add_usb_devices (self);
  add_cards (self);
  if (_valise_vbox_is_on (_valise_vbox_part (self, "RemoteDisplay"), "enabled", FALSE))
    ask (self, g_strdup (_ ("To show its screen to the network (RDP).")));
  if (_valise_vbox_is_on (valise_foreign_xml_child (self->machine, "Teleporter"), "enabled", FALSE))
    ask (self, g_strdup (_ ("To be taken over by another computer while it runs (teleporting).")));
  tell_internals (self);
}
