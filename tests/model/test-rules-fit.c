/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings that go together or not: what the rules call wrong libvirt refuses, and what they let pass it takes. */
#include <glib/gstdio.h>

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "model/valise-edit-session.h"
#include "model/valise-rules.h"

#define MACHINE(head, os, devices)                                                                                     \
  "<domain type='qemu'><name>t</name><memory unit='MiB'>512</memory>" head "<os" os "<devices>" devices                \
  "</devices></domain>"
#define Q35 "><type arch='x86_64' machine='q35'>hvm</type></os>"
#define OS(more) "><type arch='x86_64' machine='q35'>hvm</type>" more "</os>"
#define UEFI(more) " firmware='efi'><type arch='x86_64' machine='q35'>hvm</type>" more "</os>"
#define ACPI "<features><acpi/></features>"
#define HEAD(xml) MACHINE (xml, Q35, "")
#define DEVICE(xml) MACHINE ("", Q35, xml)
#define DISK(attributes, driver, dev, bus, target, more)                                                               \
  DEVICE ("<disk type='file' " attributes "><driver name='qemu' type='raw' " driver                                    \
          "/><source file='/a'/><target dev='" dev "' bus='" bus "' " target "/>" more "</disk>")
#define VIRTIO(driver, target, more) DISK ("device='disk'", driver, "vda", "virtio", target, more)
#define SATA(driver, target, more) DISK ("device='disk'", driver, "sda", "sata", target, more)
#define SCSI(driver, target, more) DISK ("device='disk'", driver, "sda", "scsi", target, more)
#define CARD(type, more) DEVICE ("<interface type='" type "'>" more "</interface>")
#define VIDEO(attributes, more) DEVICE ("<video><model " attributes ">" more "</model></video>")
#define CPU(attributes, more) HEAD ("<cpu " attributes ">" more "</cpu>")
#define CLOCK(attributes, more) HEAD ("<clock " attributes ">" more "</clock>")

