/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-machine.h"

G_BEGIN_DECLS

/* A state directory, library and runtime directory of this test program's own, so that its embedded driver is no
 * other's; what QEMU answers the driver's first questions (seconds) is kept between programs in the build directory. */
void engine_fixture_begin (void);
/* Removes it all; the domains that are still there are killed first, by their pid files. */
void engine_fixture_end (void);
const char *engine_fixture_directory (void);
/* What is mounted from here on is gone with the last of this program's processes, also when the test is killed. Before there
 * is any thread; where it is not allowed, mounting is not either. */
void engine_fixture_enter_mounts (void);

#define ENGINE_FIXTURE_GRUB_ISO "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"

/* Writes NAME.vmbundle into the library: a small q35 translated by QEMU with GRUB's ISO in its CD drive (sda), a link
 * (52:54:00:12:34:56) and what
 * @devices (nullable) adds; @os (nullable) goes in the place of the BIOS's <os>. What it asks for is granted.
 * (transfer full) */
ValiseMachine *engine_fixture_machine (ValiseHost *host, const char *name, const char *os, const char *devices);
/* The same without granting anything. The path. (transfer full) */
char *engine_fixture_bundle (const char *name, const char *os, const char *devices);
/* Brings a .vmbundle.tar.zst or .vmbundle into the library, as @name (nullable), and grants what it asks for.
 * (transfer full) */
ValiseMachine *engine_fixture_import (ValiseHost *host, const char *file, const char *name);
/* A connected host for the embedded driver. */
ValiseHost *engine_fixture_host (void);
/* How many pixels of the guest's screen differ from black. */
guint engine_fixture_count_lit (ValiseMachine *machine);
/* Waits up to a minute by the clock until at least that many do: what was drawn first may be the firmware's. */
void engine_fixture_wait_lit (ValiseMachine *machine, guint pixels);
/* Does the verb and asserts that it worked. */
void engine_fixture_do (ValiseMachine *machine, ValiseVerb verb);

G_END_DECLS
