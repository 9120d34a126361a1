/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-machine-tree.h"

#include <string.h>

#include "ui/valise-gsettings.h"

/* From so many changed lines on, the view is better told to look at everything anew. */
#define RESET_FROM 48

struct _ValiseMachineTree
{
  GObject parent_instance;

  ValiseLibrary *library;
  GArray *rows;
  GHashTable *groups; /* interned name -> ValiseGroup */
  ValiseGroup running;
  ValiseGroup rest;
  GHashTable *dirty; /* entries whose line looks different; never looked into, only compared */
  char *search;      /* casefolded */
  int stamp;
  guint update_id;
};

enum
{
  RESET_BEGIN,
  RESET_END,
  REBUILDING,
  REBUILT,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void tree_model_iface_init (GtkTreeModelIface *iface);
static void drag_source_iface_init (GtkTreeDragSourceIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ValiseMachineTree,
                               valise_machine_tree,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_TREE_MODEL, tree_model_iface_init)
                                   G_IMPLEMENT_INTERFACE (GTK_TYPE_TREE_DRAG_SOURCE, drag_source_iface_init))

/* --- the lines, computed --- */

static gboolean
is_live (const ValiseLibraryEntry *entry)
{
  return valise_library_entry_get_state (entry) >= VALISE_MACHINE_STARTING;
}

static gboolean
contains_folded (const char *text, const char *needle)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);

  return strstr (folded, needle) != NULL;
}

static gboolean
is_wanted (ValiseMachineTree *self, const ValiseLibraryEntry *entry)
{
  if (self->search == NULL)
    return TRUE;
  return contains_folded (entry->name, self->search)
         || (entry->group != NULL && contains_folded (entry->group, self->search));
}

static ValiseGroup *
ensure_group (ValiseMachineTree *self, const char *name)
{
  ValiseGroup *group = g_hash_table_lookup (self->groups, name);

  if (group == NULL)
    {
      g_auto (GStrv) collapsed = g_settings_get_strv (valise_gsettings_get (), "collapsed-groups");

      group = g_new0 (ValiseGroup, 1);
      group->kind = VALISE_GROUP_NAMED;
      group->name = name;
      group->collapsed = g_strv_contains ((const char *const *) collapsed, name);
      g_hash_table_insert (self->groups, (gpointer) name, group);
    }
  return group;
}

static ValiseGroup *
group_of (ValiseMachineTree *self, const ValiseLibraryEntry *entry)
{
  if (is_live (entry))
    return &self->running;
  return entry->group != NULL ? ensure_group (self, entry->group) : &self->rest;
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const ValiseGroup *one = *(ValiseGroup *const *) a, *other = *(ValiseGroup *const *) b;

  if (one->kind != other->kind)
    return one->kind < other->kind ? -1 : 1;
  return one->kind == VALISE_GROUP_NAMED ? g_utf8_collate (one->name, other->name) : 0;
}

/* The groups that have machines in them now, in the order of their headings. */
static GPtrArray *
list_used_groups (ValiseMachineTree *self)
{
  g_autoptr (GPtrArray) used = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer group;

  if (self->running.count > 0)
    g_ptr_array_add (used, &self->running);
  if (self->rest.count > 0)
    g_ptr_array_add (used, &self->rest);
  g_hash_table_iter_init (&iter, self->groups);
  while (g_hash_table_iter_next (&iter, NULL, &group))
    if (((ValiseGroup *) group)->count > 0)
      g_ptr_array_add (used, group);
  g_ptr_array_sort (used, compare_groups);
  return g_steal_pointer (&used);
}

static void
reset_counts (ValiseMachineTree *self)
{
  GHashTableIter iter;
  gpointer group;

  self->running.count = self->rest.count = 0;
  g_hash_table_iter_init (&iter, self->groups);
  while (g_hash_table_iter_next (&iter, NULL, &group))
    ((ValiseGroup *) group)->count = 0;
}

