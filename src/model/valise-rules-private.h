/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-libxml2.h"
#include "model/valise-rules.h"

G_BEGIN_DECLS

/* What one run over a document knows. */
typedef struct
{
  ValiseDocument *document;
  ValiseCapabilities *capabilities;
  const char *directory; /* the bundle, or NULL */
  xmlNode *domain;
  xmlNode *devices;    /* nullable */
  const char *machine; /* os/type/@machine, or "" */
  const char *arch;    /* os/type/@arch, nullable */
  GPtrArray *findings;
} ValiseRulesRun;

typedef void (*ValiseRule) (ValiseRulesRun *run);

/* Tables that end with NULL, in the order in which findings are wanted. */
extern const ValiseRule *const _valise_rules_machine;
extern const ValiseRule *const _valise_rules_devices;
extern const ValiseRule *const _valise_rules_disks;
extern const ValiseRule *const _valise_rules_fit;
extern const ValiseRule *const _valise_rules_parts;
extern const ValiseRule *const _valise_rules_limits;
extern const ValiseRule *const _valise_rules_traps;

/* Each value against its knob. */
void _valise_rules_check_values (ValiseRulesRun *run);

/* Reading the tree without copies; the strings live as long as the tree. Any @node may be NULL. */
xmlNode *_valise_rules_child (xmlNode *node, const char *name);
xmlNode *_valise_rules_next (xmlNode *node); /* the next sibling of the same name */
xmlNode *_valise_rules_find (xmlNode *node, const char *path);
const char *_valise_rules_attribute (xmlNode *node, const char *name); /* NULL when it is not set */
const char *_valise_rules_text (xmlNode *node);                        /* NULL when there is none */
gboolean _valise_rules_number (const char *text, guint64 *number);     /* surrounding white space is allowed */

/* Rows of features and timers know them by name, so findings do too. (transfer full) */
char *_valise_rules_path_of (ValiseDocument *document, xmlNode *node);

/* Adds a finding about @leaf ("@dev", "mac/@address", or NULL for the element itself) below @node. @text is taken
 * over. */
ValiseFinding *_valise_rules_add (ValiseRulesRun *run,
                                  ValiseSeverity severity,
                                  const char *code,
                                  xmlNode *node,
                                  const char *leaf,
                                  char *text,
                                  const char *remedy);
/* The one-click remedy: @leaf below @node gets @value, or goes when that is NULL. */
void
_valise_rules_set_fix (ValiseRulesRun *run, ValiseFinding *finding, xmlNode *node, const char *leaf, const char *value);

G_END_DECLS
