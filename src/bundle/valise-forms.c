/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-forms.h"

#include "base/valise-path.h"
#include "bundle/valise-document-private.h"
#include "bundle/valise-forms-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Every place of libvirt's domain format that can hold a path of the host. What the schema calls a path and is none of
 * the host's files is listed, with the reason, in tests/bundle/test-forms.c, which compares both lists with the
 * schema. */
static const ValiseFormsPlace places[] = {
  { "bootloader" },
  { "os/loader" },
  { "os/nvram" },
  { "os/nvram/@template" },
  { "os/nvram/source/@dev" },
  { "os/nvram/source/@dir" },
  { "os/nvram/source/@file" },
  { "os/nvram/source/@path" },
  { "os/nvram/source/config/@file" },
  { "os/nvram/source/host/@socket" },
  { "os/nvram/source/identity/@agentsock" },
  { "os/nvram/source/identity/@keyfile" },
  { "os/nvram/source/knownHosts/@path" },
  { "os/nvram/source/reservations/source/@path" },
  { "os/varstore/@path" },
  { "os/varstore/@template" },
  { "os/kernel" },
  { "os/shim" },
  { "os/initrd" },
  { "os/dtb" },
  { "os/acpi/table" },
  { "sysinfo/entry/@file" },
  { "blkiotune/device/path" },
  { "devices/emulator" },
  { "devices/disk/@file" },
  { "devices/disk/source/@dev" },
  { "devices/disk/source/@dir" },
  { "devices/disk/source/@file" },
  { "devices/disk/source/@path" },
  { "devices/disk/source/config/@file" },
  { "devices/disk/source/host/@socket" },
  { "devices/disk/source/identity/@agentsock" },
  { "devices/disk/source/identity/@keyfile" },
  { "devices/disk/source/knownHosts/@path" },
  { "devices/disk/source/reservations/source/@path" },
  { "devices/filesystem/binary/@path" },
  { "devices/filesystem/source/@dev" },
  { "devices/filesystem/source/@dir" },
  { "devices/filesystem/source/@file" },
  { "devices/filesystem/source/@socket" },
  { "devices/interface/source/@path" },
  /* The other types name a network interface here. */
  { "devices/interface/source/@dev", "devices/interface", "vdpa" },
  { "devices/interface/script/@path" },
  { "devices/interface/downscript/@path" },
  { "devices/interface/backend/@logFile" },
  { "devices/interface/backend/@tap" },
  { "devices/interface/backend/@vhost" },
  { "devices/interface/rom/@file" },
  { "devices/hostdev/rom/@file" },
  { "devices/hostdev/source/block" },
  { "devices/hostdev/source/char" },
  { "devices/serial/@tty" },
  { "devices/serial/log/@file" },
  { "devices/serial/source/@master" },
  { "devices/serial/source/@path" },
  { "devices/serial/source/@slave" },
  { "devices/parallel/@tty" },
  { "devices/parallel/log/@file" },
  { "devices/parallel/source/@master" },
  { "devices/parallel/source/@path" },
  { "devices/parallel/source/@slave" },
  { "devices/console/@tty" },
  { "devices/console/log/@file" },
  { "devices/console/source/@master" },
  { "devices/console/source/@path" },
  { "devices/console/source/@slave" },
  { "devices/channel/log/@file" },
  { "devices/channel/source/@master" },
  { "devices/channel/source/@path" },
  { "devices/channel/source/@slave" },
  { "devices/redirdev/log/@file" },
  { "devices/redirdev/source/@master" },
  { "devices/redirdev/source/@path" },
  { "devices/redirdev/source/@slave" },
  { "devices/smartcard/database" },
  { "devices/smartcard/log/@file" },
  { "devices/smartcard/source/@master" },
  { "devices/smartcard/source/@path" },
  { "devices/smartcard/source/@slave" },
  { "devices/rng/backend" },
  { "devices/rng/backend/log/@file" },
  { "devices/rng/backend/source/@master" },
  { "devices/rng/backend/source/@path" },
  { "devices/rng/backend/source/@slave" },
  { "devices/tpm/backend/device/@path" },
  { "devices/tpm/backend/log/@file" },
  { "devices/tpm/backend/source/@path" },
  { "devices/input/source/@dev" },
  { "devices/input/source/@evdev" },
  { "devices/graphics/@socket" },
  { "devices/graphics/@xauth" },
  { "devices/graphics/gl/@rendernode" },
  { "devices/graphics/listen/@socket" },
  { "devices/video/model/acceleration/@rendernode" },
  { "devices/audio/@path" },
  /* ALSA names a sound device here, which is no file. */
  { "devices/audio/input/@dev", "devices/audio", "oss" },
  { "devices/audio/output/@dev", "devices/audio", "oss" },
  { "devices/memory/source/path" },
  { "devices/shmem/server/@path" },
  { "devices/lease/target/@path" },
  { "devices/pstore/path" },
};

