/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-image-export.h"
#include "bundle/valise-share.h"
#include "engine/valise-library.h"
#include "formats/valise-ovf-write.h"

G_BEGIN_DECLS

typedef enum
{
  VALISE_EXPORT_BUNDLE,  /* a copy of the directory */
  VALISE_EXPORT_ARCHIVE, /* .vmbundle.tar.zst */
  VALISE_EXPORT_OVA,
  VALISE_EXPORT_OVF, /* a folder */
  VALISE_EXPORT_UTM,
  VALISE_EXPORT_DISK,    /* one disk's bytes */
  VALISE_EXPORT_XML,     /* what libvirt gets, with whole paths */
  VALISE_EXPORT_COMMAND, /* the line that starts QEMU */
} ValiseExportKind;

/**
 * ValiseExportChoice:
 * @image: of a disk's export
 * @disk: (nullable): the target name of that disk ("vda"); the only one without
 * @ovf: which version of OVF is written
 * @macs: what becomes of the addresses of network cards
 * @share: without what tells about its owner; snapshots, screenshot, suspended memory
 *   and the security chip's keys stay behind
 * @snapshots, @suspended, @tpm, @media: go along where the format can carry them
 *   Snapshots hold keys and memory too, and stay behind with either.
 * @snapshot: (nullable): id of the one whose moment is exported, without its memory and without the other snapshots
 * @replaces: a single file that is there may be replaced
 *
 * How a machine leaves. The strings are the caller's.
 */
typedef struct
{
  ValiseExportKind kind;
  const ValiseImageKind *image;
  const char *disk;
  ValiseOvfVersion ovf;
  ValiseShareMacs macs;
  gboolean share;
  gboolean snapshots, suspended, tpm, media;
  const char *snapshot;
  gboolean replaces;
} ValiseExportChoice;

/* The words that valise_export_choose() takes, with what they are; both untranslated. Ends with a %NULL word. */
typedef struct
{
  const char *word, *suffix, *label;
  ValiseExportKind kind;
} ValiseExportFormat;
const ValiseExportFormat *valise_export_formats (void);

/**
 * valise_export_choose:
 * @choice: (out): everything goes along, in the format of the
 * @word: (nullable): or else of the ending of
 * @target: a file name
 *
 * Returns: %FALSE when neither says a format, or @word is none
 */
gboolean valise_export_choose (ValiseExportChoice *choice, const char *word, const char *target);

/* What of the machine does not go along or becomes something else, and what whoever gets it has to know. An error says
 * why it cannot be exported like that. (element-type ValiseFinding) (transfer full) */
GPtrArray *valise_export_report (ValiseMachine *machine, const ValiseExportChoice *choice, GError **error);
/* About how many bytes will be written, and at most where it is compressed, which nobody knows before. @room: (out)
 * (optional): how many bytes have to be free beside the target while it is made. Blocks; 0 for what cannot be read. */
guint64 valise_export_estimate (ValiseMachine *machine, const ValiseExportChoice *choice, guint64 *room);
/* Whether what is written is, as a rule, less than what the estimate says. */
gboolean valise_export_is_compressed (const ValiseExportChoice *choice);

/**
 * valise_export_machines_job_new:
 * @machines: (element-type ValiseMachine): one; several for OVA and OVF
 * @target: the file or folder to make. A directory that is there gets a copy of the bundle in it. An OVF's ending is
 *   the descriptor's, in a folder of the name without it.
 * @choice: copied
 *
 * One that runs goes on running: its disks are copied as they are at one moment, in which the guest stands still, with
 * its file systems frozen where an agent answers.
 *
 * The job fails with %VALISE_ENGINE_ERROR_STATE where a finding of the report is an error,
 * %VALISE_BUNDLE_ERROR_LOCKED while somebody else has the machine, as every call to libvirt, and as what writes the
 * format; then nothing is left. Its result-path is what it made.
 */
ValiseJob *valise_export_machines_job_new (GPtrArray *machines, const char *target, const ValiseExportChoice *choice);
/* Of how many machines. */
guint valise_export_job_count (ValiseJob *job);
/* What there is to say about what was exported: the report, and which consistency a running machine's copy has. %NULL
 * for another job, or one that has not begun. (element-type ValiseFinding) (transfer full) (nullable) */
GPtrArray *valise_export_job_get_report (ValiseJob *job);

G_END_DECLS
