/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-device-list.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-new-disks.h"
#include "model/valise-knob.h"
#include "ui/valise-settings-pages.h"

/* A field of a device from somebody else's machine, fit for a label. */
static char *
get_shown (ValiseDocument *document, const char *device, const char *rest)
{
  g_autofree char *knob = g_strconcat (device, "/", rest, NULL);
  g_autofree char *value = valise_document_get (document, knob);

  return value != NULL && *value != '\0' ? valise_text_for_display (value, 60) : NULL;
}

/* The same in the words of the settings, without what they add in brackets: "SATA" of "sata", "virtio" of "virtio
 * (fastest)". */
static char *
get_words (ValiseDocument *document, const char *device, const char *rest)
{
  g_autofree char *knob = g_strconcat (device, "/", rest, NULL);
  g_autofree char *value = get_shown (document, device, rest);
  const ValiseKnob *known = valise_knob_lookup (knob);
  const char *label = value != NULL && known != NULL ? valise_knob_get_choice_label (known, value) : NULL;
  const char *bracket = label != NULL ? strstr (label, " (") : NULL;

  if (label == NULL)
    return g_steal_pointer (&value);
  return bracket != NULL ? g_strndup (label, bracket - label) : g_strdup (label);
}

static ValiseDevice *
add_device (GPtrArray *list, const char *path, const char *page, const char *icon)
{
  ValiseDevice *device = g_new0 (ValiseDevice, 1);

  device->path = g_strdup (path);
  device->page = page;
  device->icon = icon;
  g_ptr_array_add (list, device);
  return device;
}

static guint64
disk_size (ValiseDocument *document, const char *directory, ValiseDiskFacts *facts, const char *path)
{
  g_autofree char *knob = g_strconcat (path, "/source/@file", NULL);
  g_autofree char *source = valise_document_get (document, knob);
  guint64 stated = source != NULL ? valise_new_disks_get_size (document, source) : 0;
  const ValiseImageInfo *info = facts != NULL ? valise_disk_facts_of (facts, document, directory, path) : NULL;

  return MAX (stated, info != NULL ? info->virtual_size : 0);
}

static void
describe_disk (ValiseDevice *device, ValiseDocument *document, guint64 size, guint number)
{
  g_autofree char *bus = get_words (document, device->path, "target/@bus");
  g_autofree char *text = size > 0 ? valise_size_format (size) : NULL;

  device->title = g_strdup_printf (_ ("Disk %u"), number);
  device->subtitle = g_strdup_printf ("%s%s%s", text != NULL ? text : "", text != NULL && bus != NULL ? ", " : "",
                                      bus != NULL ? bus : "");
}

static void
describe_drive (ValiseDevice *device, ValiseDocument *document, gboolean floppy, guint number)
{
  g_autofree char *source = get_shown (document, device->path, "source/@file");
  const char *what = floppy ? _ ("Floppy") : _ ("CD");

  device->title = number > 1 ? g_strdup_printf ("%s %u", what, number) : g_strdup (what);
  device->subtitle = source != NULL ? g_path_get_basename (source) : g_strdup (_ ("empty"));
}

static void
add_disks (GPtrArray *list, ValiseDocument *document, const char *directory, ValiseDiskFacts *facts, gboolean drives)
{
  guint number = 0;

  for (guint i = 1; i <= valise_document_count (document, "devices/disk"); i++)
    {
      g_autofree char *path = g_strdup_printf ("devices/disk[%u]", i);
      g_autofree char *kind = get_shown (document, path, "@device");
      g_autofree char *target = get_shown (document, path, "target/@dev");
      gboolean drive = g_strcmp0 (kind, "cdrom") == 0 || g_strcmp0 (kind, "floppy") == 0;
      ValiseDevice *device;

      if (drive != drives)
        continue;
      number++;
      device = add_device (list, path, drive ? "cdrom" : "disk",
                           drive ? "media-optical-symbolic" : "drive-harddisk-symbolic");
      device->identity = g_strdup_printf ("disk %s", target != NULL ? target : path);
      if (drive)
        describe_drive (device, document, g_str_equal (kind, "floppy"), number);
      else
        describe_disk (device, document, disk_size (document, directory, facts, path), number);
    }
}

static char *
describe_network (ValiseDocument *document, const char *path)
{
  g_autofree char *type = get_shown (document, path, "@type");
  g_autofree char *link = get_shown (document, path, "link/@state");
  g_autofree char *network = get_shown (document, path, "source/@network");
  g_autofree char *bridge = get_shown (document, path, "source/@bridge");

  if (g_strcmp0 (link, "down") == 0)
    return g_strdup (_ ("not connected"));
  if (g_strcmp0 (type, "user") == 0)
    return g_strdup (_ ("NAT"));
  if (g_strcmp0 (type, "network") == 0 && network != NULL)
    return g_strdup_printf (_ ("network %s"), network);
  if (g_strcmp0 (type, "bridge") == 0 && bridge != NULL)
    return g_strdup_printf (_ ("bridge %s"), bridge);
  return g_strdup (type != NULL ? type : "");
}

