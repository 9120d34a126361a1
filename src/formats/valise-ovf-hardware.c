/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-ovf-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-size.h"

#define MOST_CPUS 100000

static gboolean
contains (const char *text, const char *word)
{
  g_autofree char *lower = text != NULL ? g_ascii_strdown (text, -1) : NULL;

  return lower != NULL && strstr (lower, word) != NULL;
}

static void
tell_number (ValiseOvf *self, ValiseBlueprint *machine, const ValiseOvfItem *item, const char *number, const char *what)
{
  g_autofree char *text = g_strdup_printf (_ ("%s: “%s” is no number that Valise understands."), what, number);

  _valise_ovf_tell (self, machine, VALISE_SEVERITY_WARNING, "number-unreadable", item->node, text,
                    _ ("What is usual is taken; change it in the settings."));
}

/* --- processors and memory --- */

/* RHV writes sockets, cores and threads instead of their product. */
static gboolean
read_product (const xmlNode *node, guint64 *product)
{
  static const char *const factors[] = { "num_of_sockets", "cpu_per_socket", "threads_per_cpu" };
  gboolean any = FALSE;

  *product = 1;
  for (gsize i = 0; i < G_N_ELEMENTS (factors); i++)
    {
      g_autofree char *text = valise_foreign_xml_text (node, factors[i]);
      guint64 number;

      if (text == NULL)
        continue;
      if (!_valise_ovf_parse_number (text, &number) || !g_uint64_checked_mul (product, *product, number))
        return FALSE;
      any = TRUE;
    }
  return any;
}

static void
read_cores (ValiseBlueprint *machine, const xmlNode *node)
{
  g_autofree char *cores = valise_foreign_xml_text (node, "CoresPerSocket");
  guint64 number;

  if (_valise_ovf_parse_number (cores, &number) && number > 0 && number <= MOST_CPUS)
    machine->cores_per_socket = (guint) number;
}

static void
read_cpus (ValiseOvf *self, ValiseBlueprint *machine, const ValiseOvfItem *item)
{
  guint64 number;

  if (machine->vcpus >= 0)
    return;
  read_cores (machine, item->node);
  if (item->quantity == NULL ? !read_product (item->node, &number)
                             : !_valise_ovf_parse_number (item->quantity, &number))
    {
      if (item->quantity != NULL)
        tell_number (self, machine, item, item->quantity, _ ("Processors"));
      return;
    }
  if (number > MOST_CPUS)
    tell_number (self, machine, item, item->quantity != NULL ? item->quantity : "", _ ("Processors"));
  else
    machine->vcpus = (int) number;
}

static void
read_memory (ValiseOvf *self, ValiseBlueprint *machine, const ValiseOvfItem *item)
{
  guint64 bytes;

  if (machine->memory > 0 || item->quantity == NULL)
    return;
  /* Who states no unit means MiB, whatever the standard says. */
  if (_valise_ovf_parse_size (item->quantity, item->units, VALISE_MIB, &bytes))
    machine->memory = bytes / VALISE_MIB + (bytes % VALISE_MIB != 0);
  else
    tell_number (self, machine, item, item->quantity, _ ("Memory"));
}

/* --- network --- */

static gboolean
is_mac (const char *text)
{
  guint digits = 0;

  for (const char *c = text; *c != '\0'; c++)
    if (g_ascii_isxdigit (*c))
      digits++;
    else if (*c != ':' && *c != '-')
      return FALSE;
  return digits == 12;
}

static void
read_nic (ValiseOvf *self, ValiseBlueprint *machine, const ValiseOvfItem *item)
{
  ValiseBlueprintNic *nic = valise_blueprint_add_nic (machine);
  g_autofree char *automatic = valise_foreign_xml_text (item->node, "AutomaticAllocation");
  g_autofree char *mac = valise_foreign_xml_text (item->node, "Address");

  if (mac == NULL)
    mac = valise_foreign_xml_text (item->node, "MACAddress");
  nic->model = g_strdup (item->subtype);
  nic->network = valise_foreign_xml_text (item->node, "Connection");
  nic->mac = mac != NULL && is_mac (mac) ? g_steal_pointer (&mac) : NULL;
  nic->connected = (automatic == NULL || g_ascii_strcasecmp (automatic, "false") != 0)
                   && (nic->network == NULL || g_ascii_strcasecmp (nic->network, "none") != 0);
  if (contains (item->subtype, "sriov"))
    g_ptr_array_add (machine->asks, g_strdup (_ ("Part of one of this computer’s network cards, for itself")));
}

/* --- the others --- */

static void
read_other (ValiseOvf *self, ValiseBlueprint *machine, const ValiseOvfItem *item)
{
  g_autofree char *caption = valise_foreign_xml_text (item->node, "ElementName");

  if (contains (item->subtype, "vtpm"))
    machine->tpm = TRUE;
  else if (contains (item->subtype, "sound") || contains (item->subtype, "hdaudio"))
    machine->sound = machine->sound != NULL ? machine->sound : g_strdup (item->subtype);
  else if (contains (item->subtype, "passthrough"))
    g_ptr_array_add (machine->asks, g_strdup_printf (_ ("A device of this computer, for itself: %s"),
                                                     caption != NULL ? caption : item->subtype));
}

static void
read_serial (ValiseBlueprint *machine, const ValiseOvfItem *item)
{
  static const char *const ties[] = { "pipe", "file", "device", "uri", "network" };

  machine->serial_ports++;
  for (gsize i = 0; i < G_N_ELEMENTS (ties); i++)
    if (contains (item->subtype, "serialport") && contains (item->subtype, ties[i]))
      {
        g_ptr_array_add (machine->asks, g_strdup (_ ("A serial port tied to something of this computer")));
        return;
      }
}

static void
read_item (ValiseOvf *self, ValiseBlueprint *machine, const ValiseOvfItem *item)
{
  switch (item->type)
    {
    case 1:
      read_other (self, machine, item);
      break;
    case 3:
      read_cpus (self, machine, item);
      break;
    case 4:
      read_memory (self, machine, item);
      break;
    case 10:
      read_nic (self, machine, item);
      break;
    case 21:
      read_serial (machine, item);
      break;
    case 34:
      machine->tpm = TRUE;
      break;
    case 35:
      if (machine->sound == NULL)
        machine->sound = g_strdup (item->subtype != NULL ? item->subtype : "");
      break;
    default:
      break;
    }
}

void
_valise_ovf_read_hardware (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system)
{
  xmlNode *hardware = _valise_ovf_section (system, "VirtualHardwareSection");
  xmlNode *other = hardware != NULL ? _valise_ovf_next_section (hardware->next, "VirtualHardwareSection") : NULL;
  g_autoptr (GPtrArray) items = NULL;

  if (hardware == NULL)
    return;
  if (other != NULL)
    _valise_ovf_tell (self, machine, VALISE_SEVERITY_INFO, "hardware-alternative", other,
                      _ ("The machine is described for several products; the first description is taken."), NULL);
  items = _valise_ovf_read_items (self, hardware);
  for (guint i = 0; i < items->len; i++)
    {
      ValiseOvfItem *item = items->pdata[i];
      guint before = machine->nics->len;

      read_item (self, machine, item);
      item->nic = machine->nics->len > before ? machine->nics->len : 0;
    }
  _valise_ovf_read_drives (self, machine, system, items);
  _valise_ovf_read_vmware (self, machine, hardware);
  _valise_ovf_read_order (self, machine, system, items);
}
