/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "blueprint-text.h"

static void
test_samples (void)
{
  blueprint_check_folder ("libvirt");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/domain/samples", test_samples);
  return g_test_run ();
}
