/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-machine-cell.h"

#include <glib/gi18n-lib.h>

#include "base/valise-size.h"
#include "ui/valise-thumbnails.h"

#define GAP 10
#define MARGIN 6
#define ARROW 12
#define DOT 5.0

struct _ValiseMachineCell
{
  GtkCellRendererText parent_instance;

  const ValiseMachineRow *row;
  gboolean topmost;
  PangoLayout *title;
  PangoLayout *detail;
};

G_DEFINE_FINAL_TYPE (ValiseMachineCell, valise_machine_cell, GTK_TYPE_CELL_RENDERER_TEXT)

/* --- words --- */

static char *
describe_day (gint64 unix_time)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (unix_time);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  if (time == NULL)
    return g_strdup ("");
  if (g_date_time_get_year (time) == g_date_time_get_year (now)
      && g_date_time_get_day_of_year (time) == g_date_time_get_day_of_year (now))
    return g_date_time_format (time, "%R");
  /* Translators: a day of this year, as in 3 May; see strftime. */
  if (g_date_time_get_year (time) == g_date_time_get_year (now))
    return g_date_time_format (time, _ ("%-d %B"));
  return g_date_time_format (time, "%x");
}

char *
valise_machine_cell_describe_state (const ValiseLibraryEntry *entry)
{
  ValiseMachineState state = valise_library_entry_get_state (entry);

  if (state == VALISE_MACHINE_UNREAD)
    return g_strdup ("");
  /* One is always off. */
  if (state == VALISE_MACHINE_OFF && entry->is_template)
    return g_strdup (_ ("Template"));
  if (state == VALISE_MACHINE_SUSPENDED && entry->suspended_at > 0)
    {
      g_autofree char *day = describe_day (entry->suspended_at);

      /* Translators: %s is a day or a time of today. */
      return g_strdup_printf (_ ("Suspended, %s"), day);
    }
  return g_strdup (valise_machine_state_to_label (state));
}

/* "2 CPU · 4 GiB", of a linked clone "Linked · 2 CPU · 4 GiB"; %NULL before they are known. */
static char *
describe_hardware (const ValiseLibraryEntry *entry)
{
  g_autofree char *memory = NULL;
  g_autofree char *cpus = NULL;

  if (entry->cpus == 0)
    return NULL;
  memory = valise_size_format (entry->memory);
  cpus = g_strdup_printf (ngettext ("%u CPU", "%u CPUs", entry->cpus), (guint) entry->cpus);
  if (entry->is_linked)
    /* Translators: a clone that shares disk images with another machine. */
    return g_strdup_printf ("%s · %s · %s", C_ ("machine", "Linked"), cpus, memory);
  return g_strdup_printf ("%s · %s", cpus, memory);
}

static const char *
describe_group (const ValiseGroup *group)
{
  switch (group->kind)
    {
    case VALISE_GROUP_RUNNING:
      return _ ("Running");
    case VALISE_GROUP_REST:
      return _ ("Other machines");
    case VALISE_GROUP_NAMED:
    default:
      return group->name;
    }
}

static char *
describe_detail (const ValiseLibraryEntry *entry)
{
  g_autofree char *state = valise_machine_cell_describe_state (entry);
  g_autofree char *hardware = describe_hardware (entry);

  if (hardware == NULL || entry->error != NULL)
    return g_steal_pointer (&state);
  /* In the group "Running" the hardware says more than the word once again. */
  if (valise_library_entry_get_state (entry) == VALISE_MACHINE_RUNNING)
    return g_steal_pointer (&hardware);
  return g_strdup_printf ("%s · %s", state, hardware);
}

/* What a screen reader says. */
static char *
describe_line (const ValiseMachineRow *row)
{
  g_autofree char *state = NULL;
  g_autofree char *hardware = NULL;

  if (row->entry == NULL)
    return g_strdup (describe_group (row->group));
  state = valise_machine_cell_describe_state (row->entry);
  hardware = describe_hardware (row->entry);
  if (row->entry->error != NULL)
    return g_strjoin (", ", row->entry->name, state, row->entry->error, NULL);
  return g_strjoin (", ", row->entry->name, *state != '\0' ? state : hardware, *state != '\0' ? hardware : NULL, NULL);
}

