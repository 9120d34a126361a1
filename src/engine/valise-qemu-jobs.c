/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-qemu-jobs-private.h"

#include <json-glib/json-glib.h>
#include <stdlib.h>
#include <string.h>

/* That a guest gets through beside them, and what QEMU has by itself. */
#define FEW 2
#define THREADS 64

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

/* (transfer full) (nullable): the list that it answered with */
static JsonArray *
ask_for_list (virDomainPtr domain, const char *command)
{
  g_autoptr (JsonNode) answer = ask_qemu (domain, command);
  JsonObject *root = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer) ? json_node_get_object (answer) : NULL;
  JsonNode *list = root != NULL ? json_object_get_member (root, "return") : NULL;

  return list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_array_ref (json_node_get_array (list)) : NULL;
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
  g_autoptr (JsonArray) jobs = ask_for_list (domain, "{\"execute\":\"query-block-jobs\"}");

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

/* --- threads --- */

/* The name of one that reads and writes files with threads, and needs no quoting; otherwise %NULL. */
static const char *
match_loop (JsonNode *child)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (child) ? json_node_get_object (child) : NULL;
  const char *type = object != NULL ? json_object_get_string_member_with_default (object, "type", "") : "";
  const char *name;

  if (!g_str_equal (type, "child<main-loop>") && !g_str_equal (type, "child<iothread>"))
    return NULL;
  name = json_object_get_string_member_with_default (object, "name", NULL);
  return name != NULL && strpbrk (name, "\"\\/") == NULL ? name : NULL;
}

static JsonArray *
ask_for_loops (virDomainPtr domain)
{
  return ask_for_list (domain, "{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"/objects\"}}");
}

/* 0: it does not say. */
static int
ask_threads (virDomainPtr domain, const char *loop)
{
  g_autofree char *text = g_strdup_printf (
      "{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"/objects/%s\",\"property\":\"thread-pool-max\"}}", loop);
  g_autoptr (JsonNode) answer = ask_qemu (domain, text);
  JsonObject *root = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer) ? json_node_get_object (answer) : NULL;

  return root != NULL ? (int) json_object_get_int_member_with_default (root, "return", 0) : 0;
}

static void
tell_threads (virDomainPtr domain, const char *loop, int most)
{
  g_autofree char *text = g_strdup_printf ("{\"execute\":\"qom-set\",\"arguments\":{\"path\":\"/objects/%s\","
                                           "\"property\":\"thread-pool-max\",\"value\":%d}}",
                                           loop, most);
  g_autoptr (JsonNode) done = ask_qemu (domain, text);
}

void
_valise_qemu_jobs_widen_left (virDomainPtr domain)
{
  g_autoptr (JsonArray) list = ask_for_loops (domain);

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      const char *loop = match_loop (json_array_get_element (list, i));

      if (loop != NULL && ask_threads (domain, loop) == FEW)
        tell_threads (domain, loop, THREADS);
    }
}

GHashTable *
_valise_qemu_jobs_narrow (virDomainPtr domain)
{
  g_autoptr (JsonNode) added =
      ask_qemu (domain,
                "{\"execute\":\"object-add\",\"arguments\":{\"qom-type\":\"main-loop\",\"id\":\"valise-main-loop\"}}");
  g_autoptr (JsonArray) list = ask_for_loops (domain);
  GHashTable *before = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      const char *loop = match_loop (json_array_get_element (list, i));
      int threads = loop != NULL ? ask_threads (domain, loop) : 0;

      if (threads <= FEW)
        continue;
      g_hash_table_insert (before, g_strdup (loop), GINT_TO_POINTER (threads));
      tell_threads (domain, loop, FEW);
    }
  return before;
}

void
_valise_qemu_jobs_widen (virDomainPtr domain, GHashTable *before)
{
  GHashTableIter iter;
  gpointer loop, threads;

  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &loop, &threads))
    tell_threads (domain, loop, GPOINTER_TO_INT (threads));
  g_hash_table_unref (before);
}
