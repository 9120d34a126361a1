/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "foreign-fixture.h"

#include <glib/gstdio.h>

#include "base/valise-process.h"
#include "engine-fixture.h"
#include "engine/valise-foreign-job.h"
#include "formats/valise-reader.h"

#define BOOT_SECONDS 240
#define REST_SECONDS 5

void
foreign_fixture_run (const char *script)
{
  const char *const argv[] = { "sh", "-c", script, NULL };
  g_autoptr (GError) error = NULL;

  valise_process_run (argv, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

ValiseMachine *
foreign_fixture_bring_in (ValiseLibrary *library, const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValisePackage) package = valise_package_open (file, &error);
  g_autoptr (GPtrArray) machines = NULL;
  g_autoptr (ValiseJob) job = NULL;
  g_autofree char *path = NULL;
  ValiseMachine *machine;

  g_assert_no_error (error);
  machines = valise_reader_read_package (package, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (machines->len, ==, 1);
  g_ptr_array_set_free_func (machines, NULL);
  job = valise_foreign_job_new (library, package,
                                valise_import_choices_new (g_ptr_array_index (machines, 0), VALISE_MAC_KEEP), NULL);
  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  path = valise_job_dup_result_path (job);
  machine = valise_machine_new (valise_library_get_host (library), path);
  valise_machine_load (machine, FALSE, &error);
  g_assert_no_error (error);
  return machine;
}

static void
translate (ValiseMachine *machine)
{
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_machine_get_document (machine));
  g_autoptr (GError) error = NULL;

  valise_document_set (document, "metadata/valise:machine/@accel", "tcg", &error);
  valise_machine_apply (machine, document, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* ARM's firmware empties its one block of flash and writes it anew whenever it changes a variable, a dozen times before it
 * is done: one that is stopped in between has lost them all, like a board whose plug is pulled. */
static void
wait_until_firmware_rests (ValiseMachine *machine, gint64 end)
{
  g_autofree char *vars = g_build_filename (valise_machine_get_path (machine), "nvram", "vars.fd", NULL);
  GStatBuf about;

  while (g_stat (vars, &about) == 0 && g_get_real_time () / G_USEC_PER_SEC - about.st_mtime < REST_SECONDS
         && g_get_monotonic_time () < end)
    g_usleep (200 * 1000);
  g_assert_cmpint (g_get_monotonic_time (), <, end);
}

void
foreign_fixture_start_and_see (ValiseMachine *machine, guint pixels)
{
  gint64 end = g_get_monotonic_time () + BOOT_SECONDS * G_USEC_PER_SEC;
  guint lit = 0;

  translate (machine);
  engine_fixture_do (machine, VALISE_VERB_START);
  while (lit < pixels && g_get_monotonic_time () < end)
    {
      g_usleep (200 * 1000);
      lit = engine_fixture_count_lit (machine);
    }
  g_assert_cmpuint (lit, >=, pixels);
  wait_until_firmware_rests (machine, end);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}
