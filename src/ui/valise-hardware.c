/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-hardware.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-size.h"
#include "bundle/valise-new-disks.h"
#include "model/valise-disk-name.h"

#define NEW_DISK_SIZE (25 * VALISE_GIB)

static const ValiseHardware table[] = {
  { "disk", N_ ("Disk"), "drive-harddisk-symbolic", "disk", "devices/disk", FALSE },
  { "cdrom", N_ ("CD Drive"), "media-optical-symbolic", "cdrom", "devices/disk", FALSE },
  { "network", N_ ("Network Card"), "network-wired-symbolic", "network", "devices/interface", FALSE },
  { "display", N_ ("Display"), "video-display-symbolic", "display", "devices/graphics", TRUE },
  { "sound", N_ ("Sound Card"), "audio-card-symbolic", "sound", "devices/sound", FALSE },
  { "tablet", N_ ("Tablet (absolute pointer)"), "input-tablet-symbolic", "input", "devices/input", FALSE },
  { "mouse", N_ ("Mouse"), "input-mouse-symbolic", "input", "devices/input", FALSE },
  { "keyboard", N_ ("Keyboard"), "input-keyboard-symbolic", "input", "devices/input", FALSE },
  { "tpm", N_ ("TPM"), "security-high-symbolic", "boot", "devices/tpm", TRUE },
  { "rng", N_ ("Random Number Generator"), "view-refresh-symbolic", "system", "devices/rng", TRUE },
  { "watchdog", N_ ("Watchdog"), "preferences-system-time-symbolic", "system", "devices/watchdog", TRUE },
};

static char *
fresh_target (ValiseDocument *document, const char *bus)
{
  const char *prefix = valise_disk_name_prefix (bus);

  return valise_disk_name_find_free (document, prefix != NULL ? prefix : "sd");
}

static gboolean
source_taken (ValiseDocument *document, const char *directory, const char *source)
{
  g_autofree char *path = directory != NULL ? g_build_filename (directory, source, NULL) : NULL;

  for (guint i = 1; i <= valise_document_count (document, "devices/disk"); i++)
    {
      g_autofree char *other = valise_document_get_device (document, "disk", i, "source/@file");
      if (g_strcmp0 (other, source) == 0)
        return TRUE;
    }
  return path != NULL && g_file_test (path, G_FILE_TEST_EXISTS);
}

static char *
fresh_source (ValiseDocument *document, const char *directory)
{
  for (guint i = 2;; i++)
    {
      g_autofree char *source = g_strdup_printf ("disks/disk%u.qcow2", i);
      if (!source_taken (document, directory, source))
        return g_steal_pointer (&source);
    }
}

/* What the disks there are hang on, so that a system without virtio drivers sees the new one too. */
static char *
usual_bus (ValiseDocument *document)
{
  for (guint i = 1; i <= valise_document_count (document, "devices/disk"); i++)
    {
      g_autofree char *kind = valise_document_get_device (document, "disk", i, "@device");
      char *bus = valise_document_get_device (document, "disk", i, "target/@bus");
      if (bus != NULL && (kind == NULL || g_str_equal (kind, "disk")))
        return bus;
      g_free (bus);
    }
  return g_strdup ("virtio");
}

static char *
disk_xml (ValiseEditSession *session, char **size_knob)
{
  ValiseDocument *draft = valise_edit_session_get_draft (session);
  g_autofree char *bus = usual_bus (draft);
  g_autofree char *target = fresh_target (draft, bus);
  g_autofree char *source = fresh_source (draft, valise_edit_session_get_directory (session));

  *size_knob = valise_new_disks_knob (source);
  return g_markup_printf_escaped ("<disk type='file' device='disk'><driver name='qemu' type='qcow2' discard='unmap'/>"
                                  "<source file='%s'/><target dev='%s' bus='%s'/></disk>",
                                  source, target, bus);
}

static char *
cdrom_xml (ValiseDocument *draft)
{
  g_autofree char *machine = valise_document_get (draft, "os/type/@machine");
  /* The old PC has no SATA. */
  const char *bus =
      machine != NULL && (strstr (machine, "i440fx") != NULL || g_str_equal (machine, "pc")) ? "ide" : "sata";
  g_autofree char *target = fresh_target (draft, bus);

  return g_strdup_printf ("<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
                          "<target dev='%s' bus='%s'/><readonly/></disk>",
                          target, bus);
}

