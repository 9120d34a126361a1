/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "model/valise-edit-session.h"

G_BEGIN_DECLS

/**
 * ValisePageXml:
 *
 * The draft as text, both ways: what is typed goes into the draft as soon as it is well-formed, and what changes
 * elsewhere appears here without moving the caret. Undo is the session's. The editor component is loaded when the page
 * is first shown.
 *
 * Signal "changed": the problem came or went.
 */
#define VALISE_TYPE_PAGE_XML (valise_page_xml_get_type ())
G_DECLARE_FINAL_TYPE (ValisePageXml, valise_page_xml, VALISE, PAGE_XML, GtkBin)

void valise_page_xml_set_session (ValisePageXml *self, ValiseEditSession *session);
void valise_page_xml_refresh (ValisePageXml *self);
/* Takes what is being typed. %FALSE when it is not well-formed: it stays here and the draft is as it was. */
gboolean valise_page_xml_flush (ValisePageXml *self);
/* Why the text is not in the draft, with its line; %NULL when it is. */
const char *valise_page_xml_get_problem (ValisePageXml *self);

G_END_DECLS
