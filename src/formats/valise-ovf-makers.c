/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-ovf-private.h"
#include "formats/valise-boot-order.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"

#define MOST_ASKS 100
#define LONGEST_SHOWN 200

static gboolean
is_true (const char *text)
{
  return text != NULL && (g_ascii_strcasecmp (text, "true") == 0 || g_str_equal (text, "1"));
}

/* --- VMware: Config and ExtraConfig --- */

static void
read_nvram (ValiseOvf *self, ValiseBlueprint *machine, const char *value)
{
  const char *id = g_strrstr (value, "/file/");
  const xmlNode *file = id != NULL ? _valise_ovf_file (self, id + strlen ("/file/")) : NULL;
  g_autofree char *href = valise_foreign_xml_attribute (file, "href");
  const ValisePackageMember *member = _valise_ovf_find (self, href != NULL ? href : value);

  g_free (machine->nvram);
  machine->nvram = member != NULL ? g_strdup (member->name) : g_steal_pointer (&href);
}

static void
read_pair (ValiseOvf *self, ValiseBlueprint *machine, const xmlNode *node, const char *key, const char *value)
{
  if (g_ascii_strcasecmp (key, "firmware") == 0)
    machine->firmware = g_ascii_strcasecmp (value, "efi") == 0    ? VALISE_BLUEPRINT_FIRMWARE_EFI
                        : g_ascii_strcasecmp (value, "bios") == 0 ? VALISE_BLUEPRINT_FIRMWARE_BIOS
                                                                  : machine->firmware;
  else if (g_ascii_strcasecmp (key, "bootOptions.efiSecureBootEnabled") == 0
           || g_ascii_strcasecmp (key, "uefi.secureBoot.enabled") == 0)
    machine->secure_boot = is_true (value);
  else if (g_ascii_strcasecmp (key, "nvram") == 0)
    read_nvram (self, machine, value);
  else if (g_str_has_prefix (key, "uefi.secureBoot."))
    _valise_ovf_tell (self, machine, VALISE_SEVERITY_WARNING, "secure-boot-keys", node,
                      _ ("The firmware is given keys of its maker's own, which are not carried over."),
                      _ ("If the machine does not start, switch Secure Boot off in its settings."));
}

void
_valise_ovf_read_vmware (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *hardware)
{
  for (xmlNode *node = hardware->children; node != NULL; node = node->next)
    {
      g_autofree char *key = NULL, *value = NULL;

      if (!valise_foreign_xml_is (node, "Config") && !valise_foreign_xml_is (node, "ExtraConfig"))
        continue;
      key = valise_foreign_xml_attribute (node, "key");
      value = valise_foreign_xml_attribute (node, "value");
      if (key != NULL && value != NULL && _valise_ovf_applies (self, node, NULL))
        read_pair (self, machine, node, key, value);
    }
}

/* --- VirtualBox: its own machine inside --- */

static void
read_firmware (ValiseBlueprint *machine, const xmlNode *hardware)
{
  g_autofree char *type = valise_foreign_xml_attribute (valise_foreign_xml_child (hardware, "Firmware"), "type");
  g_autofree char *tpm =
      valise_foreign_xml_attribute (valise_foreign_xml_child (hardware, "TrustedPlatformModule"), "type");
  g_autofree char *clock = valise_foreign_xml_attribute (valise_foreign_xml_child (hardware, "RTC"), "localOrUTC");

  if (type != NULL && g_ascii_strncasecmp (type, "EFI", 3) == 0)
    machine->firmware = VALISE_BLUEPRINT_FIRMWARE_EFI;
  if (tpm != NULL && g_ascii_strcasecmp (tpm, "none") != 0)
    machine->tpm = TRUE;
  if (clock != NULL)
    machine->local_time = g_ascii_strcasecmp (clock, "local") == 0;
}

