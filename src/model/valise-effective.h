/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-capabilities.h"
#include "model/valise-grants.h"

G_BEGIN_DECLS

#define VALISE_EFFECTIVE_ERROR (valise_effective_error_quark ())
GQuark valise_effective_error_quark (void);
typedef enum
{
  VALISE_EFFECTIVE_ERROR_IMAGE,    /* a disk that may not be opened; the ValiseImageError's text is in the message */
  VALISE_EFFECTIVE_ERROR_MISSING,  /* a disk that is not there */
  VALISE_EFFECTIVE_ERROR_FIRMWARE, /* firmware that this host does not have */
  VALISE_EFFECTIVE_ERROR_BOOT,     /* nothing there of what it is to start from once */
} ValiseEffectiveError;

/* What this host decides, whatever the document says. */
typedef struct
{
  gboolean kvm;         /* measured to run guests, and not refused by the machine's accel knob */
  const char *emulator; /* absolute path, or NULL to let libvirt choose */
  /* swtpm's control socket; NULL lets libvirt start one that keeps its state outside the bundle */
  const char *tpm_socket;
  gboolean planned_images;  /* images that are made at Apply count as there: libvirt is only asked */
  gboolean quick_questions; /* libvirt can be told to ask QEMU for a processor's features all at once */
  /* what it starts from this time, whatever the boot order says: a word of valise-boot-once.h or a target; or NULL */
  const char *boot_once;
} ValiseHostChoice;

typedef struct
{
  char *knob;  /* where in the stored document */
  char *value; /* exact value that a grant is bound to */
  char *text;  /* what it asks of this computer, translated: "Read and write /home/you/notes.img" */
  gboolean granted;
} ValiseAsk;
void valise_ask_free (ValiseAsk *self);

/**
 * valise_effective_document_new:
 * @stored: the bundle's document
 * @directory: the bundle, absolute
 * @asks: (out) (optional) (element-type ValiseAsk): everything outside the whitelist, granted or not
 *
 * The one function that makes what libvirt gets: copies what the whitelist knows to be harmless, what @grants holds,
 * and what this host decides (emulator, loader, firmware, accelerator, name vm-UUID, graphics without a port, absolute
 * paths, explicit formats and no backing chain). Everything else is left out. Disk images are inspected
 * (valise_image_inspect) on the way. The stored document is not touched.
 *
 * The directory for firmware variables (nvram/ in the bundle) must be there before such a machine starts. A disk whose
 * file is not granted is left out, a drive whose disc is not granted or gone is empty. @grants may be %NULL: nothing is
 * granted.
 *
 * Returns: (transfer full): a document for create, or %NULL with #ValiseEffectiveError, #ValisePathError or
 * #ValiseDocumentError
 */
ValiseDocument *valise_effective_document_new (ValiseDocument *stored,
                                               const char *directory,
                                               const ValiseHostChoice *choice,
                                               ValiseCapabilities *capabilities,
                                               ValiseGrants *grants,
                                               GPtrArray **asks,
                                               GError **error);

/* What the stored document starts with: BIOS, UEFI, or UEFI with Secure Boot. */
ValiseFirmware valise_effective_get_firmware (ValiseDocument *stored);

/* Where its firmware's variables are, relative to the bundle in @directory; %NULL for BIOS and for a file that is not
 * in the bundle. Looks at the text only: a folder on the way can be a link. (transfer full) (nullable) */
char *valise_effective_dup_variables (ValiseDocument *stored, const char *directory);

/* Only the list, without looking at disks (for the grant dialog and show). (element-type ValiseAsk) (transfer full) */
GPtrArray *valise_effective_list_asks (ValiseDocument *stored, const char *directory, ValiseGrants *grants);

/* Whether @asks (nullable) has one for the same value of the same knob, wherever its device stands. */
gboolean valise_effective_asks_for (GPtrArray *asks, const ValiseAsk *wanted);

/* Grants whatever @stored asks for, or, with @before (nullable), only what that did not already ask for (an edit made
 * here). Errors as valise_grants_allow; what was granted until then stays. */
gboolean valise_effective_grant_all (ValiseDocument *stored,
                                     ValiseDocument *before,
                                     const char *directory,
                                     ValiseGrants *grants,
                                     GError **error);

/* Copies the addresses, controllers and the full machine type that libvirt chose in @live into @stored, so that the
 * guest finds its devices where they were after every later edit. %TRUE when @stored changed; %FALSE without an error
 * when there was nothing to copy, or with #ValiseDocumentError. */
gboolean valise_effective_keep_addresses (ValiseDocument *stored, ValiseDocument *live, GError **error);

G_END_DECLS
