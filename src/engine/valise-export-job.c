/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-export-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/valise-background.h"
#include "base/valise-path.h"
#include "bundle/valise-archive.h"
#include "bundle/valise-forms.h"
#include "bundle/valise-image-chain.h"
#include "bundle/valise-lock.h"
#include "bundle/valise-parcel.h"
#include "bundle/valise-snapshot.h"
#include "bundle/valise-travel.h"
#include "formats/valise-ovf-package.h"
#include "formats/valise-utm-write.h"

#define REPORT "valise-export-report"
#define COUNT "valise-export-count"

typedef struct
{
  GPtrArray *machines;
  char *target;
  char *disk, *snapshot;
  ValiseExportChoice choice;
} Export;

/* A machine that nobody changes any more, or the copy of one that runs. */
typedef struct
{
  ValiseMachine *machine;
  ValiseLock *lock;
  ValiseParcel *aside; /* holds the copy, and goes with it */
  ValiseBundle *bundle;
  ValiseDocument *document; /* as it leaves */
  ValiseGrants *grants;     /* of the machine, which may leave without its identity */
  gboolean is_target;       /* @bundle is being made where it is wanted */
  gboolean is_copied;       /* it runs, and its snapshots are not changed meanwhile */
} Source;

static void
export_free (gpointer data)
{
  Export *self = data;

  g_ptr_array_unref (self->machines);
  g_free (self->target);
  g_free (self->disk);
  g_free (self->snapshot);
  g_free (self);
}

static void
source_free (gpointer data)
{
  Source *source = data;

  g_clear_pointer (&source->document, valise_document_unref);
  g_clear_pointer (&source->grants, valise_grants_free);
  g_clear_pointer (&source->bundle, valise_bundle_unref);
  g_clear_pointer (&source->aside, valise_parcel_free);
  g_clear_pointer (&source->lock, valise_lock_free);
  if (source->is_copied)
    _valise_machine_end_copy (source->machine);
  g_free (source);
}

static ValiseBlueprint *
outline_of (const Export *self, Source *source)
{
  return _valise_export_outline (source->bundle, source->document, source->grants, &self->choice);
}

static gboolean
is_ours (const Export *self)
{
  return self->choice.kind == VALISE_EXPORT_BUNDLE || self->choice.kind == VALISE_EXPORT_ARCHIVE;
}

static gboolean
has_bytes (const Export *self)
{
  return self->choice.kind != VALISE_EXPORT_XML && self->choice.kind != VALISE_EXPORT_COMMAND;
}

/* --- the report --- */

static GPtrArray *
report_of (ValiseJob *job)
{
  GPtrArray *report = g_object_get_data (G_OBJECT (job), REPORT);

  if (report == NULL)
    {
      report = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);
      g_object_set_data_full (G_OBJECT (job), REPORT, report, (GDestroyNotify) g_ptr_array_unref);
    }
  return report;
}

guint
valise_export_job_count (ValiseJob *job)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (job), COUNT));
}

GPtrArray *
valise_export_job_get_report (ValiseJob *job)
{
  GPtrArray *kept = g_object_get_data (G_OBJECT (job), REPORT);
  GPtrArray *report = kept != NULL ? g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free) : NULL;

  for (guint i = 0; kept != NULL && i < kept->len; i++)
    g_ptr_array_add (report, valise_finding_copy (kept->pdata[i]));
  return report;
}

static gboolean
check_report (ValiseMachine *machine, GPtrArray *findings, ValiseJob *job, GError **error)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = findings->pdata[i];

      g_ptr_array_add (report_of (job), valise_finding_copy (finding));
      if (finding->severity != VALISE_SEVERITY_ERROR)
        continue;
      g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE,
                   _ ("“%s” cannot be exported like this: %s%s%s"), valise_machine_get_name (machine), finding->text,
                   finding->remedy != NULL ? " " : "", finding->remedy != NULL ? finding->remedy : "");
      return FALSE;
    }
  return TRUE;
}

