/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libvirt's own descriptions, as somebody else's computer wrote them: whatever they hold of that computer, or would have
 * of this one, is left out and told. */
#include "formats/valise-domain-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "base/valise-xml.h"
#include "formats/valise-boot-order.h"
#include "formats/valise-efi-variables.h"

#define LONGEST_DESCRIPTION (1024 * 1024)
#define MOST_VCPUS 4096
#define LONGEST_ASK 400
#define MOST_BOOT 16
#define LONGEST_SYSTEM 120
/* That a finding names. */
#define MOST_LINES 20

typedef struct
{
  ValiseFinding *finding;
  GHashTable *lines;
} Said;

static const char *const roots[] = { "domain", "domstatus", "domainsnapshot", "domaincheckpoint", NULL };

/* --- elements --- */

xmlNode *
_valise_domain_child (xmlNode *node, const char *name)
{
  for (xmlNode *child = node != NULL ? node->children : NULL; child != NULL; child = child->next)
    if (child->type == XML_ELEMENT_NODE && g_str_equal ((const char *) child->name, name))
      return child;
  return NULL;
}

char *
_valise_domain_get (xmlNode *node, const char *attribute)
{
  g_autoptr (ValiseXmlChar) value = node != NULL ? xmlGetNoNsProp (node, (const xmlChar *) attribute) : NULL;

  return value != NULL ? g_strdup ((const char *) value) : NULL;
}

char *
_valise_domain_text (xmlNode *node)
{
  g_autoptr (ValiseXmlChar) value = node != NULL ? xmlNodeGetContent (node) : NULL;
  g_autofree char *text = value != NULL ? g_strstrip (g_strdup ((const char *) value)) : NULL;

  return text != NULL && *text != '\0' ? g_steal_pointer (&text) : NULL;
}

static void
said_free (gpointer data)
{
  Said *said = data;

  g_hash_table_unref (said->lines);
  g_free (said);
}

/* Words that were said of another line get this one added, each line once. %FALSE: they were not said yet. */
static gboolean
add_line (ValiseDomain *self, const char *words, long line)
{
  Said *said = g_hash_table_lookup (self->told, words);
  g_autofree char *before = NULL;

  if (said == NULL || !g_hash_table_add (said->lines, GSIZE_TO_POINTER (line))
      || g_hash_table_size (said->lines) > MOST_LINES + 1)
    return said != NULL;
  before = said->finding->where;
  said->finding->where = g_hash_table_size (said->lines) > MOST_LINES ? g_strconcat (before, ", …", NULL)
                                                                      : g_strdup_printf ("%s, %ld", before, line);
  return TRUE;
}

static void
keep_said (ValiseDomain *self, const char *words, long line)
{
  Said *said = g_new0 (Said, 1);

  said->finding = self->blueprint->findings->pdata[self->blueprint->findings->len - 1];
  said->lines = g_hash_table_new (NULL, NULL);
  g_hash_table_add (said->lines, GSIZE_TO_POINTER (line));
  g_hash_table_replace (self->told, g_strdup (words), said);
}

void
_valise_domain_tell (ValiseDomain *self,
                     ValiseSeverity severity,
                     const char *code,
                     xmlNode *node,
                     const char *text,
                     const char *remedy)
{
  long line = xmlGetLineNo (node);
  g_autofree char *place = g_strdup_printf (_ ("%s, line %ld"), self->file, line);
  g_autofree char *words = g_strdup_printf ("%d %s %s", severity, code, text);

  /* What is to be decided is decided of each by itself. */
  if (severity < VALISE_SEVERITY_ERROR && add_line (self, words, line))
    return;
  if (severity == VALISE_SEVERITY_ERROR && remedy == NULL)
    valise_blueprint_refuse (self->blueprint, code, place, text, NULL);
  else
    valise_blueprint_tell (self->blueprint, severity, code, place, text, remedy);
  if (severity < VALISE_SEVERITY_ERROR)
    keep_said (self, words, line);
}

void
_valise_domain_ask (ValiseDomain *self, char *text)
{
  g_ptr_array_add (self->blueprint->asks, valise_text_for_display (text, LONGEST_ASK));
  g_free (text);
}

