/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-live-change-private.h"

#include <glib/gi18n-lib.h>

#include "model/valise-label.h"
#include "model/valise-live-device.h"

/* All devices of a kind. Numbers are from 1, 0 is none. */
typedef struct
{
  ValiseLiveChange *change;
  const ValiseLiveKind *kind;
  guint befores, afters;
  guint *live_of_before;
  guint *before_of_after;
  GHashTable *kept; /* numbers in before that are in after, too */
} Devices;

char *
_valise_live_knob (const char *element, guint number, const char *rest)
{
  return rest != NULL ? g_strdup_printf ("devices/%s[%u]/%s", element, number, rest)
                      : g_strdup_printf ("devices/%s[%u]", element, number);
}

static guint
count_of (ValiseDocument *document, const ValiseLiveKind *kind)
{
  g_autofree char *all = g_strconcat ("devices/", kind->element, NULL);

  return valise_document_count (document, all);
}

static void
devices_clear (Devices *self)
{
  g_free (self->live_of_before);
  g_free (self->before_of_after);
  g_hash_table_unref (self->kept);
}

static void
devices_init (Devices *self, ValiseLiveChange *change, const ValiseLiveKind *kind)
{
  g_autoptr (GHashTable) running = g_hash_table_new (NULL, NULL);

  self->change = change;
  self->kind = kind;
  self->befores = count_of (change->before, kind);
  self->afters = count_of (change->after, kind);
  self->live_of_before = g_new0 (guint, self->befores + 1);
  self->before_of_after = g_new0 (guint, self->afters + 1);
  self->kept = g_hash_table_new (NULL, NULL);
  for (guint i = 1; i <= self->befores; i++)
    self->live_of_before[i] = valise_live_device_find (change->live, kind, change->before, i, TRUE, running);
  for (guint i = 1; i <= self->afters; i++)
    self->before_of_after[i] = valise_live_device_find (change->before, kind, change->after, i, FALSE, self->kept);
}

static gboolean
can_come (ValiseLiveChange *change, const ValiseLiveKind *kind, guint number)
{
  g_autofree char *path = _valise_live_knob (kind->element, number, NULL);

  return valise_live_device_can_come (change->after, path, change->live);
}

/* What stands for the device in what libvirt would get, where only what is granted is left. */
static guint
find_effective (Devices *self, guint number)
{
  g_autoptr (GHashTable) taken = g_hash_table_new (NULL, NULL);

  if (self->kind->identity != NULL)
    return valise_live_device_find (self->change->effective, self->kind, self->change->after, number, TRUE, taken);
  return count_of (self->change->effective, self->kind) == self->afters ? number : 0;
}

/* --- going --- */

/* Only asks: the guest lets a device go in its own time, and several may be going at once. */
static void
detach (Devices *self, guint before)
{
  ValiseLiveChange *change = self->change;
  const char *element = self->kind->element;
  g_autofree char *device = _valise_live_knob (element, before, NULL);
  g_autofree char *label = valise_label_device (change->before, device);
  g_autofree char *alias =
      valise_document_get_device (change->live, element, self->live_of_before[before], "alias/@name");
  g_autofree char *what = g_strdup_printf (_ ("%s could not be removed while it runs"), label);
  int result = alias != NULL ? virDomainDetachDeviceAlias (change->domain, alias, VIR_DOMAIN_AFFECT_LIVE) : -1;

  /* In what is stored it has no place any more. */
  _valise_live_check (change, result, what, NULL);
  if (result >= 0)
    _valise_live_answers_expect_removal (change->answers, alias, label);
}

/* Without an identity, one that went and one that came are one that was changed, which waits for the restart; only what
 * there are fewer of is gone. */
static void
detach_gone (Devices *self)
{
  guint most = self->kind->identity != NULL   ? self->befores
               : self->befores > self->afters ? self->befores - self->afters
                                              : 0;

  for (guint i = self->befores; i > 0 && most > 0; i--)
    if (!g_hash_table_contains (self->kept, GUINT_TO_POINTER (i)))
      {
        most--;
        if (self->live_of_before[i] != 0)
          detach (self, i);
      }
}

/* --- coming --- */

static void
attach (Devices *self, guint number)
{
  ValiseLiveChange *change = self->change;
  g_autofree char *knob = _valise_live_knob (self->kind->element, number, NULL);
  guint effective = find_effective (self, number);
  g_autofree char *device = _valise_live_knob (self->kind->element, effective, NULL);
  g_autofree char *xml = effective != 0 ? valise_document_get_fragment (change->effective, device) : NULL;

  if (xml != NULL)
    _valise_live_check (change, virDomainAttachDeviceFlags (change->domain, xml, VIR_DOMAIN_AFFECT_LIVE),
                        _ ("The device could not be added while it runs"), knob);
}

static void
attach_new (Devices *self)
{
  guint most = self->afters > self->befores ? self->afters - self->befores : 0;

  for (guint i = self->afters; i > 0 && most > 0; i--)
    if (self->before_of_after[i] == 0)
      {
        most--;
        if (can_come (self->change, self->kind, i))
          attach (self, i);
      }
}

/* --- with an identity --- */

/* What was told to go earlier and is still there keeps its name. */
static void
check_way_is_free (ValiseLiveChange *self, guint number, guint effective, guint live)
{
  g_autofree char *knob = _valise_live_knob ("disk", number, NULL);
  g_autofree char *now = valise_document_get_device (self->live, "disk", live, "source/@file");
  g_autofree char *wanted = valise_document_get_device (self->effective, "disk", effective, "source/@file");

  if (g_strcmp0 (now, wanted) != 0)
    _valise_live_refuse (self, knob, _ ("The guest has not let go of the disk that had this place before."));
}

static gboolean
is_drive (ValiseDocument *document, guint number)
{
  g_autofree char *kind = valise_document_get_device (document, "disk", number, "@device");

  return g_strcmp0 (kind, "cdrom") == 0 || g_strcmp0 (kind, "floppy") == 0;
}

static void
change_stored (Devices *self, guint number)
{
  ValiseLiveChange *change = self->change;
  gboolean is_disk = g_str_equal (self->kind->element, "disk");
  g_autoptr (GHashTable) taken = g_hash_table_new (NULL, NULL);
  guint effective = find_effective (self, number);
  guint live = valise_live_device_find (change->live, self->kind, change->after, number, TRUE, taken);
  gboolean is_new = self->before_of_after[number] == 0;

  if (effective == 0)
    return;
  if (live == 0 && is_new && can_come (change, self->kind, number))
    attach (self, number);
  else if (live != 0 && is_new && is_disk && !is_drive (change->effective, effective))
    check_way_is_free (change, number, effective, live);
  else if (live != 0 && is_disk)
    _valise_live_change_disk (change, number, effective, live);
  else if (live != 0 && g_str_equal (self->kind->element, "interface"))
    _valise_live_change_card (change, number, self->before_of_after[number], effective, live);
}

void
_valise_live_change_devices (ValiseLiveChange *self)
{
  for (const ValiseLiveKind *kind = valise_live_kinds (); kind->element != NULL; kind++)
    {
      Devices devices;

      devices_init (&devices, self, kind);
      detach_gone (&devices);
      if (kind->identity == NULL)
        attach_new (&devices);
      else
        for (guint i = 1; i <= devices.afters; i++)
          change_stored (&devices, i);
      devices_clear (&devices);
    }
}
