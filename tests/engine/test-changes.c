/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine-fixture.h"

#include <glib/gstdio.h>
#include <libvirt/libvirt.h>
#include <string.h>
#include <unistd.h>

#include "bundle/valise-image.h"
#include "engine/valise-clone-job.h"

#define MEMTEST_ISO "/usr/lib/memtest86+/memtest86+x64.iso"

static ValiseHost *host;

static void
assert_state (ValiseMachine *machine, ValiseMachineState state)
{
  g_assert_cmpstr (valise_machine_state_to_word (valise_machine_get_state (machine)), ==,
                   valise_machine_state_to_word (state));
}

/* What libvirt itself says the machine has, as somebody else would see it. */
static char *
get_live (ValiseMachine *machine, const char *knob)
{
  virConnectPtr connect = virConnectOpen (valise_host_get_uri (host));
  g_autofree char *uuid = valise_document_get (valise_machine_get_document (machine), "uuid");
  virDomainPtr domain = virDomainLookupByUUIDString (connect, uuid);
  char *xml = domain != NULL ? virDomainGetXMLDesc (domain, 0) : NULL;
  g_autoptr (ValiseDocument) document = NULL;

  g_assert_nonnull (xml);
  document = valise_document_new (xml, -1, "live", NULL);
  free (xml);
  virDomainFree (domain);
  virConnectClose (connect);
  return valise_document_get (document, knob);
}

static char *
get_stored (ValiseMachine *machine, const char *knob)
{
  return valise_document_get (valise_machine_get_document (machine), knob);
}

static void
assert_live (ValiseMachine *machine, const char *knob, const char *value)
{
  g_autofree char *live = get_live (machine, knob);

  g_assert_cmpstr (live, ==, value);
}

/* Sets one knob and applies; what was refused live is returned. */
static GPtrArray *
apply (ValiseMachine *machine, const char *knob, const char *value)
{
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_machine_get_document (machine));
  g_autoptr (GError) error = NULL;
  GPtrArray *findings = NULL;

  if (value != NULL)
    valise_document_set (document, knob, value, &error);
  else
    valise_document_unset (document, knob, &error);
  g_assert_no_error (error);
  valise_machine_apply (machine, document, &findings, NULL, &error);
  g_assert_no_error (error);
  return findings;
}

static void
apply_all (ValiseMachine *machine, const char *knob, const char *value)
{
  g_autoptr (GPtrArray) findings = apply (machine, knob, value);

  for (guint i = 0; i < findings->len; i++)
    g_test_message ("%s", ((ValiseFinding *) g_ptr_array_index (findings, i))->text);
  g_assert_cmpuint (findings->len, ==, 0);
}

static void
change_media (ValiseMachine *machine, const char *target, const char *file)
{
  g_autoptr (GError) error = NULL;

  valise_machine_change_media (machine, target, file, NULL, &error);
  g_assert_no_error (error);
}

