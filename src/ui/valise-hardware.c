/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-hardware.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-size.h"
#include "bundle/valise-new-disks.h"
#include "model/valise-disk-name.h"
#include "ui/valise-hardware-module.h"
#include "ui/valise-host-devices.h"

#define NEW_DISK_SIZE (25 * VALISE_GIB)

#define DISK "devices/disk"
#define INPUT "devices/input"
#define CONTROLLER "devices/controller"

/* Every device that the schema knows. Those without XML are made to fit the machine, below. */
static const ValiseHardware table[] = {
  { "disk", N_ ("Disk"), "drive-harddisk-symbolic", "disk", DISK, FALSE, NULL },
  { "cdrom", N_ ("CD Drive"), "media-optical-symbolic", "cdrom", DISK, FALSE, NULL },
  { "floppy", N_ ("Floppy Drive"), "media-floppy-symbolic", "cdrom", DISK, FALSE, NULL },
  { "network", N_ ("Network Card"), "network-wired-symbolic", "network", "devices/interface", FALSE, NULL },
  { "display", N_ ("Display"), "video-display-symbolic", "display", "devices/graphics", TRUE,
    "<graphics type='vnc'><listen type='none'/></graphics>" },
  { "video", N_ ("Video Card"), "video-display-symbolic", "display", "devices/video", FALSE,
    "<video><model type='virtio'/></video>" },
  { "sound", N_ ("Sound Card"), "audio-card-symbolic", "sound", "devices/sound", FALSE, "<sound model='ich9'/>" },
  { "audio", N_ ("Sound Output"), "audio-speakers-symbolic", "sound", "devices/audio", FALSE, NULL },
  { "tablet", N_ ("Tablet (absolute pointer)"), "input-tablet-symbolic", "input", INPUT, FALSE,
    "<input type='tablet' bus='usb'/>" },
  { "mouse", N_ ("Mouse"), "input-mouse-symbolic", "input", INPUT, FALSE, "<input type='mouse' bus='usb'/>" },
  { "keyboard", N_ ("Keyboard"), "input-keyboard-symbolic", "input", INPUT, FALSE,
    "<input type='keyboard' bus='usb'/>" },
  { "filesystem", N_ ("Shared Folder"), "folder-remote-symbolic", "filesystem", "devices/filesystem", FALSE, NULL },
  { "virtiofs", N_ ("Shared Folder (virtiofs)"), "folder-remote-symbolic", "filesystem", "devices/filesystem", FALSE,
    NULL },
  { "usb-device", N_ ("USB Device of This Computer"), "media-removable-symbolic", "hostdev", "devices/hostdev", FALSE,
    NULL },
  { "pci-device", N_ ("PCI Device of This Computer"), "thunderbolt-symbolic", "hostdev", "devices/hostdev", FALSE,
    NULL },
  { "redirdev", N_ ("USB Redirection"), "media-removable-symbolic", "redirdev", "devices/redirdev", FALSE,
    "<redirdev bus='usb' type='spicevmc'/>" },
  { "serial", N_ ("Serial Port"), "utilities-terminal-symbolic", "serial", "devices/serial", FALSE,
    "<serial type='pty'/>" },
  { "parallel", N_ ("Parallel Port"), "printer-symbolic", "parallel", "devices/parallel", FALSE,
    "<parallel type='pty'/>" },
  { "console", N_ ("Console"), "utilities-terminal-symbolic", "console", "devices/console", FALSE,
    "<console type='pty'><target type='virtio'/></console>" },
  { "agent", N_ ("Channel for the Guest Agent"), "network-transmit-receive-symbolic", "channel", "devices/channel",
    FALSE, "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>" },
  { "clipboard", N_ ("Channel for the Clipboard"), "edit-paste-symbolic", "channel", "devices/channel", FALSE,
    "<channel type='qemu-vdagent'><source><clipboard copypaste='yes'/></source>"
    "<target type='virtio' name='com.redhat.spice.0'/></channel>" },
  { "tpm", N_ ("TPM"), "security-high-symbolic", "tpm", "devices/tpm", TRUE, NULL },
  { "host-tpm", N_ ("TPM of This Computer"), "security-high-symbolic", "tpm", "devices/tpm", TRUE, NULL },
  { "rng", N_ ("Random Number Generator"), "media-playlist-shuffle-symbolic", "rng", "devices/rng", FALSE,
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>" },
  { "watchdog", N_ ("Watchdog"), "alarm-symbolic", "watchdog", "devices/watchdog", TRUE,
    "<watchdog model='i6300esb' action='reset'/>" },
  { "panic", N_ ("Panic Device"), "process-stop-symbolic", "panic", "devices/panic", TRUE, "<panic model='isa'/>" },
  { "balloon", N_ ("Memory Balloon"), "media-flash-symbolic", "memory", "devices/memballoon", TRUE,
    "<memballoon model='virtio'/>" },
  { "module", N_ ("Memory Module"), "media-flash-symbolic", "module", "devices/memory", FALSE, NULL },
  { "vsock", N_ ("Socket Device"), "network-transmit-receive-symbolic", "vsock", "devices/vsock", TRUE,
    "<vsock model='virtio'><cid auto='yes'/></vsock>" },
  { "shmem", N_ ("Shared Memory"), "media-flash-symbolic", "shmem", "devices/shmem", FALSE, NULL },
  { "smartcard", N_ ("Smart Card"), "auth-smartcard-symbolic", "smartcard", "devices/smartcard", TRUE,
    "<smartcard mode='passthrough' type='spicevmc'/>" },
  { "iommu", N_ ("IOMMU"), "security-medium-symbolic", "iommu", "devices/iommu", TRUE, "<iommu model='intel'/>" },
  { "usb", N_ ("USB Controller"), "drive-multidisk-symbolic", "controller", CONTROLLER, FALSE, NULL },
  { "scsi", N_ ("SCSI Controller"), "drive-multidisk-symbolic", "controller", CONTROLLER, FALSE, NULL },
  { "virtio-serial", N_ ("Controller for Channels"), "drive-multidisk-symbolic", "controller", CONTROLLER, FALSE,
    NULL },
  { "pcie-port", N_ ("PCI Express Port"), "drive-multidisk-symbolic", "controller", CONTROLLER, FALSE, NULL },
  { "hub", N_ ("USB Hub"), "media-removable-symbolic", "hub", "devices/hub", FALSE, "<hub type='usb'/>" },
  { "nvram", N_ ("Firmware Memory (POWER)"), "media-flash-symbolic", "nvram", "devices/nvram", TRUE,
    "<nvram><address type='spapr-vio' reg='0x00003000'/></nvram>" },
  { "lease", N_ ("Lease"), "changes-prevent-symbolic", "lease", "devices/lease", FALSE,
    "<lease><lockspace>valise</lockspace><key>machine</key><target path='/'/></lease>" },
};

static char *
fresh_target (ValiseDocument *document, const char *bus)
{
  const char *prefix = valise_disk_name_prefix (bus);

  return valise_disk_name_find_free (document, prefix != NULL ? prefix : "sd");
}

static gboolean
source_taken (ValiseDocument *document, const char *directory, const char *source)
{
  g_autofree char *path = directory != NULL ? g_build_filename (directory, source, NULL) : NULL;

  for (guint i = 1; i <= valise_document_count (document, "devices/disk"); i++)
    {
      g_autofree char *other = valise_document_get_device (document, "disk", i, "source/@file");
      if (g_strcmp0 (other, source) == 0)
        return TRUE;
    }
  return path != NULL && g_file_test (path, G_FILE_TEST_EXISTS);
}

static char *
fresh_source (ValiseDocument *document, const char *directory)
{
  for (guint i = 2;; i++)
    {
      g_autofree char *source = g_strdup_printf ("disks/disk%u.qcow2", i);
      if (!source_taken (document, directory, source))
        return g_steal_pointer (&source);
    }
}

/* What the disks there are hang on, so that a system without virtio drivers sees the new one too. */
static char *
usual_bus (ValiseDocument *document)
{
  for (guint i = 1; i <= valise_document_count (document, "devices/disk"); i++)
    {
      g_autofree char *kind = valise_document_get_device (document, "disk", i, "@device");
      char *bus = valise_document_get_device (document, "disk", i, "target/@bus");
      if (bus != NULL && (kind == NULL || g_str_equal (kind, "disk")))
        return bus;
      g_free (bus);
    }
  return g_strdup ("virtio");
}

static char *
disk_xml (ValiseEditSession *session, char **size_knob)
{
  ValiseDocument *draft = valise_edit_session_get_draft (session);
  g_autofree char *bus = usual_bus (draft);
  g_autofree char *target = fresh_target (draft, bus);
  g_autofree char *source = fresh_source (draft, valise_edit_session_get_directory (session));

  *size_knob = valise_new_disks_knob (source);
  return g_markup_printf_escaped ("<disk type='file' device='disk'><driver name='qemu' type='qcow2' discard='unmap'/>"
                                  "<source file='%s'/><target dev='%s' bus='%s'/></disk>",
                                  source, target, bus);
}

static char *
cdrom_xml (ValiseDocument *draft)
{
  g_autofree char *machine = valise_document_get (draft, "os/type/@machine");
  /* The old PC has no SATA. */
  const char *bus =
      machine != NULL && (strstr (machine, "i440fx") != NULL || g_str_equal (machine, "pc")) ? "ide" : "sata";
  g_autofree char *target = fresh_target (draft, bus);

  return g_strdup_printf ("<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
                          "<target dev='%s' bus='%s'/><readonly/></disk>",
                          target, bus);
}

static char *
network_xml (ValiseDocument *draft)
{
  g_autofree char *model = valise_document_get (draft, "devices/interface/model/@type");
  guint32 dice = g_random_int ();

  return g_markup_printf_escaped (
      "<interface type='user'><mac address='52:54:00:%02x:%02x:%02x'/><model type='%s'/></interface>", dice & 0xff,
      (dice >> 8) & 0xff, (dice >> 16) & 0xff, model != NULL ? model : "virtio");
}

/* The number that no @element's attribute @name has yet. */
static guint
free_number (ValiseDocument *draft, const char *element, const char *type, const char *leaf, guint first)
{
  guint number = first;

  for (guint i = 1; i <= valise_document_count (draft, element); i++)
    {
      g_autofree char *kind_knob = g_strdup_printf ("%s[%u]/@type", element, i);
      g_autofree char *knob = g_strdup_printf ("%s[%u]/%s", element, i, leaf);
      g_autofree char *kind = valise_document_get (draft, kind_knob);
      g_autofree char *value = valise_document_get (draft, knob);

      if (value != NULL && (type == NULL || g_strcmp0 (kind, type) == 0))
        number = MAX (number, (guint) g_ascii_strtoull (value, NULL, 10) + 1);
    }
  return number;
}

static char *
controller_xml (ValiseDocument *draft, const char *type, const char *model)
{
  /* PCI's first is the root, which libvirt adds. */
  guint number = free_number (draft, CONTROLLER, type, "@index", g_str_equal (type, "pci") ? 1 : 0);

  if (model == NULL)
    return g_strdup_printf ("<controller type='%s' index='%u'/>", type, number);
  return g_strdup_printf ("<controller type='%s' index='%u' model='%s'/>", type, number, model);
}

static char *
floppy_xml (ValiseDocument *draft)
{
  g_autofree char *target = fresh_target (draft, "fdc");

  return g_strdup_printf (
      "<disk type='file' device='floppy'><driver name='qemu' type='raw'/><target dev='%s' bus='fdc'/></disk>", target);
}

static char *
host_device_xml (const char *type)
{
  g_autoptr (GPtrArray) devices = valise_host_devices_list (type);

  for (guint i = 0; i < devices->len; i++)
    if (((ValiseHostDevice *) g_ptr_array_index (devices, i))->reason == NULL)
      return valise_host_device_xml (g_ptr_array_index (devices, i));
  return g_strdup_printf ("<hostdev mode='subsystem' type='%s'/>", type);
}

static char *
filesystem_xml (ValiseDocument *draft, gboolean virtiofs)
{
  guint number = valise_document_count (draft, "devices/filesystem") + 1;

  /* The folder that desktops keep for what others may see; another one is for the user to say. */
  const char *public = g_get_user_special_dir (G_USER_DIRECTORY_PUBLIC_SHARE);
  g_autofree char *usual = g_build_filename (g_get_home_dir (), "Public", NULL);
  gboolean own = public != NULL && !g_str_equal (public, g_get_home_dir ());

  return g_markup_printf_escaped ("<filesystem type='mount' accessmode='%s'><driver type='%s'/><source "
                                  "dir='%s'/><target dir='share%u'/></filesystem>",
                                  virtiofs ? "passthrough" : "mapped", virtiofs ? "virtiofs" : "path",
                                  own ? public : usual, number);
}

/* Arm's machines have the older interface only. */
static char *
tpm_xml (ValiseEditSession *session, const char *backend)
{
  return g_strdup_printf ("<tpm model='%s'>%s</tpm>", valise_hardware_is_pc (session) ? "tpm-crb" : "tpm-tis", backend);
}

/* What fits the machine as it is; %NULL: as it stands in the table. */
static char *
fitting_xml (ValiseEditSession *session, const char *id, char **size_knob)
{
  ValiseDocument *draft = valise_edit_session_get_draft (session);

  if (g_str_equal (id, "disk"))
    return disk_xml (session, size_knob);
  if (g_str_equal (id, "cdrom"))
    return cdrom_xml (draft);
  if (g_str_equal (id, "floppy"))
    return floppy_xml (draft);
  if (g_str_equal (id, "network"))
    return network_xml (draft);
  if (g_str_equal (id, "audio"))
    return g_strdup_printf ("<audio id='%u' type='none'/>", free_number (draft, "devices/audio", NULL, "@id", 1));
  if (g_str_equal (id, "filesystem") || g_str_equal (id, "virtiofs"))
    return filesystem_xml (draft, g_str_equal (id, "virtiofs"));
  if (g_str_equal (id, "usb-device") || g_str_equal (id, "pci-device"))
    return host_device_xml (g_str_equal (id, "usb-device") ? "usb" : "pci");
  if (g_str_equal (id, "shmem"))
    return g_strdup_printf ("<shmem name='valise-%u'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>",
                            valise_document_count (draft, "devices/shmem") + 1);
  if (g_str_equal (id, "usb"))
    return controller_xml (draft, "usb", "qemu-xhci");
  if (g_str_equal (id, "scsi"))
    return controller_xml (draft, "scsi", "virtio-scsi");
  if (g_str_equal (id, "virtio-serial"))
    return controller_xml (draft, "virtio-serial", NULL);
  if (g_str_equal (id, "tpm"))
    return tpm_xml (session, "<backend type='emulator' version='2.0'/>");
  if (g_str_equal (id, "host-tpm"))
    return tpm_xml (session, "<backend type='passthrough'><device path='/dev/tpm0'/></backend>");
  if (g_str_equal (id, "module"))
    return valise_hardware_module_xml (draft);
  if (g_str_equal (id, "iommu") && !valise_hardware_is_pc (session))
    return g_strdup ("<iommu model='smmuv3'/>");
  if (g_str_equal (id, "pcie-port"))
    return controller_xml (draft, "pci", "pcie-root-port");
  return NULL;
}

/* --- what it needs besides --- */

static gboolean
has_usb (ValiseEditSession *session)
{
  ValiseDocument *draft = valise_edit_session_get_draft (session);

  for (guint i = 1; i <= valise_document_count (draft, CONTROLLER); i++)
    {
      g_autofree char *type = valise_document_get_device (draft, "controller", i, "@type");
      g_autofree char *model = valise_document_get_device (draft, "controller", i, "@model");

      if (g_strcmp0 (type, "usb") == 0)
        return g_strcmp0 (model, "none") != 0;
    }
  /* libvirt adds one to a PC. */
  return valise_hardware_is_pc (session);
}

static gboolean
needs_usb (const char *id, const char *xml)
{
  return strstr (xml, "bus='usb'") != NULL || g_str_equal (id, "hub") || g_str_equal (id, "usb-device");
}

static gboolean
add_usb (ValiseEditSession *session, GError **error)
{
  g_autofree char *xml = controller_xml (valise_edit_session_get_draft (session), "usb", "qemu-xhci");

  return valise_edit_session_add (session, "devices", xml, error);
}

static gboolean
prepare (ValiseEditSession *session, const char *id, const char *xml, GError **error)
{
  if (needs_usb (id, xml) && !has_usb (session))
    return add_usb (session, error);
  if (!g_str_equal (id, "virtiofs"))
    return TRUE;
  return valise_edit_session_set (session, "memoryBacking/source/@type", "memfd", error)
         && valise_edit_session_set (session, "memoryBacking/access/@mode", "shared", error);
}

const ValiseHardware *
valise_hardware_table (gsize *length)
{
  *length = G_N_ELEMENTS (table);
  return table;
}

const ValiseHardware *
valise_hardware_lookup (const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (table[i].id, id))
      return &table[i];
  return NULL;
}