static const struct
{
  const char *code;
  const char *where;
  const char *wrong;
  const char *right;
  gboolean at_start; /* the wrong one can be defined and fails only when it is started */
} cases[] = {
  { "needs-virtio", "devices/disk/driver/@event_idx", SATA ("event_idx='on'", "", ""),
    VIRTIO ("event_idx='on'", "", "") },
  { "needs-virtio", "devices/disk/driver/@ioeventfd", SATA ("ioeventfd='on'", "", ""),
    VIRTIO ("ioeventfd='on'", "", "") },
  { "needs-virtio", "devices/disk/driver/@packed", SATA ("packed='on'", "", ""), VIRTIO ("packed='on'", "", "") },
  { "needs-virtio", "devices/disk/driver/@iommu", SATA ("iommu='on'", "", ""), VIRTIO ("iommu='on'", "", "") },
  { "needs-virtio", "devices/disk/driver/@ats", SATA ("ats='on'", "", ""), VIRTIO ("ats='on'", "", "") },
  { "needs-virtio", "devices/disk/driver/@queues", SATA ("queues='2'", "", ""), VIRTIO ("queues='2'", "", "") },
  { "needs-virtio", "devices/disk/driver/@iothread",
    MACHINE ("<iothreads>1</iothreads>",
             Q35,
             "<disk type='file'><driver name='qemu' type='raw' iothread='1'/><source file='/a'/>"
             "<target dev='sda' bus='sata'/></disk>"),
    MACHINE ("<iothreads>1</iothreads>",
             Q35,
             "<disk type='file'><driver name='qemu' type='raw' iothread='1'/><source file='/a'/>"
             "<target dev='vda' bus='virtio'/></disk>") },
  { "needs-virtio", "devices/disk/@model",
    DISK ("device='disk' model='virtio-transitional'", "", "sda", "sata", "", ""),
    DISK ("device='disk' model='virtio-transitional'", "", "vda", "virtio", "", "") },
  { "disk-removable-bus", "devices/disk/target/@removable", SATA ("", "removable='on'", ""),
    DISK ("device='disk'", "", "sda", "usb", "removable='on'", "") },
  { "disk-rotation-bus", "devices/disk/target/@rotation_rate", VIRTIO ("", "rotation_rate='1'", ""),
    SATA ("", "rotation_rate='1'", "") },
  { "disk-wwn-bus", "devices/disk/wwn", VIRTIO ("", "", "<wwn>0123456789abcdef</wwn>"),
    SCSI ("", "", "<wwn>0123456789abcdef</wwn>") },
  { "disk-vendor-bus", "devices/disk/vendor", SATA ("", "", "<vendor>abc</vendor>"),
    SCSI ("", "", "<vendor>abc</vendor>") },
  { "disk-vendor-bus", "devices/disk/product", SATA ("", "", "<product>abc</product>"),
    SCSI ("", "", "<product>abc</product>") },
  { "disk-geometry-bus", "devices/disk/geometry/@trans",
    SATA ("", "", "<geometry cyls='100' heads='16' secs='63' trans='lba'/>"),
    SATA ("", "", "<geometry cyls='100' heads='16' secs='63'/>") },
  { "disk-tray", "devices/disk/target/@tray", VIRTIO ("", "tray='open'", ""),
    DISK ("device='cdrom'", "", "sda", "sata", "tray='open'", "") },
  { "disk-raw-commands", "devices/disk/@rawio", DISK ("device='disk' rawio='yes'", "", "sda", "scsi", "", ""),
    DEVICE ("<disk type='block' device='lun' rawio='yes'><driver name='qemu' type='raw'/><source dev='/dev/sdz'/>"
            "<target dev='sda' bus='scsi'/></disk>") },
  { "disk-raw-commands", "devices/disk/@sgio",
    DEVICE ("<disk type='block' device='lun' sgio='unfiltered'><driver name='qemu' type='raw'/><source dev='/dev/sdz'/>"
            "<target dev='sda' bus='scsi'/></disk>"),
    DEVICE ("<disk type='block' device='lun' sgio='filtered'><driver name='qemu' type='raw'/><source dev='/dev/sdz'/>"
            "<target dev='sda' bus='scsi'/></disk>") },
  { "disk-copy-read-only", "devices/disk/driver/@copy_on_read", VIRTIO ("copy_on_read='on'", "", "<readonly/>"),
    VIRTIO ("copy_on_read='on'", "", "") },
  { "disk-read-only-bus", "devices/disk/readonly", SATA ("", "", "<readonly/>"), VIRTIO ("", "", "<readonly/>") },
  { "disk-table-cache", "devices/disk/driver/metadata_cache/max_size",
    DEVICE ("<disk type='file'><driver name='qemu' type='raw'><metadata_cache><max_size unit='MiB'>4</max_size>"
            "</metadata_cache></driver><source file='/a'/><target dev='vda' bus='virtio'/></disk>"),
    DEVICE ("<disk type='file'><driver name='qemu' type='qcow2'><metadata_cache><max_size unit='MiB'>4</max_size>"
            "</metadata_cache></driver><source file='/a'/><target dev='vda' bus='virtio'/></disk>") },
  { "disk-limit-twice", "devices/disk/iotune/read_bytes_sec",
    VIRTIO ("", "", "<iotune><total_bytes_sec>9000</total_bytes_sec><read_bytes_sec>9000</read_bytes_sec></iotune>"),
    VIRTIO ("", "", "<iotune><write_bytes_sec>9000</write_bytes_sec><read_bytes_sec>9000</read_bytes_sec></iotune>") },
  { "disk-limit-twice", "devices/disk/iotune/write_iops_sec",
    VIRTIO ("", "", "<iotune><total_iops_sec>900</total_iops_sec><write_iops_sec>900</write_iops_sec></iotune>"),
    VIRTIO ("", "", "<iotune><total_iops_sec>900</total_iops_sec><write_bytes_sec>900</write_bytes_sec></iotune>") },
  { "floppy-bus", "devices/disk/target/@bus", DISK ("device='floppy'", "", "sda", "sata", "", ""),
    DISK ("device='floppy'", "", "fda", "fdc", "", "") },
  { "floppy-bus", "devices/disk/target/@bus", DISK ("device='disk'", "", "fda", "fdc", "", ""), SATA ("", "", "") },
  { "disk-lun-source", "devices/disk/@device", DISK ("device='lun'", "", "vda", "virtio", "", ""),
    DEVICE ("<disk type='block' device='lun'><driver name='qemu' type='raw'/><source dev='/dev/sdz'/>"
            "<target dev='vda' bus='virtio'/></disk>") },
  { "disk-without-file", "devices/disk/source/@file",
    DEVICE ("<disk type='file' device='disk'><target dev='vda' bus='virtio'/></disk>"),
    DEVICE ("<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>") },
  { "disk-shareable-format", "devices/disk/shareable",
    DEVICE ("<disk type='file'><driver name='qemu' type='qcow2'/><source file='/a'/><target dev='vda' bus='virtio'/>"
            "<shareable/></disk>"),
    VIRTIO ("", "", "<shareable/>") },
  { "disk-io-needs-cache", "devices/disk/driver/@io", VIRTIO ("io='native'", "", ""),
    VIRTIO ("io='native' cache='none'", "", "") },
  { "cdrom-on-virtio", "devices/disk/target/@bus", DISK ("device='cdrom'", "", "vda", "virtio", "", ""),
    DISK ("device='cdrom'", "", "sda", "sata", "", "") },
  { "iothread-missing", "devices/disk/driver/@iothread", VIRTIO ("iothread='1'", "", ""),
    MACHINE ("<iothreads>2</iothreads>",
             Q35,
             "<disk type='file'><driver name='qemu' type='raw' iothread='2'/><source file='/a'/>"
             "<target dev='vda' bus='virtio'/></disk>") },

  { "needs-virtio", "devices/interface/driver/@packed", CARD ("user", "<model type='e1000e'/><driver packed='on'/>"),
    CARD ("user", "<model type='virtio'/><driver packed='on'/>") },
  { "needs-virtio", "devices/interface/driver/@iommu", CARD ("user", "<model type='e1000e'/><driver iommu='on'/>"),
    CARD ("user", "<model type='virtio-non-transitional'/><driver iommu='on'/>") },
  { "network-mtu-user", "devices/interface/mtu/@size", CARD ("user", "<mtu size='9000'/>"),
    CARD ("network", "<source network='default'/><mtu size='9000'/>") },
  { "network-isolated", "devices/interface/port/@isolated", CARD ("user", "<port isolated='yes'/>"),
    CARD ("bridge", "<source bridge='br0'/><port isolated='yes'/>") },
  { "network-rom-off", "devices/interface/rom/@bar", CARD ("user", "<rom enabled='no' bar='on'/>"),
    CARD ("user", "<rom enabled='no'/>") },
  { "network-source-missing", "devices/interface/source/@network", CARD ("network", ""),
    CARD ("network", "<source network='default'/>") },
  { "network-source-missing", "devices/interface/source/@bridge", CARD ("bridge", ""),
    CARD ("bridge", "<source bridge='br0'/>") },
  { "network-source-missing", "devices/interface/source/@dev", CARD ("direct", ""),
    CARD ("direct", "<source dev='enp3s0' mode='bridge'/>") },
  { "queue-length", "devices/interface/driver/@rx_queue_size",
    CARD ("user", "<model type='virtio'/><driver rx_queue_size='500'/>"),
    CARD ("user", "<model type='virtio'/><driver rx_queue_size='512'/>") },
  { "mac-multicast", "devices/interface/mac/@address", CARD ("user", "<mac address='53:54:00:00:00:01'/>"),
    CARD ("user", "<mac address='52:54:00:00:00:01'/>") },

  { "video-memory-qxl", "devices/video/model/@ram", VIDEO ("type='vga' ram='65536'", ""),
    VIDEO ("type='qxl' ram='65536'", "") },
  { "video-memory-qxl", "devices/video/model/@vgamem", VIDEO ("type='virtio' vgamem='16384'", ""),
    VIDEO ("type='qxl' vgamem='16384'", "") },
  { "video-memory-qxl", "devices/video/model/@vram64", VIDEO ("type='virtio' vram64='16384'", ""),
    VIDEO ("type='virtio' vram='16384'", "") },
  { "video-heads", "devices/video/model/@heads", VIDEO ("type='bochs' heads='2'", ""),
    VIDEO ("type='virtio' heads='4'", "") },
  { "video-3d-model", "devices/video/model/acceleration/@accel3d",
    VIDEO ("type='vga'", "<acceleration accel3d='yes'/>"), VIDEO ("type='virtio'", "<acceleration accel3d='yes'/>") },
  { "video-2d", "devices/video/model/acceleration/@accel2d", VIDEO ("type='virtio'", "<acceleration accel2d='yes'/>"),
    VIDEO ("type='virtio'", "<acceleration accel3d='no'/>") },
  { "video-resolution", "devices/video/model/resolution/@x", VIDEO ("type='cirrus'", "<resolution x='800' y='600'/>"),
    VIDEO ("type='bochs'", "<resolution x='800' y='600'/>") },
  { "video-none-among-others", "devices/video[2]/model/@type",
    DEVICE ("<video><model type='none'/></video><video><model type='vga'/></video>"), VIDEO ("type='none'", "") },
  { "video-second-model", "devices/video[2]/model/@type",
    DEVICE ("<video><model type='vga'/></video><video><model type='vga'/></video>"),
    DEVICE ("<video><model type='vga'/></video><video><model type='virtio'/></video>") },
  { "video-primary-twice", "devices/video[2]/model/@primary",
    DEVICE ("<video><model type='vga' primary='yes'/></video><video><model type='virtio' primary='yes'/></video>"),
    DEVICE ("<video><model type='vga' primary='yes'/></video><video><model type='virtio' primary='no'/></video>") },
  { "vnc-password-long", "devices/graphics/@passwd", DEVICE ("<graphics type='vnc' passwd='123456789'/>"),
    DEVICE ("<graphics type='vnc' passwd='12345678'/>") },
  { "audio-missing", "devices/sound/audio/@id", DEVICE ("<sound model='ich9'><audio id='5'/></sound>"),
    DEVICE ("<audio id='5' type='none'/><sound model='ich9'><audio id='5'/></sound>") },
  { "audio-missing", "devices/graphics/audio/@id",
    DEVICE ("<audio id='1' type='none'/><graphics type='vnc'><audio id='2'/></graphics>"),
    DEVICE ("<audio id='2' type='none'/><graphics type='vnc'><audio id='2'/></graphics>") },
  { "audio-number-duplicate", "devices/audio[2]/@id", DEVICE ("<audio id='1' type='none'/><audio id='1' type='alsa'/>"),
    DEVICE ("<audio id='1' type='none'/><audio id='2' type='alsa'/>") },

  { "input-model-bus", "devices/input/@model", DEVICE ("<input type='tablet' bus='usb' model='virtio'/>"),
    DEVICE ("<input type='tablet' bus='virtio' model='virtio'/>") },
  { "input-tablet-bus", "devices/input/@bus", DEVICE ("<input type='tablet' bus='ps2'/>"),
    DEVICE ("<input type='tablet' bus='usb'/>") },
  { "input-passthrough", "devices/input/@bus",
    DEVICE ("<input type='passthrough' bus='usb'><source evdev='/dev/input/event0'/></input>"),
    DEVICE ("<input type='passthrough' bus='virtio'><source evdev='/dev/input/event0'/></input>") },
  { "input-passthrough", "devices/input/@type", DEVICE ("<input type='passthrough' bus='virtio'/>"),
    DEVICE ("<input type='passthrough' bus='virtio'><source evdev='/dev/input/event0'/></input>"), TRUE },
  { "input-passthrough", "devices/input/@type", DEVICE ("<input type='evdev'/>"),
    DEVICE ("<input type='evdev'><source dev='/dev/input/event0'/></input>"), TRUE },
  { "usb-off", "devices/input", DEVICE ("<controller type='usb' model='none'/><input type='tablet' bus='usb'/>"),
    DEVICE ("<controller type='usb' model='qemu-xhci'/><input type='tablet' bus='usb'/>") },
  { "tpm-version-model", "devices/tpm/@model",
    DEVICE ("<tpm model='tpm-crb'><backend type='emulator' version='1.2'/></tpm>"),
    DEVICE ("<tpm model='tpm-tis'><backend type='emulator' version='1.2'/></tpm>") },
  { "watchdog-architecture", "devices/watchdog/@model", DEVICE ("<watchdog model='diag288'/>"),
    DEVICE ("<watchdog model='ib700'/>") },
  { "panic-architecture", "devices/panic/@model", DEVICE ("<panic model='pseries'/>"),
    DEVICE ("<panic model='isa'/>") },
  { "iommu-interrupts", "devices/iommu/driver/@intremap",
    DEVICE ("<iommu model='intel'><driver intremap='on'/></iommu>"),
    MACHINE ("<features><ioapic driver='qemu'/></features>",
             Q35,
             "<iommu model='intel'><driver intremap='on'/></iommu>") },
  { "device-twice", "devices/watchdog[2]", DEVICE ("<watchdog model='i6300esb'/><watchdog model='i6300esb'/>"),
    DEVICE ("<watchdog model='i6300esb'/>") },
  { "device-twice", "devices/memballoon[2]", DEVICE ("<memballoon model='virtio'/><memballoon model='virtio'/>"),
    DEVICE ("<memballoon model='virtio'/>") },
  { "device-twice", "devices/tpm[2]",
    DEVICE (
        "<tpm model='tpm-crb'><backend type='emulator'/></tpm><tpm model='tpm-crb'><backend type='emulator'/></tpm>"),
    DEVICE (
        "<rng model='virtio'><backend model='builtin'/></rng><rng model='virtio'><backend model='builtin'/></rng>") },

  { "virtiofs-memory", "devices/filesystem/driver/@type",
    DEVICE ("<filesystem type='mount'><driver type='virtiofs'/><source dir='/srv'/><target dir='x'/></filesystem>"),
    MACHINE ("<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
             Q35,
             "<filesystem type='mount'><driver type='virtiofs'/><source dir='/srv'/><target dir='x'/></filesystem>") },
  { "virtiofs-access", "devices/filesystem/@accessmode",
    MACHINE ("<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
             Q35,
             "<filesystem type='mount' accessmode='mapped'><driver type='virtiofs'/><source dir='/srv'/><target "
             "dir='x'/></filesystem>"),
    MACHINE ("<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
             Q35,
             "<filesystem type='mount' accessmode='passthrough'><driver type='virtiofs'/><source dir='/srv'/><target "
             "dir='x'/></filesystem>") },
  { "virtiofs-read-only", "devices/filesystem/readonly",
    MACHINE ("<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
             Q35,
             "<filesystem type='mount'><driver type='virtiofs'/><source dir='/srv'/><target "
             "dir='x'/><readonly/></filesystem>"),
    MACHINE ("<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
             Q35,
             "<filesystem type='mount'><source dir='/srv'/><target dir='x'/><readonly/></filesystem>") },
  { "folder-permissions", "devices/filesystem/@fmode",
    DEVICE ("<filesystem type='mount' accessmode='passthrough' fmode='0644'><source dir='/srv'/><target "
            "dir='x'/></filesystem>"),
    DEVICE ("<filesystem type='mount' accessmode='mapped' fmode='0644'><source dir='/srv'/><target "
            "dir='x'/></filesystem>") },
  { "folder-permissions", "devices/filesystem/@dmode",
    DEVICE ("<filesystem type='mount' accessmode='passthrough' dmode='0755'><source dir='/srv'/><target "
            "dir='x'/></filesystem>"),
    DEVICE ("<filesystem type='mount' accessmode='mapped' dmode='0755'><source dir='/srv'/><target "
            "dir='x'/></filesystem>") },
  { "shmem-doorbell", "devices/shmem/server/@path",
    DEVICE ("<shmem name='s'><model type='ivshmem-plain'/><server path='/tmp/s'/></shmem>"),
    DEVICE ("<shmem name='s'><model type='ivshmem-doorbell'/><server path='/tmp/s'/></shmem>") },
  { "shmem-server-missing", "devices/shmem/server/@path",
    DEVICE ("<shmem name='s'><model type='ivshmem-doorbell'/></shmem>"),
    DEVICE ("<shmem name='s'><model type='ivshmem-doorbell'/><server path='/tmp/s'/></shmem>") },
  { "iommu-extended", "devices/iommu/driver/@eim",
    MACHINE ("<features><ioapic driver='qemu'/></features>",
             Q35,
             "<iommu model='intel'><driver eim='on' intremap='off'/></iommu>"),
    MACHINE ("<features><ioapic driver='qemu'/></features>",
             Q35,
             "<iommu model='intel'><driver eim='on' intremap='on'/></iommu>") },
  { "iommu-intel-only", "devices/iommu/driver/@caching_mode",
    MACHINE ("<features><ioapic driver='qemu'/></features>",
             Q35,
             "<iommu model='virtio'><driver caching_mode='on'/></iommu>"),
    MACHINE ("<features><ioapic driver='qemu'/></features>",
             Q35,
             "<iommu model='intel'><driver caching_mode='on'/></iommu>") },
  { "iommu-intel-only", "devices/iommu/driver/@iotlb",
    MACHINE ("<features><ioapic driver='qemu'/></features>", Q35, "<iommu model='virtio'><driver iotlb='on'/></iommu>"),
    MACHINE ("<features><ioapic driver='qemu'/></features>",
             Q35,
             "<iommu model='intel'><driver iotlb='on'/></iommu>") },
  { "iommu-intel-only", "devices/iommu/driver/@aw_bits",
    MACHINE ("<features><ioapic driver='qemu'/></features>",
             Q35,
             "<iommu model='virtio'><driver aw_bits='48'/></iommu>"),
    MACHINE ("<features><ioapic driver='qemu'/></features>",
             Q35,
             "<iommu model='intel'><driver aw_bits='48'/></iommu>") },
  { "controller-virtio-scsi", "devices/controller/driver/@queues",
    DEVICE ("<controller type='scsi' index='0' model='lsilogic'><driver queues='2'/></controller>"),
    DEVICE ("<controller type='scsi' index='0' model='virtio-scsi'><driver queues='2'/></controller>") },
  { "controller-virtio-scsi", "devices/controller/driver/@cmd_per_lun",
    DEVICE ("<controller type='scsi' index='0' model='lsilogic'><driver cmd_per_lun='8'/></controller>"),
    DEVICE ("<controller type='scsi' index='0' model='virtio-scsi'><driver cmd_per_lun='8'/></controller>") },
  { "controller-virtio-scsi", "devices/controller/driver/@max_sectors",
    DEVICE ("<controller type='scsi' index='0' model='lsilogic'><driver max_sectors='512'/></controller>"),
    DEVICE ("<controller type='scsi' index='0' model='virtio-scsi'><driver max_sectors='512'/></controller>") },
  { "controller-virtio-scsi", "devices/controller/driver/@ioeventfd",
    DEVICE ("<controller type='scsi' index='0' model='lsilogic'><driver ioeventfd='on'/></controller>"),
    DEVICE ("<controller type='scsi' index='0' model='virtio-scsi'><driver ioeventfd='on'/></controller>") },
  { "port-file-missing", "devices/serial/source/@path", DEVICE ("<serial type='file'></serial>"),
    DEVICE ("<serial type='file'><source path='/tmp/x'/></serial>") },
  { "port-file-missing", "devices/parallel/source/@path", DEVICE ("<parallel type='file'></parallel>"),
    DEVICE ("<parallel type='file'><source path='/tmp/x'/></parallel>") },
  { "port-file-missing", "devices/console/source/@path",
    DEVICE ("<console type='file'><target type='virtio'/></console>"),
    DEVICE ("<console type='file'><source path='/tmp/x'/><target type='virtio'/></console>") },
  { "port-file-missing", "devices/channel/source/@path",
    DEVICE ("<channel type='file'><target type='virtio' name='x'/></channel>"),
    DEVICE ("<channel type='file'><source path='/tmp/x'/><target type='virtio' name='x'/></channel>") },
  { "module-room", "devices/memory/@model",
    MACHINE ("<cpu><numa><cell id='0' cpus='0' memory='524288' unit='KiB'/></numa></cpu>",
             Q35,
             "<memory model='dimm'><target><size unit='MiB'>256</size><node>0</node></target></memory>"),
    MACHINE ("<maxMemory slots='4' unit='MiB'>4096</maxMemory><cpu><numa><cell id='0' cpus='0' memory='524288' "
             "unit='KiB'/></numa></cpu>",
             Q35,
             "<memory model='dimm'><target><size unit='MiB'>256</size><node>0</node></target></memory>") },
  { "dirty-ring-size", "features/kvm/dirty-ring/@size",
    HEAD ("<features><kvm><dirty-ring state='on'/></kvm></features>"),
    HEAD ("<features><kvm><dirty-ring state='on' size='4096'/></kvm></features>") },

  { "cpu-migratable-mode", "cpu/@migratable",
    CPU ("mode='custom' match='exact' migratable='off'", "<model>qemu64</model>"),
    CPU ("mode='maximum' migratable='off'", "") },
  { "cpu-cache-level", "cpu/cache/@level", CPU ("mode='maximum'", "<cache mode='emulate'/>"),
    CPU ("mode='maximum'", "<cache mode='emulate' level='3'/>") },
  { "cpu-cache-level", "cpu/cache/@level", CPU ("mode='maximum'", "<cache mode='passthrough' level='3'/>"),
    CPU ("mode='maximum'", "<cache mode='passthrough'/>") },
  { "cpu-cache-mode", "cpu/cache/@mode", CPU ("mode='custom'", "<model>qemu64</model><cache mode='passthrough'/>"),
    CPU ("mode='custom'", "<model>qemu64</model><cache mode='disable'/>") },
  { "cpu-feature-model", "cpu/model", HEAD ("<cpu><feature policy='require' name='aes'/></cpu>"),
    CPU ("mode='maximum'", "<feature policy='require' name='aes'/>") },
  { "cpu-feature-twice", "cpu/feature[2]",
    CPU ("mode='maximum'", "<feature policy='require' name='aes'/><feature policy='disable' name='aes'/>"),
    CPU ("mode='maximum'", "<feature policy='require' name='aes'/><feature policy='disable' name='avx'/>") },
  { "cpu-address-width", "cpu/maxphysaddr/@bits", CPU ("mode='maximum'", "<maxphysaddr mode='emulate'/>"),
    CPU ("mode='maximum'", "<maxphysaddr mode='emulate' bits='40'/>") },
  { "cpu-address-width", "cpu/maxphysaddr/@bits",
    CPU ("mode='host-passthrough'", "<maxphysaddr mode='passthrough' bits='40'/>"),
    CPU ("mode='host-passthrough'", "<maxphysaddr mode='passthrough'/>") },
  { "topology-mismatch", "cpu/topology/@cores",
    HEAD ("<vcpu>3</vcpu><cpu><topology sockets='1' cores='2' threads='1'/></cpu>"),
    HEAD ("<vcpu>2</vcpu><cpu><topology sockets='1' cores='2' threads='1'/></cpu>") },
  { "vcpu-current-over-maximum", "vcpu/@current", HEAD ("<vcpu current='3'>2</vcpu>"),
    HEAD ("<vcpu current='1'>2</vcpu>") },
  { "numa-nodes-missing", "numatune/memory/@nodeset", HEAD ("<numatune><memory mode='strict'/></numatune>"),
    HEAD ("<numatune><memory mode='strict' nodeset='0'/></numatune>") },
  { "memory-modules-numa", "maxMemory", HEAD ("<maxMemory unit='GiB' slots='4'>4</maxMemory>"),
    HEAD ("<maxMemory unit='GiB' slots='4'>4</maxMemory><cpu><numa><cell id='0' cpus='0' memory='512' unit='MiB'/>"
          "</numa></cpu>") },
  { "memory-slots-missing", "maxMemory/@slots", HEAD ("<maxMemory unit='GiB'>4</maxMemory>"),
    HEAD ("<maxMemory unit='GiB' slots='4'>4</maxMemory><cpu><numa><cell id='0' cpus='0' memory='512' unit='MiB'/>"
          "</numa></cpu>") },
  { "hyperv-spinlocks", "features/hyperv/spinlocks/@retries",
    HEAD ("<features><hyperv><spinlocks state='on'/></hyperv></features>"),
    HEAD ("<features><hyperv><spinlocks state='on' retries='8191'/></hyperv></features>") },
  { "hyperv-vendor", "features/hyperv/vendor_id/@value",
    HEAD ("<features><hyperv><vendor_id state='on'/></hyperv></features>"),
    HEAD ("<features><hyperv><vendor_id state='on' value='someone'/></hyperv></features>") },
  { "clock-zone-missing", "clock/@timezone", CLOCK ("offset='timezone'", ""),
    CLOCK ("offset='timezone' timezone='Europe/Paris'", "") },
  { "clock-start-missing", "clock/@start", CLOCK ("offset='absolute'", ""), CLOCK ("offset='absolute' start='0'", "") },
  { "timer-policy", "clock/timer[@name='rtc']/@tickpolicy",
    CLOCK ("offset='utc'", "<timer name='pit' tickpolicy='discard'/><timer name='rtc' tickpolicy='discard'/>"),
    CLOCK ("offset='utc'", "<timer name='pit' tickpolicy='delay'/><timer name='rtc' tickpolicy='catchup'/>") },
  { "timer-policy", "clock/timer[@name='pit']/@tickpolicy",
    CLOCK ("offset='utc'", "<timer name='pit' tickpolicy='merge'/>"),
    CLOCK ("offset='utc'", "<timer name='pit' tickpolicy='discard'/>") },
  { "action-unknown", "on_poweroff", HEAD ("<on_poweroff>preserve</on_poweroff>"),
    HEAD ("<on_poweroff>destroy</on_poweroff>") },
  { "action-unknown", "on_reboot", HEAD ("<on_reboot>rename-restart</on_reboot>"),
    HEAD ("<on_reboot>restart</on_reboot>") },
  { "action-unknown", "on_crash", HEAD ("<on_crash>rename-restart</on_crash>"),
    HEAD ("<on_crash>preserve</on_crash>") },
  { "actions-crossed", "on_poweroff", HEAD ("<on_poweroff>restart</on_poweroff><on_reboot>destroy</on_reboot>"),
    HEAD ("<on_poweroff>restart</on_poweroff><on_reboot>restart</on_reboot>") },

  { "uefi-needs-acpi", "features/acpi", MACHINE ("", UEFI (""), ""), MACHINE (ACPI, UEFI (""), "") },
  { "nvram-without-uefi", "os/nvram", MACHINE ("", OS ("<nvram>/b</nvram>"), ""),
    MACHINE (ACPI, UEFI ("<nvram>/b</nvram>"), "") },
  { "nvram-stateless", "os/nvram",
    MACHINE (ACPI, OS ("<loader readonly='yes' type='pflash' stateless='yes'>/a</loader><nvram>/b</nvram>"), ""),
    MACHINE (ACPI, OS ("<loader readonly='yes' type='pflash'>/a</loader><nvram>/b</nvram>"), "") },
  { "keys-without-secure-boot", "os/firmware/feature[@name='enrolled-keys']/@enabled",
    MACHINE (ACPI,
             UEFI ("<firmware><feature enabled='yes' name='enrolled-keys'/><feature enabled='no' name='secure-boot'/>"
                   "</firmware>"),
             ""),
    MACHINE (ACPI,
             UEFI ("<firmware><feature enabled='no' name='enrolled-keys'/><feature enabled='no' name='secure-boot'/>"
                   "</firmware>"),
             "") },
  { "bios-serial-missing", "os/bios/@useserial", MACHINE ("", OS ("<bios useserial='yes'/>"), ""),
    MACHINE ("", OS ("<bios useserial='yes'/>"), "<serial type='pty'/>") },
};

