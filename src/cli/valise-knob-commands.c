/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#include "cli/valise-json-private.h"
#include "cli/valise-knob-check-private.h"
#include "model/valise-knob-catalogue.h"

static const char *const kind_words[] = {
  [VALISE_KNOB_TEXT] = "text",         [VALISE_KNOB_YES_NO] = "yes-no",   [VALISE_KNOB_ON_OFF] = "on-off",
  [VALISE_KNOB_CHOICE] = "choice",     [VALISE_KNOB_NUMBER] = "number",   [VALISE_KNOB_SIZE] = "size",
  [VALISE_KNOB_PATH] = "path",         [VALISE_KNOB_MAC] = "mac",         [VALISE_KNOB_UUID] = "uuid",
  [VALISE_KNOB_PRESENCE] = "presence", [VALISE_KNOB_CPU_SET] = "cpu-set", [VALISE_KNOB_PCI_ADDRESS] = "pci-address",
  [VALISE_KNOB_LIST] = "list",
};

/* --- what others ask --- */

gboolean
_valise_knob_is_possible (const char *path, GError **error)
{
  ValiseKnobCatalogue *catalogue = valise_knob_catalogue_get_default ();

  return valise_knob_catalogue_get_error (catalogue) != NULL || valise_knob_catalogue_has_element (catalogue, path)
         || valise_knob_catalogue_find (catalogue, path, error) != NULL;
}

gboolean
_valise_knob_check (const char *path, const char *value, GError **error)
{
  ValiseKnobCatalogue *catalogue = valise_knob_catalogue_get_default ();
  const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (catalogue, path);

  if (entry != NULL)
    return valise_knob_entry_check (entry, value, error);
  return valise_knob_catalogue_get_error (catalogue) != NULL
         || valise_knob_catalogue_find (catalogue, path, error) != NULL;
}

static char *
hint_of_words (const ValiseKnobEntry *entry, ValiseDocument *document, const char *path, const char *value)
{
  g_autoptr (GPtrArray) words = valise_knob_entry_list_words (entry, document, path);
  g_autofree char *names = NULL;

  if (entry->open || words->len == 0 || g_ptr_array_find_with_equal_func (words, value, g_str_equal, NULL))
    return NULL;
  g_ptr_array_add (words, NULL);
  names = g_strjoinv (", ", (char **) words->pdata);
  /* Translators: words that a setting can have, with commas between them */
  return g_strdup_printf (_ ("here it can be %s."), names);
}

char *
_valise_knob_hint (ValiseDocument *document, const char *path, const char *value)
{
  const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (valise_knob_catalogue_get_default (), path);
  g_autofree char *situations = NULL;

  if (entry == NULL)
    return NULL;
  if (valise_knob_entry_is_possible (entry, document, path))
    return value != NULL ? hint_of_words (entry, document, path, value) : NULL;
  situations = valise_knob_entry_describe_situations (entry);
  /* Translators: settings that must be as said, as in "devices/disk/@type is file" */
  return g_strdup_printf (_ ("it can be set where %s."), situations);
}

/* --- knobs --- */

static void
add_words (JsonBuilder *builder, const ValiseKnobEntry *entry)
{
  json_builder_set_member_name (builder, "words");
  json_builder_begin_array (builder);
  for (guint i = 0; entry->words != NULL && entry->words[i] != NULL; i++)
    json_builder_add_string_value (builder, entry->words[i]);
  json_builder_end_array (builder);
}

static void
add_entry (JsonBuilder *builder, const ValiseKnobEntry *entry)
{
  g_autofree char *takes = valise_knob_entry_describe_values (entry);
  g_autofree char *where = valise_knob_entry_describe_situations (entry);

  json_builder_begin_object (builder);
  _valise_json_add_string (builder, "path", entry->knob.path);
  _valise_json_add_string (builder, "label", valise_knob_get_label (&entry->knob));
  _valise_json_add_string (builder, "help", valise_knob_get_help (&entry->knob));
  _valise_json_add_string (builder, "kind", kind_words[entry->knob.kind]);
  _valise_json_add_string (builder, "takes", takes);
  add_words (builder, entry);
  _valise_json_add_string (builder, "unit", entry->knob.unit != NULL ? _ (entry->knob.unit) : NULL);
  _valise_json_add_string (builder, "default", entry->knob.fallback != NULL ? _ (entry->knob.fallback) : NULL);
  _valise_json_add_string (builder, "where", where);
  _valise_json_add_string (builder, "each", entry->each);
  _valise_json_add_boolean (builder, "live", entry->knob.timing == VALISE_KNOB_LIVE);
  _valise_json_add_string (builder, "page", entry->knob.page);
  _valise_json_add_boolean (builder, "curated", entry->is_curated);
  json_builder_end_object (builder);
}

