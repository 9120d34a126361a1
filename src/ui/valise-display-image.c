/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-display-image.h"

#include <gdk/gdk.h>
#ifdef GDK_WINDOWING_X11
#  include <X11/Xlib.h>
#  include <X11/Xutil.h>
#  include <X11/extensions/XShm.h>
#  include <cairo-xlib.h>
#  include <gdk/gdkx.h>
#  include <sys/ipc.h>
#  include <sys/shm.h>
#endif

struct _ValiseDisplayImage
{
  gatomicrefcount references;
  int width;
  int height;
  gsize stride;
  guint8 *pixels;
  cairo_surface_t *surface;
#ifdef GDK_WINDOWING_X11
  GdkDisplay *gdk_display; /* NULL: a plain cairo image */
  XShmSegmentInfo segment;
  XImage *image;
  Pixmap pixmap;
  GC gc;
  gboolean shared_pixmap; /* the pixmap is the memory itself: nothing to put */
#endif
};

#ifdef GDK_WINDOWING_X11
/* The memory is laid out as x8r8g8b8 in the processor's order; a server that shows something else converts from a cairo
 * image. */
static gboolean
fits_visual (Display *display, Visual *visual, int depth)
{
  int order = G_BYTE_ORDER == G_LITTLE_ENDIAN ? LSBFirst : MSBFirst;

  return depth == 24 && visual->class == TrueColor && visual->red_mask == 0xff0000 && visual->green_mask == 0xff00
         && visual->blue_mask == 0xff && ImageByteOrder (display) == order;
}

static gboolean
allocate_segment (XShmSegmentInfo *segment, gsize bytes)
{
  segment->shmid = shmget (IPC_PRIVATE, bytes, IPC_CREAT | 0600);
  if (segment->shmid < 0)
    return FALSE;
  segment->shmaddr = shmat (segment->shmid, NULL, 0);
  if (segment->shmaddr == (char *) -1)
    {
      shmctl (segment->shmid, IPC_RMID, NULL);
      return FALSE;
    }
  segment->readOnly = False;
  return TRUE;
}

/* A server on another computer has the extension but cannot attach, and any server may be out of memory. */
static gboolean
make_drawable (ValiseDisplayImage *self, GdkScreen *screen, gboolean shared_pixmap)
{
  GdkDisplay *gdk_display = gdk_screen_get_display (screen);
  Display *display = gdk_x11_display_get_xdisplay (gdk_display);
  Window root = gdk_x11_window_get_xid (gdk_screen_get_root_window (screen));

  gdk_x11_display_error_trap_push (gdk_display);
  XShmAttach (display, &self->segment);
  self->shared_pixmap = shared_pixmap;
  if (shared_pixmap)
    self->pixmap = XShmCreatePixmap (display, root, self->segment.shmaddr, &self->segment, (unsigned) self->width,
                                     (unsigned) self->height, 24);
  else
    self->pixmap = XCreatePixmap (display, root, (unsigned) self->width, (unsigned) self->height, 24);
  self->gc = XCreateGC (display, self->pixmap, 0, NULL);
  XSync (display, False);
  /* From here the segment lives as long as someone is attached, also when this program is killed. */
  shmctl (self->segment.shmid, IPC_RMID, NULL);
  if (gdk_x11_display_error_trap_pop (gdk_display) == 0)
    return TRUE;
  gdk_x11_display_error_trap_push (gdk_display);
  XFreeGC (display, self->gc);
  XFreePixmap (display, self->pixmap);
  XShmDetach (display, &self->segment);
  gdk_x11_display_error_trap_pop_ignored (gdk_display);
  shmdt (self->segment.shmaddr);
  return FALSE;
}

