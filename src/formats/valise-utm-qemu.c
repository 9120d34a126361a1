/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTM's machines of QEMU: the fourth generation, and the words that both share. */
#include "formats/valise-utm-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "formats/valise-boot-order.h"
#include "formats/valise-guest-system.h"

#define MOST_FORWARDS 64
#define LONGEST_WORD 100
#define MOST_VCPUS 1024
#define MOST_MIB (16 * 1024 * 1024)

/* --- arguments of QEMU --- */

static void
read_append (ValiseUtm *self, const char *value)
{
  g_free (self->blueprint->cmdline);
  self->blueprint->cmdline = g_strdup (value);
}

/* An argument and its value stand in one row, or in two. */
static void
read_rows (ValiseUtm *self, GPtrArray *rows)
{
  g_autoptr (GString) rest = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      const char *row = rows->pdata[i];

      if (g_str_has_prefix (row, "-append ") && row[8] != '\0')
        read_append (self, row + 8);
      else if (g_str_equal (row, "-append") && i + 1 < rows->len)
        read_append (self, rows->pdata[++i]);
      else
        g_string_append_printf (rest, "%s%s", rest->len > 0 ? " " : "", row);
    }
  if (rest->len == 0)
    return;
  _valise_utm_ask (self, g_strdup_printf (_ ("Start QEMU with arguments of its own: %s"), rest->str));
  valise_blueprint_wish_command_line (self->blueprint, rest->str);
}

static void
add_row (GPtrArray *rows, plist_t node)
{
  const char *text =
      node != NULL && plist_get_node_type (node) == PLIST_STRING ? plist_get_string_ptr (node, NULL) : NULL;
  g_autofree char *row = text != NULL && g_utf8_validate (text, -1, NULL) ? g_strstrip (g_strdup (text)) : NULL;

  if (row != NULL && *row != '\0')
    g_ptr_array_add (rows, g_steal_pointer (&row));
}

void
_valise_utm_read_arguments (ValiseUtm *self, plist_t arguments, const char *place)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_free);

  if (arguments == NULL)
    return;
  if (plist_get_node_type (arguments) == PLIST_ARRAY)
    for (guint i = 0; i < valise_plist_count (arguments); i++)
      add_row (rows, plist_array_get_item (arguments, i));
  else
    add_row (rows, arguments);
  read_rows (self, rows);
  if (self->blueprint->asks->len > 0)
    _valise_utm_tell (self, VALISE_SEVERITY_WARNING, "qemu-arguments", place,
                      _ ("The machine would start QEMU with arguments of its own, which may reach anything on this "
                         "computer. They are left out."),
                      _ ("What of them is needed can be set in the settings, one by one."));
}

/* --- the network --- */

/* Written in two ways: "HostPort" and, before version 4.4, "hostPort". */
static plist_t
get_either (plist_t dictionary, const char *key, plist_type type)
{
  g_autofree char *small = g_strdup (key);

  small[0] = g_ascii_tolower (small[0]);
  return valise_plist_get (dictionary, key, type) != NULL ? valise_plist_get (dictionary, key, type)
                                                          : valise_plist_get (dictionary, small, type);
}

static guint64
get_port (plist_t forward, const char *key)
{
  plist_t node = get_either (forward, key, PLIST_UINT);
  guint64 port = 0;

  if (node != NULL)
    plist_get_uint_val (node, &port);
  return port <= G_MAXUINT16 ? port : 0;
}

static const char *
get_string (plist_t forward, const char *key)
{
  plist_t node = get_either (forward, key, PLIST_STRING);
  const char *text = node != NULL ? plist_get_string_ptr (node, NULL) : NULL;

  return text != NULL && g_utf8_validate (text, -1, NULL) ? text : "";
}

void
_valise_utm_read_forwards (ValiseUtm *self, plist_t network)
{
  plist_t forwards = valise_plist_get (network, "PortForward", PLIST_ARRAY);

  for (guint i = 0; i < MIN (valise_plist_count (forwards), MOST_FORWARDS); i++)
    {
      plist_t forward = valise_plist_nth (forwards, i);
      const char *address = get_string (forward, "HostAddress");

      if (forward == NULL)
        continue;
      _valise_utm_ask (
          self,
          g_strdup_printf (_ ("Listen on port %u of this computer (%s, %s) and lead to port %u of the guest"),
                           (guint) get_port (forward, "HostPort"),
                           g_ascii_strcasecmp (get_string (forward, "Protocol"), "udp") == 0 ? "UDP" : "TCP",
                           *address != '\0' ? address : _ ("every address"), (guint) get_port (forward, "GuestPort")));
      valise_blueprint_wish_port (self->blueprint, g_ascii_strcasecmp (get_string (forward, "Protocol"), "udp") == 0,
                                  get_port (forward, "HostPort"), get_port (forward, "GuestPort"));
    }
}

