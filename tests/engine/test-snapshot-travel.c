/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tree of snapshots with memory goes to another library in one file, and each of them is seen again there. */
#include "engine/valise-machine-snapshots.h"

#include <string.h>

#include "bundle/valise-image.h"
#include "engine-fixture.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-export.h"

#define DISK                                                                                                           \
  "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='disks/root.qcow2'/>"                \
  "<target dev='vda' bus='virtio'/></disk>\n"
#define PATIENCE (60 * G_USEC_PER_SEC)
#define RESTS 20 /* tenths of a second: a busy computer draws haltingly */
#define BLINK 40 /* pixels of a cursor */
#define N_MOMENTS G_N_ELEMENTS (moments)

/* What is typed at GRUB's prompt after going back to the parent, and then kept. */
static const struct
{
  const char *name, *parent, *text;
} moments[] = {
  { "first", NULL, "echo this is where it began, " }, { "left", "first", "and left of it, " },
  { "right", "first", "but on the right " },          { "left end", "left", "the branch ends like this" },
  { "right end", "right", "there is another end" },
};

/* --- what is seen --- */

static GdkPixbuf *
see (ValiseMachine *machine)
{
  g_autoptr (GError) error = NULL;
  GdkPixbuf *picture = valise_machine_screenshot (machine, NULL, &error);

  g_assert_no_error (error);
  return picture;
}

/* How many pixels differ. */
static guint
compare (GdkPixbuf *first, GdkPixbuf *second)
{
  int width = gdk_pixbuf_get_width (first), height = gdk_pixbuf_get_height (first);
  guint count = 0;

  if (gdk_pixbuf_get_width (second) != width || gdk_pixbuf_get_height (second) != height)
    return G_MAXUINT;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      count += memcmp (gdk_pixbuf_read_pixels (first) + y * gdk_pixbuf_get_rowstride (first)
                           + x * gdk_pixbuf_get_n_channels (first),
                       gdk_pixbuf_read_pixels (second) + y * gdk_pixbuf_get_rowstride (second)
                           + x * gdk_pixbuf_get_n_channels (second),
                       3)
               != 0;
  return count;
}

/* Types, and waits until the guest has drawn it and rests. */
static void
type (ValiseMachine *machine, const char *text)
{
  gint64 late = g_get_monotonic_time () + PATIENCE;
  g_autoptr (GdkPixbuf) before = see (machine);
  g_autoptr (GdkPixbuf) now = NULL;
  g_autoptr (GError) error = NULL;

  valise_machine_type (machine, text, NULL, &error);
  g_assert_no_error (error);
  for (guint rests = 0; rests < RESTS;)
    {
      g_autoptr (GdkPixbuf) last = g_steal_pointer (&now);

      g_assert_cmpint (g_get_monotonic_time (), <, late);
      g_usleep (100000);
      now = see (machine);
      rests = last != NULL && compare (before, now) > 4 * BLINK && compare (last, now) < BLINK ? rests + 1 : 0;
    }
}

/* --- the tree --- */

static void
revert (ValiseMachine *machine, const char *name, ValiseRevertFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) snapshots = valise_machine_list_snapshots (machine, NULL);
  const ValiseSnapshot *snapshot = valise_snapshots_find (snapshots, name, NULL);

  g_assert_nonnull (snapshot);
  valise_machine_revert_snapshot (machine, snapshot->id, flags, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (valise_machine_get_state (machine), ==, VALISE_MACHINE_SUSPENDED);
}

