/* SPDX-License-Identifier: GPL-3.0-or-later */

/* UTM's settings, of every generation, as XML or binary lists. */
#include "fuzz-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  fuzz_machine (&valise_utm_reader, "config.plist", data, size);
  return 0;
}
