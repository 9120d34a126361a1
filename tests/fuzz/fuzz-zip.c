/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz-package.h"

/* Zip archives, whatever the directory at their end says. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  if (size >= 4 && data[0] == 'P' && data[1] == 'K')
    fuzz_package (data, size);
  return 0;
}
