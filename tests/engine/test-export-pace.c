/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-export-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  char *path;
  int fd;
  ValiseExportPace *pace;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->fd = g_file_open_tmp ("valise-pace-XXXXXX", &fixture->path, NULL);
  g_assert_cmpint (fixture->fd, >=, 0);
  fixture->pace = _valise_export_pace_new (VALISE_EXPORT_PACE_FIRST);
  _valise_export_pace_add (fixture->pace, fixture->path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  _valise_export_pace_free (fixture->pace);
  close (fixture->fd);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_free (fixture->path);
}

static void
copy (Fixture *fixture, guint64 offset, gsize length)
{
  g_autofree char *bytes = g_malloc (length);

  memset (bytes, 'x', length);
  g_assert_cmpint (pwrite (fixture->fd, bytes, length, (off_t) offset), ==, (gssize) length);
}

/* A copy of zeros, or one that waits, says nothing of the disk. */
static void
test_nothing_copied (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (ftruncate (fixture->fd, 64 * VALISE_MIB), ==, 0);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (_valise_export_pace_step (fixture->pace), ==, VALISE_EXPORT_PACE_FIRST);
}

/* A sixth of what the disk takes, a step at a time. */
static void
test_next (void)
{
  static const struct
  {
    guint speed, bytes; /* MiB in a second, MiB */
    gint64 took;        /* ms */
    guint next;         /* MiB in a second */
  } rows[] = {
    { 32, 24, 100, 40 },                                                               /* the disk takes 240 */
    { 32, 24, 10, 64 },                                                                /* far more */
    { 32, 24, 0, 64 },                                                                 /* no disk at all */
    { 32, 24, 200, 20 },                                                               /* 120 */
    { 32, 24, 2000, 16 }, { 16, 24, 2000, 8 }, { 8, 24, 2000, 4 }, { 4, 24, 9000, 4 }, /* and never ends at nothing */
    { 32, 24, 120, 32 },                                                               /* as good as what it has */
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpuint (_valise_export_pace_next (rows[i].speed * VALISE_MIB, rows[i].bytes * VALISE_MIB,
                                                rows[i].took * 1000)
                          / VALISE_MIB,
                      ==, rows[i].next);
}

/* What it has seen counts no second time. */
static void
test_seen_once (Fixture *fixture, gconstpointer data)
{
  guint64 speed;

  copy (fixture, 0, 16 * VALISE_MIB);
  speed = _valise_export_pace_step (fixture->pace);
  g_assert_cmpuint (_valise_export_pace_step (fixture->pace), ==, speed);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/engine/export-pace/nothing-copied", Fixture, NULL, set_up, test_nothing_copied, tear_down);
  g_test_add_func ("/engine/export-pace/next", test_next);
  g_test_add ("/engine/export-pace/seen-once", Fixture, NULL, set_up, test_seen_once, tear_down);
  return g_test_run ();
}
