/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <plist/plist.h>

G_BEGIN_DECLS

#define VALISE_PLIST_ERROR (valise_plist_error_quark ())
GQuark valise_plist_error_quark (void);
typedef enum
{
  VALISE_PLIST_ERROR_SYNTAX, /* no property list, or a broken one */
  VALISE_PLIST_ERROR_LIMIT,  /* more, or deeper, than any settings are */
} ValisePlistError;

typedef void ValisePlist;
static inline void
valise_plist_free (ValisePlist *self)
{
  plist_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValisePlist, valise_plist_free)

/**
 * valise_plist_parse:
 * @bytes: an XML or binary property list
 * @name: what errors call it
 *
 * Bounds come before the parser: both its kinds of list can be small and unfold without end, or nest until the stack is
 * used up.
 *
 * Returns: (transfer full): a dictionary, or %NULL with a #ValisePlistError
 */
plist_t valise_plist_parse (GBytes *bytes, const char *name, GError **error);

/* What stands in a dictionary; @dictionary may be %NULL, and what is of another type is not there. */
plist_t valise_plist_get (plist_t dictionary, const char *key, plist_type type);
/* (transfer full): valid UTF-8, or %NULL */
char *valise_plist_get_text (plist_t dictionary, const char *key);
/* @fallback when it is missing, negative or greater than @most. */
guint64 valise_plist_get_number (plist_t dictionary, const char *key, guint64 most, guint64 fallback);
gboolean valise_plist_get_flag (plist_t dictionary, const char *key, gboolean fallback);

/* The dictionaries of an array, by number; %NULL for what is none. */
guint valise_plist_count (plist_t array);
plist_t valise_plist_nth (plist_t array, guint index);

G_END_DECLS
