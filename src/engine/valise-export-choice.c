/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-export-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "bundle/valise-archive.h"
#include "formats/valise-ovf-package.h"
#include "formats/valise-utm-write.h"

static const ValiseExportFormat formats[] = {
  { "archive", VALISE_BUNDLE_ARCHIVE_SUFFIX, N_ ("One file, for Valise"), VALISE_EXPORT_ARCHIVE },
  { "bundle", VALISE_BUNDLE_SUFFIX, N_ ("A copy of the machine’s folder"), VALISE_EXPORT_BUNDLE },
  { "ova", VALISE_OVA_SUFFIX, N_ ("One file, for VirtualBox and VMware (OVA)"), VALISE_EXPORT_OVA },
  { "ovf", VALISE_OVF_SUFFIX, N_ ("A folder, for VirtualBox and VMware (OVF)"), VALISE_EXPORT_OVF },
  { "ovf2", NULL, N_ ("A folder, by version 2 of the standard (OVF)"), VALISE_EXPORT_OVF },
  { "utm", VALISE_UTM_SUFFIX, N_ ("For UTM on a Mac"), VALISE_EXPORT_UTM },
  { "xml", ".xml", N_ ("The settings, for libvirt (XML)"), VALISE_EXPORT_XML },
  { "command", ".sh", N_ ("The command that starts QEMU"), VALISE_EXPORT_COMMAND },
  { "qcow2", ".qcow2", N_ ("One disk, for QEMU (qcow2)"), VALISE_EXPORT_DISK },
  { "raw", ".img", N_ ("One disk, byte for byte (raw)"), VALISE_EXPORT_DISK },
  { "vmdk", ".vmdk", N_ ("One disk, for VMware (VMDK)"), VALISE_EXPORT_DISK },
  { "vdi", ".vdi", N_ ("One disk, for VirtualBox (VDI)"), VALISE_EXPORT_DISK },
  { "vhdx", ".vhdx", N_ ("One disk, for Hyper-V (VHDX)"), VALISE_EXPORT_DISK },
  { "vhd", ".vhd", N_ ("One disk, for Azure and older Hyper-V (VHD)"), VALISE_EXPORT_DISK },
  { NULL },
};

const ValiseExportFormat *
valise_export_formats (void)
{
  return formats;
}

static const ValiseExportFormat *
find_format (const char *word, const char *target)
{
  for (const ValiseExportFormat *format = formats; format->word != NULL; format++)
    if (word != NULL ? g_str_equal (format->word, word)
                     : format->suffix != NULL && g_str_has_suffix (target, format->suffix))
      return format;
  return NULL;
}

gboolean
valise_export_choose (ValiseExportChoice *choice, const char *word, const char *target)
{
  const ValiseExportFormat *format = find_format (word, target);

  memset (choice, 0, sizeof *choice);
  choice->snapshots = choice->suspended = choice->tpm = choice->media = TRUE;
  if (format == NULL && word == NULL && g_file_test (target, G_FILE_TEST_IS_DIR))
    return TRUE;
  choice->image = word != NULL ? valise_image_kind_find (word) : valise_image_kind_of_file (target);
  if (format == NULL && choice->image == NULL)
    return FALSE;
  choice->kind = format != NULL ? format->kind : VALISE_EXPORT_DISK;
  choice->ovf = g_strcmp0 (word, "ovf2") == 0 ? VALISE_OVF_VERSION_2 : VALISE_OVF_VERSION_1;
  return TRUE;
}

/* --- the report --- */

static void
tell (GPtrArray *report, ValiseSeverity severity, const char *code, const char *text, const char *remedy)
{
  g_ptr_array_add (report, valise_finding_new (severity, code, NULL, text, remedy));
}

static gboolean
is_ours (const ValiseExportChoice *choice)
{
  return choice->kind == VALISE_EXPORT_BUNDLE || choice->kind == VALISE_EXPORT_ARCHIVE;
}

static gboolean
has_bytes (const ValiseExportChoice *choice)
{
  return choice->kind != VALISE_EXPORT_XML && choice->kind != VALISE_EXPORT_COMMAND;
}

static void
tell_about_chip (GPtrArray *report, const ValiseBlueprint *machine, const ValiseExportChoice *choice)
{
  if (!machine->tpm || !has_bytes (choice) || choice->kind == VALISE_EXPORT_DISK)
    return;
  if (is_ours (choice) && choice->tpm && !choice->share)
    tell (report, VALISE_SEVERITY_WARNING, "tpm-keys",
          _ ("The keys in the security chip go along: whoever has the copy can open what they protect."),
          _ ("Leave them out unless the copy stays yours."));
  else
    tell (report, VALISE_SEVERITY_WARNING, "tpm-new", _ ("The security chip begins empty in the copy."),
          _ ("If the guest encrypts its disk (BitLocker), have its recovery key at hand."));
}

