/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>
#include "model/valise-edit-session.h"

G_BEGIN_DECLS

/**
 * ValiseSettingsRow:
 *
 * A row of a settings page: label, help, a control, where the value comes from, reset, when a change takes effect, and
 * what is wrong with it. Knows everything but the control, which a subclass puts in.
 *
 * Properties for glade: knob (the main knob, which gives label and help), also (further knobs it stands for, separated
 * by spaces; they are reset together), title and help (to say something else than the knob table does), when (another
 * knob and those of its values, "-" for unset, with which this row is of use; with others it is hidden while nothing is
 * set, wrong or looked for in it).
 */
#define VALISE_TYPE_SETTINGS_ROW (valise_settings_row_get_type ())
G_DECLARE_DERIVABLE_TYPE (ValiseSettingsRow, valise_settings_row, VALISE, SETTINGS_ROW, HdyPreferencesRow)

struct _ValiseSettingsRowClass
{
  HdyPreferencesRowClass parent_class;

  /* The row has its session and device. Runs again when either changes. */
  void (*bound) (ValiseSettingsRow *self);
  /* Shows what the draft holds. Not called while something typed waits to be committed. */
  void (*refresh) (ValiseSettingsRow *self);
  /* Puts what the control holds into the draft. */
  void (*commit) (ValiseSettingsRow *self);
  void (*reset) (ValiseSettingsRow *self);
};

/* @device: e.g. "devices/disk[2]": knobs that start with "devices/disk/" are that device's. (nullable) */
void valise_settings_row_bind (ValiseSettingsRow *self, ValiseEditSession *session, const char *device);
ValiseEditSession *valise_settings_row_get_session (ValiseSettingsRow *self);
ValiseDocument *valise_settings_row_get_draft (ValiseSettingsRow *self);
const char *valise_settings_row_get_device (ValiseSettingsRow *self);
void valise_settings_row_refresh (ValiseSettingsRow *self);
/* Words and bounds for a knob that the table does not have; @knob lives as long as the program. */
void valise_settings_row_describe (ValiseSettingsRow *self, const ValiseKnob *knob);
/* The table's words, or those it was given. (nullable) */
const ValiseKnob *valise_settings_row_get_description (ValiseSettingsRow *self);
/* What the hypervisor said about knobs of this row; shown until the next one. (element-type ValiseFinding)
 * (nullable) */
void valise_settings_row_set_refusals (ValiseSettingsRow *self, GPtrArray *findings);

const char *valise_settings_row_get_knob (ValiseSettingsRow *self);
void valise_settings_row_set_knob (ValiseSettingsRow *self, const char *knob);
/* Whether the row stands for @knob (with or without indices). */
gboolean valise_settings_row_has_knob (ValiseSettingsRow *self, const char *knob);
/* What libvirt was last seen to use where the row's knob is not set, as people read it; %NULL when that is not known.
 * (transfer full) (nullable) */
char *valise_settings_row_dup_default (ValiseSettingsRow *self);
/* @knob with this row's device in it. (transfer full) */
char *valise_settings_row_resolve (ValiseSettingsRow *self, const char *knob);

/* The draft's value of a knob written as in glade. (transfer full) (nullable) */
char *valise_settings_row_get_value (ValiseSettingsRow *self, const char *knob);
/* @value: %NULL unsets. What XML cannot hold is said on the row. */
gboolean valise_settings_row_set_value (ValiseSettingsRow *self, const char *knob, const char *value);

/* Puts a control in; gives it the row's label as its accessible name. @part: (nullable): what distinguishes it,
 * "Unit". */
void valise_settings_row_add_control (ValiseSettingsRow *self, GtkWidget *control, const char *part);
/* Only the accessible name, for a control inside another widget. */
void valise_settings_row_name_control (ValiseSettingsRow *self, GtkWidget *control, const char *part);
/* Puts a wide control below the words. */
void valise_settings_row_add_wide (ValiseSettingsRow *self, GtkWidget *control);
void valise_settings_row_set_help (ValiseSettingsRow *self, const char *help);
/* What is said below the control; %NULL: "Set here" or the default, from the knob table. */
void valise_settings_row_set_source (ValiseSettingsRow *self, const char *text);
/* An error of the control itself, which is not in the draft: shown before any finding. %NULL clears it. */
void valise_settings_row_set_problem (ValiseSettingsRow *self, const char *text);

/* Something was typed or turned: commit soon, once. */
void valise_settings_row_queue_commit (ValiseSettingsRow *self);
void valise_settings_row_commit_now (ValiseSettingsRow *self);
/* Commits what waits, if anything does. */
void valise_settings_row_flush (ValiseSettingsRow *self);
/* %TRUE while refresh runs: handlers of the control do nothing then. */
gboolean valise_settings_row_is_refreshing (ValiseSettingsRow *self);
/* Of what is narrower than this the rows are narrow. */
#define VALISE_SETTINGS_ROW_WIDTH 600
/* Puts the control below the words instead of beside them. */
void valise_settings_row_set_narrow (ValiseSettingsRow *self, gboolean narrow);
/* Shows it even where it is of no use, until it is another device's. */
void valise_settings_row_reveal (ValiseSettingsRow *self);
void valise_settings_row_focus (ValiseSettingsRow *self);

G_END_DECLS
