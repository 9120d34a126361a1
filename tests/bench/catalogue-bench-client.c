/* SPDX-License-Identifier: GPL-3.0-or-later */
/* catalogue-bench-client DOCUMENT: one line for each round, in milliseconds of CPU: reading libvirt's schema with
 * libxml2, validating the document once, reading the knob catalogue, and the slowest and the middle one of searches
 * after each key of some words. */
#include "model/valise-knob-catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/valise-libxml2.h"

#define ROUNDS 21

static const char *const TYPED[] = { "iothread",      "hyperv relaxed",   "boot menu",
                                     "rx queue size", "address type pci", "zzzz" };

/* Of this thread: other work on the machine does not count. */
static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

static xmlRelaxNG *
read_schema (const char *path)
{
  xmlRelaxNGParserCtxt *context = xmlRelaxNGNewParserCtxt (path);
  xmlRelaxNG *schema = xmlRelaxNGParse (context);

  xmlRelaxNGFreeParserCtxt (context);
  return schema;
}

static double
time_validation (xmlRelaxNG *schema, xmlDoc *document)
{
  xmlRelaxNGValidCtxt *context = xmlRelaxNGNewValidCtxt (schema);
  double start = now ();

  g_assert (xmlRelaxNGValidateDoc (context, document) == 0);
  start = now () - start;
  xmlRelaxNGFreeValidCtxt (context);
  return start;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  return *(const double *) a < *(const double *) b ? -1 : 1;
}

static void
time_searches (ValiseKnobCatalogue *catalogue, double *slowest, double *middle)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < G_N_ELEMENTS (TYPED); i++)
    for (const char *key = TYPED[i]; *key != '\0'; key++)
      {
        g_autofree char *typed = g_strndup (TYPED[i], (gsize) (key - TYPED[i]) + 1);
        double start = now ();

        g_ptr_array_unref (valise_knob_catalogue_search (catalogue, typed));
        start = now () - start;
        g_array_append_val (times, start);
      }
  g_array_sort (times, compare_times);
  *middle = g_array_index (times, double, times->len / 2);
  *slowest = g_array_index (times, double, times->len - 1);
}

int
main (int argc, char **argv)
{
  const char *directory = g_getenv ("VALISE_SCHEMA_DIR");
  g_autofree char *path =
      g_build_filename (directory != NULL ? directory : "/usr/share/libvirt/schemas", "domain.rng", NULL);
  xmlDoc *document = argc == 2 ? xmlReadFile (argv[1], NULL, XML_PARSE_NONET) : NULL;

  if (document == NULL)
    return 2;
  for (guint i = 0; i < ROUNDS; i++)
    {
      double start = now (), schema_read, validated, read, slowest, middle;
      xmlRelaxNG *schema = read_schema (path);
      ValiseKnobCatalogue *catalogue;

      schema_read = now () - start;
      validated = time_validation (schema, document);
      start = now ();
      catalogue = valise_knob_catalogue_new (NULL, NULL);
      read = now () - start;
      time_searches (catalogue, &slowest, &middle);
      printf ("%.3f %.3f %.3f %.3f %.3f\n", schema_read, validated, read, slowest, middle);
      valise_knob_catalogue_free (catalogue);
      xmlRelaxNGFree (schema);
    }
  xmlFreeDoc (document);
  return 0;
}
