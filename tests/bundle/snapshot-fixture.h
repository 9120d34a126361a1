/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-snapshot.h"

G_BEGIN_DECLS

/* A machine with a qcow2 and a raw disk, firmware variables, a TPM and a setting, into all of which a letter is written,
 * so that it is seen when they are not of one moment. */

/* A path; the machine holds '@'. (transfer full) */
char *snapshot_fixture_make (const char *directory);
void snapshot_fixture_write (const char *path, char letter);
/* The letter that all of it holds; fails the test when they do not agree or it could not be started. */
char snapshot_fixture_read (const char *path);
/* Asserts that each snapshot of the bundle holds throughout the letter that its name begins with, and how many there
 * are. */
guint snapshot_fixture_check_all (const char *path);
/* Takes one with that name. (transfer full): its id */
char *snapshot_fixture_take (const char *path, const char *name);
/* The id of the one with that name. (transfer full) */
char *snapshot_fixture_find (const char *path, const char *name);
void snapshot_fixture_revert (const char *path, const char *name);
void snapshot_fixture_delete (const char *path, const char *name);
/* Whether QEMU finds its images in order, but for clusters that nobody uses any more. */
void snapshot_fixture_check_images (const char *path);
/* How many files there are in disks/. */
guint snapshot_fixture_count_images (const char *path);

typedef struct
{
  char *root; /* a folder of one's own */
  char *path; /* the machine in it */
} SnapshotPlace;

/* For g_test_add. */
void snapshot_fixture_set_up (SnapshotPlace *self, gconstpointer unused);
void snapshot_fixture_tear_down (SnapshotPlace *self, gconstpointer unused);
/* Takes one with that name. */
void snapshot_fixture_take_one (SnapshotPlace *self, const char *name);
/* Asserts that a start is refused with a %VALISE_SNAPSHOT_ERROR of that code. */
void snapshot_fixture_assert_refused (const char *path, int code);
/* How many there are that nobody sees any more. */
guint snapshot_fixture_count_hidden (const char *path);
/* The image of the first disk that the snapshot of that name froze. (transfer full) */
char *snapshot_fixture_frozen_image (const char *path, const char *name);
/* Changes one byte of a file, and its date with it. */
void snapshot_fixture_write_byte (const char *path, off_t at, char byte);

G_END_DECLS