/* libvirt defines these and QEMU refuses them at start. */
static const struct
{
  const char *code;
  const char *where;
  const char *wrong;
  const char *right;
} late_cases[] = {
  { "kernel-missing", "os/initrd", MACHINE ("", OS ("<initrd>/b</initrd>"), ""),
    MACHINE ("", OS ("<kernel>/a</kernel><initrd>/b</initrd>"), "") },
  { "kernel-missing", "os/cmdline", MACHINE ("", OS ("<cmdline>quiet</cmdline>"), ""),
    MACHINE ("", OS ("<kernel>/a</kernel><cmdline>quiet</cmdline>"), "") },
};

static ValiseEditSession *
open_session (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) document = valise_document_new (text, -1, "config.xml", &error);
  g_autoptr (ValiseCapabilities) capabilities =
      valise_capabilities_new (NULL, NULL, 8, G_GUINT64_CONSTANT (1) << 34, NULL);

  g_assert_no_error (error);
  return valise_edit_session_new (document, capabilities, NULL);
}

static const ValiseFinding *
find (ValiseEditSession *session, const char *code)
{
  GPtrArray *findings = valise_edit_session_get_findings (session);

  for (guint i = 0; i < findings->len; i++)
    if (g_str_equal (((ValiseFinding *) findings->pdata[i])->code, code))
      return findings->pdata[i];
  return NULL;
}