/* Paths of the other computer mean nothing here; what was copied along lies beside the description. */
char *
_valise_domain_member (ValiseDomain *self, xmlNode *node, const char *path)
{
  const char *slash = strrchr (path, '/');
  g_autofree char *folder = g_path_get_dirname (self->file);
  const char *from = g_str_equal (folder, ".") ? NULL : folder;
  const ValisePackageMember *member = *path != '/' ? valise_package_find (self->package, from, path) : NULL;
  g_autofree char *shown = valise_text_for_display (path, 200), *text = NULL;

  if (member == NULL)
    member = valise_package_find (self->package, from, slash != NULL ? slash + 1 : path);
  if (member != NULL)
    return g_strdup (member->name);
  text = g_strdup_printf (_ ("“%s” lies on the computer that the machine comes from."), shown);
  _valise_domain_tell (self, VALISE_SEVERITY_ERROR, "disk-missing", node, text,
                       _ ("Copy the file into the folder of the description."));
  return NULL;
}

/* --- the machine --- */

static void
tell_number (ValiseDomain *self, xmlNode *node, const char *key, const char *written)
{
  g_autofree char *shown = valise_text_for_display (written, 40);
  g_autofree char *text = g_strdup_printf (_ ("“%s” should be a number that makes sense and is “%s”."), key, shown);

  _valise_domain_tell (self, VALISE_SEVERITY_WARNING, "number-unreadable", node, text,
                       _ ("Choose a value before you start the machine."));
}

static guint64
read_memory (ValiseDomain *self, xmlNode *memory)
{
  g_autofree char *number = _valise_domain_text (memory);
  g_autofree char *unit = _valise_domain_get (memory, "unit");
  g_autofree char *text = NULL;
  guint64 bytes = 0;

  if (number == NULL)
    return 0;
  text = g_strconcat (number,
                      unit == NULL                  ? "KiB"
                      : g_str_equal (unit, "bytes") ? "B"
                      : g_str_equal (unit, "KB")    ? "kB"
                                                    : unit,
                      NULL);
  if (strlen (number) <= 30 && valise_size_parse (text, VALISE_KIB, &bytes, NULL))
    return bytes / VALISE_MIB;
  tell_number (self, memory, "memory", number);
  return 0;
}

static void
read_processors (ValiseDomain *self, xmlNode *domain)
{
  g_autofree char *count = _valise_domain_text (_valise_domain_child (domain, "vcpu"));
  g_autofree char *cores =
      _valise_domain_get (_valise_domain_child (_valise_domain_child (domain, "cpu"), "topology"), "cores");
  guint64 number;

  if (count != NULL && g_ascii_string_to_unsigned (count, 10, 1, MOST_VCPUS, &number, NULL))
    self->blueprint->vcpus = (int) number;
  else if (count != NULL)
    tell_number (self, _valise_domain_child (domain, "vcpu"), "vcpu", count);
  if (cores != NULL && g_ascii_string_to_unsigned (cores, 10, 1, MOST_VCPUS, &number, NULL))
    self->blueprint->cores_per_socket = (guint) number;
}

/* They lie in libvirt's own folder; when somebody copied them along, beside the description. */
static void
read_variables (ValiseDomain *self, xmlNode *nvram)
{
  g_autofree char *file = _valise_domain_get (_valise_domain_child (nvram, "source"), "file");
  g_autofree char *path = file != NULL ? g_strdup (file) : _valise_domain_text (nvram);
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : NULL;
  g_autofree char *folder = g_path_get_dirname (self->file);
  g_autofree char *place = g_strdup_printf (_ ("%s, line %ld"), self->file, xmlGetLineNo (nvram));
  const ValisePackageMember *member =
      name != NULL ? valise_package_find (self->package, g_str_equal (folder, ".") ? NULL : folder, name) : NULL;

  if (member != NULL)
    valise_efi_variables_apply (self->package, member, self->blueprint, place);
  else
    valise_blueprint_tell (self->blueprint, VALISE_SEVERITY_INFO, "nvram-new", place,
                           _ ("The firmware begins with fresh variables and starts from the disk's fallback path."),
                           NULL);
}

