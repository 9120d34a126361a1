/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-live-device.h"

#include <string.h>

static const struct
{
  const char *device, *path;
  gboolean comes_and_goes;
} kinds[] = {
  { "<disk><target dev='vda' bus='virtio'/></disk>", "devices/disk", TRUE },
  { "<disk><target dev='sda' bus='sata'/></disk>", "devices/disk[1]", FALSE },
  { "<disk><target dev='sda'/></disk>", "devices/disk", FALSE },
  { "<input type='tablet' bus='usb'/>", "devices/input", TRUE },
  { "<input type='keyboard' bus='ps2'/>", "devices/input", FALSE },
  { "<inputs bus='usb'/>", "devices/inputs", FALSE },
  { "<hostdev mode='subsystem' type='usb'/>", "devices/hostdev", TRUE },
  { "<hostdev mode='subsystem' type='mdev'/>", "devices/hostdev", FALSE },
  { "<redirdev bus='usb' type='tcp'/>", "devices/redirdev[1]", TRUE },
  { "<memory model='dimm'/>", "devices/memory", TRUE },
  { "<memory model='sgx-epc'/>", "devices/memory", FALSE },
  { "<channel type='unix'><target type='guestfwd'/></channel>", "devices/channel", FALSE },
  { "<filesystem><driver type='path'/></filesystem>", "devices/filesystem", FALSE },
  { "<filesystem><driver type='virtiofs'/></filesystem>", "devices/filesystem", FALSE },
  { "<sound model='ich9'/>", "devices/sound", FALSE },
  { "<video/>", "devices/video", FALSE },
};

static ValiseDocument *
with_devices (const char *devices)
{
  g_autofree char *text = g_strdup_printf ("<domain><devices>%s</devices></domain>", devices);
  g_autoptr (GError) error = NULL;
  ValiseDocument *document = valise_document_new (text, -1, "test", &error);

  g_assert_no_error (error);
  return document;
}

static void
test_kinds (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (ValiseDocument) document = with_devices (kinds[i].device);

      g_test_message ("%s", kinds[i].device);
      g_assert_cmpint (valise_live_device_comes_and_goes (document, kinds[i].path), ==, kinds[i].comes_and_goes);
    }
}

static const struct
{
  const char *running, *device, *path;
  gboolean can_come;
} starts[] = {
  { "", "<memory model='dimm'/>", "devices/memory", FALSE },
  { "<maxMemory slots='4'>1024</maxMemory>", "<memory model='dimm'/>", "devices/memory", TRUE },
  { "<maxMemory slots='4'>1024</maxMemory>", "<memory model='sgx-epc'/>", "devices/memory", FALSE },
  { "", "<disk><target dev='vda' bus='virtio'/></disk>", "devices/disk", TRUE },
  { "", "<sound model='ich9'/>", "devices/sound", FALSE },
};

/* Some need what only a start can give. */
static void
test_starts (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_autofree char *text = g_strdup_printf ("<domain>%s<devices/></domain>", starts[i].running);
      g_autoptr (ValiseDocument) running = valise_document_new (text, -1, "running", NULL);
      g_autoptr (ValiseDocument) document = with_devices (starts[i].device);

      g_test_message ("%s in %s", starts[i].device, text);
      g_assert_cmpint (valise_live_device_can_come (document, starts[i].path, running), ==, starts[i].can_come);
    }
}

#define USB(vendor, rest)                                                                                              \
  "<hostdev mode='subsystem' type='usb'><source><vendor id='" vendor "'/><product id='0x5678'/></source>" rest         \
  "</hostdev>"
#define DIMM(size) "<memory model='dimm'><target>" size "<node>0</node></target></memory>"
#define UNIX(path, rest) "<redirdev bus='usb' type='unix'><source mode='bind' path='" path "'/>" rest "</redirdev>"

static const struct
{
  const char *element;
  const char *stored; /* the first of it is looked for */
  const char *live;
  guint loose, exact; /* the number that is found */
} finds[] = {
  { "hostdev", USB ("0x1234", ""), USB ("0x9999", "") USB ("0x1234", "<alias name='hostdev1'/>"), 2, 2 },
  { "hostdev", USB ("0x00ab", ""), USB ("0xAB", ""), 1, 0 },
  { "hostdev", USB ("0x1234", "<address type='usb' port='3'/>"), USB ("0x1234", "<address type='usb' port='1'/>"), 1,
    1 },
  { "memory", DIMM ("<size unit='MiB'>128</size>"), DIMM ("<size unit='KiB'>131072</size>"), 1, 0 },
  { "memory", DIMM ("<size unit='MiB'>128</size>"), DIMM ("<size unit='KiB'>131073</size>"), 0, 0 },
  { "memory", DIMM ("<size>1024</size>"), DIMM ("<size unit='MiB'>1</size>"), 1, 0 },
  { "redirdev", UNIX ("/a", ""), UNIX ("/b", "") UNIX ("/a", "<protocol type='raw'/>"), 2, 0 },
  { "redirdev", UNIX ("/a", "<boot order='2'/>"), UNIX ("/a", ""), 0, 1 },
  { "redirdev", UNIX ("/a", ""), "", 0, 0 },
  { "interface", "<interface><mac address='52:54:00:AA:bb:01'/></interface>",
    "<interface><mac address='52:54:00:aa:bb:02'/></interface><interface><mac "
    "address='52:54:00:aa:bb:01'/></interface>",
    2, 2 },
  { "interface", "<interface/>", "<interface/>", 0, 0 },
};

static const ValiseLiveKind *
find_kind (const char *element)
{
  const ValiseLiveKind *kind = valise_live_kinds ();

  while (!g_str_equal (kind->element, element))
    kind++;
  return kind;
}

static void
test_find (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (finds); i++)
    {
      const ValiseLiveKind *kind = find_kind (finds[i].element);
      g_autoptr (ValiseDocument) stored = with_devices (finds[i].stored);
      g_autoptr (ValiseDocument) live = with_devices (finds[i].live);
      g_autoptr (GHashTable) once = g_hash_table_new (NULL, NULL);
      g_autoptr (GHashTable) again = g_hash_table_new (NULL, NULL);

      g_test_message ("%s in %s", finds[i].stored, finds[i].live);
      g_assert_cmpuint (valise_live_device_find (live, kind, stored, 1, TRUE, once), ==, finds[i].loose);
      g_assert_cmpuint (valise_live_device_find (live, kind, stored, 1, FALSE, again), ==, finds[i].exact);
      /* Each is found once. */
      g_assert_cmpuint (valise_live_device_find (live, kind, stored, 1, TRUE, once), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/live-device/kinds", test_kinds);
  g_test_add_func ("/model/live-device/starts", test_starts);
  g_test_add_func ("/model/live-device/find", test_find);
  return g_test_run ();
}
