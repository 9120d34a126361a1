/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ValiseShrinkPopover:
 *
 * How small a disk is to be, with what is to be known before. Signal "chosen" (bytes, whether what is stored beyond may
 * be lost).
 */
#define VALISE_TYPE_SHRINK_POPOVER (valise_shrink_popover_get_type ())
G_DECLARE_FINAL_TYPE (ValiseShrinkPopover, valise_shrink_popover, VALISE, SHRINK_POPOVER, GtkPopover)

/* (transfer floating) */
GtkWidget *valise_shrink_popover_new (void);
/* @bytes: of the disk as it is. */
void valise_shrink_popover_set_size (ValiseShrinkPopover *self, guint64 bytes);

G_END_DECLS
