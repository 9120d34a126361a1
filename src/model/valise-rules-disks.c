/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-rules-private.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-image.h"
#include "model/valise-disk-name.h"

#define LONGEST_QUOTE 60

static xmlNode *
first_disk (ValiseRulesRun *run)
{
  return _valise_rules_child (run->devices, "disk");
}

static const char *
bus_of (xmlNode *disk)
{
  const char *bus = _valise_rules_attribute (_valise_rules_child (disk, "target"), "bus");

  return bus != NULL ? bus : "";
}

static const char *
target_of (xmlNode *disk)
{
  return _valise_rules_attribute (_valise_rules_child (disk, "target"), "dev");
}

static gboolean
is_device (xmlNode *disk, const char *kind)
{
  const char *device = _valise_rules_attribute (disk, "device");

  return g_str_equal (device != NULL ? device : "disk", kind);
}

/* A name like @name that no disk has yet. */
static char *
free_target (ValiseRulesRun *run, const char *name)
{
  g_autofree char *prefix = g_strndup (name, strlen (name) > 2 ? strlen (name) - 1 : strlen (name));

  return valise_disk_name_find_free (run->document, prefix);
}

static void
check_targets (ValiseRulesRun *run)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (xmlNode *disk = first_disk (run); disk != NULL; disk = _valise_rules_next (disk))
    {
      const char *target = target_of (disk);
      g_autofree char *quote = NULL;
      g_autofree char *fix = NULL;
      ValiseFinding *finding;

      if (target == NULL || g_hash_table_add (seen, (gpointer) target))
        continue;
      quote = valise_text_for_display (target, LONGEST_QUOTE);
      finding = _valise_rules_add (run, VALISE_SEVERITY_ERROR, "disk-target-duplicate", disk, "target/@dev",
                                   g_strdup_printf (_ ("Another disk is called %s already."), quote),
                                   _ ("Give this one another name."));
      fix = free_target (run, target);
      _valise_rules_set_fix (run, finding, disk, "target/@dev", fix);
    }
}

/* libvirt gives IDE and floppy machines one controller with so many places. */
static void
check_places (ValiseRulesRun *run)
{
  static const struct
  {
    const char *bus;
    guint places;
    const char *text;
    const char *fix;
  } BUSES[] = {
    { "ide", 4, N_ ("IDE has room for four drives, and this is one more."), "sata" },
    { "fdc", 2, N_ ("There is room for two floppy drives, and this is one more."), NULL },
  };
  guint count[G_N_ELEMENTS (BUSES)] = { 0 };

  for (xmlNode *disk = first_disk (run); disk != NULL; disk = _valise_rules_next (disk))
    for (guint i = 0; i < G_N_ELEMENTS (BUSES); i++)
      if (g_str_equal (bus_of (disk), BUSES[i].bus) && ++count[i] > BUSES[i].places)
        {
          ValiseFinding *finding =
              _valise_rules_add (run, VALISE_SEVERITY_ERROR, "bus-full", disk, "target/@bus",
                                 g_strdup (_ (BUSES[i].text)), _ ("Use another connection, or remove a drive."));

          if (BUSES[i].fix != NULL)
            _valise_rules_set_fix (run, finding, disk, "target/@bus", BUSES[i].fix);
        }
}

static void
check_buses (ValiseRulesRun *run)
{
  gboolean q35 = strstr (run->machine, "q35") != NULL;

  for (xmlNode *disk = first_disk (run); disk != NULL; disk = _valise_rules_next (disk))
    {
      ValiseFinding *finding = NULL;

      if (q35 && g_str_equal (bus_of (disk), "ide"))
        finding = _valise_rules_add (run, VALISE_SEVERITY_ERROR, "ide-on-q35", disk, "target/@bus",
                                     g_strdup (_ ("The machine type Q35 has no IDE.")), _ ("Use SATA."));
      else if (is_device (disk, "cdrom") && g_str_equal (bus_of (disk), "virtio"))
        finding = _valise_rules_add (run, VALISE_SEVERITY_ERROR, "cdrom-on-virtio", disk, "target/@bus",
                                     g_strdup (_ ("A CD drive cannot be connected with virtio.")), _ ("Use SATA."));
      if (finding != NULL)
        _valise_rules_set_fix (run, finding, disk, "target/@bus",
                               q35 || strstr (run->machine, "i440fx") == NULL ? "sata" : "ide");
    }
}

