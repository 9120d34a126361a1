/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-finding.h"
#include "bundle/valise-document.h"
#include "model/valise-capabilities.h"
#include "model/valise-change.h"
#include "model/valise-knob.h"
#include "model/valise-read-back.h"

G_BEGIN_DECLS

/**
 * ValiseEditSession:
 *
 * One edit of one machine: the original, the draft, what is wrong with the draft, what differs and when each difference
 * takes effect, undo and redo. Before the first boot the original is the proposal, and everything else is the same.
 *
 * Signal "changed": the draft, the findings or the running state changed. Emitted once per edit, after the findings are
 * new.
 */
#define VALISE_TYPE_EDIT_SESSION (valise_edit_session_get_type ())
G_DECLARE_FINAL_TYPE (ValiseEditSession, valise_edit_session, VALISE, EDIT_SESSION, GObject)

/* @directory: the bundle's (nullable: not yet made). The document is copied, for the original and for the draft.
 * (transfer full) */
ValiseEditSession *
valise_edit_session_new (ValiseDocument *original, ValiseCapabilities *capabilities, const char *directory);

/* All four (transfer none). The documents are for reading; the draft's text changes with every edit. */
ValiseDocument *valise_edit_session_get_draft (ValiseEditSession *self);
ValiseDocument *valise_edit_session_get_original (ValiseEditSession *self);
ValiseCapabilities *valise_edit_session_get_capabilities (ValiseEditSession *self);
/* Something more is known of this computer: the draft stays, its findings are made anew. */
void valise_edit_session_set_capabilities (ValiseEditSession *self, ValiseCapabilities *capabilities);
/* (nullable) */
const char *valise_edit_session_get_directory (ValiseEditSession *self);

/* One undoable step each. A value that the knob cannot hold still goes into the draft and becomes a finding, so that
 * people see what they typed; only what XML cannot hold is an error (#ValiseDocumentError, #ValiseXmlError), and then
 * the draft is as before. Setting what is set already is no step.
 *
 * VALISE_KNOB_PRESENCE knobs take "yes", "on" or "" for there and "no" or "off" for not there; VALISE_KNOB_SIZE knobs
 * also take a size with a unit ("4 GiB"), a bare number being in the document's own unit. Unset removes an element that
 * it leaves with nothing in it.
 *
 * What must follow an edit is part of its step (valise-consequence-private.h has the list): memory takes an equal
 * currentMemory along, a disk on another bus gets a name and an address that fit, BIOS loses what only UEFI has. */
gboolean valise_edit_session_set (ValiseEditSession *self, const char *knob, const char *value, GError **error);
gboolean valise_edit_session_unset (ValiseEditSession *self, const char *knob, GError **error);
gboolean valise_edit_session_add (ValiseEditSession *self, const char *parent, const char *xml, GError **error);
gboolean valise_edit_session_set_text (ValiseEditSession *self, const char *text, GError **error);
/* The draft's own text of the knob; %NULL when it is not set. (transfer full) (nullable) */
char *valise_edit_session_get (ValiseEditSession *self, const char *knob);
/* Bytes of a VALISE_KNOB_SIZE knob, whatever unit the document uses; %FALSE when it is not set or no size. */
gboolean valise_edit_session_get_size (ValiseEditSession *self, const char *knob, guint64 *bytes);
/* Several calls between begin and end are one step (nesting counts). */
void valise_edit_session_begin (ValiseEditSession *self);
void valise_edit_session_end (ValiseEditSession *self);

/* A step back and forth; nothing happens where there is none. A new edit forgets what was undone. */
gboolean valise_edit_session_can_undo (ValiseEditSession *self);
gboolean valise_edit_session_can_redo (ValiseEditSession *self);
void valise_edit_session_undo (ValiseEditSession *self);
void valise_edit_session_redo (ValiseEditSession *self);
/* Back to the original, as one undoable step. */
void valise_edit_session_revert (ValiseEditSession *self);

/* What the rules and libvirt's schema have to say about the draft; valid until the next edit. What the schema did not
 * know in the original either is only a warning. (element-type ValiseFinding) (transfer none) */
GPtrArray *valise_edit_session_get_findings (ValiseEditSession *self);
/* The worst finding about @knob or, when @knob is a device, about anything in it; %NULL for none. */
const ValiseFinding *valise_edit_session_find (ValiseEditSession *self, const char *knob);

/* Whether nobody has said yet what libvirt makes of this draft. */
gboolean valise_edit_session_wants_read_back (ValiseEditSession *self);
/* What libvirt makes of the draft, or made of an earlier one: what it drops joins the findings while it is of this very
 * draft. */
void valise_edit_session_set_read_back (ValiseEditSession *self, ValiseReadBack *back);
/* What libvirt was last seen to use for a knob that is not set, as people read it; %NULL when nothing is known.
 * (transfer full) (nullable) */
char *valise_edit_session_dup_default (ValiseEditSession *self, const char *knob);

/* Draft against original. (element-type ValiseChange) (transfer full) */
GPtrArray *valise_edit_session_list_changes (ValiseEditSession *self);
gboolean valise_edit_session_is_changed (ValiseEditSession *self);
/* Changed and without an error among the findings. @reason: (out) (optional): why not, translated */
gboolean valise_edit_session_can_apply (ValiseEditSession *self, char **reason);
/* The draft has been saved: it is the original from now on. Undo stays possible. */
void valise_edit_session_applied (ValiseEditSession *self);

/* Whether the machine runs: rows then say now or after restart. */
void valise_edit_session_set_running (ValiseEditSession *self, gboolean running);
gboolean valise_edit_session_get_running (ValiseEditSession *self);

G_END_DECLS
