/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings that libvirt and QEMU take only together with others: each line was tried on them. */
#include "valise-config.h"

#include "model/valise-rules-private.h"

#include <glib/gi18n-lib.h>

/* Lists of words are separated by spaces; "-" stands for "not set", "*" for any value, and a list that starts with "!"
 * for all others. */
typedef struct
{
  const char *code;
  const char *base;   /* elements that the paths below start at; "" is <domain> */
  const char *leaf;   /* what is set ... */
  const char *values; /* ... to one of these; NULL for any value */
  const char *needs;  /* needs this; from <domain> when it starts with "/" ... */
  const char *fits;   /* ... to be one of these; "" when nothing makes it fit */
  const char *text;
  const char *remedy;
  const char *where;     /* the row that it is shown on, as needs; NULL for the leaf */
  const char *fix;       /* what one click sets, as needs; NULL for none */
  const char *fix_value; /* NULL unsets */
  const char *when;      /* only when this ... */
  const char *when_is;   /* ... is one of these */
} Fit;

#define ONLY_VIRTIO N_ ("Only virtio disks know this.")
#define ONLY_VIRTIO_CARD N_ ("Only virtio network cards know this.")
#define ONLY_QXL N_ ("Only QXL video cards know this.")
#define NO_SUCH_ACTION N_ ("QEMU cannot do this.")
#define RESET N_ ("Set it back to the default.")
#define BUS "target/@bus"

