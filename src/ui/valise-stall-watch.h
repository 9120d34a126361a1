/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* For tests: when VALISE_STALL_LOG names a file, a thread asks the main loop fifty times a second whether it is there
 * and writes a line "RAN WAITED" (milliseconds) for every answer that took more than 50 ms: for how long the main
 * thread calculated meanwhile, and for how long it waited in a call. The time for which it was ready and other programs
 * had the processors does not count. Without the variable nothing runs. */
void valise_stall_watch_start (void);

G_END_DECLS
