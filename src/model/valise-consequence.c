/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-consequence-private.h"

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "model/valise-disk-name.h"
#include "model/valise-knob.h"
#include "model/valise-label.h"
#include "model/valise-size-unit-private.h"

typedef gboolean (*Follow) (ValiseConsequence *self, ValiseDocument *document, GError **error);

struct _ValiseConsequence
{
  char *knob;
  char *device; /* that the knob lies in, or NULL */
  char *before; /* the knob's value, or NULL */
  char *noted;  /* what else the rule needs of the old state */
  Follow follow;
};

/* Makes the rule's note; FALSE when there is nothing to follow. */
typedef gboolean (*Note) (ValiseConsequence *self, ValiseDocument *document);

static char *
get_below (ValiseDocument *document, const char *device, const char *leaf)
{
  g_autofree char *path = g_strconcat (device, "/", leaf, NULL);

  return valise_document_get (document, path);
}

static gboolean
unset_below (ValiseDocument *document, const char *device, const char *leaf, GError **error)
{
  g_autofree char *path = g_strconcat (device, "/", leaf, NULL);

  return valise_document_unset (document, path, error);
}

static gboolean
is_changed (ValiseConsequence *self, ValiseDocument *document)
{
  g_autofree char *now = valise_document_get (document, self->knob);

  return g_strcmp0 (self->before, now) != 0;
}

/* --- names --- */

static gboolean
note_nothing (ValiseConsequence *self, ValiseDocument *document)
{
  return TRUE;
}

static gboolean
follow_name (ValiseConsequence *self, ValiseDocument *document, GError **error)
{
  static const char *const PLACES[] = { "metadata/valise:machine/@name", "title" };
  g_autofree char *label = valise_document_get (document, self->knob);
  g_autofree char *plain = NULL;

  if (label == NULL || *label == '\0')
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (PLACES); i++)
    if (!g_str_equal (PLACES[i], self->knob) && valise_document_has (document, PLACES[i])
        && !valise_document_set (document, PLACES[i], label, error))
      return FALSE;
  plain = valise_path_name_from_label (label);
  return g_str_equal (self->knob, "name") || valise_document_set (document, "name", plain, error);
}

/* --- memory and processors --- */

static gboolean
note_equal_memory (ValiseConsequence *self, ValiseDocument *document)
{
  guint64 memory, current;

  return valise_label_get_size (document, "memory", &memory)
         && valise_label_get_size (document, "currentMemory", &current) && memory == current;
}

static gboolean
follow_memory (ValiseConsequence *self, ValiseDocument *document, GError **error)
{
  guint64 bytes;

  return !valise_label_get_size (document, "memory", &bytes)
         || _valise_consequence_write_size (document, "currentMemory", bytes, error);
}

static guint64
topology_part (ValiseDocument *document, const char *attribute)
{
  g_autofree char *path = g_strconcat ("cpu/topology/@", attribute, NULL);
  g_autofree char *text = valise_document_get (document, path);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : 1;
}

/* Processors for each core that a socket has. */
static guint64
processors_per_core (ValiseDocument *document)
{
  guint64 product = topology_part (document, "sockets");

  return g_uint64_checked_mul (&product, product, topology_part (document, "dies"))
                 && g_uint64_checked_mul (&product, product, topology_part (document, "threads"))
             ? product
             : 0;
}

static gboolean
fits_topology (ValiseDocument *document, const char *cpus)
{
  guint64 product;

  return cpus != NULL && valise_document_has (document, "cpu/topology")
         && g_uint64_checked_mul (&product, processors_per_core (document), topology_part (document, "cores"))
         && product == g_ascii_strtoull (cpus, NULL, 10);
}

static gboolean
note_cpus (ValiseConsequence *self, ValiseDocument *document)
{
  g_autofree char *current = valise_document_get (document, "vcpu/@current");
  gboolean same = current != NULL && g_strcmp0 (self->before, current) == 0;

  self->noted =
      g_strdup_printf ("%s%s", same ? "current " : "", fits_topology (document, self->before) ? "topology" : "");
  return *self->noted != '\0';
}

