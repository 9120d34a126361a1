/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "disk"
#define RESTART VALISE_KNOB_AFTER_RESTART
#define LIVE VALISE_KNOB_LIVE

static const ValiseKnobChoice DEVICES[] = {
  { "disk", N_ ("Disk") },
  { "cdrom", N_ ("CD drive") },
  { "floppy", N_ ("Floppy drive") },
  { "lun", N_ ("SCSI device of this computer") },
  { NULL },
};

static const ValiseKnobChoice SOURCES[] = {
  { "file", N_ ("A file") },
  { "block", N_ ("A device of this computer") },
  { "dir", N_ ("A folder") },
  { "network", N_ ("A server") },
  { "volume", N_ ("A storage pool") },
  { "nvme", N_ ("An NVMe device") },
  { "vhostuser", N_ ("Another program") },
  { NULL },
};

static const ValiseKnobChoice BUSES[] = {
  { "virtio", N_ ("virtio (fastest)") },
  { "sata", N_ ("SATA") },
  { "scsi", N_ ("SCSI") },
  { "usb", N_ ("USB") },
  { "ide", N_ ("IDE (old systems)") },
  { "fdc", N_ ("Floppy controller") },
  { "sd", N_ ("SD card") },
  { NULL },
};

static const ValiseKnobChoice FORMATS[] = {
  { "qcow2", N_ ("qcow2 (takes only what is used)") },
  { "raw", N_ ("raw (plain)") },
  { NULL },
};

static const ValiseKnobChoice CACHES[] = {
  { "default", N_ ("Chosen automatically") },
  { "writeback", N_ ("Write back (fast, safe with guests that flush)") },
  { "none", N_ ("None (straight to the disk)") },
  { "writethrough", N_ ("Write through (safe, slow)") },
  { "directsync", N_ ("None, and each write waits") },
  { "unsafe", N_ ("Unsafe (fastest, loses data in a crash)") },
  { NULL },
};

static const ValiseKnobChoice DISCARDS[] = {
  { "unmap", N_ ("Give the space back") },
  { "ignore", N_ ("Keep the space") },
  { NULL },
};

static const ValiseKnobChoice ZEROES[] = {
  { "off", N_ ("Write them") },
  { "on", N_ ("Write them as a hole") },
  { "unmap", N_ ("Give the space back") },
  { NULL },
};

static const ValiseKnobChoice IO_MODES[] = {
  { "threads", N_ ("Threads") },
  { "native", N_ ("Native (needs no cache)") },
  { "io_uring", N_ ("io_uring (new kernels)") },
  { NULL },
};

static const ValiseKnobChoice ERROR_POLICIES[] = {
  { "report", N_ ("Tell the guest") },
  { "stop", N_ ("Pause the machine") },
  { "enospace", N_ ("Pause when the disk is full, else tell the guest") },
  { "ignore", N_ ("Ignore") },
  { NULL },
};

static const ValiseKnobChoice READ_ERROR_POLICIES[] = {
  { "report", N_ ("Tell the guest") },
  { "stop", N_ ("Pause the machine") },
  { "ignore", N_ ("Ignore") },
  { NULL },
};

static const ValiseKnobChoice SNAPSHOTS[] = {
  { "internal", N_ ("Inside the file") },
  { "external", N_ ("In a file of its own") },
  { "manual", N_ ("By somebody else") },
  { "no", N_ ("Not at all") },
  { NULL },
};

static const ValiseKnobChoice STARTUP_POLICIES[] = {
  { "mandatory", N_ ("Do not start") },
  { "requisite", N_ ("Do not start, but run on if it goes missing") },
  { "optional", N_ ("Start without it") },
  { NULL },
};

static const ValiseKnobChoice TRANSLATIONS[] = {
  { "auto", N_ ("Automatic") },
  { "lba", N_ ("LBA") },
  { "none", N_ ("None") },
  { NULL },
};