static void
test_media (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "media", NULL, NULL);
  g_autofree char *fifo = g_build_filename (engine_fixture_directory (), "fifo.iso", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *stored = NULL;

  engine_fixture_do (machine, VALISE_VERB_START);
  assert_live (machine, "devices/disk/source/@file", ENGINE_FIXTURE_GRUB_ISO);
  change_media (machine, NULL, MEMTEST_ISO);
  assert_live (machine, "devices/disk/source/@file", MEMTEST_ISO);
  change_media (machine, "sda", NULL);
  assert_live (machine, "devices/disk/source/@file", NULL);
  stored = get_stored (machine, "devices/disk/source/@file");
  g_assert_null (stored);

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_false (valise_machine_change_media (machine, NULL, fifo, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_clear_error (&error);
  g_assert_false (valise_machine_change_media (machine, NULL, "/nonexistent.iso", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (valise_machine_change_media (machine, "sdz", NULL, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  engine_fixture_do (machine, VALISE_VERB_STOP);

  /* And for the next start. */
  change_media (machine, NULL, ENGINE_FIXTURE_GRUB_ISO);
  engine_fixture_do (machine, VALISE_VERB_START);
  assert_live (machine, "devices/disk/source/@file", ENGINE_FIXTURE_GRUB_ISO);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

/* Several at once in one running machine, since a start takes a while. */
static void
test_live (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "live", NULL, NULL);
  g_autofree char *image = g_build_filename (valise_machine_get_path (machine), "disks", "new.qcow2", NULL);
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (ValiseImageInfo) info = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *bus = NULL;

  engine_fixture_do (machine, VALISE_VERB_START);
  apply_all (machine, "devices/interface/link/@state", "down");
  assert_live (machine, "devices/interface/link/@state", "down");
  apply_all (machine, "devices/interface/link/@state", "up");
  assert_live (machine, "devices/interface/link/@state", "up");

  /* A disk appears: the image is made and the guest gets it at once. */
  document = valise_document_copy (valise_machine_get_document (machine));
  valise_document_add_fragment (document, "devices",
                                "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                                "<source file='disks/new.qcow2'/><target dev='vda' bus='usb'/></disk>",
                                &error);
  g_assert_no_error (error);
  valise_document_set (document, "metadata/valise:machine/valise:disk[@source='disks/new.qcow2']/@size", "1048576",
                       &error);
  g_assert_no_error (error);
  valise_machine_apply (machine, document, &findings, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < findings->len; i++)
    g_test_message ("%s", ((ValiseFinding *) g_ptr_array_index (findings, i))->text);
  g_assert_cmpuint (findings->len, ==, 0);
  assert_live (machine, "devices/disk[2]/source/@file", image);

  /* It grows while QEMU holds it. */
  apply_all (machine, "metadata/valise:machine/valise:disk[@source='disks/new.qcow2']/@size", "4194304");
  info = valise_image_inspect (image, "qcow2", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (info->virtual_size, ==, 4194304);

  /* And goes again, which a USB port needs no guest for; its file stays. */
  apply_all (machine, "devices/disk[2]", NULL);
  assert_live (machine, "devices/disk[2]/source/@file", NULL);
  g_assert_true (g_file_test (image, G_FILE_TEST_EXISTS));

  /* The balloon has no guest to fill it, but is asked; more than the machine has is refused, and stored all the
   * same. */
  g_clear_pointer (&findings, g_ptr_array_unref);
  findings = apply (machine, "currentMemory", "99999999");
  g_assert_cmpuint (findings->len, ==, 1);
  g_assert_cmpstr (((ValiseFinding *) g_ptr_array_index (findings, 0))->where, ==, "currentMemory");
  assert_state (machine, VALISE_MACHINE_RUNNING);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

static void
assert_one_finding (GPtrArray *findings, const char *code, const char *text)
{
  for (guint i = 0; i < findings->len; i++)
    g_test_message ("%s", ((ValiseFinding *) findings->pdata[i])->text);
  g_assert_cmpuint (findings->len, ==, 1);
  g_assert_cmpstr (((ValiseFinding *) findings->pdata[0])->code, ==, code);
  g_assert_nonnull (strstr (((ValiseFinding *) findings->pdata[0])->text, text));
}

/* A reset does what a guest would: it lets go of what has been asked for. The asking follows the storing, and no verb
 * comes in between. */
static gpointer
reset_when_asked (gpointer machine)
{
  g_autofree char *config = g_build_filename (valise_machine_get_path (machine), "config.xml", NULL);
  gboolean stored = FALSE;

  while (!stored)
    {
      g_autofree char *text = NULL;

      g_usleep (5000);
      stored = g_file_get_contents (config, &text, NULL, NULL) && strstr (text, "52:54:00:12:34:57") == NULL;
    }
  engine_fixture_do (machine, VALISE_VERB_RESET);
  return NULL;
}

/* GRUB does not know how to let a PCI card go. */
static void
test_removal (void)
{
#define THIRD "<interface type='user'><mac address='52:54:00:12:34:58'/><model type='virtio'/></interface>"
  static const char third[] = THIRD;
  static const char two[] =
      "<interface type='user'><mac address='52:54:00:12:34:57'/><model type='virtio'/></interface>" THIRD;
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "removal", NULL, two);
  g_autoptr (ValiseDocument) put_back = NULL;
  g_autoptr (GPtrArray) unanswered = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (GPtrArray) given = NULL;
  GThread *thread;

  g_test_summary ("A device that the guest keeps is not said to be gone");
  engine_fixture_do (machine, VALISE_VERB_START);
  unanswered = apply (machine, "devices/interface[3]", NULL);
  assert_one_finding (unanswered, "live-waiting", "52:54:00:12:34:58");
  assert_live (machine, "devices/interface[3]/mac/@address", "52:54:00:12:34:58");

  /* Taken back and asked again: still the same card. */
  g_clear_pointer (&unanswered, g_ptr_array_unref);
  put_back = valise_document_copy (valise_machine_get_document (machine));
  g_assert_true (valise_document_add_fragment (put_back, "devices", third, NULL));
  g_assert_true (valise_machine_apply (machine, put_back, &unanswered, NULL, NULL));
  g_assert_cmpuint (unanswered->len, ==, 0);
  again = apply (machine, "devices/interface[3]", NULL);
  assert_one_finding (again, "live-waiting", "52:54:00:12:34:58");
  g_assert_null (((ValiseFinding *) again->pdata[0])->where);

  thread = g_thread_new ("reset", reset_when_asked, machine);
  given = apply (machine, "devices/interface[2]", NULL);
  g_thread_join (thread);
  g_assert_cmpuint (given->len, ==, 0);
  assert_live (machine, "devices/interface[2]/mac/@address", NULL);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

static void
test_memory (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "memory", NULL, NULL);
  g_autoptr (ValiseDocument) more = NULL;
  g_autoptr (GPtrArray) asked = NULL;
  g_autoptr (GPtrArray) lowered = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("A guest that does not answer has not changed its memory; more than it was started with must wait");
  engine_fixture_do (machine, VALISE_VERB_START);
  asked = apply (machine, "currentMemory", "65536");
  assert_one_finding (asked, "live-waiting", "64");

  more = valise_document_copy (valise_machine_get_document (machine));
  g_assert_true (valise_document_set (more, "memory", "262144", NULL));
  g_assert_true (valise_document_set (more, "memory/@unit", "KiB", NULL));
  g_assert_true (valise_document_set (more, "currentMemory", "262144", NULL));
  valise_machine_apply (machine, more, &lowered, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (lowered->len, >=, 1);
  g_assert_cmpstr (((ValiseFinding *) lowered->pdata[0])->where, ==, "currentMemory");
  g_assert_nonnull (strstr (((ValiseFinding *) lowered->pdata[0])->text, "128"));
  assert_live (machine, "memory", "131072");
  engine_fixture_do (machine, VALISE_VERB_STOP);
  engine_fixture_do (machine, VALISE_VERB_START);
  assert_live (machine, "memory", "262144");
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

static gboolean
is_firmware_drawn (ValiseMachine *machine)
{
  g_autoptr (GError) error = NULL;

  if (!valise_machine_wait_frame (machine, 60000, NULL, &error))
    g_test_message ("%s", error->message);
  return error == NULL;
}

/* UEFI without and with Secure Boot, the latter with a TPM, as Windows wants it. */
static void
test_firmware (void)
{
  static const char uefi[] = "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type>"
                             "<firmware><feature enabled='%s' name='secure-boot'/></firmware></os>";
  static const char tpm[] = "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>\n";
  g_autofree char *plain = g_strdup_printf (uefi, "no");
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "uefi", plain, tpm);
  g_autofree char *vars = g_build_filename (valise_machine_get_path (machine), "nvram", "vars.fd", NULL);
  g_autofree char *state = g_build_filename (valise_machine_get_path (machine), "tpm", "tpm2-00.permall", NULL);
  g_autoptr (GPtrArray) findings = NULL;

  engine_fixture_do (machine, VALISE_VERB_START);
  g_assert_true (g_file_test (vars, G_FILE_TEST_EXISTS));
  assert_live (machine, "os/loader/@secure", NULL);
  g_assert_true (is_firmware_drawn (machine));
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_assert_true (g_file_test (state, G_FILE_TEST_EXISTS));

  /* The variables of one firmware are not left to another. */
  findings = apply (machine, "os/firmware/feature[@name='secure-boot']/@enabled", "yes");
  g_assert_false (g_file_test (vars, G_FILE_TEST_EXISTS));
  engine_fixture_do (machine, VALISE_VERB_START);
  assert_live (machine, "os/loader/@secure", "yes");
  g_assert_true (g_file_test (vars, G_FILE_TEST_EXISTS));
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

#define WRITTEN "written in round "

static void
assert_file (ValiseMachine *machine, const char *relative, const char *contents)
{
  g_autofree char *path = g_build_filename (valise_machine_get_path (machine), relative, NULL);
  g_autofree char *found = NULL;

  if (contents == NULL)
    {
      g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
      return;
    }
  g_assert_true (g_file_get_contents (path, &found, NULL, NULL));
  g_assert_cmpstr (found, ==, contents);
}

/* How many files of the history hold variables. */
static guint
count_kept (ValiseMachine *machine)
{
  g_autofree char *history = g_build_filename (valise_machine_get_path (machine), ".history", NULL);
  g_autoptr (GDir) directory = g_dir_open (history, 0, NULL);
  const char *name;
  guint count = 0;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (history, name, NULL);
      g_autofree char *found = NULL;

      count += g_file_get_contents (path, &found, NULL, NULL) && g_str_has_prefix (found, WRITTEN);
    }
  return count;
}

static void
write_variables (ValiseMachine *machine, const char *relative, const char *contents)
{
  g_autofree char *path = g_build_filename (valise_machine_get_path (machine), relative, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, contents, -1, NULL));
}

#define UEFI(secure, nvram)                                                                                            \
  "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type>"                                                    \
  "<firmware><feature enabled='" secure "' name='secure-boot'/></firmware>" nvram "</os>"
#define BIOS "<os><type arch='x86_64' machine='q35'>hvm</type></os>"
#define PLAIN_FILE "<nvram>nvram/mine.fd</nvram>"
#define OTHER_FILE "<nvram>nvram/vars-secure.fd</nvram>"

/* From one <os> to another and back, and what becomes of the file. */
static const struct
{
  const char *name, *before, *file, *after;
  gboolean stays;
} variables[] = {
  { "the same file for both", UEFI ("no", ""), "nvram/vars.fd", UEFI ("yes", ""), FALSE },
  { "the same named file", UEFI ("no", PLAIN_FILE), "nvram/mine.fd", UEFI ("yes", PLAIN_FILE), FALSE },
  { "another file", UEFI ("no", PLAIN_FILE), "nvram/mine.fd", UEFI ("yes", OTHER_FILE), TRUE },
  { "no firmware with variables", UEFI ("no", PLAIN_FILE), "nvram/mine.fd", BIOS, FALSE },
  { "no firmware with variables, no file named", UEFI ("yes", ""), "nvram/vars.fd", BIOS, FALSE },
  { "the same firmware", UEFI ("no", PLAIN_FILE), "nvram/mine.fd", UEFI ("no", PLAIN_FILE), TRUE },
};

static void
change_os (ValiseMachine *machine, const char *os)
{
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_machine_get_document (machine));
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_document_unset (document, "os", NULL));
  g_assert_true (valise_document_add_fragment (document, "", os, &error));
  g_assert_no_error (error);
  g_assert_true (valise_machine_apply (machine, document, &findings, NULL, &error));
  g_assert_no_error (error);
}

/* Twice each: going back to a firmware finds its own, whichever was there meanwhile. */
static void
test_variables (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      g_autofree char *name = g_strdup_printf ("variables %zu", i);
      g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, name, variables[i].before, NULL);

      g_test_message ("%s", variables[i].name);
      for (guint round = 0; round < 2; round++)
        {
          g_autofree char *contents = g_strdup_printf (WRITTEN "%u", round);
          g_autofree char *earlier = round > 0 ? g_strdup_printf (WRITTEN "%u", round - 1) : NULL;

          change_os (machine, variables[i].before);
          assert_file (machine, variables[i].file, earlier);
          write_variables (machine, variables[i].file, contents);
          change_os (machine, variables[i].after);
          assert_file (machine, variables[i].file, variables[i].stays ? contents : NULL);
          g_assert_cmpuint (count_kept (machine), ==, variables[i].stays ? 0 : 1);
        }
    }
}

/* By way of BIOS to the other firmware and back, as somebody does who tries what his guest starts with: each finds its
 * own in the one place that both use. */
static void
test_variables_both (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "variables both", BIOS, NULL);
  static const char *const roundabout[] = { UEFI ("no", ""), BIOS, UEFI ("yes", ""), BIOS };

  for (guint i = 0; i < 8; i++)
    {
      const char *os = roundabout[i % 4];

      change_os (machine, os);
      assert_file (machine, "nvram/vars.fd",
                   i < 4 || g_str_equal (os, BIOS) ? NULL
                   : i == 4                        ? WRITTEN "0"
                                                   : WRITTEN "2");
      if (i < 4 && !g_str_equal (os, BIOS))
        write_variables (machine, "nvram/vars.fd", i == 0 ? WRITTEN "0" : WRITTEN "2");
    }
  g_assert_cmpuint (count_kept (machine), ==, 2);
}

/* A file that the settings name and that does not lie in the machine is nobody's to move. */
static void
test_variables_elsewhere (void)
{
  g_autofree char *folder = g_dir_make_tmp ("valise-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "vars.fd", NULL);
  g_autofree char *before = g_strdup_printf (UEFI ("no", "<nvram>%s</nvram>"), file);
  g_autofree char *after = g_strdup_printf (UEFI ("yes", "<nvram>%s</nvram>"), file);
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "elsewhere", before, NULL);
  g_autofree char *link = g_build_filename (valise_machine_get_path (machine), "through", NULL);

  g_assert_true (g_file_set_contents (file, "mine", -1, NULL));
  change_os (machine, after);
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));

  g_assert_cmpint (symlink (folder, link), ==, 0);
  change_os (machine, UEFI ("no", "<nvram>through/vars.fd</nvram>"));
  change_os (machine, UEFI ("yes", "<nvram>through/vars.fd</nvram>"));
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  unlink (file);
  rmdir (folder);
}

