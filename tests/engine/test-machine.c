/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine-fixture.h"

#include <glib/gstdio.h>
#include <libvirt/libvirt.h>
#include <string.h>
#include <unistd.h>

/* Pixels. */
#define MENU 15000
#define ANSWER 100
#define BLINK 40

static ValiseHost *host;

static void
assert_state (ValiseMachine *machine, ValiseMachineState state)
{
  g_assert_cmpstr (valise_machine_state_to_word (valise_machine_get_state (machine)), ==,
                   valise_machine_state_to_word (state));
}

static void
wait_state (ValiseMachine *machine, ValiseMachineState state)
{
  g_autoptr (GError) error = NULL;

  valise_machine_wait_state (machine, state, 90000, NULL, &error);
  g_assert_no_error (error);
}

static void
refuse (ValiseMachine *machine, ValiseVerb verb)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_machine_can (machine, verb));
  g_assert_false (valise_machine_do (machine, verb, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
}

static void
iterate_until (gboolean *flag)
{
  while (!*flag)
    g_main_context_iteration (NULL, TRUE);
}

static void
on_flag_cb (gboolean *flag)
{
  *flag = TRUE;
}

static void
type (ValiseMachine *machine, const char *text)
{
  g_autoptr (GError) error = NULL;

  valise_machine_type (machine, text, NULL, &error);
  g_assert_no_error (error);
}

/* Out of GRUB's menu to its command line, which is darker; a key that comes before GRUB reads any is lost. How many pixels
 * are lit once it rests. */
static guint
leave_menu (ValiseMachine *machine)
{
  gint64 until = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
  guint lit = MENU, last;

  engine_fixture_wait_lit (machine, MENU);
  for (guint i = 0; lit >= MENU && g_get_monotonic_time () < until; i++)
    {
      if (i % 20 == 0)
        type (machine, "c");
      g_usleep (100000);
      lit = engine_fixture_count_lit (machine);
    }
  g_assert_cmpuint (lit, <, MENU);
  for (guint rests = 0; rests < 3 && g_get_monotonic_time () < until;)
    {
      last = lit;
      g_usleep (500000);
      lit = engine_fixture_count_lit (machine);
      rests = MAX (lit, last) - MIN (lit, last) < BLINK ? rests + 1 : 0;
    }
  return lit;
}

static void
test_life (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "life", NULL, NULL);
  g_autofree char *log = g_build_filename (valise_machine_get_path (machine), "logs", "qemu.log", NULL);
  gboolean ready = FALSE;
  guint before;

  g_signal_connect_swapped (machine, "display-ready", G_CALLBACK (on_flag_cb), &ready);
  assert_state (machine, VALISE_MACHINE_OFF);
  refuse (machine, VALISE_VERB_PAUSE);
  refuse (machine, VALISE_VERB_STOP);
  refuse (machine, VALISE_VERB_DISCARD);

  engine_fixture_do (machine, VALISE_VERB_START);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  refuse (machine, VALISE_VERB_START);
  refuse (machine, VALISE_VERB_RESUME);
  iterate_until (&ready);
  before = leave_menu (machine);
  type (machine, "ls\n");
  engine_fixture_wait_lit (machine, before + ANSWER);

  engine_fixture_do (machine, VALISE_VERB_PAUSE);
  assert_state (machine, VALISE_MACHINE_PAUSED);
  refuse (machine, VALISE_VERB_PAUSE);
  engine_fixture_do (machine, VALISE_VERB_RESUME);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  engine_fixture_do (machine, VALISE_VERB_RESET);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  assert_state (machine, VALISE_MACHINE_OFF);
  g_assert_true (g_file_test (log, G_FILE_TEST_EXISTS));
}

