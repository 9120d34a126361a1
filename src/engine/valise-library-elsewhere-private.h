/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseElsewhere:
 *
 * The bundles of a library that lie outside its directory, remembered in STATE/library, one URI a line. Changed in the
 * main context; saved in any thread.
 */
typedef struct _ValiseElsewhere ValiseElsewhere;

/* @directory: the library's, whose bundles are never taken in; nothing is read yet */
ValiseElsewhere *_valise_elsewhere_new (const char *directory);
void _valise_elsewhere_unref (ValiseElsewhere *self);

/* Adds those of the file, as far as there is one. */
void _valise_elsewhere_load (ValiseElsewhere *self);
/* (element-type filename) (transfer full) */
GPtrArray *_valise_elsewhere_list (ValiseElsewhere *self);
gboolean _valise_elsewhere_contains (ValiseElsewhere *self, const char *path);
/* %FALSE: it was there, or lies in the directory. */
gboolean _valise_elsewhere_add (ValiseElsewhere *self, const char *path);
void _valise_elsewhere_remove (ValiseElsewhere *self, const char *path);

/* Errors: those of valise_file_replace(). Takes a disk's time. */
gboolean _valise_elsewhere_save (ValiseElsewhere *self, GError **error);
/* The same in a thread; several may be under way, and the newest list is what remains. Not to be cancelled. */
void _valise_elsewhere_save_async (ValiseElsewhere *self, GObject *source, GAsyncReadyCallback callback);
gboolean _valise_elsewhere_save_finish (GAsyncResult *result, GError **error);

G_END_DECLS
