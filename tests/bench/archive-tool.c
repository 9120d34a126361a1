/* SPDX-License-Identifier: GPL-3.0-or-later */
/* archive-tool begin DIRECTORY NAME | pack BUNDLE FILE | unpack FILE DIRECTORY: one piece of work per process, so that
 * its time and memory can be measured from outside. */
#include "bundle/valise-archive.h"

#include <stdio.h>

static gboolean
begin (const char *directory, const char *name, GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (directory, name, error);

  return bundle != NULL && valise_bundle_commit (bundle, valise_bundle_get_document (bundle), error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  gboolean done = FALSE;

  if (argc == 4 && g_str_equal (argv[1], "begin"))
    done = begin (argv[2], argv[3], &error);
  else if (argc == 4 && g_str_equal (argv[1], "pack"))
    done = valise_archive_write (argv[2], argv[3], NULL, NULL, NULL, &error);
  else if (argc == 4 && g_str_equal (argv[1], "unpack"))
    done = (path = valise_archive_read (argv[2], argv[3], NULL, NULL, NULL, &error)) != NULL;
  if (!done)
    fprintf (stderr, "archive-tool: %s\n",
             error != NULL ? error->message : "begin DIR NAME | pack BUNDLE FILE | unpack FILE DIR");
  return done ? 0 : 1;
}
