/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-ovf-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST_DESCRIPTOR (4 << 20)
#define MOST_MACHINES 100
#define MOST_CONFIGURATIONS 200
/* Where a root element is looked for in a file of another name. */
#define HEAD 4096

static const char *const namespaces[] = {
  "http://schemas.dmtf.org/ovf/envelope/1",
  "http://schemas.dmtf.org/ovf/envelope/2",
  "http://www.vmware.com/schema/ovf/1/envelope",
};

void
_valise_ovf_tell (ValiseOvf *self,
                  ValiseBlueprint *machine,
                  ValiseSeverity severity,
                  const char *code,
                  const xmlNode *node,
                  const char *text,
                  const char *remedy)
{
  g_autofree char *place =
      node != NULL ? valise_foreign_xml_place (node, self->descriptor->name) : g_strdup (self->descriptor->name);

  valise_blueprint_tell (machine, severity, code, place, text, remedy);
}

/* --- sections --- */

/* The older dialect writes <Section xsi:type="ovf:DiskSection_Type">. */
gboolean
_valise_ovf_is_section (const xmlNode *node, const char *kind)
{
  g_autofree char *type = NULL, *wanted = NULL;

  if (valise_foreign_xml_is (node, kind))
    return TRUE;
  if (!valise_foreign_xml_is (node, "Section") && !valise_foreign_xml_is (node, "Content"))
    return FALSE;
  type = valise_foreign_xml_attribute (node, "type");
  wanted = g_strconcat (kind, "_Type", NULL);
  return type != NULL && g_str_has_suffix (type, wanted)
         && (strlen (type) == strlen (wanted) || type[strlen (type) - strlen (wanted) - 1] == ':');
}

xmlNode *
_valise_ovf_next_section (xmlNode *node, const char *kind)
{
  while (node != NULL && !_valise_ovf_is_section (node, kind))
    node = node->next;
  return node;
}

xmlNode *
_valise_ovf_section (const xmlNode *parent, const char *kind)
{
  return parent != NULL ? _valise_ovf_next_section (parent->children, kind) : NULL;
}

gboolean
_valise_ovf_applies (ValiseOvf *self, const xmlNode *node, gboolean *labelled)
{
  g_autofree char *marks = valise_foreign_xml_attribute (node, "configuration");
  g_auto (GStrv) words = marks != NULL ? g_strsplit_set (marks, " \t\r\n", -1) : NULL;
  gboolean marked = marks != NULL && *marks != '\0';

  if (labelled != NULL)
    *labelled = marked;
  return !marked || (self->configuration != NULL && g_strv_contains ((const char *const *) words, self->configuration));
}

/* --- deployment options --- */

static gboolean
choose_configuration (ValiseOvf *self, const char *wanted, GError **error)
{
  if (wanted == NULL)
    return TRUE;
  if (self->configurations == NULL || !g_strv_contains ((const char *const *) self->configurations, wanted))
    {
      g_autofree char *known = self->configurations != NULL ? g_strjoinv (", ", self->configurations) : NULL;

      g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_CONFIGURATION,
                   _ ("%s has no configuration “%s”. It has: %s."), self->descriptor->name, wanted,
                   known != NULL ? known : _ ("none"));
      return FALSE;
    }
  g_free (self->configuration);
  self->configuration = g_strdup (wanted);
  return TRUE;
}

static void
read_configurations (ValiseOvf *self)
{
  xmlNode *section = _valise_ovf_section (self->root, "DeploymentOptionSection");
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  for (xmlNode *node = valise_foreign_xml_child (section, "Configuration");
       node != NULL && ids->len < MOST_CONFIGURATIONS; node = valise_foreign_xml_next (node->next, "Configuration"))
    {
      char *id = valise_foreign_xml_attribute (node, "id");
      g_autofree char *is_default = valise_foreign_xml_attribute (node, "default");

      if (id == NULL)
        continue;
      g_ptr_array_add (ids, id);
      if (self->configuration == NULL && (g_strcmp0 (is_default, "true") == 0 || g_strcmp0 (is_default, "1") == 0))
        self->configuration = g_strdup (id);
    }
  if (ids->len == 0)
    return;
  if (self->configuration == NULL)
    self->configuration = g_strdup (ids->pdata[0]);
  g_ptr_array_add (ids, NULL);
  self->configurations = (char **) g_ptr_array_free (g_steal_pointer (&ids), FALSE);
}

/* --- one machine --- */

static char *
find_name (ValiseOvf *self, const xmlNode *system)
{
  g_autofree char *name = valise_foreign_xml_text (system, "Name");
  g_autofree char *id = valise_foreign_xml_attribute (system, "id");
  const xmlNode *hardware = _valise_ovf_section (system, "VirtualHardwareSection");
  g_autofree char *identifier =
      valise_foreign_xml_text (valise_foreign_xml_child (hardware, "System"), "VirtualSystemIdentifier");
  g_autofree char *base = g_path_get_basename (self->descriptor->name);
  char *dot = strrchr (base, '.');

  if (name != NULL)
    return g_steal_pointer (&name);
  if (id != NULL && *id != '\0')
    return g_steal_pointer (&id);
  if (identifier != NULL)
    return g_steal_pointer (&identifier);
  if (dot != NULL && dot != base)
    *dot = '\0';
  return g_steal_pointer (&base);
}

