/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * ValiseCapabilities:
 *
 * What a host can do, parsed from libvirt's <capabilities> and <domainCapabilities> and a few numbers about the
 * computer. Immutable, thread-safe. An engine makes it; tests make it from files.
 */
typedef struct _ValiseCapabilities ValiseCapabilities;
#define VALISE_TYPE_CAPABILITIES (valise_capabilities_get_type ())
GType valise_capabilities_get_type (void);

/**
 * valise_capabilities_new:
 * @domain_xml: (nullable): libvirt's <domainCapabilities>
 * @host_xml: (nullable): libvirt's <capabilities>
 * @cpus: logical CPUs of the computer
 * @memory: its RAM in bytes
 *
 * Both texts %NULL gives an empty one that allows what the knob table lists.
 *
 * Returns: (transfer full): the capabilities, or %NULL with #ValiseXmlError
 */
ValiseCapabilities *
valise_capabilities_new (const char *domain_xml, const char *host_xml, guint cpus, guint64 memory, GError **error);
ValiseCapabilities *valise_capabilities_ref (ValiseCapabilities *self);
void valise_capabilities_unref (ValiseCapabilities *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseCapabilities, valise_capabilities_unref)

/* Logical CPUs of this computer. */
guint valise_capabilities_get_cpus (ValiseCapabilities *self);
/* Bytes of RAM of this computer. */
guint64 valise_capabilities_get_memory (ValiseCapabilities *self);

/* Whether machines of @arch ("x86_64", "aarch64") can run here, translated if need be. */
gboolean valise_capabilities_has_arch (ValiseCapabilities *self, const char *arch);

typedef struct
{
  char *value;
  char *label;
  char *reason; /* why it cannot be chosen here, translated; NULL when it can */
} ValiseOption;
/* What a knob can be here, those that cannot be chosen included with their reason; %NULL when any value goes.
 * @arch and @machine_type: the document's os/type/@arch and @machine, or %NULL. The host tells of its own architecture;
 * of another one only the machine types are known. (element-type ValiseOption) (transfer full) */
GPtrArray *
valise_capabilities_options (ValiseCapabilities *self, const char *knob, const char *arch, const char *machine_type);
void valise_option_free (ValiseOption *self);

typedef enum
{
  VALISE_FIRMWARE_BIOS,
  VALISE_FIRMWARE_UEFI,
  VALISE_FIRMWARE_UEFI_SECURE,
} ValiseFirmware;
/* What each is called in commands and stored choices, not translated: "bios", "uefi", "uefi-secure", and %NULL behind
 * the last. */
const char *const *valise_firmware_words (void);
/* What people call it, translated: "UEFI with Secure Boot". */
const char *valise_firmware_label (ValiseFirmware firmware);
/* %NULL when it can be had here, else the reason, translated (transfer full). */
char *valise_capabilities_firmware_reason (ValiseCapabilities *self, ValiseFirmware firmware);
/* The empty variables of the UEFI build that a machine of @arch gets here, or %NULL when there is none. (transfer none) */
const char *valise_capabilities_get_variables (ValiseCapabilities *self, const char *arch, gboolean secure_boot);
/* Whether emulated TPMs can run here (swtpm installed). */
gboolean valise_capabilities_has_tpm (ValiseCapabilities *self);

G_END_DECLS
