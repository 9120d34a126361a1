/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-read-back.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "base/valise-xml.h"
#include "model/valise-knob.h"
#include "model/valise-label.h"
#include "model/valise-node-private.h"
#include "model/valise-pairs-private.h"
#include "model/valise-rules-private.h"
#include "model/valise-same-value-private.h"
#include "model/valise-size-unit-private.h"

#define LONGEST_QUOTE 60

struct _ValiseReadBack
{
  char *text; /* of the stored document */
  GPtrArray *findings;
  GHashTable *devices; /* path in the stored document -> path in what was taken */
  GHashTable *values;  /* path in what was taken -> its value */
};

G_DEFINE_BOXED_TYPE (ValiseReadBack, valise_read_back, valise_read_back_ref, valise_read_back_unref)

/* Three trees of one machine, walked side by side. */
typedef struct
{
  ValiseReadBack *self;
  ValiseDocument *stored;
  ValiseDocument *taken;
} Walk;

typedef struct
{
  xmlNode *stored;
  xmlNode *given;
  xmlNode *taken; /* NULL: libvirt left it out */
} Place;

/* "[1]" says nothing: paths with and without it are one. */
static char *
without_first (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "[1]", -1);

  return g_strjoinv ("", parts);
}

/* --- what libvirt left out or changed --- */

static char *
path_of (Walk *walk, xmlNode *stored, const char *attribute)
{
  g_autofree char *element = _valise_rules_path_of (walk->stored, stored);

  return attribute != NULL ? g_strjoin ("/", element, attribute, NULL) : g_steal_pointer (&element);
}

static void
add_dropped (Walk *walk, xmlNode *stored, const char *attribute)
{
  g_autofree char *where = path_of (walk, stored, attribute);
  ValiseFinding *finding =
      valise_finding_new (VALISE_SEVERITY_WARNING, "read-back-dropped", where,
                          _ ("The libvirt installed here drops this without a word: it has no effect."),
                          _ ("Leave it out."));

  valise_finding_set_fix (finding, where, NULL);
  g_ptr_array_add (walk->self->findings, finding);
}

/* What libvirt does not write down because it happens anyway. */
static gboolean
goes_without_saying (Walk *walk, xmlNode *stored, const char *attribute, const char *value)
{
  static const struct
  {
    const char *knob;
    const char *value; /* NULL: any */
  } DEFAULTS[] = {
    { "cpu/numa/cell/cache/@associativity", "none" }, { "cpu/numa/cell/cache/@policy", "none" },
    { "devices/channel/source/@mode", "bind" },       { "devices/disk/source/host/@transport", "tcp" },
    { "devices/disk/target/@tray", "closed" },        { "devices/graphics/@connected", "keep" },
    { "devices/graphics/@defaultMode", "any" },       { "devices/graphics/channel/@mode", "any" },
    { "devices/video/model/@primary", "no" },         { "vcpu/@current", NULL },
  };
  g_autofree char *path = path_of (walk, stored, attribute);
  g_autofree char *pattern = valise_knob_pattern (path);

  if (g_str_equal (value, "default"))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (DEFAULTS); i++)
    if (g_str_equal (DEFAULTS[i].knob, pattern)
        && (DEFAULTS[i].value == NULL || g_str_equal (DEFAULTS[i].value, value)))
      return TRUE;
  return FALSE;
}

static gboolean
read_scaled (xmlNode *node, const char *text, guint64 *bytes)
{
  g_autofree char *unit = _valise_node_get (node, "unit");
  guint64 number, one = _valise_size_unit_bytes ((const char *) node->name, unit);

  return one != 0 && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &number, NULL)
         && g_uint64_checked_mul (bytes, number, one);
}

static gboolean
has_unit (const Place *place)
{
  return xmlHasProp (place->given, BAD_CAST "unit") != NULL || xmlHasProp (place->taken, BAD_CAST "unit") != NULL;
}

/* Of an element with a unit its text is in it, or these. */
static gboolean
is_scaled (const Place *place, const char *attribute)
{
  static const char *const SIZES[] = { "@size", "@value", "@memory", NULL };

  return has_unit (place) && (attribute == NULL || g_strv_contains (SIZES, attribute));
}

static gboolean
means_same (const Place *place, const char *attribute, const char *given, const char *taken)
{
  guint64 a, b;

  if (is_scaled (place, attribute) && read_scaled (place->given, given, &a) && read_scaled (place->taken, taken, &b))
    return a == b;
  return _valise_value_is_rewritten (given, taken);
}

/* "q35" is taken as the newest of its kind, names are given anew, and "auto" asks for a choice. */
static gboolean
is_chosen_by_libvirt (Walk *walk, xmlNode *stored, const char *attribute, const char *value)
{
  static const char *const ENDS[] = { "/@unit", "alias/@name", "os/type/@machine", NULL };
  g_autofree char *path = path_of (walk, stored, attribute);

  for (guint i = 0; ENDS[i] != NULL; i++)
    if (g_str_has_suffix (path, ENDS[i]))
      return TRUE;
  return g_str_equal (path, "@type") || g_str_equal (value, "auto");
}

