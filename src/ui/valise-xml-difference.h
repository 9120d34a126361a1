/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "model/valise-edit-session.h"

G_BEGIN_DECLS

/**
 * ValiseXmlDifference:
 *
 * What the draft's text has that an earlier version has not, and the other way round: the version that was saved last,
 * or one of the bundle's history, which can be taken back from here.
 */
#define VALISE_TYPE_XML_DIFFERENCE (valise_xml_difference_get_type ())
G_DECLARE_FINAL_TYPE (ValiseXmlDifference, valise_xml_difference, VALISE, XML_DIFFERENCE, GtkBin)

/* @session: (nullable) */
void valise_xml_difference_set_session (ValiseXmlDifference *self, ValiseEditSession *session);

G_END_DECLS
