/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* For tests: when VALISE_STALL_LOG names a file, a thread asks the main loop fifty times a second whether it is there
 * and writes a line "RAN WAITED PIECE" for every answer that took more than 50 ms: for how long the main thread
 * calculated meanwhile and for how long it waited in a call (milliseconds), and what a fixed piece of work took right
 * afterwards (microseconds), which says how fast this computer is at this moment. The time for which the thread was
 * ready and other programs or other virtual computers had the processors does not count. Without the variable nothing
 * runs. */
void valise_stall_watch_start (void);

G_END_DECLS