static gboolean
fit_topology (ValiseDocument *document, const char *cpus, GError **error)
{
  guint64 count = g_ascii_strtoull (cpus, NULL, 10);
  guint64 per_core = processors_per_core (document);
  g_autofree char *cores = NULL;

  if (fits_topology (document, cpus))
    return TRUE;
  if (count == 0 || per_core == 0 || count % per_core != 0)
    return valise_document_unset (document, "cpu/topology", error);
  cores = g_strdup_printf ("%" G_GUINT64_FORMAT, count / per_core);
  return valise_document_set (document, "cpu/topology/@cores", cores, error);
}

static gboolean
follow_cpus (ValiseConsequence *self, ValiseDocument *document, GError **error)
{
  g_autofree char *now = valise_document_get (document, "vcpu");
  guint64 count;

  /* what is no number is about to be corrected */
  if (now == NULL || !g_ascii_string_to_unsigned (now, 10, 1, G_MAXUINT16, &count, NULL))
    return TRUE;
  if (strstr (self->noted, "current") != NULL && !valise_document_set (document, "vcpu/@current", now, error))
    return FALSE;
  return strstr (self->noted, "topology") == NULL || fit_topology (document, now, error);
}

/* --- buses --- */

static gboolean
rename_disk (ValiseConsequence *self, ValiseDocument *document, const char *prefix, GError **error)
{
  g_autofree char *path = g_strconcat (self->device, "/target/@dev", NULL);
  g_autofree char *name = valise_disk_name_find_free (document, prefix);

  return valise_document_set (document, path, name, error);
}

static gboolean
follow_bus (ValiseConsequence *self, ValiseDocument *document, GError **error)
{
  g_autofree char *bus = valise_document_get (document, self->knob);
  g_autofree char *target = get_below (document, self->device, "target/@dev");
  const char *prefix = valise_disk_name_prefix (bus);

  if (!is_changed (self, document))
    return TRUE;
  if (!unset_below (document, self->device, "address", error))
    return FALSE;
  if (!g_str_has_prefix (self->knob, "devices/disk") || prefix == NULL || target == NULL
      || g_str_has_prefix (target, prefix))
    return TRUE;
  return rename_disk (self, document, prefix, error);
}

/* --- machine families --- */

static const char *
family_of (const char *machine)
{
  static const char *const FAMILIES[] = { "q35", "i440fx", "microvm", "isapc", "virt", "pseries", "s390" };

  for (guint i = 0; machine != NULL && i < G_N_ELEMENTS (FAMILIES); i++)
    if (strstr (machine, FAMILIES[i]) != NULL)
      return FAMILIES[i];
  return g_strcmp0 (machine, "pc") == 0 ? "i440fx" : machine;
}

/* Paths of what only fits the old family: PCI addresses, and the controllers that make its bus. */
static void
collect_misfits (ValiseDocument *document, GPtrArray *paths)
{
  xmlNode *domain = xmlDocGetRootElement (valise_document_get_tree (document));

  for (xmlNode *part = xmlFirstElementChild (domain); part != NULL; part = xmlNextElementSibling (part))
    for (xmlNode *device = g_str_equal (part->name, "devices") ? xmlFirstElementChild (part) : NULL; device != NULL;
         device = xmlNextElementSibling (device))
      {
        g_autofree char *path = valise_document_path_of (document, device);
        g_autofree char *type = get_below (document, path, "@type");
        g_autofree char *address = get_below (document, path, "address/@type");

        if (g_str_equal (device->name, "controller") && g_strcmp0 (type, "pci") == 0)
          g_ptr_array_add (paths, g_steal_pointer (&path));
        else if (g_strcmp0 (address, "pci") == 0)
          g_ptr_array_add (paths, g_strconcat (path, "/address", NULL));
      }
}

