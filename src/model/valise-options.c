/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-capabilities-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "model/valise-knob.h"

#define NETWORK_KIND "devices/interface/@type"

typedef enum
{
  ANYWHERE,
  ONLY_PC,     /* exists on i440FX machines only */
  ONLY_FLOPPY, /* not for hard disks */
  ONLY_ROOT,   /* refused to machines that run with a user's rights */
} Place;

typedef struct
{
  const char *value;
  const char *label; /* untranslated; NULL = the value itself */
  Place place;
} Choice;

/* A knob whose values are known, and the list in the host's description that says which of them it has. */
typedef struct
{
  const char *knob;
  const char *host_enum; /* NULL: the host does not tell, all go */
  const Choice *choices;
} ChoiceList;

static const Choice disk_buses[] = {
  { "virtio", N_ ("VirtIO (fastest)"), ANYWHERE },
  { "sata", N_ ("SATA"), ANYWHERE },
  { "scsi", N_ ("SCSI"), ANYWHERE },
  { "usb", N_ ("USB"), ANYWHERE },
  { "ide", N_ ("IDE (old systems)"), ONLY_PC },
  { "fdc", N_ ("Floppy"), ONLY_FLOPPY },
  { NULL },
};
static const Choice video_models[] = {
  { "virtio", N_ ("VirtIO"), ANYWHERE },
  { "vga", N_ ("VGA (works with every system)"), ANYWHERE },
  { "qxl", N_ ("QXL"), ANYWHERE },
  { "bochs", N_ ("Bochs display (UEFI only)"), ANYWHERE },
  { "cirrus", N_ ("Cirrus (very old systems)"), ANYWHERE },
  { "vmvga", N_ ("VMware"), ANYWHERE },
  { "ramfb", N_ ("RAM framebuffer (UEFI only)"), ANYWHERE },
  { "none", N_ ("None"), ANYWHERE },
  { NULL },
};
static const Choice sound_models[] = {
  { "ich9", N_ ("Intel HD Audio (ICH9)"), ANYWHERE },
  { "ich6", N_ ("Intel HD Audio (ICH6)"), ANYWHERE },
  { "ac97", N_ ("AC97"), ANYWHERE },
  { "usb", N_ ("USB audio"), ANYWHERE },
  { "es1370", N_ ("Ensoniq AudioPCI"), ANYWHERE },
  { "sb16", N_ ("Sound Blaster 16"), ANYWHERE },
  { "pcspk", N_ ("PC speaker"), ANYWHERE },
  { NULL },
};
static const Choice network_models[] = {
  { "virtio", N_ ("VirtIO (fastest)"), ANYWHERE },
  { "e1000e", N_ ("Intel 82574L (e1000e)"), ANYWHERE },
  { "e1000", N_ ("Intel 82540EM (e1000)"), ANYWHERE },
  { "rtl8139", N_ ("Realtek RTL8139 (old systems)"), ANYWHERE },
  { "vmxnet3", N_ ("VMware vmxnet3"), ANYWHERE },
  { "pcnet", N_ ("AMD PCnet (very old systems)"), ANYWHERE },
  { "ne2k_pci", N_ ("NE2000 (very old systems)"), ANYWHERE },
  { NULL },
};
static const Choice tpm_models[] = {
  { "tpm-crb", N_ ("CRB (TPM 2.0)"), ANYWHERE },
  { "tpm-tis", N_ ("TIS (TPM 1.2 and 2.0)"), ANYWHERE },
  { NULL },
};
static const Choice tpm_versions[] = {
  { "2.0", NULL, ANYWHERE },
  { "1.2", NULL, ANYWHERE },
  { NULL },
};
static const Choice input_buses[] = {
  { "usb", N_ ("USB"), ANYWHERE },
  { "virtio", N_ ("VirtIO"), ANYWHERE },
  { "ps2", N_ ("PS/2"), ANYWHERE },
  { NULL },
};
static const Choice rng_backends[] = {
  { "builtin", N_ ("Built in"), ANYWHERE },
  { "random", N_ ("This computer's random numbers"), ANYWHERE },
  { "egd", N_ ("Entropy gathering daemon"), ANYWHERE },
  { NULL },
};
static const Choice memory_sources[] = {
  { "anonymous", N_ ("Ordinary memory"), ANYWHERE },
  { "memfd", N_ ("Shareable memory (memfd)"), ANYWHERE },
  { "file", N_ ("File"), ANYWHERE },
  { NULL },
};

