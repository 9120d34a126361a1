/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-machine-list.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-job-row.h"
#include "ui/valise-machine-cell.h"
#include "ui/valise-style.h"
#include "ui/valise-thumbnails.h"

struct _ValiseMachineList
{
  GtkBox parent_instance;

  GtkSearchEntry *search;
  GtkListBox *jobs;
  GtkStack *stack;
  GtkTreeView *view;
  GtkTreeSelection *selection;

  ValiseLibrary *library;
  ValiseMachineTree *tree;
  GMenuModel *menu;
  GHashTable *selected;      /* entries; compared only */
  GtkTreePath *pressed_path; /* on a line of a larger selection: the press decides nothing yet */
  gboolean rebuilding;
  int place; /* of the first selected line while the lines change, or -1 */
  gboolean dragging;
};

enum
{
  SELECTION_CHANGED,
  ACTIVATED,
  PICKED,
  DROPPED_ON_GROUP,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static const GtkTargetEntry drag_targets[] = {
  { (char *) "application/x-valise-machines", GTK_TARGET_SAME_APP, 0 },
};

G_DEFINE_FINAL_TYPE (ValiseMachineList, valise_machine_list, GTK_TYPE_BOX)

/* --- lines --- */

static const ValiseMachineRow *
row_of_path (ValiseMachineList *self, GtkTreePath *path)
{
  return path != NULL && self->tree != NULL
             ? valise_machine_tree_get_row_at (self->tree, (guint) gtk_tree_path_get_indices (path)[0])
             : NULL;
}

static void
set_cell_data (GtkTreeViewColumn *column, GtkCellRenderer *cell, GtkTreeModel *model, GtkTreeIter *iter, gpointer data)
{
  ValiseMachineList *self = data;
  const ValiseMachineRow *row = valise_machine_tree_get_row (self->tree, iter);

  if (row == NULL)
    return;
  if (row->entry != NULL)
    valise_library_want_facts (self->library, row->entry);
  valise_machine_cell_set_row (VALISE_MACHINE_CELL (cell), row, row == valise_machine_tree_get_row_at (self->tree, 0));
}

static gboolean
may_select (GtkTreeSelection *selection, GtkTreeModel *model, GtkTreePath *path, gboolean selected, gpointer data)
{
  ValiseMachineList *self = data;
  const ValiseMachineRow *row = row_of_path (self, path);

  return self->pressed_path == NULL && row != NULL && row->entry != NULL;
}

static void
update_stack (ValiseMachineList *self)
{
  gboolean nothing =
      valise_machine_tree_get_n_rows (self->tree) == 0 && gtk_entry_get_text_length (GTK_ENTRY (self->search)) > 0;

  gtk_stack_set_visible_child_name (self->stack, nothing ? "nothing" : "list");
}

static void
collect_selected (GtkTreeModel *model, GtkTreePath *path, GtkTreeIter *iter, gpointer data)
{
  ValiseMachineList *self = data;
  const ValiseMachineRow *row = valise_machine_tree_get_row (self->tree, iter);

  g_hash_table_add (self->selected, (gpointer) row->entry);
}

/* --- the model's changes --- */

static void
note_place (GtkTreeModel *model, GtkTreePath *path, GtkTreeIter *iter, gpointer data)
{
  ValiseMachineList *self = data;

  if (self->place < 0)
    self->place = gtk_tree_path_get_indices (path)[0];
}

static void
on_rebuilding_cb (ValiseMachineList *self)
{
  self->place = -1;
  gtk_tree_selection_selected_foreach (self->selection, note_place, self);
  self->rebuilding = TRUE;
}

static void
on_reset_begin_cb (ValiseMachineList *self)
{
  gtk_tree_view_set_model (self->view, NULL);
}

static void
on_reset_end_cb (ValiseMachineList *self)
{
  gtk_tree_view_set_model (self->view, GTK_TREE_MODEL (self->tree));
}

static void
select_position (ValiseMachineList *self, guint position)
{
  g_autoptr (GtkTreePath) path = gtk_tree_path_new_from_indices ((int) position, -1);

  gtk_tree_view_set_cursor (self->view, path, NULL, FALSE);
  gtk_tree_view_scroll_to_cell (self->view, path, NULL, FALSE, 0, 0);
}

/* Selects the lines that were selected before, where they are now. */
static void
reselect (ValiseMachineList *self, GHashTable *wanted)
{
  guint n = valise_machine_tree_get_n_rows (self->tree);
  gboolean found = FALSE;

  for (guint i = 0; i < n; i++)
    {
      const ValiseMachineRow *row = valise_machine_tree_get_row_at (self->tree, i);
      g_autoptr (GtkTreePath) path = NULL;

      if (row->entry == NULL || !g_hash_table_contains (wanted, row->entry))
        continue;
      path = gtk_tree_path_new_from_indices ((int) i, -1);
      /* The first one takes the cursor along and drops what GTK selected in the place of a line that went away. */
      if (!found)
        gtk_tree_view_set_cursor (self->view, path, NULL, FALSE);
      else
        gtk_tree_selection_select_path (self->selection, path);
      found = TRUE;
    }
}

/* What was selected is no longer there: the nearest machine is. */
static void
select_nearest (ValiseMachineList *self)
{
  int n = (int) valise_machine_tree_get_n_rows (self->tree), nearest = -1;

  for (int i = 0; i < n; i++)
    if (valise_machine_tree_get_row_at (self->tree, (guint) i)->entry != NULL
        && (nearest < 0 || ABS (i - self->place) <= ABS (nearest - self->place)))
      nearest = i;
  if (nearest >= 0)
    select_position (self, (guint) nearest);
}

static void
refresh_pictures (ValiseMachineList *self, void (*take) (ValiseThumbnails *, ValiseMachine *))
{
  g_autoptr (GtkTreePath) first = NULL;
  g_autoptr (GtkTreePath) last = NULL;

  if (!gtk_tree_view_get_visible_range (self->view, &first, &last))
    return;
  for (int i = gtk_tree_path_get_indices (first)[0]; i <= gtk_tree_path_get_indices (last)[0]; i++)
    {
      const ValiseMachineRow *row = valise_machine_tree_get_row_at (self->tree, (guint) i);

      if (row != NULL && row->entry != NULL && row->entry->machine != NULL)
        take (valise_thumbnails_get_default (), row->entry->machine);
    }
}

/* Lines that moved have lost their selection on the way, and GTK has selected a neighbour instead. */
static void
on_rebuilt_cb (ValiseMachineList *self)
{
  update_stack (self);
  if (g_hash_table_size (self->selected) > 0)
    reselect (self, self->selected);
  if (self->place >= 0 && gtk_tree_selection_count_selected_rows (self->selection) == 0)
    select_nearest (self);
  self->rebuilding = FALSE;
  g_hash_table_remove_all (self->selected);
  gtk_tree_selection_selected_foreach (self->selection, collect_selected, self);
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
  if (gtk_widget_get_mapped (GTK_WIDGET (self->view)))
    refresh_pictures (self, valise_thumbnails_take_soon);
}

static void
on_thumbnail_changed_cb (ValiseThumbnails *thumbnails, const char *path, ValiseMachineList *self)
{
  valise_machine_tree_touch (self->tree, path);
}

static void
on_entry_changed_cb (ValiseLibrary *library, const ValiseLibraryEntry *entry, ValiseMachineList *self)
{
  if (entry->machine != NULL && valise_machine_get_state (entry->machine) >= VALISE_MACHINE_RUNNING
      && gtk_widget_get_mapped (GTK_WIDGET (self)))
    valise_thumbnails_take_soon (valise_thumbnails_get_default (), entry->machine);
}

/* While another page covered it nobody asked. */
static void
on_view_map_cb (ValiseMachineList *self)
{
  if (self->tree != NULL)
    refresh_pictures (self, valise_thumbnails_take_soon);
}

static void
on_jobs_changed_cb (ValiseMachineList *self, guint position, guint removed, guint added, GListModel *jobs)
{
  gtk_widget_set_visible (GTK_WIDGET (self->jobs), g_list_model_get_n_items (jobs) > 0);
}

static GtkWidget *
make_job_row (gpointer job, gpointer data)
{
  ValiseMachineList *self = data;

  return valise_job_row_new (self->library, VALISE_JOB (job));
}

/* --- keys and pointer --- */

static void
on_selection_changed_cb (ValiseMachineList *self)
{
  if (self->rebuilding || self->tree == NULL)
    return;
  g_hash_table_remove_all (self->selected);
  gtk_tree_selection_selected_foreach (self->selection, collect_selected, self);
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

static void
activate_row (ValiseMachineList *self, const ValiseMachineRow *row)
{
  if (row == NULL)
    return;
  if (row->entry == NULL)
    valise_machine_tree_fold (self->tree, row->group, !row->group->collapsed);
  else
    g_signal_emit (self, signals[ACTIVATED], 0, valise_library_entry_get_machine (self->library, row->entry));
}

static void
on_row_activated_cb (GtkTreeView *view, GtkTreePath *path, GtkTreeViewColumn *column, ValiseMachineList *self)
{
  activate_row (self, row_of_path (self, path));
}

static void
on_search_changed_cb (ValiseMachineList *self)
{
  if (self->tree == NULL)
    return;
  valise_machine_tree_set_search (self->tree, gtk_entry_get_text (GTK_ENTRY (self->search)));
  update_stack (self);
}

static void
on_stop_search_cb (ValiseMachineList *self)
{
  gtk_entry_set_text (GTK_ENTRY (self->search), "");
  valise_machine_list_focus (self);
}

static void
on_search_activate_cb (ValiseMachineList *self)
{
  on_search_changed_cb (self);
  valise_machine_list_select_first (self);
  valise_machine_list_focus (self);
}

static gboolean
on_search_key_cb (GtkWidget *search, GdkEventKey *event, ValiseMachineList *self)
{
  if (event->keyval != GDK_KEY_Down)
    return GDK_EVENT_PROPAGATE;
  if (gtk_tree_selection_count_selected_rows (self->selection) == 0)
    valise_machine_list_select_first (self);
  valise_machine_list_focus (self);
  return GDK_EVENT_STOP;
}

static gboolean
fold_by_key (ValiseMachineList *self, guint keyval)
{
  g_autoptr (GtkTreePath) path = NULL;
  const ValiseMachineRow *row;

  gtk_tree_view_get_cursor (self->view, &path, NULL);
  row = row_of_path (self, path);
  if (row == NULL || row->entry != NULL)
    return GDK_EVENT_PROPAGATE;
  if (keyval == GDK_KEY_space)
    activate_row (self, row);
  else
    valise_machine_tree_fold (self->tree, row->group, keyval == GDK_KEY_Left);
  return GDK_EVENT_STOP;
}

/* Pictures are taken when somebody is about to look at them. */
static gboolean
on_view_enter_cb (GtkWidget *view, GdkEventCrossing *event, ValiseMachineList *self)
{
  valise_machine_list_refresh_pictures (self);
  return GDK_EVENT_PROPAGATE;
}

/* Only here and not as shortcuts of the window, because a text entry knows these keys as well. */
static gboolean
act_by_key (ValiseMachineList *self, guint keyval)
{
  GActionGroup *actions = gtk_widget_get_action_group (gtk_widget_get_toplevel (GTK_WIDGET (self)), "machine");
  const char *name = keyval == GDK_KEY_F2 ? "rename" : "delete";

  if (actions != NULL && g_action_group_get_action_enabled (actions, name))
    g_action_group_activate_action (actions, name, NULL);
  return GDK_EVENT_STOP;
}

/* Typing on the list searches. */
static gboolean
on_view_key_cb (GtkWidget *view, GdkEventKey *event, ValiseMachineList *self)
{
  gunichar letter = gdk_keyval_to_unicode (event->keyval);

  if (event->keyval == GDK_KEY_F2 || event->keyval == GDK_KEY_Delete || event->keyval == GDK_KEY_KP_Delete)
    return act_by_key (self, event->keyval);
  if (event->keyval == GDK_KEY_Escape && gtk_entry_get_text_length (GTK_ENTRY (self->search)) > 0)
    {
      on_stop_search_cb (self);
      return GDK_EVENT_STOP;
    }
  if (event->keyval == GDK_KEY_Left || event->keyval == GDK_KEY_Right || event->keyval == GDK_KEY_space)
    return fold_by_key (self, event->keyval);
  if ((event->state & (GDK_CONTROL_MASK | GDK_MOD1_MASK | GDK_SUPER_MASK)) != 0 || !g_unichar_isgraph (letter))
    return GDK_EVENT_PROPAGATE;
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
  return gtk_search_entry_handle_event (self->search, (GdkEvent *) event);
}

static void
popup_menu (ValiseMachineList *self, GdkEvent *event)
{
  GtkWidget *menu;

  if (self->menu == NULL || gtk_tree_selection_count_selected_rows (self->selection) == 0)
    return;
  menu = gtk_menu_new_from_model (self->menu);
  gtk_menu_attach_to_widget (GTK_MENU (menu), GTK_WIDGET (self->view), NULL);
  g_signal_connect (menu, "selection-done", G_CALLBACK (gtk_widget_destroy), NULL);
  if (event != NULL)
    gtk_menu_popup_at_pointer (GTK_MENU (menu), event);
  else
    {
      g_autoptr (GtkTreePath) path = NULL;
      GdkRectangle area = { 0, 0, 1, 1 };

      gtk_tree_view_get_cursor (self->view, &path, NULL);
      if (path != NULL)
        gtk_tree_view_get_cell_area (self->view, path, gtk_tree_view_get_column (self->view, 0), &area);
      gtk_menu_popup_at_rect (GTK_MENU (menu), gtk_tree_view_get_bin_window (self->view), &area, GDK_GRAVITY_SOUTH,
                              GDK_GRAVITY_NORTH, NULL);
    }
}

static gboolean
on_view_popup_menu_cb (GtkWidget *view, ValiseMachineList *self)
{
  popup_menu (self, NULL);
  return GDK_EVENT_STOP;
}

static gboolean
press_secondary (ValiseMachineList *self, GdkEventButton *event, GtkTreePath *path)
{
  if (path == NULL)
    return GDK_EVENT_PROPAGATE;
  if (!gtk_tree_selection_path_is_selected (self->selection, path))
    {
      gtk_tree_selection_unselect_all (self->selection);
      gtk_tree_view_set_cursor (self->view, path, NULL, FALSE);
    }
  popup_menu (self, (GdkEvent *) event);
  return GDK_EVENT_STOP;
}

static gboolean
on_view_press_cb (GtkWidget *view, GdkEventButton *event, ValiseMachineList *self)
{
  g_autoptr (GtkTreePath) path = NULL;
  const ValiseMachineRow *row;

  if (event->window != gtk_tree_view_get_bin_window (self->view))
    return GDK_EVENT_PROPAGATE;
  gtk_tree_view_get_path_at_pos (self->view, (int) event->x, (int) event->y, &path, NULL, NULL, NULL);
  if (event->type == GDK_BUTTON_PRESS && gdk_event_triggers_context_menu ((GdkEvent *) event))
    return press_secondary (self, event, path);
  row = row_of_path (self, path);
  if (row != NULL && row->entry == NULL && event->button == GDK_BUTTON_PRIMARY)
    {
      if (event->type == GDK_BUTTON_PRESS)
        activate_row (self, row);
      return GDK_EVENT_STOP;
    }
  /* Dragging several machines starts with a press that must not make them one. */
  if (event->type == GDK_BUTTON_PRESS && path != NULL && (event->state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) == 0
      && gtk_tree_selection_count_selected_rows (self->selection) > 1
      && gtk_tree_selection_path_is_selected (self->selection, path))
    self->pressed_path = g_steal_pointer (&path);
  return GDK_EVENT_PROPAGATE;
}

static gboolean
is_machine_at (ValiseMachineList *self, GdkEventButton *event)
{
  g_autoptr (GtkTreePath) path = NULL;
  const ValiseMachineRow *row;

  if (event->window != gtk_tree_view_get_bin_window (self->view))
    return FALSE;
  gtk_tree_view_get_path_at_pos (self->view, (int) event->x, (int) event->y, &path, NULL, NULL, NULL);
  row = row_of_path (self, path);
  return row != NULL && row->entry != NULL;
}

static gboolean
on_view_release_cb (GtkWidget *view, GdkEventButton *event, ValiseMachineList *self)
{
  g_autoptr (GtkTreePath) path = g_steal_pointer (&self->pressed_path);
  gboolean clicked = !self->dragging && event->button == GDK_BUTTON_PRIMARY
                     && (event->state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) == 0;

  if (path != NULL && !self->dragging)
    gtk_tree_view_set_cursor (self->view, path, NULL, FALSE);
  self->dragging = FALSE;
  if (clicked && is_machine_at (self, event) && gtk_tree_selection_count_selected_rows (self->selection) == 1)
    g_signal_emit (self, signals[PICKED], 0);
  return GDK_EVENT_PROPAGATE;
}

/* Two machines may have the same name, but not the same place. */
static gboolean
on_query_tooltip_cb (GtkWidget *view, int x, int y, gboolean keyboard, GtkTooltip *tooltip, ValiseMachineList *self)
{
  g_autoptr (GtkTreePath) path = NULL;
  const ValiseMachineRow *row = NULL;
  g_autofree char *shown = NULL;

  if (gtk_tree_view_get_tooltip_context (self->view, &x, &y, keyboard, NULL, &path, NULL))
    row = row_of_path (self, path);
  if (row == NULL || row->entry == NULL)
    return FALSE;
  shown = valise_machine_cell_describe_tooltip (row->entry);
  gtk_tooltip_set_text (tooltip, shown);
  gtk_tree_view_set_tooltip_row (self->view, tooltip, path);
  return TRUE;
}

/* --- dragging machines to a group --- */

static void
on_drag_begin_cb (GtkWidget *view, GdkDragContext *context, ValiseMachineList *self)
{
  self->dragging = TRUE;
  g_clear_pointer (&self->pressed_path, gtk_tree_path_free);
  if (gtk_tree_selection_count_selected_rows (self->selection) > 1)
    gtk_drag_set_icon_name (context, "edit-copy-symbolic", 0, 0);
}

static const ValiseMachineRow *
row_at_drop (ValiseMachineList *self, int x, int y, GtkTreePath **path)
{
  GtkTreeViewDropPosition position;

  if (!gtk_tree_view_get_dest_row_at_pos (self->view, x, y, path, &position))
    return NULL;
  return row_of_path (self, *path);
}

static gboolean
is_ours (GtkWidget *view, GdkDragContext *context)
{
  return gtk_drag_get_source_widget (context) == view;
}

/* What comes from elsewhere (a file) is for the window, which takes it anywhere. */
static gboolean
on_drag_motion_cb (GtkWidget *view, GdkDragContext *context, int x, int y, guint time, ValiseMachineList *self)
{
  g_autoptr (GtkTreePath) path = NULL;
  const ValiseMachineRow *row;

  if (!is_ours (view, context))
    return FALSE;
  row = row_at_drop (self, x, y, &path);
  if (row == NULL || row->group == NULL || row->group->kind == VALISE_GROUP_RUNNING)
    {
      gtk_tree_view_set_drag_dest_row (self->view, NULL, GTK_TREE_VIEW_DROP_INTO_OR_AFTER);
      gdk_drag_status (context, 0, time);
      return TRUE;
    }
  gtk_tree_view_set_drag_dest_row (self->view, path, GTK_TREE_VIEW_DROP_INTO_OR_AFTER);
  gdk_drag_status (context, GDK_ACTION_MOVE, time);
  return TRUE;
}

static void
on_drag_leave_cb (GtkWidget *view, GdkDragContext *context, guint time, ValiseMachineList *self)
{
  gtk_tree_view_set_drag_dest_row (self->view, NULL, GTK_TREE_VIEW_DROP_BEFORE);
}

static gboolean
on_drag_drop_cb (GtkWidget *view, GdkDragContext *context, int x, int y, guint time, ValiseMachineList *self)
{
  g_autoptr (GtkTreePath) path = NULL;
  const ValiseMachineRow *row;

  if (!is_ours (view, context))
    return FALSE;
  g_signal_stop_emission_by_name (view, "drag-drop");
  row = row_at_drop (self, x, y, &path);
  gtk_tree_view_set_drag_dest_row (self->view, NULL, GTK_TREE_VIEW_DROP_BEFORE);
  if (row != NULL && row->group != NULL && row->group->kind != VALISE_GROUP_RUNNING)
    g_signal_emit (self, signals[DROPPED_ON_GROUP], 0, row->group->name);
  gtk_drag_finish (context, row != NULL, FALSE, time);
  return TRUE;
}

/* --- overrides --- */

static void
valise_machine_list_dispose (GObject *object)
{
  ValiseMachineList *self = VALISE_MACHINE_LIST (object);

  g_clear_pointer (&self->pressed_path, gtk_tree_path_free);
  g_clear_object (&self->menu);
  if (self->view != NULL)
    gtk_tree_view_set_model (self->view, NULL);
  g_clear_object (&self->tree);
  g_clear_object (&self->library);
  G_OBJECT_CLASS (valise_machine_list_parent_class)->dispose (object);
}

static void
valise_machine_list_finalize (GObject *object)
{
  ValiseMachineList *self = VALISE_MACHINE_LIST (object);

  g_hash_table_unref (self->selected);
  G_OBJECT_CLASS (valise_machine_list_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, VALISE_RESOURCE_PATH "/ui/valise-machine-list.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseMachineList, search);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachineList, jobs);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachineList, stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachineList, view);
  gtk_widget_class_bind_template_child (widget_class, ValiseMachineList, selection);
  gtk_widget_class_bind_template_callback (widget_class, on_drag_begin_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_drag_drop_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_drag_leave_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_drag_motion_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_query_tooltip_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_selection_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_view_enter_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_view_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_view_map_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_view_popup_menu_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_view_press_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_view_release_cb);
}

static void
valise_machine_list_class_init (ValiseMachineListClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = valise_machine_list_dispose;
  object_class->finalize = valise_machine_list_finalize;
  bind_template (GTK_WIDGET_CLASS (class));
  signals[SELECTION_CHANGED] = g_signal_new ("selection-changed", VALISE_TYPE_MACHINE_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                                             NULL, NULL, G_TYPE_NONE, 0);
  signals[ACTIVATED] = g_signal_new ("activated", VALISE_TYPE_MACHINE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, VALISE_TYPE_MACHINE);
  signals[PICKED] =
      g_signal_new ("picked", VALISE_TYPE_MACHINE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[DROPPED_ON_GROUP] = g_signal_new ("dropped-on-group", VALISE_TYPE_MACHINE_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                                            NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
valise_machine_list_init (ValiseMachineList *self)
{
  GtkTreeViewColumn *column = gtk_tree_view_column_new ();
  GtkCellRenderer *cell = valise_machine_cell_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  self->selected = g_hash_table_new (NULL, NULL);
  gtk_tree_view_column_set_sizing (column, GTK_TREE_VIEW_COLUMN_FIXED);
  gtk_tree_view_column_set_expand (column, TRUE);
  gtk_tree_view_column_pack_start (column, cell, TRUE);
  gtk_tree_view_column_set_cell_data_func (column, cell, set_cell_data, self, NULL);
  gtk_tree_view_append_column (self->view, column);
  gtk_tree_view_set_fixed_height_mode (self->view, TRUE);
  gtk_tree_selection_set_select_function (self->selection, may_select, self, NULL);
  gtk_tree_view_enable_model_drag_source (self->view, GDK_BUTTON1_MASK, drag_targets, G_N_ELEMENTS (drag_targets),
                                          GDK_ACTION_MOVE);
  gtk_drag_dest_set (GTK_WIDGET (self->view), 0, drag_targets, G_N_ELEMENTS (drag_targets), GDK_ACTION_MOVE);
}

/* --- public --- */

void
valise_machine_list_set_library (ValiseMachineList *self, ValiseLibrary *library)
{
  GListModel *jobs = valise_library_get_jobs (library);

  g_return_if_fail (self->library == NULL);
  self->library = g_object_ref (library);
  self->tree = valise_machine_tree_new (library);
  g_signal_connect_object (self->tree, "reset-begin", G_CALLBACK (on_reset_begin_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tree, "reset-end", G_CALLBACK (on_reset_end_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tree, "rebuilding", G_CALLBACK (on_rebuilding_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tree, "rebuilt", G_CALLBACK (on_rebuilt_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (library, "entry-changed", G_CALLBACK (on_entry_changed_cb), self, 0);
  g_signal_connect_object (valise_thumbnails_get_default (), "changed", G_CALLBACK (on_thumbnail_changed_cb), self, 0);
  gtk_tree_view_set_model (self->view, GTK_TREE_MODEL (self->tree));
  gtk_list_box_bind_model (self->jobs, jobs, make_job_row, self, NULL);
  g_signal_connect_object (jobs, "items-changed", G_CALLBACK (on_jobs_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
append_machine (GtkTreeModel *model, GtkTreePath *path, GtkTreeIter *iter, gpointer data)
{
  gpointer *both = data;
  ValiseMachineList *self = both[0];
  const ValiseMachineRow *row = valise_machine_tree_get_row (self->tree, iter);

  g_ptr_array_add (both[1], g_object_ref (valise_library_entry_get_machine (self->library, row->entry)));
}

GPtrArray *
valise_machine_list_get_selected (ValiseMachineList *self)
{
  GPtrArray *machines = g_ptr_array_new_with_free_func (g_object_unref);
  gpointer both[] = { self, machines };

  gtk_tree_selection_selected_foreach (self->selection, append_machine, both);
  return machines;
}

guint
valise_machine_list_count_selected (ValiseMachineList *self)
{
  return (guint) gtk_tree_selection_count_selected_rows (self->selection);
}

void
valise_machine_list_select (ValiseMachineList *self, ValiseMachine *machine)
{
  const ValiseLibraryEntry *entry = valise_library_find_entry (self->library, valise_machine_get_path (machine));
  guint position;

  if (entry == NULL)
    return;
  if (!valise_machine_tree_find (self->tree, entry, &position))
    {
      gtk_entry_set_text (GTK_ENTRY (self->search), "");
      valise_machine_tree_set_search (self->tree, NULL);
      valise_machine_tree_reveal (self->tree, entry);
    }
  if (valise_machine_tree_find (self->tree, entry, &position))
    select_position (self, position);
}

void
valise_machine_list_select_first (ValiseMachineList *self)
{
  guint n = valise_machine_tree_get_n_rows (self->tree);

  for (guint i = 0; i < n; i++)
    if (valise_machine_tree_get_row_at (self->tree, i)->entry != NULL)
      {
        select_position (self, i);
        return;
      }
}

void
valise_machine_list_select_all (ValiseMachineList *self)
{
  gtk_tree_selection_select_all (self->selection);
  valise_machine_list_focus (self);
}

void
valise_machine_list_focus (ValiseMachineList *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

void
valise_machine_list_focus_search (ValiseMachineList *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

void
valise_machine_list_set_menu (ValiseMachineList *self, GMenuModel *menu)
{
  g_set_object (&self->menu, menu);
}

GPtrArray *
valise_machine_list_list_groups (ValiseMachineList *self)
{
  return valise_machine_tree_list_groups (self->tree);
}

void
valise_machine_list_refresh_pictures (ValiseMachineList *self)
{
  refresh_pictures (self, valise_thumbnails_take);
}
