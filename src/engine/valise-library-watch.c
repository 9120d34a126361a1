/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-library-private.h"

typedef struct
{
  ValiseLibrary *library; /* the closure goes with it */
  ValiseLibraryBundleFunc appeared;
  ValiseLibraryBundleFunc went;
  ValiseLibraryMadeFunc made;
} Watch;

static void
watch_free (gpointer data, GClosure *closure)
{
  g_free (data);
}

static void
tell_appeared (Watch *self, GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *path = g_file_get_path (file);

  if (_valise_library_is_bundle_name (name))
    self->appeared (self->library, path);
}

static void
tell_went (Watch *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    self->went (self->library, path);
}

static void
on_directory_changed_cb (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, Watch *self)
{
  switch (event)
    {
    case G_FILE_MONITOR_EVENT_CREATED:
    case G_FILE_MONITOR_EVENT_MOVED_IN:
      tell_appeared (self, file);
      break;
    case G_FILE_MONITOR_EVENT_DELETED:
    case G_FILE_MONITOR_EVENT_MOVED_OUT:
      tell_went (self, file);
      break;
    case G_FILE_MONITOR_EVENT_RENAMED:
      tell_went (self, file);
      tell_appeared (self, other);
      break;
    case G_FILE_MONITOR_EVENT_CHANGED:
    case G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT:
    case G_FILE_MONITOR_EVENT_ATTRIBUTE_CHANGED:
    case G_FILE_MONITOR_EVENT_PRE_UNMOUNT:
    case G_FILE_MONITOR_EVENT_UNMOUNTED:
    case G_FILE_MONITOR_EVENT_MOVED:
    default:
      break;
    }
}

static void
on_parent_changed_cb (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, Watch *self)
{
  if (g_file_test (valise_library_get_directory (self->library), G_FILE_TEST_IS_DIR))
    self->made (self->library);
}

static GFileMonitor *
monitor_directory (const char *path, GCallback callback, const Watch *watch)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GFileMonitor *monitor = g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  GClosure *closure;

  if (monitor == NULL)
    return NULL;
  closure = g_cclosure_new (callback, g_memdup2 (watch, sizeof *watch), watch_free);
  g_object_watch_closure (G_OBJECT (watch->library), closure);
  g_signal_connect_closure (monitor, "changed", closure, FALSE);
  return monitor;
}

/* GIO looks for a directory that is not there every few seconds, so until it is made the one around it is watched. */
GFileMonitor *
_valise_library_watch (ValiseLibrary *library,
                       ValiseLibraryBundleFunc appeared,
                       ValiseLibraryBundleFunc went,
                       ValiseLibraryMadeFunc made)
{
  const char *directory = valise_library_get_directory (library);
  g_autofree char *parent = g_path_get_dirname (directory);
  Watch watch = { library, appeared, went, made };

  if (g_file_test (directory, G_FILE_TEST_IS_DIR))
    return monitor_directory (directory, G_CALLBACK (on_directory_changed_cb), &watch);
  if (g_file_test (parent, G_FILE_TEST_IS_DIR))
    return monitor_directory (parent, G_CALLBACK (on_parent_changed_cb), &watch);
  return NULL;
}
