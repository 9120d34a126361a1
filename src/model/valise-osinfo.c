/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-libosinfo-private.h"
#include "model/valise-profile-private.h"
#include "model/valise-systems.h"

#include <string.h>

#include "base/valise-leaks.h"

/* Devices by their PCI ids, as the database names them: virtio block, old style and new. */
#define VIRTIO_BLOCK "http://pcisig.com/pci/1af4/1001"
#define VIRTIO_BLOCK_1_0 "http://pcisig.com/pci/1af4/1042"

ValiseLate _valise_libosinfo = { .file = "libosinfo-1.0.so.0" };

static GMutex database_mutex;

/* NULL without libosinfo: then no system is known. Its objects are not made for several threads; the caller holds the
 * mutex. */
static OsinfoDb *
get_database (void)
{
  static OsinfoDb *database;
  g_autoptr (OsinfoLoader) loader = NULL;
  g_autoptr (GError) error = NULL;

  if (database != NULL)
    return database;
  if (!valise_late_load (&_valise_libosinfo, &error))
    {
      g_info ("No systems are known: %s", error->message);
      return NULL;
    }
  loader = osinfo_loader_new ();
  /* The loader loses some bytes of its own in each database. */
  __lsan_disable ();
  osinfo_loader_process_default_path (loader, &error);
  __lsan_enable ();
  if (error != NULL)
    g_debug ("libosinfo's database is read in part only: %s", error->message);
  database = g_object_ref (osinfo_loader_get_db (loader));
  return database;
}

static void
set_text (OsinfoMedia *media, const char *property, const char *value)
{
  if (*value != '\0')
    osinfo_entity_set_param ((OsinfoEntity *) media, property, value);
}

/* The disc was read by our own reader; libosinfo only compares. */
static OsinfoMedia *
media_from_iso (const ValiseIso *iso)
{
  OsinfoMedia *media = osinfo_media_new ("disc", NULL);

  set_text (media, OSINFO_MEDIA_PROP_VOLUME_ID, iso->label);
  set_text (media, OSINFO_MEDIA_PROP_SYSTEM_ID, iso->system);
  set_text (media, OSINFO_MEDIA_PROP_PUBLISHER_ID, iso->publisher);
  set_text (media, OSINFO_MEDIA_PROP_APPLICATION_ID, iso->application);
  if (iso->volume_size > 0 && iso->volume_size <= G_MAXINT64)
    osinfo_entity_set_param_int64 ((OsinfoEntity *) media, OSINFO_MEDIA_PROP_VOLUME_SIZE, (gint64) iso->volume_size);
  return media;
}

static gboolean
has_device (OsinfoOs *os, const char *id)
{
  g_autoptr (OsinfoDeviceList) devices = osinfo_os_get_all_devices (os, NULL);

  return osinfo_list_find_by_id ((OsinfoList *) devices, id) != NULL;
}

static void
raise_to (guint64 *to, gint64 value)
{
  if (value > 0)
    *to = MAX (*to, (guint64) value);
}

static void
take_resources (ValiseAdvice *self, OsinfoOs *os)
{
  g_autoptr (OsinfoResourcesList) list = osinfo_os_get_recommended_resources (os);

  for (int i = 0; i < osinfo_list_get_length ((OsinfoList *) list); i++)
    {
      OsinfoResources *resources = (OsinfoResources *) osinfo_list_get_nth ((OsinfoList *) list, i);
      const char *arch = osinfo_resources_get_architecture (resources);

      if (g_strcmp0 (arch, "all") != 0 && g_strcmp0 (arch, "x86_64") != 0)
        continue;
      raise_to (&self->memory, osinfo_resources_get_ram (resources));
      raise_to (&self->disk, osinfo_resources_get_storage (resources));
      if (osinfo_resources_get_n_cpus (resources) > 0)
        self->cpus = MAX (self->cpus, (guint) osinfo_resources_get_n_cpus (resources));
    }
}

static ValiseAdvice *
advice_from_os (OsinfoOs *os)
{
  ValiseAdvice *self = g_new0 (ValiseAdvice, 1);
  const char *family = osinfo_os_get_family (os);

  self->os_id = g_strdup (osinfo_entity_get_id ((OsinfoEntity *) os));
  self->name = g_strdup (osinfo_product_get_name ((OsinfoProduct *) os));
  self->virtio = has_device (os, VIRTIO_BLOCK) || has_device (os, VIRTIO_BLOCK_1_0);
  self->windows = g_strcmp0 (family, "winnt") == 0 || g_strcmp0 (family, "win9x") == 0;
  self->tpm = g_str_has_prefix (self->os_id, "http://microsoft.com/win/11");
  self->bios_only = self->windows && _valise_advice_is_old_windows (self->os_id);
  take_resources (self, os);
  return self;
}

ValiseAdvice *
_valise_advice_from_osinfo (const ValiseIso *iso)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&database_mutex);
  OsinfoDb *database = get_database ();
  g_autoptr (OsinfoMedia) media = database != NULL ? media_from_iso (iso) : NULL;
  OsinfoOs *os;

  if (media == NULL || !osinfo_db_identify_media (database, media))
    return NULL;
  os = osinfo_media_get_os (media);
  return os != NULL ? advice_from_os (os) : NULL;
}

/* --- all that there are --- */

static int
compare_systems (gconstpointer one, gconstpointer other)
{
  const ValiseSystem *a = *(const ValiseSystem *const *) one, *b = *(const ValiseSystem *const *) other;
  g_autofree char *first = g_utf8_collate_key_for_filename (a->name, -1);
  g_autofree char *second = g_utf8_collate_key_for_filename (b->name, -1);

  return strcmp (first, second);
}

static void
add_system (GPtrArray *systems, OsinfoEntity *entity)
{
  const char *name = osinfo_product_get_name ((OsinfoProduct *) entity);
  ValiseSystem *system = g_new0 (ValiseSystem, 1);

  system->id = g_strdup (osinfo_entity_get_id (entity));
  system->name = g_strdup (name != NULL ? name : system->id);
  g_ptr_array_add (systems, system);
}

static void
add_systems (GPtrArray *systems, OsinfoDb *database)
{
  g_autoptr (OsinfoOsList) list = osinfo_db_get_os_list (database);

  for (int i = 0; i < osinfo_list_get_length ((OsinfoList *) list); i++)
    add_system (systems, osinfo_list_get_nth ((OsinfoList *) list, i));
  g_ptr_array_sort (systems, compare_systems);
}

/* Read once, never changed and never freed. */
GPtrArray *
valise_systems_list (void)
{
  static GPtrArray *systems;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&database_mutex);
  OsinfoDb *database;

  if (systems != NULL)
    return systems;
  database = get_database ();
  systems = g_ptr_array_new ();
  if (database != NULL)
    add_systems (systems, database);
  return systems;
}

const char *
valise_systems_get_name (const char *id)
{
  GPtrArray *systems = valise_systems_list ();

  for (guint i = 0; id != NULL && i < systems->len; i++)
    {
      const ValiseSystem *system = systems->pdata[i];

      if (g_str_equal (system->id, id))
        return system->name;
    }
  return NULL;
}
