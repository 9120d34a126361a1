/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many processors and how much memory fit together, as libvirt counts them. */
#include "valise-config.h"

#include "model/valise-rules-private.h"

#include <glib/gi18n-lib.h>

#include "base/valise-size.h"
#include "model/valise-capabilities-private.h"
#include "model/valise-same-value-private.h"
#include "model/valise-size-unit-private.h"

/* Without extended interrupts a processor's number has eight bits, one of which means all of them. */
#define MOST_PLAIN_CPUS 255

static guint64
count_cpus (ValiseRulesRun *run)
{
  guint64 count = 1;

  _valise_rules_number (_valise_rules_text (_valise_rules_child (run->domain, "vcpu")), &count);
  return count;
}

/* --- what the machine type can have --- */

static const ValiseMachineType *
find_machine_type (ValiseRulesRun *run)
{
  GPtrArray *types = _valise_capabilities_machine_types (run->capabilities, run->arch);

  for (guint i = 0; types != NULL && i < types->len; i++)
    if (g_str_equal (((const ValiseMachineType *) types->pdata[i])->name, run->machine))
      return types->pdata[i];
  return NULL;
}

/* A warning, because another QEMU may know the same type with more. */
static void
check_machine_type (ValiseRulesRun *run)
{
  const ValiseMachineType *type = find_machine_type (run);
  xmlNode *node = _valise_rules_child (run->domain, "vcpu");
  g_autofree char *most = NULL;

  if (type == NULL || type->most_cpus == 0 || node == NULL || count_cpus (run) <= type->most_cpus)
    return;
  most = g_strdup_printf ("%u", type->most_cpus);
  valise_finding_set_fix (
      _valise_rules_add (
          run, VALISE_SEVERITY_WARNING, "cpus-over-machine-type", node, NULL,
          g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Here, a machine of type %s can have %u processor at most.",
                                        "Here, a machine of type %s can have %u processors at most.", type->most_cpus),
                           run->machine, type->most_cpus),
          _ ("Give it as many, or choose another machine type.")),
      "vcpu", most);
}

static gboolean
has_extended_interrupts (ValiseRulesRun *run)
{
  xmlNode *driver = _valise_rules_child (_valise_rules_child (run->devices, "iommu"), "driver");

  return g_strcmp0 (_valise_rules_attribute (driver, "eim"), "on") == 0;
}

static void
check_interrupts (ValiseRulesRun *run)
{
  xmlNode *node = _valise_rules_child (run->domain, "vcpu");

  if (strstr (run->machine, "q35") == NULL || node == NULL || count_cpus (run) <= MOST_PLAIN_CPUS
      || has_extended_interrupts (run))
    return;
  valise_finding_set_fix (
      _valise_rules_add (run, VALISE_SEVERITY_ERROR, "cpus-need-extended-interrupts", node, NULL,
                         g_strdup_printf (_ ("More than %d processors need an IOMMU with extended interrupts."),
                                          MOST_PLAIN_CPUS),
                         _ ("Add one and switch them on, or take fewer processors.")),
      "vcpu", G_STRINGIFY (MOST_PLAIN_CPUS));
}

/* --- processors that others speak of --- */

static void
check_pins (ValiseRulesRun *run)
{
  guint64 count = count_cpus (run);
  guint64 number;

  for (xmlNode *pin = _valise_rules_find (run->domain, "cputune/vcpupin"); pin != NULL; pin = _valise_rules_next (pin))
    {
      g_autofree char *path = NULL;

      if (!_valise_rules_number (_valise_rules_attribute (pin, "vcpu"), &number) || number < count)
        continue;
      path = valise_document_path_of (run->document, pin);
      valise_finding_set_fix (
          _valise_rules_add (run, VALISE_SEVERITY_WARNING, "pin-without-processor", pin, "@vcpu",
                             g_strdup (_ ("The machine has no processor of this number, and libvirt drops the line.")),
                             _ ("Remove it, or give the machine more processors.")),
          path, NULL);
    }
}

static void
check_nodes (ValiseRulesRun *run)
{
  guint64 count = count_cpus (run);
  guint64 last;

  for (xmlNode *cell = _valise_rules_find (run->domain, "cpu/numa/cell"); cell != NULL;
       cell = _valise_rules_next (cell))
    if (_valise_value_get_last (_valise_rules_attribute (cell, "cpus"), &last) && last >= count)
      _valise_rules_add (run, VALISE_SEVERITY_ERROR, "node-without-processor", cell, "@cpus",
                         g_strdup (_ ("The memory node has processors that the machine has not.")),
                         _ ("Give the machine more processors, or the node fewer; they are counted from 0."));
}

/* --- memory --- */

static gboolean
read_size (ValiseRulesRun *run, const char *name, guint64 *bytes)
{
  xmlNode *node = _valise_rules_child (run->domain, name);
  guint64 number, one = _valise_size_unit_bytes (name, _valise_rules_attribute (node, "unit"));

  return one != 0 && _valise_rules_number (_valise_rules_text (node), &number)
         && g_uint64_checked_mul (bytes, number, one);
}

static void
check_room (ValiseRulesRun *run)
{
  g_autofree char *fix = NULL;
  guint64 memory, room;

  if (!read_size (run, "memory", &memory) || !read_size (run, "maxMemory", &room) || memory <= room)
    return;
  fix = g_strdup_printf ("%" G_GUINT64_FORMAT " KiB", memory / VALISE_KIB);
  valise_finding_set_fix (_valise_rules_add (run, VALISE_SEVERITY_ERROR, "memory-over-room", run->domain, "maxMemory",
                                             g_strdup (_ ("The machine has more memory than it has room for.")),
                                             _ ("Make the room as large.")),
                          "maxMemory", fix);
}

static const ValiseRule RULES[] = {
  check_machine_type, check_interrupts, check_pins, check_nodes, check_room, NULL,
};

const ValiseRule *const _valise_rules_limits = RULES;