/* One that sleeps cannot be shut down as it is. */
static void
refuse_detaching (ValiseMachine *machine)
{
  g_autoptr (ValiseJob) job = valise_detach_job_new (machine);
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_job_run_sync (job, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, "discard its suspended memory"));
}

static void
test_suspend (void)
{
  g_autoptr (ValiseMachine) machine =
      engine_fixture_machine (host, "suspend", NULL,
                              "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>\n");
  g_autofree char *file = g_build_filename (valise_machine_get_path (machine), "state", "suspend.save", NULL);
  g_autofree char *kept = g_build_filename (valise_machine_get_path (machine), ".history", "suspend.save", NULL);
  g_autofree char *computer = g_build_filename (valise_machine_get_path (machine), "state", "suspend.host", NULL);
  g_autoptr (GError) error = NULL;
  guint before;

  engine_fixture_do (machine, VALISE_VERB_START);
  /* GRUB's menu; before it there may be a cursor that blinks. */
  engine_fixture_wait_lit (machine, 15000);
  engine_fixture_do (machine, VALISE_VERB_PAUSE);
  before = engine_fixture_count_lit (machine);
  engine_fixture_do (machine, VALISE_VERB_SUSPEND);
  assert_state (machine, VALISE_MACHINE_SUSPENDED);
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  refuse_detaching (machine);

  /* As it was: paused, with the same on its screen. */
  engine_fixture_do (machine, VALISE_VERB_START);
  assert_state (machine, VALISE_MACHINE_PAUSED);
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (engine_fixture_count_lit (machine), ==, before);

  engine_fixture_do (machine, VALISE_VERB_SUSPEND);
  g_assert_true (g_file_test (computer, G_FILE_TEST_EXISTS));
  engine_fixture_do (machine, VALISE_VERB_DISCARD);
  g_assert_false (g_file_test (computer, G_FILE_TEST_EXISTS));
  assert_state (machine, VALISE_MACHINE_OFF);
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));

  /* Memory that this host did not write is never given to QEMU. */
  g_file_set_contents (file, "LibvirtQemudSave and more", -1, &error);
  g_assert_no_error (error);
  g_assert_true (valise_machine_load (machine, TRUE, NULL));
  assert_state (machine, VALISE_MACHINE_SUSPENDED);
  g_assert_false (valise_machine_do (machine, VALISE_VERB_START, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK);
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  engine_fixture_do (machine, VALISE_VERB_DISCARD);
  engine_fixture_do (machine, VALISE_VERB_START);
  g_assert_false (g_file_test (kept, G_FILE_TEST_EXISTS));
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

typedef struct
{
  const char *file;
  gint runs;     /* how often it was told that the guest runs */
  gint too_soon; /* how often with its memory still on the disk */
} Waking;

static int
on_life_cb (virConnectPtr connect, virDomainPtr domain, int event, int detail, void *data)
{
  Waking *waking = data;

  if (event != VIR_DOMAIN_EVENT_RESUMED)
    return 0;
  if (g_file_test (waking->file, G_FILE_TEST_EXISTS))
    g_atomic_int_inc (&waking->too_soon);
  g_atomic_int_inc (&waking->runs);
  return 0;
}

/* A guest that runs again writes to its disk, which the memory of before would contradict. */
static void
test_wake_once (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "once", NULL, NULL);
  g_autofree char *file = g_build_filename (valise_machine_get_path (machine), "state", "suspend.save", NULL);
  virConnectPtr connect = virConnectOpen (valise_host_get_uri (host));
  Waking waking = { file, 0, 0 };
  int event = virConnectDomainEventRegisterAny (connect, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                                VIR_DOMAIN_EVENT_CALLBACK (on_life_cb), &waking, NULL);

  g_assert_cmpint (event, >=, 0);
  engine_fixture_do (machine, VALISE_VERB_START);
  engine_fixture_do (machine, VALISE_VERB_SUSPEND);
  g_atomic_int_set (&waking.runs, 0);
  engine_fixture_do (machine, VALISE_VERB_START);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  while (g_atomic_int_get (&waking.runs) == 0)
    g_usleep (1000);
  g_assert_cmpint (g_atomic_int_get (&waking.too_soon), ==, 0);
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));

  /* Who was killed while he woke it left both: the machine and the memory that it has been given. */
  engine_fixture_do (machine, VALISE_VERB_PAUSE);
  g_assert_true (g_file_set_contents (file, "LibvirtQemudSave and more", -1, NULL));
  engine_fixture_do (machine, VALISE_VERB_RESUME);
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
  engine_fixture_do (machine, VALISE_VERB_STOP);
  assert_state (machine, VALISE_MACHINE_OFF);
  virConnectDomainEventDeregisterAny (connect, event);
  virConnectClose (connect);
}

