/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edit-session-fixture.h"

#include "base/valise-size.h"
#include "document-fixture.h"

const char EDIT_SESSION_TEXT[] =
    "<domain type='kvm'>\n"
    "  <name>box</name>\n"
    "  <title>Box</title>\n"
    "  <metadata>\n"
    "    <valise:machine xmlns:valise='https://valise.page/bundle/1' version='1' name='Box'>\n"
    "      <valise:disk source='disks/root.qcow2' size='25769803776'/>\n"
    "    </valise:machine>\n"
    "  </metadata>\n"
    "  <memory unit='KiB'>2097152</memory>\n"
    "  <currentMemory unit='KiB'>2097152</currentMemory>\n"
    "  <vcpu placement='static' current='2'>2</vcpu>\n"
    "  <os firmware='efi'>\n"
    "    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>\n"
    "    <firmware>\n"
    "      <feature enabled='no' name='secure-boot'/>\n"
    "    </firmware>\n"
    "    <nvram>nvram/vars.fd</nvram>\n"
    "  </os>\n"
    "  <!-- kept -->\n"
    "  <features><acpi/></features>\n"
    "  <cpu mode='custom'><model>qemu64</model><feature policy='disable' name='vmx'/></cpu>\n"
    "  <devices>\n"
    "    <disk type='file' device='disk'>\n"
    "      <driver name='qemu' type='qcow2'/>\n"
    "      <source file='disks/root.qcow2'/>\n"
    "      <target dev='vda' bus='virtio'/>\n"
    "      <boot order='1'/>\n"
    "      <address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>\n"
    "    </disk>\n"
    "    <disk type='file' device='cdrom'>\n"
    "      <source file='/iso/debian.iso'/>\n"
    "      <target dev='sda' bus='sata'/>\n"
    "      <readonly/>\n"
    "      <address type='drive' controller='0' bus='0' target='0' unit='0'/>\n"
    "    </disk>\n"
    "    <controller type='pci' index='0' model='pcie-root'/>\n"
    "    <controller type='pci' index='1' model='pcie-root-port'><address type='pci' bus='0x00' "
    "slot='0x02'/></controller>\n"
    "    <interface type='user'>\n"
    "      <mac address='52:54:00:00:00:01'/>\n"
    "      <model type='virtio'/>\n"
    "      <address type='pci' bus='0x01' slot='0x00'/>\n"
    "    </interface>\n"
    "    <graphics type='vnc'><listen type='none'/></graphics>\n"
    "  </devices>\n"
    "</domain>\n";

static void
on_changed_cb (ValiseEditSession *session, gpointer data)
{
  EditSessionFixture *fixture = data;

  g_assert_nonnull (valise_edit_session_get_findings (session));
  fixture->signals++;
}

void
edit_session_fixture_set_up (EditSessionFixture *fixture, gconstpointer text)
{
  g_autoptr (ValiseDocument) document = document_fixture_parse (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseCapabilities) capabilities = valise_capabilities_new (NULL, NULL, 8, 16 * VALISE_GIB, &error);

  g_assert_no_error (error);
  fixture->session = valise_edit_session_new (document, capabilities, NULL);
  fixture->signals = 0;
  g_signal_connect (fixture->session, "changed", G_CALLBACK (on_changed_cb), fixture);
}

void
edit_session_fixture_tear_down (EditSessionFixture *fixture, gconstpointer text)
{
  g_assert_finalize_object (fixture->session);
}

void
edit_session_fixture_set (EditSessionFixture *fixture, const char *knob, const char *value)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_edit_session_set (fixture->session, knob, value, &error));
  g_assert_no_error (error);
}

void
edit_session_fixture_unset (EditSessionFixture *fixture, const char *knob)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_edit_session_unset (fixture->session, knob, &error));
  g_assert_no_error (error);
}

void
edit_session_fixture_expect (EditSessionFixture *fixture, const char *knob, const char *expected)
{
  g_autofree char *value = valise_edit_session_get (fixture->session, knob);

  if (g_strcmp0 (value, expected) != 0)
    g_error ("%s is %s instead of %s", knob, value, expected);
}