static const Fit FITS[] = {
  { "needs-virtio", "devices/disk", "driver/@event_idx", NULL, BUS, "virtio", ONLY_VIRTIO, RESET, NULL,
    "driver/@event_idx" },
  { "needs-virtio", "devices/disk", "driver/@ioeventfd", NULL, BUS, "virtio", ONLY_VIRTIO, RESET, NULL,
    "driver/@ioeventfd" },
  { "needs-virtio", "devices/disk", "driver/@packed", NULL, BUS, "virtio", ONLY_VIRTIO, RESET, NULL, "driver/@packed" },
  { "needs-virtio", "devices/disk", "driver/@iommu", NULL, BUS, "virtio", ONLY_VIRTIO, RESET, NULL, "driver/@iommu" },
  { "needs-virtio", "devices/disk", "driver/@ats", NULL, BUS, "virtio", ONLY_VIRTIO, RESET, NULL, "driver/@ats" },
  { "needs-virtio", "devices/disk", "driver/@queues", NULL, BUS, "virtio", ONLY_VIRTIO, RESET, NULL, "driver/@queues" },
  { "needs-virtio", "devices/disk", "driver/@iothread", NULL, BUS, "virtio", ONLY_VIRTIO, RESET, NULL,
    "driver/@iothread" },
  { "needs-virtio", "devices/disk", "@model", NULL, BUS, "virtio", ONLY_VIRTIO, RESET, NULL, "@model" },
  { "disk-removable-bus", "devices/disk", "target/@removable", NULL, BUS, "usb",
    N_ ("Only USB disks can be pulled out."), RESET, NULL, "target/@removable" },
  { "disk-rotation-bus", "devices/disk", "target/@rotation_rate", NULL, BUS, "scsi ide sata",
    N_ ("Only SATA, SCSI and IDE disks have a rotation speed."), RESET, NULL, "target/@rotation_rate" },
  { "disk-wwn-bus", "devices/disk", "wwn", NULL, BUS, "ide scsi",
    N_ ("Only SCSI and IDE disks have a world wide name."), RESET, NULL, "wwn" },
  { "disk-vendor-bus", "devices/disk", "vendor", NULL, BUS, "scsi", N_ ("Only SCSI disks have a vendor."), RESET, NULL,
    "vendor" },
  { "disk-vendor-bus", "devices/disk", "product", NULL, BUS, "scsi", N_ ("Only SCSI disks have a product name."), RESET,
    NULL, "product" },
  { "disk-geometry-bus", "devices/disk", "geometry/@trans", NULL, BUS, "ide",
    N_ ("Only IDE disks have a translated geometry."), RESET, NULL, "geometry/@trans" },
  { "disk-tray", "devices/disk", "target/@tray", NULL, "@device", "cdrom floppy", N_ ("A disk has no tray."), RESET,
    NULL, "target/@tray" },
  { "disk-raw-commands", "devices/disk", "@rawio", NULL, "@device", "lun",
    N_ ("Raw commands reach only SCSI devices of this computer."), RESET, NULL, "@rawio" },
  { "disk-raw-commands", "devices/disk", "@sgio", "unfiltered", "@sgio", "",
    N_ ("This computer no longer lets all SCSI commands through."), RESET, NULL, "@sgio" },
  { "disk-copy-read-only", "devices/disk", "driver/@copy_on_read", "on", "readonly", "-",
    N_ ("What is read cannot be copied into a read-only disk."), N_ ("Do not copy it."), NULL, "driver/@copy_on_read" },
  { "disk-read-only-bus", "devices/disk", "readonly", NULL, BUS, "!sata ide",
    N_ ("SATA and IDE disks cannot be read-only."), N_ ("Use virtio, SCSI or USB, or let it be written to."), NULL,
    "readonly", NULL, "@device", "- disk" },
  { "disk-table-cache", "devices/disk", "driver/metadata_cache/max_size", NULL, "driver/@type", "qcow2",
    N_ ("Only qcow2 files have tables."), RESET, NULL, "driver/metadata_cache" },
  { "disk-limit-twice", "devices/disk", "iotune/read_bytes_sec", NULL, "iotune/total_bytes_sec", "-",
    N_ ("There is a limit for reading and one for reading and writing together."), N_ ("Keep the one for both."), NULL,
    "iotune/read_bytes_sec" },
  { "disk-limit-twice", "devices/disk", "iotune/write_bytes_sec", NULL, "iotune/total_bytes_sec", "-",
    N_ ("There is a limit for writing and one for reading and writing together."), N_ ("Keep the one for both."), NULL,
    "iotune/write_bytes_sec" },
  { "disk-limit-twice", "devices/disk", "iotune/read_iops_sec", NULL, "iotune/total_iops_sec", "-",
    N_ ("There is a limit for reading and one for reading and writing together."), N_ ("Keep the one for both."), NULL,
    "iotune/read_iops_sec" },
  { "disk-limit-twice", "devices/disk", "iotune/write_iops_sec", NULL, "iotune/total_iops_sec", "-",
    N_ ("There is a limit for writing and one for reading and writing together."), N_ ("Keep the one for both."), NULL,
    "iotune/write_iops_sec" },
  { "floppy-bus", "devices/disk", "@device", "floppy", BUS, "fdc",
    N_ ("A floppy drive is connected to the floppy controller."), N_ ("Connect it there."), BUS, BUS, "fdc" },
  { "floppy-bus", "devices/disk", BUS, "fdc", "@device", "floppy", N_ ("The floppy controller is for floppy drives."),
    N_ ("Use SATA."), NULL, BUS, "sata" },
  { "disk-lun-source", "devices/disk", "@device", "lun", "@type", "block network volume",
    N_ ("Only a device of this computer can be passed on as it is."), N_ ("Make it an ordinary disk."), NULL, "@device",
    "disk" },
  { "disk-without-file", "devices/disk", BUS, NULL, "source", "*", N_ ("The disk has no file."),
    N_ ("Choose one, or remove the disk."), "source/@file", NULL, NULL, "@device", "- disk lun" },

  { "needs-virtio", "devices/interface", "driver/@packed", NULL, "model/@type",
    "virtio virtio-transitional virtio-non-transitional", ONLY_VIRTIO_CARD, RESET, NULL, "driver/@packed" },
  { "needs-virtio", "devices/interface", "driver/@iommu", NULL, "model/@type",
    "virtio virtio-transitional virtio-non-transitional", ONLY_VIRTIO_CARD, RESET, NULL, "driver/@iommu" },
  { "network-mtu-user", "devices/interface", "mtu/@size", NULL, "@type", "!user",
    N_ ("A network shared with this computer has no packet size of its own."), RESET, NULL, "mtu/@size" },
  { "network-isolated", "devices/interface", "port/@isolated", "yes", "@type", "network bridge",
    N_ ("Only cards on a bridge or a virtual network can be set apart."), RESET, NULL, "port/@isolated" },
  { "network-rom-off", "devices/interface", "rom/@bar", NULL, "rom/@enabled", "- yes",
    N_ ("Starting over the network is switched off for this card."), RESET, NULL, "rom/@bar" },
  { "network-rom-off", "devices/interface", "rom/@file", NULL, "rom/@enabled", "- yes",
    N_ ("Starting over the network is switched off for this card."), RESET, NULL, "rom/@file" },
  { "network-source-missing", "devices/interface", "@type", "network", "source/@network", "*",
    N_ ("No virtual network is chosen."), N_ ("Take the one called default, or write another name."), "source/@network",
    "source/@network", "default" },
  { "network-source-missing", "devices/interface", "@type", "bridge", "source/@bridge", "*",
    N_ ("No bridge is chosen."), N_ ("Write its name, as in br0."), "source/@bridge" },
  { "network-source-missing", "devices/interface", "@type", "direct", "source/@dev", "*",
    N_ ("No network card of this computer is chosen."), N_ ("Write its name, as in enp3s0."), "source/@dev" },

  { "video-memory-qxl", "devices/video", "model/@ram", NULL, "model/@type", "qxl", ONLY_QXL, RESET, NULL,
    "model/@ram" },
  { "video-memory-qxl", "devices/video", "model/@vgamem", NULL, "model/@type", "qxl", ONLY_QXL, RESET, NULL,
    "model/@vgamem" },
  { "video-memory-qxl", "devices/video", "model/@vram64", NULL, "model/@type", "qxl", ONLY_QXL, RESET, NULL,
    "model/@vram64" },
  { "video-heads", "devices/video", "model/@heads", "!1", "model/@type", "qxl virtio",
    N_ ("This video card has one screen only."), N_ ("Use virtio for several screens."), NULL, "model/@heads", "1" },
  { "video-3d-model", "devices/video", "model/acceleration/@accel3d", "yes", "model/@type", "virtio",
    N_ ("Only virtio video cards accelerate 3D."), N_ ("Switch 3D acceleration off."), NULL,
    "model/acceleration/@accel3d", "no" },
  { "video-2d", "devices/video", "model/acceleration/@accel2d", NULL, "model/@type", "", NO_SUCH_ACTION, RESET, NULL,
    "model/acceleration/@accel2d" },
  { "video-resolution", "devices/video", "model/resolution/@x", NULL, "model/@type", "!cirrus ramfb",
    N_ ("This video card leaves the size of the screen to the guest."), RESET, NULL, "model/resolution" },

  { "input-model-bus", "devices/input", "@model", NULL, "@bus", "virtio", N_ ("Only virtio devices know this."), RESET,
    NULL, "@model" },
  { "input-tablet-bus", "devices/input", "@type", "tablet", "@bus", "!ps2", N_ ("There is no tablet for PS/2."),
    N_ ("Use USB."), "@bus", "@bus", "usb" },
  { "input-passthrough", "devices/input", "@type", "passthrough", "@bus", "virtio",
    N_ ("A device of this computer is passed on by virtio."), N_ ("Use virtio."), "@bus", "@bus", "virtio" },
  { "input-passthrough", "devices/input", "@type", "passthrough", "source/@evdev", "*",
    N_ ("No device of this computer is chosen."), N_ ("Write its path below, as in /dev/input/event3.") },
  { "input-passthrough", "devices/input", "@type", "evdev", "source/@dev", "*",
    N_ ("No device of this computer is chosen."), N_ ("Write its path below, as in /dev/input/by-id/….") },

  { "tpm-version-model", "devices/tpm", "backend/@version", "1.2", "@model", "- tpm-tis",
    N_ ("A TPM of version 1.2 has the interface TIS."), N_ ("Use TIS."), "@model", "@model", "tpm-tis" },
  { "watchdog-architecture", "devices/watchdog", "@model", "diag288", "/os/type/@arch", "s390 s390x",
    N_ ("This watchdog is for IBM Z only."), N_ ("Use i6300esb."), NULL, "@model", "i6300esb" },
  { "panic-architecture", "devices/panic", "@model", "pseries", "/os/type/@arch", "ppc64 ppc64le",
    N_ ("This panic device is for POWER only."), N_ ("Use the one of PCs."), NULL, "@model", "isa" },
  { "panic-architecture", "devices/panic", "@model", "s390", "/os/type/@arch", "s390 s390x",
    N_ ("This panic device is for IBM Z only."), N_ ("Use the one of PCs."), NULL, "@model", "isa" },
  { "iommu-interrupts", "devices/iommu", "driver/@intremap", "on", "/features/ioapic/@driver", "qemu",
    N_ ("Interrupt remapping needs an IOAPIC that QEMU imitates."), N_ ("Let QEMU imitate it."), NULL,
    "/features/ioapic/@driver", "qemu" },

  { "virtiofs-memory", "devices/filesystem", "driver/@type", "virtiofs", "/memoryBacking/access/@mode", "shared",
    N_ ("virtiofs needs memory that helper programs may share."), N_ ("Let it be shared."), NULL,
    "/memoryBacking/access/@mode", "shared" },
  { "virtiofs-access", "devices/filesystem", "@accessmode", "mapped squash", "driver/@type", "!virtiofs",
    N_ ("virtiofs keeps the owners as they are."), N_ ("Let files belong to the user that runs the machine."), NULL,
    "@accessmode", "passthrough" },
  { "virtiofs-read-only", "devices/filesystem", "readonly", NULL, "driver/@type", "!virtiofs",
    N_ ("This libvirt cannot make a virtiofs folder read-only."), N_ ("Share it with 9p."), NULL, "driver/@type",
    "path" },
  { "folder-permissions", "devices/filesystem", "@fmode", NULL, "@accessmode", "mapped",
    N_ ("Permissions can be chosen only where owners are kept beside the files."), N_ ("Keep owners beside the files."),
    NULL, "@accessmode", "mapped" },
  { "folder-permissions", "devices/filesystem", "@dmode", NULL, "@accessmode", "mapped",
    N_ ("Permissions can be chosen only where owners are kept beside the files."), N_ ("Keep owners beside the files."),
    NULL, "@accessmode", "mapped" },
  { "shmem-doorbell", "devices/shmem", "server/@path", NULL, "model/@type", "!ivshmem-plain",
    N_ ("Memory without doorbells has no server."), N_ ("Choose the model with doorbells."), NULL, "model/@type",
    "ivshmem-doorbell" },
  { "shmem-server-missing", "devices/shmem", "model/@type", "ivshmem-doorbell", "server", "*",
    N_ ("The server that hands out doorbells is missing."), N_ ("Write its socket, or choose memory only."),
    "server/@path", "model/@type", "ivshmem-plain" },
  { "iommu-extended", "devices/iommu", "driver/@eim", "on", "driver/@intremap", "on",
    N_ ("Extended interrupts need interrupt remapping."), N_ ("Switch it on."), NULL, "driver/@intremap", "on" },
  { "iommu-intel-only", "devices/iommu", "driver/@caching_mode", NULL, "@model", "intel",
    N_ ("Only Intel VT-d knows this."), RESET, NULL, "driver/@caching_mode" },
  { "iommu-intel-only", "devices/iommu", "driver/@iotlb", NULL, "@model", "intel", N_ ("Only Intel VT-d knows this."),
    RESET, NULL, "driver/@iotlb" },
  { "iommu-intel-only", "devices/iommu", "driver/@aw_bits", NULL, "@model", "intel", N_ ("Only Intel VT-d knows this."),
    RESET, NULL, "driver/@aw_bits" },
  { "controller-virtio-scsi", "devices/controller", "driver/@queues", NULL, "@model",
    "virtio-scsi virtio-transitional virtio-non-transitional", N_ ("Only virtio SCSI controllers know this."), RESET,
    NULL, "driver/@queues" },
  { "controller-virtio-scsi", "devices/controller", "driver/@cmd_per_lun", NULL, "@model",
    "virtio-scsi virtio-transitional virtio-non-transitional", N_ ("Only virtio SCSI controllers know this."), RESET,
    NULL, "driver/@cmd_per_lun" },
  { "controller-virtio-scsi", "devices/controller", "driver/@max_sectors", NULL, "@model",
    "virtio-scsi virtio-transitional virtio-non-transitional", N_ ("Only virtio SCSI controllers know this."), RESET,
    NULL, "driver/@max_sectors" },
  { "controller-virtio-scsi", "devices/controller", "driver/@ioeventfd", NULL, "@model",
    "virtio-scsi virtio-transitional virtio-non-transitional", N_ ("Only virtio SCSI controllers know this."), RESET,
    NULL, "driver/@ioeventfd" },
  { "port-file-missing", "devices/serial", "@type", "file dev pipe", "source/@path", "*",
    N_ ("The file or device is missing."), N_ ("Choose it, or connect this to a terminal."), "source/@path", "@type",
    "pty" },
  { "port-file-missing", "devices/parallel", "@type", "file dev pipe", "source/@path", "*",
    N_ ("The file or device is missing."), N_ ("Choose it, or connect this to a terminal."), "source/@path", "@type",
    "pty" },
  { "port-file-missing", "devices/console", "@type", "file dev pipe", "source/@path", "*",
    N_ ("The file or device is missing."), N_ ("Choose it, or connect this to a terminal."), "source/@path", "@type",
    "pty" },
  { "port-file-missing", "devices/channel", "@type", "file dev pipe", "source/@path", "*",
    N_ ("The file or device is missing."), N_ ("Choose it, or connect this to a terminal."), "source/@path", "@type",
    "pty" },
  { "module-room", "devices/memory", "@model", "dimm nvdimm virtio-mem", "/maxMemory", "*",
    N_ ("The machine has no room for memory modules."), N_ ("Set the room on the page Memory.") },
  { "dirty-ring-size", "", "features/kvm/dirty-ring/@state", "on", "features/kvm/dirty-ring/@size", "*",
    N_ ("The size of the ring is missing."), N_ ("Take 4096."), "features/kvm/dirty-ring/@size",
    "features/kvm/dirty-ring/@size", "4096" },
  { "label-missing", "seclabel", "@type", "static", "label", "*", N_ ("The label is missing."),
    N_ ("Write it, or let libvirt choose."), "label", "@type", "dynamic" },

  { "cpu-migratable-mode", "", "cpu/@migratable", NULL, "cpu/@mode", "host-passthrough maximum",
    N_ ("This can be chosen only for a processor that is the same as this computer's."), RESET, NULL,
    "cpu/@migratable" },
  { "cpu-cache-level", "", "cpu/cache/@mode", "emulate", "cpu/cache/@level", "3",
    N_ ("Only the cache of level 3 can be imitated."), N_ ("Choose level 3."), "cpu/cache/@level", "cpu/cache/@level",
    "3" },
  { "cpu-cache-level", "", "cpu/cache/@level", NULL, "cpu/cache/@mode", "!passthrough",
    N_ ("Caches as on this computer have no level to choose."), RESET, NULL, "cpu/cache/@level" },
  { "cpu-cache-mode", "", "cpu/cache/@mode", "passthrough", "cpu/@mode", "host-passthrough maximum",
    N_ ("Caches as on this computer need a processor that is the same as this computer's."), RESET, NULL,
    "cpu/cache/@mode" },
  { "cpu-feature-model", "", "cpu/feature", NULL, "cpu/model", "*",
    N_ ("Features are added to a model, and none is chosen."),
    N_ ("Choose a processor model, or one like this computer's."), "cpu/model", NULL, NULL, "cpu/@mode", "- custom" },
  { "cpu-address-width", "", "cpu/maxphysaddr/@mode", "emulate", "cpu/maxphysaddr/@bits", "*",
    N_ ("The number of bits is missing."), N_ ("Write it, as in 40."), "cpu/maxphysaddr/@bits", "cpu/maxphysaddr/@bits",
    "40" },
  { "cpu-address-width", "", "cpu/maxphysaddr/@bits", NULL, "cpu/maxphysaddr/@mode", "!passthrough",
    N_ ("An address width as on this computer has no number of bits to choose."), RESET, NULL,
    "cpu/maxphysaddr/@bits" },
  { "numa-nodes-missing", "", "numatune/memory/@mode", NULL, "numatune/memory/@nodeset", "*",
    N_ ("No memory nodes are chosen."), N_ ("Write them, as in 0."), "numatune/memory/@nodeset",
    "numatune/memory/@nodeset", "0", "numatune/memory/@placement", "- static" },
  { "memory-modules-numa", "", "maxMemory", NULL, "cpu/numa/cell", "*",
    N_ ("Room for memory modules needs a machine with memory nodes."), N_ ("Leave out the room for modules."), NULL,
    "maxMemory" },
  { "memory-slots-missing", "", "maxMemory", NULL, "maxMemory/@slots", "*",
    N_ ("The number of memory slots is missing."), N_ ("Write it, as in 4."), "maxMemory/@slots", "maxMemory/@slots",
    "4" },
  { "hyperv-spinlocks", "", "features/hyperv/spinlocks/@state", "on", "features/hyperv/spinlocks/@retries", "*",
    N_ ("The number of attempts is missing."), N_ ("Take the usual one, 8191."), "features/hyperv/spinlocks/@retries",
    "features/hyperv/spinlocks/@retries", "8191" },
  { "hyperv-vendor", "", "features/hyperv/vendor_id/@state", "on", "features/hyperv/vendor_id/@value", "*",
    N_ ("The vendor name is missing."), N_ ("Write up to twelve characters."), "features/hyperv/vendor_id/@value",
    "features/hyperv/vendor_id/@state", "off" },
  { "clock-zone-missing", "", "clock/@offset", "timezone", "clock/@timezone", "*", N_ ("No time zone is chosen."),
    N_ ("Write one, as in Europe/Paris."), "clock/@timezone" },
  { "clock-start-missing", "", "clock/@offset", "absolute", "clock/@start", "*", N_ ("No date is chosen."),
    N_ ("Write it in seconds since 1970."), "clock/@start" },
  { "timer-policy", "clock/timer", "@tickpolicy", "discard merge", "@name", "!rtc",
    N_ ("The real time clock cannot drop ticks."), N_ ("Let it catch up."), NULL, "@tickpolicy", "catchup" },
  { "timer-policy", "clock/timer", "@tickpolicy", "merge", "@name", "!pit", N_ ("The PIT timer cannot merge ticks."),
    N_ ("Let them come late."), NULL, "@tickpolicy", "delay" },
  { "action-unknown", "", "on_poweroff", "preserve rename-restart", "on_poweroff", "", NO_SUCH_ACTION,
    N_ ("Switch off."), NULL, "on_poweroff", "destroy" },
  { "action-unknown", "", "on_reboot", "preserve rename-restart", "on_reboot", "", NO_SUCH_ACTION, N_ ("Start again."),
    NULL, "on_reboot", "restart" },
  { "action-unknown", "", "on_crash", "rename-restart", "on_crash", "", NO_SUCH_ACTION, N_ ("Switch off."), NULL,
    "on_crash", "destroy" },
  { "actions-crossed", "", "on_poweroff", "restart", "on_reboot", "!destroy",
    N_ ("A machine that starts again when it is switched off cannot be switched off by a restart."),
    N_ ("Let it start again both times."), NULL, "on_reboot", "restart" },

  { "uefi-needs-acpi", "", "os/@firmware", "efi", "features/acpi", "*", N_ ("UEFI needs ACPI."), N_ ("Switch it on."),
    "features/acpi", "features/acpi", "", "os/type/@arch", "- x86_64 i686" },
  { "nvram-without-uefi", "", "os/nvram", NULL, "os/@firmware", "efi", N_ ("Only UEFI keeps variables."),
    N_ ("Switch to UEFI, or leave the file out."), NULL, "os/nvram", NULL, "os/loader", "-" },
  { "nvram-stateless", "", "os/nvram", NULL, "os/loader/@stateless", "!yes",
    N_ ("Firmware without memory keeps no variables."), N_ ("Leave the file out."), NULL, "os/nvram" },
  { "bios-serial-missing", "", "os/bios/@useserial", "yes", "/devices/serial", "*",
    N_ ("The machine has no serial port."), RESET, NULL, "os/bios/@useserial" },
  { "kernel-missing", "", "os/initrd", NULL, "os/kernel", "*", N_ ("There is no kernel for this memory disk."),
    N_ ("Choose a kernel, or leave this out."), NULL, "os/initrd" },
  { "kernel-missing", "", "os/cmdline", NULL, "os/kernel", "*", N_ ("There is no kernel for these options."),
    N_ ("Choose a kernel, or leave this out."), NULL, "os/cmdline" },
};

