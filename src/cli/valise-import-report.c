/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "cli/valise-json-private.h"
#include "engine/valise-import-points.h"
#include "formats/valise-blueprint-json.h"
#include "formats/valise-guest-system.h"

#define LONGEST_WORD 400

static const ValiseExit exits[] = {
  [VALISE_BLUEPRINT_IMPORTS] = VALISE_EXIT_OK,
  [VALISE_BLUEPRINT_DECIDE] = VALISE_EXIT_DECISION,
  [VALISE_BLUEPRINT_REFUSED] = VALISE_EXIT_REFUSED,
};

/* A machine, and what becomes of it here; no plan for what is refused. */
typedef struct
{
  const ValiseImportChoices *choices;
  ValiseBlueprint *machine; /* of these */
  ValiseImportPlan *plan;
  GPtrArray *points;
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->plan, valise_import_plan_free);
  g_ptr_array_unref (entry->points);
  g_free (entry);
}

/* What the plan finds stands with what the reader found, so that one list tells all. */
static Entry *
entry_new (ValiseCall *call, const ValiseImportChoices *choices)
{
  ValiseCapabilities *capabilities = valise_host_get_capabilities (valise_library_get_host (call->library));
  Entry *entry = g_new0 (Entry, 1);
  g_autoptr (GError) error = NULL;

  entry->choices = choices;
  entry->machine = choices->blueprint;
  if (valise_blueprint_get_outcome (entry->machine) != VALISE_BLUEPRINT_REFUSED)
    {
      entry->plan = valise_import_plan_new (choices, capabilities, &error);
      if (entry->plan == NULL)
        valise_blueprint_refuse (entry->machine, "plan", NULL, error->message, NULL);
    }
  entry->points = valise_import_points_new (choices, entry->plan);
  g_ptr_array_unref (entry->machine->findings);
  entry->machine->findings = valise_import_points_list_findings (entry->points);
  return entry;
}

/* --- JSON --- */

