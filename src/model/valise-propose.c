/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-profile-private.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-bundle.h"
#include "model/valise-disk-name.h"

#define QEMU_VENDOR "52:54:00"
/* Root ports are where PCI Express devices are plugged in. These many are left free, so that devices can be added to a
 * running machine. */
#define SPARE_PORTS 4

/* What the machine is made of, decided before a line is written. */
typedef struct
{
  const ValiseProposal *proposal;
  const ValiseProfile *profile;
  GString *text;
  guint cpus;
  guint64 memory;
  GArray *disks;
  ValiseFirmware firmware;
  gboolean old; /* a Windows of the IDE age */
  gboolean tpm;
  const char *disk_bus;
  const char *disk_prefix;
  const char *cd_bus;
  const char *cd_prefix;
  const char *network;
  const char *video;
} Plan;

G_GNUC_PRINTF (2, 3)
static void
line (Plan *plan, const char *format, ...)
{
  va_list arguments;
  g_autofree char *text = NULL;

  va_start (arguments, format);
  text = g_markup_vprintf_escaped (format, arguments);
  va_end (arguments);
  g_string_append (plan->text, text);
  g_string_append_c (plan->text, '\n');
}

/* --- deciding --- */

static GArray *
plan_disks (const ValiseProposal *proposal, const ValiseProfile *profile)
{
  GArray *disks;

  if (proposal->disks != NULL)
    return g_array_ref (proposal->disks);
  disks = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_array_append_val (disks, profile->disk);
  return disks;
}

static void
plan_hardware (Plan *plan)
{
  gboolean virtio = plan->profile->virtio;

  plan->disk_bus = virtio ? "virtio" : plan->old ? "ide" : "sata";
  plan->disk_prefix = valise_disk_name_prefix (plan->disk_bus);
  plan->cd_bus = plan->old ? "ide" : "sata";
  plan->cd_prefix = valise_disk_name_prefix (plan->cd_bus);
  plan->network = virtio ? "virtio" : plan->old ? "rtl8139" : "e1000e";
  plan->video = virtio ? "virtio" : "vga";
}

static void
plan_machine (Plan *plan, const ValiseProposal *proposal, const ValiseProfile *profile)
{
  plan->proposal = proposal;
  plan->profile = profile;
  plan->cpus = proposal->cpus != 0 ? proposal->cpus : profile->cpus;
  plan->memory = proposal->memory != 0 ? proposal->memory : profile->memory;
  plan->firmware = proposal->firmware >= 0 ? (ValiseFirmware) proposal->firmware : profile->firmware;
  plan->old =
      profile->windows && _valise_advice_is_old_windows (profile->os_id) && plan->firmware == VALISE_FIRMWARE_BIOS;
  plan->tpm = profile->tpm && plan->firmware != VALISE_FIRMWARE_BIOS;
  plan->disks = plan_disks (proposal, profile);
  plan_hardware (plan);
}

/* --- writing --- */

static char *
disk_file (Plan *plan, guint number)
{
  if (number == 0 && plan->profile->image != NULL)
    return g_strdup (valise_profile_get_image_file (plan->profile));
  return number == 0 ? g_strdup ("disks/root.qcow2") : g_strdup_printf ("disks/disk%u.qcow2", number + 1);
}

static void
write_metadata (Plan *plan, const char *label)
{
  const char *accel = plan->proposal->accel != NULL ? plan->proposal->accel : "auto";
  g_autofree char *os = plan->profile->os_id != NULL ? g_markup_escape_text (plan->profile->os_id, -1) : NULL;

  g_string_append (plan->text, "  <metadata>\n");
  line (plan, "    <valise:machine xmlns:valise='%s' version='%d' name='%s' accel='%s'", VALISE_METADATA_NAMESPACE,
        VALISE_BUNDLE_VERSION, label, accel);
  g_string_truncate (plan->text, plan->text->len - 1); /* the attributes go on in the same line */
  if (plan->profile->os_id != NULL)
    g_string_append_printf (plan->text, " os='%s'", os);
  g_string_append (plan->text, ">\n");
  for (guint i = 0; i < plan->disks->len; i++)
    {
      g_autofree char *file = disk_file (plan, i);

      line (plan, "      <valise:disk source='%s' size='%" G_GUINT64_FORMAT "'/>", file,
            g_array_index (plan->disks, guint64, i));
    }
  g_string_append (plan->text, "    </valise:machine>\n  </metadata>\n");
}

