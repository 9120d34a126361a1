/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-share.h"

#include <string.h>

#include "bundle/valise-bundle.h"
#include "bundle/valise-forms.h"

static const char *const owners[] = {
  "description",      "metadata/valise:machine/@group", "metadata/valise:machine/valise:notes", "sysinfo", "os/smbios",
  "qemu:commandline",
};

/* Of these a path is a part that they can be without. */
static const char *const parts[] = { "emulator", "graphics", "video", "audio", "input", NULL };

static gboolean
is_everybodys (const char *path)
{
  static const char *const places[] = { "/usr/", "/dev/urandom", "/dev/random", "/dev/hwrng" };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_str_has_prefix (path, places[i]))
      return TRUE;
  return FALSE;
}

static void
on_place_cb (const char *knob, const char *value, gpointer found)
{
  if (*value == '/' && !is_everybodys (value))
    g_ptr_array_add (found, g_strdup (knob));
}

/* "devices/disk[2]/source/@file" gives "devices/disk[2]". */
static char *
device_of (const char *knob)
{
  const char *name = knob + strlen ("devices/"), *end;

  if (!g_str_has_prefix (knob, "devices/"))
    return NULL;
  end = strchr (name, '/');
  return end != NULL ? g_strndup (knob, (gsize) (end - knob)) : g_strdup (knob);
}

static gboolean
is_kind (const char *device, const char *kind)
{
  const char *name = device + strlen ("devices/");

  return g_str_has_prefix (name, kind) && (name[strlen (kind)] == '\0' || name[strlen (kind)] == '[');
}

static gboolean
is_part (const char *device)
{
  for (gsize i = 0; parts[i] != NULL; i++)
    if (is_kind (device, parts[i]))
      return TRUE;
  return FALSE;
}

/* What goes with a path: an empty drive is one, a disk without bytes is none. */
static char *
choose (ValiseDocument *document, const char *knob)
{
  g_autofree char *device = device_of (knob);
  g_autofree char *kind_path = device != NULL ? g_strconcat (device, "/@device", NULL) : NULL;
  g_autofree char *kind = kind_path != NULL ? valise_document_get (document, kind_path) : NULL;
  const char *log = strstr (knob, "/log/");

  if (device == NULL || is_part (device))
    return g_strdup (knob);
  if (log != NULL)
    return g_strndup (knob, (gsize) (log + strlen ("/log") - knob));
  if (is_kind (device, "disk") && (g_strcmp0 (kind, "cdrom") == 0 || g_strcmp0 (kind, "floppy") == 0))
    return g_strconcat (device, "/source", NULL);
  return g_steal_pointer (&device);
}

/* From the last, so that the numbers of those before stay what they were; a device that two places name goes once. */
static gboolean
strip_paths (ValiseDocument *document, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *last = NULL;

  valise_forms_foreach (document, on_place_cb, found);
  for (guint i = found->len; i > 0; i--)
    {
      g_autofree char *gone = choose (document, found->pdata[i - 1]);

      if (g_strcmp0 (gone, last) == 0)
        continue;
      if (!valise_document_unset (document, gone, error))
        return FALSE;
      g_free (last);
      last = g_steal_pointer (&gone);
    }
  return TRUE;
}

static gboolean
strip_all (ValiseDocument *document, const char *path, GError **error)
{
  while (valise_document_has (document, path))
    if (!valise_document_unset (document, path, error))
      return FALSE;
  return TRUE;
}

gboolean
valise_share_set_macs (ValiseDocument *document, ValiseShareMacs macs, GError **error)
{
  g_autofree char *uuid = NULL;

  if (macs == VALISE_SHARE_MACS_KEEP)
    return TRUE;
  for (guint i = valise_document_count (document, "devices/interface"); i > 0 && macs == VALISE_SHARE_MACS_STRIP; i--)
    {
      g_autofree char *path = g_strdup_printf ("devices/interface[%u]/mac", i);

      if (!valise_document_unset (document, path, error))
        return FALSE;
    }
  if (macs == VALISE_SHARE_MACS_STRIP)
    return TRUE;
  /* Only the addresses are to be others. */
  uuid = valise_document_get (document, "uuid");
  return valise_bundle_renew_identity (document, NULL, error)
         && (uuid == NULL || valise_document_set (document, "uuid", uuid, error));
}

gboolean
valise_share_strip (ValiseDocument *document, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (owners); i++)
    if (!strip_all (document, owners[i], error))
      return FALSE;
  return strip_paths (document, error) && strip_all (document, "devices/hostdev", error)
         && valise_share_set_macs (document, VALISE_SHARE_MACS_STRIP, error)
         && valise_bundle_renew_identity (document, NULL, error);
}
