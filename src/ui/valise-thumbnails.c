/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-thumbnails.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"

/* A picture of 60x38 takes 9 KiB, 36 KiB on a dense screen. */
#define KEPT_MOST 192
/* A machine that has just been started is busy getting to its first picture, and has none yet. */
#define SOON_MS 2000
#define SCREEN_FILE "screenshot.png"

/* screenshot.png comes with the bundle, perhaps from a stranger. */
#define FILE_MOST (16 * 1024 * 1024)
#define SIDE_MOST 8192

typedef struct
{
  char *path;
  cairo_surface_t *surface; /* NULL: there is none, or it is being read */
  int scale;
  guint64 used;
  gboolean pending;
} Thumbnail;

struct _ValiseThumbnails
{
  GObject parent_instance;

  GHashTable *kept;  /* bundle path -> Thumbnail */
  GHashTable *asked; /* machines being asked for their screen */
  guint64 clock;
  guint storing;
};

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseThumbnails, valise_thumbnails, G_TYPE_OBJECT)

static void
thumbnail_free (Thumbnail *thumbnail)
{
  g_clear_pointer (&thumbnail->surface, cairo_surface_destroy);
  g_free (thumbnail->path);
  g_free (thumbnail);
}

/* --- reading, in a thread --- */

static void
on_size_prepared_cb (GdkPixbufLoader *loader, int width, int height, gpointer fits)
{
  if (width > SIDE_MOST || height > SIDE_MOST)
    {
      *(gboolean *) fits = FALSE;
      gdk_pixbuf_loader_set_size (loader, 1, 1);
    }
}

static GdkPixbuf *
decode (GBytes *bytes, GError **error)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new_with_type ("png", error);
  gboolean fits = TRUE;

  if (loader == NULL)
    return NULL;
  g_signal_connect (loader, "size-prepared", G_CALLBACK (on_size_prepared_cb), &fits);
  if (!gdk_pixbuf_loader_write_bytes (loader, bytes, error))
    {
      gdk_pixbuf_loader_close (loader, NULL);
      return NULL;
    }
  if (!gdk_pixbuf_loader_close (loader, error))
    return NULL;
  if (!fits || gdk_pixbuf_loader_get_pixbuf (loader) == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, SCREEN_FILE);
      return NULL;
    }
  return g_object_ref (gdk_pixbuf_loader_get_pixbuf (loader));
}

static GBytes *
read_screen (const char *bundle_path, GError **error)
{
  int directory = open (bundle_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int fd = directory >= 0 ? valise_path_open_beneath (directory, SCREEN_FILE, O_RDONLY, 0, error) : -1;
  g_autoptr (GInputStream) stream = NULL;
  struct stat info;

  if (directory >= 0)
    close (directory);
  if (fd < 0)
    {
      if (error != NULL && *error == NULL)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, bundle_path);
      return NULL;
    }
  stream = g_unix_input_stream_new (fd, TRUE);
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size > FILE_MOST)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, SCREEN_FILE);
      return NULL;
    }
  return g_input_stream_read_bytes (stream, info.st_size, NULL, error);
}

static GdkPixbuf *
load_screen (const char *bundle_path, GError **error)
{
  g_autoptr (GBytes) bytes = read_screen (bundle_path, error);

  return bytes != NULL ? decode (bytes, error) : NULL;
}

/* As large as fits the frame of the list, proportions kept. */
static GdkPixbuf *
shrink (GdkPixbuf *screen, int scale)
{
  double factor = MIN (VALISE_THUMBNAIL_WIDTH * scale / (double) gdk_pixbuf_get_width (screen),
                       VALISE_THUMBNAIL_HEIGHT * scale / (double) gdk_pixbuf_get_height (screen));
  int width = MAX (1, (int) (gdk_pixbuf_get_width (screen) * factor + 0.5));
  int height = MAX (1, (int) (gdk_pixbuf_get_height (screen) * factor + 0.5));

  return gdk_pixbuf_scale_simple (screen, width, height, GDK_INTERP_BILINEAR);
}

typedef struct
{
  char *path;
  ValiseMachine *machine; /* NULL: from the file */
  int scale;
} Request;

static void
request_free (Request *request)
{
  g_clear_object (&request->machine);
  g_free (request->path);
  g_free (request);
}

/* A picture nobody asked for: a full disk or a read-only bundle is no reason to speak up. */
static gboolean
write_screen (const char *bundle_path, GdkPixbuf *screen)
{
  g_autofree char *file = g_build_filename (bundle_path, SCREEN_FILE, NULL);
  g_autofree char *png = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  if (gdk_pixbuf_save_to_buffer (screen, &png, &length, "png", &error, NULL)
      && valise_file_replace (file, png, (gssize) length, 0644, &error))
    return TRUE;
  g_debug ("The last screen is not kept: %s", error->message);
  return FALSE;
}

