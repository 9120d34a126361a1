/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes to a running machine and goes from it, and limits that change, as libvirt itself tells it afterwards. */
#include "engine-fixture.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "model/valise-change.h"

#define PORT "<controller type='pci' model='pcie-root-port'/>\n"

static ValiseHost *host;
static virConnectPtr connect; /* one for all: libvirt opens its embedded driver no more than a few times */

static void
assert_done (ValiseMachine *machine, ValiseDocument *wanted)
{
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;

  valise_machine_apply (machine, wanted, &findings, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < findings->len; i++)
    g_test_message ("%s", ((ValiseFinding *) findings->pdata[i])->text);
  g_assert_cmpuint (findings->len, ==, 0);
}

static ValiseDocument *
dup_live (ValiseMachine *machine)
{
  g_autofree char *uuid = valise_document_get (valise_machine_get_document (machine), "uuid");
  virDomainPtr domain = virDomainLookupByUUIDString (connect, uuid);
  char *xml = domain != NULL ? virDomainGetXMLDesc (domain, 0) : NULL;
  ValiseDocument *document;

  g_assert_nonnull (xml);
  document = valise_document_new (xml, -1, "live", NULL);
  free (xml);
  virDomainFree (domain);
  return document;
}

static void
assert_live (ValiseMachine *machine, const char *knob, const char *value)
{
  g_autoptr (ValiseDocument) live = dup_live (machine);
  g_autofree char *found = valise_document_get (live, knob);

  g_assert_cmpstr (found, ==, value);
}

static guint
count_live (ValiseMachine *machine, const char *path)
{
  g_autoptr (ValiseDocument) live = dup_live (machine);

  return valise_document_count (live, path);
}

static ValiseDocument *
dup_with (ValiseMachine *machine, const char *fragment)
{
  ValiseDocument *document = valise_document_copy (valise_machine_get_document (machine));
  g_autoptr (GError) error = NULL;

  valise_document_add_fragment (document, "devices", fragment, &error);
  g_assert_no_error (error);
  return document;
}

/* What the window says of a change is what happens. */
static void
assert_said_now (ValiseMachine *machine, ValiseDocument *wanted)
{
  g_autoptr (GPtrArray) changes = valise_change_list (valise_machine_get_document (machine), wanted);

  g_assert_cmpuint (changes->len, ==, 1);
  g_assert_cmpint (((ValiseChange *) changes->pdata[0])->timing, ==, VALISE_KNOB_LIVE);
}

static const struct
{
  const char *path; /* what is counted */
  const char *fragment;
  gboolean lets_go; /* without a system in the guest that would have to */
} devices[] = {
  { "devices/input", "<input type='keyboard' bus='usb'/>", TRUE },
  { "devices/redirdev", "<redirdev bus='usb' type='unix'><source mode='bind' path='DIRECTORY/redirected'/></redirdev>",
    TRUE },
  { "devices/redirdev", "<redirdev bus='usb' type='tcp'><source mode='bind' host='127.0.0.1' service='0'/></redirdev>",
    TRUE },
  { "devices/channel",
    "<channel type='unix'><source mode='bind'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>", TRUE },
  { "devices/memory", "<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>",
    FALSE },
  { "devices/rng", "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>", FALSE },
  { "devices/shmem", "<shmem name='valise-test'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>", FALSE },
  { "devices/watchdog", "<watchdog model='i6300esb' action='reset'/>", FALSE },
};

static char *
fill_in (const char *fragment)
{
  GString *filled = g_string_new (fragment);

  g_string_replace (filled, "DIRECTORY", engine_fixture_directory (), 0);
  return g_string_free (filled, FALSE);
}

static void
come_and_go (ValiseMachine *machine, gsize i)
{
  g_autofree char *fragment = fill_in (devices[i].fragment);
  g_autoptr (ValiseDocument) with = dup_with (machine, fragment);
  g_autoptr (ValiseDocument) without = valise_document_copy (valise_machine_get_document (machine));
  guint before = count_live (machine, devices[i].path);

  g_test_message ("%s", fragment);
  assert_said_now (machine, with);
  assert_done (machine, with);
  g_assert_cmpuint (count_live (machine, devices[i].path), ==, before + 1);
  if (!devices[i].lets_go)
    return;
  assert_said_now (machine, without);
  assert_done (machine, without);
  g_assert_cmpuint (count_live (machine, devices[i].path), ==, before);
}

