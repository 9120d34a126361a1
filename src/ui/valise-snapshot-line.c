/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-snapshot-line.h"

#include <glib/gi18n-lib.h>

#define HEIGHT 18
#define STEP 26.0
#define DOTS_MOST 7
#define MARGIN 8.0

struct _ValiseSnapshotLine
{
  GtkDrawingArea parent_instance;

  guint dots; /* before the present */
  gboolean has_more;
};

G_DEFINE_FINAL_TYPE (ValiseSnapshotLine, valise_snapshot_line, GTK_TYPE_DRAWING_AREA)

/* How many snapshots the present came through. */
static guint
count_way (GPtrArray *snapshots)
{
  const ValiseSnapshot *at = valise_snapshots_find_current (snapshots);
  guint count = 0;

  while (at != NULL && count < snapshots->len)
    {
      count++;
      at = at->parent != NULL ? valise_snapshots_find (snapshots, at->parent, NULL) : NULL;
    }
  return count;
}

static void
draw_dot (cairo_t *cr, double x, double radius)
{
  cairo_arc (cr, x, HEIGHT / 2.0, radius, 0, 2 * G_PI);
  cairo_fill (cr);
}

static gboolean
valise_snapshot_line_draw (GtkWidget *widget, cairo_t *cr)
{
  static const double dashes[] = { 2, 3 };
  ValiseSnapshotLine *self = VALISE_SNAPSHOT_LINE (widget);
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  double first = MARGIN + (self->has_more ? STEP / 2 : 0), last = first + STEP * self->dots;
  GdkRGBA color, accent = { 0.2, 0.5, 0.9, 1 };

  gtk_style_context_get_color (context, gtk_style_context_get_state (context), &color);
  gtk_style_context_lookup_color (context, "theme_selected_bg_color", &accent);
  color.alpha *= 0.55;
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, 2);
  cairo_move_to (cr, first, HEIGHT / 2.0);
  cairo_line_to (cr, last, HEIGHT / 2.0);
  cairo_stroke (cr);
  for (guint i = 0; i < self->dots; i++)
    draw_dot (cr, first + STEP * i, 4.5);
  if (self->has_more)
    {
      cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
      cairo_move_to (cr, 0, HEIGHT / 2.0);
      cairo_line_to (cr, first, HEIGHT / 2.0);
      cairo_stroke (cr);
    }
  gdk_cairo_set_source_rgba (cr, &accent);
  draw_dot (cr, last, 6);
  return GDK_EVENT_PROPAGATE;
}

static void
valise_snapshot_line_class_init (ValiseSnapshotLineClass *class)
{
  GTK_WIDGET_CLASS (class)->draw = valise_snapshot_line_draw;
}

static void
valise_snapshot_line_init (ValiseSnapshotLine *self)
{
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_START);
}

GtkWidget *
valise_snapshot_line_new (GPtrArray *snapshots)
{
  ValiseSnapshotLine *self = g_object_new (VALISE_TYPE_SNAPSHOT_LINE, "visible", TRUE, NULL);
  guint count = count_way (snapshots);
  g_autofree char *words = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "The present was made after %u snapshot",
                                                         "The present was made after %u snapshots", count),
                                            count);

  self->dots = MIN (count, DOTS_MOST);
  self->has_more = count > DOTS_MOST;
  gtk_widget_set_size_request (GTK_WIDGET (self),
                               (int) (STEP * self->dots + 2 * MARGIN + (self->has_more ? STEP / 2 : 0)), HEIGHT);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), words);
  return GTK_WIDGET (self);
}