static const Choice filesystem_drivers[] = {
  { "path", N_ ("9p"), ANYWHERE },
  { "virtiofs", N_ ("virtiofs"), ONLY_ROOT },
  { "handle", N_ ("9p by handle"), ANYWHERE },
  { NULL },
};
static const Choice hostdev_types[] = {
  { "usb", N_ ("USB"), ANYWHERE },
  { "pci", N_ ("PCI"), ANYWHERE },
  { "scsi", N_ ("SCSI"), ANYWHERE },
  { "mdev", N_ ("A share of a device"), ANYWHERE },
  { "scsi_host", N_ ("SCSI host adapter"), ANYWHERE },
  { NULL },
};
static const Choice tpm_backends[] = {
  { "emulator", N_ ("Emulated"), ANYWHERE },
  { "passthrough", N_ ("This computer's own"), ANYWHERE },
  { "external", N_ ("By another program"), ANYWHERE },
  { NULL },
};

static const ChoiceList choice_lists[] = {
  { "devices/disk/target/@bus", "devices/disk/bus", disk_buses },
  { "devices/filesystem/driver/@type", "devices/filesystem/driverType", filesystem_drivers },
  { "devices/hostdev/@type", NULL, hostdev_types },
  { "devices/input/@bus", NULL, input_buses },
  { "devices/interface/model/@type", NULL, network_models },
  { "devices/rng/backend/@model", "devices/rng/backendModel", rng_backends },
  { "devices/sound/@model", NULL, sound_models },
  { "devices/tpm/@model", "devices/tpm/model", tpm_models },
  { "devices/tpm/backend/@type", "devices/tpm/backendModel", tpm_backends },
  { "devices/tpm/backend/@version", "devices/tpm/backendVersion", tpm_versions },
  { "devices/video/model/@type", "devices/video/modelType", video_models },
  { "memoryBacking/source/@type", "memoryBacking/sourceType", memory_sources },
};

/* The machine that is asked about. */
typedef struct
{
  const char *arch; /* nullable */
  const char *type; /* nullable */
} About;

static GPtrArray *
options_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) valise_option_free);
}

/* @label is translated already; @reason is taken. */
static void
add (GPtrArray *options, const char *value, const char *label, char *reason)
{
  ValiseOption *option = g_new0 (ValiseOption, 1);

  option->value = g_strdup (value);
  option->label = g_strdup (label);
  option->reason = reason;
  g_ptr_array_add (options, option);
}

/* "pc", "pc-i440fx-7.2", "isapc"; an unset machine type counts as q35, which is what a new machine gets. */
static gboolean
is_i440fx (const char *machine_type)
{
  return machine_type != NULL && g_str_has_prefix (machine_type, "pc") && !g_str_has_prefix (machine_type, "pc-q35");
}

/* Whether the host's list says anything about @value here. The host describes one machine type; IDE comes and goes with
 * it. */
static gboolean
is_offered (ValiseCapabilities *self, const char *host_enum, const Choice *choice, const About *about)
{
  const char *const *offered = host_enum != NULL ? _valise_capabilities_enum (self, host_enum) : NULL;

  return offered == NULL || !_valise_capabilities_describe (self, about->arch) || choice->place == ONLY_PC
         || g_strv_contains (offered, choice->value);
}

static char *
choice_reason (ValiseCapabilities *self, const char *host_enum, const Choice *choice, const About *about)
{
  if (choice->place == ONLY_ROOT && geteuid () != 0)
    return g_strdup (_ ("The libvirt installed here has it for the administrator only. Take 9p."));
  if (choice->place == ONLY_PC && !is_i440fx (about->type))
    return g_strdup (_ ("Only older “pc” machines have IDE. Choose SATA, or the machine type pc."));
  if (choice->place == ONLY_FLOPPY)
    return g_strdup (_ ("This is for floppy drives only."));
  if (!is_offered (self, host_enum, choice, about))
    return g_strdup (_ ("The QEMU installed here does not have it."));
  return NULL;
}

static GPtrArray *
options_from_list (ValiseCapabilities *self, const ChoiceList *list, const About *about)
{
  g_autoptr (GPtrArray) options = options_new ();
  gboolean is_tpm = g_str_has_prefix (list->knob, "devices/tpm/");

  for (const Choice *choice = list->choices; choice->value != NULL; choice++)
    {
      char *reason = is_tpm && !valise_capabilities_has_tpm (self)
                         ? g_strdup (_ ("Emulated TPMs need the program swtpm. Install the package swtpm."))
                         : choice_reason (self, list->host_enum, choice, about);

      add (options, choice->value, choice->label != NULL ? _ (choice->label) : choice->value, reason);
    }
  return g_steal_pointer (&options);
}

