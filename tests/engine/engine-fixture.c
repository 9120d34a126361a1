/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine-fixture.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "engine/valise-jobs.h"

static char *directory;

const char *
engine_fixture_directory (void)
{
  return directory;
}

static void
set_directory (const char *variable, const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  g_setenv (variable, path, TRUE);
}

static void
share_cache (void)
{
  const char *build = g_getenv ("G_TEST_BUILDDIR");
  g_autofree char *shared = g_build_filename (build != NULL ? build : "/tmp", "engine", "qemu-cache", NULL);
  g_autofree char *root = g_build_filename (directory, "s", "e", NULL);
  g_autofree char *cache = g_build_filename (root, "cache", NULL);

  g_assert_cmpint (g_mkdir_with_parents (shared, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (root, 0700), ==, 0);
  g_assert_cmpint (symlink (shared, cache), ==, 0);
}

/* QEMU outlives whoever started it: a test that failed half way must not leave one behind. */
static void
kill_machines (void)
{
  g_autofree char *run = g_build_filename (directory, "s", "e", "run", "qemu", NULL);
  g_autoptr (GDir) listing = g_dir_open (run, 0, NULL);
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    {
      g_autofree char *path = g_build_filename (run, name, NULL);
      g_autofree char *text = NULL;

      if (g_str_has_prefix (name, "vm-") && g_str_has_suffix (name, ".pid")
          && g_file_get_contents (path, &text, NULL, NULL) && atoi (text) > 1)
        kill (atoi (text), SIGKILL);
    }
}

/* Waits for the other end to be closed, which an aborted test does too, and tidies up. Before there is any thread. */
static void
fork_tidier (void)
{
  int ends[2];
  int null;
  char byte;

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  if (fork () != 0)
    {
      close (ends[0]);
      return;
    }
  setsid ();
  null = open ("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; fd++)
    dup2 (null, fd);
  close (ends[1]);
  while (read (ends[0], &byte, 1) < 0)
    ;
  if (g_file_test (directory, G_FILE_TEST_EXISTS))
    {
      kill_machines ();
      valise_directory_remove (directory, NULL);
    }
  _exit (0);
}

void
engine_fixture_begin (void)
{
  directory = g_strdup ("/tmp/ve-XXXXXX");
  g_assert_nonnull (g_mkdtemp (directory));
  set_directory ("VALISE_STATE_DIR", "s");
  set_directory ("VALISE_LIBRARY", "l");
  set_directory ("XDG_RUNTIME_DIR", "r");
  g_unsetenv ("VALISE_CONNECT");
  share_cache ();
  fork_tidier ();
}

void
engine_fixture_enter_mounts (void)
{
  if (unshare (CLONE_NEWNS) == 0)
    g_assert_cmpint (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), ==, 0);
}

void
engine_fixture_end (void)
{
  g_autoptr (GError) error = NULL;

  kill_machines ();
  g_assert_true (valise_directory_remove (directory, &error));
  g_assert_no_error (error);
  g_clear_pointer (&directory, g_free);
}

/* --- machines --- */

static const char bios[] = "<os><type arch='x86_64' machine='q35'>hvm</type><boot dev='cdrom'/></os>";
static const char document[] = "<domain type='kvm'>\n"
                               "  <name>%s</name>\n"
                               "  <uuid>%s</uuid>\n"
                               "  <metadata><valise:machine xmlns:valise='https://valise.page/bundle/1' name='%s' "
                               "version='1' accel='tcg'/></metadata>\n"
                               "  <memory unit='MiB'>128</memory>\n"
                               "  <vcpu current='1'>2</vcpu>\n"
                               "  %s\n"
                               "  <features><acpi/><apic/></features>\n"
                               "  <cpu mode='maximum'/>\n"
                               "  <devices>\n"
                               "    <disk type='file' device='cdrom'>\n"
                               "      <driver name='qemu' type='raw'/>\n"
                               "      <source file='" ENGINE_FIXTURE_GRUB_ISO "'/>\n"
                               "      <target dev='sda' bus='sata'/>\n"
                               "      <readonly/>\n"
                               "    </disk>\n"
                               "    <interface type='user'>\n"
                               "      <mac address='52:54:00:12:34:56'/>\n"
                               "      <model type='virtio'/>\n"
                               "    </interface>\n"
                               "    <input type='tablet' bus='usb'/>\n"
                               "    <graphics type='vnc'/>\n"
                               "    <video><model type='vga'/></video>\n"
                               "    <memballoon model='virtio'/>\n"
                               "%s"
                               "  </devices>\n"
                               "</domain>\n";

ValiseHost *
engine_fixture_host (void)
{
  ValiseHost *host = valise_host_new (NULL);
  g_autoptr (GError) error = NULL;

  valise_host_connect_sync (host, NULL, &error);
  g_assert_no_error (error);
  return host;
}

char *
engine_fixture_bundle (const char *name, const char *os, const char *devices)
{
  static const char *const parts[] = { "disks", "nvram", "tpm", "media", "logs" };
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *bundle = g_strdup_printf ("%s/l/%s.vmbundle", engine_fixture_directory (), name);
  g_autofree char *config = g_build_filename (bundle, "config.xml", NULL);
  g_autofree char *text =
      g_strdup_printf (document, name, uuid, name, os != NULL ? os : bios, devices != NULL ? devices : "");
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *part = g_build_filename (bundle, parts[i], NULL);
      g_assert_cmpint (g_mkdir_with_parents (part, 0700), ==, 0);
    }
  g_file_set_contents (config, text, -1, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&bundle);
}