/* VMware's own word is the best; RHV writes an id of no meaning and the system as the description. */
static char *
find_os (ValiseOvf *self, const xmlNode *section)
{
  g_autofree char *vmware = valise_foreign_xml_attribute (section, "osType");
  g_autofree char *number = valise_foreign_xml_attribute (section, "id");
  guint64 cim;

  if (vmware != NULL && *vmware != '\0')
    return g_steal_pointer (&vmware);
  if (_valise_ovf_parse_number (number, &cim))
    return g_strdup_printf ("CIM %" G_GUINT64_FORMAT, cim);
  return valise_foreign_xml_text (section, "Description");
}

/* Nobody states the processor's kind but in the system's name: "arm-ubuntu-64", "Debian_arm64". */
static char *
find_arch (const xmlNode *os, const char *os_type)
{
  char *stated = valise_foreign_xml_text (os, "architecture");
  g_autofree char *lower = os_type != NULL ? g_ascii_strdown (os_type, -1) : NULL;

  if (stated == NULL && lower != NULL && (g_str_has_prefix (lower, "arm-") || strstr (lower, "arm64") != NULL))
    return g_strdup ("aarch64");
  return stated;
}

static void
tell_about_file (ValiseOvf *self, ValiseBlueprint *machine)
{
  if (self->encoding_lied)
    _valise_ovf_tell (self, machine, VALISE_SEVERITY_INFO, "encoding", self->root,
                      _ ("The descriptor says that it is written in another encoding than it is."), NULL);
  if (self->dialect == VALISE_OVF_UNKNOWN)
    _valise_ovf_tell (self, machine, VALISE_SEVERITY_WARNING, "ovf-version", self->root,
                      _ ("The descriptor is of a version of OVF that Valise does not know."),
                      _ ("Compare what was read with what you expect."));
}

static void
tell_defaults (ValiseOvf *self, ValiseBlueprint *machine, const xmlNode *system)
{
  if (machine->vcpus < 0)
    _valise_ovf_tell (self, machine, VALISE_SEVERITY_INFO, "cpu-default", system,
                      _ ("It is not stated how many processors the machine has; it gets what is usual."), NULL);
  if (machine->memory == 0)
    _valise_ovf_tell (self, machine, VALISE_SEVERITY_INFO, "memory-default", system,
                      _ ("It is not stated how much memory the machine has; it gets what is usual."), NULL);
}

static ValiseBlueprint *
read_system (ValiseOvf *self, xmlNode *system)
{
  g_autofree char *name = find_name (self, system);
  ValiseBlueprint *machine = valise_blueprint_new (valise_package_is_archive (self->package) ? "ova" : "ovf", name);
  const xmlNode *os = _valise_ovf_section (system, "OperatingSystemSection");

  tell_about_file (self, machine);
  machine->os_type = find_os (self, os);
  machine->configurations = g_strdupv (self->configurations);
  machine->configuration = g_strdup (self->configuration);
  _valise_ovf_read_hardware (self, machine, system);
  _valise_ovf_read_virtualbox (self, machine, system);
  _valise_ovf_read_rhv (self, machine, system);
  machine->arch = find_arch (os, machine->os_type);
  tell_defaults (self, machine, system);
  _valise_ovf_tell_terms (self, machine, system);
  _valise_ovf_tell_signature (self, machine);
  return machine;
}

/* In the order of the file, however deep the collections are. */
static void
read_systems (ValiseOvf *self, xmlNode *parent, GPtrArray *machines)
{
  for (xmlNode *node = parent->children; node != NULL && machines->len < MOST_MACHINES; node = node->next)
    if (_valise_ovf_is_section (node, "VirtualSystem"))
      g_ptr_array_add (machines, read_system (self, node));
    else if (_valise_ovf_is_section (node, "VirtualSystemCollection"))
      read_systems (self, node, machines);
}

/* --- the descriptor --- */

static guint
count_descriptors (ValisePackage *package, const ValisePackageMember **first)
{
  GPtrArray *members = valise_package_get_members (package);
  gboolean archive = valise_package_is_archive (package);
  guint count = 0;

  *first = NULL;
  for (guint i = 0; i < members->len; i++)
    {
      const ValisePackageMember *member = members->pdata[i];

      if (!valise_package_member_ends (member, ".ovf") || (!archive && strchr (member->name, '/') != NULL))
        continue;
      if (count++ == 0)
        *first = member;
    }
  return count;
}

/* Whether the beginning of a file of any name has an OVF's root element. */
static gboolean
looks_like_envelope (ValisePackage *package, const ValisePackageMember *member)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (xmlDoc) document = NULL;

  if (member->size > LONGEST_DESCRIPTOR || valise_package_member_ends (member, ".iso"))
    return FALSE;
  bytes = valise_package_read (package, member, LONGEST_DESCRIPTOR, NULL);
  if (bytes == NULL || memchr (g_bytes_get_data (bytes, NULL), '<', MIN (g_bytes_get_size (bytes), HEAD)) == NULL)
    return FALSE;
  document = valise_foreign_xml_parse (bytes, member->name, NULL, NULL);
  return document != NULL && valise_foreign_xml_is (xmlDocGetRootElement (document), "Envelope");
}