static void
print_json (ValiseCall *call, GPtrArray *entries)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < entries->len; i++)
    add_entry (builder, entries->pdata[i]);
  json_builder_end_array (builder);
  valise_call_print_json (call, builder);
}

static void
print_details (ValiseCall *call, const ValiseKnobEntry *entry)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  add_entry (builder, entry);
  root = json_builder_get_root (builder);
  _valise_json_print_plain (call->out, "", root);
}

static void
print_lines (ValiseCall *call, GPtrArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const ValiseKnobEntry *entry = entries->pdata[i];
      g_autofree char *takes = valise_knob_entry_describe_values (entry);

      fprintf (call->out, "%-50s %s: %s\n", entry->knob.path, valise_knob_get_label (&entry->knob), takes);
    }
}

/* Leaves those of @entries that are also among @others. */
static void
intersect (GPtrArray *entries, GPtrArray *others)
{
  for (guint i = entries->len; i > 0; i--)
    if (!g_ptr_array_find (others, entries->pdata[i - 1], NULL))
      g_ptr_array_remove_index (entries, i - 1);
}

static gboolean
check_page (ValiseKnobCatalogue *catalogue, const char *page, GError **error)
{
  g_autoptr (GPtrArray) pages = valise_knob_catalogue_list_pages (catalogue);
  g_autofree char *names = NULL;

  if (page == NULL || g_ptr_array_find_with_equal_func (pages, page, g_str_equal, NULL))
    return TRUE;
  g_ptr_array_add (pages, NULL);
  names = g_strjoinv (", ", (char **) pages->pdata);
  g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("There is no page “%s”. There is %s."), page,
               names);
  return FALSE;
}

/* All at and below @path; by rank when something is searched. */
static GPtrArray *
list (ValiseKnobCatalogue *catalogue, const char *path, const char *words, const char *page)
{
  g_autofree char *pattern = path != NULL ? valise_knob_pattern (path) : NULL;
  const ValiseKnobEntry *entry = path != NULL ? valise_knob_catalogue_lookup (catalogue, path) : NULL;
  g_autoptr (GPtrArray) below = valise_knob_catalogue_list_below (catalogue, pattern);
  GPtrArray *found;

  if (entry != NULL && below->len == 0)
    g_ptr_array_add (below, (gpointer) entry);
  found = words != NULL ? valise_knob_catalogue_search (catalogue, words) : g_ptr_array_ref (below);
  if (words != NULL)
    intersect (found, below);
  if (page != NULL)
    {
      g_autoptr (GPtrArray) on_page = valise_knob_catalogue_list_page (catalogue, page);

      intersect (found, on_page);
    }
  return found;
}

/* Whoever names a single one wants to know all about it. */
static void
print_text (ValiseCall *call, GPtrArray *found, const ValiseKnobEntry *named)
{
  if (named == NULL && found->len == 1)
    named = found->pdata[0];
  if (named != NULL)
    {
      print_details (call, named);
      g_ptr_array_remove (found, (gpointer) named);
    }
  print_lines (call, found);
}

gboolean
_valise_command_knobs (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autofree char *words = NULL;
  g_autofree char *page = NULL;
  g_autoptr (GPtrArray) found = NULL;
  ValiseKnobCatalogue *catalogue = valise_knob_catalogue_get_default ();
  GOptionEntry entries[] = {
    { "search", 0, 0, G_OPTION_ARG_FILENAME, &words, NULL, NULL },
    { "page", 0, 0, G_OPTION_ARG_FILENAME, &page, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "knobs", entries, arguments, &operands, 0, 1, error)
      || !check_page (catalogue, page, error))
    return FALSE;
  if (valise_knob_catalogue_get_error (catalogue) != NULL)
    fprintf (call->err, "valisectl: %s\n", valise_knob_catalogue_get_error (catalogue)->message);
  if (operands[0] != NULL && !_valise_knob_is_possible (operands[0], error))
    return FALSE;
  found = list (catalogue, operands[0], words, page);
  if (call->json)
    print_json (call, found);
  else
    print_text (call, found,
                operands[0] != NULL && words == NULL ? valise_knob_catalogue_lookup (catalogue, operands[0]) : NULL);
  return TRUE;
}
