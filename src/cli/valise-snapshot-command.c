/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "cli/valise-json-private.h"
#include "engine/valise-machine-schedule.h"
#include "engine/valise-machine-snapshots.h"
#include "engine/valise-snapshot-jobs.h"
#include "model/valise-change.h"

#define UNSAID G_MININT

typedef struct
{
  ValiseMachine *machine;
  char **words; /* after the machine */
  char *note;
  char *every;
  char *precautions;
  int keep; /* UNSAID when it was not said */
  gboolean no_memory, trust_memory, incomplete;
} Request;

typedef gboolean (*ActionFunc) (ValiseCall *call, const Request *request, GError **error);

/* --- list --- */

static void
add_snapshot (JsonBuilder *builder, const ValiseSnapshot *snapshot)
{
  static const char *const memory[] = { "none", "paused", "running" };
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (snapshot->time / G_USEC_PER_SEC);
  g_autofree char *written = time != NULL ? g_date_time_format_iso8601 (time) : NULL;

  json_builder_begin_object (builder);
  _valise_json_add_string (builder, "id", snapshot->id);
  _valise_json_add_string (builder, "name", snapshot->name);
  _valise_json_add_string (builder, "note", snapshot->note);
  _valise_json_add_string (builder, "parent", snapshot->parent);
  _valise_json_add_string (builder, "time", written);
  _valise_json_add_string (builder, "memory", memory[snapshot->memory]);
  _valise_json_add_boolean (builder, "current", snapshot->is_current);
  _valise_json_add_boolean (builder, "damaged", snapshot->is_damaged);
  _valise_json_add_number (builder, "size", (gint64) snapshot->size);
  json_builder_end_object (builder);
}

static guint
depth_of (GPtrArray *snapshots, const ValiseSnapshot *snapshot)
{
  guint depth = 0;

  while (snapshot->parent != NULL && depth < snapshots->len)
    {
      snapshot = valise_snapshots_find (snapshots, snapshot->parent, NULL);
      depth++;
    }
  return depth;
}

static void
print_snapshot (ValiseCall *call, GPtrArray *snapshots, const ValiseSnapshot *snapshot)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (snapshot->time / G_USEC_PER_SEC);
  g_autofree char *written = time != NULL ? g_date_time_format (time, "%F %R") : g_strdup ("");
  g_autofree char *size = valise_size_format (snapshot->size);
  g_autofree char *name = valise_text_for_display (snapshot->name, 120);
  g_autofree char *note = valise_text_for_display (snapshot->note, 200);

  fprintf (call->out, "%s %c %*s%s  %s  %s%s%s%s\n", snapshot->id, snapshot->is_current ? '*' : ' ',
           (int) depth_of (snapshots, snapshot) * 2, "", name, written, size,
           snapshot->memory != VALISE_SNAPSHOT_MEMORY_NONE ? _ (", with memory") : "", *note != '\0' ? "  " : "", note);
}

/* A tree's branches one after the other. */
static void
visit (ValiseCall *call, JsonBuilder *builder, GPtrArray *snapshots, const char *parent)
{
  for (guint i = 0; i < snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = snapshots->pdata[i];

      if (g_strcmp0 (snapshot->parent, parent) != 0)
        continue;
      if (builder != NULL)
        add_snapshot (builder, snapshot);
      else
        print_snapshot (call, snapshots, snapshot);
      visit (call, builder, snapshots, snapshot->id);
    }
}

static gboolean
act_list (ValiseCall *call, const Request *request, GError **error)
{
  g_autoptr (GPtrArray) snapshots = valise_machine_list_snapshots (request->machine, error);
  g_autoptr (JsonBuilder) builder = call->json ? json_builder_new () : NULL;

  if (snapshots == NULL)
    return FALSE;
  if (builder != NULL)
    json_builder_begin_array (builder);
  visit (call, builder, snapshots, NULL);
  if (builder != NULL)
    {
      json_builder_end_array (builder);
      valise_call_print_json (call, builder);
    }
  return TRUE;
}

/* --- the others --- */

static void
print_id (ValiseCall *call, const char *id)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (!call->json)
    {
      fprintf (call->out, "%s\n", id);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  _valise_json_add_string (builder, "id", id);
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
}

static gboolean
act_take (ValiseCall *call, const Request *request, GError **error)
{
  g_autofree char *id = valise_machine_take_snapshot (request->machine, request->words[0], request->note,
                                                      !request->no_memory, call->cancellable, error);

  if (id == NULL)
    return FALSE;
  print_id (call, id);
  return TRUE;
}

