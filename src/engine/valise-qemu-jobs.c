/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-qemu-jobs-private.h"

#include <json-glib/json-glib.h>
#include <stdlib.h>
#include <string.h>

/* QEMU 7.1 and later take it at any time, but one of it, which cannot be taken away again. */
#define MAIN_LOOP "valise-main-loop"

/* (transfer full) (nullable): what QEMU answered */
static JsonNode *
ask_qemu (virDomainPtr domain, const char *command)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  char *answer = NULL;
  JsonNode *root = NULL;

  if (virDomainQemuMonitorCommand (domain, command, &answer, VIR_DOMAIN_QEMU_MONITOR_COMMAND_DEFAULT) < 0)
    g_debug ("%s: %s", command, virGetLastErrorMessage ());
  else if (json_parser_load_from_data (parser, answer, -1, NULL))
    root = json_parser_steal_root (parser);
  free (answer);
  return root;
}

/* The name of @job when it is one of those, and needs no quoting; otherwise %NULL. */
static const char *
match (JsonNode *job, const char *type, const char *prefix)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (job) ? json_node_get_object (job) : NULL;
  const char *name;

  if (object == NULL || g_strcmp0 (json_object_get_string_member_with_default (object, "type", NULL), type) != 0)
    return NULL;
  name = json_object_get_string_member_with_default (object, "device", NULL);
  return name != NULL && g_str_has_prefix (name, prefix) && strpbrk (name, "\"\\") == NULL ? name : NULL;
}

/* Tells each job that is meant @command, with @arguments beside its name. */
static void
tell_jobs (virDomainPtr domain, const char *type, const char *prefix, const char *command, const char *arguments)
{
  g_autoptr (JsonNode) answer = ask_qemu (domain, "{\"execute\":\"query-block-jobs\"}");
  JsonObject *root = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer) ? json_node_get_object (answer) : NULL;
  JsonNode *list = root != NULL ? json_object_get_member (root, "return") : NULL;
  JsonArray *jobs = list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;

  for (guint i = 0; jobs != NULL && i < json_array_get_length (jobs); i++)
    {
      const char *name = match (json_array_get_element (jobs, i), type, prefix);
      g_autofree char *text = g_strdup_printf ("{\"execute\":\"%s\",\"arguments\":{\"device\":\"%s\"%s}}", command,
                                               name != NULL ? name : "", arguments);
      g_autoptr (JsonNode) done = name != NULL ? ask_qemu (domain, text) : NULL;
    }
}

void
_valise_qemu_jobs_cancel (virDomainPtr domain, const char *type, const char *prefix)
{
  tell_jobs (domain, type, prefix, "block-job-cancel", "");
}

void
_valise_qemu_jobs_set_speed (virDomainPtr domain, const char *type, const char *prefix, guint64 speed)
{
  g_autofree char *argument = g_strdup_printf (",\"speed\":%" G_GUINT64_FORMAT, speed);

  tell_jobs (domain, type, prefix, "block-job-set-speed", argument);
}

void
_valise_qemu_jobs_set_threads (virDomainPtr domain, guint most)
{
  g_autofree char *text =
      g_strdup_printf ("{\"execute\":\"qom-set\",\"arguments\":{\"path\":\"/objects/" MAIN_LOOP "\","
                       "\"property\":\"thread-pool-max\",\"value\":%u}}",
                       most);
  g_autoptr (JsonNode) added = ask_qemu (domain, "{\"execute\":\"object-add\",\"arguments\":{"
                                                 "\"qom-type\":\"main-loop\",\"id\":\"" MAIN_LOOP "\"}}");
  g_autoptr (JsonNode) set = ask_qemu (domain, text);
}
