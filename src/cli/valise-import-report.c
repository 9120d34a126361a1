/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-command.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "formats/valise-blueprint-json.h"
#include "formats/valise-reader.h"

#define LONGEST_WORD 200

static const ValiseExit exits[] = {
  [VALISE_BLUEPRINT_IMPORTS] = VALISE_EXIT_OK,
  [VALISE_BLUEPRINT_DECIDE] = VALISE_EXIT_DECISION,
  [VALISE_BLUEPRINT_REFUSED] = VALISE_EXIT_REFUSED,
};

/* --- JSON --- */

static void
print_json (ValiseCall *call, GPtrArray *machines)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < machines->len; i++)
    {
      json_builder_begin_object (builder);
      valise_blueprint_add_json (machines->pdata[i], builder);
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
  g_autofree char *memory = NULL;
  guint64 bytes;

  print_fact (call, _ ("system"), machine->os_type);
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

static void
print_rest (ValiseCall *call, const ValiseBlueprint *machine)
{
  g_autofree char *choices = machine->configurations != NULL ? g_strjoinv (", ", machine->configurations) : NULL;

  print_fact (call, _ ("sound"), machine->sound);
  print_count (call, _ ("serial ports"), machine->serial_ports);
  print_fact (call, _ ("configuration"), machine->configuration);
  print_fact (call, _ ("configurations to choose from"), choices);
  for (guint i = 0; i < machine->asks->len; i++)
    print_fact (call, _ ("asks of this computer"), machine->asks->pdata[i]);
}

static void
print_machine (ValiseCall *call, const ValiseBlueprint *machine)
{
  static const char *const outcomes[] = { N_ ("can be brought in"), N_ ("needs a decision"), N_ ("refused") };

  fprintf (call->out, "%s (%s): %s\n", machine->name, machine->format,
           _ (outcomes[valise_blueprint_get_outcome (machine)]));
  print_system (call, machine);
  for (guint i = 0; i < machine->drives->len; i++)
    print_drive (call, machine->drives->pdata[i]);
  for (guint i = 0; i < machine->nics->len; i++)
    print_nic (call, machine->nics->pdata[i]);
  print_rest (call, machine);
  fflush (call->out);
  valise_call_print_findings (call, machine->findings);
}

gboolean
_valise_import_report (ValiseCall *call, const char *file, const char *configuration, GError **error)
{
  g_autoptr (GPtrArray) machines = valise_reader_read (file, configuration, error);

  if (machines == NULL)
    return FALSE;
  for (guint i = 0; i < machines->len; i++)
    call->exit = MAX (call->exit, exits[valise_blueprint_get_outcome (machines->pdata[i])]);
  if (call->json)
    print_json (call, machines);
  else
    for (guint i = 0; i < machines->len; i++)
      print_machine (call, machines->pdata[i]);
  return TRUE;
}
