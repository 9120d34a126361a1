/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"
#include "formats/valise-blueprint.h"

G_BEGIN_DECLS

/* What becomes of the addresses of a foreign machine's network cards. */
typedef enum
{
  VALISE_MAC_KEEP, /* its guest finds its cards again */
  VALISE_MAC_NEW,  /* the original may go on in the same network */
} ValiseMacPolicy;

/* Of something that a machine has or has not. */
typedef enum
{
  VALISE_CHOICE_AS_STATED = -1,
  VALISE_CHOICE_NO,
  VALISE_CHOICE_YES,
} ValiseChoice;

/**
 * ValiseDriveChoice:
 * @taken: it comes along
 * @bus: (nullable): a static word of valise_import_disk_buses(); %NULL: the one that the guest finds it on
 * @to_qcow2: a raw image becomes qcow2 too, which has room for snapshots
 * @empty: an empty disk of its size instead of its image, which is not there
 */
typedef struct
{
  gboolean taken;
  const char *bus;
  gboolean to_qcow2;
  gboolean empty;
} ValiseDriveChoice;

/**
 * ValiseNicChoice:
 * @taken: it comes along
 * @model: (nullable): a static word of valise_import_nic_models(); %NULL: the one it had, or the nearest
 * @network: a static word of valise_import_networks()
 * @bridge: (nullable): its name, when @network is "bridge"
 * @mac: what becomes of its address
 * @fresh: its address if it is a new one; the same in every plan
 */
typedef struct
{
  gboolean taken;
  const char *model;
  const char *network;
  char *bridge;
  ValiseMacPolicy mac;
  char *fresh;
} ValiseNicChoice;

/**
 * ValiseAskChoice:
 * @granted: it may have it; only what has no valise_import_choices_grant_reason()
 * @folder: (nullable): of this computer, absolute, instead of the one that is asked for
 */
typedef struct
{
  gboolean granted;
  char *folder;
} ValiseAskChoice;

/**
 * ValiseImportChoices:
 * @blueprint: of the machine
 * @taken: it is brought in
 * @name: (nullable): what it is to be called, an error when that is taken; %NULL: its own name or one like it
 * @system: (nullable): libosinfo's URI of what runs in it
 * @system_chosen: somebody has said so, it is no guess
 * @arch: (nullable): "x86_64" or "aarch64", when somebody had to say
 * @cpus, @memory (MiB): 0: as stated
 * @firmware: a #ValiseFirmware, or -1: as stated
 * @tpm: a #ValiseChoice
 * @sound: (nullable): a static word of valise_import_sounds(), %NULL: as stated
 * @drives: one for each of the blueprint's; @nics and @asks likewise
 * @uuid: the same in every plan
 * @document: (nullable): the machine as somebody has set it up by hand; what it states counts, and of the above only the
 *   name, which drives there are and what becomes of their images
 * @accepted: findings with which it is to be brought in all the same; see valise_import_choices_answer()
 *
 * What a person has chosen for a foreign machine, before anything is made. A plan is remade from the blueprint and
 * these after every change; see #ValiseImportPlan.
 */
typedef struct
{
  ValiseBlueprint *blueprint;
  gboolean taken;
  char *name;
  char *system;
  gboolean system_chosen;
  const char *arch;
  guint cpus;
  guint64 memory;
  int firmware;
  ValiseChoice tpm;
  const char *sound;
  ValiseDriveChoice *drives;
  ValiseNicChoice *nics;
  ValiseAskChoice *asks;
  guint n_drives, n_nics, n_asks;
  char *uuid;
  ValiseDocument *document;
  GHashTable *accepted;
} ValiseImportChoices;

/* As stated, cards with the addresses that @mac says, nothing granted. @blueprint: (transfer full). (transfer full) */
ValiseImportChoices *valise_import_choices_new (ValiseBlueprint *blueprint, ValiseMacPolicy mac);
void valise_import_choices_free (ValiseImportChoices *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseImportChoices, valise_import_choices_free)

/* Why a machine here cannot have what the blueprint's ask @number (from 0) wants, translated; %NULL when it can.
 * (transfer full) */
char *valise_import_choices_grant_reason (const ValiseImportChoices *self, guint number);
/* What that is on this computer, translated, where somebody has to know it; else %NULL. (transfer full) */
char *valise_import_choices_describe_ask (const ValiseImportChoices *self, guint number);
/* The folder that an ask is about: the chosen one or the stated one where it is there; %NULL when there is none yet and
 * when it is about none. @wants: (out) (optional): it is about a folder. (transfer none) */
const char *valise_import_choices_get_folder (const ValiseImportChoices *self, guint number, gboolean *wants);
/* Copied; %NULL: the one that is asked for. */
void valise_import_choices_set_folder (ValiseImportChoices *self, guint number, const char *folder);

/* Copied; %NULL: not known. */
void valise_import_choices_set_system (ValiseImportChoices *self, const char *system);

G_END_DECLS
