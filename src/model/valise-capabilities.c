/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-capabilities-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-xml.h"
#include "model/valise-firmware-private.h"
#include "model/valise-node-private.h"

struct _ValiseCapabilities
{
  gatomicrefcount references;
  gboolean known;
  guint cpus;
  guint64 memory;
  char *arch;
  GHashTable *archs;         /* of guests that can run here, by name */
  GHashTable *enums;         /* "devices/disk/bus" -> GStrv */
  GHashTable *machine_types; /* by architecture: arrays of ValiseMachineType */
  GPtrArray *cpu_models;
  GHashTable *domain_types;
  GPtrArray *firmware;
  gboolean has_tpm;
};

G_DEFINE_BOXED_TYPE (ValiseCapabilities, valise_capabilities, valise_capabilities_ref, valise_capabilities_unref)

static void
machine_type_free (ValiseMachineType *self)
{
  g_free (self->name);
  g_free (self->canonical);
  g_free (self);
}

static void
cpu_model_free (ValiseCpuModel *self)
{
  g_free (self->name);
  g_free (self->blockers);
  g_free (self);
}

/* --- reading libvirt's XML --- */

static GStrv
values_of (xmlNode *parent)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (xmlNode *node = parent->children; node != NULL; node = node->next)
    if (_valise_node_is (node, "value"))
      {
        g_autofree char *value = _valise_node_text (node);

        g_strv_builder_add (builder, value);
      }
  return g_strv_builder_end (builder);
}

static GStrv
single (const char *value)
{
  const char *const values[] = { value, NULL };

  return g_strdupv ((char **) values);
}

/* <devices><disk><enum name='bus'> is kept as "devices/disk/bus", <tpm supported='no'> as "devices/tpm" with the value
 * no. */
static void
read_enums (ValiseCapabilities *self, xmlNode *parent, const char *prefix)
{
  for (xmlNode *node = parent->children; node != NULL; node = node->next)
    {
      g_autofree char *name = node->type == XML_ELEMENT_NODE ? _valise_node_get (node, "name") : NULL;
      gboolean is_enum = _valise_node_is (node, "enum") && name != NULL;
      g_autofree char *path = NULL;

      if (node->type != XML_ELEMENT_NODE)
        continue;
      path = g_strjoin (*prefix != '\0' ? "/" : "", prefix, is_enum ? name : (const char *) node->name, NULL);
      if (!is_enum)
        read_enums (self, node, path);
      if (is_enum)
        g_hash_table_replace (self->enums, g_steal_pointer (&path), values_of (node));
      else if (_valise_node_is_set_to (node, "supported", "no"))
        g_hash_table_replace (self->enums, g_steal_pointer (&path), single ("no"));
    }
}

static char *
read_blockers (xmlNode *mode, const char *model)
{
  g_autoptr (GString) all = g_string_new (NULL);

  for (xmlNode *node = mode->children; node != NULL; node = node->next)
    if (_valise_node_is (node, "blockers") && _valise_node_is_set_to (node, "model", model))
      for (xmlNode *feature = node->children; feature != NULL; feature = feature->next)
        if (_valise_node_is (feature, "feature"))
          {
            g_autofree char *name = _valise_node_get (feature, "name");

            g_string_append_printf (all, "%s%s", all->len > 0 ? ", " : "", name != NULL ? name : "?");
          }
  return all->len > 0 ? g_strdup (all->str) : NULL;
}

static void
read_cpu_models (ValiseCapabilities *self, xmlNode *mode)
{
  for (xmlNode *node = mode->children; node != NULL; node = node->next)
    if (_valise_node_is (node, "model"))
      {
        ValiseCpuModel *model = g_new0 (ValiseCpuModel, 1);

        model->name = _valise_node_text (node);
        model->usable = !_valise_node_is_set_to (node, "usable", "no");
        model->blockers = read_blockers (mode, model->name);
        g_ptr_array_add (self->cpu_models, model);
      }
}

static void
read_cpu (ValiseCapabilities *self, xmlNode *cpu)
{
  g_autoptr (GStrvBuilder) modes = g_strv_builder_new ();

  for (xmlNode *node = cpu != NULL ? cpu->children : NULL; node != NULL; node = node->next)
    if (_valise_node_is (node, "mode") && _valise_node_is_set_to (node, "supported", "yes"))
      {
        g_autofree char *name = _valise_node_get (node, "name");

        g_strv_builder_add (modes, name != NULL ? name : "");
        if (g_strcmp0 (name, "custom") == 0)
          read_cpu_models (self, node);
      }
  g_hash_table_replace (self->enums, g_strdup ("cpu/mode"), g_strv_builder_end (modes));
}

