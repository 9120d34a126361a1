/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-whitelist-private.h"

#include <gio/gio.h>
#include <string.h>

/* The whitelist. What is not in this table does not reach libvirt without a grant.
 *
 * A path is an element below <domain>; "*" stands for one element of any name. A rule says which values are harmless:
 *
 *   #       decimal number           -#     the same, with a sign          &      number, decimal or 0x...
 *   %       word: letters, digits and _ . + -                              ~      CPU or node list: 0-3,^2
 *   $       a line of text, 256 bytes                                      $$     4096 bytes
 *   :mac    :uuid   :zone   :ip   :machine                                  :path  file, harmless inside the bundle
 *   !       dropped: decided by this host, or left over from a run         a|b    one of these words
 *
 * An empty text rule is an element that holds only elements. */
typedef struct
{
  const char *path;
  const char *text;
  const char *attributes; /* name=rule, separated by spaces */
} Row;

#define VIRTIO "iommu=on|off ats=on|off packed=on|off page_per_vq=on|off"
#define ON "state=on|off"
#define UNIT "unit=%"
#define AUDIO_SIDE "mixingEngine=yes|no fixedSettings=yes|no voices=# bufferLength=#"

static const Row rows[] = {
  /* --- what the machine is --- */
  { "metadata", "!", "" },
  { "name", "!", "" },
  { "uuid", "!", "" },
  { "title", "!", "" },
  { "description", "!", "" },
  { "genid", ":uuid", "" },
  { "on_poweroff", "destroy|restart|preserve|rename-restart", "" },
  { "on_reboot", "destroy|restart|preserve|rename-restart", "" },
  { "on_crash", "destroy|restart|preserve|rename-restart", "" },
  { "pm", "", "" },
  { "pm/suspend-to-mem", "", "enabled=yes|no" },
  { "pm/suspend-to-disk", "", "enabled=yes|no" },
  { "clock", "",
    "offset=utc|localtime|timezone|variable|absolute timezone=:zone adjustment=-#|reset basis=utc|localtime start=#" },
  { "clock/timer", "",
    "name=% present=yes|no tickpolicy=delay|catchup|merge|discard track=boot|guest|wall|realtime frequency=# "
    "mode=auto|native|emulate|paravirt|smpsafe" },
  { "clock/timer/catchup", "", "threshold=# slew=# limit=#" },
  { "sysinfo", "", "type=smbios" },
  { "sysinfo/bios", "", "" },
  { "sysinfo/bios/entry", "$", "name=%" },
  { "sysinfo/system", "", "" },
  { "sysinfo/system/entry", "$", "name=%" },
  { "sysinfo/baseBoard", "", "" },
  { "sysinfo/baseBoard/entry", "$", "name=%" },
  { "sysinfo/chassis", "", "" },
  { "sysinfo/chassis/entry", "$", "name=%" },
  { "sysinfo/oemStrings", "", "" },
  { "sysinfo/oemStrings/entry", "$", "" },

  /* --- memory --- */
  { "memory", "#", UNIT " dumpCore=on|off" },
  { "currentMemory", "#", UNIT },
  { "maxMemory", "#", UNIT " slots=#" },
  { "memtune", "", "" },
  { "memtune/hard_limit", "#", UNIT },
  { "memtune/soft_limit", "#", UNIT },
  { "memtune/min_guarantee", "#", UNIT },
  { "memtune/swap_hard_limit", "#", UNIT },
  { "memoryBacking", "", "" },
  { "memoryBacking/hugepages", "", "" },
  { "memoryBacking/hugepages/page", "", "size=# " UNIT " nodeset=~" },
  { "memoryBacking/nosharepages", "", "" },
  { "memoryBacking/locked", "", "" },
  { "memoryBacking/source", "", "type=anonymous|memfd|file" },
  { "memoryBacking/access", "", "mode=shared|private" },
  { "memoryBacking/allocation", "", "mode=immediate|ondemand threads=#" },
  { "memoryBacking/discard", "", "" },
  { "numatune", "", "" },
  { "numatune/memory", "", "mode=strict|preferred|interleave|restrictive nodeset=~ placement=static|auto" },
  { "numatune/memnode", "", "cellid=# mode=strict|preferred|interleave|restrictive nodeset=~" },

  /* --- processor --- */
  { "vcpu", "#", "placement=static|auto cpuset=~ current=#" },
  { "vcpus", "", "" },
  { "vcpus/vcpu", "", "id=# enabled=yes|no hotpluggable=yes|no order=#" },
  { "iothreads", "#", "" },
  { "iothreadids", "", "" },
  { "iothreadids/iothread", "", "id=# thread_pool_min=# thread_pool_max=#" },
  { "defaultiothread", "", "thread_pool_min=# thread_pool_max=#" },
  { "cputune", "", "" },
  { "cputune/shares", "#", "" },
  { "cputune/period", "#", "" },
  { "cputune/quota", "-#", "" },
  { "cputune/global_period", "#", "" },
  { "cputune/global_quota", "-#", "" },
  { "cputune/emulator_period", "#", "" },
  { "cputune/emulator_quota", "-#", "" },
  { "cputune/iothread_period", "#", "" },
  { "cputune/iothread_quota", "-#", "" },
  { "cputune/vcpupin", "", "vcpu=# cpuset=~" },
  { "cputune/emulatorpin", "", "cpuset=~" },
  { "cputune/iothreadpin", "", "iothread=# cpuset=~" },
  { "cpu", "",
    "mode=custom|host-model|host-passthrough|maximum match=minimum|exact|strict check=none|partial|full "
    "migratable=on|off" },
  { "cpu/model", "%", "fallback=allow|forbid vendor_id=%" },
  { "cpu/vendor", "%", "" },
  { "cpu/topology", "", "sockets=# dies=# cores=# threads=#" },
  { "cpu/cache", "", "level=# mode=emulate|passthrough|disable" },
  { "cpu/maxphysaddr", "", "mode=emulate|passthrough bits=# limit=#" },
  { "cpu/feature", "", "name=% policy=force|require|optional|disable|forbid" },
  { "cpu/numa", "", "" },
  { "cpu/numa/cell", "", "id=# cpus=~ memory=# " UNIT " memAccess=shared|private discard=yes|no" },
  { "cpu/numa/cell/distances", "", "" },
  { "cpu/numa/cell/distances/sibling", "", "id=# value=#" },
  { "cpu/numa/cell/cache", "", "level=# associativity=none|direct|full policy=none|writeback|writethrough" },
  { "cpu/numa/cell/cache/size", "", "value=# " UNIT },
  { "cpu/numa/cell/cache/line", "", "value=# " UNIT },
  { "cpu/numa/interconnects", "", "" },
  { "cpu/numa/interconnects/latency", "", "initiator=# target=# cache=# type=access|read|write value=#" },
  { "cpu/numa/interconnects/bandwidth", "", "initiator=# target=# type=access|read|write value=# " UNIT },

  /* --- features: switches of the emulated hardware, none of which names anything outside it --- */
  { "features", "", "" },
  { "features/acpi", "", "" },
  { "features/apic", "", "eoi=on|off" },
  { "features/async-teardown", "", "enabled=yes|no" },
  { "features/ccf-assist", "", ON },
  { "features/cfpc", "", "value=broken|workaround|fixed" },
  { "features/gic", "", "version=2|3|host" },
  { "features/hap", "", ON },
  { "features/hpt", "", "resizing=enabled|disabled|required" },
  { "features/hpt/maxpagesize", "#", UNIT },
  { "features/htm", "", ON },
  { "features/hyperv", "", "mode=custom|passthrough" },
  { "features/hyperv/*", "", ON " retries=# value=%" },
  { "features/hyperv/stimer/direct", "", ON },
  { "features/ibs", "", "value=broken|workaround|fixed-ibs|fixed-ccd|fixed-na" },
  { "features/ioapic", "", "driver=kvm|qemu" },
  { "features/kvm", "", "" },
  { "features/kvm/*", "", ON " size=#" },
  { "features/msrs", "", "unknown=ignore|fault" },
  { "features/nested-hv", "", ON },
  { "features/pae", "", "" },
  { "features/pmu", "", ON },
  { "features/privnet", "", "" },
  { "features/pvspinlock", "", ON },
  { "features/sbbc", "", "value=broken|workaround|fixed" },
  { "features/smm", "", ON },
  { "features/smm/tseg", "#", UNIT },
  { "features/tcg", "", "" },
  { "features/tcg/tb-cache", "#", UNIT },
  { "features/viridian", "", "" },
  { "features/vmcoreinfo", "", ON },
  { "features/vmport", "", ON },

  /* --- boot --- */
  { "os", "", "firmware=!" },
  { "os/type", "hvm", "arch=% machine=:machine" },
  { "os/firmware", "!", "" },
  { "os/kernel", ":path", "" },
  { "os/initrd", ":path", "" },
  { "os/dtb", ":path", "" },
  { "os/cmdline", "$$", "" },
  { "os/acpi", "", "" },
  { "os/acpi/table", ":path", "type=slic|raw|rawset" },
  { "os/boot", "", "dev=hd|cdrom|network|fd" },
  { "os/bootmenu", "", "enable=yes|no timeout=#" },
  { "os/bios", "", "useserial=yes|no rebootTimeout=-#" },
  { "os/smbios", "", "mode=emulate|sysinfo" },

  /* --- devices --- */
  { "devices", "", "" },
  { "devices/*/alias", "", "name=%" },
  { "devices/*/boot", "", "order=# loadparm=%" },
  { "devices/*/acpi", "", "index=# nodeset=~" },
  { "devices/*/address", "",
    "type=pci|drive|usb|virtio-serial|ccid|isa|dimm|spapr-vio|ccw|virtio-mmio domain=& bus=& slot=& function=& "
    "multifunction=on|off controller=# target=# unit=# port=% base=& iobase=& irq=& slot=& cssid=& ssid=& devno=& "
    "reg=&" },
  { "devices/*/rom", "", "bar=on|off enabled=yes|no" },

  { "devices/disk", "",
    "type=file device=disk|cdrom|floppy model=virtio|virtio-transitional|virtio-non-transitional "
    "snapshot=no|internal|external|manual" },
  { "devices/disk/source", "", "file=:path startupPolicy=! index=!" },
  { "devices/disk/driver", "",
    "name=qemu type=raw|qcow2 cache=default|none|writethrough|writeback|directsync|unsafe "
    "error_policy=stop|report|ignore|enospace rerror_policy=stop|report|ignore io=threads|native|io_uring "
    "ioeventfd=on|off "
    "event_idx=on|off copy_on_read=on|off discard=unmap|ignore detect_zeroes=off|on|unmap iothread=# queues=# "
    "queue_size=# discard_no_unref=on|off " VIRTIO },
  { "devices/disk/driver/metadata_cache", "", "" },
  { "devices/disk/driver/metadata_cache/max_size", "#", UNIT },
  { "devices/disk/target", "",
    "dev=% bus=virtio|sata|scsi|usb|ide|fdc|sd tray=open|closed removable=on|off rotation_rate=#" },
  { "devices/disk/readonly", "", "" },
  { "devices/disk/shareable", "", "" },
  { "devices/disk/transient", "", "shareBacking=yes|no" },
  { "devices/disk/serial", "%", "" },
  { "devices/disk/wwn", "%", "" },
  { "devices/disk/vendor", "$", "" },
  { "devices/disk/product", "$", "" },
  { "devices/disk/geometry", "", "cyls=# heads=# secs=# trans=auto|none|lba" },
  { "devices/disk/blockio", "", "logical_block_size=# physical_block_size=#" },
  { "devices/disk/iotune", "", "" },
  { "devices/disk/iotune/*", "%", "" },

  { "devices/controller", "",
    "type=ide|fdc|scsi|sata|usb|ccid|virtio-serial|pci|isa index=# model=% ports=# vectors=# maxGrantFrames=# "
    "maxEventChannels=#" },
  { "devices/controller/driver", "", "queues=# cmd_per_lun=# max_sectors=# ioeventfd=on|off iothread=# " VIRTIO },
  { "devices/controller/master", "", "startport=#" },
  { "devices/controller/model", "", "name=%" },
  { "devices/controller/target", "", "chassisNr=# chassis=# port=& busNr=# index=# hotplug=on|off" },
  { "devices/controller/target/node", "#", "" },
  { "devices/controller/pcihole64", "#", UNIT },

  { "devices/interface", "", "type=user|network|null trustGuestRxFilters=yes|no" },
  { "devices/interface/mac", "", "address=:mac type=generated|static check=yes|no" },
  { "devices/interface/source", "", "network=default" },
  { "devices/interface/model", "", "type=%" },
  { "devices/interface/link", "", "state=up|down" },
  { "devices/interface/mtu", "", "size=#" },
  { "devices/interface/ip", "", "address=:ip family=ipv4|ipv6 prefix=#" },
  { "devices/interface/driver", "",
    "name=qemu txmode=iothread|timer ioeventfd=on|off event_idx=on|off queues=# rx_queue_size=# tx_queue_size=# "
    "rss=on|off "
    "rss_hash_report=on|off " VIRTIO },
  { "devices/interface/driver/host", "",
    "csum=on|off gso=on|off tso4=on|off tso6=on|off ecn=on|off ufo=on|off mrg_rxbuf=on|off" },
  { "devices/interface/driver/guest", "", "csum=on|off tso4=on|off tso6=on|off ecn=on|off ufo=on|off" },
  { "devices/interface/bandwidth", "", "" },
  { "devices/interface/bandwidth/inbound", "", "average=# peak=# burst=# floor=#" },
  { "devices/interface/bandwidth/outbound", "", "average=# peak=# burst=# floor=#" },
  { "devices/interface/port", "", "isolated=yes|no" },

  { "devices/input", "",
    "type=tablet|mouse|keyboard bus=usb|ps2|virtio model=virtio|virtio-transitional|virtio-non-transitional" },
  { "devices/input/driver", "", VIRTIO },
  { "devices/video", "", "" },
  { "devices/video/driver", "", "name=qemu vgaconf=io|on|off " VIRTIO },
  { "devices/video/model", "",
    "type=vga|virtio|qxl|bochs|cirrus|vmvga|ramfb|none vram=# vram64=# ram=# vgamem=# heads=# primary=yes|no "
    "blob=on|off" },
  { "devices/video/model/acceleration", "", "accel2d=yes|no accel3d=no" },
  { "devices/video/model/resolution", "", "x=# y=#" },
  { "devices/sound", "", "model=% multichannel=yes|no" },
  { "devices/sound/audio", "", "id=#" },
  { "devices/sound/codec", "", "type=duplex|micro|output" },
  { "devices/audio", "", "id=# type=none timerPeriod=#" },
  { "devices/audio/input", "", AUDIO_SIDE },
  { "devices/audio/input/settings", "", "frequency=# channels=# format=%" },
  { "devices/audio/output", "", AUDIO_SIDE },
  { "devices/audio/output/settings", "", "frequency=# channels=# format=%" },
  { "devices/hub", "", "type=usb" },
  { "devices/iommu", "", "model=intel|smmuv3|virtio" },
  { "devices/iommu/driver", "", "intremap=on|off caching_mode=on|off eim=on|off iotlb=on|off aw_bits=# " VIRTIO },
  { "devices/memballoon", "",
    "model=virtio|virtio-transitional|virtio-non-transitional|none autodeflate=on|off freePageReporting=on|off" },
  { "devices/memballoon/driver", "", VIRTIO },
  { "devices/memballoon/stats", "", "period=#" },
  { "devices/memory", "", "model=dimm|virtio-mem access=shared|private discard=yes|no" },
  { "devices/memory/source", "", "" },
  { "devices/memory/source/pagesize", "#", UNIT },
  { "devices/memory/source/nodemask", "~", "" },
  { "devices/memory/target", "", "" },
  { "devices/memory/target/size", "#", UNIT },
  { "devices/memory/target/node", "#", "" },
  { "devices/memory/target/block", "#", UNIT },
  { "devices/memory/target/requested", "#", UNIT },
  { "devices/memory/target/current", "!", "" },
  { "devices/panic", "", "model=%" },
  { "devices/rng", "", "model=virtio|virtio-transitional|virtio-non-transitional" },
  { "devices/rng/rate", "", "bytes=# period=#" },
  { "devices/rng/backend", "/dev/urandom|/dev/random", "model=random|builtin" },
  { "devices/rng/driver", "", VIRTIO },
  { "devices/tpm", "", "model=tpm-tis|tpm-crb" },
  { "devices/tpm/backend", "", "type=emulator version=1.2|2.0 persistent_state=! debug=!" },
  { "devices/tpm/backend/active_pcr_banks", "", "" },
  { "devices/tpm/backend/active_pcr_banks/*", "", "" },
  { "devices/watchdog", "", "model=% action=reset|shutdown|poweroff|pause|none|inject-nmi" },

  /* Ports that end in a terminal of libvirt's, in nothing, or in a socket of libvirt's own choosing. */
  { "devices/serial", "", "type=pty|null" },
  { "devices/serial/source", "", "path=! mode=bind" },
  { "devices/serial/target", "", "type=% port=#" },
  { "devices/serial/target/model", "", "name=%" },
  { "devices/console", "", "type=pty|null tty=!" },
  { "devices/console/source", "", "path=! mode=bind" },
  { "devices/console/target", "", "type=% port=#" },
  { "devices/parallel", "", "type=pty|null" },
  { "devices/parallel/source", "", "path=! mode=bind" },
  { "devices/parallel/target", "", "type=% port=#" },
  { "devices/channel", "", "type=unix|pty|null" },
  { "devices/channel/source", "", "mode=bind" },
  { "devices/channel/target", "", "type=virtio name=% state=!" },
};

