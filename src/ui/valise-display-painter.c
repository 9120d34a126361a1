/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-display-painter.h"

#include "ui/valise-display-scaler.h"

struct _ValiseDisplayPainter
{
  GdkScreen *screen;
  ValiseDisplayImage *source;
  ValiseDisplayImage *scaled; /* NULL when the source is shown as it is */
  ValiseDisplayScaler *scaler;
  cairo_region_t *stale;       /* guest pixels that changed since they were last put */
  cairo_rectangle_int_t place; /* of the picture within the widget, in pixels of the screen; 0 wide: not known yet */
  int width;                   /* of the widget, in pixels of the screen */
  int height;
  int scale_factor;
  ValiseDisplayScaling scaling;
  gboolean smooth;
};

/* --- helpers --- */

static void
fit_place (ValiseDisplayPainter *self, int source_width, int source_height)
{
  gint64 by_width = (gint64) self->width * source_height;
  gint64 by_height = (gint64) self->height * source_width;

  if (by_width <= by_height)
    {
      self->place.width = self->width;
      self->place.height = (int) MAX (1, (by_width + source_width / 2) / source_width);
    }
  else
    {
      self->place.width = (int) MAX (1, (by_height + source_height / 2) / source_height);
      self->place.height = self->height;
    }
}

static void
find_place (ValiseDisplayPainter *self)
{
  int source_width = valise_display_image_get_width (self->source);
  int source_height = valise_display_image_get_height (self->source);
  int times = MIN (self->width / source_width, self->height / source_height);

  if (self->scaling == VALISE_DISPLAY_ACTUAL)
    times = 1;
  if (self->scaling == VALISE_DISPLAY_FIT || times < 1)
    fit_place (self, source_width, source_height);
  else
    {
      self->place.width = source_width * times;
      self->place.height = source_height * times;
    }
  self->place.x = (self->width - self->place.width) / 2;
  self->place.y = (self->height - self->place.height) / 2;
}

static void
forget_place (ValiseDisplayPainter *self)
{
  self->place.width = 0;
}

static gboolean
is_whole_multiple (ValiseDisplayPainter *self, int source_width, int source_height)
{
  return self->scaling == VALISE_DISPLAY_INTEGER && self->place.width % source_width == 0
         && self->place.height % source_height == 0;
}

static void
prepare_scaled (ValiseDisplayPainter *self)
{
  int source_width = valise_display_image_get_width (self->source);
  int source_height = valise_display_image_get_height (self->source);
  gboolean as_it_is = self->place.width == source_width && self->place.height == source_height;
  gboolean smooth = self->smooth && !is_whole_multiple (self, source_width, source_height);

  g_clear_pointer (&self->scaled, valise_display_image_unref);
  g_clear_pointer (&self->scaler, valise_display_scaler_free);
  if (as_it_is)
    return;
  self->scaled = valise_display_image_new (self->screen, self->place.width, self->place.height);
  if (self->scaled != NULL)
    self->scaler =
        valise_display_scaler_new (source_width, source_height, self->place.width, self->place.height, smooth);
}

/* Lazily: while a window is being resized only the sizes that are drawn are filtered. */
static gboolean
prepare (ValiseDisplayPainter *self)
{
  cairo_rectangle_int_t all = { 0, 0, 0, 0 };

  if (self->source == NULL || self->width <= 0 || self->height <= 0)
    return FALSE;
  if (self->place.width > 0)
    return TRUE;
  find_place (self);
  prepare_scaled (self);
  all.width = valise_display_image_get_width (self->source);
  all.height = valise_display_image_get_height (self->source);
  cairo_region_union_rectangle (self->stale, &all);
  return TRUE;
}

static void
put_rectangle (ValiseDisplayPainter *self, const cairo_rectangle_int_t *rectangle)
{
  cairo_rectangle_int_t area;

  if (self->scaled == NULL)
    {
      valise_display_image_put (self->source, rectangle);
      return;
    }
  valise_display_scaler_map (self->scaler, rectangle, &area);
  valise_display_scaler_run (self->scaler, valise_display_image_get_pixels (self->source),
                             valise_display_image_get_stride (self->source),
                             valise_display_image_get_pixels (self->scaled),
                             valise_display_image_get_stride (self->scaled), &area);
  if (area.width > 0 && area.height > 0)
    valise_display_image_put (self->scaled, &area);
}

static void
put_stale (ValiseDisplayPainter *self)
{
  int n = cairo_region_num_rectangles (self->stale);

  for (int i = 0; i < n; i++)
    {
      cairo_rectangle_int_t rectangle;

      cairo_region_get_rectangle (self->stale, i, &rectangle);
      put_rectangle (self, &rectangle);
    }
  if (n > 0)
    {
      cairo_region_destroy (self->stale);
      self->stale = cairo_region_create ();
    }
}