static ValiseFinding *
describe_moment (ValiseMoment moment)
{
  if (moment == VALISE_MOMENT_FROZEN)
    return valise_finding_new (VALISE_SEVERITY_INFO, "moment-frozen", NULL,
                               _ ("All disks are from one moment, in which the guest had written everything."), NULL);
  if (moment == VALISE_MOMENT_SILENT)
    return valise_finding_new (
        VALISE_SEVERITY_WARNING, "moment-silent", NULL,
        _ ("All disks are from one moment, and are as after a power cut: the guest agent did not "
           "answer in time."),
        _ ("Look whether the agent still runs in the guest. If the guest hangs, restart it."));
  return valise_finding_new (VALISE_SEVERITY_INFO, "moment-crash", NULL,
                             _ ("All disks are from one moment, and are as after a power cut."),
                             _ ("For more, install the QEMU guest agent in the guest, or shut it down first."));
}

/* --- sources --- */

static gboolean
change_document (const Export *self, Source *source, GError **error)
{
  return (!self->choice.share || valise_share_strip (source->document, error))
         && valise_share_set_macs (source->document, self->choice.macs, error);
}

static gboolean
open_at_rest (const Export *self, Source *source, GError **error)
{
  /* What a run was to keep nothing of does not go out after a crash either. */
  if (has_bytes (self) && !_valise_machine_lock_to_read (source->machine, "exporting", &source->lock, error))
    return FALSE;
  source->bundle = valise_bundle_open (valise_machine_get_path (source->machine), error);
  if (source->bundle == NULL)
    return FALSE;
  source->grants = _valise_export_load_grants (source->bundle);
  source->document = valise_document_copy (valise_bundle_get_document (source->bundle));
  return TRUE;
}

/* What of a bundle stays behind. */
static char **
list_left (const Export *self, ValiseBundle *bundle, ValiseDocument *document, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (!_valise_export_takes_snapshots (&self->choice) && !_valise_export_list_frozen (bundle, document, builder, error))
    return NULL;
  if (self->choice.share || !self->choice.suspended)
    g_strv_builder_add (builder, "state");
  if (self->choice.share || !self->choice.tpm)
    g_strv_builder_add (builder, "tpm");
  if (self->choice.share)
    g_strv_builder_add (builder, "screenshot.png");
  if (!self->choice.media)
    g_strv_builder_add (builder, "media");
  return g_strv_builder_end (builder);
}

static void
split_target (const Export *self, char **directory, char **name)
{
  *directory = *name = NULL;
  if (!g_str_has_suffix (self->target, VALISE_BUNDLE_SUFFIX))
    {
      *directory = g_strdup (self->target);
      return;
    }
  *directory = g_path_get_dirname (self->target);
  *name = g_path_get_basename (self->target);
  (*name)[strlen (*name) - strlen (VALISE_BUNDLE_SUFFIX)] = '\0';
}

/* Beside the target, where there has to be room anyway. */
static gboolean
open_aside (const Export *self, Source *source, guint number, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (self->target);
  g_autofree char *base = g_path_get_basename (self->target);
  g_autofree char *path = g_strdup_printf ("%s/%s.%u.running", directory, base, number);

  source->aside = valise_parcel_begin (path, VALISE_PARCEL_FOLDER, FALSE, error);
  return source->aside != NULL;
}

/* The copy of a directory is made where it is wanted; every other format is made of one that lies aside. */
static gboolean
choose_place (const Export *self, Source *source, guint number, char **directory, char **name, GError **error)
{
  source->is_target = self->choice.kind == VALISE_EXPORT_BUNDLE;
  if (source->is_target)
    {
      split_target (self, directory, name);
      return TRUE;
    }
  if (!open_aside (self, source, number, error))
    return FALSE;
  *directory = valise_parcel_path (source->aside, NULL);
  return TRUE;
}

static gboolean
forget_snapshots (ValiseDocument *document, GError **error)
{
  return valise_document_unset (document, "metadata/valise:machine/@snapshot", error)
         && valise_document_unset (document, "metadata/valise:machine/@present", error);
}

