/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* For tests: when VALISE_STALL_LOG names a file, a thread asks the main loop fifty times a second whether it is there and writes
 * a line "MILLISECONDS" for every answer that took more than 50 ms, not counting the time for which the main thread was ready and other
 * programs had the processors. Without the variable nothing runs. */
void valise_stall_watch_start (void);

G_END_DECLS