static void
draw_border (ValiseDisplayPainter *self, cairo_t *cr)
{
  if (self->place.x <= 0 && self->place.y <= 0)
    return;
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, self->width, self->height);
  cairo_rectangle (cr, self->place.x, self->place.y, self->place.width, self->place.height);
  cairo_set_fill_rule (cr, CAIRO_FILL_RULE_EVEN_ODD);
  cairo_set_source_rgb (cr, 0, 0, 0);
  cairo_fill (cr);
  cairo_restore (cr);
}

/* --- public --- */

ValiseDisplayPainter *
valise_display_painter_new (void)
{
  ValiseDisplayPainter *self = g_new0 (ValiseDisplayPainter, 1);

  self->stale = cairo_region_create ();
  self->scale_factor = 1;
  self->smooth = TRUE;
  return self;
}

void
valise_display_painter_free (ValiseDisplayPainter *self)
{
  g_clear_object (&self->screen);
  g_clear_pointer (&self->source, valise_display_image_unref);
  g_clear_pointer (&self->scaled, valise_display_image_unref);
  g_clear_pointer (&self->scaler, valise_display_scaler_free);
  cairo_region_destroy (self->stale);
  g_free (self);
}

void
valise_display_painter_set_source (ValiseDisplayPainter *self, GdkScreen *screen, ValiseDisplayImage *source)
{
  g_set_object (&self->screen, screen);
  g_clear_pointer (&self->source, valise_display_image_unref);
  if (source != NULL)
    self->source = valise_display_image_ref (source);
  cairo_region_destroy (self->stale);
  self->stale = cairo_region_create ();
  forget_place (self);
}

void
valise_display_painter_set_scaling (ValiseDisplayPainter *self, ValiseDisplayScaling scaling, gboolean smooth)
{
  self->scaling = scaling;
  self->smooth = smooth;
  forget_place (self);
}

void
valise_display_painter_set_size (ValiseDisplayPainter *self, int width, int height, int scale_factor)
{
  if (self->width == width * scale_factor && self->height == height * scale_factor
      && self->scale_factor == scale_factor)
    return;
  self->width = width * scale_factor;
  self->height = height * scale_factor;
  self->scale_factor = scale_factor;
  forget_place (self);
}

void
valise_display_painter_damage (ValiseDisplayPainter *self,
                               const cairo_rectangle_int_t *source,
                               cairo_rectangle_int_t *area)
{
  cairo_rectangle_int_t pixels = *source;
  int right, bottom;

  cairo_region_union_rectangle (self->stale, source);
  if (!prepare (self))
    {
      *area = (cairo_rectangle_int_t){ 0, 0, 0, 0 };
      return;
    }
  if (self->scaled != NULL)
    valise_display_scaler_map (self->scaler, source, &pixels);
  right = self->place.x + pixels.x + pixels.width;
  bottom = self->place.y + pixels.y + pixels.height;
  area->x = (self->place.x + pixels.x) / self->scale_factor;
  area->y = (self->place.y + pixels.y) / self->scale_factor;
  area->width = (right + self->scale_factor - 1) / self->scale_factor - area->x;
  area->height = (bottom + self->scale_factor - 1) / self->scale_factor - area->y;
}

void
valise_display_painter_draw (ValiseDisplayPainter *self, cairo_t *cr)
{
  ValiseDisplayImage *shown;

  if (!prepare (self))
    {
      cairo_set_source_rgb (cr, 0, 0, 0);
      cairo_paint (cr);
      return;
    }
  put_stale (self);
  shown = self->scaled != NULL ? self->scaled : self->source;
  cairo_save (cr);
  cairo_scale (cr, 1.0 / self->scale_factor, 1.0 / self->scale_factor);
  draw_border (self, cr);
  cairo_set_source_surface (cr, valise_display_image_get_surface (shown), self->place.x, self->place.y);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_rectangle (cr, self->place.x, self->place.y, self->place.width, self->place.height);
  cairo_fill (cr);
  cairo_restore (cr);
}

gboolean
valise_display_painter_find_guest (ValiseDisplayPainter *self, double x, double y, int *guest_x, int *guest_y)
{
  int width, height;

  if (!prepare (self))
    return FALSE;
  width = valise_display_image_get_width (self->source);
  height = valise_display_image_get_height (self->source);
  x = (x * self->scale_factor - self->place.x) * width / self->place.width;
  y = (y * self->scale_factor - self->place.y) * height / self->place.height;
  *guest_x = (int) CLAMP (x, 0, width - 1);
  *guest_y = (int) CLAMP (y, 0, height - 1);
  return TRUE;
}

void
valise_display_painter_get_actual_size (ValiseDisplayPainter *self, int scale_factor, int *width, int *height)
{
  *width = *height = 0;
  if (self->source == NULL)
    return;
  *width = (valise_display_image_get_width (self->source) + scale_factor - 1) / scale_factor;
  *height = (valise_display_image_get_height (self->source) + scale_factor - 1) / scale_factor;
}
