/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-image-check.h"

#include <json-glib/json-glib.h>

#include "base/valise-process.h"
#include "base/valise-size.h"

/* As for every look of qemu-img at an image that somebody else may have made. */
#define ADDRESS_SPACE (4 * VALISE_GIB)
#define LONGEST_ANSWER VALISE_MIB

/* Names the file and nothing below it: whatever the header says is not followed. */
static char *
describe_image (const char *path)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "driver");
  json_builder_add_string_value (builder, "qcow2");
  json_builder_set_member_name (builder, "backing");
  json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "file");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "driver");
  json_builder_add_string_value (builder, "file");
  json_builder_set_member_name (builder, "filename");
  json_builder_add_string_value (builder, path);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  return g_strconcat ("json:", text, NULL);
}

static void
on_line_cb (const char *line, gpointer user_data)
{
  GString *answer = user_data;

  if (answer->len < LONGEST_ANSWER)
    g_string_append_printf (answer, "%s\n", line);
}

static gulong
count (JsonObject *answer, const char *member)
{
  return (gulong) MAX (json_object_get_int_member_with_default (answer, member, 0), 0);
}

static gboolean
read_answer (const char *text, ValiseImageCheck *check)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root = json_parser_load_from_data (parser, text, -1, NULL) ? json_parser_get_root (parser) : NULL;
  JsonObject *answer = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;

  if (answer == NULL || !json_object_has_member (answer, "check-errors"))
    return FALSE;
  check->corruptions = count (answer, "corruptions");
  check->leaks = count (answer, "leaks");
  check->unchecked = count (answer, "check-errors");
  return TRUE;
}

/* It ends with a failure for everything that it finds, and has told it by then. */
gboolean
_valise_image_check (const char *path, ValiseImageCheck *check, GCancellable *cancellable, GError **error)
{
  const ValiseProcessLimits limits = { .address_space = ADDRESS_SPACE };
  g_autofree char *image = describe_image (path);
  const char *const argv[] = { "qemu-img", "check", "--force-share", "--output=json", "--", image, NULL };
  g_autoptr (GString) answer = g_string_new (NULL);
  g_autoptr (GError) local = NULL;
  gboolean sound;

  sound = valise_process_run_with_files (argv, &limits, NULL, 0, on_line_cb, answer, cancellable, &local);
  if ((sound || g_error_matches (local, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_FAILED))
      && read_answer (answer->str, check))
    return TRUE;
  if (local == NULL)
    g_set_error (&local, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_FAILED, "qemu-img check: %s", answer->str);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
