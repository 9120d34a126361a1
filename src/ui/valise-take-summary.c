/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-take-summary.h"

#include <glib/gi18n-lib.h>

#include "base/valise-size.h"
#include "bundle/valise-new-disks.h"
#include "model/valise-label.h"

static guint64
sum_of_disks (ValiseDocument *document)
{
  guint64 sum = 0;

  for (guint i = 1; i <= valise_document_count (document, "devices/disk"); i++)
    {
      g_autofree char *source = valise_document_get_device (document, "disk", i, "source/@file");
      if (source != NULL)
        sum += valise_new_disks_get_size (document, source);
    }
  return sum;
}

static guint64
memory_of (ValiseDocument *document)
{
  guint64 bytes;

  return valise_label_get_size (document, "memory", &bytes) ? bytes : 0;
}

/* What the disk that somebody brings along takes from the start; nothing if it has been left out again. */
static guint64
at_first (ValiseDocument *document, const ValiseProfile *profile)
{
  const char *place = valise_profile_get_image_file (profile);

  for (guint i = 1; place != NULL && i <= valise_document_count (document, "devices/disk"); i++)
    {
      g_autofree char *source = valise_document_get_device (document, "disk", i, "source/@file");
      if (g_strcmp0 (source, place) == 0)
        return profile->image->actual_size;
    }
  return 0;
}

static char *
disks_in_words (guint64 first, guint64 bytes, guint64 free_space)
{
  g_autofree char *start = first != 0 ? valise_size_format (first) : g_strdup (_ ("next to nothing"));
  g_autofree char *disks = valise_size_format (MAX (bytes, first));
  g_autofree char *space = valise_size_format (free_space);

  /* Translators: the first %s is "next to nothing" or a size */
  if (free_space == 0) /* not told yet */
    return g_strdup_printf (_ ("On disk %s at first, at most %s."), start, disks);
  if (MAX (bytes, first) > free_space)
    return g_strdup_printf (_ ("On disk %s at first, but up to %s, and only %s are free."), start, disks, space);
  return g_strdup_printf (_ ("On disk %s at first, at most %s of the %s that are free."), start, disks, space);
}

char *
valise_take_summary (ValiseDocument *document,
                     const ValiseProfile *profile,
                     ValiseCapabilities *capabilities,
                     guint64 free_space)
{
  g_autofree char *cpus = valise_document_get (document, "vcpu");
  g_autofree char *memory = valise_size_format (memory_of (document));
  g_autofree char *all_memory = valise_size_format (valise_capabilities_get_memory (capabilities));
  g_autofree char *on_disk = disks_in_words (at_first (document, profile), sum_of_disks (document), free_space);
  g_autofree char *running = NULL;

  /* Translators: what a new machine takes of this computer, as in "2 of 8 processors and 4 GiB of 16 GiB memory" */
  running =
      g_strdup_printf (_ ("Takes %s of %u processors and %s of %s memory while it runs."), cpus != NULL ? cpus : "1",
                       valise_capabilities_get_cpus (capabilities), memory, all_memory);
  return g_strdup_printf ("%s %s", running, on_disk);
}
