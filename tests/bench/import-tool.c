/* SPDX-License-Identifier: GPL-3.0-or-later */
/* import-tool FILE DIRECTORY: brings the first machine in FILE in, as the application does; one process, so that its
 * time and memory can be measured from outside. Prints the bundle. */
#include "engine/valise-foreign-job.h"
#include "formats/valise-reader.h"

#include <stdio.h>

static char *
bring_in (const char *file, const char *directory, GError **error)
{
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");
  g_autoptr (ValiseLibrary) library = valise_library_new (host, directory);
  g_autoptr (ValisePackage) package = valise_package_open (file, error);
  g_autoptr (GPtrArray) machines = package != NULL ? valise_reader_read_package (package, NULL, NULL, error) : NULL;
  g_autoptr (ValiseJob) job = NULL;

  if (machines == NULL)
    return NULL;
  job =
      valise_foreign_job_new (library, package,
                              valise_import_choices_new (g_ptr_array_steal_index (machines, 0), VALISE_MAC_KEEP), NULL);
  return valise_job_run_sync (job, error) ? valise_job_dup_result_path (job) : NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *bundle = NULL;

  if (argc != 3)
    return 2;
  bundle = bring_in (argv[1], argv[2], &error);
  if (bundle == NULL)
    fprintf (stderr, "import-tool: %s\n", error->message);
  else
    puts (bundle);
  return bundle != NULL ? 0 : 1;
}