static void
write_head (Plan *plan, const char *label)
{
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *name = valise_path_name_from_label (label);
  guint64 memory = plan->memory / VALISE_KIB;
  gboolean tcg = g_strcmp0 (plan->proposal->accel, "tcg") == 0;

  line (plan, "<domain type='%s'>", tcg ? "qemu" : "kvm");
  line (plan, "  <name>%s</name>", name);
  line (plan, "  <uuid>%s</uuid>", uuid);
  line (plan, "  <title>%s</title>", label);
  write_metadata (plan, label);
  line (plan, "  <memory unit='KiB'>%" G_GUINT64_FORMAT "</memory>", memory);
  line (plan, "  <currentMemory unit='KiB'>%" G_GUINT64_FORMAT "</currentMemory>", memory);
  line (plan, "  <vcpu placement='static'>%u</vcpu>", plan->cpus);
}

static void
write_kernel (Plan *plan)
{
  if (plan->profile->kernel != NULL)
    line (plan, "    <kernel>%s</kernel>", plan->profile->kernel);
  if (plan->profile->initrd != NULL)
    line (plan, "    <initrd>%s</initrd>", plan->profile->initrd);
}

static void
write_os (Plan *plan)
{
  gboolean secure = plan->firmware == VALISE_FIRMWARE_UEFI_SECURE;
  const char *yes_no = secure ? "yes" : "no";
  const char *machine = plan->old ? "pc" : "q35";

  if (plan->firmware == VALISE_FIRMWARE_BIOS)
    {
      line (plan, "  <os>\n    <type arch='x86_64' machine='%s'>hvm</type>", machine);
      write_kernel (plan);
      g_string_append (plan->text, "  </os>\n");
      return;
    }
  line (plan, "  <os firmware='efi'>\n    <type arch='x86_64' machine='%s'>hvm</type>", machine);
  line (plan, "    <firmware>\n      <feature enabled='%s' name='enrolled-keys'/>", yes_no);
  line (plan, "      <feature enabled='%s' name='secure-boot'/>\n    </firmware>", yes_no);
  g_string_append (plan->text, "    <nvram>nvram/vars.fd</nvram>\n");
  write_kernel (plan);
  g_string_append (plan->text, "  </os>\n");
}

static void
write_features (Plan *plan)
{
  g_string_append (plan->text, "  <features>\n    <acpi/>\n    <apic/>\n");
  if (plan->profile->windows && !plan->old)
    g_string_append (plan->text, "    <hyperv mode='custom'>\n"
                                 "      <relaxed state='on'/>\n"
                                 "      <vapic state='on'/>\n"
                                 "      <spinlocks state='on' retries='8191'/>\n"
                                 "    </hyperv>\n");
  g_string_append (plan->text, "    <vmport state='off'/>\n");
  if (plan->firmware == VALISE_FIRMWARE_UEFI_SECURE)
    g_string_append (plan->text, "    <smm state='on'/>\n");
  g_string_append (plan->text, "  </features>\n");
}

/* Windows at home uses two sockets at most, so that more CPUs have to be cores of one. */
static void
write_cpu (Plan *plan)
{
  if (plan->profile->windows && plan->cpus > 2)
    line (plan,
          "  <cpu mode='host-passthrough' check='none' migratable='on'>\n"
          "    <topology sockets='1' dies='1' cores='%u' threads='1'/>\n"
          "  </cpu>",
          plan->cpus);
  else
    g_string_append (plan->text, "  <cpu mode='host-passthrough' check='none' migratable='on'/>\n");
}

