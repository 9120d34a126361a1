/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs a fuzz target without a fuzzer, as a unit test: over every file named or found below the directories named, and
 * over some damaged versions of each, the same ones every time. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#define DAMAGED 24
#define LONGEST_DAMAGED (1u << 16)

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* On a heap block of exactly that size, so that a sanitizer sees the first byte read beyond it. */
static void
run_one (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_malloc (MAX (size, 1));

  if (size > 0)
    memcpy (copy, data, size);
  LLVMFuzzerTestOneInput (copy, size);
}

static gsize
damage (GRand *rand, guint8 *data, gsize size)
{
  gsize at = (gsize) g_rand_int_range (rand, 0, (gint32) size);
  gsize length = (gsize) g_rand_int_range (rand, 1, 17);

  length = MIN (length, size - at);
  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0:
      return at;
    case 1:
      data[at] = (guint8) g_rand_int (rand);
      return size;
    case 2:
      memmove (data + at, data + at + length, size - at - length);
      return size - length;
    default:
      memmove (data + at, data + (gsize) g_rand_int_range (rand, 0, (gint32) (size - length + 1)), length);
      return size;
    }
}

static void
run_damaged (const guint8 *data, gsize size)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) size);

  for (guint i = 0; size > 0 && size <= LONGEST_DAMAGED && i < DAMAGED; i++)
    {
      g_autofree guint8 *copy = g_memdup2 (data, size);
      gsize left = size;

      for (gint32 n = g_rand_int_range (rand, 1, 4); n > 0 && left > 0; n--)
        left = damage (rand, copy, left);
      run_one (copy, left);
    }
}

static guint
run_path (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  g_autofree char *data = NULL;
  const char *name;
  gsize size;
  guint n = 0;

  if (directory == NULL)
    {
      if (!g_file_get_contents (path, &data, &size, NULL))
        g_error ("%s cannot be read", path);
      run_one ((const guint8 *) data, size);
      run_damaged ((const guint8 *) data, size);
      return 1;
    }
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);

      n += run_path (below);
    }
  return n;
}

int
main (int argc, char *argv[])
{
  guint n = 0;

  run_one ((const guint8 *) "", 0);
  for (int i = 1; i < argc; i++)
    n += run_path (argv[i]);
  printf ("%u files, each whole and in up to %d damaged versions\n", n, DAMAGED);
  return n > 0 ? 0 : 1;
}