/* The wanted machines in the library's order, each with its group; counts the groups. */
static GArray *
sort_into_groups (ValiseMachineTree *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->library));
  GArray *members = g_array_sized_new (FALSE, FALSE, sizeof (ValiseMachineRow), n);

  reset_counts (self);
  for (guint i = 0; i < n; i++)
    {
      const ValiseLibraryEntry *entry = valise_library_get_entry (self->library, i);
      ValiseMachineRow row = { entry, NULL };

      if (!is_wanted (self, entry))
        continue;
      row.group = group_of (self, entry);
      ((ValiseGroup *) row.group)->count++;
      g_array_append_val (members, row);
    }
  return members;
}

static void
append_group (ValiseMachineTree *self, GArray *rows, const ValiseGroup *group, GArray *members)
{
  ValiseMachineRow heading = { NULL, group };

  g_array_append_val (rows, heading);
  if (group->collapsed && self->search == NULL)
    return;
  for (guint i = 0; i < members->len; i++)
    {
      ValiseMachineRow *row = &g_array_index (members, ValiseMachineRow, i);

      if (row->group == group)
        g_array_append_val (rows, *row);
    }
}

/* Without groups and running machines there is nothing to head. */
static GArray *
compute_rows (ValiseMachineTree *self)
{
  g_autoptr (GArray) members = sort_into_groups (self);
  g_autoptr (GPtrArray) used = list_used_groups (self);
  GArray *rows;

  if (used->len == 0 || (used->len == 1 && g_ptr_array_index (used, 0) == &self->rest))
    return g_steal_pointer (&members);
  rows = g_array_sized_new (FALSE, FALSE, sizeof (ValiseMachineRow), members->len + used->len);
  for (guint i = 0; i < used->len; i++)
    append_group (self, rows, g_ptr_array_index (used, i), members);
  return rows;
}

/* --- the lines, told to the view --- */

static GtkTreeIter
make_iter (ValiseMachineTree *self, guint position)
{
  GtkTreeIter iter = { self->stamp, GUINT_TO_POINTER (position), NULL, NULL };

  return iter;
}

static void
emit_row (ValiseMachineTree *self, guint position, void (*emit) (GtkTreeModel *, GtkTreePath *, GtkTreeIter *))
{
  g_autoptr (GtkTreePath) path = gtk_tree_path_new_from_indices ((int) position, -1);
  GtkTreeIter iter = make_iter (self, position);

  emit (GTK_TREE_MODEL (self), path, &iter);
}

static gboolean
rows_equal (GArray *a, guint i, GArray *b, guint j)
{
  ValiseMachineRow *one = &g_array_index (a, ValiseMachineRow, i), *other = &g_array_index (b, ValiseMachineRow, j);

  return one->entry == other->entry && one->group == other->group;
}

static void
replace_range (ValiseMachineTree *self, guint position, guint removed, GArray *rows, guint added)
{
  for (guint i = removed; i > 0; i--)
    {
      g_autoptr (GtkTreePath) path = gtk_tree_path_new_from_indices ((int) (position + i - 1), -1);

      g_array_remove_index (self->rows, position + i - 1);
      self->stamp++;
      gtk_tree_model_row_deleted (GTK_TREE_MODEL (self), path);
    }
  for (guint i = 0; i < added; i++)
    {
      g_array_insert_val (self->rows, position + i, g_array_index (rows, ValiseMachineRow, position + i));
      self->stamp++;
      emit_row (self, position + i, gtk_tree_model_row_inserted);
    }
}

static void
reset_rows (ValiseMachineTree *self, GArray *rows)
{
  g_signal_emit (self, signals[RESET_BEGIN], 0);
  g_array_unref (self->rows);
  self->rows = g_array_ref (rows);
  self->stamp++;
  g_hash_table_remove_all (self->dirty);
  g_signal_emit (self, signals[RESET_END], 0);
}

