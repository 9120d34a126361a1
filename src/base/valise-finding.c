/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-finding.h"

G_DEFINE_BOXED_TYPE (ValiseFinding, valise_finding, valise_finding_copy, valise_finding_free)

ValiseFinding *
valise_finding_new (ValiseSeverity severity, const char *code, const char *where, const char *text, const char *remedy)
{
  ValiseFinding *self = g_new0 (ValiseFinding, 1);

  g_return_val_if_fail (code != NULL, self);
  g_return_val_if_fail (text != NULL, self);
  self->severity = severity;
  self->code = g_strdup (code);
  self->where = g_strdup (where);
  self->text = g_strdup (text);
  self->remedy = g_strdup (remedy);
  return self;
}

void
valise_finding_set_fix (ValiseFinding *self, const char *knob, const char *value)
{
  g_return_if_fail (self != NULL);
  g_free (self->fix_knob);
  self->fix_knob = g_strdup (knob);
  g_free (self->fix_value);
  self->fix_value = g_strdup (value);
}

ValiseFinding *
valise_finding_copy (const ValiseFinding *self)
{
  ValiseFinding *copy;

  g_return_val_if_fail (self != NULL, NULL);
  copy = valise_finding_new (self->severity, self->code, self->where, self->text, self->remedy);
  valise_finding_set_fix (copy, self->fix_knob, self->fix_value);
  return copy;
}

void
valise_finding_free (ValiseFinding *self)
{
  if (self == NULL)
    return;
  g_free (self->code);
  g_free (self->where);
  g_free (self->text);
  g_free (self->remedy);
  g_free (self->fix_knob);
  g_free (self->fix_value);
  g_free (self);
}

ValiseSeverity
valise_findings_worst (GPtrArray *findings)
{
  ValiseSeverity worst = VALISE_SEVERITY_INFO;

  for (guint i = 0; findings != NULL && i < findings->len; i++)
    worst = MAX (worst, ((ValiseFinding *) g_ptr_array_index (findings, i))->severity);
  return worst;
}

const char *
valise_severity_to_word (ValiseSeverity severity)
{
  static const char *const words[] = {
    [VALISE_SEVERITY_INFO] = "note", [VALISE_SEVERITY_WARNING] = "warning", [VALISE_SEVERITY_ERROR] = "error"
  };

  return words[severity];
}
