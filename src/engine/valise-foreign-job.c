/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-foreign-job.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-bundle.h"
#include "bundle/valise-new-disks.h"
#include "engine/valise-foreign-disks-private.h"
#include "engine/valise-foreign-variables-private.h"
#include "engine/valise-import-points.h"
#include "engine/valise-settle-private.h"
#include "formats/valise-reader.h"

#define NAMES_MOST 100
#define REPORT "valise-import-report"

typedef struct
{
  ValisePackage *package;
  ValiseImportChoices *choices;
  ValiseHost *host;
  char *directory;
} Arrival;

static void
arrival_free (gpointer data)
{
  Arrival *self = data;

  g_object_unref (self->package);
  valise_import_choices_free (self->choices);
  g_object_unref (self->host);
  g_free (self->directory);
  g_free (self);
}

/* --- the report --- */

static void
append_findings (GPtrArray *report, GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    g_ptr_array_add (report, valise_finding_copy (g_ptr_array_index (findings, i)));
}

static GPtrArray *
report_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);
}

static void
keep_report (ValiseJob *job, GPtrArray *points)
{
  g_object_set_data_full (G_OBJECT (job), REPORT, valise_import_points_list_findings (points),
                          (GDestroyNotify) g_ptr_array_unref);
}

GPtrArray *
valise_foreign_job_get_report (ValiseJob *job)
{
  GPtrArray *kept = g_object_get_data (G_OBJECT (job), REPORT);
  GPtrArray *report = kept != NULL ? report_new () : NULL;

  if (report != NULL)
    append_findings (report, kept);
  return report;
}

/* What is wrong, or has to be decided, with its place, unless the text names it already. */
static void
set_open (const ValiseFinding *finding, ValiseReaderError code, GError **error)
{
  gboolean named = finding->where == NULL || strstr (finding->text, finding->where) != NULL;

  g_set_error (error, VALISE_READER_ERROR, code, "%s%s%s%s%s", named ? "" : finding->where, named ? "" : ": ",
               finding->text, finding->remedy != NULL ? " " : "", finding->remedy != NULL ? finding->remedy : "");
}

static gboolean
check_points (const Arrival *self, GPtrArray *points, GError **error)
{
  gboolean refused = valise_import_points_get_outcome (points, self->choices) == VALISE_BLUEPRINT_REFUSED;
  const ValiseImportPoint *open = valise_import_points_find_open (points);

  if (open != NULL)
    set_open (open->finding, refused ? VALISE_READER_ERROR_REFUSED : VALISE_READER_ERROR_DECISION, error);
  return open == NULL;
}

/* --- what is started directly --- */

static gboolean
copy_bytes (int from, int to, guint64 size, const char *name, GCancellable *cancellable, GError **error)
{
  g_autofree char *buffer = g_malloc (VALISE_MIB);

  while (size > 0 && !g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      gssize got = read (from, buffer, MIN (size, VALISE_MIB));
      gssize wrote = got > 0 ? write (to, buffer, (gsize) got) : got;

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0 || wrote != got)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("“%s” cannot be copied: %s"), name,
                       got == 0 ? _ ("it ends early") : g_strerror (errno));
          return FALSE;
        }
      size -= (guint64) got;
    }
  return size == 0;
}

static gboolean
bring_file (Arrival *self,
            const char *member_name,
            const char *directory,
            const char *relative,
            GCancellable *cancellable,
            GError **error)
{
  const ValisePackageMember *member = member_name != NULL ? valise_package_lookup (self->package, member_name) : NULL;
  g_autofree char *path = g_build_filename (directory, relative, NULL);
  int from, to;
  gboolean done = FALSE;

  if (member == NULL)
    return TRUE;
  from = valise_package_open_member (self->package, member, error);
  if (from < 0)
    return FALSE;
  to = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (to < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("“%s” cannot be made: %s"), path,
                 g_strerror (errno));
  else
    {
      done = copy_bytes (from, to, member->size, member->name, cancellable, error) && fsync (to) == 0;
      close (to);
    }
  close (from);
  return done;
}

static gboolean
bring_kernel (Arrival *self, const char *directory, GCancellable *cancellable, GError **error)
{
  return bring_file (self, self->choices->blueprint->kernel, directory, "media/kernel", cancellable, error)
         && bring_file (self, self->choices->blueprint->initrd, directory, "media/initrd", cancellable, error)
         && bring_file (self, self->choices->blueprint->dtb, directory, "media/dtb", cancellable, error);
}

