/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quickemu's machines: a few assignments of a shell, which are read and never run. */
#include "formats/valise-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "formats/valise-disk-header.h"
#include "formats/valise-efi-variables.h"
#include "formats/valise-script-words.h"

#define LONGEST_SETTINGS (64 * 1024)
#define MOST_WORDS 4000
#define MOST_VCPUS 1024
#define USUAL_DISK "16G"
#define LONGEST_ASK 400
/* Of a list of ports that an ask shows to its end. */
#define LONGEST_PORTS (LONGEST_ASK - 100)
#define LONGEST_WORD 100
#define SUFFIX ".conf"

typedef struct
{
  ValisePackage *package;
  const char *file;
  GHashTable *settings;
  ValiseBlueprint *blueprint;
} Quick;

static const char *
get (Quick *self, const char *key)
{
  const char *value = g_hash_table_lookup (self->settings, key);

  return value != NULL && *value != '\0' ? value : NULL;
}

static gboolean
is (Quick *self, const char *key, const char *value)
{
  return g_strcmp0 (get (self, key), value) == 0;
}

static void
tell (Quick *self, ValiseSeverity severity, const char *code, const char *key, const char *text, const char *remedy)
{
  g_autofree char *place = g_strdup_printf ("%s: %s", self->file, key);

  valise_blueprint_tell (self->blueprint, severity, code, place, text, remedy);
}

static guint64
get_size (Quick *self, const char *key, const char *usual)
{
  const char *text = get (self, key);
  guint64 bytes = 0;

  if (text != NULL && valise_size_parse (text, 1, &bytes, NULL) && bytes <= G_MAXINT64)
    return bytes;
  return valise_size_parse (usual, 1, &bytes, NULL) ? bytes : 0;
}

/* --- drives --- */

static const ValisePackageMember *
find (Quick *self, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (self->file);

  return valise_package_find (self->package, g_str_equal (folder, ".") ? NULL : folder, path);
}

static gboolean
leads_out (const char *path)
{
  return *path == '/' || *path == '~' || g_str_has_prefix (path, "../") || strstr (path, "/../") != NULL;
}

/* quickemu makes the disk when it is not there. */
static void
read_disk (Quick *self)
{
  const char *path = get (self, "disk_img");
  const ValisePackageMember *member = path != NULL ? find (self, path) : NULL;
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (self->blueprint, VALISE_BLUEPRINT_DISK);

  drive->bus = g_strdup ("virtio");
  drive->unit = g_strdup ("0");
  if (member != NULL)
    {
      drive->file = g_strdup (path);
      valise_disk_header_apply (self->package, member, self->blueprint, drive, member->name);
      return;
    }
  if (path != NULL && leads_out (path))
    {
      drive->file = g_strdup (path);
      tell (self, VALISE_SEVERITY_ERROR, "disk-missing", "disk_img",
            _ ("The disk lies outside of the settings' folder, on the computer that they come from."),
            _ ("Put the disk into the folder of the settings, and name it there."));
      return;
    }
  drive->capacity = get_size (self, "disk_size", USUAL_DISK);
  drive->format = g_strdup ("qcow2");
  tell (self, VALISE_SEVERITY_WARNING, "disk-empty", "disk_img",
        _ ("The disk is not beside the settings; an empty one is made, as quickemu would."),
        _ ("If the machine was installed already, bring its folder too."));
}

static void
read_medium (Quick *self, const char *key, ValiseBlueprintDevice device)
{
  const char *path = get (self, key);
  const ValisePackageMember *member = path != NULL ? find (self, path) : NULL;
  ValiseBlueprintDrive *drive;

  if (path == NULL)
    return;
  drive = valise_blueprint_add_drive (self->blueprint, device);
  drive->bus = g_strdup (device == VALISE_BLUEPRINT_FLOPPY ? "fdc" : "sata");
  drive->file = g_strdup (path);
  drive->member = member != NULL ? g_strdup (member->name) : NULL;
  drive->format = g_strdup ("raw");
  drive->read_only = TRUE;
  if (member == NULL)
    tell (self, VALISE_SEVERITY_WARNING, "disk-missing", key, _ ("The medium is not there; the drive comes in empty."),
          _ ("Insert it again in the settings."));
}

/* --- the machine --- */

static void
read_guest (Quick *self)
{
  const char *guest = get (self, "guest_os");
  g_autofree char *place = g_strdup_printf ("%s: guest_os", self->file);

  self->blueprint->os_type = valise_text_for_display (guest != NULL ? guest : "linux", LONGEST_WORD);
  if (g_strcmp0 (guest, "macos") == 0)
    valise_blueprint_refuse (self->blueprint, "macos-guest", place, _ ("The guest is macOS, which only runs on a Mac."),
                             NULL);
}

