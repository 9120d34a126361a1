/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-bundle.h"
#include "bundle/valise-lock.h"

G_BEGIN_DECLS

struct _ValiseBundle
{
  gatomicrefcount ref_count;
  char *path;
  ValiseDocument *document;
  /* Only while it is being made: where it is to appear, and the lock of the partial directory. */
  char *target;
  ValiseLock *lock;
};

#define VALISE_BUNDLE_CONFIG "config.xml"
#define VALISE_BUNDLE_HISTORY ".history"
#define VALISE_BUNDLE_CONFIG_MOST (1024 * 1024)

ValiseBundle *_valise_bundle_new (const char *path, ValiseDocument *document);
/* Parses text that is to be a config.xml; %VALISE_BUNDLE_ERROR_DAMAGED and _NEWER, without a word about the history. */
ValiseDocument *_valise_bundle_parse_config (const char *text, gsize length, const char *name, GError **error);

/* The label a document gives its machine, or %NULL; and giving it another one. */
char *_valise_bundle_label_of (ValiseDocument *document);
gboolean _valise_bundle_set_label (ValiseDocument *document, const char *label, GError **error);

/* Whether @path names something half made. */
gboolean _valise_bundle_is_partial_name (const char *path);

/* Keeps the config.xml of @path as the newest version; @kept is its path, or %NULL when it is there already. */
gboolean _valise_history_keep (const char *path, char **kept, GError **error);
/* Removes all but the ten newest, and what killed writers had begun. */
void _valise_history_tidy (const char *path);
/* Whether .history of a bundle that cannot be opened holds a version that can. (transfer full): its text, or %NULL */
char *_valise_history_find_good (const char *path, gsize *length);
/* A disk of @version whose image is not there any more, because it has been converted since, gets the image that @present
 * has in its place. %VALISE_BUNDLE_ERROR_FILE_GONE when there is none; one that was never made is not missed. */
gboolean
_valise_history_follow_disks (const char *path, ValiseDocument *version, ValiseDocument *present, GError **error);

G_END_DECLS