static void
add_planned_drives (JsonBuilder *builder, const ValiseImportPlan *plan)
{
  json_builder_set_member_name (builder, "drives");
  json_builder_begin_array (builder);
  for (guint i = 0; i < plan->drives->len; i++)
    {
      const ValiseImportDrive *drive = plan->drives->pdata[i];

      json_builder_begin_object (builder);
      _valise_json_add_string (builder, "target", drive->target);
      _valise_json_add_string (builder, "bus", drive->bus);
      _valise_json_add_string (builder, "controller", drive->controller);
      _valise_json_add_string (builder, "image", drive->stem);
      _valise_json_add_number (builder, "boot_order", drive->order);
      _valise_json_add_boolean (builder, "read_only", drive->read_only);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_planned_nics (JsonBuilder *builder, const ValiseImportPlan *plan)
{
  json_builder_set_member_name (builder, "nics");
  json_builder_begin_array (builder);
  for (guint i = 0; i < plan->nics->len; i++)
    {
      const ValiseImportNic *nic = plan->nics->pdata[i];

      json_builder_begin_object (builder);
      _valise_json_add_string (builder, "model", nic->model);
      _valise_json_add_string (builder, "mac", nic->mac);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_plan (JsonBuilder *builder, const ValiseImportPlan *plan)
{
  json_builder_set_member_name (builder, "plan");
  if (plan == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  _valise_json_add_string (builder, "arch", plan->arch);
  _valise_json_add_string (builder, "machine", plan->machine);
  _valise_json_add_string (builder, "firmware", valise_firmware_words ()[plan->firmware]);
  _valise_json_add_number (builder, "vcpus", plan->cpus);
  _valise_json_add_number (builder, "memory_mib", (gint64) plan->memory);
  _valise_json_add_boolean (builder, "tpm", plan->tpm);
  add_planned_drives (builder, plan);
  add_planned_nics (builder, plan);
  json_builder_end_object (builder);
}

/* What has to be decided, with the words that --decide takes. */
static void
add_decisions (JsonBuilder *builder, GPtrArray *points)
{
  json_builder_set_member_name (builder, "decisions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < points->len; i++)
    {
      const ValiseImportPoint *point = points->pdata[i];

      if (point->answers[0] == NULL)
        continue;
      json_builder_begin_object (builder);
      _valise_json_add_string (builder, "code", point->finding->code);
      _valise_json_add_string (builder, "place", point->finding->where);
      json_builder_set_member_name (builder, "answers");
      json_builder_begin_array (builder);
      for (const char *const *answer = point->answers; *answer != NULL; answer++)
        json_builder_add_string_value (builder, *answer);
      json_builder_end_array (builder);
      _valise_json_add_string (builder, "answer", point->answer);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/* The asks again, with the numbers that --grant takes. */
static void
add_grants (JsonBuilder *builder, const ValiseImportChoices *choices)
{
  json_builder_set_member_name (builder, "grants");
  json_builder_begin_array (builder);
  for (guint i = 0; i < choices->blueprint->asks->len; i++)
    {
      g_autofree char *reason = valise_import_choices_grant_reason (choices, i);
      g_autofree char *here = valise_import_choices_describe_ask (choices, i);

      json_builder_begin_object (builder);
      _valise_json_add_number (builder, "number", i + 1);
      _valise_json_add_boolean (builder, "possible", reason == NULL);
      _valise_json_add_string (builder, "reason", reason);
      _valise_json_add_string (builder, "here", here);
      _valise_json_add_boolean (builder, "granted", choices->asks[i].granted);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
print_json (ValiseCall *call, GPtrArray *entries)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = entries->pdata[i];

      json_builder_begin_object (builder);
      valise_blueprint_add_json (entry->machine, builder);
      add_decisions (builder, entry->points);
      add_grants (builder, entry->choices);
      add_plan (builder, entry->plan);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  valise_call_print_json (call, builder);
}

/* --- text --- */

/* One fact a line, and none that is not stated. */
static void
print_fact (ValiseCall *call, const char *label, const char *value)
{
  g_autofree char *shown = value != NULL ? valise_text_for_display (value, LONGEST_WORD) : NULL;

  if (shown != NULL && *shown != '\0')
    fprintf (call->out, "  %s: %s\n", label, shown);
}

static void
print_count (ValiseCall *call, const char *label, guint64 count)
{
  if (count > 0)
    fprintf (call->out, "  %s: %" G_GUINT64_FORMAT "\n", label, count);
}

static void
add_word (GPtrArray *words, const char *word)
{
  if (word != NULL && *word != '\0')
    g_ptr_array_add (words, g_strdup (word));
}

static void
print_words (ValiseCall *call, const char *label, GPtrArray *words)
{
  g_autofree char *joined = NULL;

  g_ptr_array_add (words, NULL);
  joined = g_strjoinv (", ", (char **) words->pdata);
  print_fact (call, label, joined);
}

static void
print_drive (ValiseCall *call, const ValiseBlueprintDrive *drive)
{
  static const char *const labels[] = { N_ ("disk"), N_ ("CD"), N_ ("floppy") };
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *size = drive->capacity > 0 ? valise_size_format (drive->capacity) : NULL;

  add_word (words, size);
  add_word (words, drive->bus);
  add_word (words, drive->controller);
  add_word (words, drive->unit);
  add_word (words, drive->format);
  add_word (words, drive->file != NULL ? drive->file : _ ("empty"));
  print_words (call, _ (labels[drive->device]), words);
}

static void
print_nic (ValiseCall *call, const ValiseBlueprintNic *nic)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  add_word (words, nic->model != NULL ? nic->model : _ ("of any kind"));
  add_word (words, nic->network);
  add_word (words, nic->mac);
  add_word (words, nic->connected ? NULL : _ ("unplugged"));
  print_words (call, _ ("network card"), words);
}

static void
print_system (ValiseCall *call, const ValiseBlueprint *machine)
{
  static const char *const firmwares[] = { NULL, "BIOS", "UEFI" };
  g_autofree char *system = valise_guest_system_describe (machine->os_type);
  g_autofree char *memory = NULL;
  guint64 bytes;

  print_fact (call, _ ("system"), system);
  print_fact (call, _ ("architecture"), machine->arch);
  print_fact (call, _ ("machine type"), machine->machine);
  if (machine->vcpus > 0)
    print_count (call, _ ("processors"), (guint64) machine->vcpus);
  print_count (call, _ ("cores per socket"), machine->cores_per_socket);
  if (machine->memory > 0 && g_uint64_checked_mul (&bytes, machine->memory, VALISE_MIB))
    memory = valise_size_format (bytes);
  print_fact (call, _ ("memory"), memory);
  print_fact (call, _ ("firmware"), firmwares[machine->firmware]);
  print_fact (call, _ ("Secure Boot"), machine->secure_boot ? _ ("on") : NULL);
  print_fact (call, _ ("security chip"), machine->tpm ? _ ("yes") : NULL);
  print_fact (call, _ ("kernel"), machine->kernel);
  print_fact (call, _ ("kernel command line"), machine->cmdline);
}

/* With its number for --grant, or why it cannot be had. */
static void
print_asks (ValiseCall *call, const ValiseImportChoices *choices)
{
  for (guint i = 0; i < choices->blueprint->asks->len; i++)
    {
      const char *text = choices->blueprint->asks->pdata[i];
      g_autofree char *reason = valise_import_choices_grant_reason (choices, i);
      g_autofree char *line = reason != NULL ? g_strdup (text)
                              : choices->asks[i].granted
                                  ? g_strdup_printf (_ ("%s (--grant %u: allowed)"), text, i + 1)
                                  : g_strdup_printf (_ ("%s (--grant %u allows it)"), text, i + 1);

      print_fact (call, _ ("asks of this computer"), line);
    }
}

static void
print_decisions (ValiseCall *call, GPtrArray *points)
{
  for (guint i = 0; i < points->len; i++)
    {
      const ValiseImportPoint *point = points->pdata[i];
      g_autofree char *answers = g_strjoinv ("|", (char **) point->answers);
      g_autofree char *line = g_strdup_printf ("--decide %s=%s", point->finding->code, answers);

      if (point->answers[0] != NULL && point->answer == NULL)
        print_fact (call, _ ("to be decided"), line);
    }
}

static void
print_rest (ValiseCall *call, const ValiseBlueprint *machine)
{
  g_autofree char *choices = machine->configurations != NULL ? g_strjoinv (", ", machine->configurations) : NULL;

  print_fact (call, _ ("sound"), machine->sound);
  print_count (call, _ ("serial ports"), machine->serial_ports);
  print_fact (call, _ ("configuration"), machine->configuration);
  print_fact (call, _ ("configurations to choose from"), choices);
}

static void
print_planned_drive (ValiseCall *call, const ValiseImportDrive *drive)
{
  static const char *const labels[] = { N_ ("disk here"), N_ ("CD here"), N_ ("floppy here") };
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  add_word (words, drive->target);
  add_word (words, drive->bus);
  add_word (words, drive->controller);
  add_word (words, drive->stem != NULL ? drive->stem : _ ("empty"));
  print_words (call, _ (labels[drive->source->device]), words);
}

static void
print_plan (ValiseCall *call, const ValiseImportPlan *plan)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *cpus = g_strdup_printf (ngettext ("%u processor", "%u processors", plan->cpus), plan->cpus);
  g_autofree char *memory = valise_size_format (plan->memory * VALISE_MIB);

  add_word (words, plan->arch);
  add_word (words, plan->machine);
  add_word (words, cpus);
  add_word (words, memory);
  add_word (words, valise_firmware_label (plan->firmware));
  add_word (words, plan->tpm ? _ ("security chip") : NULL);
  print_words (call, _ ("here"), words);
  for (guint i = 0; i < plan->drives->len; i++)
    print_planned_drive (call, plan->drives->pdata[i]);
  for (guint i = 0; i < plan->nics->len; i++)
    {
      const ValiseImportNic *nic = plan->nics->pdata[i];
      g_autofree char *card = g_strdup_printf ("%s, %s", nic->model, nic->mac != NULL ? nic->mac : _ ("a new address"));

      print_fact (call, _ ("network card here"), card);
    }
}

static void
print_machine (ValiseCall *call, const Entry *entry)
{
  static const char *const outcomes[] = { N_ ("can be brought in"), N_ ("needs a decision"), N_ ("refused") };
  const ValiseBlueprint *machine = entry->machine;

  fprintf (call->out, "%s (%s): %s\n", machine->name, machine->format,
           _ (outcomes[valise_blueprint_get_outcome (machine)]));
  print_system (call, machine);
  for (guint i = 0; i < machine->drives->len; i++)
    print_drive (call, machine->drives->pdata[i]);
  for (guint i = 0; i < machine->nics->len; i++)
    print_nic (call, machine->nics->pdata[i]);
  print_rest (call, machine);
  print_asks (call, entry->choices);
  print_decisions (call, entry->points);
  if (entry->plan != NULL)
    print_plan (call, entry->plan);
  fflush (call->out);
  valise_call_print_findings (call, machine->findings);
}

void
_valise_import_report (ValiseCall *call, GPtrArray *machines)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);

  for (guint i = 0; i < machines->len; i++)
    g_ptr_array_add (entries, entry_new (call, machines->pdata[i]));
  for (guint i = 0; i < entries->len; i++)
    call->exit = MAX (call->exit, exits[valise_blueprint_get_outcome (((Entry *) entries->pdata[i])->machine)]);
  if (call->json)
    print_json (call, entries);
  else
    for (guint i = 0; i < entries->len; i++)
      print_machine (call, entries->pdata[i]);
}
