/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

G_BEGIN_DECLS

/* The two functions that convert between the stored form (paths inside the bundle are relative to it) and the absolute
 * one. They are inverses over every libvirt element that can hold a path; the table is in valise-forms.c. @directory is
 * absolute. Errors: %VALISE_PATH_ERROR_UNSAFE when a relative path leads out of the bundle (the message names the
 * knob); @document is then as before. */
gboolean valise_forms_to_absolute (ValiseDocument *document, const char *directory, GError **error);
gboolean valise_forms_to_stored (ValiseDocument *document, const char *directory, GError **error);

/* @knob and @value are valid during the call. */
typedef void (*ValiseFormsFunc) (const char *knob, const char *value, gpointer user_data);
/* Every place of @document that holds a host path, in the document's order. */
void valise_forms_foreach (ValiseDocument *document, ValiseFormsFunc func, gpointer user_data);

G_END_DECLS