ValiseMachine *
engine_fixture_machine (ValiseHost *host, const char *name, const char *os, const char *devices)
{
  g_autofree char *path = engine_fixture_bundle (name, os, devices);
  ValiseMachine *machine = valise_machine_new (host, path);
  g_autoptr (GPtrArray) asks = valise_machine_list_asks (machine, NULL);
  g_autoptr (GError) error = NULL;

  valise_machine_settle_asks (machine, asks, &error);
  g_assert_no_error (error);
  valise_machine_load (machine, FALSE, &error);
  g_assert_no_error (error);
  return machine;
}

ValiseMachine *
engine_fixture_import (ValiseHost *host, const char *file, const char *name)
{
  g_autofree char *library_directory = g_build_filename (directory, "l", NULL);
  g_autoptr (ValiseLibrary) library = valise_library_new (host, library_directory);
  g_autoptr (ValiseJob) job = valise_import_job_new (library, file, NULL, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) asks = NULL;
  g_autofree char *path = NULL;
  ValiseMachine *machine;

  valise_job_run_sync (job, &error);
  g_assert_no_error (error);
  path = valise_job_dup_result_path (job);
  machine = valise_machine_new (host, path);
  asks = valise_machine_list_asks (machine, NULL);
  g_assert_true (valise_machine_settle_asks (machine, asks, &error) && valise_machine_load (machine, FALSE, &error));
  g_assert_no_error (error);
  return machine;
}

guint
engine_fixture_count_lit (ValiseMachine *machine)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) picture = valise_machine_screenshot (machine, NULL, &error);
  guint lit = 0;

  g_assert_no_error (error);
  for (int y = 0; y < gdk_pixbuf_get_height (picture); y++)
    for (int x = 0; x < gdk_pixbuf_get_width (picture); x++)
      {
        const guchar *pixel = gdk_pixbuf_read_pixels (picture) + y * gdk_pixbuf_get_rowstride (picture)
                              + x * gdk_pixbuf_get_n_channels (picture);
        lit += pixel[0] + pixel[1] + pixel[2] > 96;
      }
  return lit;
}

void
engine_fixture_wait_lit (ValiseMachine *machine, guint pixels)
{
  gint64 until = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
  guint lit;

  while ((lit = engine_fixture_count_lit (machine)) < pixels && g_get_monotonic_time () < until)
    g_usleep (100000);
  g_assert_cmpuint (lit, >=, pixels);
}

void
engine_fixture_do (ValiseMachine *machine, ValiseVerb verb)
{
  g_autoptr (GError) error = NULL;

  valise_machine_do (machine, verb, NULL, &error);
  g_assert_no_error (error);
}