static gboolean
ask (ValiseBlueprint *machine, const char *wish, const xmlNode *node, const char *attribute)
{
  g_autofree char *value = valise_foreign_xml_attribute (node, attribute);
  g_autofree char *shown = valise_text_for_display (value != NULL ? value : "?", LONGEST_SHOWN);

  if (machine->asks->len >= MOST_ASKS)
    return FALSE;
  g_ptr_array_add (machine->asks, g_strdup_printf ("%s: %s", wish, shown));
  return TRUE;
}

/* "080027939672" as it is written everywhere else. */
static char *
with_colons (const char *digits)
{
  if (digits == NULL || strlen (digits) != 12 || strspn (digits, "0123456789abcdefABCDEF") != 12)
    return NULL;
  return g_strdup_printf ("%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", digits, digits + 2, digits + 4, digits + 6, digits + 8,
                          digits + 10);
}

static void
read_adapter (ValiseOvf *self, ValiseBlueprint *machine, const xmlNode *adapter, ValiseBlueprintNic *nic)
{
  g_autofree char *type = valise_foreign_xml_attribute (adapter, "type");
  g_autofree char *digits = valise_foreign_xml_attribute (adapter, "MACAddress");
  g_autofree char *cable = valise_foreign_xml_attribute (adapter, "cable");

  if (nic->mac == NULL)
    nic->mac = with_colons (digits);
  if (g_strcmp0 (cable, "false") == 0)
    nic->connected = FALSE;
  if (g_strcmp0 (type, "virtio") == 0 && nic->model != NULL && g_ascii_strcasecmp (nic->model, "virtio") != 0)
    _valise_ovf_tell (self, machine, VALISE_SEVERITY_INFO, "network-card-contradiction", adapter,
                      _ ("The network card is named twice, and not the same: VirtualBox's own part says virtio."),
                      NULL);
}

static guint64
read_number (const xmlNode *node, const char *attribute)
{
  g_autofree char *text = valise_foreign_xml_attribute (node, attribute);
  guint64 number = 0;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT16, &number, NULL) ? number : 0;
}

/* VirtualBox writes TCP as 1, and UDP as 0. */
static void
wish_port (ValiseBlueprint *machine, const xmlNode *rule)
{
  g_autofree char *protocol = valise_foreign_xml_attribute (rule, "proto");

  valise_blueprint_wish_port (machine, g_strcmp0 (protocol, "0") == 0, read_number (rule, "hostport"),
                              read_number (rule, "guestport"));
}

static void
read_forwardings (ValiseBlueprint *machine, const xmlNode *adapter)
{
  const xmlNode *nat = valise_foreign_xml_child (adapter, "NAT");

  for (xmlNode *rule = valise_foreign_xml_child (nat, "Forwarding"); rule != NULL;
       rule = valise_foreign_xml_next (rule->next, "Forwarding"))
    if (ask (machine, _ ("To be reached through a port of this computer"), rule, "hostport"))
      wish_port (machine, rule);
}

static void
read_adapters (ValiseOvf *self, ValiseBlueprint *machine, const xmlNode *network)
{
  guint at = 0;

  for (xmlNode *adapter = valise_foreign_xml_child (network, "Adapter"); adapter != NULL;
       adapter = valise_foreign_xml_next (adapter->next, "Adapter"))
    {
      g_autofree char *enabled = valise_foreign_xml_attribute (adapter, "enabled");

      if (!is_true (enabled) || at >= machine->nics->len)
        continue;
      read_adapter (self, machine, adapter, machine->nics->pdata[at++]);
      read_forwardings (machine, adapter);
    }
}

static void
wish_folder (ValiseBlueprint *machine, const xmlNode *folder)
{
  g_autofree char *path = valise_foreign_xml_attribute (folder, "hostPath");
  g_autofree char *writable = valise_foreign_xml_attribute (folder, "writable");

  valise_blueprint_wish_folder (machine, path, NULL, g_strcmp0 (writable, "false") == 0);
}

