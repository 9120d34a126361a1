/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-rules-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/valise-size.h"
#include "model/valise-size-unit-private.h"

/* Names are labels, shown in lists and used for directory names after shortening. */
#define LONGEST_NAME 200

static xmlNode *
find_own_facts (ValiseRulesRun *run)
{
  xmlNode *node = xmlFirstElementChild (_valise_rules_child (run->domain, "metadata"));

  while (node != NULL
         && (node->ns == NULL || !g_str_equal (node->ns->href, VALISE_METADATA_NAMESPACE)
             || !g_str_equal (node->name, "machine")))
    node = xmlNextElementSibling (node);
  return node;
}

static void
check_name_at (ValiseRulesRun *run, xmlNode *node, const char *leaf, const char *name)
{
  g_autofree char *stripped = g_strstrip (g_strdup (name != NULL ? name : ""));

  if (*stripped == '\0')
    _valise_rules_add (run, VALISE_SEVERITY_ERROR, "name-empty", node, leaf, g_strdup (_ ("The machine has no name.")),
                       _ ("Give it one."));
  else if (g_utf8_strlen (name, -1) > LONGEST_NAME)
    _valise_rules_add (run, VALISE_SEVERITY_ERROR, "name-too-long", node, leaf,
                       g_strdup_printf (_ ("The name is longer than %d characters."), LONGEST_NAME),
                       _ ("Shorten it; the notes have room for more."));
  else if (strpbrk (stripped, "\n\r\t") != NULL)
    _valise_rules_add (run, VALISE_SEVERITY_ERROR, "name-line-break", node, leaf,
                       g_strdup (_ ("The name holds a line break or a tab.")), _ ("Write it on one line."));
}

/* The name that people see, and the plain one that libvirt asks for. */
static void
check_name (ValiseRulesRun *run)
{
  xmlNode *facts = find_own_facts (run);
  xmlNode *node = _valise_rules_child (run->domain, "name");
  const char *label = _valise_rules_attribute (facts, "name");

  if (label != NULL)
    check_name_at (run, facts, "@name", label);
  check_name_at (run, run->domain, "name", _valise_rules_text (node));
}

/* Bytes of an element that is a size; FALSE when it is missing or no size (which the value check says). */
static gboolean
read_size (ValiseRulesRun *run, const char *name, guint64 *bytes)
{
  xmlNode *node = _valise_rules_child (run->domain, name);
  guint64 one = _valise_size_unit_bytes (name, _valise_rules_attribute (node, "unit"));
  guint64 number;

  return one != 0 && _valise_rules_number (_valise_rules_text (node), &number)
         && g_uint64_checked_mul (bytes, number, one);
}

static void
check_memory (ValiseRulesRun *run)
{
  xmlNode *node = _valise_rules_child (run->domain, "memory");
  guint64 host = valise_capabilities_get_memory (run->capabilities);
  g_autofree char *host_text = valise_size_format (host);
  guint64 memory;

  if (node == NULL || (read_size (run, "memory", &memory) && memory < VALISE_MIB))
    _valise_rules_add (run, VALISE_SEVERITY_ERROR, "memory-zero", run->domain, "memory",
                       g_strdup (_ ("The machine has no memory to run in.")), _ ("Give it 1 MiB or more."));
  else if (read_size (run, "memory", &memory) && host > 0 && memory > host)
    _valise_rules_add (run, VALISE_SEVERITY_WARNING, "memory-over-host", node, NULL,
                       g_strdup_printf (_ ("This is more memory than this computer has (%s)."), host_text),
                       _ ("Lower it, or expect both to become very slow."));
}

static void
check_current_memory (ValiseRulesRun *run)
{
  guint64 memory, current;

  if (read_size (run, "memory", &memory) && read_size (run, "currentMemory", &current) && current > memory)
    valise_finding_set_fix (
        _valise_rules_add (run, VALISE_SEVERITY_ERROR, "current-over-maximum", run->domain, "currentMemory",
                           g_strdup (_ ("The memory given at start is more than the most it may have.")),
                           _ ("Give all of it at start.")),
        "currentMemory", NULL);
}

