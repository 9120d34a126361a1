/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTM's bundles of all generations: which one it is, and what they share. */
#include "formats/valise-utm-private.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "base/valise-path.h"
#include "formats/valise-disk-header.h"
#include "formats/valise-efi-variables.h"

#define LONGEST_CONFIG (1024 * 1024)
#define CONFIG "config.plist"
#define MOST_DEVICES 64
#define VARIABLES "efi_vars.fd"
#define SUFFIX ".utm"
#define MOST_MACHINES 64

/* --- where it lies --- */

static gboolean
has_suffix (const char *name, const char *suffix)
{
  gsize length = strlen (name), tail = strlen (suffix);

  return length >= tail && g_ascii_strcasecmp (name + length - tail, suffix) == 0;
}

/* "X.utm/config.plist", or the package's own; not what a Mac left beside it in a zip. */
static gboolean
is_config (const ValisePackageMember *member)
{
  g_autofree char *folder = g_path_get_dirname (member->name);

  if (g_str_equal (member->name, CONFIG))
    return TRUE;
  return valise_package_member_ends (member, "/" CONFIG) && has_suffix (folder, SUFFIX)
         && !g_str_has_prefix (member->name, "__MACOSX/");
}

/* (element-type ValisePackageMember): of all bundles that lie at the same, the least depth: what is wrapped in another
 * one is found, what somebody stored inside a machine is not. */
static GPtrArray *
find_configs (ValisePackage *package)
{
  const ValisePackageMember *main_member = valise_package_get_main (package);
  GPtrArray *members = valise_package_get_members (package);
  GPtrArray *found = g_ptr_array_new ();
  guint least = G_MAXUINT;

  for (guint i = 0; i < members->len; i++)
    {
      const ValisePackageMember *member = members->pdata[i];

      if (!is_config (member) || (main_member != NULL && member != main_member))
        continue;
      if (valise_package_member_depth (member) < least)
        g_ptr_array_set_size (found, 0);
      least = MIN (least, valise_package_member_depth (member));
      if (valise_package_member_depth (member) == least && found->len < MOST_MACHINES)
        g_ptr_array_add (found, (gpointer) member);
    }
  return found;
}

static char *
bundle_name (ValisePackage *package, const char *root)
{
  const char *path = valise_package_get_path (package);
  g_autofree char *folder = valise_package_get_main (package) != NULL ? g_path_get_dirname (path) : g_strdup (path);
  char *name = g_path_get_basename (*root != '\0' ? root : folder);

  if (has_suffix (name, SUFFIX) && strlen (name) > strlen (SUFFIX))
    name[strlen (name) - strlen (SUFFIX)] = '\0';
  return name;
}

/* --- what the generations share --- */

static char *
make_place (ValiseUtm *self, const char *place)
{
  return place != NULL ? g_strdup_printf ("%s: %s", self->config, place) : g_strdup (self->config);
}

void
_valise_utm_tell (ValiseUtm *self,
                  ValiseSeverity severity,
                  const char *code,
                  const char *place,
                  const char *text,
                  const char *remedy)
{
  g_autofree char *where = make_place (self, place);

  valise_blueprint_tell (self->blueprint, severity, code, where, text, remedy);
}

void
_valise_utm_refuse (ValiseUtm *self, const char *code, const char *place, const char *text, const char *remedy)
{
  g_autofree char *where = make_place (self, place);

  valise_blueprint_refuse (self->blueprint, code, where, text, remedy);
}

void
_valise_utm_ask (ValiseUtm *self, char *text)
{
  g_ptr_array_add (self->blueprint->asks, valise_text_for_display (text, 400));
  g_free (text);
}

void
_valise_utm_ask_for_network (ValiseUtm *self)
{
  _valise_utm_ask (self, g_strdup (_ ("Be in the same network as this computer (bridged)")));
  valise_blueprint_wish_network (self->blueprint);
}

static const ValisePackageMember *
find (ValiseUtm *self, const char *name)
{
  if (strchr (name, '/') != NULL || *name == '\0' || *name == '.')
    return NULL;
  return valise_package_find (self->package, self->images, name);
}

static char *
find_member (ValiseUtm *self, const char *name, ValiseSeverity severity, const char *place)
{
  const ValisePackageMember *member = find (self, name);
  g_autofree char *shown = valise_text_for_display (name, 200), *text = NULL;

  if (member != NULL)
    return g_strdup (member->name);
  text = strchr (name, '/') != NULL
             ? g_strdup_printf (_ ("“%s” leads out of the machine's folder and is not read."), shown)
             : g_strdup_printf (_ ("The file “%s” is not in the machine's folder."), shown);
  _valise_utm_tell (self, severity, "disk-missing", place, text,
                    _ ("Put the file there, or bring the machine in without it."));
  return NULL;
}

