/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/valise-libxml2.h"

G_BEGIN_DECLS

/* libxml2's nodes with GLib strings. */

gboolean _valise_node_is (xmlNode *node, const char *name);
/* (nullable) (transfer full) */
char *_valise_node_get (xmlNode *node, const char *attribute);
/* An attribute that is not set counts as %NULL. */
gboolean _valise_node_is_set_to (xmlNode *node, const char *attribute, const char *value);
/* Own text without the white space around it; "" when there is none. (transfer full) */
char *_valise_node_text (xmlNode *node);
/* The first child element of that name, or %NULL; so is the child of %NULL. */
xmlNode *_valise_node_child (xmlNode *parent, const char *name);
/* "devices/disk" below "domain"; a foreign namespace shows as its prefix: "qemu:commandline". (transfer full) */
char *_valise_node_join (const char *parent_path, xmlNode *node);
/**
 * _valise_node_canonical:
 *
 * The element as one line that is the same however it is written: attributes by name, no comments, no white space
 * between elements, single quotes. Of a device the guest's address, its boot number and alias are left out: they say
 * nothing about what it reaches.
 */
char *_valise_node_canonical (xmlNode *node);

/* Writing, for a tree that is being made. */
void _valise_node_set (xmlNode *node, const char *attribute, const char *value);
void _valise_node_set_if_missing (xmlNode *node, const char *attribute, const char *value);
xmlNode *_valise_node_add (xmlNode *parent, const char *name);
xmlNode *_valise_node_add_text (xmlNode *parent, const char *name, const char *text);
/* The child of that name, made when it is missing. */
xmlNode *_valise_node_ensure (xmlNode *parent, const char *name);
/* Moves @node to be the first child of @parent. */
void _valise_node_prepend (xmlNode *parent, xmlNode *node);
/* Out of the tree and freed; %NULL is nothing. */
void _valise_node_remove (xmlNode *node);

G_END_DECLS
