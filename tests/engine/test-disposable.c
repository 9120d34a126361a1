/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest that writes to its disk at once, run with and without keeping it. What is killed is this program again, as a
 * child. */
#include "engine-fixture.h"
#include "engine/valise-engine-error.h"
#include "engine/valise-machine-snapshots.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundle/valise-disposable.h"

#define DISK                                                                                                           \
  "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='disks/root.img'/>"                    \
  "<target dev='vda' bus='virtio'/></disk>\n"
#define TPM "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>\n"
#define BIOS "<os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>"
#define UEFI                                                                                                           \
  "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><nvram>nvram/vars.fd</nvram>"                        \
  "<firmware><feature enabled='no' name='secure-boot'/></firmware></os>"
#define SECTOR 512
#define KILLS 3

/* Writes itself to the second sector, then a star to the screen, and stands still. */
static const guint8 writer[] = {
  0x31, 0xc0, 0x8e, 0xc0, 0x8e, 0xd8, 0x8e, 0xd0, 0xbc, 0x00, 0x7c, /* no segments; a stack */
  0xb8, 0x01, 0x03, 0xbb, 0x00, 0x7c, 0xb9, 0x02, 0x00, 0xb6, 0x00, /* one sector, from here, to the second */
  0xcd, 0x13,                                                       /* of the disk that it came from */
  0xb8, 0x2a, 0x0e, 0xcd, 0x10,                                     /* a star */
  0xf4, 0xeb, 0xfd                                                  /* stands still */
};

/* --- its disk --- */

static char *
image_of (const char *path)
{
  return g_build_filename (path, "disks", "root.img", NULL);
}

static void
write_disk (const char *path)
{
  g_autofree char *image = image_of (path);
  guint8 sector[SECTOR] = { 0 };
  int fd = open (image, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);

  memcpy (sector, writer, sizeof writer);
  sector[SECTOR - 2] = 0x55;
  sector[SECTOR - 1] = 0xaa;
  g_assert_cmpint (write (fd, sector, SECTOR), ==, SECTOR);
  g_assert_cmpint (ftruncate (fd, 1 << 20), ==, 0);
  close (fd);
}

