/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "bundle/valise-document.h"
#include "model/valise-knob.h"

G_BEGIN_DECLS

#define VALISE_KNOB_CATALOGUE_ERROR (valise_knob_catalogue_error_quark ())
GQuark valise_knob_catalogue_error_quark (void);
typedef enum
{
  VALISE_KNOB_CATALOGUE_ERROR_MISSING, /* libvirt's schema, or a file that it includes, is not there or cannot be
                                        * read */
  VALISE_KNOB_CATALOGUE_ERROR_SCHEMA,  /* it is no RELAX NG, or describes no domain */
  VALISE_KNOB_CATALOGUE_ERROR_UNKNOWN, /* no such knob */
  VALISE_KNOB_CATALOGUE_ERROR_VALUE,   /* the knob cannot hold the value */
} ValiseKnobCatalogueError;

/**
 * ValiseKnobCondition:
 * @path: of an attribute or element, below <domain>: "devices/disk/@type"
 * @words: (element-type utf8): it holds one of them
 * @or_unset: or it is not there
 */
typedef struct
{
  const char *path;
  GPtrArray *words;
  gboolean or_unset;
} ValiseKnobCondition;

/**
 * ValiseKnobSituation:
 * @conditions: (element-type ValiseKnobCondition): all of them
 */
typedef struct
{
  GPtrArray *conditions;
} ValiseKnobSituation;

/**
 * ValiseKnobEntry:
 * @knob: path, kind, page, words for people, bounds and choices: the table's (valise-knob.h) where it knows the knob,
 * else made from the schema. Never %NULL: path, page, label, help. Texts are as in ValiseKnob: valise_knob_get_label
 * and valise_knob_get_help take &entry->knob.
 * @is_curated: the words are the table's
 * @is_in_schema: %FALSE for Valise's own metadata, and for all of the table when there is no schema
 * @repeated: the element may stand there several times, and this is its text or presence
 * @each: (nullable): the innermost element around or at the knob that may stand several times: "devices/disk" of
 * "devices/disk/driver/@cache". A path into a document needs an index or predicate there.
 * @words: (array zero-terminated=1) (nullable): all words that the schema lists, in its order; with @open also others
 * @open: numbers or text are possible beside @words
 * @hexadecimal: a number that may be written as 0x1f
 * @minimum: smallest whole number, where numbers are possible; G_MININT64 = no bound
 * @maximum: largest; G_MAXINT64 = no bound (or one beyond 63 bits)
 * @pattern: (nullable): XML Schema regular expression of text, when there is exactly one
 * @situations: (element-type ValiseKnobSituation): what must stand around it: any of them; empty when it may always
 * stand
 *
 * One leaf of libvirt's domain schema: an attribute, or an element that has text or that is there or not.
 */
typedef struct
{
  ValiseKnob knob;
  gboolean is_curated;
  gboolean is_in_schema;
  gboolean repeated;
  const char *each;
  const char *const *words;
  gboolean open;
  gboolean hexadecimal;
  gint64 minimum, maximum;
  const char *pattern;
  GPtrArray *situations;
  gpointer node; /* the catalogue's own */
} ValiseKnobEntry;

/**
 * ValiseKnobCatalogue:
 *
 * All knobs that the installed libvirt has, read from its RELAX NG schema, with our words laid over them. Immutable,
 * may be used in any thread.
 *
 * Paths are patterns: "devices/disk/driver/@cache"; "*" is any name ("metadata/NAME"). An element that may hold itself
 * is unfolded once; deeper paths lead to the same entries ("devices/disk/backingStore/backingStore/format/@type").
 */
typedef struct _ValiseKnobCatalogue ValiseKnobCatalogue;

/**
 * valise_knob_catalogue_new:
 * @directory: (nullable): where domain.rng lies; %NULL: VALISE_SCHEMA_DIR, else libvirt/schemas below a data directory
 *
 * Takes tens of milliseconds. Errors: %VALISE_KNOB_CATALOGUE_ERROR_MISSING, %VALISE_KNOB_CATALOGUE_ERROR_SCHEMA,
 * #ValiseXmlError; each names the file.
 */
ValiseKnobCatalogue *valise_knob_catalogue_new (const char *directory, GError **error);
void valise_knob_catalogue_free (ValiseKnobCatalogue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseKnobCatalogue, valise_knob_catalogue_free)

