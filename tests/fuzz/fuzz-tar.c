/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz-package.h"

#include <string.h>

/* Tar archives of every dialect, whatever their headers say. The sum of the first is made right, so that damage gets past
 * it. */

#define BLOCK 512
#define SUM 148
#define SUM_LENGTH 8

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
seal (guint8 *header)
{
  guint sum = 0;

  memset (header + SUM, ' ', SUM_LENGTH);
  for (gsize i = 0; i < BLOCK; i++)
    sum += header[i];
  snprintf ((char *) header + SUM, SUM_LENGTH, "%06o", sum);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = NULL;

  if (size < BLOCK || data[0] == 'P')
    return 0;
  copy = g_memdup2 (data, size);
  seal (copy);
  fuzz_package (copy, size);
  return 0;
}