/* --- rules --- */

static gboolean
only (const char *value, const char *characters, gsize most)
{
  gsize length = strlen (value);

  return length > 0 && length <= most && strspn (value, characters) == length;
}

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static gboolean
is_number (const char *value)
{
  return only (value, DIGITS, 20);
}

static gboolean
is_signed (const char *value)
{
  return is_number (*value == '-' ? value + 1 : value);
}

static gboolean
is_any_number (const char *value)
{
  return g_str_has_prefix (value, "0x") ? only (value + 2, DIGITS "abcdefABCDEF", 16) : is_number (value);
}

static gboolean
is_word (const char *value)
{
  return only (value, LETTERS DIGITS "_.+-", 80) && *value != '-' && *value != '.';
}

static gboolean
is_cpu_list (const char *value)
{
  return only (value, DIGITS ",^-", 1024);
}

static gboolean
is_line (const char *value, gsize most)
{
  if (strlen (value) > most || !g_utf8_validate (value, -1, NULL))
    return FALSE;
  for (const char *c = value; *c != '\0'; c++)
    if ((guchar) *c < 0x20 || *c == 0x7f)
      return FALSE;
  return TRUE;
}

static gboolean
is_mac (const char *value)
{
  if (strlen (value) != 17)
    return FALSE;
  for (guint i = 0; i < 17; i++)
    if (i % 3 == 2 ? value[i] != ':' : !g_ascii_isxdigit (value[i]))
      return FALSE;
  return TRUE;
}