/* The installed libvirt's, read when it is first asked for (any thread; a second one waits) and kept. Without a schema
 * it has the table's knobs alone, and get_error says why. Never %NULL. (transfer none) */
ValiseKnobCatalogue *valise_knob_catalogue_get_default (void);
/* Begins to read it in a thread, so that get_default answers at once later. A window calls it when it is there. */
void valise_knob_catalogue_preload (void);
/* (nullable): why the schema's knobs are not among it, in words for people */
const GError *valise_knob_catalogue_get_error (ValiseKnobCatalogue *self);

/* @path may carry indices and predicates; one with a predicate that the table names (cpu/feature[@name='vmx']/@policy)
 * comes first. (nullable): %NULL when there is no such knob; an element that only holds others is none. */
const ValiseKnobEntry *valise_knob_catalogue_lookup (ValiseKnobCatalogue *self, const char *path);
/* The same of what somebody typed. Error: %VALISE_KNOB_CATALOGUE_ERROR_UNKNOWN, with what may stand there or knobs that
 * are called like it. */
const ValiseKnobEntry *valise_knob_catalogue_find (ValiseKnobCatalogue *self, const char *path, GError **error);
/* Whether the schema knows the element, knob or not: "devices/disk". */
gboolean valise_knob_catalogue_has_element (ValiseKnobCatalogue *self, const char *path);
/* Whether the schema lets the element stand several times in the one around it. */
gboolean valise_knob_catalogue_may_repeat (ValiseKnobCatalogue *self, const char *path);
/* At and below an element, or all (%NULL): what a page generates its remainder from. In the order of the schema,
 * Valise's own last. (element-type ValiseKnobEntry) (transfer container) */
GPtrArray *valise_knob_catalogue_list_below (ValiseKnobCatalogue *self, const char *path);
/* Names of what may stand directly in an element ("" for <domain>), attributes as "@name": all devices there are are
 * those of "devices". (element-type utf8) (transfer container) */
GPtrArray *valise_knob_catalogue_list_children (ValiseKnobCatalogue *self, const char *path);

/* The pages that knobs are on, in the order of the schema: those of the table; for a device of which the table has
 * nothing one that is called as the device is; and hypervisor for what belongs to one hypervisor alone.
 * (element-type utf8) (transfer container) */
GPtrArray *valise_knob_catalogue_list_pages (ValiseKnobCatalogue *self);
/* All on a page, whether it has a row for them or not. (element-type ValiseKnobEntry) (transfer container) */
GPtrArray *valise_knob_catalogue_list_page (ValiseKnobCatalogue *self, const char *page);

/* Best first; each word must be found in name, path, label, synonyms, help or words. Quick enough for each key press.
 * (element-type ValiseKnobEntry) (transfer container) */
GPtrArray *valise_knob_catalogue_search (ValiseKnobCatalogue *self, const char *words);

/* --- one knob (valise-knob-entry.c) --- */

/**
 * valise_knob_entry_check:
 * @value: as it would stand in the document; for a #VALISE_KNOB_PRESENCE also "yes", "on", "no" and "off", and for a
 * #VALISE_KNOB_SIZE a size with a unit
 *
 * Whether the knob can hold the value. What must stand around it is not looked at: that is for the whole document to be
 * checked against.
 *
 * Error: %VALISE_KNOB_CATALOGUE_ERROR_VALUE, which names the knob and what it takes.
 */
gboolean valise_knob_entry_check (const ValiseKnobEntry *self, const char *value, GError **error);
/* Whether it can stand at @path (with indices) as things are around it there. %TRUE for what the schema does not know.
 * What is asked for is told by valise_knob_entry_describe_situations. */
gboolean valise_knob_entry_is_possible (const ValiseKnobEntry *self, ValiseDocument *document, const char *path);
/* Those of @words that it can have at @path as things are around it there: a USB controller has other models than a
 * SCSI one. All when it cannot stand there at all. (element-type utf8) (transfer container) */
GPtrArray *valise_knob_entry_list_words (const ValiseKnobEntry *self, ValiseDocument *document, const char *path);
/* What it takes, in one line: "yes or no", "a whole number from 0 to 255". Translated. (transfer full) */
char *valise_knob_entry_describe_values (const ValiseKnobEntry *self);
/* "devices/disk/@type is file or block", several with commas and "or"; %NULL when it may always stand. Translated.
 * (transfer full) */
char *valise_knob_entry_describe_situations (const ValiseKnobEntry *self);

G_END_DECLS