static gboolean
was_written (const char *path)
{
  g_autofree char *image = image_of (path);
  guint8 sector[SECTOR];
  int fd = open (image, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (pread (fd, sector, SECTOR, SECTOR), ==, SECTOR);
  close (fd);
  return sector[0] == writer[0];
}

/* --- the run --- */

static void
start (ValiseMachine *machine)
{
  g_autoptr (GError) error = NULL;

  valise_machine_start_disposable (machine, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (valise_machine_is_disposable (machine));
}

static void
wait_frame (ValiseMachine *machine)
{
  g_autoptr (GError) error = NULL;

  valise_machine_wait_frame (machine, 90000, NULL, &error);
  g_assert_no_error (error);
}

/* QEMU writes down later where in the image it is. */
static gboolean
written_apart (const char *path)
{
  g_autofree char *image = g_build_filename (path, "state", "disposable", "2.qcow2", NULL);
  g_autofree char *bytes = NULL;
  gsize length;
  guint found = 0;

  g_assert_true (g_file_get_contents (image, &bytes, &length, NULL));
  for (gsize i = 0; i + SECTOR <= length; i += SECTOR)
    found += memcmp (bytes + i, writer, sizeof writer) == 0;
  return found > 0;
}

/* Its star would not do: the firmware draws as well, and a busy host may rest after that. */
static void
wait_written (gboolean (*is_written) (const char *path), const char *path)
{
  gint64 until = g_get_monotonic_time () + 90 * G_TIME_SPAN_SECOND;

  while (!is_written (path) && g_get_monotonic_time () < until)
    g_usleep (100000);
  g_assert_true (is_written (path));
}

static void
test_gone (ValiseHost *host)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "gone", BIOS, DISK);
  const char *path = valise_machine_get_path (machine);
  g_autoptr (GError) error = NULL;

  write_disk (path);
  start (machine);
  wait_written (written_apart, path);
  g_assert_null (valise_machine_take_snapshot (machine, "none", NULL, TRUE, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  g_clear_error (&error);
  g_assert_false (valise_machine_can (machine, VALISE_VERB_SUSPEND));
  g_assert_false (valise_machine_do (machine, VALISE_VERB_SUSPEND, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_assert_false (valise_disposable_exists (path));
  g_assert_false (was_written (path));

  /* The same guest, kept. */
  engine_fixture_do (machine, VALISE_VERB_START);
  g_assert_false (valise_machine_is_disposable (machine));
  wait_written (was_written, path);
  engine_fixture_do (machine, VALISE_VERB_SUSPEND);
  g_assert_true (was_written (path));
  g_clear_error (&error);
  g_assert_false (valise_machine_start_disposable (machine, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  g_assert_false (valise_disposable_exists (path));
}

static void
assert_same (const char *path, const char *relative, const char *before, gsize length)
{
  g_autofree char *file = g_build_filename (path, relative, NULL);
  g_autofree char *after = NULL;
  gsize other;

  g_assert_true (g_file_get_contents (file, &after, &other, NULL));
  g_assert_cmpmem (after, other, before, length);
}

/* The firmware writes to its variables and the TPM to its state at every start. */
static void
test_firmware (ValiseHost *host)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "uefi", UEFI, DISK TPM);
  const char *path = valise_machine_get_path (machine);
  g_autofree char *vars = g_build_filename (path, "nvram", "vars.fd", NULL);
  g_autofree char *tpm = g_build_filename (path, "tpm", "tpm2-00.permall", NULL);
  g_autofree char *vars_before = NULL, *tpm_before = NULL;
  gsize vars_length, tpm_length;

  write_disk (path);
  start (machine);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  /* Not even the first ones stay. */
  g_assert_false (g_file_test (vars, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (tpm, G_FILE_TEST_EXISTS));
  engine_fixture_do (machine, VALISE_VERB_START);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_assert_true (g_file_get_contents (vars, &vars_before, &vars_length, NULL));
  g_assert_true (g_file_get_contents (tpm, &tpm_before, &tpm_length, NULL));
  start (machine);
  wait_frame (machine);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  assert_same (path, "nvram/vars.fd", vars_before, vars_length);
  assert_same (path, "tpm/tpm2-00.permall", tpm_before, tpm_length);
}

/* --- killed --- */

static int
start_and_wait (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  char byte = 'y';

  if (write (STDOUT_FILENO, &byte, 1) != 1)
    return 1;
  start (machine);
  pause ();
  return 0;
}

static int
find (const char *path)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);

  g_assert_true (valise_machine_load (machine, FALSE, NULL));
  g_printerr ("# found %s%s\n", valise_machine_state_to_word (valise_machine_get_state (machine)),
              valise_machine_is_disposable (machine) ? ", without keeping changes" : "");
  if (valise_machine_is_live (machine))
    {
      g_assert_true (valise_machine_is_disposable (machine));
      engine_fixture_do (machine, VALISE_VERB_STOP);
      g_assert_false (valise_disposable_exists (path));
    }
  g_assert_false (was_written (path));
  engine_fixture_do (machine, VALISE_VERB_START);
  g_assert_false (valise_disposable_exists (path));
  g_assert_false (valise_machine_is_disposable (machine));
  engine_fixture_do (machine, VALISE_VERB_STOP);
  return 0;
}

static GPid
spawn (const char *how, const char *path, int *out)
{
  const char *argv[] = { "/proc/self/exe", how, path, NULL };
  g_autoptr (GError) error = NULL;
  GPid pid;

  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL, out, NULL,
                            &error);
  g_assert_no_error (error);
  return pid;
}

static char *
make_bundle (const char *name)
{
  g_autoptr (ValiseHost) host = valise_host_new (NULL);
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, name, BIOS, DISK);

  return g_strdup (valise_machine_get_path (machine));
}

static void
test_killed (void)
{
  for (guint i = 0; i < KILLS; i++)
    {
      g_autofree char *name = g_strdup_printf ("killed-%u", i);
      g_autofree char *path = make_bundle (name);
      int out = -1, status = -1;
      char byte = 0;
      GPid child;

      write_disk (path);
      child = spawn ("--start", path, &out);
      g_assert_cmpint (read (out, &byte, 1), ==, 1);
      g_usleep (i * 600000);
      kill (child, SIGKILL);
      waitpid (child, NULL, 0);
      close (out);
      child = spawn ("--find", path, NULL);
      waitpid (child, &status, 0);
      g_assert_cmpint (status, ==, 0);
    }
}

static void
test_alive (void)
{
  g_autoptr (ValiseHost) host = engine_fixture_host ();

  test_gone (host);
  test_firmware (host);
}

int
main (int argc, char **argv)
{
  int result;

  if (argc > 2 && g_str_equal (argv[1], "--start"))
    return start_and_wait (argv[2]);
  if (argc > 2 && g_str_equal (argv[1], "--find"))
    return find (argv[2]);
  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  g_test_add_func ("/engine/disposable/killed", test_killed);
  g_test_add_func ("/engine/disposable/alive", test_alive);
  result = g_test_run ();
  engine_fixture_end ();
  return result;
}
