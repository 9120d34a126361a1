/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "ui/valise-hardware.h"
#include "ui/valise-hardware-module.h"
#include "ui/valise-host-devices.h"

/* Where distributions put it, beside $PATH. */
static const char *const virtiofsd_places[] = { "/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd",
                                                "/usr/lib/virtiofsd" };

typedef char *(*Reason) (ValiseEditSession *session);

gboolean
valise_hardware_is_pc (ValiseEditSession *session)
{
  g_autofree char *arch = valise_edit_session_get (session, "os/type/@arch");

  return arch == NULL || g_str_equal (arch, "x86_64") || g_str_equal (arch, "i686");
}

static gboolean
is_power (ValiseEditSession *session)
{
  g_autofree char *arch = valise_edit_session_get (session, "os/type/@arch");

  return arch != NULL && g_str_has_prefix (arch, "ppc64");
}

static gboolean
is_q35 (ValiseEditSession *session)
{
  g_autofree char *machine = valise_edit_session_get (session, "os/type/@machine");

  return machine == NULL || strstr (machine, "q35") != NULL;
}

/* "virt" and "virt-7.2" of Arm and RISC-V. */
static gboolean
is_virt (ValiseEditSession *session)
{
  g_autofree char *machine = valise_edit_session_get (session, "os/type/@machine");

  return machine != NULL && g_str_has_prefix (machine, "virt") && !valise_hardware_is_pc (session);
}

static gboolean
is_arm (ValiseEditSession *session)
{
  g_autofree char *arch = valise_edit_session_get (session, "os/type/@arch");

  return g_strcmp0 (arch, "aarch64") == 0;
}

static char *
only_on_pc (ValiseEditSession *session)
{
  return valise_hardware_is_pc (session) ? NULL : g_strdup (_ ("only PCs have it"));
}

static char *
tpm_reason (ValiseEditSession *session)
{
  ValiseCapabilities *capabilities = valise_edit_session_get_capabilities (session);

  if (capabilities != NULL && !valise_capabilities_has_tpm (capabilities))
    return g_strdup (_ ("needs the program swtpm, which is not installed here"));
  return NULL;
}

/* Why @path cannot be opened, which is what the device does. */
static char *
device_reason (const char *path)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return g_strdup_printf (_ ("this computer has no %s"), path);
  if (access (path, R_OK | W_OK) != 0)
    return g_strdup_printf (_ ("you may not open %s"), path);
  return NULL;
}

static char *
host_tpm_reason (ValiseEditSession *session)
{
  return device_reason ("/dev/tpm0");
}

static char *
vsock_reason (ValiseEditSession *session)
{
  return device_reason ("/dev/vhost-vsock");
}

static gboolean
has_virtiofsd (void)
{
  g_autofree char *found = g_find_program_in_path ("virtiofsd");

  for (gsize i = 0; i < G_N_ELEMENTS (virtiofsd_places); i++)
    if (g_file_test (virtiofsd_places[i], G_FILE_TEST_IS_EXECUTABLE))
      return TRUE;
  return found != NULL;
}

/* What the row that chooses it would say. */
static char *
option_reason (ValiseEditSession *session, const char *knob, const char *value)
{
  ValiseCapabilities *capabilities = valise_edit_session_get_capabilities (session);
  g_autofree char *arch = valise_edit_session_get (session, "os/type/@arch");
  g_autofree char *machine = valise_edit_session_get (session, "os/type/@machine");
  g_autoptr (GPtrArray) options =
      capabilities != NULL ? valise_capabilities_options (capabilities, knob, arch, machine) : NULL;

  for (guint i = 0; options != NULL && i < options->len; i++)
    {
      const ValiseOption *option = g_ptr_array_index (options, i);

      if (g_str_equal (option->value, value))
        return g_strdup (option->reason);
    }
  return NULL;
}

static char *
virtiofs_reason (ValiseEditSession *session)
{
  if (!has_virtiofsd ())
    return g_strdup (_ ("needs the program virtiofsd, which is not installed here"));
  return option_reason (session, "devices/filesystem/driver/@type", "virtiofs");
}

static char *
host_device_reason (const char *type, const char *none)
{
  g_autoptr (GPtrArray) devices = valise_host_devices_list (type);

  for (guint i = 0; i < devices->len; i++)
    if (((ValiseHostDevice *) g_ptr_array_index (devices, i))->reason == NULL)
      return NULL;
  return g_strdup (devices->len == 0 ? none : ((ValiseHostDevice *) g_ptr_array_index (devices, 0))->reason);
}

static char *
usb_device_reason (ValiseEditSession *session)
{
  return host_device_reason ("usb", _ ("no USB device is plugged in here"));
}

static char *
pci_device_reason (ValiseEditSession *session)
{
  return host_device_reason ("pci", _ ("this computer has no PCI devices"));
}

static char *
spice_reason (ValiseEditSession *session)
{
  ValiseDocument *draft = valise_edit_session_get_draft (session);

  for (guint i = 1; i <= valise_document_count (draft, "devices/graphics"); i++)
    {
      g_autofree char *type = valise_document_get_device (draft, "graphics", i, "@type");

      if (g_strcmp0 (type, "spice") == 0)
        return NULL;
    }
  return g_strdup (_ ("needs a display of the kind SPICE"));
}

static char *
iommu_reason (ValiseEditSession *session)
{
  if (is_arm (session) && is_virt (session))
    return NULL;
  return is_q35 (session) ? only_on_pc (session) : g_strdup (_ ("needs the machine type q35"));
}

static char *
pcie_reason (ValiseEditSession *session)
{
  return is_q35 (session) || is_virt (session) ? NULL : g_strdup (_ ("needs a machine type with PCI Express, as q35"));
}

static char *
nvram_reason (ValiseEditSession *session)
{
  return is_power (session) ? NULL : g_strdup (_ ("only POWER machines have it"));
}

static char *
lease_reason (ValiseEditSession *session)
{
  return g_strdup (_ ("needs a lock manager, which libvirt does not run here"));
}

static const struct
{
  const char *id;
  Reason reason;
} reasons[] = {
  { "tpm", tpm_reason },
  { "host-tpm", host_tpm_reason },
  { "vsock", vsock_reason },
  { "virtiofs", virtiofs_reason },
  { "usb-device", usb_device_reason },
  { "pci-device", pci_device_reason },
  { "redirdev", spice_reason },
  { "smartcard", spice_reason },
  { "parallel", only_on_pc },
  { "panic", only_on_pc },
  { "floppy", only_on_pc },
  { "iommu", iommu_reason },
  { "pcie-port", pcie_reason },
  { "module", valise_hardware_module_reason },
  { "nvram", nvram_reason },
  { "lease", lease_reason },
};

char *
valise_hardware_host_reason (ValiseEditSession *session, const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_str_equal (reasons[i].id, id))
      return reasons[i].reason (session);
  return NULL;
}
