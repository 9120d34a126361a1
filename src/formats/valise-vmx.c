/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "formats/valise-boot-order.h"
#include "formats/valise-reader.h"
#include "formats/valise-vmx-private.h"

#define LONGEST ((gsize) 4 * 1024 * 1024)
/* A folder is one machine, or some that somebody keeps together. */
#define MOST_MACHINES 64
#define MOST_VCPUS 4096
#define MOST_MEMORY (G_GUINT64_CONSTANT (64) * 1024 * 1024)
#define DEFAULT_MEMORY 32
#define NAME_SHOWN 120

/* --- settings --- */

char *
_valise_vmx_key (const char *device, const char *setting)
{
  return g_strconcat (device, ".", setting, NULL);
}

const char *
_valise_vmx_get (ValiseVmx *self, const char *device, const char *setting)
{
  g_autofree char *key = _valise_vmx_key (device, setting);

  return valise_vmx_text_get_filled (self->text, key);
}

gboolean
_valise_vmx_is_on (ValiseVmx *self, const char *device, const char *setting)
{
  g_autofree char *key = _valise_vmx_key (device, setting);

  return valise_vmx_text_is_on (self->text, key);
}

static gboolean
was_told (ValiseVmx *self, const char *code, const char *place)
{
  for (guint i = 0; i < self->blueprint->findings->len; i++)
    {
      const ValiseFinding *finding = self->blueprint->findings->pdata[i];

      if (g_str_equal (finding->code, code) && g_strcmp0 (finding->where, place) == 0)
        return TRUE;
    }
  return FALSE;
}

void
_valise_vmx_tell (ValiseVmx *self,
                  ValiseSeverity severity,
                  const char *code,
                  const char *key,
                  const char *text,
                  const char *remedy)
{
  g_autofree char *place = valise_vmx_text_place (self->text, key);
  g_autofree char *shown = valise_text_for_display (place, NAME_SHOWN);

  /* A controller's line is met with each of its disks. */
  if (!was_told (self, code, shown))
    valise_blueprint_tell (self->blueprint, severity, code, shown, text, remedy);
}

static void
refuse (ValiseVmx *self, const char *code, const char *key, const char *text, const char *remedy)
{
  _valise_vmx_tell (self, VALISE_SEVERITY_ERROR, code, key, text, remedy);
  self->blueprint->refused = TRUE;
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint first = *(const guint *) a, second = *(const guint *) b;

  return first < second ? -1 : first > second;
}

GArray *
_valise_vmx_numbers (ValiseVmx *self, const char *prefix)
{
  g_autoptr (GPtrArray) keys = valise_vmx_text_keys (self->text);
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < keys->len; i++)
    {
      const char *key = keys->pdata[i];
      g_autofree char *number = NULL;
      guint64 n;

      if (!g_str_has_prefix (key, prefix) || !g_str_has_suffix (key, ".present")
          || strlen (key) <= strlen (prefix) + strlen (".present") || !valise_vmx_text_is_on (self->text, key))
        continue;
      number = g_strndup (key + strlen (prefix), strlen (key) - strlen (prefix) - strlen (".present"));
      if (g_ascii_string_to_unsigned (number, 10, 0, 255, &n, NULL))
        g_array_append_vals (numbers, &(guint){ (guint) n }, 1);
    }
  g_array_sort (numbers, compare_numbers);
  return numbers;
}

/* A number that is none, or one that no machine has, needs somebody to say what was meant. */
static guint64
read_number (ValiseVmx *self, const char *key, guint64 usual, guint64 most)
{
  const char *written = valise_vmx_text_get_filled (self->text, key);
  g_autofree char *wrong = NULL;
  guint64 number;

  if (written == NULL)
    return usual;
  if (valise_blueprint_read_number (key, written, most, &number, &wrong))
    return number;
  _valise_vmx_tell (self, VALISE_SEVERITY_ERROR, "number", key, wrong, _ ("Say what it should be."));
  return 0;
}

/* --- the machine --- */

static void
read_size (ValiseVmx *self)
{
  guint64 vcpus = read_number (self, "numvcpus", 1, MOST_VCPUS);

  self->blueprint->vcpus = vcpus > 0 ? (int) vcpus : -1;
  self->blueprint->memory = read_number (self, "memsize", DEFAULT_MEMORY, MOST_MEMORY);
  self->blueprint->cores_per_socket = (guint) read_number (self, "cpuid.coresPerSocket", 0, MOST_VCPUS);
}

static void
tell_variables (ValiseVmx *self)
{
  const char *file = valise_vmx_text_get_filled (self->text, "nvram");

  if (file != NULL && valise_package_find (self->package, self->folder, file) != NULL)
    _valise_vmx_tell (self, VALISE_SEVERITY_INFO, "nvram-new", "nvram",
                      _ ("The firmware of VMware keeps its settings in a way that no other understands. They begin "
                         "anew; the system is found by its usual place on the disk."),
                      NULL);
}

/* Without a list VMware starts from what can be taken out, then from the disks; ours is the same but for the disks,
 * which have a list of their own. */