static void
read_folders (ValiseBlueprint *machine, const xmlNode *hardware)
{
  const xmlNode *folders = valise_foreign_xml_child (hardware, "SharedFolders");

  for (xmlNode *folder = valise_foreign_xml_child (folders, "SharedFolder"); folder != NULL;
       folder = valise_foreign_xml_next (folder->next, "SharedFolder"))
    if (ask (machine, _ ("To see a folder of this computer"), folder, "hostPath"))
      wish_folder (machine, folder);
}

static void
wish_end (ValiseBlueprint *machine, const xmlNode *port, const char *mode, int number)
{
  g_autofree char *path = valise_foreign_xml_attribute (port, "path");
  g_autofree char *server = valise_foreign_xml_attribute (port, "server");

  if (g_ascii_strcasecmp (mode, "RawFile") == 0)
    valise_blueprint_wish_port_end (machine, number, "file", path, FALSE);
  else if (g_ascii_strcasecmp (mode, "HostPipe") == 0)
    valise_blueprint_wish_port_end (machine, number, "unix", path, is_true (server));
  else if (g_ascii_strcasecmp (mode, "HostDevice") == 0)
    valise_blueprint_wish_port_end (machine, number, "dev", path, FALSE);
}

/* A serial port may be tied to a file, a pipe or a device of the computer. */
static void
read_ports (ValiseBlueprint *machine, const xmlNode *hardware)
{
  const xmlNode *uart = valise_foreign_xml_child (hardware, "UART");
  int number = -1;

  for (xmlNode *port = valise_foreign_xml_child (uart, "Port"); port != NULL;
       port = valise_foreign_xml_next (port->next, "Port"))
    {
      g_autofree char *enabled = valise_foreign_xml_attribute (port, "enabled");
      g_autofree char *mode = valise_foreign_xml_attribute (port, "hostMode");

      number += is_true (enabled);
      if (is_true (enabled) && mode != NULL && g_ascii_strcasecmp (mode, "Disconnected") != 0
          && ask (machine, _ ("A serial port tied to something of this computer"), port, "path"))
        wish_end (machine, port, mode, number);
    }
}

static void
read_wishes (ValiseBlueprint *machine, const xmlNode *hardware)
{
  const xmlNode *remote = valise_foreign_xml_child (hardware, "RemoteDisplay");
  g_autofree char *enabled = valise_foreign_xml_attribute (remote, "enabled");

  read_folders (machine, hardware);
  read_ports (machine, hardware);
  if (is_true (enabled))
    ask (machine, _ ("To show the machine’s screen to other computers"), remote, "authType");
}

void
_valise_ovf_read_virtualbox (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system)
{
  const xmlNode *own = valise_foreign_xml_child (system, "Machine");
  const xmlNode *hardware = valise_foreign_xml_child (own, "Hardware");

  if (own == NULL)
    return;
  if (machine->os_type == NULL || g_str_has_prefix (machine->os_type, "CIM "))
    {
      char *type = valise_foreign_xml_attribute (own, "OSType");

      if (type != NULL)
        {
          g_free (machine->os_type);
          machine->os_type = type;
        }
    }
  if (hardware == NULL)
    return;
  read_firmware (machine, hardware);
  read_adapters (self, machine, valise_foreign_xml_child (hardware, "Network"));
  valise_boot_order_add_virtualbox (machine, valise_foreign_xml_child (hardware, "Boot"));
  read_wishes (machine, hardware);
}

/* --- RHV and oVirt --- */

void
_valise_ovf_read_rhv (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system)
{
  g_autofree char *bios = valise_foreign_xml_text (system, "BiosType");
  guint64 type;

  if (!_valise_ovf_parse_number (bios, &type) || type < 1 || type > 4)
    return;
  g_free (machine->machine);
  machine->machine = g_strdup (type == 1 ? "pc" : "q35");
  if (type >= 3)
    machine->firmware = VALISE_BLUEPRINT_FIRMWARE_EFI;
  machine->secure_boot = type == 4;
}
