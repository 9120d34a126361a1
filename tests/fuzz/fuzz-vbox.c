/* SPDX-License-Identifier: GPL-3.0-or-later */

/* VirtualBox's settings, and the disks beside them. */
#include "fuzz-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  fuzz_machine (&valise_vbox_reader, "machine.vbox", data, size);
  return 0;
}