static gboolean
finish_stage (const Export *self, Source *source, const char *name, GError **error)
{
  if (!_valise_export_takes_snapshots (&self->choice) && !forget_snapshots (source->document, error))
    return FALSE;
  return source->is_target
             ? name == NULL || valise_document_set (source->document, "metadata/valise:machine/@name", name, error)
             : valise_bundle_commit (source->bundle, source->document, error);
}

static gboolean
open_running (const Export *self,
              Source *source,
              guint number,
              ValiseJob *job,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (valise_machine_get_path (source->machine), error);
  g_auto (GStrv) left = NULL;
  g_autofree char *directory = NULL, *name = NULL;
  ValiseMoment moment = VALISE_MOMENT_CRASH;

  left = bundle != NULL ? list_left (self, bundle, valise_bundle_get_document (bundle), error) : NULL;
  if (left == NULL || !choose_place (self, source, number, &directory, &name, error))
    return FALSE;
  source->grants = _valise_export_load_grants (bundle);
  valise_job_set_stage (job, _ ("Copying the running machine"));
  source->bundle =
      _valise_export_stage (source->machine, directory, name != NULL ? name : valise_machine_get_name (source->machine),
                            (const char *const *) left, &source->document, &moment, job, cancellable, error);
  if (source->bundle == NULL)
    return FALSE;
  g_ptr_array_add (report_of (job), describe_moment (moment));
  return finish_stage (self, source, name, error);
}

static ValiseBundle *
begin_whole (const Export *self,
             Source *source,
             const char *directory,
             const char *name,
             const char *const *left,
             ValiseJob *job,
             GCancellable *cancellable,
             GError **error)
{
  gboolean keys = self->choice.tpm && !self->choice.share;

  if (self->snapshot == NULL)
    {
      valise_job_set_stage (job, _ ("Leaving the snapshots out"));
      return _valise_export_flatten (source->bundle, source->document, directory, name, left, job, cancellable, error);
    }
  valise_job_set_stage (job, _ ("Leaving everything else out"));
  return _valise_export_flatten_snapshot (source->bundle, self->snapshot, source->document, keys, directory, name, left,
                                          job, cancellable, error);
}

/* Of one moment, with disks that build on nothing. */
static gboolean
make_whole (const Export *self, Source *source, guint number, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) left = list_left (self, source->bundle, source->document, error);
  g_autofree char *directory = NULL, *name = NULL;
  ValiseBundle *stage;

  if (left == NULL || !choose_place (self, source, number, &directory, &name, error))
    return FALSE;
  stage = begin_whole (self, source, directory, name != NULL ? name : valise_machine_get_name (source->machine),
                       (const char *const *) left, job, cancellable, error);
  if (stage == NULL)
    return FALSE;
  valise_bundle_unref (source->bundle);
  source->bundle = stage;
  return finish_stage (self, source, name, error);
}

typedef struct
{
  const Export *self;
  Source *source;
  guint number;
  ValiseJob *job;
  GCancellable *cancellable;
  GError **error;
} Making;

static gpointer
make_thread (gpointer data)
{
  const Making *making = data;

  return GINT_TO_POINTER (
      make_whole (making->self, making->source, making->number, making->job, making->cancellable, making->error));
}

/* Snapshots stay behind, and the disks that are differences to theirs become whole. */
static gboolean
flatten (const Export *self, Source *source, guint number, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  gboolean layered = FALSE;

  if (!is_ours (self) || _valise_export_takes_snapshots (&self->choice))
    return TRUE;
  if (!_valise_export_is_layered (source->bundle, source->document, &layered, error))
    return FALSE;
  return !layered || make_whole (self, source, number, job, cancellable, error);
}

/* --- sources: a snapshot --- */

static gboolean
hold_snapshots (Source *source, GError **error)
{
  if (!valise_machine_is_live (source->machine))
    return _valise_machine_lock_to_read (source->machine, "exporting", &source->lock, error);
  /* Whoever runs it may merge what is read here, whether it runs on or goes off. */
  source->is_copied = _valise_machine_begin_copy (source->machine, "exporting", error);
  return source->is_copied;
}