static gboolean
follow_machine (ValiseConsequence *self, ValiseDocument *document, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *machine = valise_document_get (document, self->knob);

  if (g_strcmp0 (family_of (self->before), family_of (machine)) == 0)
    return TRUE;
  collect_misfits (document, paths);
  /* from the last to the first, so that indices stay true */
  for (guint i = paths->len; i > 0; i--)
    if (!valise_document_unset (document, paths->pdata[i - 1], error))
      return FALSE;
  return TRUE;
}

/* --- firmware --- */

static gboolean
follow_firmware (ValiseConsequence *self, ValiseDocument *document, GError **error)
{
  g_autofree char *firmware = valise_document_get (document, self->knob);

  if (g_strcmp0 (self->before, "efi") != 0 || g_strcmp0 (firmware, "bios") != 0)
    return TRUE;
  return valise_document_unset (document, "os/firmware", error) && valise_document_unset (document, "os/nvram", error)
         && valise_document_unset (document, "os/loader", error);
}

/* --- processors by name --- */

static gboolean
is_own_processor (const char *mode)
{
  return g_strcmp0 (mode, "host-passthrough") == 0 || g_strcmp0 (mode, "maximum") == 0;
}

/* Beside a processor like this computer's a model would stand there and do nothing. */
static gboolean
follow_cpu_mode (ValiseConsequence *self, ValiseDocument *document, GError **error)
{
  g_autofree char *mode = valise_document_get (document, self->knob);
  gboolean named = mode == NULL || g_str_equal (mode, "custom");

  if (!is_own_processor (mode) && !valise_document_unset (document, "cpu/@migratable", error))
    return FALSE;
  return named || valise_document_unset (document, "cpu/model", error);
}

static gboolean
follow_cpu_model (ValiseConsequence *self, ValiseDocument *document, GError **error)
{
  g_autofree char *model = valise_document_get (document, self->knob);
  g_autofree char *mode = valise_document_get (document, "cpu/@mode");

  if (model == NULL || *model == '\0' || mode == NULL || g_str_equal (mode, "custom"))
    return TRUE;
  return valise_document_set (document, "cpu/@mode", "custom", error)
         && valise_document_unset (document, "cpu/@migratable", error);
}

/* --- clocks --- */

static const struct
{
  const char *leaf;
  const char *offset; /* with which alone it means something */
} CLOCK_PARTS[] = {
  { "clock/@timezone", "timezone" },
  { "clock/@start", "absolute" },
  { "clock/@basis", "variable" },
  { "clock/@adjustment", "variable" },
};

/* A zone or date that has to be there is this computer's own until somebody chooses another. */
static char *
usual_clock_part (const char *leaf)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();

  if (g_str_equal (leaf, "clock/@timezone"))
    return g_strdup (g_time_zone_get_identifier (zone));
  if (g_str_equal (leaf, "clock/@start"))
    return g_strdup_printf ("%" G_GINT64_FORMAT, g_get_real_time () / G_USEC_PER_SEC);
  return NULL;
}

static gboolean
follow_clock (ValiseConsequence *self, ValiseDocument *document, GError **error)
{
  g_autofree char *offset = valise_document_get (document, self->knob);

  for (gsize i = 0; i < G_N_ELEMENTS (CLOCK_PARTS); i++)
    {
      gboolean fits = g_strcmp0 (offset, CLOCK_PARTS[i].offset) == 0;
      gboolean there = valise_document_has (document, CLOCK_PARTS[i].leaf);
      g_autofree char *usual = fits && !there ? usual_clock_part (CLOCK_PARTS[i].leaf) : NULL;

      if (there && !fits && !valise_document_unset (document, CLOCK_PARTS[i].leaf, error))
        return FALSE;
      if (usual != NULL && !valise_document_set (document, CLOCK_PARTS[i].leaf, usual, error))
        return FALSE;
    }
  return TRUE;
}

/* --- disks that go --- */

