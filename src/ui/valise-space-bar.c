/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-space-bar.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "base/valise-size.h"

#define HEIGHT 36
#define MARK 14
#define RADIUS 5
#define LEAST 2.0 /* pixels, so that nothing is left out */
#define KIND "valise-kind"

struct _ValiseSpaceBar
{
  GtkDrawingArea parent_instance;

  GPtrArray *parts;
};

G_DEFINE_FINAL_TYPE (ValiseSpaceBar, valise_space_bar, GTK_TYPE_DRAWING_AREA)

/* Told apart on light and on dark ground, and in grey by what lies between them. */
static const GdkRGBA colors[VALISE_SPACE_KINDS] = {
  [VALISE_SPACE_DISK] = { 0.21, 0.52, 0.89, 1 },     [VALISE_SPACE_SNAPSHOT] = { 0.57, 0.25, 0.67, 1 },
  [VALISE_SPACE_MEMORY] = { 0.90, 0.38, 0.00, 1 },   [VALISE_SPACE_FIRMWARE] = { 0.15, 0.64, 0.41, 1 },
  [VALISE_SPACE_MEDIA] = { 0.90, 0.65, 0.04, 1 },    [VALISE_SPACE_LOGS] = { 0.60, 0.42, 0.27, 1 },
  [VALISE_SPACE_SETTINGS] = { 0.47, 0.46, 0.48, 1 }, [VALISE_SPACE_ORPHAN] = { 0.75, 0.11, 0.16, 1 },
};

static double
width_of (ValiseSpaceBar *self, const ValiseSpacePart *part, double width)
{
  guint64 total = valise_space_total (self->parts);

  return total > 0 && part->taken > 0 ? MAX (LEAST, width * (double) part->taken / (double) total) : 0;
}

/* What is drawn wider than it is, is taken from all. */
static double
scale (ValiseSpaceBar *self, double width)
{
  double sum = 0;

  for (guint i = 0; i < self->parts->len; i++)
    sum += width_of (self, self->parts->pdata[i], width);
  return sum > 0 ? width / sum : 1;
}

static void
clip_round (cairo_t *cr, double width, double height)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, width - RADIUS, RADIUS, RADIUS, -G_PI / 2, 0);
  cairo_arc (cr, width - RADIUS, height - RADIUS, RADIUS, 0, G_PI / 2);
  cairo_arc (cr, RADIUS, height - RADIUS, RADIUS, G_PI / 2, G_PI);
  cairo_arc (cr, RADIUS, RADIUS, RADIUS, G_PI, 3 * G_PI / 2);
  cairo_close_path (cr);
  cairo_clip (cr);
}

static gboolean
valise_space_bar_draw (GtkWidget *widget, cairo_t *cr)
{
  ValiseSpaceBar *self = VALISE_SPACE_BAR (widget);
  double width = gtk_widget_get_allocated_width (widget), height = gtk_widget_get_allocated_height (widget), at = 0;
  double factor = self->parts != NULL ? scale (self, width) : 1;

  clip_round (cr, width, height);
  cairo_set_source_rgba (cr, 0.5, 0.5, 0.5, 0.25);
  cairo_paint (cr);
  for (guint i = 0; self->parts != NULL && i < self->parts->len; i++)
    {
      const ValiseSpacePart *part = self->parts->pdata[i];
      double wide = width_of (self, part, width) * factor;

      gdk_cairo_set_source_rgba (cr, &colors[part->kind]);
      /* A line of the ground parts it from the next. */
      cairo_rectangle (cr, at, 0, wide > 4 ? wide - 1 : wide, height);
      cairo_fill (cr);
      at += wide;
    }
  return GDK_EVENT_PROPAGATE;
}

