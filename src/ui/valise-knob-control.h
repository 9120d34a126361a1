/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ui/valise-settings-row.h"

G_BEGIN_DECLS

/**
 * ValiseKnobControl:
 *
 * How one kind of knob is shown and read: one of these per kind, each in its own file.
 */
typedef struct
{
  /* Makes the widgets and adds them to the row; the returned one is handed to the others. */
  GtkWidget *(*build) (ValiseSettingsRow *row, const ValiseKnob *knob);
  void (*show) (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *control);
  void (*commit) (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *control);
} ValiseKnobControl;

extern const ValiseKnobControl valise_knob_switch;
extern const ValiseKnobControl valise_knob_choice;
extern const ValiseKnobControl valise_knob_number;
extern const ValiseKnobControl valise_knob_size;
extern const ValiseKnobControl valise_knob_text;
extern const ValiseKnobControl valise_knob_path;
extern const ValiseKnobControl valise_knob_mac;
extern const ValiseKnobControl valise_knob_uuid;
extern const ValiseKnobControl valise_knob_pci;
extern const ValiseKnobControl valise_knob_cpu_set;

/* Of a control that is one entry: what the draft holds is its text, and the other way round. */
void valise_knob_show_text (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *entry);
void valise_knob_commit_text (ValiseSettingsRow *row, const ValiseKnob *knob, GtkWidget *entry);

/* An entry that commits soon after typing, at once on Enter and when the focus leaves. */
GtkWidget *valise_knob_entry_new (ValiseSettingsRow *row, int width_chars);
/* For controls that belong together: up to @beside of them beside each other, as far as there is room. (transfer floating) */
GtkWidget *valise_knob_flow_new (guint beside);
void valise_knob_flow_add (GtkWidget *flow, GtkWidget *control);
/* The same for a spin button; empty text is allowed and means "not set". */
GtkWidget *valise_knob_spin_new (ValiseSettingsRow *row, double minimum, double maximum, double step, guint digits);
/* @unset: show nothing but @fallback in grey */
void valise_knob_spin_show (GtkWidget *spin, double value, gboolean unset, const char *fallback);
/* What is in it as it is typed, without making it tidy; %FALSE when it is empty. */
gboolean valise_knob_spin_read (GtkWidget *spin, double *value);

/* A choice of #ValiseOption; those with a reason are grey and say it. */
GtkWidget *valise_knob_combo_new (ValiseSettingsRow *row);
/* @unset_label: (nullable): text of an entry before all others whose value is %NULL */
void valise_knob_combo_fill (GtkWidget *combo, GPtrArray *options, const char *unset_label);
/* Whether it was asked before for this computer (which is known better after a while) and this machine type; so it is
 * filled once. */
gboolean valise_knob_combo_is_filled_for (GtkWidget *combo, ValiseSettingsRow *row);
/* A value that is not among the options is added as it is. */
void valise_knob_combo_show (GtkWidget *combo, const char *value);
/* (transfer full) (nullable) */
char *valise_knob_combo_get (GtkWidget *combo);

/* Bytes of an element with a unit attribute, as libvirt reads it; %FALSE when it is not set or no number. */
gboolean valise_knob_size_get (ValiseSettingsRow *row, const char *knob, guint64 *bytes);
void valise_knob_size_set (ValiseSettingsRow *row, const char *knob, guint64 bytes);

G_END_DECLS