static void
tell_dirty (ValiseMachineTree *self)
{
  if (g_hash_table_size (self->dirty) == 0)
    return;
  for (guint i = 0; i < self->rows->len; i++)
    {
      ValiseMachineRow *row = &g_array_index (self->rows, ValiseMachineRow, i);

      if (row->entry == NULL || g_hash_table_contains (self->dirty, row->entry))
        emit_row (self, i, gtk_tree_model_row_changed);
    }
  g_hash_table_remove_all (self->dirty);
}

static void
rebuild (ValiseMachineTree *self)
{
  g_autoptr (GArray) rows = compute_rows (self);
  guint before = self->rows->len, head = 0, tail = 0;
  gboolean changed;

  g_clear_handle_id (&self->update_id, g_source_remove);
  while (head < MIN (before, rows->len) && rows_equal (self->rows, head, rows, head))
    head++;
  while (tail < MIN (before, rows->len) - head
         && rows_equal (self->rows, before - tail - 1, rows, rows->len - tail - 1))
    tail++;
  changed = before != rows->len || head < before;
  if (changed)
    g_signal_emit (self, signals[REBUILDING], 0);
  if (before + rows->len - 2 * (head + tail) > RESET_FROM)
    reset_rows (self, rows);
  else if (changed)
    replace_range (self, head, before - head - tail, rows, rows->len - head - tail);
  tell_dirty (self);
  if (changed)
    g_signal_emit (self, signals[REBUILT], 0);
}

static gboolean
update_cb (gpointer data)
{
  ValiseMachineTree *self = data;

  self->update_id = 0;
  rebuild (self);
  return G_SOURCE_REMOVE;
}

static void
queue_update (ValiseMachineTree *self)
{
  if (self->update_id == 0)
    self->update_id = g_idle_add_full (GTK_PRIORITY_RESIZE, update_cb, self, NULL);
}

/* --- callbacks --- */

/* At once, because lines may point at entries that are about to go. */
static void
on_items_changed_cb (GListModel *model, guint position, guint removed, guint added, ValiseMachineTree *self)
{
  rebuild (self);
}

static void
on_entry_changed_cb (ValiseLibrary *library, gpointer entry, ValiseMachineTree *self)
{
  g_hash_table_add (self->dirty, entry);
  queue_update (self);
}

/* --- GtkTreeModel --- */

static GtkTreeModelFlags
get_flags (GtkTreeModel *model)
{
  return GTK_TREE_MODEL_LIST_ONLY;
}

static int
get_n_columns (GtkTreeModel *model)
{
  return 1;
}

static GType
get_column_type (GtkTreeModel *model, int column)
{
  return G_TYPE_STRING;
}

static gboolean
set_iter (ValiseMachineTree *self, GtkTreeIter *iter, int position)
{
  iter->stamp = 0;
  if (position < 0 || (guint) position >= self->rows->len)
    return FALSE;
  *iter = make_iter (self, (guint) position);
  return TRUE;
}

static guint
position_of (GtkTreeIter *iter)
{
  return GPOINTER_TO_UINT (iter->user_data);
}

static gboolean
get_iter (GtkTreeModel *model, GtkTreeIter *iter, GtkTreePath *path)
{
  return gtk_tree_path_get_depth (path) == 1
         && set_iter (VALISE_MACHINE_TREE (model), iter, gtk_tree_path_get_indices (path)[0]);
}

static GtkTreePath *
get_path (GtkTreeModel *model, GtkTreeIter *iter)
{
  return gtk_tree_path_new_from_indices ((int) position_of (iter), -1);
}

static void
get_value (GtkTreeModel *model, GtkTreeIter *iter, int column, GValue *value)
{
  const ValiseMachineRow *row = valise_machine_tree_get_row (VALISE_MACHINE_TREE (model), iter);

  g_value_init (value, G_TYPE_STRING);
  if (row->entry != NULL)
    g_value_set_string (value, row->entry->name);
  else
    g_value_set_static_string (value, row->group->name);
}

