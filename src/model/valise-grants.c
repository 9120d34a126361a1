/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-grants.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "base/valise-path.h"
#include "model/valise-knob.h"

/* No machine has that many; a larger file is not ours. */
#define FILE_MAX (4 * 1024 * 1024)

struct _ValiseGrants
{
  char *path;
  gboolean settled;
  GHashTable *values; /* set of "pattern\nvalue": no knob holds a line break */
};

static char *
key_of (const char *knob, const char *value)
{
  g_autofree char *pattern = valise_knob_pattern (knob);

  return g_strconcat (pattern, "\n", value, NULL);
}

static void
take_entry (ValiseGrants *self, JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *knob = object != NULL ? json_object_get_string_member_with_default (object, "knob", NULL) : NULL;
  const char *value = object != NULL ? json_object_get_string_member_with_default (object, "value", NULL) : NULL;

  if (knob != NULL && value != NULL)
    g_hash_table_add (self->values, key_of (knob, value));
}

static void
take_text (ValiseGrants *self, const char *text, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root, *list;
  JsonObject *object;

  if (length > FILE_MAX || !json_parser_load_from_data (parser, text, (gssize) length, NULL))
    return;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return;
  object = json_node_get_object (root);
  self->settled = json_object_get_boolean_member_with_default (object, "settled", FALSE);
  list = json_object_get_member (object, "grants");
  if (list == NULL || !JSON_NODE_HOLDS_ARRAY (list))
    return;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (list)); i++)
    take_entry (self, json_array_get_element (json_node_get_array (list), i));
}

static void
add_entry (JsonBuilder *builder, const char *key)
{
  const char *end = strchr (key, '\n');
  g_autofree char *knob = g_strndup (key, (gsize) (end - key));

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "knob");
  json_builder_add_string_value (builder, knob);
  json_builder_set_member_name (builder, "value");
  json_builder_add_string_value (builder, end + 1);
  json_builder_end_object (builder);
}

static char *
to_text (ValiseGrants *self, gsize *length)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (self->values), (GCompareFunc) strcmp);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "settled");
  json_builder_add_boolean_value (builder, self->settled);
  json_builder_set_member_name (builder, "grants");
  json_builder_begin_array (builder);
  for (GList *l = keys; l != NULL; l = l->next)
    add_entry (builder, l->data);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_pretty (generator, TRUE);
  json_generator_set_root (generator, root);
  return json_generator_to_data (generator, length);
}

static gboolean
save (ValiseGrants *self, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (self->path);
  g_autofree char *text = NULL;
  gsize length;

  if (g_mkdir_with_parents (directory, 0700) != 0)
    {
      int code = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), _ ("%s cannot be made: %s"), directory,
                   g_strerror (code));
      return FALSE;
    }
  text = to_text (self, &length);
  return valise_file_replace (self->path, text, (gssize) length, 0600, error);
}

/* --- public --- */

ValiseGrants *
valise_grants_load (const char *uuid, GError **error)
{
  g_autoptr (ValiseGrants) self = NULL;
  g_autofree char *state = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  gsize length;

  g_return_val_if_fail (uuid != NULL, NULL);

  if (!g_uuid_string_is_valid (uuid))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _ ("“%s” is not the uuid of a machine."), uuid);
      return NULL;
    }
  self = g_new0 (ValiseGrants, 1);
  state = valise_state_directory ();
  name = g_ascii_strdown (uuid, -1);
  self->path = g_build_filename (state, "grants", name, NULL);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_file_get_contents (self->path, &text, &length, &local))
    take_text (self, text, length);
  else if (!g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
valise_grants_free (ValiseGrants *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_hash_table_unref (self->values);
  g_free (self);
}

gboolean
valise_grants_has (ValiseGrants *self, const char *knob, const char *value)
{
  g_autofree char *key = NULL;

  g_return_val_if_fail (self != NULL && knob != NULL && value != NULL, FALSE);

  key = key_of (knob, value);
  return g_hash_table_contains (self->values, key);
}

gboolean
valise_grants_allow (ValiseGrants *self, const char *knob, const char *value, GError **error)
{
  g_autofree char *key = NULL;

  g_return_val_if_fail (self != NULL && knob != NULL && value != NULL, FALSE);

  key = key_of (knob, value);
  if (!g_hash_table_add (self->values, g_strdup (key)))
    return TRUE;
  if (save (self, error))
    return TRUE;
  g_hash_table_remove (self->values, key);
  return FALSE;
}

void
valise_grants_pretend (ValiseGrants *self, const char *knob, const char *value)
{
  g_return_if_fail (self != NULL && knob != NULL && value != NULL);

  g_hash_table_add (self->values, key_of (knob, value));
}

gboolean
valise_grants_revoke (ValiseGrants *self, const char *knob, const char *value, GError **error)
{
  g_autofree char *key = NULL;

  g_return_val_if_fail (self != NULL && knob != NULL && value != NULL, FALSE);

  key = key_of (knob, value);
  if (!g_hash_table_remove (self->values, key))
    return TRUE;
  if (save (self, error))
    return TRUE;
  g_hash_table_add (self->values, g_steal_pointer (&key));
  return FALSE;
}

gboolean
valise_grants_is_settled (ValiseGrants *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->settled;
}

gboolean
valise_grants_settle (ValiseGrants *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (self->settled)
    return TRUE;
  self->settled = TRUE;
  if (save (self, error))
    return TRUE;
  self->settled = FALSE;
  return FALSE;
}

void
valise_grants_forget (ValiseGrants *self)
{
  g_return_if_fail (self != NULL);

  g_hash_table_remove_all (self->values);
  self->settled = FALSE;
  if (g_unlink (self->path) != 0 && errno != ENOENT)
    g_debug ("%s: %s", self->path, g_strerror (errno));
}
