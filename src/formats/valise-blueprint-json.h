/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "formats/valise-blueprint.h"

G_BEGIN_DECLS

/* The members that tell what @self is, with its findings and its outcome, into the object that is being built. What is
 * not stated is null; the guide to importing lists them all. */
void valise_blueprint_add_json (const ValiseBlueprint *self, JsonBuilder *builder);

G_END_DECLS
