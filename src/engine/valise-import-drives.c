/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the guest looks for its disks: it has drivers for the controllers it was installed with, and for few others. */
#include "engine/valise-import-plan-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "model/valise-disk-name.h"

#define IDE_DRIVES_MOST 4
#define FLOPPIES_MOST 2
/* Of the SCSI controllers with their own models; more than anybody has. */
#define CONTROLLERS_MOST 16
#define UNITS_MOST 7

typedef struct
{
  ValiseImportPlan *plan;
  gboolean old_windows;
  guint ide, floppies, hd, sd, vd, fd;
  const char *controllers[CONTROLLERS_MOST];
  guint units[CONTROLLERS_MOST];
  guint n_controllers;
  guint disks, media;
} Allotment;

gboolean
_valise_import_wants_ide (const ValiseBlueprint *blueprint, gboolean old_windows)
{
  for (guint i = 0; i < blueprint->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = g_ptr_array_index (blueprint->drives, i);

      if (drive->device == VALISE_BLUEPRINT_DISK
          && (g_strcmp0 (drive->bus, "ide") == 0
              || (old_windows && (drive->bus == NULL || g_str_equal (drive->bus, "scsi")))))
        return TRUE;
    }
  return FALSE;
}

/* --- buses --- */

/* What QEMU has under another name; NULL: it has no such thing. */
static const char *
find_scsi_model (const ValiseBlueprint *blueprint, const char *stated)
{
  g_autofree char *lower = stated != NULL ? g_ascii_strdown (stated, -1) : NULL;

  if (lower == NULL)
    return g_str_equal (blueprint->format, "utm") ? "lsilogic" : NULL;
  if (strstr (lower, "virtio") != NULL)
    return "virtio-scsi";
  if (strstr (lower, "pvscsi") != NULL || strstr (lower, "virtualscsi") != NULL)
    return "vmpvscsi";
  if (strstr (lower, "sas") != NULL)
    return "lsisas1068";
  return strstr (lower, "53c895") != NULL ? "lsilogic" : NULL;
}

/* The bus that nearly every system has a driver for. */
static const char *
safe_bus (const Allotment *self)
{
  if (!_valise_import_plan_is_pc (self->plan))
    return "virtio";
  return self->old_windows && g_str_equal (self->plan->machine, "pc") ? "ide" : "sata";
}

static const char *
pc_disk_bus (const Allotment *self, const ValiseBlueprintDrive *drive, const char **model)
{
  const char *stated = drive->bus;

  if (g_strcmp0 (stated, "ide") == 0)
    return g_str_equal (self->plan->machine, "pc") ? "ide" : "sata";
  if (g_strcmp0 (stated, "sata") == 0 || g_strcmp0 (stated, "virtio") == 0 || g_strcmp0 (stated, "usb") == 0)
    return stated;
  if (g_strcmp0 (stated, "scsi") == 0)
    {
      *model = find_scsi_model (self->plan->blueprint, drive->controller);
      if (*model != NULL)
        return "scsi";
    }
  if (stated == NULL && self->plan->has_linux)
    return "virtio";
  return safe_bus (self);
}

/* What somebody has chosen, where the board has it. */
static const char *
chosen_bus (const Allotment *self, const ValiseDriveChoice *choice, const char **model)
{
  if (g_strcmp0 (choice->bus, "scsi") == 0)
    *model = "virtio-scsi";
  if (g_strcmp0 (choice->bus, "ide") == 0 && !g_str_equal (self->plan->machine, "pc"))
    return "sata";
  return choice->bus;
}

static const char *
find_bus (const Allotment *self, const ValiseBlueprintDrive *drive, const ValiseDriveChoice *choice, const char **model)
{
  gboolean pc = _valise_import_plan_is_pc (self->plan);

  *model = NULL;
  if (drive->device == VALISE_BLUEPRINT_DISK && choice->bus != NULL)
    return chosen_bus (self, choice, model);
  if (drive->device == VALISE_BLUEPRINT_FLOPPY)
    return "fdc";
  if (drive->device == VALISE_BLUEPRINT_CDROM)
    {
      if (!pc)
        return "usb";
      return g_str_equal (self->plan->machine, "pc") && g_strcmp0 (drive->bus, "sata") != 0 ? "ide" : "sata";
    }
  if (pc)
    return pc_disk_bus (self, drive, model);
  return g_strcmp0 (drive->bus, "usb") == 0 ? "usb" : "virtio";
}

static const char *
keep_within (Allotment *self, const char *bus)
{
  if (g_str_equal (bus, "ide") && self->ide++ >= IDE_DRIVES_MOST)
    return "sata";
  return bus;
}

/* --- names --- */

static guint *
counter_of (Allotment *self, const char *prefix)
{
  return g_str_equal (prefix, "hd")   ? &self->hd
         : g_str_equal (prefix, "sd") ? &self->sd
         : g_str_equal (prefix, "vd") ? &self->vd
                                      : &self->fd;
}

static void
allot_unit (Allotment *self, ValiseImportDrive *drive, const char *model)
{
  guint i = 0;

  while (i < self->n_controllers && (!g_str_equal (self->controllers[i], model) || self->units[i] >= UNITS_MOST))
    i++;
  if (i == CONTROLLERS_MOST)
    {
      drive->bus = "sata";
      return;
    }
  if (i == self->n_controllers)
    self->controllers[self->n_controllers++] = model;
  drive->controller = model;
  drive->index = i;
  drive->unit = self->units[i]++;
}

