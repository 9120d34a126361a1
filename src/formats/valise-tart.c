/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tart's machines: a folder of three files, or the same as layers of a container image. */
#include "formats/valise-reader.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "formats/valise-disk-header.h"

#define LONGEST_CONFIG (256 * 1024)
#define MOST_NESTED 2000
#define LONGEST_WORD 100
#define MOST_VCPUS 1024
#define CONFIG "config.json"
#define DISK "disk.img"
#define CONFIG_LAYER "application/vnd.cirruslabs.tart.config.v1"
/* Of the first version one stream lies in pieces, of the second each piece is a stream; put together they are the same. */
#define DISK_LAYER "application/vnd.cirruslabs.tart.disk.v"
#define UNPACKED_SIZE "org.cirruslabs.tart.uncompressed-size"
/* Of half a GB each. */
#define MOST_LAYERS 500

/* --- JSON --- */

/* What opens is counted before anybody goes down into it: the parser calls itself. */
static gboolean
is_shallow (const char *text, gsize length)
{
  guint opened = 0;

  for (gsize i = 0; i < length; i++)
    opened += text[i] == '{' || text[i] == '[';
  return opened <= MOST_NESTED;
}

static JsonNode *
read_json (ValisePackage *package, const ValisePackageMember *member, GError **error)
{
  g_autoptr (GBytes) bytes = valise_package_read (package, member, LONGEST_CONFIG, error);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) problem = NULL;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, NULL) : NULL;
  gsize length = bytes != NULL ? g_bytes_get_size (bytes) : 0;
  JsonNode *root = NULL;

  if (text == NULL)
    return NULL;
  if (g_utf8_validate (text, (gssize) length, NULL) && is_shallow (text, length)
      && json_parser_load_from_data (parser, text, (gssize) length, &problem))
    root = json_parser_get_root (parser);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    return json_node_ref (root);
  g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED, _ ("%s is damaged: %s"), member->name,
               problem != NULL ? problem->message : _ ("it holds no settings."));
  return NULL;
}

static JsonNode *
get (JsonObject *object, const char *key, GType type)
{
  JsonNode *node = object != NULL && json_object_has_member (object, key) ? json_object_get_member (object, key) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type ? node : NULL;
}

static const char *
get_text (JsonObject *object, const char *key, const char *usual)
{
  JsonNode *node = get (object, key, G_TYPE_STRING);

  return node != NULL ? json_node_get_string (node) : usual;
}

static gint64
get_number (JsonObject *object, const char *key)
{
  JsonNode *node = get (object, key, G_TYPE_INT64);

  return node != NULL ? MAX (json_node_get_int (node), 0) : 0;
}

/* --- the machine --- */

static const char *
map_arch (const char *arch)
{
  return g_str_equal (arch, "arm64") ? "aarch64" : g_str_equal (arch, "amd64") ? "x86_64" : arch;
}

static void
read_settings (ValiseBlueprint *blueprint, JsonObject *settings, const char *file)
{
  ValiseBlueprintNic *nic;
  const char *system = get_text (settings, "os", "darwin");

  blueprint->os_type = valise_text_for_display (system, LONGEST_WORD);
  blueprint->arch = g_strdup (map_arch (get_text (settings, "arch", "arm64")));
  blueprint->machine = g_strdup (g_str_equal (blueprint->arch, "aarch64") ? "virt" : "q35");
  blueprint->vcpus = (int) MIN (get_number (settings, "cpuCount"), MOST_VCPUS);
  blueprint->memory = (guint64) get_number (settings, "memorySize") / VALISE_MIB;
  blueprint->firmware = VALISE_BLUEPRINT_FIRMWARE_EFI;
  blueprint->serial_ports = 1;
  nic = valise_blueprint_add_nic (blueprint);
  nic->model = g_strdup ("virtio-net-pci");
  nic->network = g_strdup ("nat");
  nic->mac = g_strdup (get_text (settings, "macAddress", NULL));
  if (g_str_equal (system, "darwin") || json_object_has_member (settings, "hardwareModel"))
    valise_blueprint_refuse (blueprint, "macos-guest", file, _ ("The guest is macOS, which only runs on a Mac."),
                             _ ("Keep using it on the Mac."));
}

