/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of firmware variables, raw or as an image, moved into its own layout. */
#include "formats/valise-efi-variables.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GBytes) file = g_bytes_new (data, size);
  g_autoptr (GBytes) volume = valise_efi_volume_new (file);
  g_autoptr (GBytes) moved = volume != NULL ? valise_efi_volume_move (volume, volume) : NULL;
  g_autoptr (GBytes) again = moved != NULL ? valise_efi_volume_move (moved, moved) : NULL;

  if (moved != NULL && (again == NULL || !g_bytes_equal (again, moved)))
    g_error ("what was moved once is moved to something else");
  return 0;
}
