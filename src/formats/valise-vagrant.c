/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A box of Vagrant: metadata.json says for which program the machine beside it is. What that program has a reader for is
 * given to it; a box for libvirt is a disk and some lines of Ruby. */
#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "formats/valise-image-place.h"
#include "formats/valise-reader.h"
#include "formats/valise-vagrantfile.h"

#define LONGEST ((gsize) 64 * 1024)
#define DEEPEST 16
#define MOST_DISKS 64
#define MOST_GIB (G_GUINT64_CONSTANT (1) << 20)
#define NAME_SHOWN 120

/* --- metadata.json --- */

/* The parser calls itself for each level, so what is nested without end has to be seen before; and of several values one
 * after the other it loses the first. So it is one object and nothing else. */
static gboolean
is_sound (const char *text, gsize length)
{
  gboolean quoted = FALSE, closed = FALSE;
  guint depth = 0;

  for (gsize i = 0; i < length; i++)
    if ((closed || (depth == 0 && text[i] != '{')) && !g_ascii_isspace (text[i]))
      return FALSE;
    else if (quoted && text[i] == '\\')
      i++;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (!quoted && (text[i] == '{' || text[i] == '[') && ++depth > DEEPEST)
      return FALSE;
    else if (!quoted && depth > 0 && (text[i] == '}' || text[i] == ']'))
      closed = --depth == 0;
  return closed;
}