static void
tell_about_memory (GPtrArray *report, ValiseMachine *machine, const ValiseExportChoice *choice)
{
  if (valise_machine_get_state (machine) != VALISE_MACHINE_SUSPENDED || !has_bytes (choice))
    return;
  if (!is_ours (choice) && choice->suspended)
    tell (report, VALISE_SEVERITY_ERROR, "suspended",
          _ ("The machine is suspended, and its memory cannot go along in this format."),
          _ ("Wake it and shut it down, or leave the memory out; the disks are then as after a power cut."));
  else if (!choice->suspended || choice->share)
    tell (report, VALISE_SEVERITY_WARNING, "suspended-left",
          _ ("The memory of the suspended machine stays behind: the copy’s disks are as after a power cut."), NULL);
}

static void
tell_about_drives (GPtrArray *report, const ValiseBlueprint *machine)
{
  gboolean moved = FALSE, elsewhere = FALSE;

  for (guint i = 0; i < machine->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = machine->drives->pdata[i];
      gboolean disk = drive->device == VALISE_BLUEPRINT_DISK;

      moved = moved || (disk && g_strcmp0 (drive->bus, valise_ovf_bus (drive)) != 0);
      elsewhere = elsewhere || (disk && drive->file == NULL);
    }
  if (moved)
    tell (report, VALISE_SEVERITY_WARNING, "disk-bus",
          _ ("Disks on virtio or USB become SATA disks, which VirtualBox and VMware have."),
          _ ("If a Windows does not start from them there, switch the disks to SATA here first and start it once."));
  if (elsewhere)
    tell (report, VALISE_SEVERITY_WARNING, "disk-elsewhere",
          _ ("A disk that is a device of this computer or lies in the network stays behind."), NULL);
}

static void
tell_about_ovf (GPtrArray *report, const ValiseBlueprint *machine)
{
  tell_about_drives (report, machine);
  for (guint i = 0; i < machine->nics->len; i++)
    {
      const ValiseBlueprintNic *nic = machine->nics->pdata[i];

      if (g_ascii_strcasecmp (valise_ovf_card (nic), nic->model != NULL ? nic->model : "") == 0)
        continue;
      tell (report, VALISE_SEVERITY_INFO, "network-card",
            _ ("A network card that VirtualBox and VMware do not have becomes an E1000."), NULL);
      break;
    }
  if (machine->firmware == VALISE_BLUEPRINT_FIRMWARE_EFI)
    tell (report, VALISE_SEVERITY_INFO, "firmware-variables",
          _ ("The firmware’s variables stay behind; the copy starts from the disk’s fallback path."),
          _ ("VirtualBox does not read that the firmware is EFI: switch it on there before the first start."));
}

static guint
count_disks (const ValiseBlueprint *machine, const char *name)
{
  guint count = 0;

  for (guint i = 0; i < machine->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = machine->drives->pdata[i];

      if (drive->device == VALISE_BLUEPRINT_DISK && drive->member != NULL
          && (name == NULL || g_strcmp0 (drive->unit, name) == 0))
        count++;
    }
  return count;
}

static void
tell_about_disk (GPtrArray *report, const ValiseBlueprint *machine, const ValiseExportChoice *choice)
{
  guint count = count_disks (machine, choice->disk);
  g_autofree char *text = NULL;

  if (count == 0 && choice->disk != NULL)
    text = g_strdup_printf (_ ("The machine has no disk “%s” that is a file."), choice->disk);
  if (count == 0)
    tell (report, VALISE_SEVERITY_ERROR, "disk-none",
          text != NULL ? text : _ ("The machine has no disk that is a file."), NULL);
  if (count > 1)
    tell (report, VALISE_SEVERITY_ERROR, "disk-several",
          _ ("The machine has several disks, and only one goes into a file."),
          _ ("Say which: “valisectl show” names them vda, vdb, and so on."));
}

static void
tell_about_command (GPtrArray *report)
{
  tell (report, VALISE_SEVERITY_INFO, "command-sockets",
        _ ("The command is what libvirt starts here; sockets and numbers of open files in it are libvirt’s own."),
        NULL);
}

GPtrArray *
valise_export_report (ValiseMachine *machine, const ValiseExportChoice *choice, GError **error)
{
  GPtrArray *report;
  g_autoptr (ValiseBlueprint) outline = NULL;
  g_autoptr (ValiseGrants) grants = NULL;
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (valise_machine_get_path (machine), error);
  g_autoptr (ValiseDocument) document = bundle != NULL ? _valise_export_read_moment (bundle, choice, error) : NULL;

  if (document == NULL)
    return NULL;
  grants = _valise_export_load_grants (bundle);
  report = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);
  outline = _valise_export_outline (bundle, document, grants, choice);
  _valise_export_tell_reach (report, outline, choice);
  if (choice->snapshot == NULL)
    tell_about_memory (report, machine, choice);
  else if (!_valise_export_tell_snapshot (report, bundle, choice, error))
    {
      g_ptr_array_unref (report);
      return NULL;
    }
  tell_about_chip (report, outline, choice);
  if (choice->kind == VALISE_EXPORT_OVA || choice->kind == VALISE_EXPORT_OVF)
    tell_about_ovf (report, outline);
  if (choice->kind == VALISE_EXPORT_DISK)
    tell_about_disk (report, outline, choice);
  if (choice->kind == VALISE_EXPORT_COMMAND)
    tell_about_command (report);
  return report;
}
