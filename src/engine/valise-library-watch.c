/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-library-private.h"

typedef struct
{
  ValiseLibrary *library; /* the closure goes with it */
  ValiseLibraryBundleFunc appeared;
  ValiseLibraryBundleFunc went;
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

/* GIO looks for a directory that is not there every few seconds, so there is a watch only on one that is. */
GFileMonitor *
_valise_library_watch (ValiseLibrary *library, ValiseLibraryBundleFunc appeared, ValiseLibraryBundleFunc went)
{
  const char *directory = valise_library_get_directory (library);
  g_autoptr (GFile) file = g_file_new_for_path (directory);
  GFileMonitor *monitor;
  GClosure *closure;
  Watch *self;

  if (!g_file_test (directory, G_FILE_TEST_IS_DIR))
    return NULL;
  monitor = g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (monitor == NULL)
    return NULL;
  self = g_new0 (Watch, 1);
  self->library = library;
  self->appeared = appeared;
  self->went = went;
  closure = g_cclosure_new (G_CALLBACK (on_directory_changed_cb), self, watch_free);
  g_object_watch_closure (G_OBJECT (library), closure);
  g_signal_connect_closure (monitor, "changed", closure, FALSE);
  return monitor;
}
