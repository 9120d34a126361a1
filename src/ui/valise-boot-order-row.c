/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "ui/valise-boot-order.h"
#include "ui/valise-special-rows.h"

/* Of the handle and what is between it and its neighbour, for the lines that have none. */
#define HANDLE_WIDTH 24

VALISE_DEFINE_SPECIAL_ROW (ValiseBootOrderRow, valise_boot_order_row, GtkListBox *list; GPtrArray * entries;
                           char *focus_device;
                           const char *focus_part;)

static const GtkTargetEntry targets[] = { { (char *) "VALISE_BOOT_ENTRY", GTK_TARGET_SAME_APP, 0 } };

static void
write_entries (ValiseBootOrderRow *self)
{
  ValiseSettingsRow *row = &self->parent_instance;
  g_autoptr (GPtrArray) entries = g_ptr_array_ref (self->entries);
  g_autoptr (GError) error = NULL;

  valise_boot_order_write (valise_settings_row_get_session (row), entries, &error);
  valise_settings_row_set_problem (row, error != NULL ? error->message : NULL);
}

static guint
index_of (GtkWidget *widget)
{
  GtkWidget *row = gtk_widget_get_ancestor (widget, GTK_TYPE_LIST_BOX_ROW);
  return (guint) gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row));
}

static ValiseBootOrderRow *
owner_of (GtkWidget *widget)
{
  return (ValiseBootOrderRow *) gtk_widget_get_ancestor (widget, valise_boot_order_row_get_type ());
}

/* The list is made anew after each edit; the focus goes on to the same button of the same device. */
static void
keep_focus (ValiseBootOrderRow *self, guint index, const char *part)
{
  const ValiseBootEntry *entry = g_ptr_array_index (self->entries, index);

  g_free (self->focus_device);
  self->focus_device = g_strdup (entry->device);
  self->focus_part = part;
}

static void
move_entry (ValiseBootOrderRow *self, guint from, guint to)
{
  gpointer entry;

  if (from == to || from >= self->entries->len || to >= self->entries->len)
    return;
  entry = g_ptr_array_steal_index (self->entries, from);
  g_ptr_array_insert (self->entries, (int) to, entry);
  write_entries (self);
}

static void
on_up_clicked_cb (GtkWidget *button)
{
  ValiseBootOrderRow *self = owner_of (button);
  guint index = index_of (button);

  keep_focus (self, index, "up");
  move_entry (self, index, index - 1);
}

static void
on_down_clicked_cb (GtkWidget *button)
{
  ValiseBootOrderRow *self = owner_of (button);
  guint index = index_of (button);

  keep_focus (self, index, "down");
  move_entry (self, index, index + 1);
}

static void
on_ticked_cb (GtkToggleButton *button)
{
  ValiseBootOrderRow *self = owner_of (GTK_WIDGET (button));
  guint index = index_of (GTK_WIDGET (button));
  ValiseBootEntry *entry = g_ptr_array_index (self->entries, index);

  keep_focus (self, index, "tick");
  entry->on = gtk_toggle_button_get_active (button);
  write_entries (self);
}

static void
on_drag_data_get_cb (GtkWidget *row, GdkDragContext *context, GtkSelectionData *data, guint info, guint time)
{
  guint index = index_of (row);

  gtk_selection_data_set (data, gdk_atom_intern_static_string ("VALISE_BOOT_ENTRY"), 32, (const guchar *) &index,
                          sizeof index);
}

static void
on_drag_data_received_cb (GtkWidget *row,
                          GdkDragContext *context,
                          int x,
                          int y,
                          GtkSelectionData *data,
                          guint info,
                          guint time)
{
  GtkWidget *source = gtk_drag_get_source_widget (context);
  guint from;

  /* The list of another machine's window means other devices by its numbers. */
  if (source == NULL || owner_of (source) != owner_of (row)
      || gtk_selection_data_get_length (data) != (int) sizeof from)
    return;
  from = *(const guint *) (const void *) gtk_selection_data_get_data (data);
  if (from >= owner_of (row)->entries->len)
    return;
  keep_focus (owner_of (row), from, "row");
  move_entry (owner_of (row), from, index_of (row));
}

static GtkWidget *
add_button (GtkBox *box, const char *icon, const char *words, const char *title, gboolean can, GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon, GTK_ICON_SIZE_BUTTON);
  g_autofree char *name = g_strdup_printf ("%s: %s", title, words);

  gtk_style_context_add_class (gtk_widget_get_style_context (button), GTK_STYLE_CLASS_FLAT);
  gtk_widget_set_tooltip_text (button, words);
  gtk_widget_set_sensitive (button, can);
  atk_object_set_name (gtk_widget_get_accessible (button), name);
  g_signal_connect (button, "clicked", callback, NULL);
  gtk_box_pack_start (box, button, FALSE, FALSE, 0);
  return button;
}