static void
grow (ValiseMachine *machine, guint number)
{
  g_autoptr (GError) error = NULL;

  if (moments[number].parent != NULL)
    revert (machine, moments[number].parent, 0);
  engine_fixture_do (machine, VALISE_VERB_START);
  if (moments[number].parent == NULL)
    {
      engine_fixture_wait_lit (machine, 15000); /* GRUB's menu, not what the firmware draws before it */
      valise_machine_wait_frame (machine, 90000, NULL, &error);
    }
  g_assert_no_error (error);
  type (machine, moments[number].text);
  g_free (valise_machine_take_snapshot (machine, moments[number].name, NULL, TRUE, NULL, &error));
  g_assert_no_error (error);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

/* As one file. */
static char *
send_away (ValiseMachine *machine)
{
  g_autoptr (GPtrArray) machines = g_ptr_array_new ();
  char *file = g_build_filename (engine_fixture_directory (), "Tree.vmbundle.tar.zst", NULL);
  g_autoptr (ValiseJob) job = NULL;
  g_autoptr (GError) error = NULL;
  ValiseExportChoice choice;

  g_ptr_array_add (machines, machine);
  g_assert_true (valise_export_choose (&choice, NULL, file));
  g_assert_true (choice.snapshots);
  job = valise_export_machines_job_new (machines, file, &choice);
  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  return file;
}

/* --- elsewhere, in a process of its own, because a driver stays with the state directory that it began with --- */

static void
assert_tree (GPtrArray *snapshots)
{
  g_assert_cmpuint (snapshots->len, ==, N_MOMENTS);
  for (guint i = 0; i < N_MOMENTS; i++)
    {
      const ValiseSnapshot *snapshot = valise_snapshots_find (snapshots, moments[i].name, NULL);
      const ValiseSnapshot *parent =
          moments[i].parent != NULL ? valise_snapshots_find (snapshots, moments[i].parent, NULL) : NULL;

      g_assert_nonnull (snapshot);
      g_assert_cmpint (snapshot->memory, ==, VALISE_SNAPSHOT_MEMORY_RUNNING);
      g_assert_cmpstr (snapshot->parent, ==, parent != NULL ? parent->id : NULL);
    }
}

/* It shows what it showed then, and nothing of what the others show. */
static void
assert_seen (ValiseMachine *machine, GPtrArray *snapshots, const char *name)
{
  ValiseBundle *bundle = valise_machine_get_bundle (machine);
  g_autoptr (GdkPixbuf) picture = see (machine);

  for (guint i = 0; i < N_MOMENTS; i++)
    {
      const ValiseSnapshot *snapshot = valise_snapshots_find (snapshots, moments[i].name, NULL);
      g_autofree char *file = valise_snapshot_file (bundle, snapshot->id, "screenshot.png");
      g_autoptr (GdkPixbuf) then = gdk_pixbuf_new_from_file (file, NULL);

      g_assert_nonnull (then);
      if (g_str_equal (name, moments[i].name))
        g_assert_cmpuint (compare (picture, then), <, BLINK);
      else
        g_assert_cmpuint (compare (picture, then), >, 2 * BLINK);
    }
}

static int
look_elsewhere (const char *file)
{
  g_autoptr (ValiseHost) host = NULL;
  g_autoptr (ValiseMachine) machine = NULL;
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GError) error = NULL;

  engine_fixture_begin ();
  host = engine_fixture_host ();
  machine = engine_fixture_import (host, file, NULL);
  snapshots = valise_machine_list_snapshots (machine, &error);
  g_assert_no_error (error);
  assert_tree (snapshots);
  g_assert_false (
      valise_machine_revert_snapshot (machine, ((ValiseSnapshot *) snapshots->pdata[0])->id, 0, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK);
  for (guint i = 0; i < N_MOMENTS; i++)
    {
      revert (machine, moments[i].name, VALISE_REVERT_TRUST_MEMORY);
      engine_fixture_do (machine, VALISE_VERB_START);
      g_assert_cmpint (valise_machine_get_state (machine), ==, VALISE_MACHINE_RUNNING);
      assert_seen (machine, snapshots, moments[i].name);
      engine_fixture_do (machine, VALISE_VERB_STOP);
    }
  g_clear_object (&machine);
  g_clear_object (&host);
  engine_fixture_end ();
  return 0;
}

static void
test_travel (void)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "Tree", NULL, DISK);
  g_autofree char *image = g_build_filename (valise_machine_get_path (machine), "disks", "root.qcow2", NULL);
  g_autofree char *file = NULL;
  g_autoptr (GError) error = NULL;
  int status = -1;

  valise_image_create (image, "qcow2", 8 * 1024 * 1024, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N_MOMENTS; i++)
    grow (machine, i);
  file = send_away (machine);
  {
    const char *argv[] = { "/proc/self/exe", "--elsewhere", file, NULL };

    g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, &error);
  }
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
  g_test_message (
      "told: a tree of %u snapshots with memory went to another library in one file, and each was seen there",
      (guint) N_MOMENTS);
}

int
main (int argc, char **argv)
{
  int result;

  if (argc > 2 && g_str_equal (argv[1], "--elsewhere"))
    return look_elsewhere (argv[2]);
  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  g_test_add_func ("/engine/snapshots/travel", test_travel);
  result = g_test_run ();
  engine_fixture_end ();
  return result;
}