static void
check_vcpu (ValiseRulesRun *run)
{
  xmlNode *node = _valise_rules_child (run->domain, "vcpu");
  guint host = valise_capabilities_get_cpus (run->capabilities);
  guint64 most, current;

  if (!_valise_rules_number (_valise_rules_text (node), &most))
    return;
  if (host > 0 && most > host)
    _valise_rules_add (run, VALISE_SEVERITY_WARNING, "cpus-over-host", node, NULL,
                       g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "This computer has only %u processor.",
                                                     "This computer has only %u processors.", host),
                                        host),
                       _ ("Lower it, or expect the machine to be slower than with fewer."));
  if (_valise_rules_number (_valise_rules_attribute (node, "current"), &current) && current > most)
    valise_finding_set_fix (
        _valise_rules_add (run, VALISE_SEVERITY_ERROR, "vcpu-current-over-maximum", node, "@current",
                           g_strdup (_ ("More processors are switched on at start than there are.")),
                           _ ("Switch all of them on at start.")),
        "vcpu/@current", NULL);
}

static gboolean
multiply_topology (xmlNode *topology, guint64 *product)
{
  static const char *const PARTS[] = { "sockets", "dies", "cores", "threads" };

  *product = 1;
  for (guint i = 0; i < G_N_ELEMENTS (PARTS); i++)
    {
      const char *text = _valise_rules_attribute (topology, PARTS[i]);
      guint64 number = 1;

      if ((text != NULL && !_valise_rules_number (text, &number)) || !g_uint64_checked_mul (product, *product, number))
        return FALSE;
    }
  return TRUE;
}

static void
check_topology (ValiseRulesRun *run)
{
  xmlNode *topology = _valise_rules_find (run->domain, "cpu/topology");
  xmlNode *vcpu = _valise_rules_child (run->domain, "vcpu");
  guint64 product, count = 1;
  g_autofree char *fix = NULL;

  if (topology == NULL || !multiply_topology (topology, &product)
      || (vcpu != NULL && !_valise_rules_number (_valise_rules_text (vcpu), &count)) || product == count)
    return;
  fix = g_strdup_printf ("%" G_GUINT64_FORMAT, product);
  valise_finding_set_fix (
      _valise_rules_add (
          run, VALISE_SEVERITY_ERROR, "topology-mismatch", topology, "@cores",
          g_strdup_printf (_ ("Sockets, cores and threads make %s processors, but the machine has %" PRIu64 "."), fix,
                           count),
          _ ("Make the number of processors fit.")),
      "vcpu", product > 0 ? fix : "1");
}

static gboolean
is_uefi (ValiseRulesRun *run)
{
  xmlNode *os = _valise_rules_child (run->domain, "os");
  const char *loader = _valise_rules_attribute (_valise_rules_child (os, "loader"), "type");

  return g_strcmp0 (_valise_rules_attribute (os, "firmware"), "efi") == 0 || g_strcmp0 (loader, "pflash") == 0;
}

static xmlNode *
find_secure_boot (ValiseRulesRun *run)
{
  xmlNode *feature = _valise_rules_find (run->domain, "os/firmware/feature");

  for (; feature != NULL; feature = _valise_rules_next (feature))
    if (g_strcmp0 (_valise_rules_attribute (feature, "name"), "secure-boot") == 0
        && g_strcmp0 (_valise_rules_attribute (feature, "enabled"), "yes") == 0)
      return feature;
  return NULL;
}

static gboolean
is_x86 (ValiseRulesRun *run)
{
  const char *arch = _valise_rules_attribute (_valise_rules_find (run->domain, "os/type"), "arch");

  return arch == NULL || g_str_equal (arch, "x86_64") || g_str_equal (arch, "i686");
}