/* --- knobs whose values only the host knows --- */

static char *
machine_type_reason (const ValiseMachineType *type)
{
  if (g_str_equal (type->name, "x-remote") || g_str_equal (type->name, "none"))
    return g_strdup (_ ("This is not a computer of its own."));
  if (g_str_equal (type->name, "isapc") || g_str_equal (type->name, "microvm"))
    return g_strdup (_ ("It has no PCI bus for the devices of a machine made here."));
  return NULL;
}

/* What comes first: aliases, then versions, then what cannot be chosen. */
static int
machine_type_rank (const ValiseMachineType *type)
{
  g_autofree char *reason = machine_type_reason (type);

  return reason != NULL ? 2 : type->canonical != NULL ? 0 : 1;
}

/* Newest first: "pc-q35-7.2" before "pc-q35-7.1" before "pc-q35-2.12". */
static int
compare_machine_types (gconstpointer a, gconstpointer b)
{
  const ValiseMachineType *first = *(const ValiseMachineType *const *) a;
  const ValiseMachineType *second = *(const ValiseMachineType *const *) b;
  int ranks = machine_type_rank (first) - machine_type_rank (second);
  g_autofree char *first_key = g_utf8_collate_key_for_filename (first->name, -1);
  g_autofree char *second_key = g_utf8_collate_key_for_filename (second->name, -1);

  return ranks != 0 ? ranks : -strcmp (first_key, second_key);
}

static char *
machine_type_label (const ValiseMachineType *type)
{
  if (g_str_equal (type->name, "q35"))
    return g_strdup_printf (_ ("Q35: modern, PCI Express (now %s)"), type->canonical);
  if (g_str_equal (type->name, "pc"))
    return g_strdup_printf (_ ("i440FX: for old systems (now %s)"), type->canonical);
  return type->deprecated ? g_strdup_printf (_ ("%s (going away)"), type->name) : g_strdup (type->name);
}

static GPtrArray *
machine_types (ValiseCapabilities *self, const About *about)
{
  /* A copy made by GLib would free what it only borrows. */
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  g_autoptr (GPtrArray) options = options_new ();
  GPtrArray *types = _valise_capabilities_machine_types (self, about->arch);

  if (types == NULL || types->len == 0)
    return NULL;
  g_ptr_array_extend (sorted, types, NULL, NULL);
  g_ptr_array_sort (sorted, compare_machine_types);
  for (guint i = 0; i < sorted->len; i++)
    {
      const ValiseMachineType *type = sorted->pdata[i];
      g_autofree char *label = machine_type_label (type);

      add (options, type->name, label, machine_type_reason (type));
    }
  return g_steal_pointer (&options);
}

static char *
cpu_model_reason (const ValiseCpuModel *model)
{
  if (model->usable)
    return NULL;
  if (model->blockers != NULL)
    return g_strdup_printf (_ ("This computer's processor lacks: %s."), model->blockers);
  return g_strdup (_ ("This computer's processor cannot stand in for it."));
}

static GPtrArray *
cpu_models (ValiseCapabilities *self)
{
  g_autoptr (GPtrArray) options = options_new ();
  GPtrArray *models = _valise_capabilities_cpu_models (self);

  if (models->len == 0)
    return NULL;
  for (guint i = 0; i < models->len; i++)
    {
      const ValiseCpuModel *model = models->pdata[i];

      add (options, model->name, model->name, cpu_model_reason (model));
    }
  return g_steal_pointer (&options);
}

/* Host models are never ruled out: without KVM the effective document replaces them with "maximum". */
static GPtrArray *
cpu_modes (ValiseCapabilities *self)
{
  g_autoptr (GPtrArray) options = options_new ();
  const char *const *modes = _valise_capabilities_enum (self, "cpu/mode");
  gboolean maximum = modes == NULL || g_strv_contains (modes, "maximum");

  add (options, "host-passthrough", _ ("Same as this computer"), NULL);
  add (options, "host-model", _ ("Close to this computer, can move to others"), NULL);
  add (options, "maximum", _ ("Everything that can be offered"),
       maximum ? NULL : g_strdup (_ ("The libvirt installed here does not know it.")));
  add (options, "custom", _ ("A model by name"), NULL);
  return g_steal_pointer (&options);
}

