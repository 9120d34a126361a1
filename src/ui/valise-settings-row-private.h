/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-settings-row.h"

G_BEGIN_DECLS

typedef struct
{
  GtkOrientable *line;
  GtkLabel *title_label;
  GtkLabel *help_label;
  GtkLabel *source_label;
  GtkLabel *timing_label;
  GtkBox *control_box;
  GtkBox *extra_box;
  GtkButton *reset_button;
  GtkWidget *finding_box;
  GtkImage *finding_image;
  GtkLabel *finding_label;
  GtkButton *remedy_button;

  ValiseEditSession *session;
  GPtrArray *refusals;
  char *device;
  char *knob;
  const ValiseKnob *description;
  char **also;
  char **when; /* a knob and the values of it with which the row is of use */
  char *help;
  char *source;
  char *problem;
  char *fix_knob;
  char *fix_value;
  guint commit_id;
  gboolean asked; /* somebody looked for it: it stays, of use or not */
  gboolean refreshing;
  gboolean committing;
} ValiseSettingsRowPrivate;

ValiseSettingsRowPrivate *_valise_settings_row_get_private (ValiseSettingsRow *self);

/* --- valise-settings-row-controls.c --- */
void _valise_settings_row_show_words (ValiseSettingsRow *self);

/* --- valise-settings-row-knobs.c --- */
/* Whether @where, a finding's place, is outside devices or in this row's device. */
gboolean _valise_settings_row_is_about_here (ValiseSettingsRow *self, const char *where);
/* Whether the draft holds any of the row's knobs. */
gboolean _valise_settings_row_is_set (ValiseSettingsRow *self);

/* Hides a row that is of no use with what the draft holds, unless there is something about it to see. */
void _valise_settings_row_show_use (ValiseSettingsRow *self);

/* --- valise-settings-row-marks.c --- */
void _valise_settings_row_show_source (ValiseSettingsRow *self);
void _valise_settings_row_show_timing (ValiseSettingsRow *self);
void _valise_settings_row_show_finding (ValiseSettingsRow *self);

G_END_DECLS