static gboolean
iter_next (GtkTreeModel *model, GtkTreeIter *iter)
{
  return set_iter (VALISE_MACHINE_TREE (model), iter, (int) position_of (iter) + 1);
}

static gboolean
iter_previous (GtkTreeModel *model, GtkTreeIter *iter)
{
  return set_iter (VALISE_MACHINE_TREE (model), iter, (int) position_of (iter) - 1);
}

static gboolean
iter_nth_child (GtkTreeModel *model, GtkTreeIter *iter, GtkTreeIter *parent, int n)
{
  iter->stamp = 0;
  return parent == NULL && set_iter (VALISE_MACHINE_TREE (model), iter, n);
}

static gboolean
iter_children (GtkTreeModel *model, GtkTreeIter *iter, GtkTreeIter *parent)
{
  return iter_nth_child (model, iter, parent, 0);
}

static gboolean
iter_has_child (GtkTreeModel *model, GtkTreeIter *iter)
{
  return FALSE;
}

static int
iter_n_children (GtkTreeModel *model, GtkTreeIter *iter)
{
  return iter == NULL ? (int) VALISE_MACHINE_TREE (model)->rows->len : 0;
}

static gboolean
iter_parent (GtkTreeModel *model, GtkTreeIter *iter, GtkTreeIter *child)
{
  iter->stamp = 0;
  return FALSE;
}

static void
tree_model_iface_init (GtkTreeModelIface *iface)
{
  iface->get_flags = get_flags;
  iface->get_n_columns = get_n_columns;
  iface->get_column_type = get_column_type;
  iface->get_iter = get_iter;
  iface->get_path = get_path;
  iface->get_value = get_value;
  iface->iter_next = iter_next;
  iface->iter_previous = iter_previous;
  iface->iter_children = iter_children;
  iface->iter_has_child = iter_has_child;
  iface->iter_n_children = iter_n_children;
  iface->iter_nth_child = iter_nth_child;
  iface->iter_parent = iter_parent;
}

/* --- GtkTreeDragSource: the list itself knows what is dragged --- */

static gboolean
row_draggable (GtkTreeDragSource *source, GtkTreePath *path)
{
  const ValiseMachineRow *row =
      valise_machine_tree_get_row_at (VALISE_MACHINE_TREE (source), (guint) gtk_tree_path_get_indices (path)[0]);

  return row != NULL && row->entry != NULL;
}

static gboolean
drag_data_get (GtkTreeDragSource *source, GtkTreePath *path, GtkSelectionData *data)
{
  return FALSE;
}

static gboolean
drag_data_delete (GtkTreeDragSource *source, GtkTreePath *path)
{
  return FALSE;
}

static void
drag_source_iface_init (GtkTreeDragSourceIface *iface)
{
  iface->row_draggable = row_draggable;
  iface->drag_data_get = drag_data_get;
  iface->drag_data_delete = drag_data_delete;
}

/* --- overrides --- */

