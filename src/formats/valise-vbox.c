/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "formats/valise-boot-order.h"
#include "formats/valise-reader.h"
#include "formats/valise-vbox-private.h"

#define LONGEST ((gsize) 4 * 1024 * 1024)
#define MOST_MACHINES 64
#define MOST_VCPUS 4096
#define MOST_MEMORY (G_GUINT64_CONSTANT (64) * 1024 * 1024)
#define NAME_SHOWN 120

/* --- elements --- */

void
_valise_vbox_tell (ValiseVbox *self,
                   ValiseSeverity severity,
                   const char *code,
                   const xmlNode *node,
                   const char *text,
                   const char *remedy)
{
  g_autofree char *name = g_path_get_basename (self->member->name);
  g_autofree char *place = valise_foreign_xml_place (node, name);
  g_autofree char *shown = valise_text_for_display (place, NAME_SHOWN);

  valise_blueprint_tell (self->blueprint, severity, code, shown, text, remedy);
}

void
_valise_vbox_refuse (ValiseVbox *self, const char *code, const xmlNode *node, const char *text, const char *remedy)
{
  _valise_vbox_tell (self, VALISE_SEVERITY_ERROR, code, node, text, remedy);
  self->blueprint->refused = TRUE;
}

gboolean
_valise_vbox_is_on (const xmlNode *node, const char *attribute, gboolean fallback)
{
  g_autofree char *value = valise_foreign_xml_attribute (node, attribute);

  return value != NULL ? g_ascii_strcasecmp (value, "true") == 0 || g_str_equal (value, "1") : fallback;
}

char *
_valise_vbox_shown (const xmlNode *node, const char *attribute)
{
  g_autofree char *value = valise_foreign_xml_attribute (node, attribute);

  return value != NULL && *value != '\0' ? valise_text_for_display (value, NAME_SHOWN) : NULL;
}

const xmlNode *
_valise_vbox_part (ValiseVbox *self, const char *name)
{
  const xmlNode *part = valise_foreign_xml_child (self->hardware, name);

  return part != NULL ? part : valise_foreign_xml_child (valise_foreign_xml_child (self->hardware, "Platform"), name);
}

static guint64
read_number (ValiseVbox *self, const xmlNode *node, const char *attribute, guint64 usual, guint64 most)
{
  g_autofree char *written = valise_foreign_xml_attribute (node, attribute);
  g_autofree char *wrong = NULL;
  guint64 number;

  if (written == NULL)
    return usual;
  if (valise_blueprint_read_number (attribute, written, most, &number, &wrong))
    return number;
  _valise_vbox_tell (self, VALISE_SEVERITY_ERROR, "number", node, wrong, _ ("Say what it should be."));
  return 0;
}

/* --- the machine --- */

static void
read_size (ValiseVbox *self)
{
  guint64 vcpus = read_number (self, _valise_vbox_part (self, "CPU"), "count", 1, MOST_VCPUS);

  self->blueprint->vcpus = vcpus > 0 ? (int) vcpus : -1;
  self->blueprint->memory = read_number (self, _valise_vbox_part (self, "Memory"), "RAMSize", 0, MOST_MEMORY);
}