static GtkWidget *
make_words (const ValiseBootEntry *entry)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *title = gtk_label_new (entry->title);
  GtkWidget *subtitle = gtk_label_new (entry->subtitle);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (subtitle), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_label_set_ellipsize (GTK_LABEL (subtitle), PANGO_ELLIPSIZE_MIDDLE);
  gtk_style_context_add_class (gtk_widget_get_style_context (subtitle), GTK_STYLE_CLASS_DIM_LABEL);
  gtk_style_context_add_class (gtk_widget_get_style_context (subtitle), "valise-caption");
  gtk_container_add (GTK_CONTAINER (box), title);
  gtk_container_add (GTK_CONTAINER (box), subtitle);
  return box;
}

static GtkWidget *
make_tick (const ValiseBootEntry *entry)
{
  GtkWidget *tick = gtk_check_button_new ();
  g_autofree char *name = g_strdup_printf (_ ("Boot from %s"), entry->title);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (tick), entry->on);
  atk_object_set_name (gtk_widget_get_accessible (tick), name);
  gtk_widget_set_tooltip_text (tick, name);
  g_signal_connect (tick, "toggled", G_CALLBACK (on_ticked_cb), NULL);
  return tick;
}

static gboolean
is_movable (ValiseBootOrderRow *self, guint index)
{
  const ValiseBootEntry *entry = index < self->entries->len ? g_ptr_array_index (self->entries, index) : NULL;
  return entry != NULL && entry->on && !g_str_equal (entry->device, "os/kernel");
}

/* Alt with an arrow moves the line that has the focus, wherever in it the focus is. */
static gboolean
on_key_cb (GtkWidget *row, GdkEventKey *event)
{
  ValiseBootOrderRow *self = owner_of (row);
  guint index = index_of (row);
  gboolean up = event->keyval == GDK_KEY_Up, down = event->keyval == GDK_KEY_Down;
  guint to = up ? index - 1 : index + 1;

  if ((event->state & gtk_accelerator_get_default_mod_mask ()) != GDK_MOD1_MASK || (!up && !down))
    return GDK_EVENT_PROPAGATE;
  if (is_movable (self, index) && is_movable (self, to))
    {
      keep_focus (self, index, "row");
      move_entry (self, index, to);
    }
  return GDK_EVENT_STOP;
}

/* What is dragged is the handle: the list itself takes presses on its lines. */
static GtkWidget *
make_handle (const ValiseBootEntry *entry)
{
  GtkWidget *handle = gtk_event_box_new ();

  gtk_container_add (GTK_CONTAINER (handle),
                     gtk_image_new_from_icon_name ("list-drag-handle-symbolic", GTK_ICON_SIZE_BUTTON));
  gtk_widget_set_tooltip_text (handle, _ ("Drag to another place, or press Alt with an arrow key"));
  gtk_drag_source_set (handle, GDK_BUTTON1_MASK, targets, G_N_ELEMENTS (targets), GDK_ACTION_MOVE);
  gtk_drag_source_set_icon_name (handle, entry->icon);
  g_signal_connect (handle, "drag-data-get", G_CALLBACK (on_drag_data_get_cb), NULL);
  return handle;
}

static void
make_movable (GtkWidget *row, GtkBox *box, const ValiseBootEntry *entry)
{
  GtkWidget *handle = make_handle (entry);

  gtk_box_pack_start (box, handle, FALSE, FALSE, 0);
  gtk_box_reorder_child (box, handle, 0);
  gtk_drag_dest_set (row, GTK_DEST_DEFAULT_ALL, targets, G_N_ELEMENTS (targets), GDK_ACTION_MOVE);
  g_signal_connect (row, "drag-data-received", G_CALLBACK (on_drag_data_received_cb), NULL);
  g_signal_connect (row, "key-press-event", G_CALLBACK (on_key_cb), NULL);
}