/* --- painting --- */

static void
ensure_layouts (ValiseMachineCell *self, GtkWidget *widget)
{
  g_autoptr (PangoAttrList) small = NULL;

  if (self->title != NULL && pango_layout_get_context (self->title) == gtk_widget_get_pango_context (widget))
    return;
  g_clear_object (&self->title);
  g_clear_object (&self->detail);
  self->title = gtk_widget_create_pango_layout (widget, NULL);
  self->detail = gtk_widget_create_pango_layout (widget, NULL);
  pango_layout_set_ellipsize (self->title, PANGO_ELLIPSIZE_END);
  pango_layout_set_ellipsize (self->detail, PANGO_ELLIPSIZE_END);
  small = pango_attr_list_new ();
  pango_attr_list_insert (small, pango_attr_scale_new (0.9));
  pango_layout_set_attributes (self->detail, small);
}

static void
paint_text (GtkStyleContext *context, cairo_t *cr, PangoLayout *layout, const char *text, GdkRectangle *box, double y)
{
  pango_layout_set_text (layout, text, -1);
  pango_layout_set_width (layout, MAX (box->width, 1) * PANGO_SCALE);
  gtk_render_layout (context, cr, box->x, y, layout);
}

static int
layout_height (PangoLayout *layout)
{
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

static void
rounded_rectangle (cairo_t *cr, double x, double y, double width, double height, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

/* A little screen of its own where the machine has not shown one yet. */
static void
paint_frame (cairo_t *cr, double x, double y, gboolean broken)
{
  rounded_rectangle (cr, x, y, VALISE_THUMBNAIL_WIDTH, VALISE_THUMBNAIL_HEIGHT, 4);
  cairo_set_source_rgb (cr, 0.16, 0.17, 0.19);
  cairo_fill_preserve (cr);
  cairo_set_source_rgba (cr, 0.5, 0.5, 0.5, 0.5);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  if (!broken)
    return;
  cairo_set_source_rgb (cr, 0.96, 0.76, 0.07);
  cairo_move_to (cr, x + VALISE_THUMBNAIL_WIDTH / 2.0, y + 9);
  cairo_rel_line_to (cr, 11, 19);
  cairo_rel_line_to (cr, -22, 0);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0.16, 0.17, 0.19);
  cairo_rectangle (cr, x + VALISE_THUMBNAIL_WIDTH / 2.0 - 1, y + 16, 2, 6);
  cairo_rectangle (cr, x + VALISE_THUMBNAIL_WIDTH / 2.0 - 1, y + 24, 2, 2);
  cairo_fill (cr);
}

static void
paint_surface (cairo_t *cr, cairo_surface_t *surface, double x, double y)
{
  double scale_x = 1, scale_y = 1, width, height;

  cairo_surface_get_device_scale (surface, &scale_x, &scale_y);
  width = cairo_image_surface_get_width (surface) / scale_x;
  height = cairo_image_surface_get_height (surface) / scale_y;
  cairo_save (cr);
  rounded_rectangle (cr, x, y, VALISE_THUMBNAIL_WIDTH, VALISE_THUMBNAIL_HEIGHT, 4);
  cairo_clip (cr);
  cairo_set_source_surface (cr, surface, x + (VALISE_THUMBNAIL_WIDTH - width) / 2,
                            y + (VALISE_THUMBNAIL_HEIGHT - height) / 2);
  cairo_paint (cr);
  cairo_restore (cr);
}

static void
paint_dot (cairo_t *cr, double x, double y, ValiseMachineState state)
{
  if (state == VALISE_MACHINE_PAUSED)
    cairo_set_source_rgb (cr, 0.96, 0.76, 0.07);
  else
    cairo_set_source_rgb (cr, 0.2, 0.82, 0.48);
  cairo_arc (cr, x, y, DOT, 0, 2 * G_PI);
  cairo_fill_preserve (cr);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.45);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static void
paint_picture (const ValiseLibraryEntry *entry, GtkWidget *widget, cairo_t *cr, double x, double y)
{
  ValiseMachineState state = valise_library_entry_get_state (entry);
  cairo_surface_t *surface = NULL;

  if (state != VALISE_MACHINE_BROKEN)
    surface =
        valise_thumbnails_lookup (valise_thumbnails_get_default (), entry->path, gtk_widget_get_scale_factor (widget));
  paint_frame (cr, x, y, state == VALISE_MACHINE_BROKEN);
  if (surface != NULL)
    paint_surface (cr, surface, x, y);
  if (state >= VALISE_MACHINE_STARTING)
    paint_dot (cr, x + VALISE_THUMBNAIL_WIDTH - 3, y + VALISE_THUMBNAIL_HEIGHT - 3, state);
}

static void
paint_machine (ValiseMachineCell *self, GtkWidget *widget, cairo_t *cr, const GdkRectangle *area)
{
  const ValiseLibraryEntry *entry = self->row->entry;
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  g_autofree char *detail = describe_detail (entry);
  int picture_x = rtl ? area->x + area->width - MARGIN - VALISE_THUMBNAIL_WIDTH : area->x + MARGIN;
  GdkRectangle box = { rtl ? area->x + MARGIN : picture_x + VALISE_THUMBNAIL_WIDTH + GAP, area->y,
                       area->width - VALISE_THUMBNAIL_WIDTH - GAP - 2 * MARGIN, area->height };
  int title_height, detail_height;
  double y;

  paint_picture (entry, widget, cr, picture_x, area->y + (area->height - VALISE_THUMBNAIL_HEIGHT) / 2);
  pango_layout_set_text (self->title, entry->name, -1);
  pango_layout_set_text (self->detail, *detail != '\0' ? detail : " ", -1);
  title_height = layout_height (self->title);
  detail_height = layout_height (self->detail);
  y = area->y + (area->height - title_height - detail_height - 1) / 2;
  paint_text (context, cr, self->title, entry->name, &box, y);
  gtk_style_context_save (context);
  gtk_style_context_add_class (context, GTK_STYLE_CLASS_DIM_LABEL);
  cairo_push_group (cr);
  paint_text (context, cr, self->detail, detail, &box, y + title_height + 1);
  cairo_pop_group_to_source (cr);
  cairo_paint_with_alpha (cr, 0.65);
  gtk_style_context_restore (context);
}

static void
paint_arrow (GtkStyleContext *context, cairo_t *cr, double x, double y, gboolean collapsed, gboolean rtl)
{
  double angle = !collapsed ? G_PI : rtl ? 3 * G_PI_2 : G_PI_2;

  cairo_push_group (cr);
  gtk_render_arrow (context, cr, angle, x, y, ARROW);
  cairo_pop_group_to_source (cr);
  cairo_paint_with_alpha (cr, 0.55);
}

static void
paint_heading (ValiseMachineCell *self, GtkWidget *widget, cairo_t *cr, const GdkRectangle *area)
{
  const ValiseGroup *group = self->row->group;
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  g_autofree char *text = g_strdup_printf ("%s  %u", describe_group (group), group->count);
  g_autoptr (PangoAttrList) bold = pango_attr_list_new ();
  GdkRectangle box = { area->x + (rtl ? MARGIN : MARGIN + ARROW + 4), area->y, area->width - ARROW - 4 - 2 * MARGIN,
                       area->height };
  double y;

  pango_attr_list_insert (bold, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_layout_set_attributes (self->title, bold);
  pango_layout_set_text (self->title, text, -1);
  /* Nearer to what it heads than to what is above; where that is nothing, it need not stay away from it. */
  y = area->y + area->height - layout_height (self->title);
  y -= self->topmost ? (area->height - layout_height (self->title)) / 2 : 7;
  paint_arrow (context, cr, rtl ? area->x + area->width - MARGIN - ARROW : area->x + MARGIN,
               y + (layout_height (self->title) - ARROW) / 2.0, group->collapsed, rtl);
  paint_text (context, cr, self->title, text, &box, y);
  pango_layout_set_attributes (self->title, NULL);
}

/* --- overrides --- */

static void
valise_machine_cell_render (GtkCellRenderer *cell,
                            cairo_t *cr,
                            GtkWidget *widget,
                            const GdkRectangle *background_area,
                            const GdkRectangle *cell_area,
                            GtkCellRendererState flags)
{
  ValiseMachineCell *self = VALISE_MACHINE_CELL (cell);

  if (self->row == NULL)
    return;
  ensure_layouts (self, widget);
  if (self->row->entry != NULL)
    paint_machine (self, widget, cr, cell_area);
  else
    paint_heading (self, widget, cr, cell_area);
}

static void
valise_machine_cell_get_preferred_height (GtkCellRenderer *cell, GtkWidget *widget, int *minimum, int *natural)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, "Ag");

  *minimum = *natural = MAX (VALISE_MACHINE_CELL_HEIGHT, 2 * layout_height (layout) + 10);
}

