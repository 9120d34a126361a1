/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-import-points.h"

#include <string.h>

#include "base/valise-path.h"
#include "engine/valise-import-plan-private.h"

#define LEAVE_OUT "leave-out"
#define EMPTY "empty"
#define GO_ON "go-on"
#define BIOS "bios"

/* What is about neither a disk nor in here can be gone on with, when a reader says it. */
static const struct
{
  const char *code;
  const char *answers[3];
} known[] = {
  { "arch-unknown", { "x86_64", "aarch64", NULL } },
  { "arch-missing", { NULL } },
  { "uefi-missing", { BIOS, NULL } },
  { "firmware-missing", { BIOS, NULL } },
  { "folder-missing", { NULL } },
};

static void
point_free (gpointer data)
{
  ValiseImportPoint *self = data;

  valise_finding_free (self->finding);
  g_free (self);
}

/* --- what it is about --- */

static gboolean
is_about_disk (const ValiseFinding *finding)
{
  return g_str_has_prefix (finding->code, "disk-");
}

static gboolean
is_missing (const ValiseBlueprintDrive *drive)
{
  return drive->device == VALISE_BLUEPRINT_DISK && drive->file != NULL && drive->member == NULL && drive->parts == NULL;
}

static gboolean
names (const char *text, const char *file)
{
  g_autofree char *shown = valise_text_for_display (file, 200);
  g_autofree char *quoted = g_strdup_printf ("“%s”", shown);

  return text != NULL && (strstr (text, quoted) != NULL || g_str_equal (text, shown));
}

static gboolean
is_named (const ValiseFinding *finding, const ValiseBlueprintDrive *drive)
{
  const char *slash = drive->file != NULL ? strrchr (drive->file, '/') : NULL;

  if (drive->file == NULL)
    return FALSE;
  return names (finding->text, drive->file) || (slash != NULL && names (finding->text, slash + 1))
         || (drive->member != NULL && (names (finding->text, drive->member) || names (finding->where, drive->member)));
}

/* Readers say it in words; a disk that nobody names is the only one that it can be, or none. */
static int
find_drive (const ValiseBlueprint *blueprint, const ValiseFinding *finding)
{
  int only = -1;

  for (guint i = 0; i < blueprint->drives->len; i++)
    if (is_named (finding, blueprint->drives->pdata[i]))
      return (int) i;
  for (guint i = 0; is_about_disk (finding) && i < blueprint->drives->len; i++)
    if (is_missing (blueprint->drives->pdata[i]) || blueprint->drives->len == 1)
      only = only == -1 ? (int) i : -2;
  return MAX (only, -1);
}

static int
find_planned_drive (const ValiseImportPlan *plan, const ValiseFinding *finding)
{
  for (guint i = 0; finding->where != NULL && i < plan->drives->len; i++)
    {
      const ValiseImportDrive *drive = plan->drives->pdata[i];
      guint number;

      if (g_str_equal (drive->target, finding->where)
          && g_ptr_array_find (plan->blueprint->drives, drive->source, &number))
        return (int) number;
    }
  return -1;
}

static int
find_planned_nic (const ValiseImportPlan *plan, const ValiseFinding *finding)
{
  for (guint i = 0; finding->where != NULL && i < plan->nics->len; i++)
    {
      const ValiseImportNic *nic = plan->nics->pdata[i];
      g_autofree char *place = g_strdup_printf ("devices/interface[%u]", i + 1);
      guint number;

      if (g_str_equal (place, finding->where) && g_ptr_array_find (plan->blueprint->nics, nic->source, &number))
        return (int) number;
    }
  return -1;
}

/* --- answers --- */

static char *
key_of (const ValiseFinding *finding)
{
  return g_strconcat (finding->code, "\n", finding->where, NULL);
}

static void
list_disk_answers (ValiseImportPoint *self, const ValiseImportChoices *choices)
{
  const ValiseBlueprintDrive *drive = self->drive >= 0 ? choices->blueprint->drives->pdata[self->drive] : NULL;
  guint n = 0;

  if (drive == NULL)
    {
      self->answers[n] = GO_ON;
      return;
    }
  if (g_str_equal (self->finding->code, "disk-format-differs"))
    self->answers[n++] = GO_ON;
  self->answers[n++] = LEAVE_OUT;
  if (is_missing (drive) && drive->capacity > 0)
    self->answers[n] = EMPTY;
}

static void
list_answers (ValiseImportPoint *self, const ValiseImportChoices *choices, gboolean planned)
{
  if (self->finding->severity != VALISE_SEVERITY_ERROR || choices->blueprint->refused)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].code, self->finding->code))
      {
        memcpy (self->answers, known[i].answers, sizeof known[i].answers);
        return;
      }
  if (is_about_disk (self->finding))
    list_disk_answers (self, choices);
  else if (!planned)
    self->answers[0] = GO_ON;
}

