/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-json-private.h"

#include "model/valise-effective.h"

void
_valise_json_add_string (JsonBuilder *builder, const char *member, const char *value)
{
  json_builder_set_member_name (builder, member);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
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
