/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-machine.h"
#include "linux-guest/board.h"

G_BEGIN_DECLS

/* A guest of Linux with QEMU's guest agent, of what tools/linux-guest fetched. It never stops writing a journal to the
 * file systems of two disks: each line to the one and, when it is on the medium, to the other (linux-guest/init.c). */

/* What is missing for it, or %NULL. */
const char *linux_guest_missing (void);
/* Writes NAME.vmbundle into the library, with the guest in it. (transfer full) */
ValiseMachine *linux_guest_new (ValiseHost *host, const char *name);

/* What it says. All zero before it has said anything. */
BoardSaid linux_guest_listen (const char *bundle);
/* How many lines it has written. */
guint linux_guest_count (const char *bundle);
/* Until that many are there. */
void linux_guest_wait (const char *bundle, guint least);
/* Has it do something, BOARD_STOP_AGENT and so on, without waiting for that. Returns which turn it is. */
guint linux_guest_tell (const char *bundle, guint what);
/* The same, and waits until it is done. */
void linux_guest_ask (const char *bundle, guint what);

/* Whether a file system has a journal that is to be played back: it was not written to the end. */
gboolean linux_guest_needs_recovery (const char *bundle, const char *disk);
/* Asserts that both file systems are in order as they are. */
void linux_guest_check_clean (const char *bundle);
/* Plays the journals of the file systems back, as a boot would, and asserts that they are in order then. */
void linux_guest_recover (const char *bundle);
/* Asserts that the journals are whole and of one moment, and returns how many lines both have. */
guint linux_guest_check_journals (const char *bundle);

#define LINUX_GUEST_ONE "one.img"
#define LINUX_GUEST_TWO "two.img"

G_END_DECLS
