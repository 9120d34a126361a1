/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The whitelist: whatever a stranger's document says, what comes through asks for nothing. The result is put through
 * once more: if anything in it has to be asked about, it should not have been there. */
#include "model/valise-effective.h"

#include <glib/gstdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static char *directory;

static void
remove_bundle (void)
{
  g_rmdir (directory);
  g_free (directory);
}

static const char *
empty_bundle (void)
{
  if (directory == NULL)
    {
      directory = g_dir_make_tmp ("valise-fuzz-XXXXXX", NULL);
      atexit (remove_bundle);
      g_setenv ("VALISE_FIRMWARE_DIR", directory, TRUE);
    }
  return directory;
}

static ValiseCapabilities *
nothing_ruled_out (void)
{
  static ValiseCapabilities *capabilities;

  if (capabilities == NULL)
    capabilities = valise_capabilities_new (NULL, NULL, 1, 0, NULL);
  return capabilities;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const ValiseHostChoice choice = { FALSE, "/usr/bin/qemu-system-x86_64", NULL };
  const char *bundle = empty_bundle ();
  g_autoptr (ValiseDocument) stored = valise_document_new ((const char *) data, (gssize) size, "fuzz", NULL);
  g_autoptr (ValiseDocument) effective = NULL;
  g_autoptr (GPtrArray) asks = NULL;
  g_autoptr (GPtrArray) left = NULL;

  if (stored == NULL)
    return 0;
  effective = valise_effective_document_new (stored, bundle, &choice, nothing_ruled_out (), NULL, &asks, NULL);
  if (effective == NULL)
    return 0;
  left = valise_effective_list_asks (effective, bundle, NULL);
  for (guint i = 0; i < left->len; i++)
    g_printerr ("%s = %s\n", ((ValiseAsk *) left->pdata[i])->knob, ((ValiseAsk *) left->pdata[i])->value);
  g_assert (left->len == 0);
  return 0;
}