/* A new disk's file is made when the machine is: its size stands in the metadata until then. */
static gboolean
will_be_made (ValiseRulesRun *run, const char *file)
{
  for (xmlNode *child = xmlFirstElementChild (_valise_rules_child (run->domain, "metadata")); child != NULL;
       child = xmlNextElementSibling (child))
    for (xmlNode *disk = xmlFirstElementChild (child); disk != NULL; disk = xmlNextElementSibling (disk))
      if (disk->ns != NULL && g_str_equal (disk->ns->href, VALISE_METADATA_NAMESPACE)
          && g_str_equal (disk->name, "disk") && g_strcmp0 (_valise_rules_attribute (disk, "source"), file) == 0)
        return TRUE;
  return FALSE;
}

static gboolean
is_missing (ValiseRulesRun *run, const char *file)
{
  g_autofree char *path = file != NULL && *file != '\0' ? valise_bundle_source_path (run->directory, file) : NULL;

  return path != NULL && !g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Warnings: the document is in order, and a drive that is not plugged in must not stand in the way of other edits. */
static void
check_files (ValiseRulesRun *run)
{
  for (xmlNode *disk = first_disk (run); disk != NULL; disk = _valise_rules_next (disk))
    {
      const char *file = _valise_rules_attribute (_valise_rules_child (disk, "source"), "file");
      g_autofree char *quote = NULL;

      if (!is_missing (run, file) || will_be_made (run, file))
        continue;
      quote = valise_text_for_display (file, LONGEST_QUOTE);
      _valise_rules_add (run, VALISE_SEVERITY_WARNING, "disk-missing-file", disk, "source/@file",
                         g_strdup_printf (_ ("The file %s is not there."), quote),
                         is_device (disk, "cdrom")
                             ? _ ("Choose another one, or eject it.")
                             : _ ("Connect the drive it lies on, choose another file, or remove the disk."));
    }
}

/* The header says so, even where the rest of it is in no order or refers to other files. */
static gboolean
is_qcow2 (ValiseRulesRun *run, const char *file)
{
  g_autofree char *path = file != NULL && *file != '\0' ? valise_bundle_source_path (run->directory, file) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) raw_error = NULL;
  g_autoptr (ValiseImageInfo) info = path != NULL ? valise_image_identify (path, &error) : NULL;
  g_autoptr (ValiseImageInfo) raw = NULL;

  if (info != NULL)
    return g_str_equal (info->format, "qcow2");
  /* Another program's disk, or nothing that could be read. */
  if (error == NULL || error->domain != VALISE_IMAGE_ERROR
      || g_error_matches (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT))
    return FALSE;
  raw = valise_image_inspect (path, "raw", &raw_error);
  return g_error_matches (raw_error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT);
}

/* A guest that is given a qcow2 file as it is sees tables where its system should be, and may write over them. */
static void
check_formats (ValiseRulesRun *run)
{
  for (xmlNode *disk = first_disk (run); disk != NULL; disk = _valise_rules_next (disk))
    {
      const char *format = _valise_rules_attribute (_valise_rules_child (disk, "driver"), "type");

      if ((format != NULL && !g_str_equal (format, "raw"))
          || !is_qcow2 (run, _valise_rules_attribute (_valise_rules_child (disk, "source"), "file")))
        continue;
      _valise_rules_set_fix (run,
                             _valise_rules_add (run, VALISE_SEVERITY_WARNING, "disk-format-raw", disk, "driver/@type",
                                                g_strdup (_ ("The file is a qcow2 disk. Taken as a raw one, the guest "
                                                             "finds no system on it and can destroy it.")),
                                                _ ("Set the format to qcow2.")),
                             disk, "driver/@type", "qcow2");
    }
}

