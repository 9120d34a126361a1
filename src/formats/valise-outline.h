/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-bundle.h"
#include "formats/valise-blueprint.h"

G_BEGIN_DECLS

/**
 * valise_outline:
 * @bundle: one of ours
 * @document: what it is to be taken for, in stored form: the bundle's own or a changed one
 *
 * Our own machine as another program's description would state it: the other direction of a reader. A drive's @member
 * is its image's whole path, its @format what the document says, "qcow2" or "raw", its @capacity not known yet. What
 * the document does not have is not stated.
 *
 * Returns: (transfer full): a blueprint of the format "vmbundle"
 */
ValiseBlueprint *valise_outline (ValiseBundle *bundle, ValiseDocument *document);

G_END_DECLS
