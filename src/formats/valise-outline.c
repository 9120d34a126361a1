/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-outline.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-size.h"

#define MOST_VCPUS 4096

typedef struct
{
  ValiseBlueprint *outline;
  ValiseBundle *bundle;
  ValiseDocument *document;
  ValiseOutlineMayFunc may;
  gpointer user_data;
} Reading;

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

/* --- files --- */

/* The part of @path below the bundle, or %NULL. (transfer full) */
static char *
dup_below (const Reading *self, const char *path)
{
  g_autofree char *root = g_canonicalize_filename (valise_bundle_get_path (self->bundle), NULL);
  gsize length = strlen (root);

  return g_str_has_prefix (path, root) && path[length] == '/' ? g_strdup (path + length + 1) : NULL;
}

/* What is not there, or cannot be opened for another reason, is said by whoever wants to read it. */
static gboolean
leads_astray (const Reading *self, const char *relative)
{
  g_autoptr (GError) error = NULL;
  int root = open (valise_bundle_get_path (self->bundle), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int fd = root >= 0 ? valise_path_open_beneath (root, relative, O_RDONLY | O_NONBLOCK, 0, &error) : -1;
  struct stat status;
  gboolean astray = fd >= 0 ? fstat (fd, &status) != 0 || !S_ISREG (status.st_mode)
                            : error != NULL && error->domain == VALISE_PATH_ERROR;

  if (fd >= 0)
    close (fd);
  if (root >= 0)
    close (root);
  return astray;
}

static void
tell_astray (const Reading *self, const char *kind, const char *knob, const char *stored)
{
  g_autofree char *code = g_strconcat (kind, "-astray", NULL);
  g_autofree char *shown = valise_text_for_display (stored, 200);
  g_autofree char *text =
      g_strdup_printf (_ ("“%s” in the machine’s folder is a link or no plain file, and is not read."), shown);

  valise_blueprint_tell (self->outline, VALISE_SEVERITY_ERROR, code, knob, text,
                         _ ("Put the file itself in its place, or take it out of the settings."));
}

static void
tell_withheld (const Reading *self, const char *kind, const char *knob, const char *path)
{
  g_autofree char *code = g_strconcat (kind, "-withheld", NULL);
  g_autofree char *shown = valise_text_for_display (path, 200);
  g_autofree char *text = g_strdup_printf (
      _ ("“%s” stays behind: it lies outside of the machine’s folder, and the machine may not read it."), shown);

  valise_blueprint_tell (self->outline, VALISE_SEVERITY_WARNING, code, knob, text,
                         _ ("If it belongs to the machine, allow it in the settings, at what the machine may reach."));
}

/* The whole path of a file that the document names, if it may be read. A stranger's document could name any file of this
 * computer, and what is made of it here is given to others. @kind: first word of a finding's code. (transfer full) */
static char *
dup_member (const Reading *self, const char *kind, const char *knob, const char *stored)
{
  g_autofree char *path = stored != NULL && *stored != '\0'
                              ? g_canonicalize_filename (stored, valise_bundle_get_path (self->bundle))
                              : NULL;
  g_autofree char *relative = path != NULL ? dup_below (self, path) : NULL;

  if (path == NULL)
    return NULL;
  if (relative != NULL && !leads_astray (self, relative))
    return g_steal_pointer (&path);
  if (relative != NULL)
    tell_astray (self, kind, knob, stored);
  else if (self->may != NULL && self->may (knob, path, self->user_data))
    return g_steal_pointer (&path);
  else
    tell_withheld (self, kind, knob, path);
  return NULL;
}

static char *
dup_boot_file (const Reading *self, const char *knob)
{
  g_autofree char *stored = dup_text (self->document, knob);

  return dup_member (self, "boot", knob, stored);
}

/* --- parts --- */

static void
read_system (const Reading *self)
{
  ValiseBlueprint *outline = self->outline;
  ValiseDocument *document = self->document;
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
  outline->nvram = dup_boot_file (self, "os/nvram");
  outline->kernel = dup_boot_file (self, "os/kernel");
  outline->initrd = dup_boot_file (self, "os/initrd");
  outline->dtb = dup_boot_file (self, "os/dtb");
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
read_drive (const Reading *self, guint number)
{
  ValiseDocument *document = self->document;
  g_autofree char *device = valise_document_get_device (document, "disk", number, "@device");
  g_autofree char *path = g_strdup_printf ("devices/disk[%u]/readonly", number);
  g_autofree char *knob = g_strdup_printf ("devices/disk[%u]/source/@file", number);
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (self->outline, device_of (device));

  drive->bus = valise_document_get_device (document, "disk", number, "target/@bus");
  drive->unit = valise_document_get_device (document, "disk", number, "target/@dev");
  drive->file = valise_document_get_device (document, "disk", number, "source/@file");
  drive->format = valise_document_get_device (document, "disk", number, "driver/@type");
  drive->controller = dup_controller (document, number, drive->bus);
  drive->read_only = drive->device == VALISE_BLUEPRINT_CDROM || valise_document_has (document, path);
  drive->member = dup_member (self, drive->device == VALISE_BLUEPRINT_DISK ? "disk" : "medium", knob, drive->file);
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
valise_outline (ValiseBundle *bundle, ValiseDocument *document, ValiseOutlineMayFunc may, gpointer user_data)
{
  g_autofree char *name = valise_bundle_dup_name (bundle);
  ValiseBlueprint *outline = valise_blueprint_new ("vmbundle", name);
  const Reading self = { outline, bundle, document, may, user_data };

  read_system (&self);
  for (guint i = 1; i <= valise_document_count (document, "devices/disk"); i++)
    read_drive (&self, i);
  for (guint i = 1; i <= valise_document_count (document, "devices/interface"); i++)
    read_nic (outline, document, i);
  return outline;
}
