/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-image-export.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-process.h"
#include "bundle/valise-image-convert.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-medium.h"

/* A VHD of Virtual PC's rounds sizes to its own geometry unless it is told not to. */
static const ValiseImageKind kinds[] = {
  { "qcow2", ".qcow2", "qcow2", "compat=1.1,lazy_refcounts=off" },
  { "raw", ".raw", "raw", NULL },
  { "raw", ".img", "raw", NULL },
  { "vmdk", ".vmdk", "vmdk", "subformat=monolithicSparse" },
  { "vdi", ".vdi", "vdi", NULL },
  { "vhdx", ".vhdx", "vhdx", "subformat=dynamic" },
  { "vhd", ".vhd", "vpc", "subformat=dynamic,force_size=on" },
  { "vpc", ".vpc", "vpc", "subformat=dynamic,force_size=on" },
};

const ValiseImageKind *
valise_image_kind_find (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].word, word))
      return &kinds[i];
  return NULL;
}

const ValiseImageKind *
valise_image_kind_of_file (const char *file)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_suffix (file, kinds[i].suffix))
      return &kinds[i];
  return NULL;
}

static void
translate (GError **error, const char *from, const char *to, guint64 size)
{
  gboolean full = g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_autoptr (GError) cause = NULL;

  if (!full && !g_error_matches (*error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_FAILED))
    return;
  cause = g_steal_pointer (error);
  if (full || valise_process_said (cause->message, ENOSPC))
    _valise_medium_set_error_at_rate (error, ENOSPC, to, 0, size);
  else
    g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED, _ ("The disk “%s” could not be converted. %s"),
                 from, cause->message);
}

gboolean
valise_image_export (const char *from,
                     const char *format,
                     const char *to,
                     const ValiseImageKind *kind,
                     ValiseJob *job,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (ValiseImageInfo) info = valise_image_inspect_chain (from, format, NULL, error);
  ValiseImageProgress progress = { .job = job, .size = info != NULL ? info->virtual_size : 0, .to = to };
  const ValiseProcessLimits limits = { .paced = to };
  const char *const argv[] = { "qemu-img",
                               "convert",
                               "-p",
                               "-t",
                               "writeback",
                               "-f",
                               format,
                               "-O",
                               kind->driver,
                               "-o",
                               kind->options != NULL ? kind->options : "",
                               "--",
                               from,
                               to,
                               NULL };
  const char *const plain[] = { "qemu-img", "convert",    "-p", "-t", "writeback", "-f", format,
                                "-O",       kind->driver, "--", from, to,          NULL };
  g_autoptr (GError) local = NULL;

  if (info == NULL)
    return FALSE;
  if (!valise_process_run_with_files (kind->options != NULL ? argv : plain, &limits, NULL, 0, _valise_image_progress_cb,
                                      &progress, cancellable, &local))
    {
      translate (&local, from, to, info->virtual_size);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  valise_job_advance (job, info->virtual_size - progress.told);
  return TRUE;
}
