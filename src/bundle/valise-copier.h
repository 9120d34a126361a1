/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-job.h"

G_BEGIN_DECLS

/* Copies what is in files: by clone where the file system shares blocks, else only where there is data. Private to this
 * room. */
typedef struct
{
  const char *to_path; /* of the medium that is written to, for the message of a full disk */
  ValiseJob *job;      /* advanced by what is copied */
  GCancellable *cancellable;
  guint64 left;        /* bytes of data still to copy */
  gboolean unreadable; /* what went wrong was the reading */
  gboolean by_hand;    /* the kernel does not copy between these two file systems */
  guint64 behind;      /* how much of the present file the medium was told to take */
} ValiseCopier;

/* @to is a new, empty file. @size and @data are what @from was seen to have; another size now is
 * %VALISE_BUNDLE_ERROR_CORRUPT under @name. */
gboolean _valise_copier_copy (ValiseCopier *self,
                              int from,
                              int to,
                              const char *name,
                              guint64 size,
                              guint64 data,
                              GError **error);

G_END_DECLS
