/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan as libvirt's XML. Every value in it is ours or was made harmless; none of the source's text reaches it but
 * the name, the kernel's command line and what was granted as it is shown. */
#include "engine/valise-import-plan-private.h"

#include <string.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-bundle.h"

/* Root ports that are left free, so that devices can be added to a running machine. */
#define SPARE_PORTS 4
#define CMDLINE_MOST 4000

G_GNUC_PRINTF (2, 3)
static void
line (GString *text, const char *format, ...)
{
  va_list arguments;
  g_autofree char *escaped = NULL;

  va_start (arguments, format);
  escaped = g_markup_vprintf_escaped (format, arguments);
  va_end (arguments);
  g_string_append (text, escaped);
  g_string_append_c (text, '\n');
}

static void
add (GString *text, const char *lines)
{
  g_string_append (text, lines);
}

static gboolean
has_older_board (const ValiseImportPlan *plan)
{
  return g_str_equal (plan->machine, "pc");
}

/* --- what it is --- */

/* A disk that is to be made states how large. */
static void
write_new_disks (const ValiseImportPlan *plan, GString *text)
{
  for (guint i = 0; i < plan->drives->len; i++)
    {
      const ValiseImportDrive *drive = g_ptr_array_index (plan->drives, i);

      if (drive->empty && drive->source->capacity != 0)
        line (text, "      <valise:disk source='%s.%s' size='%" G_GUINT64_FORMAT "'/>", drive->stem, drive->suffix,
              drive->source->capacity);
    }
}

static void
write_head (const ValiseImportPlan *plan, GString *text)
{
  const char *label = plan->choices->name != NULL ? plan->choices->name : plan->blueprint->name;
  g_autofree char *name = valise_path_name_from_label (label);
  gboolean pc = _valise_import_plan_is_pc (plan);

  line (text, "<domain type='%s'>\n  <name>%s</name>\n  <uuid>%s</uuid>\n  <title>%s</title>", pc ? "kvm" : "qemu",
        name, plan->choices->uuid, label);
  line (text, "  <metadata>\n    <valise:machine xmlns:valise='%s' version='%d' name='%s'", VALISE_METADATA_NAMESPACE,
        VALISE_BUNDLE_VERSION, label);
  if (plan->choices->system != NULL)
    line (text, "      os='%s'", plan->choices->system);
  line (text, "      accel='%s'>", pc ? "auto" : "tcg");
  write_new_disks (plan, text);
  add (text, "    </valise:machine>\n  </metadata>\n");
  line (text, "  <memory unit='KiB'>%" G_GUINT64_FORMAT "</memory>", plan->memory * VALISE_KIB);
  line (text, "  <currentMemory unit='KiB'>%" G_GUINT64_FORMAT "</currentMemory>", plan->memory * VALISE_KIB);
  line (text, "  <vcpu placement='static'>%u</vcpu>", plan->cpus);
}

static void
write_kernel (const ValiseImportPlan *plan, GString *text)
{
  const ValiseBlueprint *blueprint = plan->blueprint;
  g_autofree char *cmdline =
      blueprint->cmdline != NULL ? valise_text_for_display (blueprint->cmdline, CMDLINE_MOST) : NULL;

  if (blueprint->kernel == NULL)
    return;
  add (text, "    <kernel>media/kernel</kernel>\n");
  if (blueprint->initrd != NULL)
    add (text, "    <initrd>media/initrd</initrd>\n");
  if (cmdline != NULL && *cmdline != '\0')
    line (text, "    <cmdline>%s</cmdline>", cmdline);
  if (blueprint->dtb != NULL)
    add (text, "    <dtb>media/dtb</dtb>\n");
}