static const ValiseSpacePart *
find_part (ValiseSpaceBar *self, double x)
{
  double width = gtk_widget_get_allocated_width (GTK_WIDGET (self)), at = 0;
  double factor = self->parts != NULL ? scale (self, width) : 1;

  for (guint i = 0; self->parts != NULL && i < self->parts->len; i++)
    {
      at += width_of (self, self->parts->pdata[i], width) * factor;
      if (x < at)
        return self->parts->pdata[i];
    }
  return NULL;
}

static gboolean
valise_space_bar_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  const ValiseSpacePart *part = find_part (VALISE_SPACE_BAR (widget), x);
  g_autofree char *name = part != NULL ? valise_text_for_display (part->name, 80) : NULL;
  g_autofree char *size = part != NULL ? valise_size_format (part->taken) : NULL;
  g_autofree char *text =
      part != NULL ? g_strdup_printf ("%s: %s, %s", valise_space_kind_to_label (part->kind), name, size) : NULL;

  gtk_tooltip_set_text (tooltip, text);
  return part != NULL;
}

static void
valise_space_bar_finalize (GObject *object)
{
  g_clear_pointer (&VALISE_SPACE_BAR (object)->parts, g_ptr_array_unref);
  G_OBJECT_CLASS (valise_space_bar_parent_class)->finalize (object);
}

static void
valise_space_bar_class_init (ValiseSpaceBarClass *class)
{
  G_OBJECT_CLASS (class)->finalize = valise_space_bar_finalize;
  GTK_WIDGET_CLASS (class)->draw = valise_space_bar_draw;
  GTK_WIDGET_CLASS (class)->query_tooltip = valise_space_bar_query_tooltip;
}

static void
valise_space_bar_init (ValiseSpaceBar *self)
{
  gtk_widget_set_size_request (GTK_WIDGET (self), -1, HEIGHT);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
}

/* "Disks 3 GiB, Snapshots 1 GiB" */
static char *
say_kinds (GPtrArray *parts)
{
  guint64 sums[VALISE_SPACE_KINDS] = { 0 };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < parts->len; i++)
    sums[((const ValiseSpacePart *) parts->pdata[i])->kind] += ((const ValiseSpacePart *) parts->pdata[i])->taken;
  for (guint i = 0; i < VALISE_SPACE_KINDS; i++)
    {
      g_autofree char *size = valise_size_format (sums[i]);

      if (sums[i] > 0)
        g_string_append_printf (text, "%s%s %s", text->len > 0 ? ", " : "", valise_space_kind_to_label (i), size);
    }
  return g_string_free (text, FALSE);
}

void
valise_space_bar_set_parts (ValiseSpaceBar *self, GPtrArray *parts)
{
  g_autofree char *said = NULL;
  g_autofree char *name = NULL;

  g_return_if_fail (VALISE_IS_SPACE_BAR (self) && parts != NULL);

  g_clear_pointer (&self->parts, g_ptr_array_unref);
  self->parts = g_ptr_array_ref (parts);
  said = say_kinds (parts);
  name = g_strdup_printf (_ ("What takes the room: %s"), said);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), name);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
on_mark_draw_cb (GtkWidget *mark, cairo_t *cr, gpointer unused)
{
  guint kind = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (mark), KIND));

  clip_round (cr, gtk_widget_get_allocated_width (mark), gtk_widget_get_allocated_height (mark));
  gdk_cairo_set_source_rgba (cr, &colors[kind]);
  cairo_paint (cr);
  return GDK_EVENT_PROPAGATE;
}

GtkWidget *
valise_space_bar_make_mark (ValiseSpaceKind kind)
{
  GtkWidget *mark = gtk_drawing_area_new ();

  gtk_widget_set_size_request (mark, MARK, MARK);
  gtk_widget_set_valign (mark, GTK_ALIGN_CENTER);
  g_object_set_data (G_OBJECT (mark), KIND, GUINT_TO_POINTER (kind));
  g_signal_connect (mark, "draw", G_CALLBACK (on_mark_draw_cb), NULL);
  return mark;
}