static void
read_order (ValiseVmx *self)
{
  const char *words = valise_vmx_text_get_filled (self->text, "bios.bootOrder");
  const char *disks = valise_vmx_text_get_filled (self->text, "bios.hddOrder");
  g_autoptr (GArray) cards = _valise_vmx_numbers (self, "ethernet");

  if (words != NULL || disks != NULL)
    valise_boot_order_add_vmware (self->blueprint, words != NULL ? words : "floppy,hdd,cdrom", disks, cards);
}

static void
read_firmware (ValiseVmx *self)
{
  const char *firmware = valise_vmx_text_get_filled (self->text, "firmware");

  if (firmware != NULL && g_ascii_strcasecmp (firmware, "efi") == 0)
    self->blueprint->firmware = VALISE_BLUEPRINT_FIRMWARE_EFI;
  else if (firmware != NULL && g_ascii_strcasecmp (firmware, "bios") == 0)
    self->blueprint->firmware = VALISE_BLUEPRINT_FIRMWARE_BIOS;
  self->blueprint->secure_boot = valise_vmx_text_is_on (self->text, "uefi.secureBoot.enabled");
  if (self->blueprint->firmware == VALISE_BLUEPRINT_FIRMWARE_EFI)
    tell_variables (self);
}

static void
read_tpm (ValiseVmx *self)
{
  const char *added = valise_vmx_text_get_filled (self->text, "managedvm.autoAddVTPM");

  self->blueprint->tpm = valise_vmx_text_is_on (self->text, "vtpm.present")
                         || (added != NULL && g_ascii_strcasecmp (added, "software") == 0);
  if (self->blueprint->tpm)
    _valise_vmx_tell (self, VALISE_SEVERITY_WARNING, "tpm-new", "vtpm.present",
                      _ ("What is in the security chip cannot be taken along; the machine gets an empty one."),
                      _ ("Have the recovery key at hand when Windows encrypts its disk (BitLocker)."));
}

static void
read_system (ValiseVmx *self)
{
  const char *system = valise_vmx_text_get_filled (self->text, "guestOS");

  if (system == NULL)
    return;
  self->blueprint->os_type = valise_text_for_display (system, NAME_SHOWN);
  self->blueprint->arch = g_strdup (g_ascii_strncasecmp (system, "arm-", 4) == 0 ? "aarch64" : "x86_64");
  self->blueprint->local_time = g_ascii_strncasecmp (system, "win", 3) == 0;
  if (g_ascii_strncasecmp (system, "darwin", 6) == 0)
    refuse (self, "guest-macos", "guestOS", _ ("The machine runs macOS, which starts on Apple's computers only."),
            NULL);
}

static gboolean
is_encrypted (ValiseVmxText *text)
{
  return valise_vmx_text_get_filled (text, "encryption.keySafe") != NULL
         || valise_vmx_text_get_filled (text, "encryption.data") != NULL;
}

static void
check_whole (ValiseVmx *self)
{
  const char *twice = valise_vmx_text_contradiction (self->text);
  g_autofree char *shown = twice != NULL ? valise_text_for_display (twice, NAME_SHOWN) : NULL;
  g_autofree char *text = NULL;

  if (is_encrypted (self->text))
    refuse (self, "encrypted", "encryption.keySafe", _ ("The machine is encrypted, and only VMware can read it."),
            _ ("In VMware, remove the encryption (Settings, Options, Access Control) and bring it in again."));
  if (twice == NULL)
    return;
  text = g_strdup_printf (_ ("“%s” stands there twice, with different values."), shown);
  refuse (self, "key-twice", twice, text, _ ("Remove the line that is wrong."));
}

static void
check_state (ValiseVmx *self)
{
  g_autofree char *lock = g_strconcat (self->member->name, ".lck/", NULL);
  GPtrArray *members = valise_package_get_members (self->package);

  if (valise_vmx_text_get_filled (self->text, "checkpoint.vmState") != NULL)
    _valise_vmx_tell (self, VALISE_SEVERITY_WARNING, "suspended", "checkpoint.vmState",
                      _ ("The machine was suspended. It will start afresh, as after a power cut."),
                      _ ("To lose nothing, resume it in VMware and shut it down first."));
  for (guint i = 0; i < members->len; i++)
    if (g_str_has_prefix (((ValisePackageMember *) members->pdata[i])->name, lock))
      {
        _valise_vmx_tell (self, VALISE_SEVERITY_WARNING, "in-use", "",
                          _ ("VMware has the machine open, or had it when it crashed."),
                          _ ("Shut the machine down in VMware first; copied while it runs its disks are damaged."));
        return;
      }
}