static void
check_wrong (const char *code, const char *where, const char *text)
{
  g_autoptr (ValiseEditSession) session = open_session (text);
  const ValiseFinding *finding = find (session, code);
  g_autoptr (ValiseFinding) copy = NULL;

  if (finding == NULL)
    g_error ("no %s in %s", code, text);
  g_assert_cmpstr (finding->where, ==, where);
  g_assert_cmpint (finding->severity, ==, VALISE_SEVERITY_ERROR);
  if (finding->fix_knob == NULL)
    return;
  /* one click mends it */
  copy = valise_finding_copy (finding);
  if (copy->fix_value != NULL)
    g_assert_true (valise_edit_session_set (session, copy->fix_knob, copy->fix_value, NULL));
  else
    g_assert_true (valise_edit_session_unset (session, copy->fix_knob, NULL));
  if (find (session, code) != NULL)
    g_error ("%s = %s does not mend %s in %s", copy->fix_knob, copy->fix_value, code, text);
}

/* Nothing at all is wrong with what is right but that files are not there. */
static void
check_right (const char *code, const char *text)
{
  g_autoptr (ValiseEditSession) session = open_session (text);
  GPtrArray *findings = valise_edit_session_get_findings (session);

  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = findings->pdata[i];

      if (finding->severity == VALISE_SEVERITY_ERROR && !g_str_equal (finding->code, "video-3d-needs-opengl"))
        g_error ("%s (%s) in %s", finding->code, finding->text, text);
    }
}