static GPtrArray *
firmware_kinds (ValiseCapabilities *self)
{
  g_autoptr (GPtrArray) options = options_new ();

  add (options, "bios", _ ("BIOS"), NULL);
  add (options, "efi", _ ("UEFI"), valise_capabilities_firmware_reason (self, VALISE_FIRMWARE_UEFI));
  return g_steal_pointer (&options);
}

static GPtrArray *
secure_boot (ValiseCapabilities *self, const About *about)
{
  g_autoptr (GPtrArray) options = options_new ();
  char *reason = valise_capabilities_firmware_reason (self, VALISE_FIRMWARE_UEFI_SECURE);

  if (reason == NULL && is_i440fx (about->type))
    reason = g_strdup (_ ("Secure Boot needs the machine type q35."));
  add (options, "no", _ ("Off"), NULL);
  add (options, "yes", _ ("On"), reason);
  return g_steal_pointer (&options);
}

static GPtrArray *
accelerators (ValiseCapabilities *self)
{
  g_autoptr (GPtrArray) options = options_new ();
  gboolean kvm = _valise_capabilities_has_domain_type (self, "kvm");

  add (options, "auto", _ ("Automatic"), NULL);
  add (options, "kvm", _ ("KVM (hardware)"), kvm ? NULL : g_strdup (_ ("This computer does not offer KVM.")));
  add (options, "tcg", _ ("Emulation (slow)"), NULL);
  return g_steal_pointer (&options);
}

/* VMware's is in the schema for others. */
static GPtrArray *
network_kinds (void)
{
  GPtrArray *options = options_new ();

  for (const ValiseKnobChoice *choice = valise_knob_lookup (NETWORK_KIND)->choices; choice->value != NULL; choice++)
    {
      gboolean foreign = g_str_equal (choice->value, "vds");

      add (options, choice->value, choice->label, foreign ? g_strdup (_ ("QEMU does not have it.")) : NULL);
    }
  return options;
}

static GPtrArray *
list_options (ValiseCapabilities *self, const char *pattern, const About *about)
{
  for (guint i = 0; i < G_N_ELEMENTS (choice_lists); i++)
    if (g_str_equal (choice_lists[i].knob, pattern))
      return options_from_list (self, &choice_lists[i], about);
  if (g_str_equal (pattern, "os/type/@machine"))
    return machine_types (self, about);
  if (g_str_equal (pattern, "cpu/model") && _valise_capabilities_describe (self, about->arch))
    return cpu_models (self);
  if (g_str_equal (pattern, "cpu/@mode"))
    return cpu_modes (self);
  if (g_str_equal (pattern, "os/@firmware"))
    return firmware_kinds (self);
  if (g_str_equal (pattern, "os/firmware/feature[@name='secure-boot']/@enabled"))
    return secure_boot (self, about);
  if (g_str_equal (pattern, "metadata/valise:machine/@accel"))
    return accelerators (self);
  if (g_str_equal (pattern, NETWORK_KIND))
    return network_kinds ();
  return NULL;
}

/* The knob table's words, so that a choice and the list of changes call a thing by the same name. */
static void
use_table_words (GPtrArray *options, const char *pattern)
{
  const ValiseKnob *knob = valise_knob_lookup (pattern);

  for (guint i = 0; knob != NULL && options != NULL && i < options->len; i++)
    {
      ValiseOption *option = options->pdata[i];
      const char *label = valise_knob_get_choice_label (knob, option->value);

      if (label == NULL)
        continue;
      g_free (option->label);
      option->label = g_strdup (label);
    }
}

GPtrArray *
valise_capabilities_options (ValiseCapabilities *self, const char *knob, const char *arch, const char *machine_type)
{
  const About about = { arch, machine_type };
  g_autofree char *pattern = NULL;
  GPtrArray *options;

  g_return_val_if_fail (self != NULL && knob != NULL, NULL);

  pattern = valise_knob_pattern (knob);
  options = list_options (self, pattern, &about);
  use_table_words (options, pattern);
  return options;
}

void
valise_option_free (ValiseOption *self)
{
  if (self == NULL)
    return;
  g_free (self->value);
  g_free (self->label);
  g_free (self->reason);
  g_free (self);
}
