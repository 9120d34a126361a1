/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ValiseVmxText:
 *
 * What VMware writes everywhere, in .vmx, .vmsd and in a disk's descriptor: lines of “key = "value"”. Keys are the same
 * in any case; what stands behind a value is a comment; “|22” in a value is the character with that number.
 */
typedef struct _ValiseVmxText ValiseVmxText;

/**
 * valise_vmx_text_parse:
 * @bytes: the whole file; the encoding that it names, UTF-8 or windows-1252 without
 * @name: what to call it in places (a file name)
 *
 * Lines that are no setting are passed over.
 *
 * Returns: (transfer full) (nullable): %NULL when it is no text
 */
ValiseVmxText *valise_vmx_text_parse (GBytes *bytes, const char *name);
void valise_vmx_text_free (ValiseVmxText *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseVmxText, valise_vmx_text_free)

/* The value (UTF-8), the last one of a repeated key; %NULL when the key is not there. */
const char *valise_vmx_text_get (ValiseVmxText *self, const char *key);
/* %NULL for an empty value, too. */
const char *valise_vmx_text_get_filled (ValiseVmxText *self, const char *key);
/* "TRUE" in any case, or "1"; FALSE when the key is not there. */
gboolean valise_vmx_text_is_on (ValiseVmxText *self, const char *key);
/* (transfer full): "NAME:LINE", or "NAME" when the key is not there */
char *valise_vmx_text_place (ValiseVmxText *self, const char *key);
/* All keys in lower case, sorted. (transfer container) */
GPtrArray *valise_vmx_text_keys (ValiseVmxText *self);
/* The first key that stands there twice with different values, or %NULL. */
const char *valise_vmx_text_contradiction (ValiseVmxText *self);
/* All lines (UTF-8). (transfer none) */
char **valise_vmx_text_lines (ValiseVmxText *self);

G_END_DECLS