static char *
disk_stem (guint number)
{
  return number == 1 ? g_strdup ("disks/root") : g_strdup_printf ("disks/disk%u", number);
}

static void
allot_file (Allotment *self, ValiseImportDrive *drive)
{
  const ValiseBlueprintDrive *source = drive->source;
  gboolean there = source->member != NULL || source->parts != NULL;

  if (source->device == VALISE_BLUEPRINT_DISK)
    {
      drive->stem = disk_stem (++self->disks);
      drive->suffix = g_strcmp0 (source->format, "raw") == 0 && !drive->to_qcow2 && !drive->empty ? "raw" : "qcow2";
      return;
    }
  if (!there)
    return;
  drive->stem = g_strdup_printf ("media/disc%u", ++self->media);
  drive->suffix = "raw";
}

/* --- findings --- */

static char *
describe (const ValiseBlueprintDrive *drive)
{
  return valise_text_for_display (drive->file != NULL ? drive->file : _ ("disk"), 120);
}

static void
tell_bus (ValiseImportPlan *plan, const ValiseImportDrive *drive, const ValiseDriveChoice *choice)
{
  const ValiseBlueprintDrive *source = drive->source;
  g_autofree char *name = describe (source);
  g_autofree char *stated = NULL;
  g_autofree char *text = NULL;

  if (source->device != VALISE_BLUEPRINT_DISK || source->bus == NULL || choice->bus != NULL
      || g_str_equal (source->bus, drive->bus))
    return;
  stated = valise_text_for_display (source->controller != NULL ? source->controller : source->bus, 40);
  text = g_strdup_printf (_ ("The disk “%s” was attached to %s, which cannot be had here. It is attached to %s."), name,
                          stated, valise_import_word_label (drive->bus));
  _valise_import_plan_tell (plan, VALISE_SEVERITY_INFO, "bus-approximated", drive->target, text,
                            _ ("Should the system not find it, choose another bus in the machine's settings."));
}

static void
tell_missing (ValiseImportPlan *plan, const ValiseImportDrive *drive)
{
  const ValiseBlueprintDrive *source = drive->source;
  gboolean there = source->member != NULL || source->parts != NULL;
  g_autofree char *name = describe (source);
  g_autofree char *text = NULL;

  if (there)
    return;
  if (source->device != VALISE_BLUEPRINT_DISK && source->file != NULL)
    {
      text = g_strdup_printf (_ ("“%s” is not there; its drive comes in empty."), name);
      _valise_import_plan_tell (plan, VALISE_SEVERITY_INFO, "medium-missing", drive->target, text, NULL);
    }
  if (source->device != VALISE_BLUEPRINT_DISK)
    return;
  if (source->file != NULL && !drive->empty)
    text = g_strdup_printf (_ ("The disk “%s” is not there."), name);
  else if (source->capacity == 0)
    text = g_strdup (_ ("A disk is to be made, and nothing says how large."));
  if (text != NULL)
    _valise_import_plan_tell (plan, VALISE_SEVERITY_ERROR, "disk-missing", drive->target, text,
                              _ ("Put the file beside the others, or take the disk out."));
}

/* --- all of them --- */

static void
allot (Allotment *self, const ValiseBlueprintDrive *source, const ValiseDriveChoice *choice)
{
  ValiseImportDrive *drive = g_new0 (ValiseImportDrive, 1);
  const char *model = NULL;
  const char *prefix;

  drive->source = source;
  drive->empty = source->device == VALISE_BLUEPRINT_DISK && (source->file == NULL || choice->empty);
  drive->to_qcow2 = choice->to_qcow2;
  drive->bus = keep_within (self, find_bus (self, source, choice, &model));
  if (g_str_equal (drive->bus, "scsi"))
    allot_unit (self, drive, model);
  prefix = valise_disk_name_prefix (drive->bus);
  drive->target = valise_disk_name_new (prefix, (*counter_of (self, prefix))++);
  /* A guest cannot be kept from writing to an IDE or SATA disk. */
  drive->read_only = source->device == VALISE_BLUEPRINT_CDROM
                     || (source->read_only && !g_str_equal (drive->bus, "ide") && !g_str_equal (drive->bus, "sata"));
  allot_file (self, drive);
  g_ptr_array_add (self->plan->drives, drive);
  drive->number = self->plan->drives->len;
  tell_bus (self->plan, drive, choice);
  tell_missing (self->plan, drive);
}

static gboolean
fits (Allotment *self, const ValiseBlueprintDrive *drive)
{
  if (drive->device != VALISE_BLUEPRINT_FLOPPY)
    return TRUE;
  if (!_valise_import_plan_is_pc (self->plan) || (drive->member == NULL && drive->parts == NULL))
    return FALSE;
  return self->floppies++ < FLOPPIES_MOST;
}

void
_valise_import_plan_drives (ValiseImportPlan *self, gboolean old_windows)
{
  Allotment allotment = { .plan = self, .old_windows = old_windows };

  for (guint i = 0; i < self->blueprint->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = g_ptr_array_index (self->blueprint->drives, i);

      if (self->choices->drives[i].taken && fits (&allotment, drive))
        allot (&allotment, drive, &self->choices->drives[i]);
    }
}
