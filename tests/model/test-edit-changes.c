/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edit-session-fixture.h"

static char *
list_changes (EditSessionFixture *fixture)
{
  g_autoptr (GPtrArray) changes = valise_edit_session_list_changes (fixture->session);
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < changes->len; i++)
    {
      const ValiseChange *change = changes->pdata[i];

      g_string_append_printf (lines, "%s: %s -> %s%s\n", change->label, change->before, change->after,
                              change->timing == VALISE_KNOB_LIVE ? " now" : "");
    }
  return g_string_free (lines, FALSE);
}

static void
expect_changes (EditSessionFixture *fixture, const char *expected)
{
  g_autofree char *lines = list_changes (fixture);

  g_assert_cmpstr (lines, ==, expected);
}

static void
test_changes (EditSessionFixture *fixture, gconstpointer text)
{
  expect_changes (fixture, "");
  edit_session_fixture_set (fixture, "memory", "4 GiB");
  expect_changes (fixture, "Memory: 2 GiB -> 4 GiB\nMemory given at start: 2 GiB -> 4 GiB\n");
  valise_edit_session_undo (fixture->session);
  edit_session_fixture_set (fixture, "currentMemory", "1 GiB");
  expect_changes (fixture, "Memory given at start: 2 GiB -> 1 GiB now\n");
  valise_edit_session_undo (fixture->session);
  edit_session_fixture_set (fixture, "devices/disk[1]/driver/@cache", "none");
  expect_changes (fixture, "Disk vda: cache mode: (null) -> None (straight to the disk)\n");
  valise_edit_session_undo (fixture->session);
  edit_session_fixture_set (fixture, "features/acpi", "no");
  edit_session_fixture_set (fixture, "features/apic", "yes");
  edit_session_fixture_set (fixture, "os/bootmenu/@enable", "yes");
  edit_session_fixture_set (fixture, "os/bootmenu/@timeout", "5000");
  expect_changes (fixture, "Boot menu: (null) -> on\nBoot menu waits: (null) -> 5000 ms\n"
                           "APIC: (null) -> on\nACPI: on -> (null)\n");
  valise_edit_session_revert (fixture->session);
  edit_session_fixture_set (fixture, "devices/interface/link/@state", "down");
  edit_session_fixture_set (fixture, "devices/disk[2]/source/@file", "/iso/other.iso");
  expect_changes (fixture, "CD drive sda: CD in the drive: /iso/debian.iso -> /iso/other.iso now\n"
                           "Network card 52:54:00:00:00:01: cable: (null) -> Unplugged now\n");
}

static void
test_change_units (EditSessionFixture *fixture, gconstpointer text)
{
  valise_edit_session_begin (fixture->session);
  edit_session_fixture_set (fixture, "memory", "3");
  edit_session_fixture_set (fixture, "memory/@unit", "GiB");
  edit_session_fixture_set (fixture, "currentMemory", "2 GiB");
  valise_edit_session_end (fixture->session);
  expect_changes (fixture, "Memory: 2 GiB -> 3 GiB\n");
  /* the same size in another unit is no change that people would care about */
  edit_session_fixture_set (fixture, "memory", "2");
  expect_changes (fixture, "");
  g_assert_true (valise_edit_session_is_changed (fixture->session));
}

static void
test_change_devices (EditSessionFixture *fixture, gconstpointer text)
{
  valise_edit_session_add (
      fixture->session, "devices",
      "<disk type='file' device='disk'><source file='disks/b.qcow2'/><target dev='vdb' bus='virtio'/></disk>", NULL);
  valise_edit_session_add (fixture->session, "devices", "<rng model='virtio'><backend model='builtin'/></rng>", NULL);
  expect_changes (fixture, "Disk vdb added: (null) -> (null) now\nRandom numbers added: (null) -> (null) now\n");
  edit_session_fixture_unset (fixture, "devices/disk[2]");
  edit_session_fixture_unset (fixture, "devices/graphics");
  expect_changes (fixture, "Disk vdb added: (null) -> (null) now\nCD drive sda removed: (null) -> (null)\n"
                           "Random numbers added: (null) -> (null) now\nDisplay vnc removed: (null) -> (null)\n");
}

/* The image that is made for a disk is its size to people, and what our table does not name has libvirt's words. */
static void
test_change_words (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "metadata/valise:machine/valise:disk[@source='disks/b.qcow2']/@size",
                            "1073741824");
  valise_edit_session_add (
      fixture->session, "devices",
      "<disk type='file' device='disk'><source file='disks/b.qcow2'/><target dev='vdb' bus='virtio'/></disk>", NULL);
  expect_changes (fixture, "Disk vdb: size: (null) -> 1 GiB now\nDisk vdb added: (null) -> (null) now\n");
  valise_edit_session_revert (fixture->session);
  edit_session_fixture_set (fixture, "devices/disk[1]/driver/@page_per_vq", "on");
  edit_session_fixture_set (fixture, "defaultiothread/@thread_pool_min", "2");
  expect_changes (fixture, "Disk vda: driver page per queue: (null) -> on\n"
                           "Default I/O thread: thread pool minimum: (null) -> 2\n");
}

/* A disk under another name and a card with another address are what they were. */
static void
test_change_identities (EditSessionFixture *fixture, gconstpointer text)
{
  edit_session_fixture_set (fixture, "devices/disk[1]/target/@bus", "sata");
  edit_session_fixture_set (fixture, "devices/interface/mac/@address", "52:54:00:00:00:02");
  {
    g_autofree char *lines = list_changes (fixture);

    g_assert_nonnull (strstr (lines, "Disk sdb: name: vda -> sdb\n"));
    g_assert_nonnull (strstr (lines, "Disk sdb: connection: virtio (fastest) -> SATA\n"));
    g_assert_nonnull (strstr (lines, "MAC address: 52:54:00:00:00:01 -> 52:54:00:00:00:02\n"));
    g_assert_null (strstr (lines, "added"));
    g_assert_null (strstr (lines, "removed"));
  }
}

#define ADD(name, function)                                                                                            \
  g_test_add ("/model/edit-changes/" name, EditSessionFixture, EDIT_SESSION_TEXT, edit_session_fixture_set_up,         \
              function, edit_session_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("values", test_changes);
  ADD ("units", test_change_units);
  ADD ("devices", test_change_devices);
  ADD ("words", test_change_words);
  ADD ("identities", test_change_identities);
  return g_test_run ();
}