static void
read_disk (ValisePackage *package, ValiseBlueprint *blueprint, const char *folder, const char *file)
{
  const ValisePackageMember *disk = valise_package_find (package, folder, DISK);
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (blueprint, VALISE_BLUEPRINT_DISK);

  drive->bus = g_strdup ("virtio");
  drive->unit = g_strdup ("0");
  drive->file = g_strdup (DISK);
  drive->format = g_strdup ("raw");
  if (disk != NULL)
    valise_disk_header_apply (package, disk, blueprint, drive, disk->name);
  else
    valise_blueprint_tell (blueprint, VALISE_SEVERITY_ERROR, "disk-missing", file,
                           _ ("The machine's disk, disk.img, is not there."), _ ("Copy the machine's whole folder."));
  if (valise_package_find (package, folder, "nvram.bin") != NULL)
    valise_blueprint_tell (blueprint, VALISE_SEVERITY_INFO, "nvram-new", file,
                           _ ("The firmware's variables are Apple's own; the machine begins with fresh ones and starts "
                              "from the disk's fallback path."),
                           NULL);
}

/* --- a folder --- */

static const char *
folder_of (const ValisePackageMember *member, char **folder)
{
  g_free (*folder);
  *folder = g_path_get_dirname (member->name);
  return g_str_equal (*folder, ".") ? NULL : *folder;
}

/* Whether a config.json of that many programs is Tart's: it counts processors beside a disk. */
static gboolean
is_config (ValisePackage *package, const ValisePackageMember *member)
{
  g_autofree char *folder = NULL;
  g_autoptr (JsonNode) settings = NULL;

  if (!g_str_equal (member->name, CONFIG) && !g_str_has_suffix (member->name, "/" CONFIG))
    return FALSE;
  if (valise_package_find (package, folder_of (member, &folder), DISK) == NULL
      && valise_package_find (package, folder, "nvram.bin") == NULL)
    return FALSE;
  settings = read_json (package, member, NULL);
  return settings != NULL && json_object_has_member (json_node_get_object (settings), "cpuCount")
         && json_object_has_member (json_node_get_object (settings), "memorySize");
}

/* The shallowest, or what was named: the settings or the disk beside them. */
static const ValisePackageMember *
find_config (ValisePackage *package)
{
  const ValisePackageMember *main_member = valise_package_get_main (package);
  GPtrArray *members = valise_package_get_members (package);

  if (main_member != NULL && !g_str_equal (main_member->name, CONFIG) && !g_str_equal (main_member->name, DISK))
    return NULL;
  for (guint i = 0; i < members->len; i++)
    {
      const ValisePackageMember *member = members->pdata[i];

      if ((main_member == NULL || strchr (member->name, '/') == NULL) && is_config (package, member))
        return member;
    }
  return NULL;
}

static char *
make_name (ValisePackage *package, const char *folder)
{
  const char *path = valise_package_get_path (package);
  g_autofree char *around = valise_package_get_main (package) != NULL ? g_path_get_dirname (path) : g_strdup (path);

  return g_path_get_basename (folder != NULL ? folder : around);
}

static ValiseBlueprint *
read_machine (ValisePackage *package, const ValisePackageMember *config, GError **error)
{
  g_autofree char *room = NULL, *name = NULL;
  const char *folder = folder_of (config, &room);
  g_autoptr (JsonNode) settings = read_json (package, config, error);
  ValiseBlueprint *blueprint;

  if (settings == NULL)
    return NULL;
  name = make_name (package, folder);
  blueprint = valise_blueprint_new ("tart", name);
  read_settings (blueprint, json_node_get_object (settings), config->name);
  if (!blueprint->refused)
    read_disk (package, blueprint, folder, config->name);
  return blueprint;
}

/* --- layers --- */

