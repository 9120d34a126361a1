/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseLate:
 * @file: the library by the name that the linker knows it by: "libvirt.so.0"
 * @remedy: (nullable): a sentence for whoever does not have it, with what to install, marked with N_() and without a full
 *   stop
 *
 * A library that is loaded when it is first needed rather than before the window is there, and that may be missing. A
 * header defines each of its functions that is used as VALISE_LATE() of it, so that code calls them as ever and the
 * compiler still checks their types.
 */
typedef struct
{
  const char *file;
  const char *remedy;
  /*< private >*/
  GMutex mutex;
  gpointer handle;
} ValiseLate;

/* Function @f of the library @late. Each place keeps what it found: finding takes as long as a small function does. */
#define VALISE_LATE(late, f)                                                                                           \
  __extension__({                                                                                                      \
    static GCallback late_found_;                                                                                      \
    (__typeof__ (&f)) _valise_late_keep (&late_found_, &(late), #f);                                                   \
  })

/**
 * valise_late_load:
 *
 * From any thread; takes some milliseconds once.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND when the library cannot be loaded; the message has its remedy and the linker's words.
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

/*< private >*/
static inline GCallback
_valise_late_keep (GCallback *found, ValiseLate *late, const char *name)
{
  GCallback function = g_atomic_pointer_get (found);

  if (G_UNLIKELY (function == NULL))
    {
      function = valise_late_find (late, name);
      g_atomic_pointer_set (found, function);
    }
  return function;
}

G_END_DECLS
