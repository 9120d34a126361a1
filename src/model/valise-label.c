/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-label.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "model/valise-knob-words-private.h"
#include "model/valise-size-unit-private.h"

#define LONGEST_VALUE 200
#define LONGEST_NAME 60
/* Of a password nothing is told, not even how long it is. */
#define HIDDEN "••••••"

typedef struct
{
  const char *element;
  const char *label;
  const char *name; /* below the device: what tells it from its like, or NULL */
} DeviceName;

static const DeviceName DEVICE_NAMES[] = {
  { "disk", N_ ("Disk"), "target/@dev" },
  { "interface", N_ ("Network card"), "mac/@address" },
  { "controller", N_ ("Controller"), "@type" },
  { "graphics", N_ ("Display"), "@type" },
  { "video", N_ ("Video card"), NULL },
  { "sound", N_ ("Sound card"), "@model" },
  { "audio", N_ ("Sound output"), NULL },
  { "input", N_ ("Input"), "@type" },
  { "tpm", N_ ("TPM"), NULL },
  { "rng", N_ ("Random numbers"), NULL },
  { "watchdog", N_ ("Watchdog"), NULL },
  { "memballoon", N_ ("Memory balloon"), NULL },
  { "serial", N_ ("Serial port"), NULL },
  { "parallel", N_ ("Parallel port"), NULL },
  { "console", N_ ("Console"), NULL },
  { "channel", N_ ("Channel"), "target/@name" },
  { "filesystem", N_ ("Shared folder"), "target/@dir" },
  { "hostdev", N_ ("Host device"), NULL },
  { "redirdev", N_ ("USB redirection"), NULL },
  { "hub", N_ ("USB hub"), NULL },
  { "smartcard", N_ ("Smart card"), NULL },
  { "panic", N_ ("Panic device"), NULL },
  { "vsock", N_ ("Socket device"), NULL },
  { "shmem", N_ ("Shared memory"), "@name" },
  { "memory", N_ ("Memory module"), NULL },
  { "iommu", N_ ("IOMMU"), NULL },
  { "crypto", N_ ("Crypto device"), NULL },
};

static const DeviceName *
find_device_name (const char *device)
{
  const char *element = device + strlen ("devices/");
  gsize length = strcspn (element, "[");

  for (guint i = 0; i < G_N_ELEMENTS (DEVICE_NAMES); i++)
    if (strlen (DEVICE_NAMES[i].element) == length && strncmp (DEVICE_NAMES[i].element, element, length) == 0)
      return &DEVICE_NAMES[i];
  return NULL;
}

static const char *
device_noun (ValiseDocument *document, const char *device, const DeviceName *name)
{
  g_autofree char *kind_path = g_strconcat (device, "/@device", NULL);
  g_autofree char *kind = g_str_equal (name->element, "disk") ? valise_document_get (document, kind_path) : NULL;

  if (g_strcmp0 (kind, "cdrom") == 0)
    return _ ("CD drive");
  if (g_strcmp0 (kind, "floppy") == 0)
    return _ ("Floppy drive");
  return _ (name->label);
}

/* "Disk" and "vda"; a device that has no name of its own gets its place when there are several of the kind. */
static char *
device_own_name (ValiseDocument *document, const char *device, const DeviceName *name)
{
  g_autofree char *path = name->name != NULL ? g_strconcat (device, "/", name->name, NULL) : NULL;
  g_autofree char *raw = path != NULL ? valise_document_get (document, path) : NULL;
  const char *index = strchr (device, '[');
  g_autofree char *all = g_strconcat ("devices/", name->element, NULL);

  if (raw != NULL && *raw != '\0')
    return valise_text_for_display (raw, LONGEST_NAME);
  if (index != NULL && g_ascii_isdigit (index[1]) && valise_document_count (document, all) > 1)
    return g_strndup (index + 1, strcspn (index + 1, "]"));
  return NULL;
}

/* "Cache mode" within "Disk vda: cache mode". Only for words that are not translated: other languages have other
 * rules. */
static void
begin_small (char *label)
{
  if (g_ascii_isupper (label[0]) && g_ascii_islower (label[1]))
    label[0] = g_ascii_tolower (label[0]);
}

static char *
continue_sentence (const ValiseKnob *knob)
{
  char *label = g_strdup (valise_knob_get_label (knob));

  if (g_str_equal (label, knob->label))
    begin_small (label);
  return label;
}

/* What our table has no words for, in libvirt's. */
static char *
made_label (const char *path)
{
  g_autofree char *pattern = valise_knob_pattern (path);
  g_autofree char *label = _valise_knob_words_dup_label (pattern);

  return valise_text_for_display (label, LONGEST_VALUE);
}

static char *
continue_made (const char *path)
{
  g_autofree char *label = made_label (path);
  g_auto (GStrv) parts = g_strsplit (label, ": ", -1);

  begin_small (parts[0]);
  return g_strjoinv (" ", parts);
}

static guint64
unit_of (ValiseDocument *document, const char *path)
{
  const char *leaf = strrchr (path, '/');
  gboolean is_node = leaf != NULL && g_str_equal (leaf, "/@memory");
  g_autofree char *owner = is_node ? g_strndup (path, (gsize) (leaf - path)) : g_strdup (path);
  g_autofree char *unit_path = g_strconcat (owner, "/@unit", NULL);
  g_autofree char *unit = NULL;

  /* A memory node's has its unit beside it. */
  if ((leaf != NULL ? leaf[1] : path[0]) == '@' && !is_node)
    return _valise_size_unit_of_attribute (path);
  unit = valise_document_get (document, unit_path);
  return _valise_size_unit_bytes (path, unit);
}