static void
read_domain_capabilities (ValiseCapabilities *self, xmlNode *root)
{
  xmlNode *arch = _valise_node_child (root, "arch");
  xmlNode *domain = _valise_node_child (root, "domain");

  if (arch != NULL)
    self->arch = _valise_node_text (arch);
  if (domain != NULL)
    g_hash_table_add (self->domain_types, _valise_node_text (domain));
  read_enums (self, root, "");
  read_cpu (self, _valise_node_child (root, "cpu"));
}

static GPtrArray *
ensure_machine_types (ValiseCapabilities *self, const char *arch)
{
  GPtrArray *types = g_hash_table_lookup (self->machine_types, arch);

  if (types != NULL)
    return types;
  types = g_ptr_array_new_with_free_func ((GDestroyNotify) machine_type_free);
  g_hash_table_insert (self->machine_types, g_strdup (arch), types);
  return types;
}

static void
read_machine_type (GPtrArray *types, xmlNode *node)
{
  ValiseMachineType *type = g_new0 (ValiseMachineType, 1);
  g_autofree char *most = _valise_node_get (node, "maxCpus");
  guint64 number;

  type->name = _valise_node_text (node);
  type->canonical = _valise_node_get (node, "canonical");
  type->deprecated = _valise_node_is_set_to (node, "deprecated", "yes");
  if (most != NULL && g_ascii_string_to_unsigned (most, 10, 0, G_MAXUINT, &number, NULL))
    type->most_cpus = number;
  g_ptr_array_add (types, type);
}

static void
read_guest_arch (ValiseCapabilities *self, xmlNode *arch, const char *name)
{
  gboolean is_described = g_strcmp0 (name, self->arch != NULL ? self->arch : "x86_64") == 0;
  GPtrArray *types = ensure_machine_types (self, name);

  for (xmlNode *node = arch->children; node != NULL; node = node->next)
    {
      if (_valise_node_is (node, "machine"))
        read_machine_type (types, node);
      else if (is_described && _valise_node_is (node, "domain") && xmlHasProp (node, (const xmlChar *) "type") != NULL)
        g_hash_table_add (self->domain_types, _valise_node_get (node, "type"));
    }
}

static void
read_host_capabilities (ValiseCapabilities *self, xmlNode *root)
{
  xmlNode *arch = _valise_node_child (_valise_node_child (_valise_node_child (root, "host"), "cpu"), "arch");

  if (self->arch == NULL && arch != NULL)
    self->arch = _valise_node_text (arch);
  for (xmlNode *guest = root->children; guest != NULL; guest = guest->next)
    {
      g_autofree char *name = NULL;

      arch = _valise_node_is (guest, "guest") ? _valise_node_child (guest, "arch") : NULL;
      name = arch != NULL ? _valise_node_get (arch, "name") : NULL;
      if (name != NULL)
        read_guest_arch (self, arch, name);
      if (name != NULL)
        g_hash_table_add (self->archs, g_steal_pointer (&name));
    }
}

static gboolean
read_text (ValiseCapabilities *self,
           const char *text,
           const char *name,
           void (*read) (ValiseCapabilities *self, xmlNode *root),
           GError **error)
{
  g_autoptr (xmlDoc) document = NULL;

  if (text == NULL)
    return TRUE;
  document = valise_xml_parse (text, -1, name, error);
  if (document == NULL)
    return FALSE;
  self->known = TRUE;
  read (self, xmlDocGetRootElement (document));
  return TRUE;
}

static ValiseCapabilities *
capabilities_alloc (guint cpus, guint64 memory)
{
  ValiseCapabilities *self = g_new0 (ValiseCapabilities, 1);

  g_atomic_ref_count_init (&self->references);
  self->cpus = MAX (cpus, 1);
  self->memory = memory;
  self->enums = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  self->machine_types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->cpu_models = g_ptr_array_new_with_free_func ((GDestroyNotify) cpu_model_free);
  self->archs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->domain_types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->firmware = _valise_firmware_list ();
  return self;
}

static gboolean
find_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  return path != NULL;
}

/* --- public --- */

ValiseCapabilities *
valise_capabilities_new (const char *domain_xml, const char *host_xml, guint cpus, guint64 memory, GError **error)
{
  g_autoptr (ValiseCapabilities) self = capabilities_alloc (cpus, memory);

  if (!read_text (self, domain_xml, _ ("domain capabilities"), read_domain_capabilities, error)
      || !read_text (self, host_xml, _ ("host capabilities"), read_host_capabilities, error))
    return NULL;
  if (self->arch == NULL)
    self->arch = g_strdup ("x86_64");
  self->has_tpm = find_program ("swtpm");
  return g_steal_pointer (&self);
}