char *
_valise_utm_member (ValiseUtm *self, const char *name, const char *place)
{
  return find_member (self, name, VALISE_SEVERITY_ERROR, place);
}

/* What UTM would make of the file without looking at it; the bytes decide when they are there. */
static const char *
guess_format (const char *name)
{
  static const char *const formats[][2] = {
    { ".qcow2", "qcow2" }, { ".vmdk", "vmdk" }, { ".vdi", "vdi" }, { ".vhdx", "vhdx" }, { ".vhd", "vpc" }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (has_suffix (name, formats[i][0]))
      return formats[i][1];
  return "raw";
}

static void
add_image (ValiseUtm *self, ValiseBlueprintDrive *drive, const char *name, const char *place)
{
  const ValisePackageMember *member;

  drive->file = g_strdup (name);
  drive->format = g_strdup (guess_format (name));
  /* A machine does without its CDs. */
  drive->member =
      find_member (self, name, drive->device == VALISE_BLUEPRINT_DISK ? VALISE_SEVERITY_ERROR : VALISE_SEVERITY_WARNING,
                   place);
  member = drive->member != NULL ? valise_package_lookup (self->package, drive->member) : NULL;
  if (member != NULL)
    valise_disk_header_apply (self->package, member, self->blueprint, drive, member->name);
}

ValiseBlueprintDrive *
_valise_utm_add_drive (ValiseUtm *self,
                       ValiseBlueprintDevice device,
                       const char *bus,
                       const char *name,
                       const char *place)
{
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (self->blueprint, device);

  drive->bus = bus != NULL && *bus != '\0' ? g_ascii_strdown (bus, -1) : NULL;
  if (device == VALISE_BLUEPRINT_FLOPPY)
    {
      g_free (drive->bus);
      drive->bus = g_strdup ("fdc");
    }
  if (device == VALISE_BLUEPRINT_DISK)
    drive->unit = g_strdup_printf ("%u", self->disks++);
  drive->read_only = device == VALISE_BLUEPRINT_CDROM;
  if (name != NULL && *name != '\0')
    add_image (self, drive, name, place);
  return drive;
}

void
_valise_utm_read_items (ValiseUtm *self, const char *key, ValiseUtmRead read)
{
  plist_t items = valise_plist_get (self->settings, key, PLIST_ARRAY);

  for (guint i = 0; i < MIN (valise_plist_count (items), MOST_DEVICES); i++)
    {
      g_autofree char *place = g_strdup_printf ("%s[%u]", key, i);
      plist_t item = valise_plist_nth (items, i);

      if (item != NULL)
        read (self, item, place);
    }
  if (valise_plist_count (items) > MOST_DEVICES)
    _valise_utm_tell (self, VALISE_SEVERITY_WARNING, "too-many", key,
                      _ ("There are more devices than any machine has; the rest is left out."), NULL);
}

void
_valise_utm_read_firmware (ValiseUtm *self, gboolean has_uefi, gboolean uefi)
{
  ValiseBlueprint *blueprint = self->blueprint;
  const ValisePackageMember *variables = find (self, VARIABLES);

  if (has_uefi)
    blueprint->firmware = uefi ? VALISE_BLUEPRINT_FIRMWARE_EFI : VALISE_BLUEPRINT_FIRMWARE_BIOS;
  if (uefi && variables != NULL)
    valise_efi_variables_apply (self->package, variables, blueprint, variables->name);
  if (self->own_firmware)
    _valise_utm_tell (self, VALISE_SEVERITY_WARNING, "firmware-own", NULL,
                      _ ("The machine brings a firmware of its own, which is not carried over."),
                      _ ("If the guest does not start, look at the firmware on the page Boot."));
}

void
_valise_utm_read_mac (ValiseUtm *self, const char *mac, const char *place)
{
  ValiseBlueprintNic *nic = self->blueprint->nics->pdata[self->blueprint->nics->len - 1];
  guint bytes[6];
  char end;

  nic->mac = g_strdup (mac);
  if (mac == NULL || *mac == '\0')
    return;
  if (strlen (mac) != 17
      || sscanf (mac, "%2x:%2x:%2x:%2x:%2x:%2x%c", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4], &bytes[5],
                 &end)
             != 6)
    _valise_utm_tell (self, VALISE_SEVERITY_INFO, "mac-invalid", place,
                      _ ("The network card's address is none; the machine gets a new one."), NULL);
  else if (bytes[0] & 1)
    _valise_utm_tell (self, VALISE_SEVERITY_INFO, "mac-multicast", place,
                      _ ("The network card's address is one for groups of machines; it gets the next that is not."),
                      NULL);
}