static char *
network_xml (ValiseDocument *draft)
{
  g_autofree char *model = valise_document_get (draft, "devices/interface/model/@type");
  guint32 dice = g_random_int ();

  return g_markup_printf_escaped (
      "<interface type='user'><mac address='52:54:00:%02x:%02x:%02x'/><model type='%s'/></interface>", dice & 0xff,
      (dice >> 8) & 0xff, (dice >> 16) & 0xff, model != NULL ? model : "virtio");
}

static char *
xml_for (ValiseEditSession *session, const char *id, char **size_knob)
{
  ValiseDocument *draft = valise_edit_session_get_draft (session);

  if (g_str_equal (id, "disk"))
    return disk_xml (session, size_knob);
  if (g_str_equal (id, "cdrom"))
    return cdrom_xml (draft);
  if (g_str_equal (id, "network"))
    return network_xml (draft);
  if (g_str_equal (id, "display"))
    return g_strdup ("<graphics type='vnc'><listen type='none'/></graphics>");
  if (g_str_equal (id, "sound"))
    return g_strdup ("<sound model='ich9'/>");
  if (g_str_equal (id, "tpm"))
    return g_strdup ("<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>");
  if (g_str_equal (id, "rng"))
    return g_strdup ("<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>");
  if (g_str_equal (id, "watchdog"))
    return g_strdup ("<watchdog model='i6300esb' action='reset'/>");
  return g_strdup_printf ("<input type='%s' bus='usb'/>", id);
}

const ValiseHardware *
valise_hardware_table (gsize *length)
{
  *length = G_N_ELEMENTS (table);
  return table;
}

const ValiseHardware *
valise_hardware_lookup (const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (table[i].id, id))
      return &table[i];
  return NULL;
}

char *
valise_hardware_reason (ValiseEditSession *session, const char *id)
{
  const ValiseHardware *hardware = valise_hardware_lookup (id);
  ValiseCapabilities *capabilities = valise_edit_session_get_capabilities (session);

  if (hardware->once && valise_document_has (valise_edit_session_get_draft (session), hardware->element))
    return g_strdup (_ ("the machine has one already"));
  if (g_str_equal (id, "tpm") && capabilities != NULL && !valise_capabilities_has_tpm (capabilities))
    return g_strdup (_ ("needs the program swtpm, which is not installed here"));
  return NULL;
}

char *
valise_hardware_add (ValiseEditSession *session, const char *id, GError **error)
{
  const ValiseHardware *hardware = valise_hardware_lookup (id);
  g_autofree char *size_knob = NULL;
  g_autofree char *xml = xml_for (session, id, &size_knob);
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, NEW_DISK_SIZE);
  gboolean done;

  valise_edit_session_begin (session);
  done = valise_edit_session_add (session, "devices", xml, error)
         && (size_knob == NULL || valise_edit_session_set (session, size_knob, size, error));
  valise_edit_session_end (session);
  if (!done)
    return NULL;
  return g_strdup_printf ("%s[%u]", hardware->element,
                          valise_document_count (valise_edit_session_get_draft (session), hardware->element));
}

gboolean
valise_hardware_remove (ValiseEditSession *session, const char *device, GError **error)
{
  g_autofree char *source_knob = g_strconcat (device, "/source/@file", NULL);
  g_autofree char *source = valise_edit_session_get (session, source_knob);
  g_autofree char *size_knob = source != NULL ? valise_new_disks_knob (source) : NULL;
  g_autofree char *element = NULL;
  gboolean done;

  if (size_knob != NULL)
    {
      const char *end = g_strrstr (size_knob, "/");
      element = g_strndup (size_knob, (gsize) (end - size_knob));
    }
  valise_edit_session_begin (session);
  done = valise_edit_session_unset (session, device, error)
         && (element == NULL || valise_edit_session_unset (session, element, error));
  valise_edit_session_end (session);
  return done;
}