/* One that runs may end while nobody looks; what the list shows of it is then its last screen. */
static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Request *request = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) screen = NULL;

  if (request->machine != NULL)
    screen = valise_machine_screenshot (request->machine, cancellable, &error);
  else
    screen = load_screen (request->path, &error);
  if (request->machine != NULL && screen != NULL)
    write_screen (request->path, screen);
  if (screen != NULL)
    g_task_return_pointer (task, shrink (screen, request->scale), g_object_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* --- what is kept --- */

static void
drop_oldest (ValiseThumbnails *self)
{
  GHashTableIter iter;
  gpointer value;
  Thumbnail *oldest = NULL;

  g_hash_table_iter_init (&iter, self->kept);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Thumbnail *thumbnail = value;

      if (!thumbnail->pending && (oldest == NULL || thumbnail->used < oldest->used))
        oldest = thumbnail;
    }
  if (oldest != NULL)
    g_hash_table_remove (self->kept, oldest->path);
}

static Thumbnail *
ensure_thumbnail (ValiseThumbnails *self, const char *path)
{
  Thumbnail *thumbnail = g_hash_table_lookup (self->kept, path);

  if (thumbnail != NULL)
    return thumbnail;
  if (g_hash_table_size (self->kept) >= KEPT_MOST)
    drop_oldest (self);
  thumbnail = g_new0 (Thumbnail, 1);
  thumbnail->path = g_strdup (path);
  g_hash_table_insert (self->kept, thumbnail->path, thumbnail);
  return thumbnail;
}

static void
store (ValiseThumbnails *self, const char *path, GdkPixbuf *small, int scale)
{
  Thumbnail *thumbnail = ensure_thumbnail (self, path);

  thumbnail->scale = scale;
  thumbnail->used = ++self->clock;
  g_clear_pointer (&thumbnail->surface, cairo_surface_destroy);
  thumbnail->surface = gdk_cairo_surface_create_from_pixbuf (small, scale, NULL);
  g_signal_emit (self, signals[CHANGED], 0, path);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ValiseThumbnails *self = VALISE_THUMBNAILS (source);
  Request *request = g_task_get_task_data (G_TASK (result));
  g_autoptr (GdkPixbuf) small = g_task_propagate_pointer (G_TASK (result), NULL);
  Thumbnail *thumbnail = g_hash_table_lookup (self->kept, request->path);

  if (request->machine != NULL)
    g_hash_table_remove (self->asked, request->path);
  else if (thumbnail != NULL)
    thumbnail->pending = FALSE;
  if (small != NULL)
    store (self, request->path, small, request->scale);
}

static void
ask (ValiseThumbnails *self, const char *path, ValiseMachine *machine, int scale)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, read_cb, NULL);
  Request *request = g_new0 (Request, 1);

  request->path = g_strdup (path);
  request->scale = scale;
  g_set_object (&request->machine, machine);
  g_task_set_source_tag (task, ask);
  g_task_set_priority (task, G_PRIORITY_LOW);
  g_task_set_task_data (task, request, (GDestroyNotify) request_free);
  g_task_run_in_thread (task, read_thread);
}

static void
valise_thumbnails_class_init (ValiseThumbnailsClass *class)
{
  signals[CHANGED] = g_signal_new ("changed", VALISE_TYPE_THUMBNAILS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
valise_thumbnails_init (ValiseThumbnails *self)
{
  self->kept = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) thumbnail_free);
  self->asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* --- public --- */

ValiseThumbnails *
valise_thumbnails_get_default (void)
{
  static ValiseThumbnails *only = NULL;

  if (only == NULL)
    only = g_object_new (VALISE_TYPE_THUMBNAILS, NULL);
  return only;
}

cairo_surface_t *
valise_thumbnails_lookup (ValiseThumbnails *self, const char *bundle_path, int scale)
{
  Thumbnail *thumbnail = g_hash_table_lookup (self->kept, bundle_path);

  if (thumbnail == NULL)
    {
      thumbnail = ensure_thumbnail (self, bundle_path);
      thumbnail->pending = TRUE;
      ask (self, bundle_path, NULL, scale);
    }
  thumbnail->used = ++self->clock;
  return thumbnail->surface;
}

static int
largest_scale (void)
{
  GdkDisplay *display = gdk_display_get_default ();
  int scale = 1;

  for (int i = 0; display != NULL && i < gdk_display_get_n_monitors (display); i++)
    scale = MAX (scale, gdk_monitor_get_scale_factor (gdk_display_get_monitor (display, i)));
  return scale;
}

void
valise_thumbnails_put (ValiseThumbnails *self, const char *bundle_path, GdkPixbuf *screen)
{
  int scale = largest_scale ();
  g_autoptr (GdkPixbuf) small = shrink (screen, scale);

  store (self, bundle_path, small, scale);
}

typedef struct
{
  char *path;
  GdkPixbuf *screen;
} Storing;

static void
storing_free (Storing *storing)
{
  g_free (storing->path);
  g_object_unref (storing->screen);
  g_free (storing);
}

static void
store_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Storing *storing = data;

  g_task_return_boolean (task, write_screen (storing->path, storing->screen));
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  VALISE_THUMBNAILS (source)->storing--;
}

