/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edit-bench-client DOCUMENT: one line for each round, in milliseconds of CPU: validating the document once with
 * libxml2, an edit of it with all its findings, validating a machine with 200 devices, an edit of that, and opening
 * that for editing. */
#include "model/valise-edit-session.h"
#include "model/valise-rules.h"

#include <stdio.h>
#include <time.h>

#include "base/valise-libxml2.h"
#include "large-machine.h"

#define ROUNDS 21

typedef struct
{
  xmlRelaxNG *schema;
  ValiseCapabilities *capabilities;
} Bench;

/* Of this thread: other work on the machine does not count. */
static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

static double
time_validation (Bench *self, ValiseDocument *document)
{
  xmlDoc *tree = xmlReadMemory (valise_document_get_text (document), (int) valise_document_get_length (document), "x",
                                NULL, XML_PARSE_NONET);
  xmlRelaxNGValidCtxt *context = xmlRelaxNGNewValidCtxt (self->schema);
  double start = now ();

  g_assert (xmlRelaxNGValidateDoc (context, tree) == 0);
  start = now () - start;
  xmlRelaxNGFreeValidCtxt (context);
  xmlFreeDoc (tree);
  return start;
}

/* Each round changes something else, so that nothing is answered from memory. */
static double
time_edit (ValiseEditSession *session, const char *knob, guint round)
{
  g_autofree char *value = g_strdup_printf ("52:54:00:12:34:%02x", round);
  double start = now ();

  g_assert (valise_edit_session_set (session, knob, value, NULL));
  return now () - start;
}

static double
time_open (Bench *self, ValiseDocument *document)
{
  double start = now ();
  g_autoptr (ValiseEditSession) session = valise_edit_session_new (document, self->capabilities, NULL);

  g_assert (valise_edit_session_get_findings (session) != NULL);
  return now () - start;
}

static Bench
bench_new (void)
{
  const char *directory = g_getenv ("VALISE_SCHEMA_DIR");
  g_autofree char *path =
      g_build_filename (directory != NULL ? directory : "/usr/share/libvirt/schemas", "domain.rng", NULL);
  xmlRelaxNGParserCtxt *context = xmlRelaxNGNewParserCtxt (path);
  Bench self = { xmlRelaxNGParse (context), valise_capabilities_new (NULL, NULL, 8, 0, NULL) };

  xmlRelaxNGFreeParserCtxt (context);
  return self;
}

int
main (int argc, char **argv)
{
  Bench bench = bench_new ();
  g_autofree char *text = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (ValiseDocument) large = large_machine_new ();
  g_autoptr (ValiseEditSession) session = NULL;
  g_autoptr (ValiseEditSession) large_session = NULL;

  if (argc != 2 || !g_file_get_contents (argv[1], &text, NULL, NULL))
    return 2;
  document = valise_document_new (text, -1, "document", NULL);
  session = valise_edit_session_new (document, bench.capabilities, NULL);
  large_session = valise_edit_session_new (large, bench.capabilities, NULL);
  for (guint i = 0; i < ROUNDS; i++)
    printf ("%.3f %.3f %.3f %.3f %.3f\n", time_validation (&bench, document),
            time_edit (session, "devices/interface/mac/@address", i), time_validation (&bench, large),
            time_edit (large_session, "devices/interface[100]/mac/@address", i), time_open (&bench, large));
  valise_capabilities_unref (bench.capabilities);
  xmlRelaxNGFree (bench.schema);
  return 0;
}