ValiseCapabilities *
valise_capabilities_ref (ValiseCapabilities *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
valise_capabilities_unref (ValiseCapabilities *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->arch);
  g_hash_table_unref (self->archs);
  g_hash_table_unref (self->enums);
  g_hash_table_unref (self->machine_types);
  g_ptr_array_unref (self->cpu_models);
  g_hash_table_unref (self->domain_types);
  g_ptr_array_unref (self->firmware);
  g_free (self);
}

guint
valise_capabilities_get_cpus (ValiseCapabilities *self)
{
  g_return_val_if_fail (self != NULL, 1);

  return self->cpus;
}

guint64
valise_capabilities_get_memory (ValiseCapabilities *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->memory;
}

const char *const *
valise_firmware_words (void)
{
  static const char *const WORDS[] = {
    [VALISE_FIRMWARE_BIOS] = "bios",
    [VALISE_FIRMWARE_UEFI] = "uefi",
    [VALISE_FIRMWARE_UEFI_SECURE] = "uefi-secure",
    NULL,
  };

  return WORDS;
}

const char *
valise_firmware_label (ValiseFirmware firmware)
{
  switch (firmware)
    {
    case VALISE_FIRMWARE_UEFI:
      return _ ("UEFI");
    case VALISE_FIRMWARE_UEFI_SECURE:
      return _ ("UEFI with Secure Boot");
    case VALISE_FIRMWARE_BIOS:
    default:
      return _ ("BIOS");
    }
}

gboolean
valise_capabilities_has_tpm (ValiseCapabilities *self)
{
  const char *const *backends;

  g_return_val_if_fail (self != NULL, FALSE);

  backends = _valise_capabilities_enum (self, "devices/tpm/backendModel");
  return self->has_tpm && _valise_capabilities_enum (self, "devices/tpm") == NULL
         && (backends == NULL || g_strv_contains (backends, "external"));
}

char *
valise_capabilities_firmware_reason (ValiseCapabilities *self, ValiseFirmware firmware)
{
  const char *const *kinds;
  gboolean secure = firmware == VALISE_FIRMWARE_UEFI_SECURE;

  g_return_val_if_fail (self != NULL, NULL);

  if (firmware == VALISE_FIRMWARE_BIOS || !self->known)
    return NULL;
  kinds = _valise_capabilities_enum (self, "os/firmware");
  if ((kinds != NULL && !g_strv_contains (kinds, "efi")) || self->firmware->len == 0)
    return g_strdup (_ ("UEFI firmware is not installed here. Install the package ovmf (edk2-ovmf on Fedora)."));
  if (_valise_firmware_find (self->firmware, self->arch, secure) == NULL)
    return g_strdup (secure ? _ ("The UEFI firmware installed here has no Secure Boot.")
                            : _ ("The UEFI firmware installed here always has Secure Boot."));
  return NULL;
}

const char *
valise_capabilities_get_variables (ValiseCapabilities *self, const char *arch, gboolean secure_boot)
{
  const ValiseFirmwareBuild *build;

  g_return_val_if_fail (self != NULL && arch != NULL, NULL);

  build = _valise_firmware_find (self->firmware, arch, secure_boot);
  return build != NULL ? build->template : NULL;
}

/* --- for this room --- */

const char *const *
_valise_capabilities_enum (ValiseCapabilities *self, const char *path)
{
  return g_hash_table_lookup (self->enums, path);
}

GPtrArray *
_valise_capabilities_machine_types (ValiseCapabilities *self, const char *arch)
{
  return g_hash_table_lookup (self->machine_types, arch != NULL ? arch : self->arch);
}

/* A 32-bit PC is one of 64 bits as far as its devices go. */
gboolean
_valise_capabilities_describe (ValiseCapabilities *self, const char *arch)
{
  return arch == NULL || g_str_equal (arch, self->arch)
         || (g_str_equal (arch, "i686") && g_str_equal (self->arch, "x86_64"));
}

GPtrArray *
_valise_capabilities_cpu_models (ValiseCapabilities *self)
{
  return self->cpu_models;
}

gboolean
_valise_capabilities_has_domain_type (ValiseCapabilities *self, const char *type)
{
  return g_hash_table_size (self->domain_types) == 0 || g_hash_table_contains (self->domain_types, type);
}

gboolean
valise_capabilities_has_arch (ValiseCapabilities *self, const char *arch)
{
  g_return_val_if_fail (self != NULL && arch != NULL, FALSE);

  return g_str_equal (arch, self->arch) || g_hash_table_contains (self->archs, arch);
}
