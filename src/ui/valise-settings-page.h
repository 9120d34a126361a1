/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-settings-row.h"

G_BEGIN_DECLS

/**
 * ValiseSettingsPage:
 *
 * A page of rows. Its glade file places rows by naming their knob; the page binds them, and adds below them every knob
 * that libvirt knows for this page and no row stands for, so that none has to be looked for in the XML.
 *
 * Signal "remove-device": the user removes the device.
 */
#define VALISE_TYPE_SETTINGS_PAGE (valise_settings_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (ValiseSettingsPage, valise_settings_page, VALISE, SETTINGS_PAGE, GtkBox)

struct _ValiseSettingsPageClass
{
  GtkBoxClass parent_class;
  const char *id;    /* the knob table's word for it */
  const char *title; /* untranslated */
};

/* @device: for pages of a device, its path with index; @title: (nullable): what to call the page, else the class's. */
void
valise_settings_page_bind (ValiseSettingsPage *self, ValiseEditSession *session, const char *device, const char *title);
void valise_settings_page_refresh (ValiseSettingsPage *self);
void valise_settings_page_flush (ValiseSettingsPage *self);
void valise_settings_page_set_refusals (ValiseSettingsPage *self, GPtrArray *findings);
/* Puts the controls of all rows below their words. */
void valise_settings_page_set_narrow (ValiseSettingsPage *self, gboolean narrow);
/* What is wrong with what the page is about: it says what none of its rows does. (element-type ValiseFinding) */
void valise_settings_page_set_findings (ValiseSettingsPage *self, GPtrArray *findings);
const char *valise_settings_page_get_device (ValiseSettingsPage *self);
/* Unfolds what hides it. %NULL when the page has no such row. (transfer none) */
ValiseSettingsRow *valise_settings_page_find_row (ValiseSettingsPage *self, const char *knob);

/* Whether the knob is a device's place in the boot order. */
gboolean valise_settings_page_is_boot_order (const char *knob);

/* A page that is nothing but its glade file. */
#define VALISE_DEFINE_SETTINGS_PAGE(TypeName, type_name, page_id, page_title, resource)                                \
  typedef struct                                                                                                       \
  {                                                                                                                    \
    ValiseSettingsPage parent_instance;                                                                                \
  } TypeName;                                                                                                          \
  typedef struct                                                                                                       \
  {                                                                                                                    \
    ValiseSettingsPageClass parent_class;                                                                              \
  } TypeName##Class;                                                                                                   \
  G_DEFINE_TYPE (TypeName, type_name, VALISE_TYPE_SETTINGS_PAGE)                                                       \
  static void type_name##_class_init (TypeName##Class *klass)                                                          \
  {                                                                                                                    \
    VALISE_SETTINGS_PAGE_CLASS (klass)->id = page_id;                                                                  \
    VALISE_SETTINGS_PAGE_CLASS (klass)->title = page_title;                                                            \
    gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass), resource);                                  \
  }                                                                                                                    \
  static void type_name##_init (TypeName *self)                                                                        \
  {                                                                                                                    \
    gtk_widget_init_template (GTK_WIDGET (self));                                                                      \
  }

GType valise_page_system_get_type (void);
GType valise_page_processor_get_type (void);
GType valise_page_memory_get_type (void);
GType valise_page_boot_get_type (void);
GType valise_page_disk_get_type (void);
GType valise_page_cdrom_get_type (void);
GType valise_page_network_get_type (void);
GType valise_page_display_get_type (void);
GType valise_page_sound_get_type (void);
GType valise_page_input_get_type (void);
GType valise_page_clock_get_type (void);
GType valise_page_features_get_type (void);
GType valise_page_controller_get_type (void);
GType valise_page_filesystem_get_type (void);
GType valise_page_hostdev_get_type (void);
GType valise_page_redirdev_get_type (void);
GType valise_page_serial_get_type (void);
GType valise_page_parallel_get_type (void);
GType valise_page_console_get_type (void);
GType valise_page_channel_get_type (void);
GType valise_page_tpm_get_type (void);
GType valise_page_rng_get_type (void);
GType valise_page_watchdog_get_type (void);
GType valise_page_panic_get_type (void);
GType valise_page_vsock_get_type (void);
GType valise_page_shmem_get_type (void);
GType valise_page_smartcard_get_type (void);
GType valise_page_iommu_get_type (void);
GType valise_page_module_get_type (void);
GType valise_page_video_get_type (void);
GType valise_page_hub_get_type (void);
GType valise_page_nvram_get_type (void);
GType valise_page_lease_get_type (void);
GType valise_page_tuning_get_type (void);
GType valise_page_security_get_type (void);
GType valise_page_hypervisor_get_type (void);

G_END_DECLS