static char *
find_id (const Request *request, GError **error)
{
  g_autoptr (GPtrArray) snapshots = valise_machine_list_snapshots (request->machine, error);
  ValiseSnapshot *snapshot = snapshots != NULL ? valise_snapshots_find (snapshots, request->words[0], error) : NULL;

  return snapshot != NULL ? g_strdup (snapshot->id) : NULL;
}

static gboolean
act_revert (ValiseCall *call, const Request *request, GError **error)
{
  g_autofree char *id = find_id (request, error);
  ValiseRevertFlags flags = (request->no_memory ? VALISE_REVERT_WITHOUT_MEMORY : 0)
                            | (request->trust_memory ? VALISE_REVERT_TRUST_MEMORY : 0)
                            | (request->incomplete ? VALISE_REVERT_INCOMPLETE : 0);

  return id != NULL && valise_machine_revert_snapshot (request->machine, id, flags, call->cancellable, error);
}

static gboolean
act_delete (ValiseCall *call, const Request *request, GError **error)
{
  g_autofree char *id = find_id (request, error);
  g_autoptr (ValiseJob) job = id != NULL ? valise_snapshot_delete_job_new (request->machine, id) : NULL;

  return job != NULL && valise_call_run_job (call, job, error);
}

/* What the settings were then, and are now. */
static gboolean
act_compare (ValiseCall *call, const Request *request, GError **error)
{
  g_autofree char *id = find_id (request, error);
  ValiseBundle *bundle = valise_machine_get_bundle (request->machine);
  g_autoptr (ValiseDocument) then = id != NULL ? valise_snapshot_read_document (bundle, id, error) : NULL;
  g_autoptr (ValiseDocument) before = then != NULL ? valise_snapshot_plain_settings (then) : NULL;
  g_autoptr (ValiseDocument) after = valise_snapshot_plain_settings (valise_bundle_get_document (bundle));
  g_autoptr (GPtrArray) changes = before != NULL ? valise_change_list (before, after) : NULL;

  if (changes != NULL)
    _valise_call_print_changes (call, changes);
  return changes != NULL;
}

static gboolean
act_rename (ValiseCall *call, const Request *request, GError **error)
{
  g_autofree char *id = find_id (request, error);

  return id != NULL && valise_machine_describe_snapshot (request->machine, id, request->words[1], request->note, error);
}

static void
print_accepted (ValiseCall *call, GPtrArray *accepted)
{
  for (guint i = 0; i < accepted->len; i++)
    {
      g_autofree char *shown = valise_text_for_display (accepted->pdata[i], 200);

      fprintf (call->out, "%s\n", shown);
    }
}

