/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tart's settings and layers. */
#include "fuzz-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  fuzz_machine (&valise_tart_reader, "config.json", data, size);
  return 0;
}