static void
test_wrong (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_wrong (cases[i].code, cases[i].where, cases[i].wrong);
  for (guint i = 0; i < G_N_ELEMENTS (late_cases); i++)
    check_wrong (late_cases[i].code, late_cases[i].where, late_cases[i].wrong);
}

static void
test_right (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_right (cases[i].code, cases[i].right);
  for (guint i = 0; i < G_N_ELEMENTS (late_cases); i++)
    check_right (late_cases[i].code, late_cases[i].right);
}

/* --- the same asked of libvirt itself --- */

static void
write_text (const char *directory, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static char *
make_root (void)
{
  g_autoptr (GError) error = NULL;
  char *root = g_dir_make_tmp ("vfXXXXXX", &error);
  g_autofree char *etc = NULL;

  g_assert_no_error (error);
  etc = g_build_filename (root, "etc", NULL);
  g_assert_cmpint (g_mkdir (etc, 0700), ==, 0);
  write_text (etc, "qemu.conf",
              "stdio_handler = \"file\"\nuser = \"root\"\ngroup = \"root\"\nsecurity_driver = \"none\"\n"
              "remember_owner = 0\nnamespaces = []\ncgroup_controllers = []\n");
  return root;
}

/* All definitions in one virsh, because opening the driver takes seconds. Before "caseN," stands a UUID when it took
 * the machine. */
static char *
define_all (const char *root)
{
  g_autoptr (GString) script = g_string_new (NULL);
  g_autofree char *uri = g_strdup_printf ("qemu:///embed?root=%s", root);
  const char *argv[] = { "virsh", "-q", "-c", uri, NULL, NULL };
  g_autoptr (GError) error = NULL;
  char *output = NULL;

  for (guint i = 0; i < 2 * G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("case%u.xml", i);

      write_text (root, name, i % 2 == 0 ? cases[i / 2].wrong : cases[i / 2].right);
      g_string_append_printf (script, "define %s/%s; domuuid t; echo case%u,; undefine t --nvram; ", root, name, i);
    }
  argv[4] = script->str;
  if (!valise_process_run (argv, NULL, NULL, &output, NULL, &error)
      && g_error_matches (error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_MISSING))
    g_test_skip ("virsh is not installed (package libvirt-clients)");
  return output;
}

static gboolean
is_taken (const char **output, guint number)
{
  g_autofree char *marker = g_strdup_printf ("case%u,", number);
  const char *found = strstr (*output, marker);
  g_autofree char *said = found != NULL ? g_strndup (*output, found - *output) : NULL;

  if (found == NULL)
    g_error ("virsh stopped before %s: %s", marker, *output);
  *output = found + strlen (marker);
  return g_regex_match_simple ("[0-9a-f]{8}-[0-9a-f]{4}-", said, 0, 0);
}

static void
test_libvirt (void)
{
  g_autofree char *root = make_root ();
  g_autofree char *output = define_all (root);
  const char *rest = output;
  guint wrong = 0;

  for (guint i = 0; output != NULL && i < 2 * G_N_ELEMENTS (cases); i++)
    if (is_taken (&rest, i) != (i % 2 == 1 || cases[i / 2].at_start))
      {
        wrong++;
        g_test_message ("%s: libvirt %s %s", cases[i / 2].code, i % 2 == 1 ? "refuses" : "takes",
                        i % 2 == 1 ? cases[i / 2].right : cases[i / 2].wrong);
      }
  valise_directory_remove (root, NULL);
  g_assert_cmpuint (wrong, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/rules-fit/wrong", test_wrong);
  g_test_add_func ("/model/rules-fit/right", test_right);
  g_test_add_func ("/model/rules-fit/libvirt", test_libvirt);
  return g_test_run ();
}