static void
write_os (const ValiseImportPlan *plan, GString *text)
{
  const char *secure = plan->firmware == VALISE_FIRMWARE_UEFI_SECURE ? "yes" : "no";
  gboolean uefi = plan->firmware != VALISE_FIRMWARE_BIOS;

  add (text, uefi ? "  <os firmware='efi'>\n" : "  <os>\n");
  line (text, "    <type arch='%s' machine='%s'>hvm</type>", plan->arch, plan->machine);
  if (uefi && _valise_import_plan_is_pc (plan))
    line (text,
          "    <firmware>\n      <feature enabled='%s' name='enrolled-keys'/>\n"
          "      <feature enabled='%s' name='secure-boot'/>\n    </firmware>",
          secure, secure);
  if (uefi)
    add (text, "    <nvram>nvram/vars.fd</nvram>\n");
  write_kernel (plan, text);
  add (text, "  </os>\n");
}

static void
write_features (const ValiseImportPlan *plan, GString *text)
{
  gboolean pc = _valise_import_plan_is_pc (plan);

  add (text, "  <features>\n    <acpi/>\n");
  if (pc)
    add (text, "    <apic/>\n");
  if (plan->has_windows && !has_older_board (plan))
    add (text, "    <hyperv mode='custom'>\n      <relaxed state='on'/>\n      <vapic state='on'/>\n"
               "      <spinlocks state='on' retries='8191'/>\n    </hyperv>\n");
  if (pc)
    add (text, "    <vmport state='off'/>\n");
  if (plan->firmware == VALISE_FIRMWARE_UEFI_SECURE)
    add (text, "    <smm state='on'/>\n");
  add (text, "  </features>\n");
}

/* As the source has it, where that divides; Windows at home uses two sockets at most. */
static guint
cores_of (const ValiseImportPlan *plan)
{
  guint cores = plan->blueprint->cores_per_socket;

  if (cores > 0 && plan->cpus % cores == 0)
    return cores;
  return plan->has_windows && plan->cpus > 2 ? plan->cpus : 0;
}

static void
write_cpu (const ValiseImportPlan *plan, GString *text)
{
  guint cores = cores_of (plan);

  if (!_valise_import_plan_is_pc (plan))
    add (text, "  <cpu mode='maximum' check='none'/>\n");
  else if (cores == 0)
    add (text, "  <cpu mode='host-passthrough' check='none' migratable='on'/>\n");
  else
    line (text,
          "  <cpu mode='host-passthrough' check='none' migratable='on'>\n"
          "    <topology sockets='%u' dies='1' cores='%u' threads='1'/>\n  </cpu>",
          plan->cpus / cores, cores);
}

static void
write_clock (const ValiseImportPlan *plan, GString *text)
{
  gboolean local = plan->blueprint->local_time || plan->has_windows;

  line (text, "  <clock offset='%s'>", local ? "localtime" : "utc");
  if (_valise_import_plan_is_pc (plan))
    add (text, "    <timer name='rtc' tickpolicy='catchup'/>\n    <timer name='pit' tickpolicy='delay'/>\n"
               "    <timer name='hpet' present='no'/>\n");
  if (plan->has_windows && !has_older_board (plan))
    add (text, "    <timer name='hypervclock' present='yes'/>\n");
  add (text, "  </clock>\n  <on_poweroff>destroy</on_poweroff>\n  <on_reboot>restart</on_reboot>\n"
             "  <on_crash>destroy</on_crash>\n");
}

/* --- devices --- */

static const char *
device_word (const ValiseImportDrive *drive)
{
  switch (drive->source->device)
    {
    case VALISE_BLUEPRINT_CDROM:
      return "cdrom";
    case VALISE_BLUEPRINT_FLOPPY:
      return "floppy";
    case VALISE_BLUEPRINT_DISK:
    default:
      return "disk";
    }
}

/* QEMU counts the drives of its LSI 53C895A as units, those of all others as targets. */
static void
write_address (const ValiseImportDrive *drive, GString *text)
{
  gboolean units = g_strcmp0 (drive->controller, "lsilogic") == 0;

  if (drive->controller != NULL)
    line (text, "      <address type='drive' controller='%u' bus='0' target='%u' unit='%u'/>", drive->index,
          units ? 0 : drive->unit, units ? drive->unit : 0);
}

