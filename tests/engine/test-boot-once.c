/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting from something else once, seen in the guest's pixels; and firmware variables made fresh. */
#include "engine-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "bundle/valise-image.h"
#include "engine/valise-variables.h"
#include "model/valise-boot-once.h"

/* A boot sector that fills the screen with blue and halts. */
static const guint8 boot_sector[] = {
  0xb8, 0x03, 0x00,       /* mov ax, 3: text */
  0xcd, 0x10,             /* int 10h */
  0xb8, 0x00, 0xb8,       /* mov ax, b800h */
  0x8e, 0xc0,             /* mov es, ax */
  0x31, 0xff,             /* xor di, di */
  0xb8, 0x20, 0x1f,       /* mov ax, 1f20h: blank, white on blue */
  0xb9, 0xd0, 0x07,       /* mov cx, 2000 */
  0xfc, 0xf3, 0xab,       /* cld; rep stosw */
  0xfa, 0xf4, 0xeb, 0xfc, /* cli; hlt; jmp */
};

#define DISK                                                                                                           \
  "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='disks/root.img'/>"                    \
  "<target dev='vda' bus='virtio'/></disk>\n"
#define BOOT_FROM_DISK "<os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>"
#define UEFI                                                                                                           \
  "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type>"                                                    \
  "<firmware><feature enabled='no' name='secure-boot'/></firmware></os>"

static ValiseHost *host;

static void
make_disk (ValiseMachine *machine)
{
  g_autofree char *path = g_build_filename (valise_machine_get_path (machine), "disks", "root.img", NULL);
  g_autofree guint8 *bytes = g_malloc0 (1024 * 1024);

  memcpy (bytes, boot_sector, sizeof boot_sector);
  bytes[510] = 0x55;
  bytes[511] = 0xaa;
  g_assert_true (g_file_set_contents (path, (const char *) bytes, 1024 * 1024, NULL));
}

static gboolean
is_blue (const guchar *pixel)
{
  return pixel[2] > 120 && pixel[0] < 60 && pixel[1] < 60;
}

/* Of a hundred pixels. */
static guint
blue_share (ValiseMachine *machine)
{
  g_autoptr (GdkPixbuf) picture = valise_machine_screenshot (machine, NULL, NULL);
  guint blue = 0, all = 0;

  g_assert_nonnull (picture);
  for (int y = 0; y < gdk_pixbuf_get_height (picture); y += 2)
    for (int x = 0; x < gdk_pixbuf_get_width (picture); x += 2, all++)
      blue += is_blue (gdk_pixbuf_read_pixels (picture) + y * gdk_pixbuf_get_rowstride (picture)
                       + x * gdk_pixbuf_get_n_channels (picture));
  return blue * 100 / all;
}

/* Whether @share of the screen or more becomes blue. */
static gboolean
wait_blue (ValiseMachine *machine, guint share)
{
  gint64 until = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < until)
    {
      if (blue_share (machine) >= share)
        return TRUE;
      g_usleep (100000);
    }
  return FALSE;
}

static void
start_once (ValiseMachine *machine, const char *from)
{
  g_autoptr (GError) error = NULL;

  valise_machine_start_once (machine, from, NULL, &error);
  g_assert_no_error (error);
}

/* GRUB's prompt is white on black. */
static void
assert_grub (ValiseMachine *machine)
{
  g_autoptr (GError) error = NULL;
  gint64 until = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < until && engine_fixture_count_lit (machine) < 2000)
    {
      valise_machine_wait_frame (machine, 30000, NULL, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpuint (engine_fixture_count_lit (machine), >=, 2000);
  g_assert_cmpuint (blue_share (machine), <, 50);
}

static void
stop (ValiseMachine *machine)
{
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

static void
test_cd_then_disk (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "once", BOOT_FROM_DISK, DISK);
  g_autofree char *boot = NULL;
  g_autofree char *order = NULL;

  make_disk (machine);
  start_once (machine, VALISE_BOOT_ONCE_CD);
  assert_grub (machine);
  stop (machine);

  engine_fixture_do (machine, VALISE_VERB_START);
  g_assert_true (wait_blue (machine, 90));
  stop (machine);
  boot = valise_document_get (valise_machine_get_document (machine), "os/boot/@dev");
  g_assert_cmpstr (boot, ==, "hd");
  order = valise_document_get (valise_machine_get_document (machine), "devices/disk/boot/@order");
  g_assert_null (order);
}

/* The other way, by the disk's name, while the boot order says CD and a kernel stands before everything. */
static void
test_disk_before_kernel (void)
{
  static const char os[] = "<os><type arch='x86_64' machine='q35'>hvm</type><kernel>media/none</kernel></os>";
  g_autoptr (ValiseMachine) machine =
      engine_fixture_machine (host, "kernel", os,
                              "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                              "<source file='disks/root.img'/><target dev='vda' bus='virtio'/>"
                              "<boot order='2'/></disk>\n");
  g_autofree char *kernel = g_build_filename (valise_machine_get_path (machine), "media", "none", NULL);

  make_disk (machine);
  g_assert_true (g_file_set_contents (kernel, "none", -1, NULL));
  start_once (machine, "vda");
  g_assert_true (wait_blue (machine, 90));
  stop (machine);
}

static void
test_bios_menu (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "menu", BOOT_FROM_DISK, DISK);

  make_disk (machine);
  start_once (machine, VALISE_BOOT_ONCE_SETUP);
  g_assert_cmpuint (blue_share (machine), <, 50);
  /* "1." is the disk. */
  for (guint i = 0; i < 60 && blue_share (machine) < 90; i++)
    {
      valise_machine_send_keys (machine, "1", NULL, NULL);
      g_usleep (500000);
    }
  g_assert_cmpuint (blue_share (machine), >=, 90);
  stop (machine);
}