/* As people read it: "768 MiB". */
static char *
show (const Place *place, const char *attribute, const char *value)
{
  guint64 bytes;

  if (is_scaled (place, attribute) && read_scaled (place->taken, value, &bytes))
    return valise_size_format (bytes);
  return valise_text_for_display (value, LONGEST_QUOTE);
}

/* One click writes the same, unless the value was made into another before libvirt got it, or has another unit now. */
static void
add_changed (Walk *walk, const Place *place, const char *attribute, gboolean as_given, const char *taken)
{
  g_autofree char *where = path_of (walk, place->stored, attribute);
  g_autofree char *shown = show (place, attribute, taken);
  g_autofree char *text = g_strdup_printf (_ ("The libvirt installed here makes “%s” of it."), shown);
  ValiseFinding *finding =
      valise_finding_new (VALISE_SEVERITY_WARNING, "read-back-changed", where, text, _ ("Write that, or leave it."));

  if (as_given && !is_scaled (place, attribute))
    valise_finding_set_fix (finding, where, taken);
  g_ptr_array_add (walk->self->findings, finding);
}

static void
compare_attribute (Walk *walk, const Place *place, const char *name)
{
  g_autofree char *leaf = g_strconcat ("@", name, NULL);
  g_autofree char *stored = _valise_node_get (place->stored, name);
  g_autofree char *given = _valise_node_get (place->given, name);
  g_autofree char *taken = place->taken != NULL ? _valise_node_get (place->taken, name) : NULL;

  if (stored == NULL || is_chosen_by_libvirt (walk, place->stored, leaf, stored))
    return;
  if (taken == NULL)
    {
      if (!goes_without_saying (walk, place->stored, leaf, given))
        add_dropped (walk, place->stored, leaf);
    }
  else if (!means_same (place, leaf, given, taken))
    add_changed (walk, place, leaf, g_str_equal (stored, given), taken);
}

/* libvirt counts the memory of modules itself. */
static gboolean
is_counted (Walk *walk, xmlNode *stored)
{
  return _valise_node_is (stored->parent, "domain") && _valise_node_is (stored, "memory")
         && valise_document_has (walk->stored, "devices/memory");
}

static void
compare_text (Walk *walk, const Place *place)
{
  g_autofree char *stored = _valise_node_text (place->stored);
  g_autofree char *given = _valise_node_text (place->given);
  g_autofree char *taken = place->taken != NULL ? _valise_node_text (place->taken) : NULL;

  if (*stored == '\0' || *given == '\0' || is_counted (walk, place->stored))
    return;
  if (taken == NULL || *taken == '\0')
    add_dropped (walk, place->stored, NULL);
  else if (!means_same (place, NULL, given, taken))
    add_changed (walk, place, NULL, g_str_equal (stored, given), taken);
}

/* Names are this program's own. */
static gboolean
is_ours (xmlNode *node)
{
  static const char *const OURS[] = { "name", "uuid", "title", "metadata", NULL };

  return node->ns != NULL
         || (_valise_node_is (node->parent, "domain") && g_strv_contains (OURS, (const char *) node->name));
}

static void compare (Walk *walk, const Place *place);

static void
compare_children (Walk *walk, const Place *place)
{
  g_autoptr (GHashTable) given = _valise_pairs_new (place->stored, place->given);
  g_autoptr (GHashTable) taken = _valise_pairs_new (place->given, place->taken);

  for (xmlNode *child = xmlFirstElementChild (place->stored); child != NULL; child = xmlNextElementSibling (child))
    {
      xmlNode *got = is_ours (child) ? NULL : g_hash_table_lookup (given, child);

      if (got != NULL)
        compare (walk, &(Place){ child, got, g_hash_table_lookup (taken, got) });
    }
}

static gboolean
is_device (xmlNode *node)
{
  return node->parent != NULL && _valise_node_is (node->parent, "devices");
}

/* An empty element says something where its being there is the setting. */
static gboolean
is_switch (Walk *walk, const Place *place)
{
  g_autofree char *path = path_of (walk, place->stored, NULL);
  const ValiseKnob *knob = valise_knob_lookup (path);

  return knob != NULL && knob->kind == VALISE_KNOB_PRESENCE;
}