static gboolean
share_with_server (ValiseDisplayImage *self, GdkScreen *screen)
{
  GdkDisplay *gdk_display = gdk_screen_get_display (screen);
  GdkVisual *gdk_visual = gdk_screen_get_system_visual (screen);
  Display *display;
  Visual *visual;
  int major, minor;
  Bool pixmaps = False;

  if (!GDK_IS_X11_DISPLAY (gdk_display))
    return FALSE;
  display = gdk_x11_display_get_xdisplay (gdk_display);
  visual = gdk_x11_visual_get_xvisual (gdk_visual);
  if (!fits_visual (display, visual, gdk_visual_get_depth (gdk_visual))
      || !XShmQueryVersion (display, &major, &minor, &pixmaps)
      || !allocate_segment (&self->segment, self->stride * self->height))
    return FALSE;
  if (!make_drawable (self, screen, pixmaps && XShmPixmapFormat (display) == ZPixmap))
    return FALSE;
  self->gdk_display = g_object_ref (gdk_display);
  self->pixels = (guint8 *) self->segment.shmaddr;
  self->image = XShmCreateImage (display, visual, 24, ZPixmap, self->segment.shmaddr, &self->segment,
                                 (unsigned) self->width, (unsigned) self->height);
  self->surface = cairo_xlib_surface_create (display, self->pixmap, visual, self->width, self->height);
  return TRUE;
}

static void
stop_sharing (ValiseDisplayImage *self)
{
  Display *display;

  /* The display may have been closed before the last picture of it is let go. */
  if (!gdk_display_is_closed (self->gdk_display))
    {
      display = gdk_x11_display_get_xdisplay (self->gdk_display);
      XFreeGC (display, self->gc);
      XFreePixmap (display, self->pixmap);
      XShmDetach (display, &self->segment);
    }
  XFree (self->image);
  shmdt (self->segment.shmaddr);
  g_object_unref (self->gdk_display);
}
#endif

static gboolean
make_plain (ValiseDisplayImage *self)
{
  self->pixels = g_try_malloc0 (self->stride * self->height);
  if (self->pixels == NULL)
    return FALSE;
  self->surface = cairo_image_surface_create_for_data (self->pixels, CAIRO_FORMAT_RGB24, self->width, self->height,
                                                       (int) self->stride);
  return TRUE;
}

ValiseDisplayImage *
valise_display_image_new (GdkScreen *screen, int width, int height)
{
  ValiseDisplayImage *self;
  gboolean shared = FALSE;

  if (width <= 0 || height <= 0 || width > VALISE_DISPLAY_IMAGE_SIDE || height > VALISE_DISPLAY_IMAGE_SIDE
      || (gsize) width * height > VALISE_DISPLAY_IMAGE_BYTES / 4)
    return NULL;
  self = g_new0 (ValiseDisplayImage, 1);
  g_atomic_ref_count_init (&self->references);
  self->width = width;
  self->height = height;
  self->stride = (gsize) width * 4;
#ifdef GDK_WINDOWING_X11
  shared = screen != NULL && share_with_server (self, screen);
#endif
  if (!shared && !make_plain (self))
    g_clear_pointer (&self, g_free);
  return self;
}

ValiseDisplayImage *
valise_display_image_ref (ValiseDisplayImage *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
valise_display_image_unref (ValiseDisplayImage *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  cairo_surface_finish (self->surface);
  cairo_surface_destroy (self->surface);
#ifdef GDK_WINDOWING_X11
  if (self->gdk_display != NULL)
    stop_sharing (self);
  else
#endif
    g_free (self->pixels);
  g_free (self);
}

int
valise_display_image_get_width (ValiseDisplayImage *self)
{
  return self->width;
}

int
valise_display_image_get_height (ValiseDisplayImage *self)
{
  return self->height;
}

gsize
valise_display_image_get_stride (ValiseDisplayImage *self)
{
  return self->stride;
}

guint8 *
valise_display_image_get_pixels (ValiseDisplayImage *self)
{
  return self->pixels;
}

cairo_surface_t *
valise_display_image_get_surface (ValiseDisplayImage *self)
{
  return self->surface;
}

void
valise_display_image_put (ValiseDisplayImage *self, const cairo_rectangle_int_t *area)
{
#ifdef GDK_WINDOWING_X11
  if (self->gdk_display != NULL)
    {
      if (!self->shared_pixmap)
        XShmPutImage (gdk_x11_display_get_xdisplay (self->gdk_display), self->pixmap, self->gc, self->image, area->x,
                      area->y, area->x, area->y, area->width, area->height, False);
      return;
    }
#endif
  cairo_surface_mark_dirty_rectangle (self->surface, area->x, area->y, area->width, area->height);
}