static gboolean
note_stated_size (ValiseConsequence *self, ValiseDocument *document)
{
  g_autofree char *file = get_below (document, self->knob, "source/@file");

  if (file == NULL || strchr (file, '\'') != NULL)
    return FALSE;
  self->noted = g_strdup_printf ("metadata/valise:machine/valise:disk[@source='%s']", file);
  return valise_document_has (document, self->noted);
}

static gboolean
follow_removal (ValiseConsequence *self, ValiseDocument *document, GError **error)
{
  return valise_document_unset (document, self->noted, error);
}

/* What a removal of @knob would leave behind is known only while it is there. */
static gboolean
is_disk (const char *knob)
{
  g_autofree char *device = valise_label_device_path (knob);

  return device != NULL && g_str_equal (device, knob)
         && (g_str_equal (knob, "devices/disk") || g_str_has_prefix (knob, "devices/disk["));
}

static const struct
{
  const char *knob;
  Note note;
  Follow follow;
} RULES[] = {
  { "metadata/valise:machine/@name", note_nothing, follow_name },
  { "title", note_nothing, follow_name },
  { "name", note_nothing, follow_name },
  { "memory", note_equal_memory, follow_memory },
  { "vcpu", note_cpus, follow_cpus },
  { "devices/disk/target/@bus", note_nothing, follow_bus },
  { "devices/input/@bus", note_nothing, follow_bus },
  { "os/type/@machine", note_nothing, follow_machine },
  { "os/@firmware", note_nothing, follow_firmware },
  { "cpu/@mode", note_nothing, follow_cpu_mode },
  { "cpu/model", note_nothing, follow_cpu_model },
  { "clock/@offset", note_nothing, follow_clock },
};

/* The path without any predicate, whatever the table has. */
static gboolean
is_pattern (const char *knob, const char *pattern)
{
  g_autofree char *plain = valise_knob_pattern (knob);
  char *open;

  while ((open = strchr (plain, '[')) != NULL && strchr (open, ']') != NULL)
    memmove (open, strchr (open, ']') + 1, strlen (strchr (open, ']')));
  return g_str_equal (plain, pattern);
}

ValiseConsequence *
_valise_consequence_before (ValiseDocument *document, const char *knob)
{
  ValiseConsequence *self = g_new0 (ValiseConsequence, 1);

  self->knob = g_strdup (knob);
  self->device = valise_label_device_path (knob);
  self->before = valise_document_get (document, knob);
  for (guint i = 0; i < G_N_ELEMENTS (RULES); i++)
    if (is_pattern (knob, RULES[i].knob) && RULES[i].note (self, document))
      self->follow = RULES[i].follow;
  if (is_disk (knob) && note_stated_size (self, document))
    self->follow = follow_removal;
  return self;
}

gboolean
_valise_consequence_follow (ValiseConsequence *self, ValiseDocument *document, GError **error)
{
  return self->follow == NULL || self->follow (self, document, error);
}

void
_valise_consequence_free (ValiseConsequence *self)
{
  if (self == NULL)
    return;
  g_free (self->knob);
  g_free (self->device);
  g_free (self->before);
  g_free (self->noted);
  g_free (self);
}

gboolean
_valise_consequence_write_size (ValiseDocument *document, const char *knob, guint64 bytes, GError **error)
{
  g_autofree char *unit_path = g_strconcat (knob, "/@unit", NULL);
  g_autofree char *unit_name = valise_document_get (document, unit_path);
  gboolean is_attribute = strstr (knob, "/@") != NULL;
  guint64 unit = is_attribute ? _valise_size_unit_of_attribute (knob) : _valise_size_unit_bytes (knob, unit_name);
  gboolean exact = unit != 0 && bytes % unit == 0 && (is_attribute || valise_document_has (document, knob));
  g_autofree char *text = NULL;

  if (!exact && !is_attribute)
    unit = VALISE_KIB;
  text = g_strdup_printf ("%" G_GUINT64_FORMAT, bytes / unit + (bytes % unit != 0));
  if (!valise_document_set (document, knob, text, error))
    return FALSE;
  return is_attribute || exact || valise_document_set (document, unit_path, "KiB", error);
}