static gboolean
bring_variables (Arrival *self,
                 const ValiseImportPlan *plan,
                 const char *directory,
                 ValiseJob *job,
                 GCancellable *cancellable,
                 GError **error)
{
  const char *template = valise_capabilities_get_variables (valise_host_get_capabilities (self->host), plan->arch,
                                                            plan->firmware == VALISE_FIRMWARE_UEFI_SECURE);

  return _valise_foreign_variables_bring (self->package, plan, template, directory,
                                          g_object_get_data (G_OBJECT (job), REPORT), cancellable, error);
}

/* --- the bundle --- */

/* Under the name that was asked for, else under its own or the first like it that is free. */
static ValiseBundle *
begin_bundle (Arrival *self, char **label, GError **error)
{
  const char *base = self->choices->name != NULL ? self->choices->name : self->choices->blueprint->name;

  *label = g_strdup (base);
  for (guint i = 2;; i++)
    {
      g_autoptr (GError) local = NULL;
      ValiseBundle *bundle = valise_bundle_begin (self->directory, *label, &local);

      if (bundle != NULL)
        return bundle;
      if (self->choices->name != NULL || i > NAMES_MOST
          || !g_error_matches (local, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_EXISTS))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      g_free (*label);
      *label = g_strdup_printf ("%s %u", base, i);
    }
}

static gboolean
set_label (ValiseDocument *document, const char *label, GError **error)
{
  g_autofree char *name = valise_path_name_from_label (label);

  return valise_document_set (document, "metadata/valise:machine/@name", label, error)
         && valise_document_set (document, "title", label, error)
         && valise_document_set (document, "name", name, error);
}

static gboolean
fill (ValiseBundle *bundle,
      Arrival *self,
      ValiseImportPlan *plan,
      ValiseForeignDisks *disks,
      ValiseJob *job,
      GCancellable *cancellable,
      GError **error)
{
  const char *directory = valise_bundle_get_path (bundle);
  g_autoptr (GPtrArray) made = NULL;

  valise_job_set_stage (job, _ ("Bringing in the disks"));
  valise_job_set_total (job, _valise_foreign_disks_count (disks));
  return _valise_foreign_disks_bring (disks, plan, directory, job, cancellable, error)
         && bring_kernel (self, directory, cancellable, error)
         && bring_variables (self, plan, directory, job, cancellable, error)
         && valise_new_disks_make (plan->document, directory, &made, cancellable, error)
         && !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static gboolean
make (Arrival *self,
      ValiseImportPlan *plan,
      ValiseForeignDisks *disks,
      ValiseJob *job,
      GCancellable *cancellable,
      GError **error)
{
  g_autofree char *label = NULL;
  g_autoptr (ValiseBundle) bundle = begin_bundle (self, &label, error);

  if (bundle == NULL)
    return FALSE;
  if (!set_label (plan->document, label, error) || !fill (bundle, self, plan, disks, job, cancellable, error)
      || !_valise_settle_commit (bundle, plan->document, job, error))
    {
      valise_bundle_abandon (bundle);
      return FALSE;
    }
  valise_job_set_result_path (job, valise_bundle_get_path (bundle));
  return TRUE;
}

static gboolean
bring_in (ValiseJob *job, gpointer data, GCancellable *cancellable, GError **error)
{
  Arrival *self = data;
  g_autoptr (ValiseImportPlan) plan = NULL;
  g_autoptr (ValiseForeignDisks) disks = NULL;
  g_autoptr (GPtrArray) points = NULL;

  valise_job_set_stage (job, _ ("Looking at the disks"));
  plan = valise_import_plan_new (self->choices, valise_host_get_capabilities (self->host), error);
  if (plan == NULL)
    return FALSE;
  points = valise_import_points_new (self->choices, plan);
  keep_report (job, points);
  if (!check_points (self, points, error))
    return FALSE;
  disks = _valise_foreign_disks_open (self->package, plan, error);
  return disks != NULL && make (self, plan, disks, job, cancellable, error);
}

ValiseJob *
valise_foreign_job_new (ValiseLibrary *library,
                        ValisePackage *package,
                        ValiseImportChoices *choices,
                        const char *directory)
{
  g_autofree char *title =
      g_strdup_printf (_ ("Bringing in “%s”"), choices->name != NULL ? choices->name : choices->blueprint->name);
  Arrival *self = g_new0 (Arrival, 1);

  self->package = g_object_ref (package);
  self->choices = choices;
  self->host = g_object_ref (valise_library_get_host (library));
  self->directory = g_strdup (directory != NULL ? directory : valise_library_get_directory (library));
  return valise_job_new (title, bring_in, self, arrival_free);
}
