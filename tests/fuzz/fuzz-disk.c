/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Disk images alone: heads of every format, and what lies compressed. */
#include "fuzz-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  fuzz_file (&valise_disk_reader, "disk.img", data, size);
  return 0;
}