/* The value of "driver/@cache" or "readonly" below @node: NULL when it is not set, "" for an element without text. */
static const char *
value_below (xmlNode *node, const char *leaf)
{
  const char *at = strchr (leaf, '@');
  char parent[64] = "";
  xmlNode *owner;
  const char *text;

  if (at != NULL && at > leaf)
    g_strlcpy (parent, leaf, MIN (sizeof parent, (gsize) (at - leaf)));
  owner = _valise_rules_find (node, at != NULL ? parent : leaf);
  if (at != NULL)
    return _valise_rules_attribute (owner, at + 1);
  text = _valise_rules_text (owner);
  return owner == NULL ? NULL : text != NULL ? text : "";
}

static const char *
value_at (ValiseRulesRun *run, xmlNode *node, const char *path)
{
  return *path == '/' ? value_below (run->domain, path + 1) : value_below (node, path);
}

static gboolean
has_word (const char *words, const char *word)
{
  gsize length = strlen (word);

  for (const char *found = strstr (words, word); found != NULL && length > 0; found = strstr (found + 1, word))
    if ((found == words || found[-1] == ' ') && (found[length] == ' ' || found[length] == '\0'))
      return TRUE;
  return FALSE;
}

static gboolean
is_one_of (const char *words, const char *value)
{
  if (*words == '!')
    return !has_word (words + 1, value != NULL ? value : "-");
  return value == NULL ? has_word (words, "-") : g_str_equal (words, "*") || has_word (words, value);
}