char *
valise_hardware_reason (ValiseEditSession *session, const char *id)
{
  const ValiseHardware *hardware = valise_hardware_lookup (id);

  if (hardware->once && valise_document_has (valise_edit_session_get_draft (session), hardware->element))
    return g_strdup (_ ("the machine has one already"));
  return valise_hardware_host_reason (session, id);
}

char *
valise_hardware_add (ValiseEditSession *session, const char *id, GError **error)
{
  const ValiseHardware *hardware = valise_hardware_lookup (id);
  g_autofree char *size_knob = NULL;
  g_autofree char *fitting = fitting_xml (session, id, &size_knob);
  const char *xml = fitting != NULL ? fitting : hardware->xml;
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, NEW_DISK_SIZE);
  gboolean done;

  valise_edit_session_begin (session);
  done = prepare (session, id, xml, error) && valise_edit_session_add (session, "devices", xml, error)
         && (size_knob == NULL || valise_edit_session_set (session, size_knob, size, error));
  valise_edit_session_end (session);
  if (!done)
    return NULL;
  return g_strdup_printf ("%s[%u]", hardware->element,
                          valise_document_count (valise_edit_session_get_draft (session), hardware->element));
}

gboolean
valise_hardware_remove (ValiseEditSession *session, const char *device, GError **error)
{
  g_autofree char *source_knob = g_strconcat (device, "/source/@file", NULL);
  g_autofree char *source = valise_edit_session_get (session, source_knob);
  g_autofree char *size_knob = source != NULL ? valise_new_disks_knob (source) : NULL;
  g_autofree char *element = NULL;
  gboolean done;

  if (size_knob != NULL)
    {
      const char *end = g_strrstr (size_knob, "/");
      element = g_strndup (size_knob, (gsize) (end - size_knob));
    }
  valise_edit_session_begin (session);
  done = valise_edit_session_unset (session, device, error)
         && (element == NULL || valise_edit_session_unset (session, element, error));
  valise_edit_session_end (session);
  return done;
}