static void
read_loader (ValiseDomain *self, xmlNode *os)
{
  ValiseBlueprint *blueprint = self->blueprint;
  xmlNode *loader = _valise_domain_child (os, "loader");
  g_autofree char *firmware = _valise_domain_get (os, "firmware");
  g_autofree char *type = _valise_domain_get (loader, "type");
  g_autofree char *secure = _valise_domain_get (loader, "secure");

  blueprint->secure_boot = g_strcmp0 (secure, "yes") == 0;
  if (g_strcmp0 (firmware, "efi") == 0 || g_strcmp0 (type, "pflash") == 0)
    blueprint->firmware = VALISE_BLUEPRINT_FIRMWARE_EFI;
  else if (g_strcmp0 (firmware, "bios") == 0)
    blueprint->firmware = VALISE_BLUEPRINT_FIRMWARE_BIOS;
  if (_valise_domain_child (os, "nvram") != NULL)
    read_variables (self, _valise_domain_child (os, "nvram"));
}

static char *
read_direct (ValiseDomain *self, xmlNode *os, const char *name)
{
  xmlNode *node = _valise_domain_child (os, name);
  g_autofree char *path = _valise_domain_text (node);

  return path != NULL ? _valise_domain_member (self, node, path) : NULL;
}

/* Kinds of devices, where no device has a number of its own. */
static void
read_boot (ValiseDomain *self, xmlNode *os)
{
  guint n = 0;

  for (guint i = 0; i < self->blueprint->drives->len; i++)
    if (((ValiseBlueprintDrive *) self->blueprint->drives->pdata[i])->order > 0)
      return;
  for (guint i = 0; i < self->blueprint->nics->len; i++)
    if (((ValiseBlueprintNic *) self->blueprint->nics->pdata[i])->order > 0)
      return;
  for (xmlNode *node = os != NULL ? os->children : NULL; node != NULL && n < MOST_BOOT; node = node->next)
    {
      g_autofree char *word = node->type == XML_ELEMENT_NODE && g_str_equal ((const char *) node->name, "boot")
                                  ? _valise_domain_get (node, "dev")
                                  : NULL;

      if (word != NULL)
        valise_boot_order_add_word (self->blueprint, word);
      n += word != NULL;
    }
}

static void
read_os (ValiseDomain *self, xmlNode *os)
{
  ValiseBlueprint *blueprint = self->blueprint;
  xmlNode *type = _valise_domain_child (os, "type");
  g_autofree char *kind = _valise_domain_text (type);

  blueprint->arch = _valise_domain_get (type, "arch");
  blueprint->machine = _valise_domain_get (type, "machine");
  blueprint->cmdline = _valise_domain_text (_valise_domain_child (os, "cmdline"));
  blueprint->kernel = read_direct (self, os, "kernel");
  blueprint->initrd = read_direct (self, os, "initrd");
  blueprint->dtb = read_direct (self, os, "dtb");
  read_loader (self, os);
  if (kind != NULL && !g_str_equal (kind, "hvm"))
    _valise_domain_tell (self, VALISE_SEVERITY_ERROR, "not-a-machine", type,
                         _ ("This is a container or a guest of Xen that needs its own host, not a machine."), NULL);
}

static void
read_kind (ValiseDomain *self, xmlNode *domain)
{
  static const char *const like_ours[] = { "kvm", "qemu", "hvf", NULL };
  g_autofree char *type = _valise_domain_get (domain, "type");

  if (type != NULL && !g_strv_contains (like_ours, type))
    _valise_domain_tell (self, VALISE_SEVERITY_WARNING, "hypervisor", domain,
                         _ ("The machine ran on another hypervisor; its devices may not be those that the guest has "
                            "drivers for."),
                         _ ("If it does not start, choose SATA for its disks and e1000 for its network card."));
}

static void
read_name (ValiseDomain *self, xmlNode *domain)
{
  g_autofree char *title = _valise_domain_text (_valise_domain_child (domain, "title"));
  g_autofree char *name = _valise_domain_text (_valise_domain_child (domain, "name"));

  valise_blueprint_set_name (self->blueprint, title != NULL ? title : name);
}

