/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-outline.h"

#include <string.h>

#include "base/valise-size.h"

#define MOST_VCPUS 4096

static char *
dup_text (ValiseDocument *document, const char *path)
{
  g_autofree char *text = valise_document_get (document, path);

  return text != NULL && *g_strstrip (text) != '\0' ? g_steal_pointer (&text) : NULL;
}

static gboolean
says (ValiseDocument *document, const char *path, const char *word)
{
  g_autofree char *text = dup_text (document, path);

  return g_strcmp0 (text, word) == 0;
}

static guint64
read_memory (ValiseDocument *document)
{
  g_autofree char *number = dup_text (document, "memory");
  g_autofree char *unit = dup_text (document, "memory/@unit");
  const char *word = unit == NULL ? "KiB" : g_str_equal (unit, "bytes") ? "B" : g_str_equal (unit, "KB") ? "kB" : unit;
  g_autofree char *text = number != NULL ? g_strconcat (number, word, NULL) : NULL;
  guint64 bytes = 0;

  return text != NULL && valise_size_parse (text, VALISE_KIB, &bytes, NULL) ? bytes / VALISE_MIB : 0;
}

static guint
read_count (ValiseDocument *document, const char *path)
{
  g_autofree char *text = dup_text (document, path);
  guint64 number;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 1, MOST_VCPUS, &number, NULL) ? (guint) number : 0;
}

static void
read_firmware (ValiseBlueprint *outline, ValiseDocument *document)
{
  outline->firmware = says (document, "os/@firmware", "efi") || says (document, "os/loader/@type", "pflash")
                          ? VALISE_BLUEPRINT_FIRMWARE_EFI
                          : VALISE_BLUEPRINT_FIRMWARE_BIOS;
  outline->secure_boot = says (document, "os/loader/@secure", "yes")
                         || says (document, "os/firmware/feature[@name='secure-boot']/@enabled", "yes");
}

static char *
dup_member (ValiseBundle *bundle, ValiseDocument *document, const char *path)
{
  g_autofree char *stored = dup_text (document, path);

  return stored != NULL ? valise_bundle_source_path (valise_bundle_get_path (bundle), stored) : NULL;
}

static void
read_system (ValiseBlueprint *outline, ValiseBundle *bundle, ValiseDocument *document)
{
  guint count = read_count (document, "vcpu");

  outline->arch = dup_text (document, "os/type/@arch");
  outline->machine = dup_text (document, "os/type/@machine");
  outline->os_type = dup_text (document, "metadata/valise:machine/@os");
  outline->memory = read_memory (document);
  outline->vcpus = count > 0 ? (int) count : 1;
  outline->cores_per_socket = read_count (document, "cpu/topology/@cores");
  outline->tpm = valise_document_has (document, "devices/tpm");
  outline->local_time = says (document, "clock/@offset", "localtime");
  outline->sound = dup_text (document, "devices/sound/@model");
  outline->serial_ports = valise_document_count (document, "devices/serial");
  outline->nvram = dup_member (bundle, document, "os/nvram");
  outline->kernel = dup_member (bundle, document, "os/kernel");
  outline->initrd = dup_member (bundle, document, "os/initrd");
  outline->dtb = dup_member (bundle, document, "os/dtb");
  outline->cmdline = dup_text (document, "os/cmdline");
  read_firmware (outline, document);
}

/* The one of the drive's number on its bus. */
static char *
dup_controller (ValiseDocument *document, guint number, const char *bus)
{
  g_autofree char *index = valise_document_get_device (document, "disk", number, "address/@controller");
  g_autofree char *path = bus != NULL ? g_strdup_printf ("devices/controller[@type='%s']/@model", bus) : NULL;

  if (bus == NULL || (index != NULL && !g_str_equal (index, "0")))
    return NULL;
  return dup_text (document, path);
}

static ValiseBlueprintDevice
device_of (const char *word)
{
  if (g_strcmp0 (word, "cdrom") == 0)
    return VALISE_BLUEPRINT_CDROM;
  return g_strcmp0 (word, "floppy") == 0 ? VALISE_BLUEPRINT_FLOPPY : VALISE_BLUEPRINT_DISK;
}

static void
read_drive (ValiseBlueprint *outline, ValiseBundle *bundle, ValiseDocument *document, guint number)
{
  g_autofree char *device = valise_document_get_device (document, "disk", number, "@device");
  g_autofree char *path = g_strdup_printf ("devices/disk[%u]/readonly", number);
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (outline, device_of (device));

  drive->bus = valise_document_get_device (document, "disk", number, "target/@bus");
  drive->unit = valise_document_get_device (document, "disk", number, "target/@dev");
  drive->file = valise_document_get_device (document, "disk", number, "source/@file");
  drive->format = valise_document_get_device (document, "disk", number, "driver/@type");
  drive->controller = dup_controller (document, number, drive->bus);
  drive->read_only = drive->device == VALISE_BLUEPRINT_CDROM || valise_document_has (document, path);
  if (drive->file != NULL)
    drive->member = valise_bundle_source_path (valise_bundle_get_path (bundle), drive->file);
  if (drive->file != NULL && drive->format == NULL)
    drive->format = g_strdup ("raw");
}

static void
read_nic (ValiseBlueprint *outline, ValiseDocument *document, guint number)
{
  ValiseBlueprintNic *nic = valise_blueprint_add_nic (outline);
  g_autofree char *state = valise_document_get_device (document, "interface", number, "link/@state");

  nic->model = valise_document_get_device (document, "interface", number, "model/@type");
  nic->mac = valise_document_get_device (document, "interface", number, "mac/@address");
  nic->network = valise_document_get_device (document, "interface", number, "@type");
  nic->connected = g_strcmp0 (state, "down") != 0;
}

ValiseBlueprint *
valise_outline (ValiseBundle *bundle, ValiseDocument *document)
{
  g_autofree char *name = valise_bundle_dup_name (bundle);
  ValiseBlueprint *outline = valise_blueprint_new ("vmbundle", name);

  read_system (outline, bundle, document);
  for (guint i = 1; i <= valise_document_count (document, "devices/disk"); i++)
    read_drive (outline, bundle, document, i);
  for (guint i = 1; i <= valise_document_count (document, "devices/interface"); i++)
    read_nic (outline, document, i);
  return outline;
}