static gboolean
applies (ValiseRulesRun *run, const Fit *fit, xmlNode *node)
{
  const char *value = value_below (node, fit->leaf);

  if (value == NULL || (fit->values != NULL && !is_one_of (fit->values, value)))
    return FALSE;
  if (fit->when != NULL && !is_one_of (fit->when_is, value_at (run, node, fit->when)))
    return FALSE;
  return !is_one_of (fit->fits, value_at (run, node, fit->needs));
}

static void
add_unfit (ValiseRulesRun *run, const Fit *fit, xmlNode *node)
{
  const char *where = fit->where != NULL ? fit->where : fit->leaf;
  ValiseFinding *finding =
      _valise_rules_add (run, VALISE_SEVERITY_ERROR, fit->code, *where == '/' ? run->domain : node,
                         *where == '/' ? where + 1 : where, g_strdup (_ (fit->text)), _ (fit->remedy));

  if (fit->fix == NULL)
    return;
  if (*fit->fix == '/' || node == run->domain)
    valise_finding_set_fix (finding, *fit->fix == '/' ? fit->fix + 1 : fit->fix, fit->fix_value);
  else
    _valise_rules_set_fix (run, finding, node, fit->fix, fit->fix_value);
}

static void
check_fits (ValiseRulesRun *run)
{
  for (guint i = 0; i < G_N_ELEMENTS (FITS); i++)
    {
      const Fit *fit = &FITS[i];
      xmlNode *node = *fit->base == '\0' ? run->domain : _valise_rules_find (run->domain, fit->base);

      for (; node != NULL; node = node == run->domain ? NULL : _valise_rules_next (node))
        if (applies (run, fit, node))
          add_unfit (run, fit, node);
    }
}

static const ValiseRule RULES[] = { check_fits, NULL };

const ValiseRule *const _valise_rules_fit = RULES;