static void
check_boot_files (ValiseRulesRun *run)
{
  static const char *const NAMES[] = { "kernel", "initrd", "dtb" };

  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      xmlNode *node = _valise_rules_child (_valise_rules_child (run->domain, "os"), NAMES[i]);
      const char *file = _valise_rules_text (node);
      g_autofree char *quote = NULL;

      if (!is_missing (run, file))
        continue;
      quote = valise_text_for_display (file, LONGEST_QUOTE);
      _valise_rules_add (run, VALISE_SEVERITY_WARNING, "boot-file-missing", node, NULL,
                         g_strdup_printf (_ ("The file %s is not there."), quote), _ ("Choose another one, or none."));
    }
}

static gboolean
may_share (xmlNode *disk)
{
  return _valise_rules_child (disk, "shareable") != NULL || _valise_rules_child (disk, "readonly") != NULL
         || is_device (disk, "cdrom");
}

static void
check_shared_files (ValiseRulesRun *run)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (xmlNode *disk = first_disk (run); disk != NULL; disk = _valise_rules_next (disk))
    {
      const char *file = _valise_rules_attribute (_valise_rules_child (disk, "source"), "file");
      g_autofree char *path = file != NULL && *file != '\0' ? g_canonicalize_filename (file, "/bundle") : NULL;
      xmlNode *other = path != NULL ? g_hash_table_lookup (seen, path) : NULL;

      if (other != NULL && !(may_share (disk) && may_share (other)))
        _valise_rules_add (run, VALISE_SEVERITY_ERROR, "disk-shared-with-two-entries", disk, "source/@file",
                           g_strdup (_ ("Another disk uses the same file; writing to both destroys it.")),
                           _ ("Choose another file, or remove one of the two."));
      if (path != NULL)
        g_hash_table_insert (seen, g_steal_pointer (&path), disk);
    }
}

static void
check_io (ValiseRulesRun *run)
{
  for (xmlNode *disk = first_disk (run); disk != NULL; disk = _valise_rules_next (disk))
    {
      xmlNode *driver = _valise_rules_child (disk, "driver");
      const char *cache = _valise_rules_attribute (driver, "cache");

      if (g_strcmp0 (_valise_rules_attribute (driver, "io"), "native") != 0 || g_strcmp0 (cache, "none") == 0
          || g_strcmp0 (cache, "directsync") == 0)
        continue;
      _valise_rules_set_fix (run,
                             _valise_rules_add (run, VALISE_SEVERITY_ERROR, "disk-io-needs-cache", disk, "driver/@io",
                                                g_strdup (
                                                    _ ("Native input and output works only without the host's cache.")),
                                                _ ("Set the cache to none.")),
                             disk, "driver/@cache", "none");
    }
}

static void
check_shareable_format (ValiseRulesRun *run)
{
  for (xmlNode *disk = first_disk (run); disk != NULL; disk = _valise_rules_next (disk))
    {
      const char *format = _valise_rules_attribute (_valise_rules_child (disk, "driver"), "type");

      if (_valise_rules_child (disk, "shareable") != NULL && format != NULL && !g_str_equal (format, "raw"))
        _valise_rules_set_fix (run,
                               _valise_rules_add (run, VALISE_SEVERITY_ERROR, "disk-shareable-format", disk,
                                                  "shareable",
                                                  g_strdup (_ ("Only raw disks can be shared between machines.")),
                                                  _ ("Do not share it.")),
                               disk, "shareable", NULL);
    }
}

static const ValiseRule RULES[] = {
  check_targets, check_places,           check_buses, check_files, check_formats, check_boot_files, check_shared_files,
  check_io,      check_shareable_format, NULL,
};

const ValiseRule *const _valise_rules_disks = RULES;
