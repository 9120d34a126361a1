/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-edit-session.h"
#include "ui/valise-gtksourceview-private.h"

G_BEGIN_DECLS

/**
 * ValiseXmlCompletion:
 *
 * Proposes elements, attributes and values where they may stand in a machine's XML: by itself while a name or a value
 * is typed, and with Ctrl+Space anywhere. Whoever takes an attribute is asked for its value at once.
 */
#define VALISE_TYPE_XML_COMPLETION (valise_xml_completion_get_type ())
G_DECLARE_FINAL_TYPE (ValiseXmlCompletion, valise_xml_completion, VALISE, XML_COMPLETION, GObject)

/* Makes @view propose; it is owned by the view from now on. */
void valise_xml_completion_add (GtkSourceView *view);
/* Whose computer says what values there are. @session: (nullable) */
void valise_xml_completion_set_session (GtkSourceView *view, ValiseEditSession *session);

G_END_DECLS
