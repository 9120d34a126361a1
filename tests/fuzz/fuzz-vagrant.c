/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A box of Vagrant, for any of its providers. */
#include "fuzz-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  fuzz_machine (&valise_vagrant_reader, "metadata.json", data, size);
  return 0;
}
