/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-pages.h"

#include <glib/gi18n-lib.h>

#include "model/valise-knob-catalogue.h"
#include "ui/valise-settings-page.h"

static const ValisePageInfo table[] = {
  { "system", N_ ("System"), "computer-symbolic", valise_page_system_get_type, NULL, { NULL } },
  { "processor", N_ ("Processor"), "valise-processor-symbolic", valise_page_processor_get_type, NULL, { NULL } },
  { "memory", N_ ("Memory"), "media-flash-symbolic", valise_page_memory_get_type, NULL, { NULL } },
  { "boot", N_ ("Boot and Firmware"), "system-shutdown-symbolic", valise_page_boot_get_type, NULL, { NULL } },
  { "clock", N_ ("Clock and Power"), "preferences-system-time-symbolic", valise_page_clock_get_type, NULL, { NULL } },
  { "features",
    N_ ("Hypervisor Features"),
    "applications-engineering-symbolic",
    valise_page_features_get_type,
    NULL,
    { NULL } },
  { "disk", N_ ("Disk"), "drive-harddisk-symbolic", valise_page_disk_get_type, "devices/disk", { NULL } },
  { "cdrom", N_ ("CD"), "media-optical-symbolic", valise_page_cdrom_get_type, "devices/disk", { NULL } },
  { "network", N_ ("Network"), "network-wired-symbolic", valise_page_network_get_type, "devices/interface", { NULL } },
  { "display", N_ ("Display"), "video-display-symbolic", valise_page_display_get_type, NULL, { NULL } },
  { "video",
    N_ ("Further Video Card"),
    "video-display-symbolic",
    valise_page_video_get_type,
    "devices/video",
    { NULL } },
  { "sound", N_ ("Sound"), "audio-card-symbolic", valise_page_sound_get_type, "devices/sound", { NULL } },
  { "input", N_ ("Input"), "input-mouse-symbolic", valise_page_input_get_type, "devices/input", { NULL } },
  { "filesystem",
    N_ ("Shared Folder"),
    "folder-remote-symbolic",
    valise_page_filesystem_get_type,
    "devices/filesystem",
    { "source/@dir", "target/@dir" } },
  { "hostdev",
    N_ ("Host Device"),
    "thunderbolt-symbolic",
    valise_page_hostdev_get_type,
    "devices/hostdev",
    { "@type" } },
  { "redirdev",
    N_ ("USB Redirection"),
    "media-removable-symbolic",
    valise_page_redirdev_get_type,
    "devices/redirdev",
    { "@type" } },
  { "serial",
    N_ ("Serial Port"),
    "utilities-terminal-symbolic",
    valise_page_serial_get_type,
    "devices/serial",
    { "@type" } },
  { "parallel",
    N_ ("Parallel Port"),
    "printer-symbolic",
    valise_page_parallel_get_type,
    "devices/parallel",
    { "@type" } },
  { "console",
    N_ ("Console"),
    "utilities-terminal-symbolic",
    valise_page_console_get_type,
    "devices/console",
    { "target/@type", "@type" } },
  { "channel",
    N_ ("Channel"),
    "network-transmit-receive-symbolic",
    valise_page_channel_get_type,
    "devices/channel",
    { "target/@name", "@type" } },
  { "tpm", N_ ("TPM"), "security-high-symbolic", valise_page_tpm_get_type, "devices/tpm", { "@model" } },
  { "rng",
    N_ ("Random Numbers"),
    "media-playlist-shuffle-symbolic",
    valise_page_rng_get_type,
    "devices/rng",
    { "backend/@model" } },
  { "watchdog", N_ ("Watchdog"), "alarm-symbolic", valise_page_watchdog_get_type, "devices/watchdog", { "@model" } },
  { "panic", N_ ("Panic Device"), "process-stop-symbolic", valise_page_panic_get_type, "devices/panic", { "@model" } },
  { "vsock",
    N_ ("Socket Device"),
    "network-transmit-receive-symbolic",
    valise_page_vsock_get_type,
    "devices/vsock",
    { "cid/@address" } },
  { "shmem", N_ ("Shared Memory"), "media-flash-symbolic", valise_page_shmem_get_type, "devices/shmem", { "@name" } },
  { "smartcard",
    N_ ("Smart Card"),
    "auth-smartcard-symbolic",
    valise_page_smartcard_get_type,
    "devices/smartcard",
    { "@mode" } },
  { "iommu", N_ ("IOMMU"), "security-medium-symbolic", valise_page_iommu_get_type, "devices/iommu", { "@model" } },
  { "module",
    N_ ("Memory Module"),
    "media-flash-symbolic",
    valise_page_module_get_type,
    "devices/memory",
    { "@model" } },
  { "hub", N_ ("USB Hub"), "media-removable-symbolic", valise_page_hub_get_type, "devices/hub", { "@type" } },
  { "nvram",
    N_ ("Firmware Memory"),
    "media-flash-symbolic",
    valise_page_nvram_get_type,
    "devices/nvram",
    { "address/@reg" } },
  { "lease", N_ ("Lease"), "changes-prevent-symbolic", valise_page_lease_get_type, "devices/lease", { "key" } },
  { "controller",
    N_ ("Controller"),
    "drive-multidisk-symbolic",
    valise_page_controller_get_type,
    "devices/controller",
    { "@type", "@model" } },
  { "tuning", N_ ("Resources"), "preferences-other-symbolic", valise_page_tuning_get_type, NULL, { NULL } },
  { "security", N_ ("Security"), "channel-secure-symbolic", valise_page_security_get_type, NULL, { NULL } },
  { "hypervisor",
    N_ ("QEMU Command Line"),
    "utilities-terminal-symbolic",
    valise_page_hypervisor_get_type,
    NULL,
    { NULL } },
  { "xml", N_ ("XML"), "text-x-generic-symbolic", NULL, NULL, { NULL } },
};

const ValisePageInfo *
valise_settings_pages (gsize *length)
{
  *length = G_N_ELEMENTS (table);
  return table;
}

const ValisePageInfo *
valise_settings_pages_lookup (const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_strcmp0 (table[i].id, id) == 0)
      return &table[i];
  return NULL;
}

const char *
valise_settings_pages_of_knob (const char *knob)
{
  const ValiseKnob *curated = valise_knob_lookup (knob);
  const ValiseKnobEntry *entry;

  if (curated != NULL)
    return curated->page;
  entry = valise_knob_catalogue_lookup (valise_knob_catalogue_get_default (), knob);
  return entry != NULL ? entry->knob.page : NULL;
}
