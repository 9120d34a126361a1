/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "model/valise-capabilities.h"
#include "bundle/valise-image.h"
#include "bundle/valise-new-disks.h"

G_BEGIN_DECLS

#define VALISE_PROFILE_ERROR (valise_profile_error_quark ())
GQuark valise_profile_error_quark (void);
typedef enum
{
  VALISE_PROFILE_ERROR_NOT_AN_ISO, /* the file is no ISO 9660 or UDF image */
  VALISE_PROFILE_ERROR_UNREADABLE,
} ValiseProfileError;

/**
 * ValiseProfile:
 *
 * What a detected system wants: from libosinfo where it knows the medium, else from our own table by volume label, else
 * generic.
 */
typedef struct
{
  char *os_id;    /* libosinfo's URI, or NULL */
  char *name;     /* "Debian 12", or the volume label, or "Unknown system" */
  char *label;    /* the ISO's volume label */
  guint cpus;     /* recommended, bounded by this computer */
  guint64 memory; /* bytes */
  guint64 disk;   /* bytes */
  ValiseFirmware firmware;
  gboolean boots_bios, boots_uefi; /* what El Torito offers */
  gboolean virtio;                 /* has virtio drivers */
  gboolean tpm;                    /* wants a TPM (Windows 11) */
  gboolean windows;                /* local time clock, hyperv, e1000e + sata */
  ValiseImageInfo *image;          /* a disk that there is already, or NULL; belongs at valise_profile_get_image_file */
  char *kernel, *initrd;           /* absolute paths of what is started directly, or NULL */
} ValiseProfile;
void valise_profile_free (ValiseProfile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseProfile, valise_profile_free)

/* What somebody has to make a machine from. */
typedef enum
{
  VALISE_HAS_NOTHING,
  VALISE_HAS_ISO,
  VALISE_HAS_IMAGE,  /* a disk with a system on it */
  VALISE_HAS_KERNEL, /* and perhaps an initial memory disk beside it */
} ValiseHas;

/**
 * valise_profile_from_iso:
 * @path: any file
 * @capabilities: bound what is recommended to this computer
 *
 * Reads the ISO (blocking, a few sectors) and says what it is.
 *
 * Returns: (transfer full): the profile, or %NULL with %VALISE_PROFILE_ERROR_NOT_AN_ISO, _UNREADABLE (both name @path)
 * or %G_IO_ERROR_CANCELLED
 */
ValiseProfile *
valise_profile_from_iso (const char *path, ValiseCapabilities *capabilities, GCancellable *cancellable, GError **error);
/* What it is good for can be told from the file alone: what every system of today takes. Blocking, reads the header;
 * the errors are those of valise_image_identify. (transfer full) */
ValiseProfile *valise_profile_from_image (const char *path, ValiseCapabilities *capabilities, GError **error);
/* Blocking, reads the header; the errors are those of valise_kernel_read. (transfer full) */
ValiseProfile *valise_profile_from_kernel (const char *path, ValiseCapabilities *capabilities, GError **error);
/* One of the above, in a thread; errors and ownership are theirs. */
void valise_profile_look_async (ValiseHas has,
                                const char *path,
                                ValiseCapabilities *capabilities,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
ValiseProfile *valise_profile_look_finish (GAsyncResult *result, GError **error);
/* For a machine with nothing to install from. (transfer full) */
ValiseProfile *valise_profile_generic (ValiseCapabilities *capabilities);

/**
 * ValiseProposal:
 *
 * A machine about to be made. Zeros and NULLs mean "as the profile says".
 */
typedef struct
{
  char *name;
  char *iso; /* absolute path, or NULL */
  guint cpus;
  guint64 memory; /* bytes */
  GArray *disks;  /* guint64 bytes each; NULL = one as the profile says, empty = none */
  int firmware;   /* ValiseFirmware, or -1 */
  char *accel;    /* "auto", "kvm", "tcg", or NULL = auto */
} ValiseProposal;

/* Where in the bundle the disk that there is already belongs: "disks/root.qcow2"; %NULL when there is none. */
const char *valise_profile_get_image_file (const ValiseProfile *self);

/* The stored document of a new machine: q35, its own uuid and MAC, disks/root.qcow2 (disk2, ...) as virtio or sata, CD
 * on sata, user or default network, vnc, virtio or vga video, tablet and keyboard, rng, balloon, agent channel; boot
 * order disk after CD. Nothing is written. %VALISE_PROFILE_ERROR_UNREADABLE when the ISO's file name is no text, which
 * no document can hold. (transfer full) */
ValiseDocument *valise_profile_propose (const ValiseProfile *profile,
                                        const ValiseProposal *proposal,
                                        ValiseCapabilities *capabilities,
                                        GError **error);
G_END_DECLS
