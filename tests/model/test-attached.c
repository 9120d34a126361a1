/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-attached.h"

#include "document-fixture.h"

static const char MACHINE[] =
    "<domain><devices>"
    "<disk><target dev='sda' bus='scsi'/><address type='drive' controller='0' bus='0' target='0' unit='0'/></disk>"
    "<disk><target dev='sdb' bus='sata'/><address type='drive' controller='0' bus='0' target='0' unit='1'/></disk>"
    "<disk><target dev='vda' bus='virtio'/><address type='pci' bus='0x03' slot='0x00'/></disk>"
    "<disk><target dev='sdc' bus='scsi'/></disk>"
    "<disk><target dev='sdd' bus='scsi'/><address type='drive' controller='1' bus='0' target='0' unit='0'/></disk>"
    "<hostdev mode='subsystem' type='scsi'><address type='drive' controller='1' unit='1'/></hostdev>"
    "<input type='tablet' bus='usb'><address type='usb' bus='0' port='1'/></input>"
    "<channel type='unix'><address type='virtio-serial' controller='0' bus='0' port='1'/></channel>"
    "<smartcard mode='host'><address type='ccid' controller='0' slot='0'/></smartcard>"
    "<controller type='scsi' index='0'><address type='pci' bus='3' slot='0x01'/></controller>"
    "<controller type='scsi' index='0x1'/>"
    "<controller type='sata' index='0'/>"
    "<controller type='pci' index='3' model='pcie-root-port'/>"
    "<controller type='usb' index='0'/>"
    "<controller type='virtio-serial' index='0'/>"
    "<controller type='ccid' index='0'/>"
    "<controller type='scsi'/>"
    "<controller index='0'/>"
    "<controller type='scsi' index='99999999999999999999'/>"
    "</devices></domain>";

static void
test_cases (void)
{
  static const struct
  {
    guint controller;
    const char *devices;
  } cases[] = {
    { 1, "devices/disk[1]" },
    { 2, "devices/disk[5] devices/hostdev[1]" },
    { 3, "devices/disk[2]" },
    { 4, "devices/disk[3] devices/controller[1]" },
    { 5, "devices/input[1]" },
    { 6, "devices/channel[1]" },
    { 7, "devices/smartcard[1]" },
    { 8, "" },
    { 9, "" },
    { 10, "" },
    { 11, "" },
  };
  g_autoptr (ValiseDocument) document = document_fixture_parse (MACHINE);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("devices/controller[%u]", cases[i].controller);
      g_autoptr (GPtrArray) attached = valise_attached_list (document, path);
      g_autofree char *names = NULL;

      g_ptr_array_add (attached, NULL);
      names = g_strjoinv (" ", (char **) attached->pdata);
      g_test_message ("%s", path);
      g_assert_cmpstr (names, ==, cases[i].devices);
    }
}

static void
test_no_devices (void)
{
  g_autoptr (ValiseDocument) document = document_fixture_parse ("<domain/>");
  g_autoptr (GPtrArray) attached = valise_attached_list (document, "devices/controller[1]");

  g_assert_cmpuint (attached->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/attached/cases", test_cases);
  g_test_add_func ("/model/attached/no-devices", test_no_devices);
  return g_test_run ();
}