static gboolean
act_accept (ValiseCall *call, const Request *request, GError **error)
{
  g_autoptr (GPtrArray) accepted = valise_machine_accept_images (request->machine, call->cancellable, error);
  g_autoptr (JsonBuilder) builder = NULL;

  if (accepted == NULL)
    return FALSE;
  if (!call->json)
    {
      print_accepted (call, accepted);
      return TRUE;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "accepted");
  json_builder_begin_array (builder);
  for (guint i = 0; i < accepted->len; i++)
    json_builder_add_string_value (builder, accepted->pdata[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
  return TRUE;
}

/* --- by itself --- */

static gboolean
set_usage (GError **error, const char *text)
{
  g_set_error_literal (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, text);
  return FALSE;
}

static gboolean
read_schedule (const Request *request, ValiseSchedule *schedule, GError **error)
{
  if (request->every != NULL && !valise_every_from_word (request->every, &schedule->every))
    return set_usage (error, _ ("--every takes “hour”, “day”, “week” or “off”."));
  if (request->keep == UNSAID)
    return TRUE;
  if (request->keep < 1 || request->keep > VALISE_SCHEDULE_KEEP_MOST)
    {
      g_set_error (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, _ ("--keep takes a number from 1 to %d."),
                   VALISE_SCHEDULE_KEEP_MOST);
      return FALSE;
    }
  if (schedule->every == VALISE_EVERY_OFF)
    return set_usage (error, _ ("No snapshots are taken by themselves: say --every as well."));
  schedule->keep = (guint) request->keep;
  return TRUE;
}

/* @wanted: as it is, then as it is to be. */
static gboolean
read_precautions (const Request *request, gboolean *wanted, GError **error)
{
  if (request->precautions == NULL)
    return TRUE;
  *wanted = g_str_equal (request->precautions, "on");
  return *wanted || g_str_equal (request->precautions, "off")
         || set_usage (error, _ ("--precautions takes “on” or “off”."));
}

static void
print_schedule (ValiseCall *call, const ValiseSchedule *schedule, gboolean precautions)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (!call->json)
    {
      if (schedule->every == VALISE_EVERY_OFF)
        fprintf (call->out, "%s\n", valise_every_to_label (schedule->every));
      else
        fprintf (call->out, ngettext ("%s, %u is kept\n", "%s, %u are kept\n", schedule->keep),
                 valise_every_to_label (schedule->every), schedule->keep);
      fprintf (call->out, "%s\n", precautions ? _ ("Before something risky: yes") : _ ("Before something risky: no"));
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  _valise_json_add_string (builder, "every", valise_every_to_word (schedule->every));
  _valise_json_add_number (builder, "keep", schedule->every != VALISE_EVERY_OFF ? schedule->keep : 0);
  _valise_json_add_boolean (builder, "precautions", precautions);
  json_builder_end_object (builder);
  valise_call_print_json (call, builder);
}

static gboolean
act_schedule (ValiseCall *call, const Request *request, GError **error)
{
  ValiseSchedule schedule;
  gboolean precautions;

  if (!valise_machine_get_schedule (request->machine, &schedule, error) || !read_schedule (request, &schedule, error)
      || !valise_machine_get_precautions (request->machine, &precautions, error)
      || !read_precautions (request, &precautions, error))
    return FALSE;
  if ((request->every != NULL || request->keep != UNSAID)
      && !valise_machine_set_schedule (request->machine, &schedule, error))
    return FALSE;
  if (request->precautions != NULL && !valise_machine_set_precautions (request->machine, precautions, error))
    return FALSE;
  print_schedule (call, &schedule, precautions);
  return TRUE;
}

/* --- which one --- */

static const struct
{
  const char *name;
  guint words;
  ActionFunc run;
} actions[] = {
  { "list", 0, act_list },     { "take", 1, act_take },         { "revert", 1, act_revert },
  { "delete", 1, act_delete }, { "compare", 1, act_compare },   { "rename", 2, act_rename },
  { "accept", 0, act_accept }, { "schedule", 0, act_schedule },
};

static gboolean
run_action (ValiseCall *call, char **operands, Request *request, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_autofree char *notice = NULL;
      gboolean done;

      if (!g_str_equal (operands[0], actions[i].name))
        continue;
      if (g_strv_length (operands) != actions[i].words + 2)
        break;
      request->machine = valise_call_find (call, operands[1], error);
      request->words = operands + 2;
      done = request->machine != NULL && actions[i].run (call, request, error);
      notice = request->machine != NULL ? valise_machine_take_notice (request->machine) : NULL;
      if (notice != NULL)
        fprintf (call->err, "%s\n", notice);
      return done;
    }
  g_set_error (
      error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE,
      _ ("Say “list MACHINE”, “take MACHINE NAME”, “revert MACHINE SNAPSHOT”, “delete MACHINE SNAPSHOT”, "
         "“compare MACHINE SNAPSHOT”, “rename MACHINE SNAPSHOT NAME”, “accept MACHINE” or “schedule MACHINE”."));
  return FALSE;
}

gboolean
_valise_command_snapshot (ValiseCall *call, char **arguments, GError **error)
{
  g_auto (GStrv) operands = NULL;
  g_autofree char *note = NULL;
  g_autofree char *every = NULL;
  g_autofree char *precautions = NULL;
  Request request = { .keep = UNSAID };
  gboolean done;
  GOptionEntry entries[] = {
    { "note", 0, 0, G_OPTION_ARG_STRING, &note, NULL, NULL },
    { "every", 0, 0, G_OPTION_ARG_STRING, &every, NULL, NULL },
    { "keep", 0, 0, G_OPTION_ARG_INT, &request.keep, NULL, NULL },
    { "precautions", 0, 0, G_OPTION_ARG_STRING, &precautions, NULL, NULL },
    { "no-memory", 0, 0, G_OPTION_ARG_NONE, &request.no_memory, NULL, NULL },
    { "trust-memory", 0, 0, G_OPTION_ARG_NONE, &request.trust_memory, NULL, NULL },
    { "incomplete", 0, 0, G_OPTION_ARG_NONE, &request.incomplete, NULL, NULL },
    { NULL },
  };

  if (!valise_call_parse (call, "snapshot", entries, arguments, &operands, 2, 4, error))
    return FALSE;
  request.note = note;
  request.every = every;
  request.precautions = precautions;
  done = run_action (call, operands, &request, error);
  g_clear_object (&request.machine);
  return done;
}
