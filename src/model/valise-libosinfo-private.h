/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <osinfo/osinfo.h>

#include "base/valise-late.h"

G_BEGIN_DECLS

/* libosinfo, which brings a web client with it, is loaded by the first disc that is looked at. Private to this room;
 * whoever needs one more of its functions names it here, or the program does not link. Its checked casts are functions of
 * their own, so casts are written out. */
extern ValiseLate _valise_libosinfo;

#define osinfo_db_get_os_list VALISE_LATE (_valise_libosinfo, osinfo_db_get_os_list)
#define osinfo_db_identify_media VALISE_LATE (_valise_libosinfo, osinfo_db_identify_media)
#define osinfo_entity_get_id VALISE_LATE (_valise_libosinfo, osinfo_entity_get_id)
#define osinfo_entity_set_param VALISE_LATE (_valise_libosinfo, osinfo_entity_set_param)
#define osinfo_entity_set_param_int64 VALISE_LATE (_valise_libosinfo, osinfo_entity_set_param_int64)
#define osinfo_list_find_by_id VALISE_LATE (_valise_libosinfo, osinfo_list_find_by_id)
#define osinfo_list_get_length VALISE_LATE (_valise_libosinfo, osinfo_list_get_length)
#define osinfo_list_get_nth VALISE_LATE (_valise_libosinfo, osinfo_list_get_nth)
#define osinfo_loader_get_db VALISE_LATE (_valise_libosinfo, osinfo_loader_get_db)
#define osinfo_loader_new VALISE_LATE (_valise_libosinfo, osinfo_loader_new)
#define osinfo_loader_process_default_path VALISE_LATE (_valise_libosinfo, osinfo_loader_process_default_path)
#define osinfo_media_get_os VALISE_LATE (_valise_libosinfo, osinfo_media_get_os)
#define osinfo_media_new VALISE_LATE (_valise_libosinfo, osinfo_media_new)
#define osinfo_os_get_all_devices VALISE_LATE (_valise_libosinfo, osinfo_os_get_all_devices)
#define osinfo_os_get_family VALISE_LATE (_valise_libosinfo, osinfo_os_get_family)
#define osinfo_os_get_recommended_resources VALISE_LATE (_valise_libosinfo, osinfo_os_get_recommended_resources)
#define osinfo_product_get_name VALISE_LATE (_valise_libosinfo, osinfo_product_get_name)
#define osinfo_resources_get_architecture VALISE_LATE (_valise_libosinfo, osinfo_resources_get_architecture)
#define osinfo_resources_get_n_cpus VALISE_LATE (_valise_libosinfo, osinfo_resources_get_n_cpus)
#define osinfo_resources_get_ram VALISE_LATE (_valise_libosinfo, osinfo_resources_get_ram)
#define osinfo_resources_get_storage VALISE_LATE (_valise_libosinfo, osinfo_resources_get_storage)

G_END_DECLS