/* libosinfo's URI, which virt-manager and GNOME Boxes note. */
static void
read_system (ValiseDomain *self, xmlNode *domain)
{
  xmlNode *noted = _valise_domain_child (_valise_domain_child (domain, "metadata"), "libosinfo");
  g_autofree char *id = _valise_domain_get (_valise_domain_child (noted, "os"), "id");

  if (id != NULL)
    self->blueprint->os_type = valise_text_for_display (id, LONGEST_SYSTEM);
}

static ValiseBlueprint *
read_domain (ValisePackage *package, const char *file, xmlNode *domain)
{
  g_autofree char *base = g_path_get_basename (file);
  xmlNode *clock = _valise_domain_child (domain, "clock");
  g_autofree char *offset = _valise_domain_get (clock, "offset");
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, said_free);
  ValiseDomain self = { .package = package, .file = file, .told = told };

  if (g_str_has_suffix (base, ".xml"))
    base[strlen (base) - strlen (".xml")] = '\0';
  self.blueprint = valise_blueprint_new ("libvirt", base);
  read_name (&self, domain);
  read_kind (&self, domain);
  self.blueprint->memory = read_memory (&self, _valise_domain_child (domain, "memory"));
  self.blueprint->local_time = g_strcmp0 (offset, "localtime") == 0;
  read_processors (&self, domain);
  read_os (&self, _valise_domain_child (domain, "os"));
  _valise_domain_read_bound (&self, domain);
  _valise_domain_read_devices (&self, _valise_domain_child (domain, "devices"));
  read_boot (&self, _valise_domain_child (domain, "os"));
  read_system (&self, domain);
  return self.blueprint;
}

/* --- the reader --- */

/* Snapshots and states of a running machine hold the machine inside. */
static xmlNode *
find_domain (xmlDoc *document)
{
  xmlNode *root = xmlDocGetRootElement (document);

  if (root == NULL || !g_strv_contains (roots, (const char *) root->name))
    return NULL;
  return g_str_equal ((const char *) root->name, "domain") ? root : _valise_domain_child (root, "domain");
}

static xmlDoc *
parse (ValisePackage *package, GError **error)
{
  const ValisePackageMember *member = valise_package_get_main (package);
  g_autoptr (GBytes) bytes = NULL;

  bytes = valise_package_read (package, member, LONGEST_DESCRIPTION, error);
  return bytes != NULL
             ? valise_xml_parse (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), member->name, error)
             : NULL;
}

/* By the first element's name, so that a description that is broken further on is told to be one. */
static gboolean
recognise (ValisePackage *package)
{
  static const char doctype[] = "<!DOCTYPE ";
  const ValisePackageMember *member = valise_package_get_main (package);
  char head[4097] = "";
  const char *at = head;

  if (member == NULL)
    return FALSE;
  head[valise_package_peek (package, member, 0, head, sizeof head - 1)] = '\0';
  while ((at = strchr (at, '<')) != NULL && (at[1] == '?' || g_str_has_prefix (at, "<!--")))
    {
      const char *end = strstr (at, at[1] == '?' ? "?>" : "-->");

      if (end == NULL)
        return FALSE;
      at = end;
    }
  if (at != NULL && g_str_has_prefix (at, doctype))
    at += strlen (doctype) - 1;
  for (gsize i = 0; at != NULL && roots[i] != NULL; i++)
    if (g_str_has_prefix (at + 1, roots[i]) && strchr (" \t\r\n/>", at[1 + strlen (roots[i])]) != NULL)
      return TRUE;
  return FALSE;
}

static GPtrArray *
read_machines (ValisePackage *package, const char *configuration, GError **error)
{
  g_autoptr (xmlDoc) document = parse (package, error);
  const char *file = valise_package_get_main (package)->name;
  xmlNode *domain = document != NULL ? find_domain (document) : NULL;
  GPtrArray *machines;

  (void) configuration;
  if (document == NULL)
    return NULL;
  if (domain == NULL)
    {
      g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED,
                   _ ("%s holds no machine. Save it again with “virsh dumpxml”."), file);
      return NULL;
    }
  machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);
  g_ptr_array_add (machines, read_domain (package, file, domain));
  return machines;
}

const ValiseReader valise_domain_reader = { "libvirt", recognise, read_machines };
