/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-special-rows.h"

#include "ui/valise-knob-row.h"

void
valise_special_rows_ensure (void)
{
  g_type_ensure (VALISE_TYPE_KNOB_ROW);
  g_type_ensure (valise_cpu_row_get_type ());
  g_type_ensure (valise_topology_row_get_type ());
  g_type_ensure (valise_memory_row_get_type ());
  g_type_ensure (valise_notes_row_get_type ());
  g_type_ensure (valise_firmware_row_get_type ());
  g_type_ensure (valise_boot_order_row_get_type ());
  g_type_ensure (valise_tpm_row_get_type ());
  g_type_ensure (valise_disk_bus_row_get_type ());
  g_type_ensure (valise_disk_size_row_get_type ());
  g_type_ensure (valise_disk_image_row_get_type ());
  g_type_ensure (valise_variables_row_get_type ());
  g_type_ensure (valise_media_row_get_type ());
  g_type_ensure (valise_network_row_get_type ());
  g_type_ensure (valise_host_device_row_get_type ());
  g_type_ensure (valise_attached_row_get_type ());
  g_type_ensure (valise_table_row_get_type ());
}