static void
read_sizes (Quick *self)
{
  const char *cores = get (self, "cpu_cores"), *arch = get (self, "arch");
  guint64 number = 0;

  self->blueprint->arch = g_strdup (arch != NULL ? arch : "x86_64");
  self->blueprint->vcpus = 0;
  if (cores != NULL && g_ascii_string_to_unsigned (cores, 10, 1, MOST_VCPUS, &number, NULL))
    self->blueprint->vcpus = (int) number;
  self->blueprint->memory = get_size (self, "ram", "0") / VALISE_MIB;
}

/* quickemu copies them beside the disk, under the name that its version gives them. */
static void
read_variables (Quick *self)
{
  static const char *const names[] = { "OVMF_VARS.fd", "OVMF_VARS_4M.fd" };
  const char *disk = get (self, "disk_img");
  g_autofree char *folder = disk != NULL ? g_path_get_dirname (disk) : NULL;

  for (gsize i = 0; folder != NULL && i < G_N_ELEMENTS (names) && self->blueprint->nvram == NULL; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      const ValisePackageMember *member = find (self, path);

      if (member != NULL)
        valise_efi_variables_apply (self->package, member, self->blueprint, member->name);
    }
}

static void
read_firmware (Quick *self)
{
  self->blueprint->firmware =
      is (self, "boot", "legacy") ? VALISE_BLUEPRINT_FIRMWARE_BIOS : VALISE_BLUEPRINT_FIRMWARE_EFI;
  self->blueprint->secure_boot = is (self, "secureboot", "on");
  self->blueprint->tpm = is (self, "tpm", "on");
  self->blueprint->machine = g_strdup ("q35");
  if (self->blueprint->firmware == VALISE_BLUEPRINT_FIRMWARE_EFI)
    read_variables (self);
}

static void
read_network (Quick *self)
{
  const char *network = get (self, "network"), *model = get (self, "network_device"), *mac = get (self, "macaddr");
  ValiseBlueprintNic *nic;

  if (g_strcmp0 (network, "none") == 0)
    return;
  nic = valise_blueprint_add_nic (self->blueprint);
  nic->model = g_strdup (model != NULL ? model : "virtio-net");
  nic->network = g_strdup (network != NULL ? network : "user");
  nic->mac = g_strdup (mac);
}

static const struct
{
  const char *key, *text;
} asks[] = {
  { "extra_args", N_ ("Start QEMU with arguments of its own: %s") },
  { "port_forwards", N_ ("Listen on ports of this computer: %s") },
  { "ssh_port", N_ ("Listen on port %s of this computer") },
  { "spice_port", N_ ("Listen on port %s of this computer for its screen") },
  { "public_dir", N_ ("Share the folder %s of this computer") },
  { "usb_devices", N_ ("Use USB devices of this computer: %s") },
  { "serial_telnet_port", N_ ("Listen on port %s of this computer for a serial port") },
  { "monitor_telnet_host", N_ ("Let others command QEMU at the address %s") },
  { "serial_telnet_host", N_ ("Show a serial port to others at the address %s") },
  { "monitor_telnet_port", N_ ("Let others command QEMU through port %s") },
};

/* @pattern: with one "%s" */
static void
ask (Quick *self, const char *pattern, const char *value)
{
  g_auto (GStrv) halves = g_strsplit (pattern, "%s", 2);
  g_autofree char *text = g_strjoin (value, halves[0], halves[1], NULL);

  g_ptr_array_add (self->blueprint->asks, valise_text_for_display (text, LONGEST_ASK));
}

/* "8080:80" and "2222:22", separated by anything else than digits. */
static void
wish_ports (Quick *self, const char *value)
{
  g_auto (GStrv) words = g_strsplit_set (value, " \t\"'(),", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *colon = strchr (words[i], ':');

      if (colon != NULL && strspn (words[i], "0123456789:") == strlen (words[i]))
        valise_blueprint_wish_port (self->blueprint, FALSE, g_ascii_strtoull (words[i], NULL, 10),
                                    g_ascii_strtoull (colon + 1, NULL, 10));
    }
}

/* "046d:c52b" and "0bda:0129", separated likewise. */
static void
wish_usb_devices (Quick *self, const char *value)
{
  g_auto (GStrv) words = g_strsplit_set (value, " \t\"'(),", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *colon = strchr (words[i], ':');

      if (colon != NULL && strspn (words[i], "0123456789abcdefABCDEF:") == strlen (words[i]))
        valise_blueprint_wish_usb (self->blueprint, g_ascii_strtoull (words[i], NULL, 16),
                                   g_ascii_strtoull (colon + 1, NULL, 16));
    }
}