static void
add_entry (ValiseBootOrderRow *self, guint index, guint number)
{
  const ValiseBootEntry *entry = g_ptr_array_index (self->entries, index);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkBox *box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8));
  g_autofree char *place = number > 0 ? g_strdup_printf ("%u.", number) : NULL;
  GtkWidget *label = gtk_label_new (place);
  GtkWidget *tick = make_tick (entry), *up, *down;

  atk_object_set_name (gtk_widget_get_accessible (row), entry->title);
  gtk_label_set_width_chars (GTK_LABEL (label), 3);
  gtk_box_pack_start (box, tick, FALSE, FALSE, 0);
  gtk_box_pack_start (box, label, FALSE, FALSE, 0);
  gtk_box_pack_start (box, gtk_image_new_from_icon_name (entry->icon, GTK_ICON_SIZE_BUTTON), FALSE, FALSE, 0);
  gtk_box_pack_start (box, make_words (entry), TRUE, TRUE, 0);
  up =
      add_button (box, "go-up-symbolic", _ ("Try earlier"), entry->title,
                  is_movable (self, index) && index > 0 && is_movable (self, index - 1), G_CALLBACK (on_up_clicked_cb));
  down = add_button (box, "go-down-symbolic", _ ("Try later"), entry->title,
                     is_movable (self, index) && is_movable (self, index + 1), G_CALLBACK (on_down_clicked_cb));
  g_object_set (box, "margin", 4, NULL);
  gtk_container_add (GTK_CONTAINER (row), GTK_WIDGET (box));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), FALSE);
  if (is_movable (self, index))
    make_movable (row, box, entry);
  else
    gtk_widget_set_margin_start (tick, HANDLE_WIDTH);
  gtk_container_add (GTK_CONTAINER (self->list), row);
  gtk_widget_show_all (row);
  if (g_strcmp0 (entry->device, self->focus_device) == 0)
    {
      GtkWidget *focus = g_strcmp0 (self->focus_part, "up") == 0     ? up
                         : g_strcmp0 (self->focus_part, "down") == 0 ? down
                         : g_strcmp0 (self->focus_part, "row") == 0  ? row
                                                                     : tick;
      gtk_widget_grab_focus (gtk_widget_get_sensitive (focus) ? focus : tick);
      g_clear_pointer (&self->focus_device, g_free);
    }
}

static void
destroy_row (GtkWidget *row, gpointer user_data)
{
  gtk_widget_destroy (row);
}

static void
rebuild (ValiseBootOrderRow *self)
{
  guint number = 0;

  gtk_container_foreach (GTK_CONTAINER (self->list), destroy_row, NULL);
  for (guint i = 0; i < self->entries->len; i++)
    {
      const ValiseBootEntry *entry = g_ptr_array_index (self->entries, i);
      add_entry (self, i, entry->on ? ++number : 0);
    }
  valise_settings_row_set_help (&self->parent_instance,
                                number > 0 ? _ ("What is ticked is tried from top to bottom")
                                           : _ ("Nothing is ticked: the firmware decides what to try"));
}

static gboolean
same_entries (GPtrArray *one, GPtrArray *other)
{
  if (one == NULL || one->len != other->len)
    return FALSE;
  for (guint i = 0; i < one->len; i++)
    {
      const ValiseBootEntry *a = g_ptr_array_index (one, i), *b = g_ptr_array_index (other, i);
      if (a->on != b->on || g_strcmp0 (a->device, b->device) != 0 || g_strcmp0 (a->title, b->title) != 0
          || g_strcmp0 (a->subtitle, b->subtitle) != 0)
        return FALSE;
    }
  return TRUE;
}

static void
valise_boot_order_row_bound (ValiseSettingsRow *row)
{
  ValiseBootOrderRow *self = (ValiseBootOrderRow *) row;

  if (self->list != NULL)
    return;
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self->list)), "content");
  gtk_widget_set_margin_end (GTK_WIDGET (self->list), 6);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->list)), _ ("Boot order"));
  valise_settings_row_add_wide (row, GTK_WIDGET (self->list));
}

static void
valise_boot_order_row_refresh (ValiseSettingsRow *row)
{
  ValiseBootOrderRow *self = (ValiseBootOrderRow *) row;
  g_autoptr (GPtrArray) entries = valise_boot_order_read (valise_settings_row_get_session (row));
  gboolean shown = gtk_list_box_get_row_at_index (self->list, 0) != NULL && self->focus_device == NULL;

  if (shown && same_entries (self->entries, entries))
    return;
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  self->entries = g_steal_pointer (&entries);
  rebuild (self);
}

static void
valise_boot_order_row_reset (ValiseSettingsRow *row)
{
  ValiseBootOrderRow *self = (ValiseBootOrderRow *) row;

  for (guint i = 0; i < self->entries->len; i++)
    {
      ValiseBootEntry *entry = g_ptr_array_index (self->entries, i);
      entry->on = g_str_equal (entry->device, "os/kernel");
    }
  write_entries (self);
}

static void
valise_boot_order_row_finalize (GObject *object)
{
  ValiseBootOrderRow *self = (ValiseBootOrderRow *) object;

  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_free (self->focus_device);
  G_OBJECT_CLASS (valise_boot_order_row_parent_class)->finalize (object);
}

static void
valise_boot_order_row_class_init (ValiseBootOrderRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = valise_boot_order_row_finalize;
  row_class->bound = valise_boot_order_row_bound;
  row_class->refresh = valise_boot_order_row_refresh;
  row_class->reset = valise_boot_order_row_reset;
}