static void
check_secure_boot (ValiseRulesRun *run)
{
  xmlNode *loader = _valise_rules_find (run->domain, "os/loader");
  gboolean by_loader = g_strcmp0 (_valise_rules_attribute (loader, "secure"), "yes") == 0;
  xmlNode *node = find_secure_boot (run);
  const char *smm = _valise_rules_attribute (_valise_rules_find (run->domain, "features/smm"), "state");

  node = node != NULL ? node : by_loader ? loader : NULL;
  if (node == NULL)
    return;
  if (!is_uefi (run))
    valise_finding_set_fix (
        _valise_rules_add (run, VALISE_SEVERITY_ERROR, "secure-boot-without-uefi", run->domain, "os/@firmware",
                           g_strdup (_ ("Secure Boot is a part of UEFI, but the machine starts with BIOS.")),
                           _ ("Switch to UEFI.")),
        "os/@firmware", "efi");
  if (is_x86 (run) && *run->machine != '\0' && strstr (run->machine, "q35") == NULL)
    valise_finding_set_fix (_valise_rules_add (run, VALISE_SEVERITY_ERROR, "secure-boot-needs-q35", run->domain,
                                               "os/type/@machine",
                                               g_strdup (_ ("Secure Boot needs the machine type Q35.")),
                                               _ ("Switch to Q35.")),
                            "os/type/@machine", "q35");
  if (is_x86 (run) && (g_strcmp0 (smm, "off") == 0 || (smm == NULL && by_loader)))
    valise_finding_set_fix (_valise_rules_add (run, VALISE_SEVERITY_ERROR, "secure-boot-needs-smm", run->domain,
                                               "features/smm/@state",
                                               g_strdup (_ ("Secure Boot needs System Management Mode.")),
                                               _ ("Switch it on.")),
                            "features/smm/@state", "on");
}

static void
check_uefi_machine (ValiseRulesRun *run)
{
  static const char *const WITHOUT[] = { "isapc", "microvm", "xenfv", "xenpv", "none", NULL };

  if (is_uefi (run) && g_strv_contains (WITHOUT, run->machine))
    valise_finding_set_fix (
        _valise_rules_add (run, VALISE_SEVERITY_ERROR, "uefi-machine-type", run->domain, "os/type/@machine",
                           g_strdup_printf (_ ("The machine type %s cannot start with UEFI."), run->machine),
                           _ ("Switch to Q35.")),
        "os/type/@machine", "q35");
}

static void
check_tpm (ValiseRulesRun *run)
{
  xmlNode *tpm = _valise_rules_child (run->devices, "tpm");

  if (tpm != NULL && is_x86 (run) && !is_uefi (run))
    valise_finding_set_fix (_valise_rules_add (run, VALISE_SEVERITY_WARNING, "tpm-without-uefi", tpm, NULL,
                                               g_strdup (
                                                   _ ("Windows 11 and others accept a TPM only together with UEFI.")),
                                               _ ("Switch to UEFI, unless a system is installed already.")),
                            "os/@firmware", "efi");
}

/* Xen's paravirtual machines have a <bootloader> in its place. */
static void
check_system (ValiseRulesRun *run)
{
  if (_valise_rules_child (run->domain, "os") == NULL && _valise_rules_child (run->domain, "bootloader") == NULL)
    _valise_rules_add (run, VALISE_SEVERITY_ERROR, "os-missing", run->domain, "os/type",
                       g_strdup (_ ("The machine does not say what kind of machine it is.")),
                       _ ("Put <os> back with a <type>, such as “hvm”."));
}

static const ValiseRule RULES[] = {
  check_name,         check_system, check_memory, check_current_memory, check_vcpu, check_topology, check_secure_boot,
  check_uefi_machine, check_tpm,    NULL,
};

const ValiseRule *const _valise_rules_machine = RULES;
