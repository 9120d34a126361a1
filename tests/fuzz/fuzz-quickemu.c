/* SPDX-License-Identifier: GPL-3.0-or-later */

/* quickemu's settings. */
#include "fuzz-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  fuzz_machine (&valise_quickemu_reader, "machine.conf", data, size);
  return 0;
}