/* What the last ask is about, where a machine here can have it. */
static void
wish (Quick *self, const char *key, const char *value)
{
  if (g_str_equal (key, "public_dir"))
    valise_blueprint_wish_folder (self->blueprint, value, NULL, FALSE);
  else if (g_str_equal (key, "ssh_port"))
    valise_blueprint_wish_port (self->blueprint, FALSE, g_ascii_strtoull (value, NULL, 10), 22);
  else if (g_str_equal (key, "port_forwards") && strlen (value) <= LONGEST_PORTS)
    wish_ports (self, value);
  else if (g_str_equal (key, "usb_devices") && strlen (value) <= LONGEST_PORTS)
    wish_usb_devices (self, value);
  else if (g_str_equal (key, "serial_telnet_port"))
    valise_blueprint_wish_port_socket (self->blueprint, 0, NULL, g_ascii_strtoull (value, NULL, 10), TRUE, TRUE);
  else if (g_str_equal (key, "extra_args"))
    valise_blueprint_wish_command_line (self->blueprint, value);
}

static void
read_asks (Quick *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (asks); i++)
    {
      const char *value = get (self, asks[i].key);

      if (value == NULL || g_str_equal (value, "none"))
        continue;
      ask (self, _ (asks[i].text), value);
      wish (self, asks[i].key, value);
    }
}

static ValiseBlueprint *
read_machine (Quick *self)
{
  g_autofree char *name = g_path_get_basename (self->file);

  name[strlen (name) - strlen (SUFFIX)] = '\0';
  self->blueprint = valise_blueprint_new ("quickemu", name);
  read_guest (self);
  read_sizes (self);
  read_firmware (self);
  read_disk (self);
  read_medium (self, "iso", VALISE_BLUEPRINT_CDROM);
  read_medium (self, "fixed_iso", VALISE_BLUEPRINT_CDROM);
  read_medium (self, "floppy", VALISE_BLUEPRINT_FLOPPY);
  read_network (self);
  read_asks (self);
  return self->blueprint;
}

/* --- the reader --- */

/* The one that was named, or the only one at the top of a folder or archive. */
static const ValisePackageMember *
find_settings (ValisePackage *package)
{
  const ValisePackageMember *member = valise_package_get_main (package);
  GPtrArray *members = valise_package_get_members (package);

  for (guint i = 0; member == NULL && i < members->len; i++)
    {
      const ValisePackageMember *other = members->pdata[i];

      if (g_str_has_suffix (other->name, SUFFIX) && strchr (other->name, '/') == NULL)
        member = other;
    }
  return member != NULL && g_str_has_suffix (member->name, SUFFIX) && strlen (member->name) > strlen (SUFFIX) ? member
                                                                                                              : NULL;
}

static GHashTable *
read_settings (ValisePackage *package, const ValisePackageMember *member)
{
  g_autoptr (GHashTable) settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GBytes) bytes = valise_package_read (package, member, LONGEST_SETTINGS, NULL);
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, NULL) : NULL;
  g_autoptr (GPtrArray) rest = NULL;

  if (text == NULL || !g_utf8_validate (text, (gssize) g_bytes_get_size (bytes), NULL))
    return NULL;
  rest = _valise_script_words (text, settings, MOST_WORDS);
  return rest != NULL ? g_steal_pointer (&settings) : NULL;
}

/* Any program may have a file of that suffix; a machine names its disk or its system. */
static gboolean
recognise (ValisePackage *package)
{
  const ValisePackageMember *member = find_settings (package);
  g_autoptr (GHashTable) settings = member != NULL ? read_settings (package, member) : NULL;

  return settings != NULL
         && (g_hash_table_contains (settings, "disk_img") || g_hash_table_contains (settings, "guest_os"));
}

static GPtrArray *
read_machines (ValisePackage *package, const char *configuration, GError **error)
{
  const ValisePackageMember *member = find_settings (package);
  g_autoptr (GHashTable) settings = read_settings (package, member);
  Quick quick = { .package = package, .file = member->name, .settings = settings };
  GPtrArray *machines;

  (void) configuration;
  if (settings == NULL)
    {
      g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED, _ ("%s cannot be read."), member->name);
      return NULL;
    }
  machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);
  g_ptr_array_add (machines, read_machine (&quick));
  return machines;
}

const ValiseReader valise_quickemu_reader = { "quickemu", recognise, read_machines };
