/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "linux-guest.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "engine-fixture.h"

#define PATIENCE (120 * G_USEC_PER_SEC)
#define DISK_BYTES "24M"

static const char boot[] =
    "<os><type arch='x86_64' machine='q35'>hvm</type><kernel>media/vmlinuz</kernel><initrd>media/initrd</initrd>"
    "<cmdline>quiet panic=-1 mitigations=off nokaslr random.trust_cpu=on</cmdline></os>";
static const char devices[] = "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                              "<source file='disks/one.img'/><target dev='vda' bus='virtio'/></disk>"
                              "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                              "<source file='disks/two.img'/><target dev='vdb' bus='virtio'/></disk>"
                              "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                              "<source file='disks/board.img'/><target dev='vdc' bus='virtio'/></disk>"
                              "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";

/* What lies in the source and build directories comes from the environment. */
static char *
part (const char *variable, const char *name)
{
  const char *directory = g_getenv (variable);

  return directory != NULL ? g_build_filename (directory, name, NULL) : NULL;
}

const char *
linux_guest_missing (void)
{
  static const char *const programs[] = { "mke2fs", "e2fsck", "dumpe2fs", "debugfs", "python3" };
  g_autofree char *kernel = part ("VALISE_LINUX_GUEST", "vmlinuz");

  if (kernel == NULL || !g_file_test (kernel, G_FILE_TEST_EXISTS))
    return "tools/linux-guest has not fetched the guest's kernel and agent";
  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *found = g_find_program_in_path (programs[i]);

      if (found == NULL)
        return "e2fsprogs or python3 is not installed";
    }
  return NULL;
}

/* Returns what it ended with; what it printed goes to @output (nullable). */
static int
run (const char *directory, const char *command, char **output)
{
  const char *argv[] = { "sh", "-c", command, NULL };
  g_autofree char *complaint = NULL;
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_spawn_sync (directory, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, output, &complaint, &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) > 0)
    g_test_message ("%s: %d %s %s", command, WEXITSTATUS (status), output != NULL ? *output : "", complaint);
  return WEXITSTATUS (status);
}

ValiseMachine *
linux_guest_new (ValiseHost *host, const char *name)
{
  ValiseMachine *machine = engine_fixture_machine (host, name, boot, devices);

  g_assert_cmpint (run (valise_machine_get_path (machine),
                        "set -e; cp $VALISE_LINUX_GUEST/vmlinuz media/;"
                        "python3 $VALISE_LINUX_GUEST_MAKER $VALISE_LINUX_GUEST $VALISE_LINUX_GUEST_INIT media/initrd;"
                        "truncate -s 1M disks/board.img;"
                        "for disk in one two; do truncate -s " DISK_BYTES
                        " disks/$disk.img; mke2fs -q -t ext4 -F disks/$disk.img; done",
                        NULL),
                   ==, 0);
  return machine;
}

/* --- the board --- */

static int
open_board (const char *bundle, int flags)
{
  g_autofree char *path = g_build_filename (bundle, "disks", "board.img", NULL);

  return open (path, flags | O_CLOEXEC);
}

BoardSaid
linux_guest_listen (const char *bundle)
{
  int fd = open_board (bundle, O_RDONLY);
  BoardSaid said = { 0 };

  if (fd >= 0 && (pread (fd, &said, sizeof said, BOARD_SAY) != sizeof said || said.magic != BOARD_MAGIC))
    said = (BoardSaid){ 0 };
  close (fd);
  return said;
}

guint
linux_guest_count (const char *bundle)
{
  return linux_guest_listen (bundle).lines;
}

void
linux_guest_wait (const char *bundle, guint least)
{
  gint64 late = g_get_monotonic_time () + PATIENCE;

  while (linux_guest_count (bundle) < least)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, late);
      g_usleep (10000);
    }
}

guint
linux_guest_tell (const char *bundle, guint what)
{
  int fd = open_board (bundle, O_RDWR);
  BoardAsk ask = { 0 };

  g_assert_cmpint (pread (fd, &ask, sizeof ask, BOARD_ASK), ==, sizeof ask);
  ask.turn++;
  ask.what = what;
  g_assert_cmpint (pwrite (fd, &ask, sizeof ask, BOARD_ASK), ==, sizeof ask);
  close (fd);
  return ask.turn;
}

void
linux_guest_ask (const char *bundle, guint what)
{
  gint64 late = g_get_monotonic_time () + PATIENCE;
  guint turn = linux_guest_tell (bundle, what);

  while (linux_guest_listen (bundle).answered != turn)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, late);
      g_usleep (2000);
    }
}

/* --- looked at from outside --- */

gboolean
linux_guest_needs_recovery (const char *bundle, const char *disk)
{
  g_autofree char *command = g_strdup_printf ("dumpe2fs -h disks/%s 2>/dev/null", disk);
  g_autofree char *output = NULL;

  g_assert_cmpint (run (bundle, command, &output), ==, 0);
  g_assert_nonnull (strstr (output, "has_journal"));
  return strstr (output, "needs_recovery") != NULL;
}

void
linux_guest_check_clean (const char *bundle)
{
  g_autofree char *output = NULL;

  g_assert_cmpint (run (bundle, "e2fsck -fn disks/" LINUX_GUEST_ONE " && e2fsck -fn disks/" LINUX_GUEST_TWO, &output),
                   ==, 0);
}

void
linux_guest_recover (const char *bundle)
{
  static const char *const commands[] = { "e2fsck -p disks/" LINUX_GUEST_ONE, "e2fsck -p disks/" LINUX_GUEST_TWO };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *output = NULL;

      /* 1: something was put in order, as the journal's playing back is. */
      g_assert_cmpint (run (bundle, commands[i], &output), <=, 1);
    }
  linux_guest_check_clean (bundle);
}

/* How many whole lines there are, up to where a power cut may have torn the last. */
static guint
count_lines (const char *bundle, const char *disk)
{
  g_autofree char *command = g_strdup_printf ("debugfs -R 'cat /journal' disks/%s 2>/dev/null", disk);
  g_autofree char *text = NULL;
  guint number = 0;

  g_assert_cmpint (run (bundle, command, &text), ==, 0);
  for (const char *line = text; strlen (line) >= LINE_LENGTH; line += LINE_LENGTH)
    {
      g_autofree char *wanted = g_strdup_printf (LINE_FORMAT, number + 1, board_check_of (number + 1));

      g_assert_cmpmem (line, LINE_LENGTH, wanted, LINE_LENGTH);
      number++;
    }
  return number;
}

guint
linux_guest_check_journals (const char *bundle)
{
  guint one = count_lines (bundle, LINUX_GUEST_ONE), two = count_lines (bundle, LINUX_GUEST_TWO);

  if (one != two && one != two + 1)
    g_error ("The first disk has %u lines, the second %u", one, two);
  return two;
}
