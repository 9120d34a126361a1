/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"
#include "formats/valise-blueprint.h"
#include "model/valise-capabilities.h"

G_BEGIN_DECLS

/* What becomes of the addresses of a foreign machine's network cards. */
typedef enum
{
  VALISE_MAC_KEEP, /* its guest finds its cards again */
  VALISE_MAC_NEW,  /* the original may go on in the same network */
} ValiseMacPolicy;

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
} ValiseImportDrive;

/* A network card here. @source: of the blueprint; @order: as of a drive, numbers of which no two are the same */
typedef struct
{
  const ValiseBlueprintNic *source;
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
 * @os_id: (nullable): libosinfo's URI of its system
 * @findings: (element-type ValiseFinding): what could not be had as the source states it; those of the blueprint are
 *   not repeated. One that is an error says why the machine cannot be brought in as it is.
 *
 * What becomes of a foreign machine on this host. Reads and writes nothing.
 */
typedef struct
{
  const ValiseBlueprint *blueprint;
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
  char *os_id;
  const char *sound;
  GPtrArray *findings;
} ValiseImportPlan;

/* @blueprint stays the caller's and must live as long as the plan. %NULL with #ValiseDocumentError or #ValiseXmlError
 * for a blueprint that no document can hold. (transfer full) */
ValiseImportPlan *valise_import_plan_new (const ValiseBlueprint *blueprint,
                                          ValiseCapabilities *capabilities,
                                          ValiseMacPolicy mac,
                                          GError **error);
void valise_import_plan_free (ValiseImportPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseImportPlan, valise_import_plan_free)

G_END_DECLS