/* A device that is gone is one finding. */
static void
compare (Walk *walk, const Place *place)
{
  if (place->taken == NULL && (is_device (place->stored) || is_switch (walk, place)))
    {
      add_dropped (walk, place->stored, NULL);
      return;
    }
  for (xmlAttr *attribute = place->given->properties; attribute != NULL; attribute = attribute->next)
    if (attribute->ns == NULL)
      compare_attribute (walk, place, (const char *) attribute->name);
  compare_text (walk, place);
  compare_children (walk, place);
  if (is_device (place->stored) && place->taken != NULL)
    {
      g_autofree char *path = path_of (walk, place->stored, NULL);
      g_autofree char *other = valise_document_path_of (walk->taken, place->taken);

      g_hash_table_insert (walk->self->devices, without_first (path), without_first (other));
    }
}

/* --- what libvirt filled in --- */

static void
keep_value (Walk *walk, const char *element, const char *leaf, const char *value)
{
  g_autofree char *path =
      leaf != NULL ? g_strdup_printf ("%s%s@%s", element, *element != '\0' ? "/" : "", leaf) : g_strdup (element);

  g_hash_table_insert (walk->self->values, without_first (path), g_strdup (value));
}

static void
keep_values (Walk *walk, xmlNode *node)
{
  g_autofree char *element = valise_document_path_of (walk->taken, node);
  g_autofree char *text = _valise_node_text (node);

  if (*text != '\0' || node->properties == NULL)
    keep_value (walk, element, NULL, text);
  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    {
      g_autofree char *value = _valise_node_get (node, (const char *) attribute->name);

      keep_value (walk, element, (const char *) attribute->name, value);
    }
  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    if (!is_ours (child))
      keep_values (walk, child);
}

/* Chosen by chance, and another one the next time. */
static gboolean
is_chance (const char *knob)
{
  static const char *const CHANCE[] = { "mac/@address", "genid", "alias/@name", "uuid", NULL };

  for (guint i = 0; CHANCE[i] != NULL; i++)
    if (g_str_has_suffix (knob, CHANCE[i]))
      return TRUE;
  return FALSE;
}

/* The same place in what was taken; %NULL for a device that libvirt does not have. */
static char *
to_taken (ValiseReadBack *self, const char *knob)
{
  g_autofree char *plain = without_first (knob);
  g_autofree char *device = valise_label_device_path (plain);
  const char *taken = device != NULL ? g_hash_table_lookup (self->devices, device) : NULL;

  if (device == NULL)
    return g_steal_pointer (&plain);
  return taken != NULL ? g_strconcat (taken, plain + strlen (device), NULL) : NULL;
}

/* --- public --- */

static ValiseReadBack *
read_back_new (ValiseDocument *stored)
{
  ValiseReadBack *self = g_atomic_rc_box_new0 (ValiseReadBack);

  self->text = g_strdup (valise_document_get_text (stored));
  self->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);
  self->devices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

ValiseReadBack *
valise_read_back_new (ValiseDocument *stored, ValiseDocument *given, ValiseDocument *taken)
{
  Walk walk = { NULL, stored, taken };
  Place domain;

  g_return_val_if_fail (stored != NULL && given != NULL && taken != NULL, NULL);

  walk.self = read_back_new (stored);
  domain.stored = xmlDocGetRootElement (valise_document_get_tree (stored));
  domain.given = xmlDocGetRootElement (valise_document_get_tree (given));
  domain.taken = xmlDocGetRootElement (valise_document_get_tree (taken));
  compare_children (&walk, &domain);
  keep_values (&walk, domain.taken);
  return walk.self;
}

ValiseReadBack *
valise_read_back_new_refused (ValiseDocument *stored, const char *where, const char *reason)
{
  ValiseReadBack *self;

  g_return_val_if_fail (stored != NULL && reason != NULL, NULL);

  self = read_back_new (stored);
  g_ptr_array_add (self->findings, valise_finding_new (VALISE_SEVERITY_WARNING, "read-back-refused", where, reason,
                                                       _ ("Change it, or the machine will not start here.")));
  return self;
}

ValiseReadBack *
valise_read_back_ref (ValiseReadBack *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
read_back_clear (gpointer data)
{
  ValiseReadBack *self = data;

  g_free (self->text);
  g_ptr_array_unref (self->findings);
  g_hash_table_unref (self->devices);
  g_hash_table_unref (self->values);
}

void
valise_read_back_unref (ValiseReadBack *self)
{
  g_atomic_rc_box_release_full (self, read_back_clear);
}

GPtrArray *
valise_read_back_get_findings (ValiseReadBack *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->findings;
}

char *
valise_read_back_dup_default (ValiseReadBack *self, const char *knob)
{
  g_autofree char *taken = NULL;

  g_return_val_if_fail (self != NULL && knob != NULL, NULL);

  taken = is_chance (knob) ? NULL : to_taken (self, knob);
  return taken != NULL ? g_strdup (g_hash_table_lookup (self->values, taken)) : NULL;
}

gboolean
valise_read_back_is_of (ValiseReadBack *self, ValiseDocument *document)
{
  g_return_val_if_fail (self != NULL && document != NULL, FALSE);

  return g_str_equal (self->text, valise_document_get_text (document));
}