static void
add_networks (GPtrArray *list, ValiseDocument *document)
{
  for (guint i = 1; i <= valise_document_count (document, "devices/interface"); i++)
    {
      g_autofree char *path = g_strdup_printf ("devices/interface[%u]", i);
      ValiseDevice *device = add_device (list, path, "network", "network-wired-symbolic");
      device->identity = g_strdup (path);
      device->title = g_strdup_printf (_ ("Network %u"), i);
      device->subtitle = describe_network (document, path);
    }
}

static void
add_sounds (GPtrArray *list, ValiseDocument *document)
{
  guint count = valise_document_count (document, "devices/sound");

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *path = g_strdup_printf ("devices/sound[%u]", i);
      ValiseDevice *device = add_device (list, path, "sound", "audio-card-symbolic");
      device->identity = g_strdup (path);
      device->title = count > 1 ? g_strdup_printf (_ ("Sound %u"), i) : g_strdup (_ ("Sound"));
      device->subtitle = get_words (document, path, "@model");
    }
}

static const char *
name_of_input (const char *type)
{
  if (g_strcmp0 (type, "tablet") == 0)
    return _ ("Tablet");
  if (g_strcmp0 (type, "mouse") == 0)
    return _ ("Mouse");
  if (g_strcmp0 (type, "keyboard") == 0)
    return _ ("Keyboard");
  return _ ("Input");
}

static void
add_inputs (GPtrArray *list, ValiseDocument *document)
{
  for (guint i = 1; i <= valise_document_count (document, "devices/input"); i++)
    {
      g_autofree char *path = g_strdup_printf ("devices/input[%u]", i);
      g_autofree char *type = get_shown (document, path, "@type");
      ValiseDevice *device =
          add_device (list, path, "input",
                      g_strcmp0 (type, "keyboard") == 0 ? "input-keyboard-symbolic" : "input-mouse-symbolic");
      device->identity = g_strdup (path);
      device->title = g_strdup (name_of_input (type));
      device->subtitle = get_words (document, path, "@bus");
    }
}

/* The first video card is on the page of the display. */
static void
add_further_videos (GPtrArray *list, ValiseDocument *document)
{
  for (guint i = 2; i <= valise_document_count (document, "devices/video"); i++)
    {
      g_autofree char *path = g_strdup_printf ("devices/video[%u]", i);
      ValiseDevice *device = add_device (list, path, "video", "video-display-symbolic");

      device->identity = g_strdup (path);
      device->title = g_strdup_printf (_ ("Video Card %u"), i);
      device->subtitle = get_words (document, path, "model/@type");
    }
}

static char *
describe_plain (ValiseDocument *document, const char *path, const ValisePageInfo *info)
{
  for (gsize i = 0; i < G_N_ELEMENTS (info->details) && info->details[i] != NULL; i++)
    {
      char *detail = get_words (document, path, info->details[i]);

      if (detail != NULL)
        return detail;
    }
  return NULL;
}

/* Devices that need no more words than their page's title and one of their values. */
static void
add_plain (GPtrArray *list, ValiseDocument *document, const ValisePageInfo *info)
{
  guint count = valise_document_count (document, info->element);

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s[%u]", info->element, i);
      ValiseDevice *device = add_device (list, path, info->id, info->icon);

      device->identity = g_strdup (path);
      device->title = count > 1 ? g_strdup_printf ("%s %u", _ (info->title), i) : g_strdup (_ (info->title));
      device->subtitle = describe_plain (document, path, info);
    }
}

static void
device_free (ValiseDevice *self)
{
  g_free (self->path);
  g_free (self->identity);
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self);
}

GPtrArray *
valise_device_list_new (ValiseDocument *document, const char *directory, ValiseDiskFacts *facts)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) device_free);
  gsize length;
  const ValisePageInfo *pages = valise_settings_pages (&length);

  add_disks (list, document, directory, facts, FALSE);
  add_disks (list, document, directory, facts, TRUE);
  add_networks (list, document);
  add_sounds (list, document);
  add_inputs (list, document);
  add_further_videos (list, document);
  for (gsize i = 0; i < length; i++)
    if (pages[i].details[0] != NULL)
      add_plain (list, document, &pages[i]);
  return list;
}
