/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A machine of Parallels, and its disks. */
#include "fuzz-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  fuzz_machine (&valise_parallels_reader, "config.pvs", data, size);
  return 0;
}
