/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-boot-order.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "model/valise-boot-places.h"
#include "ui/valise-device-list.h"

static ValiseBootEntry *
new_kernel (ValiseDocument *document)
{
  ValiseBootEntry *entry = g_new0 (ValiseBootEntry, 1);
  g_autofree char *kernel = valise_document_get (document, "os/kernel");

  entry->device = g_strdup ("os/kernel");
  entry->title = g_strdup (_ ("Linux kernel, started directly"));
  entry->subtitle = valise_text_for_display (kernel, 60);
  entry->icon = "system-run-symbolic";
  entry->on = TRUE;
  return entry;
}

static ValiseBootEntry *
new_device (const ValiseDevice *device, guint order)
{
  ValiseBootEntry *entry = g_new0 (ValiseBootEntry, 1);

  entry->device = g_strdup (device->path);
  entry->title = g_strdup (device->title);
  entry->subtitle = g_strdup (device->subtitle);
  entry->icon = device->icon;
  entry->order = order;
  entry->on = order > 0;
  return entry;
}

static void
boot_entry_free (ValiseBootEntry *self)
{
  g_free (self->device);
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self);
}

/* By path. (transfer full) */
static GHashTable *
index_devices (GPtrArray *devices)
{
  GHashTable *index = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < devices->len; i++)
    g_hash_table_insert (index, ((ValiseDevice *) devices->pdata[i])->path, devices->pdata[i]);
  return index;
}

GPtrArray *
valise_boot_order_read (ValiseEditSession *session)
{
  ValiseDocument *draft = valise_edit_session_get_draft (session);
  g_autoptr (GPtrArray) devices =
      valise_device_list_new (draft, valise_edit_session_get_directory (session), valise_disk_facts_get ());
  g_autoptr (GHashTable) index = index_devices (devices);
  g_autoptr (GPtrArray) places = valise_boot_places_read (draft);
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) boot_entry_free);

  if (valise_document_has (draft, "os/kernel"))
    g_ptr_array_add (entries, new_kernel (draft));
  for (guint i = 0; i < places->len; i++)
    {
      const ValiseBootPlace *place = g_ptr_array_index (places, i);
      const ValiseDevice *device = g_hash_table_lookup (index, place->device);

      if (device != NULL)
        g_ptr_array_add (entries, new_device (device, place->order));
    }
  return entries;
}

static gboolean
drop_kernel (ValiseEditSession *session, GError **error)
{
  return valise_edit_session_unset (session, "os/kernel", error)
         && valise_edit_session_unset (session, "os/initrd", error)
         && valise_edit_session_unset (session, "os/cmdline", error);
}

gboolean
valise_boot_order_write (ValiseEditSession *session, GPtrArray *entries, GError **error)
{
  g_autoptr (GPtrArray) places = g_ptr_array_new_with_free_func (g_free);
  gboolean done = TRUE;

  valise_edit_session_begin (session);
  for (guint i = 0; done && i < entries->len; i++)
    {
      const ValiseBootEntry *entry = g_ptr_array_index (entries, i);
      const ValiseBootPlace place = { .device = entry->device, .order = entry->on ? 1 : 0 };

      if (!g_str_equal (entry->device, "os/kernel"))
        g_ptr_array_add (places, g_memdup2 (&place, sizeof place));
      else if (!entry->on)
        done = drop_kernel (session, error);
    }
  done = done && valise_boot_places_write (session, places, error);
  valise_edit_session_end (session);
  return done;
}