static void
write_drive (const ValiseImportDrive *drive, GString *text)
{
  gboolean disk = drive->source->device == VALISE_BLUEPRINT_DISK;

  line (text, "    <disk type='file' device='%s'>", device_word (drive));
  if (disk)
    line (text, "      <driver name='qemu' type='%s' discard='unmap'/>", drive->suffix);
  else
    add (text, "      <driver name='qemu' type='raw'/>\n");
  if (drive->stem != NULL)
    line (text, "      <source file='%s.%s'/>", drive->stem, drive->suffix);
  line (text, "      <target dev='%s' bus='%s'/>", drive->target, drive->bus);
  if (drive->read_only)
    add (text, "      <readonly/>\n");
  if (drive->order > 0)
    line (text, "      <boot order='%u'/>", drive->order);
  write_address (drive, text);
  add (text, "    </disk>\n");
}

static void
write_scsi_controllers (const ValiseImportPlan *plan, GString *text)
{
  guint next = 0;

  for (guint i = 0; i < plan->drives->len; i++)
    {
      const ValiseImportDrive *drive = g_ptr_array_index (plan->drives, i);

      if (drive->controller == NULL || drive->index < next)
        continue;
      line (text, "    <controller type='scsi' index='%u' model='%s'/>", drive->index, drive->controller);
      next = drive->index + 1;
    }
}

static guint
count_ports (const ValiseImportPlan *plan)
{
  guint ports = plan->nics->len + SPARE_PORTS + 4;

  for (guint i = 0; i < plan->drives->len; i++)
    ports += g_str_equal (((ValiseImportDrive *) g_ptr_array_index (plan->drives, i))->bus, "virtio");
  return ports;
}

static void
write_controllers (const ValiseImportPlan *plan, GString *text)
{
  if (has_older_board (plan))
    add (text, "    <controller type='usb' index='0' model='piix3-uhci'/>\n");
  else
    add (text, "    <controller type='usb' index='0' model='qemu-xhci' ports='15'/>\n"
               "    <controller type='pci' index='0' model='pcie-root'/>\n");
  for (guint i = 1; !has_older_board (plan) && i <= count_ports (plan); i++)
    line (text, "    <controller type='pci' index='%u' model='pcie-root-port'/>", i);
  write_scsi_controllers (plan, text);
}

/* Ports of this computer lead to the first card. */
static void
write_nic (const ValiseImportPlan *plan, const ValiseImportNic *nic, gboolean first, GString *text)
{
  const char *network = nic->choice->network;
  gboolean bridge = g_str_equal (network, "bridge");
  gboolean ports = first && !bridge && _valise_import_has_ports (plan);

  line (text, "    <interface type='%s'>\n      <mac address='%s'/>", bridge ? "bridge" : "user", nic->mac);
  if (bridge)
    line (text, "      <source bridge='%s'/>", nic->choice->bridge != NULL ? nic->choice->bridge : "");
  line (text, "      <model type='%s'/>", nic->model);
  if (!nic->source->connected || g_str_equal (network, "none"))
    add (text, "      <link state='down'/>\n");
  if (ports || g_str_equal (network, "passt"))
    add (text, "      <backend type='passt'/>\n");
  if (ports)
    _valise_import_write_ports (plan, text);
  if (nic->order > 0)
    line (text, "      <boot order='%u'/>", nic->order);
  add (text, "    </interface>\n");
}

static void
write_nics (const ValiseImportPlan *plan, GString *text)
{
  for (guint i = 0; i < plan->nics->len; i++)
    {
      const ValiseImportNic *nic = g_ptr_array_index (plan->nics, i);

      write_nic (plan, nic, i == 0, text);
    }
}