/* (transfer full) (nullable) */
static JsonObject *
read_metadata (ValisePackage *package)
{
  const ValisePackageMember *named = valise_package_get_main (package);
  const ValisePackageMember *member = valise_package_lookup (package, "metadata.json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GBytes) bytes = NULL;
  const char *text;
  gsize length;
  JsonNode *root;

  if (member == NULL || (named != NULL && named != member) || member->size > LONGEST)
    return NULL;
  bytes = valise_package_read (package, member, LONGEST, NULL);
  if (bytes == NULL)
    return NULL;
  text = g_bytes_get_data (bytes, &length);
  if (!g_utf8_validate_len (text, length, NULL) || !is_sound (text, length)
      || !json_parser_load_from_data (parser, text, (gssize) length, NULL))
    return NULL;
  root = json_parser_get_root (parser);
  return root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_object_ref (json_node_get_object (root)) : NULL;
}

static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/* In GiB, as a number or in quotes; 0 when it is no size that a disk has. */
static guint64
get_gib (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  const char *text = get_text (object, name);
  guint64 number = 0;

  if (text != NULL)
    g_ascii_string_to_unsigned (text, 10, 1, MOST_GIB, &number, NULL);
  else if (node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
           && json_node_get_int (node) > 0 && (guint64) json_node_get_int (node) <= MOST_GIB)
    number = (guint64) json_node_get_int (node);
  return number;
}

/* --- for libvirt --- */

/* "~/.vagrant.d/boxes/debian-VAGRANTSLASH-bookworm64/12.1/libvirt" or "bookworm64.box" */
static char *
name_from_path (const char *path)
{
  const char *slash = strstr (path, "-VAGRANTSLASH-");
  char *name;

  if (slash != NULL)
    return g_strndup (slash + strlen ("-VAGRANTSLASH-"), strcspn (slash + strlen ("-VAGRANTSLASH-"), "/"));
  name = g_path_get_basename (path);
  if (g_str_equal (name, "metadata.json"))
    {
      g_autofree char *folder = g_path_get_dirname (path);

      g_free (name);
      name = g_path_get_basename (folder);
    }
  if (g_str_has_suffix (name, ".box"))
    name[strlen (name) - strlen (".box")] = '\0';
  return name;
}

static const char *
arch_of (JsonObject *metadata)
{
  const char *arch = get_text (metadata, "architecture");

  if (arch == NULL)
    return NULL;
  if (g_str_equal (arch, "amd64") || g_str_equal (arch, "x86_64"))
    return "x86_64";
  return g_str_equal (arch, "arm64") || g_str_equal (arch, "aarch64") ? "aarch64" : NULL;
}

static ValiseBlueprintDrive *
add_disk (ValisePackage *package, ValiseBlueprint *blueprint, const char *file, const char *format)
{
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (blueprint, VALISE_BLUEPRINT_DISK);

  drive->file = g_strdup (file);
  drive->format = format != NULL ? valise_text_for_display (format, NAME_SHOWN) : NULL;
  valise_image_place_find (package, NULL, file, "metadata.json", blueprint, drive);
  return drive;
}

static void
add_libvirt_disks (ValisePackage *package, ValiseBlueprint *blueprint, JsonObject *metadata)
{
  JsonNode *node = json_object_get_member (metadata, "disks");
  JsonArray *disks = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (disks == NULL)
    {
      ValiseBlueprintDrive *drive = add_disk (package, blueprint, "box.img", get_text (metadata, "format"));

      drive->capacity = get_gib (metadata, "virtual_size") << 30;
      drive->capacity_step = VALISE_GIB;
    }
  for (guint i = 0; disks != NULL && i < json_array_get_length (disks) && i < MOST_DISKS; i++)
    {
      JsonNode *element = json_array_get_element (disks, i);
      JsonObject *disk = JSON_NODE_HOLDS_OBJECT (element) ? json_node_get_object (element) : NULL;
      const char *path = disk != NULL ? get_text (disk, "path") : NULL;

      add_disk (package, blueprint, path != NULL ? path : "", disk != NULL ? get_text (disk, "format") : NULL);
    }
}

/* The plugin's own defaults: everything is virtio unless the box says otherwise. */
static void
set_places (ValiseBlueprint *blueprint, const ValiseVagrantfile *file)
{
  ValiseBlueprintNic *nic = valise_blueprint_add_nic (blueprint);

  nic->model = g_strdup (file->nic_model != NULL ? file->nic_model : "virtio");
  for (guint i = 0; i < blueprint->drives->len; i++)
    {
      ValiseBlueprintDrive *drive = blueprint->drives->pdata[i];

      drive->bus = g_strdup (file->disk_bus != NULL ? file->disk_bus : "virtio");
      drive->unit = g_strdup_printf ("%u", i);
    }
}

static void
apply_vagrantfile (ValisePackage *package, ValiseBlueprint *blueprint)
{
  g_autoptr (ValiseVagrantfile) file = valise_vagrantfile_read (package);

  set_places (blueprint, file);
  if (file->vcpus > 0)
    blueprint->vcpus = (int) file->vcpus;
  blueprint->memory = file->memory;
  blueprint->machine = g_strdup (file->machine);
  if (file->efi)
    blueprint->firmware = VALISE_BLUEPRINT_FIRMWARE_EFI;
  if (file->found)
    valise_blueprint_tell (blueprint, VALISE_SEVERITY_INFO, "vagrantfile", "Vagrantfile",
                           _ ("The Vagrantfile is a program. Plain settings in it were taken, the rest was not run."),
                           NULL);
}

static GPtrArray *
read_libvirt (ValisePackage *package, JsonObject *metadata)
{
  g_autofree char *name = name_from_path (valise_package_get_path (package));
  GPtrArray *machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);
  ValiseBlueprint *blueprint = valise_blueprint_new ("vagrant", name);

  g_ptr_array_add (machines, blueprint);
  blueprint->arch = g_strdup (arch_of (metadata));
  add_libvirt_disks (package, blueprint, metadata);
  apply_vagrantfile (package, blueprint);
  return machines;
}

/* --- for Hyper-V: its settings are binary, its disk is not --- */

static gboolean
is_hyperv_disk (const char *name)
{
  g_autofree char *folded = g_ascii_strdown (name, -1);

  return g_str_has_suffix (folded, ".vhdx") || g_str_has_suffix (folded, ".vhd");
}