/* --- read --- */

static gboolean
is_apple (plist_t settings)
{
  g_autofree char *backend = valise_plist_get_text (settings, "Backend");

  return g_strcmp0 (backend, "Apple") == 0;
}

/* The version decides which words are looked for; 0 for none that is known. */
static void (*choose_generation (plist_t settings)) (ValiseUtm *)
{
  g_autofree char *backend = valise_plist_get_text (settings, "Backend");
  guint64 version = valise_plist_get_number (settings, "ConfigurationVersion", 1000, 0);

  if (backend != NULL)
    return version != 4                    ? NULL
           : g_str_equal (backend, "QEMU") ? _valise_utm_read_v4
           : is_apple (settings)           ? _valise_utm_read_apple
                                           : NULL;
  if (valise_plist_get_flag (settings, "isAppleVirtualization", FALSE))
    return valise_plist_get_number (settings, "version", 1000, 0) <= 3 ? _valise_utm_read_old_apple : NULL;
  return version <= 2 && valise_plist_get (settings, "System", PLIST_DICT) != NULL ? _valise_utm_read_v2 : NULL;
}

static gboolean
keeps_images_apart (void (*generation) (ValiseUtm *))
{
  return generation == _valise_utm_read_v2;
}

static void
tell_state (ValiseUtm *self)
{
  if (find (self, "vmstate") != NULL)
    _valise_utm_tell (self, VALISE_SEVERITY_WARNING, "suspended", NULL,
                      _ ("The machine was suspended. Its memory does not come along: to the guest it will look like a "
                         "power cut."),
                      _ ("Better shut the guest down on the Mac first."));
  if (self->blueprint->tpm && find (self, "tpmdata") != NULL)
    _valise_utm_tell (self, VALISE_SEVERITY_WARNING, "tpm-new", NULL, _ ("The security chip begins empty here."),
                      _ ("If the guest encrypts its disk (BitLocker), have its recovery key at hand."));
}

static ValiseBlueprint *
read_settings (ValisePackage *package, const ValisePackageMember *config, plist_t settings, GError **error)
{
  void (*generation) (ValiseUtm *) = choose_generation (settings);
  g_autofree char *folder = g_path_get_dirname (config->name);
  const char *root = g_str_equal (folder, ".") ? "" : folder;
  g_autofree char *images = NULL, *name = bundle_name (package, root);
  ValiseUtm utm = { .package = package, .config = config->name, .settings = settings };

  if (generation == NULL)
    {
      g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_REFUSED,
                   _ ("%s is of a version of UTM that is not known. Update Valise, or save the machine with an older "
                      "UTM."),
                   config->name);
      return NULL;
    }
  images = g_strconcat (root, *root != '\0' ? "/" : "", keeps_images_apart (generation) ? "Images" : "Data", NULL);
  utm.root = folder;
  utm.images = images;
  utm.blueprint = valise_blueprint_new ("utm", name);
  generation (&utm);
  tell_state (&utm);
  return utm.blueprint;
}

static ValiseBlueprint *
read_config (ValisePackage *package, const ValisePackageMember *config, GError **error)
{
  g_autoptr (GBytes) bytes = valise_package_read (package, config, LONGEST_CONFIG, error);
  g_autoptr (ValisePlist) settings = bytes != NULL ? valise_plist_parse (bytes, config->name, error) : NULL;

  return settings != NULL ? read_settings (package, config, settings, error) : NULL;
}

static gboolean
recognise (ValisePackage *package)
{
  g_autoptr (GPtrArray) configs = find_configs (package);

  return configs->len > 0;
}

static GPtrArray *
read_machines (ValisePackage *package, const char *configuration, GError **error)
{
  g_autoptr (GPtrArray) configs = find_configs (package);
  g_autoptr (GPtrArray) machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);

  (void) configuration;
  for (guint i = 0; i < configs->len; i++)
    {
      ValiseBlueprint *machine = read_config (package, configs->pdata[i], error);

      if (machine == NULL)
        return NULL;
      g_ptr_array_add (machines, machine);
    }
  return g_steal_pointer (&machines);
}

const ValiseReader valise_utm_reader = { "utm", recognise, read_machines };
