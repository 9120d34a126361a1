/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal-tool install|newest IMAGE: makes a raw image the first disk of the guest that writes all the time, or says how
 * far it has written. */
#include <stdio.h>
#include <string.h>

#include "../engine/journal-guest.h"

int
main (int argc, char **argv)
{
  if (argc != 3 || (strcmp (argv[1], "install") != 0 && strcmp (argv[1], "newest") != 0))
    return 2;
  if (strcmp (argv[1], "install") == 0)
    journal_guest_install (argv[2]);
  else
    printf ("%u\n", journal_guest_newest (argv[2]));
  return 0;
}