static const ValiseKnobChoice SGIO[] = {
  { "filtered", N_ ("Only harmless commands") },
  { "unfiltered", N_ ("All commands") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "metadata/valise:machine/valise:disk/@size", VALISE_KNOB_SIZE, LIVE, PAGE, N_ ("Size"),
    N_ ("How much the disk holds at most. It can grow later, but not shrink."),
    .synonyms = "capacity grow resize larger gib", .minimum = 1 << 20 },
  { "devices/disk/@device", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Kind of drive"),
    N_ ("What the guest sees: a disk, a CD drive or a floppy drive."), .synonyms = "disk cdrom floppy",
    .fallback = N_ ("disk"), .choices = DEVICES },
  { "devices/disk/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Kind of storage"),
    N_ ("What the disk is made of on this computer."), .synonyms = "source file block", .choices = SOURCES },
  { "devices/disk/source/@file", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("File"), N_ ("The file that holds the disk."),
    .synonyms = "image source path qcow2" },
  { "devices/disk/source/@dev", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Device"),
    N_ ("A disk or partition of this computer; the guest changes it directly."),
    .synonyms = "block partition source /dev" },
  { "devices/disk/source/@startupPolicy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("If the file is missing"),
    N_ ("What to do at start when the file is not there."), .synonyms = "startup policy optional",
    .fallback = N_ ("do not start"), .choices = STARTUP_POLICIES },
  { "devices/disk/target/@bus", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Connection"),
    N_ ("How the disk is connected. virtio is fastest but needs a driver in Windows."),
    .synonyms = "bus virtio sata scsi usb ide controller interface", .choices = BUSES, .open = TRUE },
  { "devices/disk/target/@dev", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Name"),
    N_ ("The disk's name in this machine; the guest may call it otherwise."), .synonyms = "target vda sda hda" },
  { "devices/disk/target/@removable", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Removable"),
    N_ ("A USB disk appears as a stick that may be pulled out."), .synonyms = "usb stick thumb drive",
    .fallback = N_ ("off") },
  { "devices/disk/target/@rotation_rate", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Rotation speed"),
    N_ ("1 makes the guest treat it as a solid state disk; else turns in a minute."), .synonyms = "ssd rpm trim",
    .fallback = N_ ("not told"), .minimum = 1, .maximum = 65534 },
  { "devices/disk/target/@tray", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Tray"),
    N_ ("Whether the tray of the drive is open or closed."), .synonyms = "cd eject", .fallback = N_ ("closed") },
  { "devices/disk/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("virtio model"),
    N_ ("Which generation of virtio the disk speaks."), .synonyms = "transitional", .fallback = N_ ("virtio"),
    .choices = _valise_knob_virtio_models },
  { "devices/disk/driver/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Format"),
    N_ ("How the file is organised. It must say what the file really is."), .synonyms = "qcow2 raw image driver type",
    .choices = FORMATS, .open = TRUE },
  { "devices/disk/driver/@cache", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Cache mode"),
    N_ ("How this computer's memory is used between guest and disk."),
    .synonyms = "writeback writethrough none unsafe performance", .fallback = N_ ("chosen automatically"),
    .choices = CACHES },
  { "devices/disk/driver/@discard", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Deleted space"),
    N_ ("What happens to space that the guest no longer uses."), .synonyms = "discard trim unmap shrink",
    .fallback = N_ ("chosen automatically"), .choices = DISCARDS },
  { "devices/disk/driver/@detect_zeroes", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Written zeroes"),
    N_ ("What happens when the guest writes nothing but zeroes."), .synonyms = "detect zeroes sparse",
    .fallback = N_ ("write them"), .choices = ZEROES },
  { "devices/disk/driver/@io", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Input and output by"),
    N_ ("How QEMU reads and writes the file."), .synonyms = "aio native threads io_uring performance",
    .fallback = N_ ("chosen automatically"), .choices = IO_MODES },
  { "devices/disk/driver/@iothread", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Own thread"),
    N_ ("The number of the input and output thread that serves this disk."), .synonyms = "iothread performance",
    .fallback = N_ ("none"), .minimum = 1, .maximum = 64 },
  { "devices/disk/driver/@queues", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Queues"),
    N_ ("How many requests lines the disk has; one for each virtual CPU is best."),
    .synonyms = "multiqueue performance", .fallback = N_ ("chosen automatically"), .minimum = 1, .maximum = 1024 },
  { "devices/disk/driver/@queue_size", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Queue length"),
    N_ ("How many requests wait in each queue; a power of two."), .synonyms = "multiqueue performance",
    .fallback = N_ ("chosen automatically"), .minimum = 2, .maximum = 1024 },
  { "devices/disk/driver/@error_policy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("On a write error"),
    N_ ("What happens when the file cannot be written, for example because the disk is full."),
    .synonyms = "error policy enospc full", .fallback = N_ ("pause when the disk is full"), .choices = ERROR_POLICIES },
  { "devices/disk/driver/@rerror_policy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("On a read error"),
    N_ ("What happens when the file cannot be read."), .synonyms = "error policy", .fallback = N_ ("tell the guest"),
    .choices = READ_ERROR_POLICIES },
  { "devices/disk/driver/@copy_on_read", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Copy what is read"),
    N_ ("Fills an overlay with what the guest reads from the disk below."), .synonyms = "backing overlay",
    .fallback = N_ ("off") },
  { "devices/disk/driver/@ioeventfd", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Answer requests aside"),
    N_ ("Takes requests in a thread of its own; usually faster."), .synonyms = "ioeventfd performance",
    .fallback = N_ ("chosen automatically") },
  { "devices/disk/driver/@event_idx", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Fewer interrupts"),
    N_ ("Sends the guest fewer interrupts."), .synonyms = "event_idx performance",
    .fallback = N_ ("chosen automatically") },
  { "devices/disk/driver/@packed", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Packed queues"),
    N_ ("A newer form of the virtio queues."), .synonyms = "virtio packed ring", .fallback = N_ ("off") },
  { "devices/disk/driver/@iommu", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Behind the IOMMU"),
    N_ ("The disk respects the machine's IOMMU."), .synonyms = "virtio iommu", .fallback = N_ ("off") },
  { "devices/disk/driver/@ats", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Address translation"),
    N_ ("Address translation service for a disk behind the IOMMU."), .synonyms = "virtio ats", .fallback = N_ ("off") },
  { "devices/disk/driver/metadata_cache/max_size", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("qcow2 table cache"),
    N_ ("Memory for the file's tables; large disks with scattered access need more."),
    .synonyms = "l2 cache performance", .fallback = N_ ("chosen automatically") },
  { "devices/disk/readonly", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("Read-only"),
    N_ ("The guest cannot change the disk."), .synonyms = "write protect" },
  { "devices/disk/shareable", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("Shared with other machines"),
    N_ ("Several machines use it at once; only for raw disks and systems made for it."),
    .synonyms = "cluster shareable" },
  { "devices/disk/transient", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("Forget changes"),
    N_ ("Everything written is dropped when the machine stops."), .synonyms = "transient snapshot kiosk" },
  { "devices/disk/serial", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Serial number"),
    N_ ("By which the guest tells this disk from others."), .synonyms = "id udev by-id" },
  { "devices/disk/wwn", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("World wide name"),
    N_ ("Sixteen digits and letters a to f that identify the disk."), .synonyms = "wwn id" },
  { "devices/disk/vendor", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Vendor"),
    N_ ("What a SCSI disk gives as its maker, up to eight characters."), .synonyms = "scsi maker" },
  { "devices/disk/product", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Product"),
    N_ ("What a SCSI disk gives as its model, up to sixteen characters."), .synonyms = "scsi model" },
  { "devices/disk/@snapshot", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("In snapshots"),
    N_ ("How snapshots treat this disk."), .synonyms = "snapshot internal external",
    .fallback = N_ ("chosen automatically"), .choices = SNAPSHOTS },
  { "devices/disk/@rawio", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Raw commands"),
    N_ ("Lets the guest send raw SCSI commands to a device of this computer."), .synonyms = "rawio scsi lun",
    .fallback = N_ ("no") },
  { "devices/disk/@sgio", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("SCSI commands"),
    N_ ("Which SCSI commands reach a device of this computer."), .synonyms = "sgio scsi lun",
    .fallback = N_ ("only harmless commands"), .choices = SGIO },
  { "devices/disk/blockio/@logical_block_size", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Sector size"),
    N_ ("The smallest piece that the guest reads or writes."), .unit = N_ ("bytes"),
    .synonyms = "blockio 512 4096 4k logical", .fallback = "512", .minimum = 512, .maximum = 65536 },
  { "devices/disk/blockio/@physical_block_size", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Physical sector size"),
    N_ ("The piece that the guest should read or write for best speed."), .unit = N_ ("bytes"),
    .synonyms = "blockio 512 4096 4k", .fallback = "512", .minimum = 512, .maximum = 65536 },
  { "devices/disk/geometry/@cyls", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Geometry: cylinders"),
    N_ ("For very old systems."), .synonyms = "chs", .minimum = 1, .maximum = 16383 },
  { "devices/disk/geometry/@heads", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Geometry: heads"),
    N_ ("For very old systems."), .synonyms = "chs", .minimum = 1, .maximum = 255 },
  { "devices/disk/geometry/@secs", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Geometry: sectors"),
    N_ ("For very old systems."), .synonyms = "chs", .minimum = 1, .maximum = 255 },
  { "devices/disk/geometry/@trans", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Geometry: translation"),
    N_ ("How the BIOS counts cylinders, for very old systems."), .synonyms = "chs lba", .fallback = N_ ("automatic"),
    .choices = TRANSLATIONS },
  { "devices/disk/iotune/total_bytes_sec", VALISE_KNOB_NUMBER, LIVE, PAGE, N_ ("Speed limit"),
    N_ ("The most that is read and written together."), .unit = N_ ("bytes/s"), .synonyms = "iotune throttle bandwidth",
    .fallback = N_ ("no limit") },
  { "devices/disk/iotune/read_bytes_sec", VALISE_KNOB_NUMBER, LIVE, PAGE, N_ ("Speed limit for reading"),
    N_ ("The most that is read."), .unit = N_ ("bytes/s"), .synonyms = "iotune throttle bandwidth",
    .fallback = N_ ("no limit") },
  { "devices/disk/iotune/write_bytes_sec", VALISE_KNOB_NUMBER, LIVE, PAGE, N_ ("Speed limit for writing"),
    N_ ("The most that is written."), .unit = N_ ("bytes/s"), .synonyms = "iotune throttle bandwidth",
    .fallback = N_ ("no limit") },
  { "devices/disk/iotune/total_iops_sec", VALISE_KNOB_NUMBER, LIVE, PAGE, N_ ("Request limit"),
    N_ ("The most requests, reading and writing together."), .unit = N_ ("requests/s"),
    .synonyms = "iotune iops throttle", .fallback = N_ ("no limit") },
  { "devices/disk/iotune/read_iops_sec", VALISE_KNOB_NUMBER, LIVE, PAGE, N_ ("Request limit for reading"),
    N_ ("The most read requests."), .unit = N_ ("requests/s"), .synonyms = "iotune iops throttle",
    .fallback = N_ ("no limit") },
  { "devices/disk/iotune/write_iops_sec", VALISE_KNOB_NUMBER, LIVE, PAGE, N_ ("Request limit for writing"),
    N_ ("The most write requests."), .unit = N_ ("requests/s"), .synonyms = "iotune iops throttle",
    .fallback = N_ ("no limit") },
  { NULL },
};

const ValiseKnob *const _valise_knobs_disk = KNOBS;