static const char *
find_answer (const ValiseImportPoint *self, const ValiseImportChoices *choices)
{
  g_autofree char *key = key_of (self->finding);
  const ValiseDriveChoice *drive = self->drive >= 0 ? &choices->drives[self->drive] : NULL;
  const char *answer = NULL;

  if (g_hash_table_contains (choices->accepted, key))
    answer = GO_ON;
  else if (g_str_equal (self->finding->code, "arch-unknown"))
    answer = choices->arch;
  else if (drive != NULL && is_about_disk (self->finding))
    answer = !drive->taken ? LEAVE_OUT : drive->empty ? EMPTY : NULL;
  return answer != NULL ? _valise_import_find_word (self->answers, answer) : NULL;
}

static void
add_point (GPtrArray *points,
           const ValiseImportChoices *choices,
           const ValiseImportPlan *plan,
           const ValiseFinding *finding)
{
  ValiseImportPoint *self = g_new0 (ValiseImportPoint, 1);

  self->finding = valise_finding_copy (finding);
  self->drive = plan != NULL ? find_planned_drive (plan, finding) : find_drive (choices->blueprint, finding);
  self->nic = plan != NULL ? find_planned_nic (plan, finding) : -1;
  list_answers (self, choices, plan != NULL);
  self->answer = find_answer (self, choices);
  if (self->answer != NULL)
    self->finding->severity = VALISE_SEVERITY_INFO;
  g_ptr_array_add (points, self);
}

/* That a disk is not there is said once, by the reader, who knows the place. */
static gboolean
is_said (GPtrArray *points, const ValiseFinding *finding, int drive)
{
  for (guint i = 0; drive >= 0 && is_about_disk (finding) && i < points->len; i++)
    {
      const ValiseImportPoint *other = points->pdata[i];

      if (other->drive == drive && is_about_disk (other->finding) && other->answers[0] != NULL)
        return TRUE;
    }
  return FALSE;
}

GPtrArray *
valise_import_points_new (const ValiseImportChoices *choices, const ValiseImportPlan *plan)
{
  GPtrArray *points = g_ptr_array_new_with_free_func (point_free);
  GPtrArray *findings = choices->blueprint->findings;

  for (guint i = 0; i < findings->len; i++)
    add_point (points, choices, NULL, findings->pdata[i]);
  for (guint i = 0; plan != NULL && i < plan->findings->len; i++)
    if (!is_said (points, plan->findings->pdata[i], find_planned_drive (plan, plan->findings->pdata[i])))
      add_point (points, choices, plan, plan->findings->pdata[i]);
  return points;
}

const ValiseImportPoint *
valise_import_points_find_open (GPtrArray *points)
{
  for (guint i = 0; i < points->len; i++)
    if (((const ValiseImportPoint *) points->pdata[i])->finding->severity == VALISE_SEVERITY_ERROR)
      return points->pdata[i];
  return NULL;
}

ValiseBlueprintOutcome
valise_import_points_get_outcome (GPtrArray *points, const ValiseImportChoices *choices)
{
  if (choices->blueprint->refused)
    return VALISE_BLUEPRINT_REFUSED;
  return valise_import_points_find_open (points) != NULL ? VALISE_BLUEPRINT_DECIDE : VALISE_BLUEPRINT_IMPORTS;
}

GPtrArray *
valise_import_points_list_findings (GPtrArray *points)
{
  GPtrArray *findings = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);

  for (guint i = 0; i < points->len; i++)
    g_ptr_array_add (findings, valise_finding_copy (((const ValiseImportPoint *) points->pdata[i])->finding));
  return findings;
}

/* --- deciding --- */

static void
accept (ValiseImportChoices *self, const ValiseFinding *finding, gboolean accepted)
{
  char *key = key_of (finding);

  if (accepted)
    {
      g_hash_table_add (self->accepted, key);
      return;
    }
  g_hash_table_remove (self->accepted, key);
  g_free (key);
}

void
valise_import_choices_answer (ValiseImportChoices *self, const ValiseImportPoint *point, const char *answer)
{
  ValiseDriveChoice *drive = point->drive >= 0 ? &self->drives[point->drive] : NULL;

  accept (self, point->finding, g_strcmp0 (answer, GO_ON) == 0);
  if (g_str_equal (point->finding->code, "arch-unknown"))
    self->arch = answer != NULL ? _valise_import_find_word (point->answers, answer) : NULL;
  if (g_strcmp0 (answer, BIOS) == 0)
    self->firmware = VALISE_FIRMWARE_BIOS;
  if (drive == NULL || !is_about_disk (point->finding))
    return;
  drive->taken = g_strcmp0 (answer, LEAVE_OUT) != 0;
  drive->empty = g_strcmp0 (answer, EMPTY) == 0;
}

gboolean
valise_import_choices_decide (ValiseImportChoices *self, GPtrArray *points, const char *code, const char *answer)
{
  gboolean decided = FALSE;

  for (guint i = 0; i < points->len; i++)
    {
      const ValiseImportPoint *point = points->pdata[i];

      if (!g_str_equal (point->finding->code, code) || _valise_import_find_word (point->answers, answer) == NULL)
        continue;
      valise_import_choices_answer (self, point, answer);
      decided = TRUE;
    }
  return decided;
}