static void
test_keys (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "keys", NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_machine_type (machine, "x", NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE);
  g_clear_error (&error);
  engine_fixture_do (machine, VALISE_VERB_START);
  g_assert_false (valise_machine_type (machine, "aé", NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR);
  g_assert_nonnull (strstr (error->message, "é"));
  g_clear_error (&error);
  g_assert_false (valise_machine_send_keys (machine, "ctrl-alt-nonsense", NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR);
  g_clear_error (&error);
  valise_machine_send_keys (machine, "Ctrl-Alt-Delete", NULL, &error);
  g_assert_no_error (error);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

/* Somebody else's connection to the same driver. */
static virDomainPtr
look_up (virConnectPtr connect, ValiseMachine *machine)
{
  g_autofree char *uuid = valise_document_get (valise_machine_get_document (machine), "uuid");
  virDomainPtr domain = virDomainLookupByUUIDString (connect, uuid);

  g_assert_nonnull (domain);
  return domain;
}

static void
test_behind_our_back (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "virsh", NULL, NULL);
  virConnectPtr connect = virConnectOpen (valise_host_get_uri (host));
  gboolean notified = FALSE;
  virDomainPtr domain;

  g_assert_nonnull (connect);
  engine_fixture_do (machine, VALISE_VERB_START);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_signal_connect_swapped (machine, "notify::state", G_CALLBACK (on_flag_cb), &notified);
  domain = look_up (connect, machine);
  g_assert_cmpint (virDomainSuspend (domain), ==, 0);
  wait_state (machine, VALISE_MACHINE_PAUSED);
  iterate_until (&notified);
  g_assert_cmpint (virDomainResume (domain), ==, 0);
  wait_state (machine, VALISE_MACHINE_RUNNING);
  g_assert_cmpint (virDomainDestroy (domain), ==, 0);
  wait_state (machine, VALISE_MACHINE_OFF);
  virDomainFree (domain);
  virConnectClose (connect);
  engine_fixture_do (machine, VALISE_VERB_START);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

static void
test_wait_times_out (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "wait", NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_machine_wait_state (machine, VALISE_MACHINE_RUNNING, 50, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_TIMEOUT);
}

static char *
get_live (ValiseMachine *machine, const char *knob)
{
  virConnectPtr connect = virConnectOpen (valise_host_get_uri (host));
  virDomainPtr domain = look_up (connect, machine);
  char *xml = virDomainGetXMLDesc (domain, 0);
  g_autoptr (ValiseDocument) document = valise_document_new (xml, -1, "live", NULL);

  free (xml);
  virDomainFree (domain);
  virConnectClose (connect);
  return valise_document_get (document, knob);
}

/* The guest must find its devices where they were, also after one of them has gone. */
static void
test_addresses (void)
{
  static const char disk[] = "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                             "<source file='disks/%s.qcow2'/><target dev='%s' bus='virtio'/></disk>\n";
  g_autofree char *first = g_strdup_printf (disk, "a", "vda");
  g_autofree char *second = g_strdup_printf (disk, "b", "vdb");
  g_autofree char *both = g_strconcat (first, second, NULL);
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "addresses", NULL, both);
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_machine_get_document (machine));
  g_autoptr (GError) error = NULL;
  g_autofree char *nic = NULL, *slot = NULL, *nic_after = NULL, *slot_after = NULL, *stored = NULL;

  valise_document_set (document, "metadata/valise:machine/valise:disk[@source='disks/a.qcow2']/@size", "1048576",
                       &error);
  g_assert_no_error (error);
  valise_document_set (document, "metadata/valise:machine/valise:disk[@source='disks/b.qcow2']/@size", "1048576",
                       &error);
  g_assert_no_error (error);
  valise_machine_apply (machine, document, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_fixture_do (machine, VALISE_VERB_START);
  nic = get_live (machine, "devices/interface/address/@bus");
  slot = get_live (machine, "devices/disk[3]/address/@bus");
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_assert_nonnull (nic);
  stored = valise_document_get (valise_machine_get_document (machine), "devices/interface/address/@bus");
  g_assert_cmpstr (stored, ==, nic);

  g_clear_pointer (&document, valise_document_unref);
  document = valise_document_copy (valise_machine_get_document (machine));
  valise_document_unset (document, "devices/disk[2]", &error);
  g_assert_no_error (error);
  valise_machine_apply (machine, document, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_fixture_do (machine, VALISE_VERB_START);
  nic_after = get_live (machine, "devices/interface/address/@bus");
  slot_after = get_live (machine, "devices/disk[2]/address/@bus");
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_assert_cmpstr (nic_after, ==, nic);
  g_assert_cmpstr (slot_after, ==, slot);
}

/* Nothing that was not granted reaches QEMU; what is left starts all the same. */
static void
test_hostile (void)
{
  g_autofree char *victim = g_build_filename (engine_fixture_directory (), "victim", NULL);
  g_autofree char *devices =
      g_strdup_printf ("<emulator>/bin/false</emulator><serial type='file'><source path='%s'/></serial>\n", victim);
  g_autofree char *path = engine_fixture_bundle ("hostile", NULL, devices);
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  g_autoptr (GPtrArray) asks = NULL;
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *kept = NULL;
  gboolean settled = TRUE;

  g_file_set_contents (victim, "precious", -1, NULL);
  asks = valise_machine_list_asks (machine, &settled);
  g_assert_false (settled);
  g_assert_cmpuint (asks->len, >=, 2);
  g_assert_false (valise_machine_do (machine, VALISE_VERB_START, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK);
  g_clear_error (&error);
  assert_state (machine, VALISE_MACHINE_OFF);

  valise_machine_settle_asks (machine, none, &error);
  g_assert_no_error (error);
  engine_fixture_do (machine, VALISE_VERB_START);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_file_get_contents (victim, &kept, NULL, NULL);
  g_assert_cmpstr (kept, ==, "precious");
}

/* QEMU, swtpm and we write into these folders under names of our own. */
static void
test_planted_folders (void)
{
  static const char *const folders[] = { "tpm", "logs", "state", "nvram" };
  g_autofree char *outside = g_build_filename (engine_fixture_directory (), "outside", NULL);

  g_assert_cmpint (g_mkdir (outside, 0700), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *name = g_strdup_printf ("planted-%s", folders[i]);
      g_autoptr (ValiseMachine) machine =
          engine_fixture_machine (host, name, NULL,
                                  "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>\n");
      g_autofree char *folder = g_build_filename (valise_machine_get_path (machine), folders[i], NULL);
      g_autoptr (GError) error = NULL;

      g_rmdir (folder);
      g_assert_cmpint (symlink (outside, folder), ==, 0);
      g_assert_false (valise_machine_do (machine, VALISE_VERB_START, NULL, &error));
      g_assert_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_UNSAFE);
    }
  /* Nothing was put there. */
  g_assert_cmpint (g_rmdir (outside), ==, 0);
}

static void
test_twin (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "twin", NULL, NULL);
  g_autofree char *copy_path = g_strdup_printf ("%s/l/copy.vmbundle", engine_fixture_directory ());
  const char *argv[] = { "cp", "-r", valise_machine_get_path (machine), copy_path, NULL };
  g_autoptr (ValiseMachine) copy = NULL;
  g_autoptr (GError) error = NULL;

  engine_fixture_do (machine, VALISE_VERB_START);
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
  copy = valise_machine_new (host, copy_path);
  g_assert_true (valise_machine_load (copy, FALSE, &error));
  assert_state (copy, VALISE_MACHINE_OFF);
  g_assert_false (valise_machine_do (copy, VALISE_VERB_START, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK);
  g_clear_error (&error);
  valise_machine_settle_identity (copy, TRUE, NULL, &error);
  g_assert_no_error (error);
  assert_state (machine, VALISE_MACHINE_RUNNING);
  engine_fixture_do (machine, VALISE_VERB_STOP);
  g_assert_cmpint (valise_machine_check_identity (copy, NULL), ==, VALISE_IDENTITY_KNOWN);
}

static void
test_broken (void)
{
  g_autofree char *path = engine_fixture_bundle ("broken", NULL, NULL);
  g_autofree char *config = g_build_filename (path, "config.xml", NULL);
  g_autoptr (ValiseMachine) machine = valise_machine_new (host, path);
  g_autoptr (GError) kept = NULL;
  g_autoptr (GError) error = NULL;

  assert_state (machine, VALISE_MACHINE_UNREAD);
  g_file_set_contents (config, "<domain", -1, NULL);
  g_assert_false (valise_machine_do (machine, VALISE_VERB_START, NULL, &error));
  g_assert_nonnull (error);
  assert_state (machine, VALISE_MACHINE_BROKEN);
  kept = valise_machine_dup_error (machine);
  g_assert_nonnull (kept);
}

static void
test_missing_disk (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (
      host, "missing", NULL,
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='disks/gone.qcow2'/>"
      "<target dev='vda' bus='virtio'/></disk>\n");
  g_autoptr (GError) kept = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_machine_do (machine, VALISE_VERB_START, NULL, &error));
  g_assert_error (error, VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, "gone.qcow2"));
  assert_state (machine, VALISE_MACHINE_OFF);
  kept = valise_machine_dup_error (machine);
  g_assert_nonnull (kept);
}

/* How much of a start is ours: printed, and bounded loosely, since this computer is shared. */
static void
test_start_cost (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "cost", NULL, NULL);

  (void) valise_host_get_capabilities (host);
  for (int i = 0; i < 3; i++)
    {
      gint64 start = g_get_monotonic_time ();

      engine_fixture_do (machine, VALISE_VERB_START);
      g_test_message ("start: %.1f ms", (g_get_monotonic_time () - start) / 1000.0);
      engine_fixture_do (machine, VALISE_VERB_STOP);
    }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  host = engine_fixture_host ();
  g_test_add_func ("/engine/machine/life", test_life);
  g_test_add_func ("/engine/machine/keys", test_keys);
  g_test_add_func ("/engine/machine/behind-our-back", test_behind_our_back);
  g_test_add_func ("/engine/machine/wait-times-out", test_wait_times_out);
  g_test_add_func ("/engine/machine/addresses", test_addresses);
  g_test_add_func ("/engine/machine/hostile", test_hostile);
  g_test_add_func ("/engine/machine/planted-folders", test_planted_folders);
  g_test_add_func ("/engine/machine/twin", test_twin);
  g_test_add_func ("/engine/machine/broken", test_broken);
  g_test_add_func ("/engine/machine/missing-disk", test_missing_disk);
  g_test_add_func ("/engine/machine/start-cost", test_start_cost);
  result = g_test_run ();
  g_object_unref (host);
  engine_fixture_end ();
  return result;
}