/* Layers of a disk, which can be nested; each holds what a disk holds. */
static const char *const layers[] = { "backingStore", "mirror", "dataStore", NULL };

typedef struct
{
  ValiseDocument *document;
  GHashTable *places; /* pattern to ValiseFormsPlace */
  ValiseFormsFunc func;
  gpointer user_data;
} Walk;

const ValiseFormsPlace *
_valise_forms_places (gsize *length)
{
  *length = G_N_ELEMENTS (places);
  return places;
}

static GHashTable *
place_table (void)
{
  static gsize made = 0;
  static GHashTable *table;

  if (g_once_init_enter (&made))
    {
      table = g_hash_table_new (g_str_hash, g_str_equal);
      for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
        g_hash_table_insert (table, (gpointer) places[i].pattern, (gpointer) &places[i]);
      g_once_init_leave (&made, 1);
    }
  return table;
}

static guint
attribute_named (const ValiseSourceMap *map, guint element, const char *name)
{
  const ValiseSourceElement *found = _valise_source_element (map, element);

  for (guint i = found->first_attribute; i < found->first_attribute + found->n_attributes; i++)
    {
      const ValiseSourceAttribute *attribute = _valise_source_attribute (map, i);

      if (attribute->name_end - attribute->name == strlen (name)
          && memcmp (map->text + attribute->name, name, strlen (name)) == 0)
        return i;
    }
  return VALISE_SOURCE_NONE;
}

/* Whether the element that the condition is about (an ancestor) has the type it asks for. */
static gboolean
condition_holds (const ValiseSourceMap *map, guint element, const ValiseFormsPlace *place)
{
  guint depth = 2, type;

  if (place->of == NULL)
    return TRUE;
  for (const char *p = place->of; (p = strchr (p, '/')) != NULL; p++)
    depth++;
  while (_valise_source_element (map, element)->depth > depth)
    element = _valise_source_element (map, element)->parent;
  type = attribute_named (map, element, "type");
  return type != VALISE_SOURCE_NONE && _valise_source_attribute_equals (map, type, place->type, strlen (place->type));
}

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\r\n")] == '\0';
}

/* @pattern is that of the element or attribute; @attribute may be VALISE_SOURCE_NONE. */
static void
visit (Walk *walk, guint element, guint attribute, const char *pattern)
{
  const ValiseFormsPlace *place = g_hash_table_lookup (walk->places, pattern);
  g_autofree char *value = NULL, *knob = NULL;

  if (place == NULL || !condition_holds (walk->document->map, element, place))
    return;
  value = attribute != VALISE_SOURCE_NONE ? _valise_source_attribute_value (walk->document->map, attribute)
                                          : _valise_source_element_text (walk->document->map, element);
  if (is_blank (value))
    return;
  knob = attribute != VALISE_SOURCE_NONE ? _valise_document_attribute_path (walk->document, element, attribute)
                                         : _valise_document_element_path (walk->document, element);
  walk->func (knob, value, walk->user_data);
}

/* What the element adds to the pattern of its parent; nothing for the layers of a disk. */
static void
append_name (const ValiseSourceMap *map, guint element, GString *pattern)
{
  const ValiseSourceElement *found = _valise_source_element (map, element);
  gsize before = pattern->len;
  gboolean in_disk = g_str_equal (pattern->str, "devices/disk");

  if (found->parent == VALISE_SOURCE_NONE)
    return;
  if (pattern->len > 0)
    g_string_append_c (pattern, '/');
  g_string_append_len (pattern, map->text + found->name, (gssize) (found->name_end - found->name));
  if (in_disk && g_strv_contains (layers, pattern->str + before + 1))
    g_string_truncate (pattern, before);
}

