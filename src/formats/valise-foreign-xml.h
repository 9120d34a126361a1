/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-xml.h"

G_BEGIN_DECLS

/**
 * valise_foreign_xml_parse:
 * @name: what to call it in errors
 * @lied: (out) (optional): it says that it is written in another encoding than it is
 *
 * Like valise_xml_parse(), for what other programs write: with a byte order mark, in UTF-16, in an old code page, or with
 * an encoding in its first line that is not its own; at most 4 MiB. Line numbers are the file's.
 *
 * Returns: (transfer full): a tree, or %NULL with a #ValiseXmlError
 */
xmlDoc *valise_foreign_xml_parse (GBytes *bytes, const char *name, gboolean *lied, GError **error);

/* Elements and attributes by their local name without regard to case, whatever namespace they were put in. */

gboolean valise_foreign_xml_is (const xmlNode *node, const char *local);
/* @node itself or the first of its later siblings that is an element @local. (transfer none) (nullable) */
xmlNode *valise_foreign_xml_next (xmlNode *node, const char *local);
/* The first child element @local, of a @parent that may be %NULL. (transfer none) (nullable) */
xmlNode *valise_foreign_xml_child (const xmlNode *parent, const char *local);
/* (transfer full) (nullable): %NULL when there is none; without white space at its ends */
char *valise_foreign_xml_attribute (const xmlNode *node, const char *local);
/* The text in the first child element @local. (transfer full) (nullable): %NULL when there is none or it is blank */
char *valise_foreign_xml_text (const xmlNode *parent, const char *local);
/* "NAME, line N": where a finding says that it stands. (transfer full) */
char *valise_foreign_xml_place (const xmlNode *node, const char *name);

G_END_DECLS