/* An OVA that somebody has packed once more, as gzip or zip. */
static gboolean
is_packed (ValisePackage *package, const ValisePackageMember *member)
{
  guchar head[4] = { 0 };
  int fd = valise_package_member_ends (member, ".ova") ? valise_package_open_member (package, member, NULL) : -1;
  gboolean whole;

  if (fd < 0)
    return FALSE;
  whole = read (fd, head, sizeof head) == sizeof head;
  close (fd);
  return whole && (memcmp (head, "\x1f\x8b", 2) == 0 || memcmp (head, "PK\x03\x04", 4) == 0);
}

static gboolean
recognise (ValisePackage *package)
{
  const ValisePackageMember *member = valise_package_get_main (package), *first;

  if (member != NULL)
    return valise_package_member_ends (member, ".ovf") || is_packed (package, member)
           || looks_like_envelope (package, member);
  return count_descriptors (package, &first) > 0;
}

static void
ovf_clear (ValiseOvf *self)
{
  g_free (self->folder);
  g_clear_pointer (&self->document, xmlFreeDoc);
  g_strfreev (self->configurations);
  g_free (self->configuration);
  g_clear_pointer (&self->digests, g_hash_table_unref);
  g_clear_pointer (&self->files, g_hash_table_unref);
  g_clear_pointer (&self->files_by_href, g_hash_table_unref);
  g_clear_pointer (&self->disks, g_hash_table_unref);
  g_clear_pointer (&self->disks_by_file, g_hash_table_unref);
  g_clear_pointer (&self->properties, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ValiseOvf, ovf_clear)

static gboolean
choose_descriptor (ValiseOvf *self, GError **error)
{
  const ValisePackageMember *first;
  guint count;

  self->descriptor = valise_package_get_main (self->package);
  if (self->descriptor != NULL && is_packed (self->package, self->descriptor))
    {
      g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_REFUSED,
                   _ ("%s is packed once more. Unpack it, and bring in what comes out."), self->descriptor->name);
      return FALSE;
    }
  if (self->descriptor != NULL)
    return TRUE;
  count = count_descriptors (self->package, &first);
  self->descriptor = first;
  if (count == 1)
    return TRUE;
  g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_REFUSED,
               _ ("%s holds %u descriptors, and nobody can say which one counts. Choose one .ovf file."),
               valise_package_get_path (self->package), count);
  return FALSE;
}

static ValiseOvfDialect
find_dialect (const xmlNode *root)
{
  const char *uri = root->ns != NULL ? (const char *) root->ns->href : NULL;

  if (g_strcmp0 (uri, "http://schemas.dmtf.org/ovf/envelope/1/") == 0)
    return VALISE_OVF_RHV;
  for (gsize i = 0; i < G_N_ELEMENTS (namespaces); i++)
    if (uri == NULL || g_str_equal (uri, namespaces[i]))
      return VALISE_OVF_STANDARD;
  return VALISE_OVF_UNKNOWN;
}

static gboolean
parse (ValiseOvf *self, GBytes *bytes, GError **error)
{
  g_autoptr (GError) why = NULL;

  self->document = valise_foreign_xml_parse (bytes, self->descriptor->name, &self->encoding_lied, &why);
  self->root = self->document != NULL ? xmlDocGetRootElement (self->document) : NULL;
  if (valise_foreign_xml_is (self->root, "Envelope"))
    {
      self->dialect = find_dialect (self->root);
      return TRUE;
    }
  if (why != NULL)
    g_set_error_literal (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED, why->message);
  else
    g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED,
                 _ ("%s does not describe a machine: it has no Envelope. Get it again."), self->descriptor->name);
  return FALSE;
}

static gboolean
load (ValiseOvf *self, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (!choose_descriptor (self, error))
    return FALSE;
  bytes = valise_package_read (self->package, self->descriptor, LONGEST_DESCRIPTOR, error);
  if (bytes == NULL || !parse (self, bytes, error))
    return FALSE;
  self->folder = g_path_get_dirname (self->descriptor->name);
  _valise_ovf_make_index (self);
  self->digests = _valise_ovf_read_manifest (self->package, self->descriptor, error);
  return self->digests != NULL && _valise_ovf_check_descriptor (self, bytes, error);
}

static GPtrArray *
read_package (ValisePackage *package, const char *configuration, GError **error)
{
  g_auto (ValiseOvf) self = { .package = package };
  g_autoptr (GPtrArray) machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);

  if (!load (&self, error))
    return NULL;
  read_configurations (&self);
  if (!choose_configuration (&self, configuration, error))
    return NULL;
  read_systems (&self, self.root, machines);
  if (machines->len > 0)
    return g_steal_pointer (&machines);
  g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED, _ ("%s describes no machine. Get it again."),
               self.descriptor->name);
  return NULL;
}

const ValiseReader valise_ovf_reader = { "ovf", recognise, read_package };