static JsonArray *
get_array (JsonObject *object, const char *key)
{
  JsonNode *node = object != NULL && json_object_has_member (object, key) ? json_object_get_member (object, key) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

/* "sha256:HEX" lies in blobs/sha256/HEX. */
static const ValisePackageMember *
find_blob (ValisePackage *package, JsonObject *descriptor)
{
  const char *digest = get_text (descriptor, "digest", "");
  g_autofree char *name = NULL;

  if (!g_regex_match_simple ("^sha256:[0-9a-f]{64}$", digest, 0, 0))
    return NULL;
  name = g_strconcat ("blobs/sha256/", digest + strlen ("sha256:"), NULL);
  return valise_package_lookup (package, name);
}

static JsonObject *
get_object (JsonObject *object, const char *key)
{
  JsonNode *node = object != NULL && json_object_has_member (object, key) ? json_object_get_member (object, key) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonObject *
nth_object (JsonArray *array, guint index)
{
  JsonNode *node =
      array != NULL && index < json_array_get_length (array) ? json_array_get_element (array, index) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* The first image in the layout. (transfer full) (nullable) */
static JsonNode *
read_image (ValisePackage *package)
{
  const ValisePackageMember *index = valise_package_lookup (package, "index.json"), *manifest;
  g_autoptr (JsonNode) list = index != NULL ? read_json (package, index, NULL) : NULL;

  if (list == NULL || valise_package_lookup (package, "oci-layout") == NULL)
    return NULL;
  manifest = find_blob (package, nth_object (get_array (json_node_get_object (list), "manifests"), 0));
  return manifest != NULL ? read_json (package, manifest, NULL) : NULL;
}

/* The blob of its settings, or NULL when it is none of Tart's. */
static const ValisePackageMember *
find_layer (ValisePackage *package)
{
  g_autoptr (JsonNode) image = read_image (package);
  JsonArray *layers = image != NULL ? get_array (json_node_get_object (image), "layers") : NULL;
  for (guint i = 0; layers != NULL && i < json_array_get_length (layers); i++)
    if (g_str_equal (get_text (nth_object (layers, i), "mediaType", ""), CONFIG_LAYER))
      return find_blob (package, nth_object (layers, i));
  return NULL;
}

/* The pieces of the disk, each with its digest; FALSE when one is not there. */
static gboolean
collect_layers (ValisePackage *package, JsonArray *layers, GPtrArray *names, GString *digests, guint64 *bytes)
{
  for (guint i = 0; layers != NULL && i < json_array_get_length (layers); i++)
    {
      JsonObject *layer = nth_object (layers, i);
      const ValisePackageMember *blob;
      guint64 size = 0;

      if (layer == NULL || !g_str_has_prefix (get_text (layer, "mediaType", ""), DISK_LAYER))
        continue;
      blob = find_blob (package, layer);
      if (blob == NULL || names->len >= MOST_LAYERS)
        return FALSE;
      g_ptr_array_add (names, g_strdup (blob->name));
      g_string_append_printf (digests, "%s%s", digests->len > 0 ? " " : "", get_text (layer, "digest", "-"));
      g_ascii_string_to_unsigned (get_text (get_object (layer, "annotations"), UNPACKED_SIZE, ""), 10, 0,
                                  G_MAXINT64 / MOST_LAYERS, &size, NULL);
      *bytes += size;
    }
  return names->len > 0;
}

/* The disk was cut into pieces, and each was packed. */
static void
add_layers (ValisePackage *package, ValiseBlueprint *blueprint, const char *file)
{
  g_autoptr (JsonNode) image = read_image (package);
  JsonArray *layers = image != NULL ? get_array (json_node_get_object (image), "layers") : NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) digests = g_string_new (NULL);
  guint64 bytes = 0;
  gboolean all = collect_layers (package, layers, names, digests, &bytes);
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (blueprint, VALISE_BLUEPRINT_DISK);

  drive->bus = g_strdup ("virtio");
  drive->unit = g_strdup ("0");
  drive->file = g_strdup (DISK);
  drive->format = g_strdup ("raw");
  drive->capacity = bytes;
  if (!all)
    {
      valise_blueprint_tell (blueprint, VALISE_SEVERITY_ERROR, "disk-missing", file,
                             _ ("Not all layers of the disk are there."), _ ("Copy the whole layout."));
      return;
    }
  g_ptr_array_add (names, NULL);
  drive->parts = (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
  drive->compression = "lz4-apple";
  drive->digest = g_string_free (g_steal_pointer (&digests), FALSE);
  valise_blueprint_tell (blueprint, VALISE_SEVERITY_INFO, "nvram-new", file,
                         _ ("The firmware's variables are Apple's own; the machine begins with fresh ones and starts "
                            "from the disk's fallback path."),
                         NULL);
}

static ValiseBlueprint *
read_layers (ValisePackage *package, const ValisePackageMember *config, GError **error)
{
  g_autofree char *name = make_name (package, NULL);
  g_autoptr (JsonNode) settings = config != NULL ? read_json (package, config, error) : NULL;
  ValiseBlueprint *blueprint;

  if (settings == NULL)
    return NULL;
  blueprint = valise_blueprint_new ("tart", name);
  read_settings (blueprint, json_node_get_object (settings), config->name);
  if (!blueprint->refused)
    add_layers (package, blueprint, config->name);
  return blueprint;
}

/* --- the reader --- */

static gboolean
recognise (ValisePackage *package)
{
  return find_config (package) != NULL || find_layer (package) != NULL;
}

static GPtrArray *
read_machines (ValisePackage *package, const char *configuration, GError **error)
{
  const ValisePackageMember *config = find_config (package);
  ValiseBlueprint *machine =
      config != NULL ? read_machine (package, config, error) : read_layers (package, find_layer (package), error);
  GPtrArray *machines;

  (void) configuration;
  if (machine == NULL)
    return NULL;
  machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);
  g_ptr_array_add (machines, machine);
  return machines;
}

const ValiseReader valise_tart_reader = { "tart", recognise, read_machines };