void
valise_thumbnails_store (ValiseThumbnails *self, const char *bundle_path, GdkPixbuf *screen)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, stored_cb, NULL);
  Storing *storing = g_new0 (Storing, 1);

  storing->path = g_strdup (bundle_path);
  storing->screen = g_object_ref (screen);
  g_task_set_source_tag (task, valise_thumbnails_store);
  g_task_set_task_data (task, storing, (GDestroyNotify) storing_free);
  self->storing++;
  g_task_run_in_thread (task, store_thread);
  valise_thumbnails_put (self, bundle_path, screen);
}

static void
keep_thread (GTask *task, gpointer source, gpointer machine, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) screen = valise_machine_screenshot (machine, cancellable, &error);

  g_task_return_boolean (task, screen != NULL && write_screen (valise_machine_get_path (machine), screen));
}

void
valise_thumbnails_keep_async (ValiseThumbnails *self,
                              ValiseMachine *machine,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, valise_thumbnails_keep_async);
  g_task_set_task_data (task, g_object_ref (machine), g_object_unref);
  g_task_run_in_thread (task, keep_thread);
}

void
valise_thumbnails_keep_finish (ValiseThumbnails *self, GAsyncResult *result)
{
  if (g_task_propagate_boolean (G_TASK (result), NULL))
    valise_thumbnails_forget (self, valise_machine_get_path (g_task_get_task_data (G_TASK (result))));
}

void
valise_thumbnails_finish (ValiseThumbnails *self)
{
  while (self->storing > 0)
    g_main_context_iteration (NULL, TRUE);
}

void
valise_thumbnails_take (ValiseThumbnails *self, ValiseMachine *machine)
{
  const char *path = valise_machine_get_path (machine);

  if (!valise_machine_is_live (machine) || !g_hash_table_add (self->asked, g_strdup (path)))
    return;
  ask (self, path, machine, largest_scale ());
}

typedef struct
{
  ValiseThumbnails *thumbnails;
  ValiseMachine *machine;
} Taking;

static void
taking_free (gpointer data)
{
  Taking *taking = data;

  g_object_unref (taking->thumbnails);
  g_object_unref (taking->machine);
  g_free (taking);
}

static gboolean
take_cb (gpointer data)
{
  Taking *taking = data;

  g_hash_table_remove (taking->thumbnails->asked, valise_machine_get_path (taking->machine));
  valise_thumbnails_take (taking->thumbnails, taking->machine);
  return G_SOURCE_REMOVE;
}

void
valise_thumbnails_take_soon (ValiseThumbnails *self, ValiseMachine *machine)
{
  Taking *taking;

  if (!valise_machine_is_live (machine)
      || !g_hash_table_add (self->asked, g_strdup (valise_machine_get_path (machine))))
    return;
  taking = g_new0 (Taking, 1);
  taking->thumbnails = g_object_ref (self);
  taking->machine = g_object_ref (machine);
  g_timeout_add_full (G_PRIORITY_LOW, SOON_MS, take_cb, taking, taking_free);
}

void
valise_thumbnails_forget (ValiseThumbnails *self, const char *bundle_path)
{
  g_autofree char *path = g_strdup (bundle_path);

  if (g_hash_table_remove (self->kept, path))
    g_signal_emit (self, signals[CHANGED], 0, path);
}

static void
load_screen_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  GdkPixbuf *screen = load_screen (data, &error);

  if (screen != NULL)
    g_task_return_pointer (task, screen, g_object_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
valise_thumbnails_load_screen_async (const char *bundle_path,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, valise_thumbnails_load_screen_async);
  g_task_set_task_data (task, g_strdup (bundle_path), g_free);
  g_task_run_in_thread (task, load_screen_thread);
}

GdkPixbuf *
valise_thumbnails_load_screen_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