static void
check_snapshots (ValiseVmx *self)
{
  g_autofree char *base = g_strndup (self->member->name, strlen (self->member->name) - strlen (".vmx"));
  g_autofree char *name = g_strconcat (base, ".vmsd", NULL);
  const ValisePackageMember *member = valise_package_lookup (self->package, name);
  g_autoptr (GBytes) bytes = member != NULL ? valise_package_read (self->package, member, LONGEST, NULL) : NULL;
  g_autoptr (ValiseVmxText) text = bytes != NULL ? valise_vmx_text_parse (bytes, name) : NULL;
  const char *written = text != NULL ? valise_vmx_text_get_filled (text, "snapshot.numSnapshots") : NULL;
  g_autofree char *said = NULL, *place = NULL;
  guint64 number;

  if (written == NULL || !g_ascii_string_to_unsigned (written, 10, 1, 10000, &number, NULL))
    return;
  place = valise_vmx_text_place (text, "snapshot.numSnapshots");
  said = g_strdup_printf (ngettext ("%u snapshot stays behind. The machine comes as it is now.",
                                    "%u snapshots stay behind. The machine comes as it is now.", (gulong) number),
                          (guint) number);
  valise_blueprint_tell (self->blueprint, VALISE_SEVERITY_INFO, "snapshots-left", place, said, NULL);
}

/* --- read --- */

static char *
name_from_file (const char *member)
{
  char *name = g_path_get_basename (member);

  if (g_str_has_suffix (name, ".vmx") || g_str_has_suffix (name, ".VMX"))
    name[strlen (name) - strlen (".vmx")] = '\0';
  return name;
}

static ValiseBlueprint *
read_machine (ValisePackage *package, const ValisePackageMember *member, ValiseVmxText *text)
{
  g_autofree char *folder = valise_package_member_folder (member);
  g_autofree char *name = name_from_file (member->name);
  ValiseVmx self = { .package = package, .member = member, .folder = folder, .text = text };

  self.blueprint = valise_blueprint_new ("vmx", name);
  valise_blueprint_set_name (self.blueprint, valise_vmx_text_get_filled (text, "displayName"));
  check_whole (&self);
  read_size (&self);
  read_firmware (&self);
  read_tpm (&self);
  read_system (&self);
  _valise_vmx_add_drives (&self);
  _valise_vmx_add_cards (&self);
  read_order (&self);
  _valise_vmx_add_asks (&self);
  check_state (&self);
  if (g_str_has_suffix (member->name, ".vmx"))
    check_snapshots (&self);
  return self.blueprint;
}

/* --- recognised --- */

static ValiseVmxText *
read_text (ValisePackage *package, const ValisePackageMember *member)
{
  g_autoptr (GBytes) bytes = member->size <= LONGEST ? valise_package_read (package, member, LONGEST, NULL) : NULL;
  g_autofree char *name = g_path_get_basename (member->name);

  return bytes != NULL ? valise_vmx_text_parse (bytes, name) : NULL;
}

/* The settings that every VMX file begins with; an encrypted one has hardly more than its own. */
static gboolean
is_machine (ValiseVmxText *text)
{
  return valise_vmx_text_get_filled (text, "config.version") != NULL
         || valise_vmx_text_get_filled (text, "virtualHW.version") != NULL || is_encrypted (text);
}

static void
add_machine (GPtrArray *machines, ValisePackage *package, const ValisePackageMember *member)
{
  g_autoptr (ValiseVmxText) text = machines->len < MOST_MACHINES ? read_text (package, member) : NULL;

  if (text != NULL && is_machine (text))
    g_ptr_array_add (machines, read_machine (package, member, text));
}

/* Those that lie least deep: what is further down belongs to a machine, or is a copy. */
static GPtrArray *
read_folder (ValisePackage *package)
{
  GPtrArray *machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);
  GPtrArray *members = valise_package_get_members (package);

  for (guint depth = 0; depth < 3 && machines->len == 0; depth++)
    for (guint i = 0; i < members->len; i++)
      if (valise_package_member_ends (members->pdata[i], ".vmx")
          && valise_package_member_depth (members->pdata[i]) == depth)
        add_machine (machines, package, members->pdata[i]);
  return machines;
}

static gboolean
recognise (ValisePackage *package)
{
  const ValisePackageMember *named = valise_package_get_main (package);
  GPtrArray *members = valise_package_get_members (package);
  g_autoptr (ValiseVmxText) text = named != NULL ? read_text (package, named) : NULL;

  if (named != NULL)
    return text != NULL && is_machine (text);
  for (guint i = 0; i < members->len; i++)
    {
      g_autoptr (ValiseVmxText) found =
          valise_package_member_ends (members->pdata[i], ".vmx") ? read_text (package, members->pdata[i]) : NULL;

      if (found != NULL && is_machine (found))
        return TRUE;
    }
  return FALSE;
}

static GPtrArray *
read_machines (ValisePackage *package, const char *configuration, GError **error)
{
  const ValisePackageMember *named = valise_package_get_main (package);
  g_autoptr (GPtrArray) machines = NULL;

  if (named == NULL)
    machines = read_folder (package);
  else
    {
      machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);
      add_machine (machines, package, named);
    }
  if (machines->len > 0)
    return g_steal_pointer (&machines);
  g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED,
               _ ("%s holds no machine of VMware that can be read."), valise_package_get_path (package));
  return NULL;
}

const ValiseReader valise_vmx_reader = { .format = "vmx", .recognise = recognise, .read = read_machines };