static GPtrArray *
read_hyperv (ValisePackage *package, JsonObject *metadata)
{
  g_autofree char *name = name_from_path (valise_package_get_path (package));
  GPtrArray *machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);
  ValiseBlueprint *blueprint = valise_blueprint_new ("vagrant", name);
  GPtrArray *members = valise_package_get_members (package);

  g_ptr_array_add (machines, blueprint);
  blueprint->arch = g_strdup (arch_of (metadata));
  for (guint i = 0; i < members->len && blueprint->drives->len < MOST_DISKS; i++)
    if (is_hyperv_disk (((ValisePackageMember *) members->pdata[i])->name))
      add_disk (package, blueprint, ((ValisePackageMember *) members->pdata[i])->name, NULL);
  valise_blueprint_tell (blueprint, VALISE_SEVERITY_WARNING, "settings-binary", "metadata.json",
                         _ ("The machine's settings are in a form that only Hyper-V reads. Its disks come; processors, "
                            "memory and firmware are chosen here."),
                         _ ("If it does not start, try the other firmware."));
  return machines;
}

/* --- for those that have a reader of their own --- */

static const struct
{
  const char *provider;
  const ValiseReader *reader;
  GPtrArray *(*read) (ValisePackage *package, JsonObject *metadata);
} providers[] = {
  { "virtualbox", &valise_ovf_reader, NULL },
  { "vmware", &valise_vmx_reader, NULL },
  { "vmware_desktop", &valise_vmx_reader, NULL },
  { "vmware_fusion", &valise_vmx_reader, NULL },
  { "vmware_workstation", &valise_vmx_reader, NULL },
  { "parallels", &valise_parallels_reader, NULL },
  { "libvirt", NULL, read_libvirt },
  { "kvm", NULL, read_libvirt },
  { "qemu", NULL, read_libvirt },
  { "hyperv", NULL, read_hyperv },
};

/* The folder as a whole, when only its metadata.json was named. */
static ValisePackage *
whole_package (ValisePackage *package, GError **error)
{
  g_autofree char *folder = NULL;

  if (valise_package_get_main (package) == NULL)
    return g_object_ref (package);
  folder = g_path_get_dirname (valise_package_get_path (package));
  return valise_package_open (folder, error);
}

static GPtrArray *
delegate (const ValiseReader *reader, ValisePackage *package, const char *configuration, GError **error)
{
  g_autoptr (ValisePackage) whole = whole_package (package, error);
  GPtrArray *machines = whole != NULL ? reader->read (whole, configuration, error) : NULL;

  for (guint i = 0; machines != NULL && i < machines->len; i++)
    ((ValiseBlueprint *) machines->pdata[i])->format = "vagrant";
  return machines;
}

static gboolean
recognise (ValisePackage *package)
{
  g_autoptr (JsonObject) metadata = read_metadata (package);

  return metadata != NULL && get_text (metadata, "provider") != NULL;
}

static GPtrArray *
read_box (ValisePackage *package, const char *configuration, GError **error)
{
  g_autoptr (JsonObject) metadata = read_metadata (package);
  const char *provider = metadata != NULL ? get_text (metadata, "provider") : NULL;
  g_autofree char *shown = valise_text_for_display (provider != NULL ? provider : "?", NAME_SHOWN);

  for (gsize i = 0; provider != NULL && i < G_N_ELEMENTS (providers); i++)
    if (g_ascii_strcasecmp (providers[i].provider, provider) == 0)
      return providers[i].reader != NULL ? delegate (providers[i].reader, package, configuration, error)
                                         : providers[i].read (package, metadata);
  g_set_error (
      error, VALISE_READER_ERROR, VALISE_READER_ERROR_REFUSED,
      _ ("%s is a box for “%s”, which Valise cannot take. Take the same box for VirtualBox, VMware or libvirt."),
      valise_package_get_path (package), shown);
  return NULL;
}

const ValiseReader valise_vagrant_reader = { .format = "vagrant", .recognise = recognise, .read = read_box };
