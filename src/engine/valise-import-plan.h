/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-import-choices.h"
#include "formats/valise-package.h"
#include "model/valise-capabilities.h"

G_BEGIN_DECLS

/**
 * ValiseImportDrive:
 * @source: of the blueprint
 * @number: of the disk in the document, from 1
 * @bus: what it is attached to here
 * @controller: (nullable): libvirt's model of its controller
 * @index: of the controller; @unit: of the drive on it; both only with @controller
 * @target: its name here: "sda"
 * @stem: where in the bundle its image goes, without the suffix: "disks/root"; %NULL when it holds nothing
 * @suffix: what its image will be, "qcow2", "raw" or "iso"; a disk's is only known when its bytes have been seen
 * @order: in which it is started from, 0: never
 * @read_only: the guest may not write to it
 * @empty: an image is made for it that holds nothing
 * @to_qcow2: a raw image becomes qcow2 too
 */
typedef struct
{
  const ValiseBlueprintDrive *source;
  guint number;
  const char *bus;
  const char *controller;
  guint index;
  guint unit;
  char *target;
  char *stem;
  const char *suffix;
  guint order;
  gboolean read_only;
  gboolean empty;
  gboolean to_qcow2;
} ValiseImportDrive;

/* A network card here. @source: of the blueprint; @choice: what was chosen for it; @order: as of a drive, numbers of which
 * no two are the same */
typedef struct
{
  const ValiseBlueprintNic *source;
  const ValiseNicChoice *choice;
  const char *model;
  char *mac;
  guint order;
} ValiseImportNic;

/**
 * ValiseImportPlan:
 * @document: the machine here, to be changed by nobody but the one who brings it in
 * @drives: (element-type ValiseImportDrive): in the document's order
 * @nics: (element-type ValiseImportNic)
 * @firmware, @machine, @arch, @cpus, @memory (MiB), @tpm: what it has here
 * @findings: (element-type ValiseFinding): what could not be had as the source states it; those of the blueprint are
 *   not repeated. One that is an error says why the machine cannot be brought in as it is.
 *
 * What becomes of a foreign machine on this host. Reads and writes nothing but whether folders are there.
 */
typedef struct
{
  const ValiseBlueprint *blueprint;
  const ValiseImportChoices *choices;
  ValiseDocument *document;
  GPtrArray *drives;
  GPtrArray *nics;
  ValiseFirmware firmware;
  const char *machine;
  const char *arch;
  guint cpus;
  guint64 memory;
  gboolean tpm;
  gboolean has_windows, has_old_windows, has_linux;
  const char *sound;
  GPtrArray *findings;
} ValiseImportPlan;

/* @choices stay the caller's and must live as long as the plan. %NULL with #ValiseDocumentError or #ValiseXmlError for a
 * machine that no document can hold. (transfer full) */
ValiseImportPlan *
valise_import_plan_new (const ValiseImportChoices *choices, ValiseCapabilities *capabilities, GError **error);
void valise_import_plan_free (ValiseImportPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseImportPlan, valise_import_plan_free)

/* What can be chosen on the plan's kind of machine: the words of libvirt. (array zero-terminated=1) */
const char *const *valise_import_disk_buses (const ValiseImportPlan *self);
const char *const *valise_import_nic_models (const ValiseImportPlan *self);
/* "user", "bridge", "none": the same for all; "passt" once it is known to work here. */
const char *const *valise_import_networks (void);
/* "none" is the first. */
const char *const *valise_import_sounds (const ValiseImportPlan *self);
/* As people read them; a word that is none of the above is returned as it is. */
const char *valise_import_word_label (const char *word);

/**
 * valise_import_plan_count_bytes:
 * @package: that the blueprint was read from
 * @most: (out) (optional): when all its disks are full
 *
 * Returns: bytes that bringing the machine in takes at least: an image is as large as what it is made from, unless that
 * is packed
 */
guint64 valise_import_plan_count_bytes (const ValiseImportPlan *self, ValisePackage *package, guint64 *most);

G_END_DECLS
