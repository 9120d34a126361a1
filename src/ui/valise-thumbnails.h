/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "engine/valise-machine.h"

G_BEGIN_DECLS

#define VALISE_THUMBNAIL_WIDTH 60
#define VALISE_THUMBNAIL_HEIGHT 38

/**
 * ValiseThumbnails:
 *
 * Small pictures of machines for the list: the last screen that lies in the bundle, or a running machine's screen of
 * just now. Read in a thread when a row asks, kept for the rows seen last. Nothing here is repeated by a timer.
 *
 * Signal "changed" (const char *bundle_path): there is a new picture (or it is known that there is none).
 */
#define VALISE_TYPE_THUMBNAILS (valise_thumbnails_get_type ())
G_DECLARE_FINAL_TYPE (ValiseThumbnails, valise_thumbnails, VALISE, THUMBNAILS, GObject)

/* The one of the program. (transfer none) */
ValiseThumbnails *valise_thumbnails_get_default (void);
/* What is there now; %NULL when there is none, or not yet (then it is asked for). @scale: device pixels per pixel.
 * (transfer none) */
cairo_surface_t *valise_thumbnails_lookup (ValiseThumbnails *self, const char *bundle_path, int scale);
/* A picture of the running guest. */
void valise_thumbnails_put (ValiseThumbnails *self, const char *bundle_path, GdkPixbuf *screen);
/* Asks a running machine for its screen, unless that is under way. */
void valise_thumbnails_take (ValiseThumbnails *self, ValiseMachine *machine);
/* The same in a moment, when it has been let get on with what it has just begun. */
void valise_thumbnails_take_soon (ValiseThumbnails *self, ValiseMachine *machine);
/* The file was replaced: reads it again when it is next looked at. */
void valise_thumbnails_forget (ValiseThumbnails *self, const char *bundle_path);

/* Lays @screen into the bundle as its last screen and into the list; written in a thread, nothing is said when it
 * cannot be. */
void valise_thumbnails_store (ValiseThumbnails *self, const char *bundle_path, GdkPixbuf *screen);
/* Lays what a running machine shows just now into its bundle, before it is suspended; nothing is said when it cannot
 * be. Takes 20 seconds at most, where QEMU does not answer. */
void valise_thumbnails_keep_async (ValiseThumbnails *self,
                                   ValiseMachine *machine,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
void valise_thumbnails_keep_finish (ValiseThumbnails *self, GAsyncResult *result);
/* At the end of the program: waits until all that is being stored is in its bundle. */
void valise_thumbnails_finish (ValiseThumbnails *self);
/* The last screen in full size, read in a thread; %NULL with an error when there is none that can be shown. */
void valise_thumbnails_load_screen_async (const char *bundle_path,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
GdkPixbuf *valise_thumbnails_load_screen_finish (GAsyncResult *result, GError **error);

G_END_DECLS