static void
read_network (ValiseUtm *self, plist_t network, const char *place)
{
  ValiseBlueprintNic *nic = valise_blueprint_add_nic (self->blueprint);
  g_autofree char *mac = valise_plist_get_text (network, "MacAddress");

  nic->model = valise_plist_get_text (network, "Hardware");
  nic->network = valise_plist_get_text (network, "Mode");
  _valise_utm_read_mac (self, mac, place);
  if (g_strcmp0 (nic->network, "Bridged") == 0)
    _valise_utm_ask_for_network (self);
  _valise_utm_read_forwards (self, network);
}

/* --- drives --- */

static void
take (char **field, char *value)
{
  g_free (*field);
  *field = value;
}

/* Files that start the machine instead of a boot loader. */
static gboolean
read_direct (ValiseUtm *self, const char *type, const char *name, const char *place)
{
  ValiseBlueprint *blueprint = self->blueprint;
  char **field = g_str_equal (type, "LinuxKernel")   ? &blueprint->kernel
                 : g_str_equal (type, "LinuxInitrd") ? &blueprint->initrd
                 : g_str_equal (type, "LinuxDTB")    ? &blueprint->dtb
                                                     : NULL;

  if (field == NULL)
    return FALSE;
  if (name != NULL)
    take (field, _valise_utm_member (self, name, place));
  if (*field == NULL && name != NULL)
    *field = g_strdup (name);
  return TRUE;
}

static ValiseBlueprintDevice
choose_device (const char *type, const char *interface)
{
  if (g_str_equal (interface, "Floppy"))
    return VALISE_BLUEPRINT_FLOPPY;
  return g_str_equal (type, "CD") ? VALISE_BLUEPRINT_CDROM : VALISE_BLUEPRINT_DISK;
}

static void
tell_interface (ValiseUtm *self, const char *interface, const char *place)
{
  static const char *const unusual[] = { "SD", "MTD", "PFlash", "None", NULL };

  if (g_strv_contains (unusual, interface))
    _valise_utm_tell (self, VALISE_SEVERITY_WARNING, "bus-unusual", place,
                      _ ("The drive is connected in a way that has no counterpart here."),
                      _ ("Choose another bus for it; the guest may have to be told."));
}

static void
read_drive (ValiseUtm *self, plist_t drive, const char *place)
{
  g_autofree char *type = valise_plist_get_text (drive, "ImageType");
  g_autofree char *interface = valise_plist_get_text (drive, "Interface");
  g_autofree char *name = valise_plist_get_text (drive, "ImageName");
  ValiseBlueprintDrive *added;

  if (type == NULL || interface == NULL || g_str_equal (type, "None"))
    return;
  if (g_str_equal (type, "BIOS") || g_str_equal (interface, "PFlash"))
    {
      self->own_firmware = TRUE;
      return;
    }
  if (read_direct (self, type, name, place))
    return;
  added = _valise_utm_add_drive (self, choose_device (type, interface), interface, name, place);
  added->read_only = valise_plist_get_flag (drive, "ReadOnly", name == NULL) || added->read_only;
  /* UTM starts from the first in its list, empty drives as well. */
  valise_boot_order_add_drive (self->blueprint, added);
  tell_interface (self, interface, place);
}

/* --- the rest --- */

static void
read_system (ValiseUtm *self)
{
  ValiseBlueprint *blueprint = self->blueprint;
  plist_t system = valise_plist_get (self->settings, "System", PLIST_DICT);
  g_autofree char *cpu = valise_plist_get_text (system, "CPU");

  blueprint->arch = valise_plist_get_text (system, "Architecture");
  blueprint->machine = valise_plist_get_text (system, "Target");
  blueprint->vcpus = (int) valise_plist_get_number (system, "CPUCount", MOST_VCPUS, 0);
  blueprint->memory = valise_plist_get_number (system, "MemorySize", MOST_MIB, 0);
  if (cpu != NULL && !g_str_equal (cpu, "default"))
    _valise_utm_tell (self, VALISE_SEVERITY_INFO, "cpu-model", "System/CPU",
                      _ ("The machine names a processor; here it gets what this computer does best."), NULL);
}

