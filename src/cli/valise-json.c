/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-json-private.h"

#include "base/valise-path.h"
#include "model/valise-effective.h"

#define LONGEST_LINE 1000

void
_valise_json_add_string (JsonBuilder *builder, const char *member, const char *value)
{
  /* The name of a file may be anything, JSON may not. */
  g_autofree char *text = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  json_builder_set_member_name (builder, member);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

void
_valise_json_add_number (JsonBuilder *builder, const char *member, gint64 value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_int_value (builder, value);
}

void
_valise_json_add_boolean (JsonBuilder *builder, const char *member, gboolean value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_boolean_value (builder, value);
}

void
_valise_json_add_asks (JsonBuilder *builder, const char *member, GPtrArray *asks)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; asks != NULL && i < asks->len; i++)
    {
      ValiseAsk *ask = g_ptr_array_index (asks, i);

      json_builder_begin_object (builder);
      _valise_json_add_string (builder, "knob", ask->knob);
      _valise_json_add_string (builder, "value", ask->value);
      _valise_json_add_string (builder, "text", ask->text);
      _valise_json_add_boolean (builder, "granted", ask->granted);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

void
_valise_json_add_finding (JsonBuilder *builder, const char *where_member, const ValiseFinding *finding)
{
  _valise_json_add_string (builder, "severity", valise_severity_to_word (finding->severity));
  _valise_json_add_string (builder, "code", finding->code);
  _valise_json_add_string (builder, where_member, finding->where);
  _valise_json_add_string (builder, "text", finding->text);
  _valise_json_add_string (builder, "remedy", finding->remedy);
}

void
_valise_json_add_findings (JsonBuilder *builder, const char *member, GPtrArray *findings)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; i < findings->len; i++)
    {
      json_builder_begin_object (builder);
      _valise_json_add_finding (builder, "where", findings->pdata[i]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

void
_valise_json_print_plain (FILE *out, const char *label, JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *member;
      JsonNode *value;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &member, &value))
        {
          g_autofree char *longer = *label != '\0' ? g_strdup_printf ("%s %s", label, member) : g_strdup (member);

          _valise_json_print_plain (out, longer, value);
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_autofree char *longer = g_strdup_printf ("%s %u", label, i + 1);

          _valise_json_print_plain (out, longer, json_array_get_element (array, i));
        }
    }
  else if (!JSON_NODE_HOLDS_NULL (node))
    {
      g_autofree char *raw =
          json_node_get_value_type (node) == G_TYPE_STRING ? json_node_dup_string (node) : json_to_string (node, FALSE);
      g_autofree char *shown = valise_text_for_display (raw, LONGEST_LINE);

      fprintf (out, "%s: %s\n", label, shown);
    }
}
