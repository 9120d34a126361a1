/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal-tool IMAGE: makes a raw image the first disk of the guest that writes all the time. */
#include "../engine/journal-guest.h"

int
main (int argc, char **argv)
{
  if (argc != 2)
    return 2;
  journal_guest_install (argv[1]);
  return 0;
}
