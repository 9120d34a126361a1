/* SPDX-License-Identifier: GPL-3.0-or-later */

/* LinuxKit's three files. */
#include "fuzz-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  fuzz_machine (&valise_linuxkit_reader, "box-cmdline", data, size);
  return 0;
}
