/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-page-private.h"

#include <string.h>

#define DEVICES "devices"

struct _ValiseKnobPages
{
  GHashTable *elements; /* path of an element -> page */
  GHashTable *votes;    /* "path page" -> number of knobs of the table, while it is being filled */
};

/* Sections of which the table has nothing. A device of which it has nothing is on a page of its own, called as the
 * device is. */
static const struct
{
  const char *path;
  const char *page;
} SECTIONS[] = {
  { "", "system" },
  { "bhyve:commandline", "hypervisor" },
  { "blkiotune", "tuning" },
  { "bootloader", "hypervisor" },
  { "bootloader_args", "hypervisor" },
  { "defaultiothread", "processor" },
  { "devices/emulator", "system" },
  { "idmap", "hypervisor" },
  { "iothreadids", "processor" },
  { "keywrap", "security" },
  { "launchSecurity", "security" },
  { "lxc:namespace", "hypervisor" },
  { "perf", "tuning" },
  { "qemu:capabilities", "hypervisor" },
  { "qemu:commandline", "hypervisor" },
  { "qemu:deprecation", "hypervisor" },
  { "qemu:override", "hypervisor" },
  { "resource", "tuning" },
  { "seclabel", "security" },
  { "vcpus", "processor" },
  { "vmware:datacenterpath", "hypervisor" },
  { "xen:commandline", "hypervisor" },
};

static char *
parent_of (const char *path)
{
  const char *slash = strrchr (path, '/');

  return g_strndup (path, slash != NULL ? (gsize) (slash - path) : 0);
}

static guint
count_vote (ValiseKnobPages *self, const char *path, const char *page, guint more)
{
  g_autofree char *key = g_strconcat (path, " ", page, NULL);
  guint votes = GPOINTER_TO_UINT (g_hash_table_lookup (self->votes, key)) + more;

  if (more > 0)
    g_hash_table_insert (self->votes, g_steal_pointer (&key), GUINT_TO_POINTER (votes));
  return votes;
}

/* An element is on the page of most of its knobs; <devices> and the whole are no one's relatives. */
static void
learn (ValiseKnobPages *self, const ValiseKnob *knob)
{
  char *path = g_strdup (knob->path);

  while (*path != '\0' && !g_str_equal (path, DEVICES))
    {
      const char *page = g_hash_table_lookup (self->elements, path);
      guint votes = count_vote (self, path, knob->page, 1);
      char *parent = parent_of (path);

      if (page == NULL || votes > count_vote (self, path, page, 0))
        g_hash_table_replace (self->elements, g_strdup (path), (gpointer) knob->page);
      g_free (path);
      path = parent;
    }
  g_free (path);
}

ValiseKnobPages *
_valise_knob_pages_new (void)
{
  ValiseKnobPages *self = g_new0 (ValiseKnobPages, 1);
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  self->elements = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->votes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  /* The one list of the boot order says nothing about where a device's other knobs are. */
  for (gsize i = 0; i < length; i++)
    if (strchr (table[i].path, '[') == NULL && !g_str_has_suffix (table[i].path, "/boot/@order"))
      learn (self, &table[i]);
  g_clear_pointer (&self->votes, g_hash_table_unref);
  for (guint i = 0; i < G_N_ELEMENTS (SECTIONS); i++)
    if (!g_hash_table_contains (self->elements, SECTIONS[i].path))
      g_hash_table_insert (self->elements, g_strdup (SECTIONS[i].path), (gpointer) SECTIONS[i].page);
  return self;
}

void
_valise_knob_pages_free (ValiseKnobPages *self)
{
  g_hash_table_unref (self->elements);
  g_free (self);
}

/* "devices/serial" is a device, what stands in it is not. */
static const char *
device_name (const char *path)
{
  const char *name = g_str_has_prefix (path, DEVICES "/") ? path + strlen (DEVICES "/") : NULL;

  return name != NULL && strchr (name, '/') == NULL ? name : NULL;
}

const char *
_valise_knob_pages_find (ValiseKnobPages *self, const char *path)
{
  g_autofree char *element = g_strdup (path);
  const char *page = g_hash_table_lookup (self->elements, element);

  while (page == NULL)
    {
      const char *device = device_name (element);
      char *parent = parent_of (element);

      page = device != NULL ? g_intern_string (device) : g_hash_table_lookup (self->elements, parent);
      g_free (element);
      element = parent;
    }
  return page;
}