static gboolean
is_address (const char *value)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (value);

  return address != NULL;
}

/* x-remote and its like are no machines but parts of others. */
static gboolean
is_machine (const char *value)
{
  return is_word (value) && !g_str_has_prefix (value, "x-") && !g_str_equal (value, "none");
}

static gboolean
is_one_of (const char *value, const char *words)
{
  gsize length = strlen (value);

  for (const char *word = words; word != NULL; word = strchr (word, '|'))
    {
      word += *word == '|';
      if (strcspn (word, "|") == length && strncmp (word, value, length) == 0)
        return TRUE;
      if (g_str_has_prefix (word, "-#") && is_signed (value))
        return TRUE;
    }
  return FALSE;
}

static gboolean
value_is_harmless (const char *rule, const char *value)
{
  if (g_str_equal (rule, "#"))
    return is_number (value);
  if (g_str_equal (rule, "&"))
    return is_any_number (value);
  if (g_str_equal (rule, "%"))
    return is_word (value);
  if (g_str_equal (rule, "~"))
    return is_cpu_list (value);
  if (g_str_equal (rule, "$"))
    return is_line (value, 256);
  if (g_str_equal (rule, "$$"))
    return is_line (value, 4096);
  if (g_str_equal (rule, ":mac"))
    return is_mac (value);
  if (g_str_equal (rule, ":uuid"))
    return *value == '\0' || g_uuid_string_is_valid (value);
  if (g_str_equal (rule, ":zone"))
    return only (value, LETTERS DIGITS "_+-/", 64) && *value != '/' && strstr (value, "//") == NULL;
  if (g_str_equal (rule, ":ip"))
    return is_address (value);
  if (g_str_equal (rule, ":machine"))
    return is_machine (value);
  return is_one_of (value, rule);
}

