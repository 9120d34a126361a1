/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  VALISE_KNOB_TEXT,
  VALISE_KNOB_YES_NO,
  VALISE_KNOB_ON_OFF,
  VALISE_KNOB_CHOICE,
  VALISE_KNOB_NUMBER,
  VALISE_KNOB_SIZE, /* element with a unit attribute, e.g. memory; rows show it in MiB or GiB */
  VALISE_KNOB_PATH,
  VALISE_KNOB_MAC,
  VALISE_KNOB_UUID,
  VALISE_KNOB_PRESENCE,    /* the element is there or not, e.g. features/acpi */
  VALISE_KNOB_CPU_SET,     /* "0-3,^2" */
  VALISE_KNOB_PCI_ADDRESS, /* one part of one: domain, bus, slot or function; 0x1f or 31 */
  VALISE_KNOB_LIST,        /* words with spaces between them */
} ValiseKnobKind;

typedef enum
{
  VALISE_KNOB_AFTER_RESTART,
  VALISE_KNOB_LIVE, /* libvirt can change it in a running machine */
} ValiseKnobTiming;

typedef struct
{
  const char *value;
  const char *label; /* untranslated; translate with _() */
} ValiseKnobChoice;

/**
 * ValiseKnob:
 *
 * One leaf of libvirt's domain schema in our words. One table (valise-knobs-PAGE.c) drives rows, search, valisectl and
 * messages. Label, help and synonyms are untranslated; valise_knob_get_label translates.
 */
typedef struct
{
  const char *path; /* without indices: "devices/disk/driver/@cache"; predicates stay:
                       "devices/disk[@device='cdrom']/source/@file" */
  ValiseKnobKind kind;
  ValiseKnobTiming timing;
  const char *page; /* where the settings show it, a page in ui: "system", "disk", "rng" */
  const char *label;
  const char *help;
  const char *unit;                /* or NULL */
  const char *synonyms;            /* further words that search finds it by, or NULL */
  const char *fallback;            /* what libvirt does when it is unset, in words for the row, or NULL */
  gint64 minimum, maximum;         /* numbers and sizes (bytes); both 0 = no bound */
  const ValiseKnobChoice *choices; /* ends with {NULL}; NULL when they come from the host (ValiseCapabilities) */
  gboolean open;                   /* the choices are proposals: other values are fine too */
  gboolean required;               /* its element means nothing without it: it can be changed, and not be left unset */
} ValiseKnob;

/* @path may carry indices and predicates. %NULL when the table does not know it (it can be set all the same). */
const ValiseKnob *valise_knob_lookup (const char *path);
/* The path without its indices. (transfer full) */
char *valise_knob_pattern (const char *path);
/* Translated. */
const char *valise_knob_get_label (const ValiseKnob *knob);
const char *valise_knob_get_help (const ValiseKnob *knob);
/* Translated; %NULL when the knob's own choices do not have @value. */
const char *valise_knob_get_choice_label (const ValiseKnob *knob, const char *value);
/* All of them, page by page. @length: (out) */
const ValiseKnob *valise_knob_table (gsize *length);

G_END_DECLS