static void
write_clock (Plan *plan)
{
  line (plan, "  <clock offset='%s'>", plan->profile->windows ? "localtime" : "utc");
  g_string_append (plan->text, "    <timer name='rtc' tickpolicy='catchup'/>\n"
                               "    <timer name='pit' tickpolicy='delay'/>\n"
                               "    <timer name='hpet' present='no'/>\n");
  if (plan->profile->windows && !plan->old)
    g_string_append (plan->text, "    <timer name='hypervclock' present='yes'/>\n");
  g_string_append (plan->text, "  </clock>\n"
                               "  <on_poweroff>destroy</on_poweroff>\n"
                               "  <on_reboot>restart</on_reboot>\n"
                               "  <on_crash>destroy</on_crash>\n"
                               "  <pm>\n"
                               "    <suspend-to-mem enabled='no'/>\n"
                               "    <suspend-to-disk enabled='no'/>\n"
                               "  </pm>\n");
}

/* The cache stays at libvirt's default, writeback: it honours every flush of the guest and works on any file system. */
static void
write_disk (Plan *plan, guint number)
{
  g_autofree char *file = disk_file (plan, number);
  g_autofree char *target = valise_disk_name_new (plan->disk_prefix, number);
  const char *format = number == 0 && plan->profile->image != NULL ? plan->profile->image->format : "qcow2";

  line (plan, "    <disk type='file' device='disk'>\n      <driver name='qemu' type='%s' discard='unmap'/>", format);
  line (plan, "      <source file='%s'/>", file);
  line (plan, "      <target dev='%s' bus='%s'/>", target, plan->disk_bus);
  line (plan, "      <boot order='%u'/>\n    </disk>", number + 2);
}

static void
write_cd (Plan *plan)
{
  gboolean shares = g_str_equal (plan->cd_prefix, plan->disk_prefix);
  g_autofree char *target = valise_disk_name_new (plan->cd_prefix, shares ? plan->disks->len : 0);

  g_string_append (plan->text, "    <disk type='file' device='cdrom'>\n      <driver name='qemu' type='raw'/>\n");
  if (plan->proposal->iso != NULL)
    line (plan, "      <source file='%s'/>", plan->proposal->iso);
  line (plan, "      <target dev='%s' bus='%s'/>", target, plan->cd_bus);
  g_string_append (plan->text, "      <readonly/>\n      <boot order='1'/>\n    </disk>\n");
}

/* What sits in root ports: USB, network, and the virtio devices. (Video and sound are part of the board.) */
static guint
count_ports (Plan *plan)
{
  guint fixed = 2 + (plan->profile->virtio ? 3 : plan->profile->windows ? 1 : 0);

  return fixed + (plan->profile->virtio ? plan->disks->len : 0) + SPARE_PORTS;
}

static void
write_controllers (Plan *plan)
{
  if (plan->old)
    {
      g_string_append (plan->text, "    <controller type='usb' index='0' model='piix3-uhci'/>\n");
      return;
    }
  g_string_append (plan->text, "    <controller type='usb' index='0' model='qemu-xhci' ports='15'/>\n"
                               "    <controller type='pci' index='0' model='pcie-root'/>\n");
  for (guint i = 1; i <= count_ports (plan); i++)
    line (plan, "    <controller type='pci' index='%u' model='pcie-root-port'/>", i);
}

static void
write_network (Plan *plan)
{
  guint32 random = g_random_int ();

  g_string_append (plan->text, "    <interface type='user'>\n");
  line (plan, "      <mac address='" QEMU_VENDOR ":%02x:%02x:%02x'/>", random >> 16 & 0xff, random >> 8 & 0xff,
        random & 0xff);
  line (plan, "      <model type='%s'/>\n    </interface>", plan->network);
}

static void
write_ports (Plan *plan)
{
  g_string_append (plan->text, "    <serial type='pty'>\n      <target type='isa-serial' port='0'/>\n    </serial>\n"
                               "    <console type='pty'>\n      <target type='serial' port='0'/>\n    </console>\n");
  if (plan->profile->virtio || (plan->profile->windows && !plan->old))
    g_string_append (plan->text, "    <channel type='unix'>\n"
                                 "      <target type='virtio' name='org.qemu.guest_agent.0'/>\n"
                                 "    </channel>\n");
}

