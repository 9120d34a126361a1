/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Scripts that start xhyve. */
#include "fuzz-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  fuzz_file (&valise_hyperkit_reader, "machine.sh", data, size);
  return 0;
}