/* OVMF's settings are the only thing here that fills half the screen with grey. */
static void
test_uefi_setup (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "setup", UEFI, NULL);

  start_once (machine, VALISE_BOOT_ONCE_SETUP);
  engine_fixture_wait_lit (machine, 150000);
  stop (machine);
}

static void
assert_refused (ValiseMachine *machine, const char *from, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_machine_start_once (machine, from, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, domain, code);
  g_assert_false (valise_machine_is_live (machine));
}

static void
test_refused (void)
{
  static const char empty[] = "<disk type='file' device='cdrom'><target dev='sdb' bus='sata'/><readonly/></disk>\n";
  static const char *const words[] = { "disk", "vda", "sdb", "<&>", "" };
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "refused", NULL, empty);

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    assert_refused (machine, words[i], VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_BOOT);
  engine_fixture_do (machine, VALISE_VERB_START);
  engine_fixture_do (machine, VALISE_VERB_SUSPEND);
  assert_refused (machine, "cd", VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  g_assert_cmpint (valise_machine_get_state (machine), ==, VALISE_MACHINE_SUSPENDED);
}

/* --- variables --- */

static char *
read_variables (ValiseMachine *machine)
{
  g_autofree char *path = g_build_filename (valise_machine_get_path (machine), "nvram", "vars.fd", NULL);
  g_autofree char *bytes = NULL;
  gsize length;

  if (!g_file_get_contents (path, &bytes, &length, NULL))
    return NULL;
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) bytes, length);
}

static void
reset (ValiseMachine *machine, gboolean put_back)
{
  g_autoptr (GError) error = NULL;

  valise_machine_reset_variables (machine, put_back, NULL, &error);
  g_assert_no_error (error);
}

static ValiseVariables
look (ValiseMachine *machine)
{
  return valise_variables_look (valise_machine_get_path (machine), valise_machine_get_document (machine));
}

static void
test_reset (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "reset", UEFI, NULL);
  g_autofree char *before = NULL;
  g_autofree char *fresh = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (look (machine).keeps);
  g_assert_cmpint (look (machine).written, ==, 0);
  reset (machine, FALSE);
  g_assert_cmpint (look (machine).reset, ==, 0);
  engine_fixture_do (machine, VALISE_VERB_START);
  valise_machine_wait_frame (machine, 60000, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (valise_machine_reset_variables (machine, FALSE, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  g_clear_error (&error);
  stop (machine);

  before = read_variables (machine);
  g_assert_nonnull (before);
  g_assert_cmpint (look (machine).written, >, 0);
  reset (machine, FALSE);
  g_assert_null (read_variables (machine));
  g_assert_cmpint (look (machine).reset, >, 0);
  /* Fresh ones are made from the firmware's own, and the old ones come back byte for byte. */
  engine_fixture_do (machine, VALISE_VERB_START);
  stop (machine);
  fresh = read_variables (machine);
  g_assert_nonnull (fresh);
  reset (machine, TRUE);
  after = read_variables (machine);
  g_assert_cmpstr (after, ==, before);
  /* Once more takes that back. */
  reset (machine, TRUE);
  g_clear_pointer (&after, g_free);
  after = read_variables (machine);
  g_assert_cmpstr (after, ==, fresh);
}

static void
test_reset_refused (void)
{
  g_autoptr (ValiseMachine) bios = engine_fixture_machine (host, "bios", NULL, NULL);
  g_autoptr (ValiseMachine) uefi = engine_fixture_machine (host, "uefi", UEFI, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (look (bios).keeps);
  g_assert_false (valise_machine_reset_variables (bios, FALSE, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  g_clear_error (&error);
  g_assert_false (valise_machine_reset_variables (uefi, TRUE, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  host = engine_fixture_host ();
  g_test_add_func ("/engine/boot-once/cd-then-disk", test_cd_then_disk);
  g_test_add_func ("/engine/boot-once/disk-before-kernel", test_disk_before_kernel);
  g_test_add_func ("/engine/boot-once/bios-menu", test_bios_menu);
  g_test_add_func ("/engine/boot-once/uefi-setup", test_uefi_setup);
  g_test_add_func ("/engine/boot-once/refused", test_refused);
  g_test_add_func ("/engine/boot-once/variables", test_reset);
  g_test_add_func ("/engine/boot-once/variables-refused", test_reset_refused);
  result = g_test_run ();
  g_object_unref (host);
  engine_fixture_end ();
  return result;
}