/* The sound card is there from the start, and silent: a machine plays and records nothing until its Sound page says
 * where. */
static void
write_screen_and_sound (Plan *plan)
{
  if (plan->tpm)
    g_string_append (plan->text,
                     "    <tpm model='tpm-crb'>\n      <backend type='emulator' version='2.0'/>\n    </tpm>\n");
  g_string_append (plan->text, "    <input type='tablet' bus='usb'/>\n    <input type='keyboard' bus='usb'/>\n"
                               "    <graphics type='vnc'>\n      <listen type='none'/>\n    </graphics>\n");
  line (plan, "    <sound model='%s'>\n      <audio id='1'/>\n    </sound>", plan->old ? "ac97" : "ich9");
  g_string_append (plan->text, "    <audio id='1' type='none'/>\n");
  if (g_str_equal (plan->video, "virtio"))
    g_string_append (plan->text, "    <video>\n      <model type='virtio' heads='1' primary='yes'/>\n    </video>\n");
  else
    g_string_append (plan->text,
                     "    <video>\n      <model type='vga' vram='65536' heads='1' primary='yes'/>\n    </video>\n");
}

static void
write_balloon_and_rng (Plan *plan)
{
  if (!plan->profile->virtio)
    {
      g_string_append (plan->text, "    <memballoon model='none'/>\n");
      return;
    }
  g_string_append (plan->text, "    <memballoon model='virtio' freePageReporting='on'/>\n"
                               "    <rng model='virtio'>\n"
                               "      <backend model='random'>/dev/urandom</backend>\n"
                               "    </rng>\n");
}

static void
write_devices (Plan *plan)
{
  g_string_append (plan->text, "  <devices>\n");
  for (guint i = 0; i < plan->disks->len; i++)
    write_disk (plan, i);
  write_cd (plan);
  write_controllers (plan);
  write_network (plan);
  write_ports (plan);
  write_screen_and_sound (plan);
  write_balloon_and_rng (plan);
  g_string_append (plan->text, "  </devices>\n");
}

/* A name that says nothing is no name; "Machine" is at least a word. */
static char *
plan_label (const ValiseProposal *proposal, const ValiseProfile *profile)
{
  const char *raw = proposal->name != NULL && *proposal->name != '\0' ? proposal->name : profile->name;
  g_autofree char *shown = raw != NULL ? valise_text_for_display (raw, 80) : NULL;

  return shown != NULL && *g_strstrip (shown) != '\0' ? g_steal_pointer (&shown) : g_strdup (_ ("Machine"));
}

/* What no XML can hold in any way. */
static gboolean
check_names (const ValiseProposal *proposal, const ValiseProfile *profile, GError **error)
{
  const char *const names[] = { proposal->iso, profile->kernel, profile->initrd };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i] != NULL && !g_utf8_validate (names[i], -1, NULL))
      {
        g_autofree char *shown = valise_text_for_display (names[i], 200);

        g_set_error (error, VALISE_PROFILE_ERROR, VALISE_PROFILE_ERROR_UNREADABLE,
                     _ ("The name of the file “%s” is not UTF-8 text, which no machine can hold. Rename the file."),
                     shown);
        return FALSE;
      }
  return TRUE;
}

ValiseDocument *
valise_profile_propose (const ValiseProfile *profile,
                        const ValiseProposal *proposal,
                        ValiseCapabilities *capabilities,
                        GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *label = NULL;
  Plan plan = { .text = text };

  g_return_val_if_fail (profile != NULL && proposal != NULL && capabilities != NULL, NULL);
  g_return_val_if_fail (proposal->iso == NULL || g_path_is_absolute (proposal->iso), NULL);

  if (!check_names (proposal, profile, error))
    return NULL;
  label = plan_label (proposal, profile);
  plan_machine (&plan, proposal, profile);
  write_head (&plan, label);
  write_os (&plan);
  write_features (&plan);
  write_cpu (&plan);
  write_clock (&plan);
  write_devices (&plan);
  g_string_append (text, "</domain>\n");
  g_array_unref (plan.disks);
  return valise_document_new (text->str, (gssize) text->len, label, error);
}
