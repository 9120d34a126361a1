/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseLate:
 * @file: the library by the name that the linker knows it by: "libvirt.so.0"
 *
 * A library that is loaded when it is first needed rather than before the window is there, and that may be missing. A
 * header defines each of its functions that is used as VALISE_LATE() of it, so that code calls them as ever and the
 * compiler still checks their types.
 */
typedef struct
{
  const char *file;
  /*< private >*/
  GMutex mutex;
  gpointer handle;
} ValiseLate;

/* Function @f of the library @late. */
#define VALISE_LATE(late, f) ((__typeof__ (&f)) valise_late_find (&(late), #f))

/**
 * valise_late_load:
 *
 * From any thread; takes some milliseconds once.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND when the library cannot be loaded; the message has the linker's words and wants a
 * sentence on what to install.
 */
gboolean valise_late_load (ValiseLate *self, GError **error);

/**
 * valise_late_find:
 * @name: a function of it
 *
 * Loads the library when it was not yet. Ends the program when it is missing or older than what it was built with, so
 * valise_late_load() comes first wherever that can be told.
 */
GCallback valise_late_find (ValiseLate *self, const char *name);

G_END_DECLS
