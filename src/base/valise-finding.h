/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  VALISE_SEVERITY_INFO,
  VALISE_SEVERITY_WARNING,
  VALISE_SEVERITY_ERROR,
} ValiseSeverity;

/**
 * ValiseFinding:
 * @severity: how bad it is; %VALISE_SEVERITY_ERROR stops Apply, Create or start
 * @code: a stable word for scripts and tests, e.g. "disk-target-duplicate"
 * @where: the knob path or file it is about (as in "devices/disk[2]/target/@dev"), or %NULL
 * @text: what is wrong, one translated sentence
 * @remedy: what to do next, one translated sentence, or %NULL
 * @fix_knob: knob path that the one-click remedy sets, or %NULL if there is none
 * @fix_value: the value it sets; %NULL unsets @fix_knob
 *
 * Something worth saying about a place in a document. The same object is shown by a row, a page and valisectl.
 */
typedef struct
{
  ValiseSeverity severity;
  char *code;
  char *where;
  char *text;
  char *remedy;
  char *fix_knob;
  char *fix_value;
} ValiseFinding;

#define VALISE_TYPE_FINDING (valise_finding_get_type ())
GType valise_finding_get_type (void);

/* The strings are copied; @where and @remedy are nullable. (transfer full) */
ValiseFinding *
valise_finding_new (ValiseSeverity severity, const char *code, const char *where, const char *text, const char *remedy);
/* The one-click remedy; both strings are copied, @value is nullable. */
void valise_finding_set_fix (ValiseFinding *self, const char *knob, const char *value);
ValiseFinding *valise_finding_copy (const ValiseFinding *self);
void valise_finding_free (ValiseFinding *self);

/* "note", "warning", "error": for scripts, in no language. */
const char *valise_severity_to_word (ValiseSeverity severity);

/* The worst severity of @findings (element-type ValiseFinding); %VALISE_SEVERITY_INFO for none. */
ValiseSeverity valise_findings_worst (GPtrArray *findings);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseFinding, valise_finding_free)

G_END_DECLS
