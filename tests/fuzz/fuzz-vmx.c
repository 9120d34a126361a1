/* SPDX-License-Identifier: GPL-3.0-or-later */

/* VMware's settings, and the disks beside them. */
#include "fuzz-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  fuzz_machine (&valise_vmx_reader, "machine.vmx", data, size);
  return 0;
}