static void
valise_machine_tree_finalize (GObject *object)
{
  ValiseMachineTree *self = VALISE_MACHINE_TREE (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_array_unref (self->rows);
  g_hash_table_unref (self->groups);
  g_hash_table_unref (self->dirty);
  g_clear_object (&self->library);
  g_free (self->search);
  G_OBJECT_CLASS (valise_machine_tree_parent_class)->finalize (object);
}

static guint
new_signal (const char *name)
{
  return g_signal_new (name, VALISE_TYPE_MACHINE_TREE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_machine_tree_class_init (ValiseMachineTreeClass *class)
{
  G_OBJECT_CLASS (class)->finalize = valise_machine_tree_finalize;
  signals[RESET_BEGIN] = new_signal ("reset-begin");
  signals[RESET_END] = new_signal ("reset-end");
  signals[REBUILDING] = new_signal ("rebuilding");
  signals[REBUILT] = new_signal ("rebuilt");
}

static void
valise_machine_tree_init (ValiseMachineTree *self)
{
  self->rows = g_array_new (FALSE, FALSE, sizeof (ValiseMachineRow));
  self->groups = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->dirty = g_hash_table_new (NULL, NULL);
  self->running.kind = VALISE_GROUP_RUNNING;
  self->rest.kind = VALISE_GROUP_REST;
  self->stamp = 1;
}

/* --- public --- */

ValiseMachineTree *
valise_machine_tree_new (ValiseLibrary *library)
{
  ValiseMachineTree *self = g_object_new (VALISE_TYPE_MACHINE_TREE, NULL);

  self->library = g_object_ref (library);
  g_signal_connect_object (library, "items-changed", G_CALLBACK (on_items_changed_cb), self, 0);
  g_signal_connect_object (library, "entry-changed", G_CALLBACK (on_entry_changed_cb), self, 0);
  rebuild (self);
  return self;
}

void
valise_machine_tree_set_search (ValiseMachineTree *self, const char *text)
{
  g_autofree char *folded = text != NULL && *text != '\0' ? g_utf8_casefold (text, -1) : NULL;

  if (g_strcmp0 (self->search, folded) == 0)
    return;
  g_free (self->search);
  self->search = g_steal_pointer (&folded);
  rebuild (self);
}

const ValiseMachineRow *
valise_machine_tree_get_row (ValiseMachineTree *self, GtkTreeIter *iter)
{
  g_return_val_if_fail (iter->stamp == self->stamp, NULL);
  return valise_machine_tree_get_row_at (self, position_of (iter));
}

const ValiseMachineRow *
valise_machine_tree_get_row_at (ValiseMachineTree *self, guint position)
{
  return position < self->rows->len ? &g_array_index (self->rows, ValiseMachineRow, position) : NULL;
}

guint
valise_machine_tree_get_n_rows (ValiseMachineTree *self)
{
  return self->rows->len;
}

gboolean
valise_machine_tree_find (ValiseMachineTree *self, const ValiseLibraryEntry *entry, guint *position)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (g_array_index (self->rows, ValiseMachineRow, i).entry == entry)
      {
        *position = i;
        return TRUE;
      }
  return FALSE;
}

static void
store_collapsed (ValiseMachineTree *self)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer group;

  g_hash_table_iter_init (&iter, self->groups);
  while (g_hash_table_iter_next (&iter, NULL, &group))
    if (((ValiseGroup *) group)->collapsed)
      g_ptr_array_add (names, (gpointer) ((ValiseGroup *) group)->name);
  g_ptr_array_add (names, NULL);
  g_settings_set_strv (valise_gsettings_get (), "collapsed-groups", (const char *const *) names->pdata);
}

void
valise_machine_tree_fold (ValiseMachineTree *self, const ValiseGroup *group, gboolean collapsed)
{
  ValiseGroup *own = (ValiseGroup *) group;

  if (own->collapsed == collapsed)
    return;
  own->collapsed = collapsed;
  if (own->kind == VALISE_GROUP_NAMED)
    store_collapsed (self);
  rebuild (self);
}

void
valise_machine_tree_reveal (ValiseMachineTree *self, const ValiseLibraryEntry *entry)
{
  valise_machine_tree_fold (self, group_of (self, entry), FALSE);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
valise_machine_tree_list_groups (ValiseMachineTree *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->library));
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    {
      const char *group = valise_library_get_entry (self->library, i)->group;

      if (group != NULL && g_hash_table_add (seen, (gpointer) group))
        g_ptr_array_add (names, (gpointer) group);
    }
  g_ptr_array_sort (names, compare_names);
  return names;
}

void
valise_machine_tree_touch (ValiseMachineTree *self, const char *bundle_path)
{
  const ValiseLibraryEntry *entry = valise_library_find_entry (self->library, bundle_path);

  if (entry != NULL)
    on_entry_changed_cb (self->library, (gpointer) entry, self);
}