static void
read_qemu (ValiseUtm *self)
{
  ValiseBlueprint *blueprint = self->blueprint;
  plist_t qemu = valise_plist_get (self->settings, "QEMU", PLIST_DICT);
  g_autofree char *properties = valise_plist_get_text (qemu, "MachinePropertyOverride");

  blueprint->tpm = valise_plist_get_flag (qemu, "TPMDevice", FALSE);
  blueprint->local_time = valise_plist_get_flag (qemu, "RTCLocalTime", FALSE);
  _valise_utm_read_arguments (self, valise_plist_get (qemu, "AdditionalArguments", PLIST_ARRAY),
                              "QEMU/AdditionalArguments");
  if (properties != NULL && *properties != '\0')
    _valise_utm_tell (self, VALISE_SEVERITY_INFO, "machine-properties", "QEMU/MachinePropertyOverride",
                      _ ("Properties of the machine type are left out."), NULL);
}

static void
read_serial (ValiseUtm *self, plist_t serial, const char *place)
{
  g_autofree char *mode = valise_plist_get_text (serial, "Mode");
  g_autofree char *target = valise_plist_get_text (serial, "Target");
  g_autofree char *address = valise_plist_get_text (serial, "TcpHostAddress");
  guint64 port = (guint64) valise_plist_get_number (serial, "TcpPort", G_MAXUINT16, 1234);

  if (g_strcmp0 (target, "GDB") == 0 || g_strcmp0 (target, "Monitor") == 0)
    {
      _valise_utm_tell (self, VALISE_SEVERITY_WARNING, "monitor", place,
                        _ ("A port that commands QEMU itself is left out: who writes to it has this computer."), NULL);
      return;
    }
  self->blueprint->serial_ports++;
  if (g_strcmp0 (mode, "TcpServer") == 0)
    _valise_utm_ask (self, g_strdup_printf (_ ("Listen on port %u of this computer for a serial port"), (guint) port));
  else if (g_strcmp0 (mode, "TcpClient") == 0)
    _valise_utm_ask (self, g_strdup_printf (_ ("Connect a serial port to port %u of %s"), (guint) port,
                                            address != NULL ? address : "?"));
  else
    return;
  valise_blueprint_wish_port_socket (self->blueprint, (int) self->blueprint->serial_ports - 1, address, port,
                                     g_str_equal (mode, "TcpServer"), FALSE);
}

static void
read_sharing (ValiseUtm *self)
{
  plist_t sharing = valise_plist_get (self->settings, "Sharing", PLIST_DICT);
  g_autofree char *mode = valise_plist_get_text (sharing, "DirectoryShareMode");

  if (mode != NULL && !g_str_equal (mode, "None"))
    {
      _valise_utm_ask (self, g_strdup (_ ("Share a folder of this computer, which is to be chosen, as “share”")));
      valise_blueprint_wish_folder (self->blueprint, NULL, NULL, FALSE);
    }
}

static void
read_sound (ValiseUtm *self, plist_t sound, const char *place)
{
  g_autofree char *card = valise_plist_get_text (sound, "Hardware");

  (void) place;
  if (self->blueprint->sound == NULL && card != NULL)
    self->blueprint->sound = valise_text_for_display (card, LONGEST_WORD);
}

/* Nothing names the system, but of UTM's own pictures most people choose that of theirs. */
static void
read_icon (ValiseUtm *self, plist_t information)
{
  g_autofree char *icon = valise_plist_get_text (information, "Icon");

  if (icon != NULL && !valise_plist_get_flag (information, "IconCustom", FALSE)
      && valise_guest_system_identify (icon, NULL) != VALISE_GUEST_UNKNOWN)
    self->blueprint->os_type = valise_text_for_display (icon, LONGEST_WORD);
}

void
_valise_utm_read_v4 (ValiseUtm *self)
{
  plist_t information = valise_plist_get (self->settings, "Information", PLIST_DICT);
  plist_t qemu = valise_plist_get (self->settings, "QEMU", PLIST_DICT);
  g_autofree char *name = valise_plist_get_text (information, "Name");

  valise_blueprint_set_name (self->blueprint, name);
  read_icon (self, information);
  read_system (self);
  read_qemu (self);
  _valise_utm_read_items (self, "Drive", read_drive);
  _valise_utm_read_firmware (self, valise_plist_get (qemu, "UEFIBoot", PLIST_BOOLEAN) != NULL,
                             valise_plist_get_flag (qemu, "UEFIBoot", FALSE));
  _valise_utm_read_items (self, "Network", read_network);
  _valise_utm_read_items (self, "Serial", read_serial);
  _valise_utm_read_items (self, "Sound", read_sound);
  read_sharing (self);
}