/* A guest that runs meanwhile comes first. */
static gboolean
make_snapshot_whole (const Export *self,
                     Source *source,
                     guint number,
                     ValiseJob *job,
                     GCancellable *cancellable,
                     GError **error)
{
  Making making = { self, source, number, job, cancellable, error };

  return GPOINTER_TO_INT (source->is_copied ? valise_background_run (make_thread, &making) : make_thread (&making));
}

static gboolean
open_snapshot (const Export *self,
               Source *source,
               guint number,
               ValiseJob *job,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (ValiseDocument) shown = NULL;

  if (!hold_snapshots (source, error))
    return FALSE;
  source->bundle = valise_bundle_open (valise_machine_get_path (source->machine), error);
  if (source->bundle == NULL)
    return FALSE;
  source->grants = _valise_export_load_grants (source->bundle);
  source->document = _valise_export_read_moment (source->bundle, &self->choice, error);
  if (source->document == NULL)
    return FALSE;
  shown = valise_document_copy (source->document);
  if (!_valise_export_enter_snapshot (source->bundle, self->snapshot, shown, error))
    return FALSE;
  if (is_ours (self))
    return make_snapshot_whole (self, source, number, job, cancellable, error);
  valise_document_unref (source->document);
  source->document = g_steal_pointer (&shown);
  return TRUE;
}

static gboolean
open_present (const Export *self,
              Source *source,
              guint number,
              ValiseJob *job,
              GCancellable *cancellable,
              GError **error)
{
  if (has_bytes (self) && valise_machine_is_live (source->machine))
    return open_running (self, source, number, job, cancellable, error);
  return open_at_rest (self, source, error) && flatten (self, source, number, job, cancellable, error);
}

static Source *
open_source (const Export *self, guint number, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  Source *source = g_new0 (Source, 1);
  g_autoptr (GPtrArray) findings = NULL;
  gboolean opened;

  source->machine = self->machines->pdata[number];
  findings = valise_export_report (source->machine, &self->choice, error);
  opened = findings != NULL && check_report (source->machine, findings, job, error)
           && _valise_machine_check_keeps (source->machine,
                                           _ ("“%s” runs without keeping changes. Shut it down before you export it."),
                                           error)
           && (self->snapshot != NULL ? open_snapshot (self, source, number, job, cancellable, error)
                                      : open_present (self, source, number, job, cancellable, error))
           && change_document (self, source, error);
  if (opened)
    return source;
  source_free (source);
  return NULL;
}

/* --- the formats --- */

/* Over a file that is there only with one that is whole. */
static char *
write_archive (const Export *self,
               Source *source,
               const ValiseTravel *travel,
               ValiseJob *job,
               GCancellable *cancellable,
               GError **error)
{
  g_autofree char *aside = g_strconcat (self->target, ".new", NULL);
  g_autofree char *folder = g_path_get_dirname (self->target);
  const char *path = valise_bundle_get_path (source->bundle);
  int saved;

  if (!self->choice.replaces)
    return valise_archive_write (path, self->target, travel, job, cancellable, error) ? g_strdup (self->target) : NULL;
  if (!valise_archive_write (path, aside, travel, job, cancellable, error))
    return NULL;
  if (g_rename (aside, self->target) == 0)
    return valise_directory_sync (folder, error) ? g_strdup (self->target) : NULL;
  saved = errno;
  g_unlink (aside);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
               _ ("“%s” cannot be replaced: %s. Choose another name."), self->target, g_strerror (saved));
  return NULL;
}

/* "copies/Big.vmbundle" names the copy; "copies" is where a copy under the machine's own name goes. */
static char *
write_bundle (const Export *self,
              Source *source,
              const ValiseTravel *travel,
              ValiseJob *job,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree char *directory = NULL, *name = NULL;

  if (source->is_target)
    return valise_bundle_commit (source->bundle, source->document, error)
               ? g_strdup (valise_bundle_get_path (source->bundle))
               : NULL;
  split_target (self, &directory, &name);
  return valise_travel_copy (valise_bundle_get_path (source->bundle), directory, name, travel, job, cancellable, error);
}

