/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define VALISE_KERNEL_ERROR (valise_kernel_error_quark ())
GQuark valise_kernel_error_quark (void);
typedef enum
{
  VALISE_KERNEL_ERROR_NOT_A_KERNEL, /* no boot protocol of Linux on PCs */
  VALISE_KERNEL_ERROR_UNREADABLE,   /* reading failed, or it is no plain file */
} ValiseKernelError;

/* What a Linux kernel for PCs (bzImage) says about itself. */
typedef struct
{
  char *version; /* "6.1.0-18-amd64", or "" when it is not told; fit to be shown */
  char *initrd;  /* the file beside it that goes with it by its name, or NULL */
} ValiseKernel;

/**
 * valise_kernel_read:
 * @path: any file; a FIFO or device never blocks
 *
 * Reads the first KiB and a line further on, and believes neither.
 *
 * Returns: (transfer full): what it is, or %NULL with a #ValiseKernelError that names @path
 */
ValiseKernel *valise_kernel_read (const char *path, GError **error);
void valise_kernel_free (ValiseKernel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseKernel, valise_kernel_free)

G_END_DECLS