/* Memory that comes later needs a place for it from the start. */
static void
make_room (ValiseMachine *machine)
{
  static const struct
  {
    const char *knob, *value;
  } room[] = {
    { "maxMemory", "512" },           { "maxMemory/@unit", "MiB" },     { "maxMemory/@slots", "4" },
    { "cpu/numa/cell/@id", "0" },     { "cpu/numa/cell/@cpus", "0-1" }, { "cpu/numa/cell/@memory", "128" },
    { "cpu/numa/cell/@unit", "MiB" }, { "cpu/topology/@sockets", "2" }, { "cpu/topology/@cores", "1" },
    { "cpu/topology/@threads", "1" },
  };
  g_autoptr (ValiseDocument) document = valise_document_copy (valise_machine_get_document (machine));
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (room); i++)
    {
      valise_document_set (document, room[i].knob, room[i].value, &error);
      g_assert_no_error (error);
    }
  assert_done (machine, document);
}

static void
test_devices (void)
{
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (
      host, "devices", NULL,
      "<controller type='pci' index='0' model='pcie-root'/>\n" PORT PORT PORT PORT PORT PORT PORT PORT PORT
      "<controller type='usb' model='qemu-xhci' ports='15'/>\n<controller type='virtio-serial'/>\n<controller "
      "type='pci' model='pcie-to-pci-bridge'/>\n");

  make_room (machine);
  engine_fixture_do (machine, VALISE_VERB_START);
  g_assert_true (valise_machine_wait_frame (machine, 60000, NULL, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (devices); i++)
    come_and_go (machine, i);
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

/* Of two that are alike but for one thing the right one goes. */
static void
test_right_one (void)
{
  static const char two[] =
      "<controller type='usb' model='qemu-xhci' ports='15'/>\n"
      "<redirdev bus='usb' type='tcp'><source mode='bind' host='127.0.0.1' service='0'/></redirdev>"
      "<redirdev bus='usb' type='unix'><source mode='bind' path='DIRECTORY/second'/></redirdev>";
  g_autofree char *given = fill_in (two);
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "right-one", NULL, given);
  g_autoptr (ValiseDocument) without = valise_document_copy (valise_machine_get_document (machine));

  engine_fixture_do (machine, VALISE_VERB_START);
  g_assert_cmpuint (count_live (machine, "devices/redirdev"), ==, 2);
  g_assert_true (valise_document_unset (without, "devices/redirdev[1]", NULL));
  assert_done (machine, without);
  g_assert_cmpuint (count_live (machine, "devices/redirdev"), ==, 1);
  assert_live (machine, "devices/redirdev/@type", "unix");
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

static const struct
{
  const char *knob, *value;
} limits[] = {
  { "devices/disk[2]/iotune/total_bytes_sec", "1048576" },
  { "devices/disk[2]/iotune/total_iops_sec", "100" },
  { "devices/disk[2]/iotune/total_bytes_sec", NULL },
  { "devices/disk[2]/iotune/read_bytes_sec", "2097152" },
};

static void
test_limits (void)
{
  static const char made[] =
      "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='disks/d.img'/>"
      "<target dev='vda' bus='virtio'/></disk>";
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "limits", NULL, made);
  g_autofree char *image = g_build_filename (valise_machine_get_path (machine), "disks", "d.img", NULL);
  g_autofree char *empty = g_malloc0 (65536);

  g_assert_true (g_file_set_contents (image, empty, 65536, NULL));
  engine_fixture_do (machine, VALISE_VERB_START);
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autoptr (ValiseDocument) document = valise_document_copy (valise_machine_get_document (machine));

      g_test_message ("%s %s", limits[i].knob, limits[i].value);
      if (limits[i].value != NULL)
        g_assert_true (valise_document_set (document, limits[i].knob, limits[i].value, NULL));
      else
        g_assert_true (valise_document_unset (document, limits[i].knob, NULL));
      assert_said_now (machine, document);
      assert_done (machine, document);
      assert_live (machine, limits[i].knob, limits[i].value);
    }
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

static void
test_bandwidth (void)
{
  static const char card[] =
      "<interface type='ethernet'><mac address='52:54:00:12:34:99'/><model type='virtio'/></interface>";
  static const char knob[] = "devices/interface[2]/bandwidth/outbound/@average";
  g_autoptr (ValiseMachine) machine = engine_fixture_machine (host, "bandwidth", NULL, card);
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;

  if (!valise_machine_do (machine, VALISE_VERB_START, NULL, &error))
    {
      g_test_skip ("no network card of the kernel's can be made here");
      return;
    }
  document = valise_document_copy (valise_machine_get_document (machine));
  g_assert_true (valise_document_set (document, knob, "2000", NULL));
  assert_said_now (machine, document);
  g_assert_true (valise_machine_apply (machine, document, &findings, NULL, &error));
  g_assert_no_error (error);
  if (findings->len == 0)
    assert_live (machine, knob, "2000");
  else
    {
      const ValiseFinding *finding = findings->pdata[0];

      /* It is said at its row, and libvirt has come as far as asking the kernel. */
      g_assert_cmpstr (finding->where, ==, knob);
      g_assert_nonnull (strstr (finding->text, "tc "));
      g_test_skip ("this kernel or computer cannot limit a network card's traffic");
    }
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

/* Of computers that no test runs on. */
static const char *const absent[] = {
  "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1d6b'/><product id='0xfffe'/></source></hostdev>",
  "<hostdev mode='subsystem' type='pci' managed='no'><source><address domain='0x0000' bus='0xff' slot='0x1f' "
  "function='0x7'/></source></hostdev>",
};

/* What the hypervisor refuses is stored all the same, and it is said at its place; and it can be taken out again. */
static void
test_host_devices (void)
{
  g_autoptr (ValiseMachine) machine =
      engine_fixture_machine (host, "host-devices", NULL, "<controller type='usb' model='qemu-xhci' ports='15'/>\n");

  engine_fixture_do (machine, VALISE_VERB_START);
  for (gsize i = 0; i < G_N_ELEMENTS (absent); i++)
    {
      g_autoptr (ValiseDocument) with = dup_with (machine, absent[i]);
      g_autoptr (ValiseDocument) without = valise_document_copy (valise_machine_get_document (machine));
      g_autoptr (GPtrArray) findings = NULL;
      g_autoptr (GError) error = NULL;
      const ValiseFinding *finding;

      assert_said_now (machine, with);
      g_assert_true (valise_machine_apply (machine, with, &findings, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (findings->len, ==, 1);
      finding = findings->pdata[0];
      g_test_message ("%s: %s %s", finding->where, finding->text, finding->remedy);
      g_assert_cmpstr (finding->code, ==, "live-refused");
      g_assert_cmpstr (finding->where, ==, "devices/hostdev[1]");
      g_assert_cmpuint (valise_document_count (valise_machine_get_document (machine), "devices/hostdev"), ==, 1);
      g_assert_cmpuint (count_live (machine, "devices/hostdev"), ==, 0);
      assert_done (machine, without);
    }
  engine_fixture_do (machine, VALISE_VERB_STOP);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  engine_fixture_begin ();
  host = engine_fixture_host ();
  connect = virConnectOpen (valise_host_get_uri (host));
  g_assert_nonnull (connect);
  g_test_add_func ("/engine/live/devices", test_devices);
  g_test_add_func ("/engine/live/right-one", test_right_one);
  g_test_add_func ("/engine/live/limits", test_limits);
  g_test_add_func ("/engine/live/bandwidth", test_bandwidth);
  g_test_add_func ("/engine/live/host-devices", test_host_devices);
  result = g_test_run ();
  virConnectClose (connect);
  g_clear_object (&host);
  engine_fixture_end ();
  return result;
}
