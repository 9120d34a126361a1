/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-snapshot-private.h"
#include "bundle/valise-verify.h"

G_BEGIN_DECLS

/* One look at a bundle. */
typedef struct
{
  const char *path;
  ValiseBundle *bundle;
  ValiseDocument *document;
  GPtrArray *snapshots; /* all, also damaged ones and those whose merging is not done; NULL when nobody knows */
  GPtrArray *findings;
  guint images; /* checked */
  ValiseJob *job;
  GCancellable *cancellable;
} ValiseVerify;

/* @where, @remedy: (nullable); @text is taken over. */
void _valise_verify_say (ValiseVerify *self,
                         ValiseSeverity severity,
                         const char *code,
                         const char *where,
                         char *text,
                         const char *remedy);
/* FALSE: valise_verify_files fails. */
gboolean _valise_verify_images (ValiseVerify *self, GError **error);

G_END_DECLS
