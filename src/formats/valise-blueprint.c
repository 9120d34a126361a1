/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-blueprint.h"

#include <glib/gi18n-lib.h>
#include "base/valise-path.h"

#define LONGEST_NAME 200
#define LONGEST_VALUE 80
#define LONGEST_FINDING 1000

static void
drive_free (gpointer data)
{
  ValiseBlueprintDrive *drive = data;

  g_free (drive->bus);
  g_free (drive->controller);
  g_free (drive->unit);
  g_free (drive->file);
  g_free (drive->member);
  g_strfreev (drive->parts);
  g_strfreev (drive->beside);
  g_free (drive->format);
  g_free (drive->digest);
  g_free (drive);
}

static void
nic_free (gpointer data)
{
  ValiseBlueprintNic *nic = data;

  g_free (nic->model);
  g_free (nic->network);
  g_free (nic->mac);
  g_free (nic);
}

static void
wish_free (gpointer data)
{
  ValiseBlueprintWish *wish = data;

  g_free (wish->path);
  g_free (wish->tag);
  g_free (wish->xml);
  g_free (wish);
}

static char *
clean_name (const char *name)
{
  g_autofree char *shown = name != NULL ? valise_text_for_display (name, LONGEST_NAME) : NULL;

  return shown != NULL && *g_strstrip (shown) != '\0' ? g_steal_pointer (&shown) : NULL;
}

ValiseBlueprint *
valise_blueprint_new (const char *format, const char *name)
{
  ValiseBlueprint *self = g_new0 (ValiseBlueprint, 1);

  self->format = format;
  self->name = clean_name (name);
  if (self->name == NULL)
    self->name = g_strdup (_ ("Machine"));
  self->vcpus = -1;
  self->drives = g_ptr_array_new_with_free_func (drive_free);
  self->nics = g_ptr_array_new_with_free_func (nic_free);
  self->asks = g_ptr_array_new_with_free_func (g_free);
  self->wishes = g_ptr_array_new_with_free_func (wish_free);
  self->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);
  return self;
}

void
valise_blueprint_free (ValiseBlueprint *self)
{
  g_free (self->name);
  g_free (self->os_type);
  g_free (self->arch);
  g_free (self->machine);
  g_free (self->nvram);
  g_free (self->sound);
  g_free (self->kernel);
  g_free (self->initrd);
  g_free (self->dtb);
  g_free (self->cmdline);
  g_ptr_array_unref (self->drives);
  g_ptr_array_unref (self->nics);
  g_strfreev (self->configurations);
  g_free (self->configuration);
  g_ptr_array_unref (self->asks);
  g_ptr_array_unref (self->wishes);
  g_ptr_array_unref (self->findings);
  g_free (self);
}

void
valise_blueprint_set_name (ValiseBlueprint *self, const char *name)
{
  char *clean = clean_name (name);

  if (clean == NULL)
    return;
  g_free (self->name);
  self->name = clean;
}

ValiseBlueprintDrive *
valise_blueprint_add_drive (ValiseBlueprint *self, ValiseBlueprintDevice device)
{
  ValiseBlueprintDrive *drive = g_new0 (ValiseBlueprintDrive, 1);

  drive->device = device;
  g_ptr_array_add (self->drives, drive);
  return drive;
}

ValiseBlueprintNic *
valise_blueprint_add_nic (ValiseBlueprint *self)
{
  ValiseBlueprintNic *nic = g_new0 (ValiseBlueprintNic, 1);

  nic->connected = TRUE;
  g_ptr_array_add (self->nics, nic);
  return nic;
}

gboolean
valise_blueprint_read_number (const char *key, const char *written, guint64 most, guint64 *number, char **wrong)
{
  g_autofree char *shown = NULL;

  if (g_ascii_string_to_unsigned (written, 10, 1, most, number, NULL))
    return TRUE;
  shown = valise_text_for_display (written, LONGEST_VALUE);
  *wrong = g_strdup_printf (_ ("“%s” should be a number and is “%s”."), key, shown);
  return FALSE;
}

void
valise_blueprint_tell (ValiseBlueprint *self,
                       ValiseSeverity severity,
                       const char *code,
                       const char *place,
                       const char *text,
                       const char *remedy)
{
  /* Names of members and words of the source stand in both. */
  g_autofree char *shown_place = place != NULL ? valise_text_for_display (place, LONGEST_FINDING) : NULL;
  g_autofree char *shown_text = valise_text_for_display (text, LONGEST_FINDING);

  g_ptr_array_add (self->findings, valise_finding_new (severity, code, shown_place, shown_text, remedy));
}

void
valise_blueprint_refuse (ValiseBlueprint *self,
                         const char *code,
                         const char *place,
                         const char *text,
                         const char *remedy)
{
  valise_blueprint_tell (self, VALISE_SEVERITY_ERROR, code, place, text, remedy);
  self->refused = TRUE;
}

ValiseBlueprintOutcome
valise_blueprint_get_outcome (const ValiseBlueprint *self)
{
  if (self->refused)
    return VALISE_BLUEPRINT_REFUSED;
  return valise_findings_worst (self->findings) == VALISE_SEVERITY_ERROR ? VALISE_BLUEPRINT_DECIDE
                                                                         : VALISE_BLUEPRINT_IMPORTS;
}

const char *
valise_blueprint_outcome_word (ValiseBlueprintOutcome outcome)
{
  static const char *const words[] = { "import", "decide", "refused" };

  return words[outcome];
}