static char *
write_ours (const Export *self, Source *source, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) left = list_left (self, source->bundle, source->document, error);
  ValiseTravel travel = { .left = (const char *const *) left, .document = source->document };

  if (left == NULL)
    return NULL;
  return self->choice.kind == VALISE_EXPORT_ARCHIVE ? write_archive (self, source, &travel, job, cancellable, error)
                                                    : write_bundle (self, source, &travel, job, cancellable, error);
}

static char *
write_packages (const Export *self, GPtrArray *sources, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) outlines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);
  g_autofree char *path = g_strdup (self->target);

  for (guint i = 0; i < sources->len; i++)
    {
      Source *source = sources->pdata[i];

      g_ptr_array_add (outlines, outline_of (self, source));
    }
  if (self->choice.kind == VALISE_EXPORT_OVF && g_str_has_suffix (path, VALISE_OVF_SUFFIX))
    path[strlen (path) - strlen (VALISE_OVF_SUFFIX)] = '\0';
  return valise_ovf_package_write (outlines, path, self->choice.ovf, self->choice.replaces, job, cancellable, error);
}

static char *
write_utm (const Export *self, Source *source, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseBlueprint) outline = outline_of (self, source);

  return valise_utm_write (outline, self->target, self->choice.media, job, cancellable, error) ? g_strdup (self->target)
                                                                                               : NULL;
}

static const ValiseBlueprintDrive *
find_disk (const Export *self, const ValiseBlueprint *outline)
{
  for (guint i = 0; i < outline->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = outline->drives->pdata[i];

      if (drive->device == VALISE_BLUEPRINT_DISK && drive->member != NULL
          && (self->disk == NULL || g_strcmp0 (self->disk, drive->unit) == 0))
        return drive;
    }
  return NULL;
}

/* The report has looked whether there is one. */
static char *
write_disk (const Export *self, Source *source, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseBlueprint) outline = outline_of (self, source);
  const ValiseBlueprintDrive *drive = find_disk (self, outline);
  g_autoptr (ValiseParcel) parcel = NULL;
  g_autoptr (ValiseImageInfo) info =
      drive != NULL ? valise_image_inspect_chain (drive->member, drive->format, NULL, error) : NULL;
  g_autofree char *to = NULL;

  if (info == NULL)
    return NULL;
  valise_job_set_total (job, info->virtual_size);
  parcel = valise_parcel_begin (self->target, VALISE_PARCEL_FILE, self->choice.replaces, error);
  if (parcel == NULL)
    return NULL;
  to = valise_parcel_path (parcel, NULL);
  return valise_image_export (drive->member, drive->format, to, self->choice.image, job, cancellable, error)
                 && valise_parcel_commit (parcel, error)
             ? g_strdup (self->target)
             : NULL;
}

static char *
write_text (const Export *self, const char *text, GError **error)
{
  g_autoptr (ValiseParcel) parcel = NULL;
  g_autofree char *to = NULL;

  parcel = valise_parcel_begin (self->target, VALISE_PARCEL_FILE, self->choice.replaces, error);
  if (parcel == NULL)
    return NULL;
  to = valise_parcel_path (parcel, NULL);
  return valise_parcel_write_text (parcel, text, error) && valise_parcel_commit (parcel, error)
             ? g_strdup (self->target)
             : NULL;
}

static char *
write_xml (const Export *self, Source *source, GError **error)
{
  if (!valise_forms_to_absolute (source->document, valise_bundle_get_path (source->bundle), error))
    return NULL;
  return write_text (self, valise_document_get_text (source->document), error);
}

static char *
write_command (const Export *self, Source *source, GError **error)
{
  g_autofree char *text = _valise_export_command (source->machine, source->document, error);

  return text != NULL ? write_text (self, text, error) : NULL;
}