/* Secure Boot and the variables' file stand in Firmware, BIOS or Hardware, as the years went. */
static const xmlNode *
find_deep (const xmlNode *node, const char *name, guint depth)
{
  for (const xmlNode *child = node != NULL ? node->children : NULL; child != NULL; child = child->next)
    {
      const xmlNode *found = valise_foreign_xml_is (child, name)            ? child
                             : depth > 0 && child->type == XML_ELEMENT_NODE ? find_deep (child, name, depth - 1)
                                                                            : NULL;

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
read_firmware (ValiseVbox *self)
{
  g_autofree char *type = valise_foreign_xml_attribute (_valise_vbox_part (self, "Firmware"), "type");
  gboolean efi = type != NULL && g_ascii_strncasecmp (type, "EFI", 3) == 0;

  self->blueprint->firmware = efi ? VALISE_BLUEPRINT_FIRMWARE_EFI : VALISE_BLUEPRINT_FIRMWARE_BIOS;
  self->blueprint->secure_boot = _valise_vbox_is_on (find_deep (self->hardware, "SecureBoot", 3), "enabled", FALSE);
  if (efi && find_deep (self->hardware, "NVRAM", 3) != NULL)
    _valise_vbox_tell (self, VALISE_SEVERITY_INFO, "nvram-new", find_deep (self->hardware, "NVRAM", 3),
                       _ ("The settings of VirtualBox's firmware stay behind. They begin anew; the system is found by "
                          "its usual place on the disk."),
                       NULL);
}

static void
read_tpm (ValiseVbox *self)
{
  const xmlNode *node = _valise_vbox_part (self, "TrustedPlatformModule");
  g_autofree char *type = valise_foreign_xml_attribute (node, "type");

  self->blueprint->tpm = type != NULL && g_ascii_strcasecmp (type, "None") != 0;
  if (self->blueprint->tpm)
    _valise_vbox_tell (self, VALISE_SEVERITY_WARNING, "tpm-new", node,
                       _ ("What is in the security chip cannot be taken along; the machine gets an empty one."),
                       _ ("Have the recovery key at hand when Windows encrypts its disk (BitLocker)."));
}

static void
read_platform (ValiseVbox *self)
{
  g_autofree char *chipset = valise_foreign_xml_attribute (_valise_vbox_part (self, "Chipset"), "type");
  g_autofree char *clock = valise_foreign_xml_attribute (_valise_vbox_part (self, "RTC"), "localOrUTC");
  g_autofree char *family =
      valise_foreign_xml_attribute (valise_foreign_xml_child (self->hardware, "Platform"), "architecture");
  gboolean arm = (family != NULL && g_ascii_strncasecmp (family, "arm", 3) == 0)
                 || (self->blueprint->os_type != NULL && g_str_has_suffix (self->blueprint->os_type, "_arm64"));

  if (chipset != NULL && g_ascii_strcasecmp (chipset, "ICH9") == 0)
    self->blueprint->machine = g_strdup ("q35");
  else if (chipset != NULL && g_ascii_strcasecmp (chipset, "PIIX3") == 0)
    self->blueprint->machine = g_strdup ("pc");
  self->blueprint->local_time = clock == NULL || g_ascii_strcasecmp (clock, "local") == 0;
  self->blueprint->arch = g_strdup (arm ? "aarch64" : "x86_64");
}

static void
read_system (ValiseVbox *self)
{
  self->blueprint->os_type = _valise_vbox_shown (self->machine, "OSType");
  if (self->blueprint->os_type != NULL && g_ascii_strncasecmp (self->blueprint->os_type, "MacOS", 5) == 0)
    _valise_vbox_refuse (self, "guest-macos", self->machine,
                         _ ("The machine runs macOS, which starts on Apple's computers only."), NULL);
}

static guint
count_snapshots (const xmlNode *parent, guint depth)
{
  guint n = 0;

  for (const xmlNode *node = parent->children; node != NULL && depth > 0; node = node->next)
    if (valise_foreign_xml_is (node, "Snapshot"))
      n += 1 + count_snapshots (node, depth - 1);
    else if (valise_foreign_xml_is (node, "Snapshots"))
      n += count_snapshots (node, depth - 1);
  return n;
}

static void
check_state (ValiseVbox *self)
{
  guint snapshots = count_snapshots (self->machine, 64);
  g_autofree char *state = valise_foreign_xml_attribute (self->machine, "stateFile");
  g_autofree char *text =
      g_strdup_printf (ngettext ("%u snapshot stays behind. The machine comes as it is now.",
                                 "%u snapshots stay behind. The machine comes as it is now.", snapshots),
                       snapshots);

  if (snapshots > 0)
    _valise_vbox_tell (self, VALISE_SEVERITY_INFO, "snapshots-left", self->machine, text, NULL);
  if (state != NULL && *state != '\0')
    _valise_vbox_tell (self, VALISE_SEVERITY_WARNING, "suspended", self->machine,
                       _ ("The machine was suspended. It will start afresh, as after a power cut."),
                       _ ("To lose nothing, start it in VirtualBox and shut it down first."));
}

/* --- read --- */

static ValiseBlueprint *
new_blueprint (const ValisePackageMember *member, const xmlNode *machine)
{
  g_autofree char *base = g_path_get_basename (member->name);
  g_autofree char *name = valise_foreign_xml_attribute (machine, "name");
  ValiseBlueprint *blueprint;

  if (g_str_has_suffix (base, ".vbox"))
    base[strlen (base) - strlen (".vbox")] = '\0';
  blueprint = valise_blueprint_new ("vbox", base);
  valise_blueprint_set_name (blueprint, name);
  return blueprint;
}

static ValiseBlueprint *
read_machine (ValisePackage *package, const ValisePackageMember *member, const xmlNode *machine)
{
  g_autofree char *folder = valise_package_member_folder (member);
  ValiseVbox self = { .package = package, .member = member, .folder = folder, .machine = machine };

  self.blueprint = new_blueprint (member, machine);
  self.hardware = valise_foreign_xml_child (machine, "Hardware");
  if (!valise_foreign_xml_is (machine, "Machine"))
    {
      _valise_vbox_refuse (&self, "encrypted", machine,
                           _ ("The machine is encrypted, and only VirtualBox can read it."),
                           _ ("In VirtualBox, remove the encryption (Settings, General, Disk Encryption) and bring it "
                              "in again."));
      return self.blueprint;
    }
  self.media = _valise_vbox_read_media (&self);
  read_size (&self);
  read_firmware (&self);
  read_tpm (&self);
  read_system (&self);
  read_platform (&self);
  _valise_vbox_add_drives (&self);
  _valise_vbox_add_cards (&self);
  valise_boot_order_add_virtualbox (self.blueprint, _valise_vbox_part (&self, "Boot"));
  _valise_vbox_add_asks (&self);
  check_state (&self);
  g_hash_table_unref (self.media);
  return self.blueprint;
}

/* --- recognised --- */

/* The machine in the file; one that is encrypted is another element. @document: (out) (transfer full) */
static const xmlNode *
find_machine (ValisePackage *package, const ValisePackageMember *member, xmlDoc **document, GError **error)
{
  g_autoptr (GBytes) bytes = valise_package_read (package, member, LONGEST, error);
  g_autofree char *name = g_path_get_basename (member->name);
  const xmlNode *root, *machine;

  *document = bytes != NULL ? valise_foreign_xml_parse (bytes, name, NULL, error) : NULL;
  root = *document != NULL ? xmlDocGetRootElement (*document) : NULL;
  if (!valise_foreign_xml_is (root, "VirtualBox"))
    return NULL;
  machine = valise_foreign_xml_child (root, "Machine");
  return machine != NULL ? machine : valise_foreign_xml_child (root, "MachineEncrypted");
}

/* By its first bytes, so that a broken one is known, too, and can be told what is wrong. */
static gboolean
is_machine (ValisePackage *package, const ValisePackageMember *member)
{
  g_autoptr (GBytes) bytes = member->size <= LONGEST ? valise_package_read (package, member, LONGEST, NULL) : NULL;
  g_autoptr (xmlDoc) document = NULL;

  if (bytes == NULL || g_bytes_get_size (bytes) == 0
      || g_strstr_len (g_bytes_get_data (bytes, NULL), (gssize) MIN (g_bytes_get_size (bytes), 4096), "<VirtualBox")
             == NULL)
    return FALSE;
  return find_machine (package, member, &document, NULL) != NULL || document == NULL;
}

/* The file that was named, or those that lie least deep. (transfer container) */
static GPtrArray *
find_members (ValisePackage *package)
{
  const ValisePackageMember *named = valise_package_get_main (package);
  GPtrArray *members = valise_package_get_members (package);
  GPtrArray *found = g_ptr_array_new ();

  if (named != NULL && is_machine (package, named))
    g_ptr_array_add (found, (gpointer) named);
  for (guint depth = 0; named == NULL && depth < 3 && found->len == 0; depth++)
    for (guint i = 0; i < members->len && found->len < MOST_MACHINES; i++)
      if (valise_package_member_ends (members->pdata[i], ".vbox")
          && valise_package_member_depth (members->pdata[i]) == depth && is_machine (package, members->pdata[i]))
        g_ptr_array_add (found, members->pdata[i]);
  return found;
}

static gboolean
recognise (ValisePackage *package)
{
  g_autoptr (GPtrArray) found = find_members (package);

  return found->len > 0;
}

static gboolean
add_machine (GPtrArray *machines, ValisePackage *package, const ValisePackageMember *member, GError **error)
{
  g_autoptr (xmlDoc) document = NULL;
  g_autoptr (GError) why = NULL;
  const xmlNode *machine = find_machine (package, member, &document, &why);

  if (machine != NULL)
    {
      g_ptr_array_add (machines, read_machine (package, member, machine));
      return TRUE;
    }
  if (why != NULL)
    g_set_error_literal (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED, why->message);
  else
    g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED, _ ("%s holds no machine of VirtualBox."),
                 member->name);
  return FALSE;
}

static GPtrArray *
read_machines (ValisePackage *package, const char *configuration, GError **error)
{
  g_autoptr (GPtrArray) found = find_members (package);
  g_autoptr (GPtrArray) machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);

  for (guint i = 0; i < found->len; i++)
    if (!add_machine (machines, package, found->pdata[i], error))
      return NULL;
  if (machines->len > 0)
    return g_steal_pointer (&machines);
  g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED, _ ("%s holds no machine of VirtualBox."),
               valise_package_get_path (package));
  return NULL;
}

const ValiseReader valise_vbox_reader = { .format = "vbox", .recognise = recognise, .read = read_machines };
