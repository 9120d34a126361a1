/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-libxml2.h"
#include "formats/valise-reader.h"

G_BEGIN_DECLS

/* One <domain> while it is read. Private to this room. */
typedef struct
{
  ValisePackage *package;
  const char *file; /* its member, for findings */
  ValiseBlueprint *blueprint;
  GHashTable *told; /* what was said at which lines, which a finding of @blueprint names */
} ValiseDomain;

/* The first child element of that name, or %NULL; @node may be %NULL. */
xmlNode *_valise_domain_child (xmlNode *node, const char *name);
/* An attribute, or %NULL. (transfer full) */
char *_valise_domain_get (xmlNode *node, const char *attribute);
/* An element's text without the space around it; %NULL when there is none. (transfer full) */
char *_valise_domain_text (xmlNode *node);

/* A finding at "FILE, line N"; what is no error and was said before gets another line instead. */
void _valise_domain_tell (ValiseDomain *self,
                          ValiseSeverity severity,
                          const char *code,
                          xmlNode *node,
                          const char *text,
                          const char *remedy);
/* What the machine would have of this computer. @text: taken over */
void _valise_domain_ask (ValiseDomain *self, char *text);
/* The same of a whole element, which can be granted as it is: what the guest sees of it, its address and the like, is
 * made anew. @text: translated, what it is; all that the element says stands behind it */
void _valise_domain_ask_for (ValiseDomain *self, ValiseWishKind kind, xmlNode *node, const char *text);

/* The file of that path beside the description, by its last part; %NULL with an error found at @node. (transfer full) */
char *_valise_domain_member (ValiseDomain *self, xmlNode *node, const char *path);

/* The same of a device of the computer, in the words that Valise has for its kind where there are some. */
void _valise_domain_ask_for_device (ValiseDomain *self, xmlNode *device);
/* What belongs to the computer that ran the machine, and stands beside its devices. */
void _valise_domain_read_bound (ValiseDomain *self, xmlNode *domain);

void _valise_domain_read_devices (ValiseDomain *self, xmlNode *devices);

G_END_DECLS
