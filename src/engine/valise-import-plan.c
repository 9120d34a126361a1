/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-import-plan-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "formats/valise-guest-system.h"

#define CPUS_DEFAULT 2
#define MEMORY_DEFAULT 2048
/* Nothing starts with less. */
#define MEMORY_LEAST 16

/* --- words --- */

static gboolean
names_any (const char *text, const char *const *words)
{
  g_autofree char *lower = text != NULL ? g_ascii_strdown (text, -1) : NULL;

  for (gsize i = 0; lower != NULL && words[i] != NULL; i++)
    if (strstr (lower, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

/* --- findings --- */

void
_valise_import_plan_tell (ValiseImportPlan *self,
                          ValiseSeverity severity,
                          const char *code,
                          const char *where,
                          const char *text,
                          const char *remedy)
{
  g_ptr_array_add (self->findings, valise_finding_new (severity, code, where, text, remedy));
}

/* --- processor and memory --- */

static const char *
find_arch (const char *stated)
{
  static const struct
  {
    const char *stated, *here;
  } known[] = {
    { "x86_64", "x86_64" }, { "amd64", "x86_64" },  { "x86", "x86_64" },  { "i386", "x86_64" },
    { "i486", "x86_64" },   { "i586", "x86_64" },   { "i686", "x86_64" }, { "aarch64", "aarch64" },
    { "arm64", "aarch64" }, { "armv8", "aarch64" },
  };

  if (stated == NULL)
    return "x86_64";
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_ascii_strcasecmp (stated, known[i].stated) == 0)
      return known[i].here;
  return NULL;
}

gboolean
_valise_import_plan_is_pc (const ValiseImportPlan *self)
{
  return g_str_equal (self->arch, "x86_64");
}

static void
plan_arch (ValiseImportPlan *self, ValiseCapabilities *capabilities)
{
  const char *stated = self->choices->arch != NULL ? self->choices->arch : self->blueprint->arch;
  const char *arch = find_arch (stated);
  g_autofree char *shown = valise_text_for_display (stated != NULL ? stated : "x86_64", 40);
  g_autofree char *text = NULL;

  self->arch = arch != NULL ? arch : "x86_64";
  if (arch == NULL || !valise_capabilities_has_arch (capabilities, arch))
    {
      text = g_strdup_printf (_ ("The machine has a processor of the kind %s, which cannot be had here."), shown);
      _valise_import_plan_tell (self, VALISE_SEVERITY_ERROR, "arch-missing", "os/type/@arch", text,
                                arch != NULL ? _ ("Install QEMU for that processor (qemu-system-arm).") : NULL);
    }
  else if (!g_str_equal (arch, "x86_64"))
    {
      text = g_strdup_printf (_ ("The machine's processor (%s) is translated here, which is slow."), shown);
      _valise_import_plan_tell (self, VALISE_SEVERITY_WARNING, "arch-translated", "os/type/@arch", text, NULL);
    }
}

static void
plan_cpus (ValiseImportPlan *self, ValiseCapabilities *capabilities)
{
  guint here = valise_capabilities_get_cpus (capabilities);
  int stated = self->blueprint->vcpus;
  g_autofree char *text = NULL;

  if (self->choices->cpus > 0)
    {
      self->cpus = self->choices->cpus;
      return;
    }
  self->cpus = stated > 0 ? (guint) stated : MIN (CPUS_DEFAULT, here);
  if (stated <= 0 || self->cpus <= here)
    return;
  text = g_strdup_printf (_ ("The machine has %u processors, this computer %u. It gets %u."), self->cpus, here, here);
  _valise_import_plan_tell (self, VALISE_SEVERITY_WARNING, "cpus-reduced", "vcpu", text, NULL);
  self->cpus = here;
}

static void
plan_memory (ValiseImportPlan *self, ValiseCapabilities *capabilities)
{
  guint64 here = valise_capabilities_get_memory (capabilities) / VALISE_MIB;
  guint64 stated = self->blueprint->memory;
  g_autofree char *text = NULL;

  if (self->choices->memory > 0)
    {
      self->memory = self->choices->memory;
      return;
    }
  self->memory = stated != 0 ? MAX (stated, MEMORY_LEAST) : MEMORY_DEFAULT;
  if (here == 0 || self->memory <= here)
    return;
  self->memory = MAX (here / 2, MEMORY_LEAST);
  if (stated == 0)
    return;
  text = g_strdup_printf (_ ("The machine has %" PRIu64 " MiB of memory, this computer %" PRIu64
                             " MiB. It gets %" PRIu64 " MiB."),
                          stated, here, self->memory);
  _valise_import_plan_tell (self, VALISE_SEVERITY_WARNING, "memory-reduced", "memory", text, NULL);
}

/* --- firmware and machine type --- */

static gboolean
can_have (ValiseCapabilities *capabilities, ValiseFirmware firmware)
{
  g_autofree char *reason = valise_capabilities_firmware_reason (capabilities, firmware);

  return reason == NULL;
}

static void
plan_uefi (ValiseImportPlan *self, ValiseCapabilities *capabilities)
{
  self->firmware = self->blueprint->secure_boot ? VALISE_FIRMWARE_UEFI_SECURE : VALISE_FIRMWARE_UEFI;
  if (self->blueprint->secure_boot && !can_have (capabilities, VALISE_FIRMWARE_UEFI_SECURE))
    {
      self->firmware = VALISE_FIRMWARE_UEFI;
      _valise_import_plan_tell (self, VALISE_SEVERITY_WARNING, "secure-boot-missing", "os/firmware",
                                _ ("This computer has no firmware with Secure Boot; the machine starts without it."),
                                _ ("Install OVMF with Secure Boot (ovmf) and choose it in the machine's settings."));
    }
  if (!_valise_import_plan_is_pc (self) && valise_capabilities_get_variables (capabilities, self->arch, FALSE) == NULL)
    _valise_import_plan_tell (self, VALISE_SEVERITY_ERROR, "uefi-missing", "os/@firmware",
                              _ ("The machine starts with UEFI for another processor, which is not installed on this "
                                 "computer."),
                              _ ("Install AAVMF (qemu-efi-aarch64) and bring the machine in again."));
  else if (self->firmware == VALISE_FIRMWARE_UEFI && !can_have (capabilities, VALISE_FIRMWARE_UEFI))
    _valise_import_plan_tell (self, VALISE_SEVERITY_ERROR, "uefi-missing", "os/@firmware",
                              _ ("The machine starts with UEFI, which is not installed on this computer."),
                              _ ("Install OVMF (ovmf) and bring the machine in again."));
  if (self->blueprint->nvram_kept)
    _valise_import_plan_tell (
        self, VALISE_SEVERITY_INFO, "firmware-variables-kept", self->blueprint->nvram,
        _ ("The firmware's settings come along: what it starts, and what the system noted in it."), NULL);
  else if (self->blueprint->nvram != NULL || self->blueprint->secure_boot)
    _valise_import_plan_tell (self, VALISE_SEVERITY_INFO, "firmware-variables-new", self->blueprint->nvram,
                              _ ("The firmware's settings are made anew; it starts the system from its usual place."),
                              NULL);
}

/* Somebody has said which; what cannot be had stays an error. */
static void
take_firmware (ValiseImportPlan *self, ValiseCapabilities *capabilities)
{
  self->firmware = (ValiseFirmware) self->choices->firmware;
  if (!can_have (capabilities, self->firmware))
    _valise_import_plan_tell (self, VALISE_SEVERITY_ERROR, "firmware-missing", "os/@firmware",
                              _ ("The chosen firmware is not installed on this computer."), _ ("Choose another one."));
}

static void
plan_firmware (ValiseImportPlan *self, ValiseCapabilities *capabilities)
{
  ValiseBlueprintFirmware stated = self->blueprint->firmware;

  self->firmware = VALISE_FIRMWARE_BIOS;
  if (self->choices->firmware >= 0 && _valise_import_plan_is_pc (self))
    {
      take_firmware (self, capabilities);
      return;
    }
  if (stated == VALISE_BLUEPRINT_FIRMWARE_EFI || self->blueprint->secure_boot || !_valise_import_plan_is_pc (self))
    plan_uefi (self, capabilities);
}

static gboolean
states_machine (const ValiseBlueprint *blueprint, const char *word)
{
  return blueprint->machine != NULL && strstr (blueprint->machine, word) != NULL;
}

static gboolean
chooses_ide (const ValiseImportPlan *self)
{
  for (guint i = 0; i < self->blueprint->drives->len; i++)
    if (self->choices->drives[i].taken && g_strcmp0 (self->choices->drives[i].bus, "ide") == 0)
      return TRUE;
  return FALSE;
}

/* IDE is there on the older board only; Secure Boot on the newer one only. */
static void
plan_machine (ValiseImportPlan *self, gboolean old_windows)
{
  const ValiseBlueprint *blueprint = self->blueprint;
  gboolean older = chooses_ide (self) || states_machine (blueprint, "440fx")
                   || g_strcmp0 (blueprint->machine, "pc") == 0
                   || (self->firmware == VALISE_FIRMWARE_BIOS && _valise_import_wants_ide (blueprint, old_windows));

  if (!_valise_import_plan_is_pc (self))
    self->machine = "virt";
  else if (older && !states_machine (blueprint, "q35") && self->firmware != VALISE_FIRMWARE_UEFI_SECURE)
    self->machine = "pc";
  else
    self->machine = "q35";
}

/* --- the rest --- */

static void
plan_tpm (ValiseImportPlan *self, ValiseCapabilities *capabilities)
{
  gboolean wanted =
      self->choices->tpm == VALISE_CHOICE_AS_STATED ? self->blueprint->tpm : self->choices->tpm == VALISE_CHOICE_YES;

  if (!wanted)
    return;
  self->tpm = valise_capabilities_has_tpm (capabilities);
  if (self->tpm && !self->blueprint->tpm)
    return;
  if (self->tpm)
    _valise_import_plan_tell (self, VALISE_SEVERITY_WARNING, "tpm-empty", "devices/tpm",
                              _ ("The security chip (TPM) comes in empty: what it kept cannot be carried over."),
                              _ ("Have the recovery key of an encrypted disk (BitLocker) at hand."));
  else
    _valise_import_plan_tell (self, VALISE_SEVERITY_WARNING, "tpm-missing", "devices/tpm",
                              _ ("The machine has a security chip (TPM), which this computer cannot emulate."),
                              _ ("Install swtpm and add a TPM in the machine's settings."));
}

static void
plan_sound (ValiseImportPlan *self)
{
  static const char *const old[] = { "ac97", "es13", "ensoniq", "sb16", "intel ac", NULL };

  if (self->choices->sound != NULL)
    {
      self->sound = g_str_equal (self->choices->sound, "none") ? NULL : self->choices->sound;
      return;
    }
  if (self->blueprint->sound == NULL || !_valise_import_plan_is_pc (self))
    return;
  self->sound = names_any (self->blueprint->sound, old) ? "ac97" : g_str_equal (self->machine, "pc") ? "ich6" : "ich9";
}

static void
plan_ports (ValiseImportPlan *self)
{
  if (self->blueprint->serial_ports > VALISE_SERIAL_PORTS_MOST)
    _valise_import_plan_tell (self, VALISE_SEVERITY_INFO, "serial-ports-reduced", "devices/serial",
                              _ ("The machine has more serial ports than can be had; it gets four."), NULL);
}

/* What a person can do inside the system once it runs. */
static void
tell_system (ValiseImportPlan *self)
{
  if (self->blueprint->local_time)
    _valise_import_plan_tell (self, VALISE_SEVERITY_INFO, "clock-local", "clock/@offset",
                              _ ("The machine's clock shows local time, in the time zone of this computer."), NULL);
  if (self->has_linux)
    _valise_import_plan_tell (self, VALISE_SEVERITY_INFO, "guest-agent", NULL,
                              _ ("Tools of the program that it comes from have nothing to talk to here."),
                              _ ("In the system, remove them and install qemu-guest-agent and spice-vdagent."));
  else if (self->has_windows)
    _valise_import_plan_tell (self, VALISE_SEVERITY_INFO, "guest-agent", NULL,
                              _ ("Tools of the program that it comes from have nothing to talk to here."),
                              _ ("In the system, remove them and install virtio-win, which brings drivers and the "
                                 "guest agent."));
}

static void
drive_free (gpointer data)
{
  ValiseImportDrive *drive = data;

  g_free (drive->target);
  g_free (drive->stem);
  g_free (drive);
}

static void
nic_free (gpointer data)
{
  ValiseImportNic *nic = data;

  g_free (nic->mac);
  g_free (nic);
}

void
valise_import_plan_free (ValiseImportPlan *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->document, valise_document_unref);
  g_ptr_array_unref (self->drives);
  g_ptr_array_unref (self->nics);
  g_ptr_array_unref (self->findings);
  g_free (self);
}

/* Who runs in it decides what it can drive. */
static const char *
system_of (const ValiseImportChoices *choices)
{
  return choices->system_chosen && choices->system != NULL ? choices->system : choices->blueprint->os_type;
}

static void
plan_all (ValiseImportPlan *self, ValiseCapabilities *capabilities)
{
  ValiseGuestFamily family = valise_guest_system_identify (system_of (self->choices), NULL);

  self->has_windows = family == VALISE_GUEST_WINDOWS || family == VALISE_GUEST_OLD_WINDOWS;
  self->has_old_windows = family == VALISE_GUEST_OLD_WINDOWS;
  self->has_linux = family == VALISE_GUEST_LINUX;
  plan_arch (self, capabilities);
  plan_cpus (self, capabilities);
  plan_memory (self, capabilities);
  plan_firmware (self, capabilities);
  plan_machine (self, self->has_old_windows);
  _valise_import_plan_drives (self, self->has_old_windows);
  _valise_import_plan_nics (self);
  _valise_import_plan_order (self);
  plan_tpm (self, capabilities);
  plan_sound (self);
  plan_ports (self);
  tell_system (self);
  _valise_import_tell_asks (self);
}

static gboolean
plan_document (ValiseImportPlan *self, GError **error)
{
  g_autofree char *text = NULL;

  if (self->choices->document != NULL)
    self->document = valise_document_copy (self->choices->document);
  else
    {
      text = _valise_import_plan_write (self);
      self->document = valise_document_new (text, -1, self->blueprint->name, error);
    }
  return self->document != NULL;
}

ValiseImportPlan *
valise_import_plan_new (const ValiseImportChoices *choices, ValiseCapabilities *capabilities, GError **error)
{
  g_autoptr (ValiseImportPlan) self = g_new0 (ValiseImportPlan, 1);

  self->blueprint = choices->blueprint;
  self->choices = choices;
  self->drives = g_ptr_array_new_with_free_func (drive_free);
  self->nics = g_ptr_array_new_with_free_func (nic_free);
  self->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);
  plan_all (self, capabilities);
  return plan_document (self, error) ? g_steal_pointer (&self) : NULL;
}
