/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-knob-row.h"

#include "ui/valise-knob-control.h"

struct _ValiseKnobRow
{
  ValiseSettingsRow parent_instance;
  const ValiseKnobControl *kind;
  GtkWidget *control;
};

/* What the table does not know can be set all the same: as text. */
static const ValiseKnob unknown = { .kind = VALISE_KNOB_TEXT };

static const ValiseKnobControl *const kinds[] = {
  [VALISE_KNOB_TEXT] = &valise_knob_text,       [VALISE_KNOB_YES_NO] = &valise_knob_switch,
  [VALISE_KNOB_ON_OFF] = &valise_knob_switch,   [VALISE_KNOB_CHOICE] = &valise_knob_choice,
  [VALISE_KNOB_NUMBER] = &valise_knob_number,   [VALISE_KNOB_SIZE] = &valise_knob_size,
  [VALISE_KNOB_PATH] = &valise_knob_path,       [VALISE_KNOB_MAC] = &valise_knob_mac,
  [VALISE_KNOB_UUID] = &valise_knob_uuid,       [VALISE_KNOB_PRESENCE] = &valise_knob_switch,
  [VALISE_KNOB_CPU_SET] = &valise_knob_cpu_set, [VALISE_KNOB_PCI_ADDRESS] = &valise_knob_pci,
  [VALISE_KNOB_LIST] = &valise_knob_text,
};

G_DEFINE_FINAL_TYPE (ValiseKnobRow, valise_knob_row, VALISE_TYPE_SETTINGS_ROW)

static const ValiseKnob *
get_entry (ValiseKnobRow *self)
{
  const ValiseKnob *knob = valise_settings_row_get_description (VALISE_SETTINGS_ROW (self));
  return knob != NULL ? knob : &unknown;
}

static void
valise_knob_row_bound (ValiseSettingsRow *row)
{
  ValiseKnobRow *self = VALISE_KNOB_ROW (row);

  if (self->control != NULL)
    return;
  self->kind = kinds[get_entry (self)->kind];
  self->control = self->kind->build (row, get_entry (self));
}

static void
valise_knob_row_refresh (ValiseSettingsRow *row)
{
  ValiseKnobRow *self = VALISE_KNOB_ROW (row);
  self->kind->show (row, get_entry (self), self->control);
}

static void
valise_knob_row_commit (ValiseSettingsRow *row)
{
  ValiseKnobRow *self = VALISE_KNOB_ROW (row);
  self->kind->commit (row, get_entry (self), self->control);
}

static void
valise_knob_row_class_init (ValiseKnobRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  row_class->bound = valise_knob_row_bound;
  row_class->refresh = valise_knob_row_refresh;
  row_class->commit = valise_knob_row_commit;
}

static void
valise_knob_row_init (ValiseKnobRow *self)
{
}

GtkWidget *
valise_knob_row_new (const char *knob)
{
  return g_object_new (VALISE_TYPE_KNOB_ROW, "knob", knob, NULL);
}