/* Memtest draws all the time; that is a frame too. */
static void
test_restless (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "memtest", NULL, NULL);

  change_media (machine, NULL, MEMTEST_ISO);
  engine_fixture_do (machine, VALISE_VERB_START);
  engine_fixture_wait_lit (machine, 100000);
  g_assert_true (is_firmware_drawn (machine));
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

/* What cannot be stored changes nothing and leaves no image. */
static void
test_apply_fails (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "fails", NULL, NULL);
  g_autofree char *image = g_build_filename (valise_machine_get_path (machine), "disks", "new.qcow2", NULL);
  g_autofree char *config = g_build_filename (valise_machine_get_path (machine), "config.xml", NULL);
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_machine_get_document (machine));
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL, *after = NULL;

  g_file_get_contents (config, &before, NULL, NULL);
  valise_document_add_fragment (document, "devices",
                                "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                                "<source file='disks/new.qcow2'/><target dev='vda' bus='virtio'/></disk>",
                                NULL);
  valise_document_set (document, "metadata/valise:machine/valise:disk[@source='disks/new.qcow2']/@size", "1048576",
                       NULL);
  valise_document_unset (document, "uuid", NULL);
  g_assert_false (valise_machine_apply (machine, document, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_assert_false (g_file_test (image, G_FILE_TEST_EXISTS));
  g_file_get_contents (config, &after, NULL, NULL);
  g_assert_cmpstr (before, ==, after);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  host = engine_fixture_host ();
  g_test_add_func ("/engine/changes/media", test_media);
  g_test_add_func ("/engine/changes/live", test_live);
  g_test_add_func ("/engine/changes/removal", test_removal);
  g_test_add_func ("/engine/changes/memory", test_memory);
  g_test_add_func ("/engine/changes/firmware", test_firmware);
  g_test_add_func ("/engine/changes/variables", test_variables);
  g_test_add_func ("/engine/changes/variables-both", test_variables_both);
  g_test_add_func ("/engine/changes/variables-elsewhere", test_variables_elsewhere);
  g_test_add_func ("/engine/changes/suspend", test_suspend);
  g_test_add_func ("/engine/changes/wake-once", test_wake_once);
  g_test_add_func ("/engine/changes/restless", test_restless);
  g_test_add_func ("/engine/changes/apply-fails", test_apply_fails);
  result = g_test_run ();
  g_object_unref (host);
  engine_fixture_end ();
  return result;
}
