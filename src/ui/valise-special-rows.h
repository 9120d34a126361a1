/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-settings-row.h"

G_BEGIN_DECLS

/* Rows that are more than one knob and its control; each is named in glade like any other row. */
GType valise_cpu_row_get_type (void);        /* vcpu, kept in step with the topology */
GType valise_topology_row_get_type (void);   /* sockets x cores x threads */
GType valise_memory_row_get_type (void);     /* memory and currentMemory, with a slider */
GType valise_notes_row_get_type (void);      /* text of several lines */
GType valise_firmware_row_get_type (void);   /* BIOS, UEFI, UEFI with Secure Boot */
GType valise_boot_order_row_get_type (void); /* one list of everything that can be booted from */
GType valise_tpm_row_get_type (void);
GType valise_disk_bus_row_get_type (void);    /* target/@bus, with what depends on it */
GType valise_disk_size_row_get_type (void);   /* what an image takes now and at most; grows it */
GType valise_disk_image_row_get_type (void);  /* compacts and converts the file of a disk */
GType valise_variables_row_get_type (void);   /* what the firmware remembers; makes it fresh */
GType valise_media_row_get_type (void);       /* the ISO in a CD drive */
GType valise_network_row_get_type (void);     /* what a network card is connected to */
GType valise_host_device_row_get_type (void); /* which device of this computer the guest gets */
GType valise_attached_row_get_type (void);    /* what is connected to a controller */
/* An element there may be many of: "knob" is its path, "also" its leaves, which become columns (those with choices are
 * chosen from). */
GType valise_table_row_get_type (void);

/* Makes the types known to GtkBuilder. */
void valise_special_rows_ensure (void);

/* A row type: a struct with @fields, bound, refresh and commit. */
#define VALISE_DEFINE_SPECIAL_ROW(TypeName, type_name, fields)                                                         \
  typedef struct                                                                                                       \
  {                                                                                                                    \
    ValiseSettingsRow parent_instance;                                                                                 \
    fields                                                                                                             \
  } TypeName;                                                                                                          \
  typedef struct                                                                                                       \
  {                                                                                                                    \
    ValiseSettingsRowClass parent_class;                                                                               \
  } TypeName##Class;                                                                                                   \
  G_DEFINE_TYPE (TypeName, type_name, VALISE_TYPE_SETTINGS_ROW)                                                        \
  static void type_name##_init (TypeName *self)                                                                        \
  {                                                                                                                    \
  }

G_END_DECLS
