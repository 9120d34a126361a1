/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-late.h"

#include <dlfcn.h>
#include <glib/gi18n-lib.h>

gboolean
valise_late_load (ValiseLate *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (self->handle != NULL)
    return TRUE;
  g_atomic_pointer_set (&self->handle, dlopen (self->file, RTLD_NOW | RTLD_LOCAL));
  if (self->handle == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, dlerror ());
      if (self->remedy != NULL)
        g_prefix_error (error, "%s: ", _ (self->remedy));
    }
  return self->handle != NULL;
}

GCallback
valise_late_find (ValiseLate *self, const char *name)
{
  g_autoptr (GError) error = NULL;
  GCallback function = NULL;

  if (g_atomic_pointer_get (&self->handle) == NULL && !valise_late_load (self, &error))
    g_error ("%s", error->message);
  /* As the linker has it, what the program itself has by that name goes before: tests put themselves in a library's
   * place. Written the way POSIX has it, because an object's pointer may not be cast to a function's. */
  *(gpointer *) &function = dlsym (RTLD_DEFAULT, name);
  if (function == NULL)
    *(gpointer *) &function = dlsym (self->handle, name);
  if (function == NULL)
    g_error ("%s: %s", self->file, dlerror ());
  return function;
}
