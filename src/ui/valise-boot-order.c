/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-boot-order.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "ui/valise-device-list.h"

/* The words of os/boot/@dev and the pages whose devices they mean. */
static const struct
{
  const char *dev;
  const char *page;
} legacy[] = { { "hd", "disk" }, { "cdrom", "cdrom" }, { "fd", "cdrom" }, { "network", "network" } };

static guint
read_order (ValiseDocument *document, const char *device)
{
  g_autofree char *knob = g_strconcat (device, "/boot/@order", NULL);
  g_autofree char *text = valise_document_get (document, knob);

  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : 0;
}

static guint
legacy_order (ValiseDocument *document, const char *page)
{
  guint count = valise_document_count (document, "os/boot");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *knob = g_strdup_printf ("os/boot[%u]/@dev", i);
      g_autofree char *dev = valise_document_get (document, knob);
      for (gsize j = 0; j < G_N_ELEMENTS (legacy); j++)
        if (g_strcmp0 (dev, legacy[j].dev) == 0 && g_str_equal (page, legacy[j].page))
          return i;
    }
  /* Without a word about booting libvirt tries the disks. */
  return count == 0 && g_str_equal (page, "disk") ? 1 : 0;
}

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

/* Those that take part first, by number; equal numbers keep the document's order. */
static int
compare (gconstpointer a, gconstpointer b)
{
  const ValiseBootEntry *one = *(ValiseBootEntry *const *) a, *other = *(ValiseBootEntry *const *) b;
  guint first = one->on ? one->order : G_MAXUINT, second = other->on ? other->order : G_MAXUINT;

  return first < second ? -1 : first > second;
}

static gboolean
can_boot (ValiseDocument *document, const ValiseDevice *device)
{
  static const char *const pages[] = { "disk", "cdrom", "network", "hostdev", "redirdev", NULL };
  g_autofree char *knob = g_strconcat (device->path, "/driver/@type", NULL);
  g_autofree char *driver = g_str_equal (device->page, "filesystem") ? valise_document_get (document, knob) : NULL;

  return g_strv_contains (pages, device->page) || g_strcmp0 (driver, "virtiofs") == 0;
}

static void
boot_entry_free (ValiseBootEntry *self)
{
  g_free (self->device);
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self);
}

GPtrArray *
valise_boot_order_read (ValiseEditSession *session)
{
  ValiseDocument *draft = valise_edit_session_get_draft (session);
  g_autoptr (GPtrArray) devices =
      valise_device_list_new (draft, valise_edit_session_get_directory (session), valise_disk_facts_get ());
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) boot_entry_free);
  gboolean stated = FALSE;

  for (guint i = 0; i < devices->len; i++)
    stated |= read_order (draft, ((ValiseDevice *) g_ptr_array_index (devices, i))->path) > 0;
  for (guint i = 0; i < devices->len; i++)
    {
      const ValiseDevice *device = g_ptr_array_index (devices, i);
      if (can_boot (draft, device))
        g_ptr_array_add (entries, new_device (device, stated ? read_order (draft, device->path)
                                                             : legacy_order (draft, device->page)));
    }
  g_ptr_array_sort (entries, compare);
  if (valise_document_has (draft, "os/kernel"))
    g_ptr_array_insert (entries, 0, new_kernel (draft));
  return entries;
}

static gboolean
write_entry (ValiseEditSession *session, const ValiseBootEntry *entry, guint *number, GError **error)
{
  g_autofree char *boot = g_strconcat (entry->device, "/boot", NULL);
  g_autofree char *order = g_strconcat (boot, "/@order", NULL);
  g_autofree char *text = NULL;

  if (g_str_equal (entry->device, "os/kernel"))
    return entry->on
           || (valise_edit_session_unset (session, "os/kernel", error)
               && valise_edit_session_unset (session, "os/initrd", error)
               && valise_edit_session_unset (session, "os/cmdline", error));
  if (!entry->on)
    return valise_edit_session_unset (session, boot, error);
  text = g_strdup_printf ("%u", ++*number);
  return valise_edit_session_set (session, order, text, error);
}

gboolean
valise_boot_order_write (ValiseEditSession *session, GPtrArray *entries, GError **error)
{
  gboolean done = TRUE;
  guint number = 0;

  valise_edit_session_begin (session);
  while (done && valise_document_has (valise_edit_session_get_draft (session), "os/boot"))
    done = valise_edit_session_unset (session, "os/boot", error);
  for (guint i = 0; done && i < entries->len; i++)
    done = write_entry (session, g_ptr_array_index (entries, i), &number, error);
  valise_edit_session_end (session);
  return done;
}