static char *
number_with_unit (const ValiseKnob *knob, const char *text)
{
  /* Translators: a number and its unit, as in "5000 ms" */
  return knob->unit != NULL ? g_strdup_printf (_ ("%s %s"), text, _ (knob->unit)) : g_strdup (text);
}

char *
valise_label_device_path (const char *path)
{
  gboolean in_predicate = FALSE;
  const char *end;

  g_return_val_if_fail (path != NULL, NULL);

  if (!g_str_has_prefix (path, "devices/") || path[strlen ("devices/")] == '@')
    return NULL;
  for (end = path + strlen ("devices/"); *end != '\0' && (*end != '/' || in_predicate); end++)
    in_predicate = *end == '[' || (in_predicate && *end != ']');
  return g_strndup (path, end - path);
}

char *
valise_label_device (ValiseDocument *document, const char *path)
{
  g_autofree char *device = valise_label_device_path (path);
  const DeviceName *name = device != NULL ? find_device_name (device) : NULL;
  g_autofree char *own = NULL;

  g_return_val_if_fail (document != NULL, NULL);

  if (name == NULL)
    return valise_text_for_display (device != NULL ? device + strlen ("devices/") : path, LONGEST_NAME);
  own = device_own_name (document, device, name);
  if (own == NULL)
    return g_strdup (device_noun (document, device, name));
  /* Translators: a device and its own name, as in "Disk vda" */
  return g_strdup_printf (_ ("%s %s"), device_noun (document, device, name), own);
}

const ValiseKnob *
valise_label_lookup (ValiseDocument *document, const char *path)
{
  g_autofree char *device = valise_label_device_path (path);
  g_autofree char *kind_path = NULL;
  g_autofree char *kind = NULL;
  g_autofree char *named = NULL;

  if (device == NULL || !g_str_has_prefix (device, "devices/disk") || g_str_equal (device, path))
    return valise_knob_lookup (path);
  kind_path = g_strconcat (device, "/@device", NULL);
  kind = valise_document_get (document, kind_path);
  if (g_strcmp0 (kind, "cdrom") != 0)
    return valise_knob_lookup (path);
  named = g_strconcat ("devices/disk[@device='cdrom']", path + strlen (device), NULL);
  return valise_knob_lookup (named);
}

char *
valise_label_knob (ValiseDocument *document, const char *path)
{
  const ValiseKnob *knob = valise_label_lookup (document, path);
  g_autofree char *device = valise_label_device_path (path);
  g_autofree char *label = NULL;
  g_autofree char *device_label = NULL;

  if (device == NULL)
    return knob != NULL ? g_strdup (valise_knob_get_label (knob)) : made_label (path);
  device_label = valise_label_device (document, path);
  if (g_str_equal (device, path))
    return g_steal_pointer (&device_label);
  /* "Sound card ich9: sound card" says it twice. */
  if (knob != NULL && g_str_has_prefix (device_label, valise_knob_get_label (knob)))
    return g_steal_pointer (&device_label);
  label = knob != NULL ? continue_sentence (knob) : continue_made (path + strlen (device) + 1);
  /* Translators: a device and one of its settings, as in "Disk vda: cache mode" */
  return g_strdup_printf (_ ("%s: %s"), device_label, label);
}

char *
valise_label_text (const ValiseKnob *knob, const char *text)
{
  const char *choice = knob != NULL ? valise_knob_get_choice_label (knob, text) : NULL;
  ValiseKnobKind kind = knob != NULL ? knob->kind : VALISE_KNOB_TEXT;
  gboolean is_switch = kind == VALISE_KNOB_YES_NO || kind == VALISE_KNOB_ON_OFF;
  g_autofree char *number = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  if (choice != NULL)
    return g_strdup (choice);
  if (knob != NULL && g_str_has_suffix (knob->path, "/@passwd"))
    return g_strdup (HIDDEN);
  if (kind == VALISE_KNOB_PRESENCE || (is_switch && (g_str_equal (text, "yes") || g_str_equal (text, "on"))))
    return g_strdup (_ ("on"));
  if (is_switch && (g_str_equal (text, "no") || g_str_equal (text, "off")))
    return g_strdup (_ ("off"));
  if (kind == VALISE_KNOB_NUMBER)
    number = number_with_unit (knob, text);
  return valise_text_for_display (number != NULL ? number : text, LONGEST_VALUE);
}

char *
valise_label_value (ValiseDocument *document, const char *path)
{
  const ValiseKnob *knob = valise_label_lookup (document, path);
  g_autofree char *text = valise_document_get (document, path);
  guint64 bytes;

  if (text == NULL)
    return NULL;
  if (knob != NULL && knob->kind == VALISE_KNOB_SIZE && valise_label_get_size (document, path, &bytes))
    return valise_size_format (bytes);
  return valise_label_text (knob, text);
}

gboolean
valise_label_get_size (ValiseDocument *document, const char *path, guint64 *bytes)
{
  g_autofree char *text = valise_document_get (document, path);
  guint64 number, unit;

  if (text == NULL || !g_ascii_string_to_unsigned (g_strstrip (text), 10, 0, G_MAXUINT64, &number, NULL))
    return FALSE;
  unit = unit_of (document, path);
  return unit != 0 && g_uint64_checked_mul (bytes, number, unit);
}
