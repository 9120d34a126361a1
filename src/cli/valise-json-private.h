/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>
#include <stdio.h>

#include "base/valise-finding.h"

G_BEGIN_DECLS

/* Members of the object that is being built. @value: (nullable): null in the output. */
void _valise_json_add_string (JsonBuilder *builder, const char *member, const char *value);
void _valise_json_add_number (JsonBuilder *builder, const char *member, gint64 value);
void _valise_json_add_boolean (JsonBuilder *builder, const char *member, gboolean value);
/* @asks: (nullable) (element-type ValiseAsk) */
void _valise_json_add_asks (JsonBuilder *builder, const char *member, GPtrArray *asks);
/* Members of the object for @finding; where it is stands as @where_member. */
void _valise_json_add_finding (JsonBuilder *builder, const char *where_member, const ValiseFinding *finding);
/* @findings: (element-type ValiseFinding) */
void _valise_json_add_findings (JsonBuilder *builder, const char *member, GPtrArray *findings);

/* The JSON as text, without its quotes and brackets: one fact a line, "disks 1 bus: virtio". @label: of the node, ""
 * for the whole. */
void _valise_json_print_plain (FILE *out, const char *label, JsonNode *node);

G_END_DECLS
