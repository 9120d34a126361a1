/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "model/valise-profile.h"

G_BEGIN_DECLS

/* What Valise can do with a file that somebody gives it. */
typedef enum
{
  VALISE_FILE_UNKNOWN,
  VALISE_FILE_MISSING,
  VALISE_FILE_UNREADABLE,
  VALISE_FILE_BUNDLE,
  VALISE_FILE_ARCHIVE,
  VALISE_FILE_ISO,
  VALISE_FILE_IMAGE,
  VALISE_FILE_KERNEL,
  VALISE_FILE_FOREIGN, /* a machine of another program */
} ValiseFileKind;

/* By its content where that tells, in a thread. @source: the source object of the answer. */
void valise_file_kind_find_async (gpointer source,
                                  const char *path,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/* @path: (out) (transfer none): the whole path that was asked about, or the bundle it lies in, for as long as @result.
 * On error (cancelled) it is %VALISE_FILE_UNKNOWN. */
ValiseFileKind valise_file_kind_find_finish (GAsyncResult *result, const char **path, GError **error);

/* Whether a new machine is made from it, and as what. */
gboolean valise_file_kind_makes_machine (ValiseFileKind kind, ValiseHas *has);

G_END_DECLS
