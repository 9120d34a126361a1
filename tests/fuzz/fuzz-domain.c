/* SPDX-License-Identifier: GPL-3.0-or-later */

/* libvirt's descriptions from another computer. */
#include "fuzz-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  fuzz_file (&valise_domain_reader, "machine.xml", data, size);
  return 0;
}