static char *
write_format (const Export *self, GPtrArray *sources, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  Source *first = sources->pdata[0];

  switch (self->choice.kind)
    {
    case VALISE_EXPORT_OVA:
    case VALISE_EXPORT_OVF:
      return write_packages (self, sources, job, cancellable, error);
    case VALISE_EXPORT_UTM:
      return write_utm (self, first, job, cancellable, error);
    case VALISE_EXPORT_DISK:
      return write_disk (self, first, job, cancellable, error);
    case VALISE_EXPORT_XML:
      return write_xml (self, first, error);
    case VALISE_EXPORT_COMMAND:
      return write_command (self, first, error);
    case VALISE_EXPORT_BUNDLE:
    case VALISE_EXPORT_ARCHIVE:
    default:
      return write_ours (self, first, job, cancellable, error);
    }
}

/* --- the job --- */

typedef struct
{
  const Export *self;
  GPtrArray *sources;
  ValiseJob *job;
  GCancellable *cancellable;
  GError **error;
} Writing;

static gpointer
write_thread (gpointer data)
{
  const Writing *writing = data;

  return write_format (writing->self, writing->sources, writing->job, writing->cancellable, writing->error);
}

static gboolean
is_any_live (const Export *self)
{
  for (guint i = 0; i < self->machines->len; i++)
    if (valise_machine_is_live (self->machines->pdata[i]))
      return TRUE;
  return FALSE;
}

/* A guest that runs comes before its copy; when none does, whoever waits for the export comes first. */
static char *
write_at_pace (const Export *self, GPtrArray *sources, ValiseJob *job, GCancellable *cancellable, GError **error)
{
  Writing writing = { self, sources, job, cancellable, error };

  return is_any_live (self) ? valise_background_run (write_thread, &writing) : write_thread (&writing);
}

static gboolean
check_count (const Export *self, GError **error)
{
  if (self->machines->len == 1
      || ((self->choice.kind == VALISE_EXPORT_OVA || self->choice.kind == VALISE_EXPORT_OVF)
          && self->machines->len > 0))
    return TRUE;
  g_set_error_literal (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE,
                       _ ("Only OVA and OVF hold several machines. Export them one by one, or as OVA."));
  return FALSE;
}

/* Before anything is begun: a guest that runs would stand still for nothing. */
static gboolean
check_place (const Export *self, GError **error)
{
  g_autofree char *directory = NULL, *name = NULL;

  split_target (self, &directory, &name);
  return valise_bundle_check_outside (directory, error);
}

static gboolean
export_machines (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Export *self = data;
  g_autoptr (GPtrArray) sources = g_ptr_array_new_with_free_func (source_free);
  g_autofree char *made = NULL;

  self->choice.disk = self->disk;
  self->choice.snapshot = self->snapshot;
  (void) report_of (job);
  if (!check_count (self, error) || !check_place (self, error))
    return FALSE;
  for (guint i = 0; i < self->machines->len; i++)
    {
      Source *source = open_source (self, i, job, cancellable, error);

      if (source == NULL)
        return FALSE;
      g_ptr_array_add (sources, source);
    }
  valise_job_set_stage (job, is_ours (self) ? _ ("Copying") : _ ("Writing"));
  made = write_at_pace (self, sources, job, cancellable, error);
  valise_job_set_result_path (job, made);
  return made != NULL;
}

ValiseJob *
valise_export_machines_job_new (GPtrArray *machines, const char *target, const ValiseExportChoice *choice)
{
  Export *self = g_new0 (Export, 1);
  g_autofree char *title = NULL;
  ValiseJob *job;

  self->machines = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < machines->len; i++)
    g_ptr_array_add (self->machines, g_object_ref (machines->pdata[i]));
  self->target = g_strdup (target);
  self->choice = *choice;
  self->disk = g_strdup (choice->disk);
  self->snapshot = g_strdup (choice->snapshot);
  title =
      machines->len == 1
          ? g_strdup_printf (_ ("Exporting “%s”"), valise_machine_get_name (machines->pdata[0]))
          : g_strdup_printf (ngettext ("Exporting %u machine", "Exporting %u machines", machines->len), machines->len);
  job = valise_job_new (title, export_machines, self, export_free);
  g_object_set_data (G_OBJECT (job), COUNT, GUINT_TO_POINTER (machines->len));
  return job;
}