static void
write_serial (const ValiseImportPlan *plan, GString *text)
{
  const char *type = _valise_import_plan_is_pc (plan) ? "isa-serial" : "system-serial";
  guint ports = CLAMP (plan->blueprint->serial_ports, 1, VALISE_SERIAL_PORTS_MOST);

  for (guint i = 0; i < (_valise_import_plan_is_pc (plan) ? ports : 1); i++)
    {
      g_autofree char *target = g_strdup_printf ("<target type='%s' port='%u'/>", type, i);

      if (_valise_import_write_serial (plan, i, target, text))
        continue;
      g_string_append_printf (text, "    <serial type='pty'>\n      %s\n    </serial>\n", target);
      if (i == 0)
        add (text, "    <console type='pty'>\n      <target type='serial' port='0'/>\n    </console>\n");
    }
  /* Where Apple's machines have their console. */
  if (plan->blueprint->cmdline != NULL && strstr (plan->blueprint->cmdline, "console=hvc0") != NULL)
    add (text, "    <console type='pty'>\n      <target type='virtio' port='1'/>\n    </console>\n");
}

static void
write_screen_and_sound (const ValiseImportPlan *plan, GString *text)
{
  gboolean pc = _valise_import_plan_is_pc (plan);

  if (plan->tpm && !_valise_import_is_replaced (plan, "tpm"))
    line (text, "    <tpm model='%s'>\n      <backend type='emulator' version='2.0'/>\n    </tpm>",
          pc && !has_older_board (plan) ? "tpm-crb" : "tpm-tis");
  add (text, "    <input type='tablet' bus='usb'/>\n    <input type='keyboard' bus='usb'/>\n");
  if (!_valise_import_is_replaced (plan, "graphics"))
    add (text, "    <graphics type='vnc'>\n      <listen type='none'/>\n    </graphics>\n");
  if (plan->sound != NULL)
    line (text, "    <sound model='%s'>\n      <audio id='1'/>\n    </sound>", plan->sound);
  if (!_valise_import_is_replaced (plan, "audio"))
    add (text, "    <audio id='1' type='none'/>\n");
  add (text, "    <video>\n");
  add (text, pc ? "      <model type='vga' vram='65536' heads='1' primary='yes'/>\n"
                : "      <model type='virtio' heads='1' primary='yes'/>\n");
  add (text, "    </video>\n");
}

/* Devices that a guest without drivers would only wonder about are for Linux, which has them. */
static void
write_helpers (const ValiseImportPlan *plan, GString *text)
{
  if (!plan->has_linux)
    {
      add (text, "    <memballoon model='none'/>\n");
      return;
    }
  add (text, "    <channel type='unix'>\n      <target type='virtio' name='org.qemu.guest_agent.0'/>\n    </channel>\n"
             "    <memballoon model='virtio' freePageReporting='on'/>\n"
             "    <rng model='virtio'>\n      <backend model='random'>/dev/urandom</backend>\n    </rng>\n");
}

static void
write_devices (const ValiseImportPlan *plan, GString *text)
{
  add (text, "  <devices>\n");
  for (guint i = 0; i < plan->drives->len; i++)
    write_drive (g_ptr_array_index (plan->drives, i), text);
  write_controllers (plan, text);
  write_nics (plan, text);
  write_serial (plan, text);
  write_screen_and_sound (plan, text);
  write_helpers (plan, text);
  _valise_import_write_grants (plan, text);
  add (text, "  </devices>\n");
}

char *
_valise_import_plan_write (ValiseImportPlan *self)
{
  GString *text = g_string_new (NULL);

  write_head (self, text);
  write_os (self, text);
  write_features (self, text);
  write_cpu (self, text);
  write_clock (self, text);
  write_devices (self, text);
  _valise_import_write_settings (self, text);
  add (text, "</domain>\n");
  return g_string_free (text, FALSE);
}
