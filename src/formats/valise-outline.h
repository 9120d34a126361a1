/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-bundle.h"
#include "formats/valise-blueprint.h"

G_BEGIN_DECLS

/* Whether @path, whole and outside of the bundle, may be read for the knob that names it. */
typedef gboolean (*ValiseOutlineMayFunc) (const char *knob, const char *path, gpointer user_data);

/**
 * valise_outline:
 * @bundle: one of ours
 * @document: what it is to be taken for, in stored form: the bundle's own or a changed one
 * @may: (nullable): which files outside of the bundle may be read; without, none
 *
 * Our own machine as another program's description would state it: the other direction of a reader. A drive's @member
 * is its image's whole path, its @format what the document says, "qcow2" or "raw", its @capacity not known yet. What
 * the document does not have is not stated.
 *
 * A file that may not be read has no member, and a finding names it: KIND-withheld (a warning) when it lies outside of
 * the bundle, KIND-astray (an error) when it does so through a link, or is no plain file. KIND is disk, medium or boot.
 *
 * Returns: (transfer full): a blueprint of the format "vmbundle"
 */
ValiseBlueprint *
valise_outline (ValiseBundle *bundle, ValiseDocument *document, ValiseOutlineMayFunc may, gpointer user_data);

G_END_DECLS