static void
walk_element (Walk *walk, guint element, GString *pattern)
{
  const ValiseSourceMap *map = walk->document->map;
  const ValiseSourceElement *found = _valise_source_element (map, element);
  gsize before = pattern->len, here;

  append_name (map, element, pattern);
  here = pattern->len;
  if (pattern->len > before)
    visit (walk, element, VALISE_SOURCE_NONE, pattern->str);
  for (guint i = found->first_attribute; i < found->first_attribute + found->n_attributes; i++)
    {
      const ValiseSourceAttribute *attribute = _valise_source_attribute (map, i);

      g_string_append (pattern, here > 0 ? "/@" : "@");
      g_string_append_len (pattern, map->text + attribute->name, (gssize) (attribute->name_end - attribute->name));
      visit (walk, element, i, pattern->str);
      g_string_truncate (pattern, here);
    }
  for (guint child = found->first_child; child != VALISE_SOURCE_NONE; child = _valise_source_element (map, child)->next)
    walk_element (walk, child, pattern);
  g_string_truncate (pattern, before);
}

void
valise_forms_foreach (ValiseDocument *document, ValiseFormsFunc func, gpointer user_data)
{
  Walk walk = { document, place_table (), func, user_data };
  GString *pattern;

  g_return_if_fail (document != NULL && func != NULL);
  pattern = g_string_new (NULL);
  walk_element (&walk, 0, pattern);
  g_string_free (pattern, TRUE);
}

/* --- the two forms --- */

typedef struct
{
  char *knob;
  char *value; /* the new one */
} Edit;

typedef struct
{
  const char *directory; /* without a slash at the end */
  GArray *edits;
  GError *error;
} Conversion;

static void
edit_clear (gpointer edit)
{
  g_free (((Edit *) edit)->knob);
  g_free (((Edit *) edit)->value);
}

static void
to_absolute_cb (const char *knob, const char *value, gpointer user_data)
{
  Conversion *conversion = user_data;
  Edit edit;

  if (*value == '/' || conversion->error != NULL)
    return;
  if (!valise_path_is_plain_relative (value))
    {
      g_autofree char *shown = valise_text_for_display (value, 200);

      g_set_error (
          &conversion->error, VALISE_PATH_ERROR, VALISE_PATH_ERROR_UNSAFE,
          _ ("%s is “%s”, which leads out of the machine’s directory. Choose a file inside it, or give its full path."),
          knob, shown);
      return;
    }
  edit = (Edit){ g_strdup (knob), g_strconcat (conversion->directory, "/", value, NULL) };
  g_array_append_val (conversion->edits, edit);
}

static void
to_stored_cb (const char *knob, const char *value, gpointer user_data)
{
  Conversion *conversion = user_data;
  gsize length = strlen (conversion->directory);
  Edit edit;

  if (strncmp (value, conversion->directory, length) != 0 || value[length] != '/'
      || !valise_path_is_plain_relative (value + length + 1))
    return;
  edit = (Edit){ g_strdup (knob), g_strdup (value + length + 1) };
  g_array_append_val (conversion->edits, edit);
}

/* All or nothing. Values change but never what elements there are, so that all knobs stay valid. */
static gboolean
apply (ValiseDocument *document, GArray *edits, GError **error)
{
  g_autofree char *before = g_strdup (valise_document_get_text (document));

  for (guint i = 0; i < edits->len; i++)
    {
      const Edit *edit = &g_array_index (edits, Edit, i);

      if (!valise_document_set (document, edit->knob, edit->value, error))
        {
          valise_document_set_text (document, before, -1, NULL);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
convert (ValiseDocument *document, const char *directory, ValiseFormsFunc func, GError **error)
{
  g_autofree char *trimmed = g_strdup (directory);
  g_autoptr (GArray) edits = g_array_new (FALSE, FALSE, sizeof (Edit));
  Conversion conversion = { trimmed, edits, NULL };

  for (gsize length = strlen (trimmed); length > 0 && trimmed[length - 1] == '/'; length--)
    trimmed[length - 1] = '\0';
  g_array_set_clear_func (edits, edit_clear);
  valise_forms_foreach (document, func, &conversion);
  if (conversion.error != NULL)
    {
      g_propagate_error (error, conversion.error);
      return FALSE;
    }
  return apply (document, edits, error);
}

gboolean
valise_forms_to_absolute (ValiseDocument *document, const char *directory, GError **error)
{
  g_return_val_if_fail (document != NULL && directory != NULL && *directory == '/', FALSE);
  return convert (document, directory, to_absolute_cb, error);
}

gboolean
valise_forms_to_stored (ValiseDocument *document, const char *directory, GError **error)
{
  g_return_val_if_fail (document != NULL && directory != NULL && *directory == '/', FALSE);
  return convert (document, directory, to_stored_cb, error);
}