static void
valise_machine_cell_get_preferred_height_for_width (GtkCellRenderer *cell,
                                                    GtkWidget *widget,
                                                    int width,
                                                    int *minimum,
                                                    int *natural)
{
  valise_machine_cell_get_preferred_height (cell, widget, minimum, natural);
}

static void
valise_machine_cell_get_preferred_width (GtkCellRenderer *cell, GtkWidget *widget, int *minimum, int *natural)
{
  *minimum = VALISE_THUMBNAIL_WIDTH + 2 * MARGIN + GAP + 60;
  *natural = *minimum + 120;
}

static GtkSizeRequestMode
valise_machine_cell_get_request_mode (GtkCellRenderer *cell)
{
  return GTK_SIZE_REQUEST_CONSTANT_SIZE;
}

static void
valise_machine_cell_finalize (GObject *object)
{
  ValiseMachineCell *self = VALISE_MACHINE_CELL (object);

  g_clear_object (&self->title);
  g_clear_object (&self->detail);
  G_OBJECT_CLASS (valise_machine_cell_parent_class)->finalize (object);
}

static void
valise_machine_cell_class_init (ValiseMachineCellClass *class)
{
  GtkCellRendererClass *cell_class = GTK_CELL_RENDERER_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = valise_machine_cell_finalize;
  cell_class->render = valise_machine_cell_render;
  cell_class->get_preferred_height = valise_machine_cell_get_preferred_height;
  cell_class->get_preferred_height_for_width = valise_machine_cell_get_preferred_height_for_width;
  cell_class->get_preferred_width = valise_machine_cell_get_preferred_width;
  cell_class->get_request_mode = valise_machine_cell_get_request_mode;
}

static void
valise_machine_cell_init (ValiseMachineCell *self)
{
}

/* --- public --- */

GtkCellRenderer *
valise_machine_cell_new (void)
{
  return g_object_new (VALISE_TYPE_MACHINE_CELL, NULL);
}

char *
valise_machine_cell_describe_tooltip (const ValiseLibraryEntry *entry)
{
  g_autofree char *path = g_filename_display_name (entry->path);
  const char *kind = entry->is_template ? _ ("A template: new machines are made from it, and it is not started.")
                     : entry->is_linked ? _ ("Linked: what it has in common with another machine is stored once.")
                                        : NULL;

  return kind != NULL ? g_strdup_printf ("%s\n%s", kind, path) : g_steal_pointer (&path);
}

void
valise_machine_cell_set_row (ValiseMachineCell *self, const ValiseMachineRow *row, gboolean topmost)
{
  g_autofree char *line = describe_line (row);

  self->row = row;
  self->topmost = topmost;
  g_object_set (self, "text", line, NULL);
}