static ValiseVerdict
judge (const char *rule, const char *value)
{
  if (g_str_equal (rule, "!"))
    return VALISE_VERDICT_DROP;
  if (g_str_equal (rule, ":path"))
    return VALISE_VERDICT_PATH;
  return value_is_harmless (rule, value) ? VALISE_VERDICT_PASS : VALISE_VERDICT_ASK;
}

/* --- the table --- */

static gboolean
path_matches (const char *pattern, const char *path)
{
  while (*pattern != '\0' && *path != '\0')
    {
      if (*pattern == '*')
        {
          pattern++;
          path += strcspn (path, "/");
        }
      else if (*pattern++ != *path++)
        return FALSE;
    }
  return *pattern == *path;
}

static const Row *
find_row (const char *path)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (path_matches (rows[i].path, path))
      return &rows[i];
  return NULL;
}

/* The rule of attribute @name in "name=rule name=rule", or %NULL. */
static char *
find_rule (const char *attributes, const char *name)
{
  gsize length = strlen (name);

  for (const char *word = attributes; *word != '\0'; word += strcspn (word, " "))
    {
      word += strspn (word, " ");
      if (strncmp (word, name, length) == 0 && word[length] == '=')
        return g_strndup (word + length + 1, strcspn (word + length + 1, " "));
    }
  return NULL;
}

ValiseVerdict
_valise_whitelist_element (const char *path)
{
  const Row *row = find_row (path);

  if (row == NULL)
    return VALISE_VERDICT_ASK;
  return g_str_equal (row->text, "!") ? VALISE_VERDICT_DROP : VALISE_VERDICT_PASS;
}

ValiseVerdict
_valise_whitelist_text (const char *path, const char *text)
{
  const Row *row = find_row (path);

  if (row == NULL)
    return VALISE_VERDICT_ASK;
  if (*text == '\0' && *row->text != ':')
    return VALISE_VERDICT_PASS;
  return judge (row->text, text);
}

ValiseVerdict
_valise_whitelist_attribute (const char *path, const char *name, const char *value)
{
  const Row *row = find_row (path);
  g_autofree char *rule = row != NULL ? find_rule (row->attributes, name) : NULL;

  return rule != NULL ? judge (rule, value) : VALISE_VERDICT_ASK;
}
