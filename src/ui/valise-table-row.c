/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/valise-knob-catalogue.h"
#include "ui/valise-knob-control.h"
#include "ui/valise-special-rows.h"

/* An element that a machine may have many of: a line for each, a field for each knob that glade names in "also". */
VALISE_DEFINE_SPECIAL_ROW (ValiseTableRow, valise_table_row, GtkBox *lines; GtkWidget * add; char **columns;
                           gboolean pending;
                           /* the last line is not in the draft yet */)

#define CELL "valise-cell"
/* Nobody reads more, and they would have to be drawn. */
#define MOST_LINES 100
#define CELLS_BESIDE 2
#define CELL_CHARS 8

static char *
element_of (ValiseTableRow *self)
{
  ValiseSettingsRow *row = &self->parent_instance;

  return valise_settings_row_resolve (row, valise_settings_row_get_knob (row));
}

static guint
count_elements (ValiseTableRow *self)
{
  g_autofree char *element = element_of (self);

  return valise_document_count (valise_settings_row_get_draft (&self->parent_instance), element);
}

/* The path of a column in line @number (from 1). */
static char *
cell_path (ValiseTableRow *self, guint number, guint column)
{
  g_autofree char *element = element_of (self);
  const char *leaf = self->columns[column] + strlen (valise_settings_row_get_knob (&self->parent_instance));

  return g_strdup_printf ("%s[%u]%s", element, number, leaf);
}

static guint
count_lines (ValiseTableRow *self)
{
  g_autoptr (GList) lines = gtk_container_get_children (GTK_CONTAINER (self->lines));

  return g_list_length (lines);
}

static GtkWidget *
get_cell (GtkWidget *line, guint column)
{
  g_autofree char *key = g_strdup_printf (CELL "-%u", column);

  return g_object_get_data (G_OBJECT (line), key);
}

/* --- cells --- */

static const ValiseKnobChoice yes_no[] = { { "yes", N_ ("Yes") }, { "no", N_ ("No") }, { NULL } };
static const ValiseKnobChoice on_off[] = { { "on", N_ ("On") }, { "off", N_ ("Off") }, { NULL } };

static const ValiseKnobChoice *
closed_choices (const ValiseKnob *knob)
{
  if (knob == NULL)
    return NULL;
  if (knob->kind == VALISE_KNOB_YES_NO)
    return yes_no;
  if (knob->kind == VALISE_KNOB_ON_OFF)
    return on_off;
  return knob->open ? NULL : knob->choices;
}

static GtkWidget *
make_combo (ValiseTableRow *self, const ValiseKnob *knob, const ValiseKnobChoice *choices)
{
  g_autoptr (GPtrArray) options = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_option_free);
  GtkWidget *combo = valise_knob_combo_new (&self->parent_instance);
  g_autoptr (GList) renderers = gtk_cell_layout_get_cells (GTK_CELL_LAYOUT (combo));

  g_object_set (renderers->data, "width-chars", CELL_CHARS, NULL);
  for (; choices->value != NULL; choices++)
    {
      ValiseOption *option = g_new0 (ValiseOption, 1);

      option->value = g_strdup (choices->value);
      option->label = g_strdup (_ (choices->label));
      g_ptr_array_add (options, option);
    }
  valise_knob_combo_fill (combo, options, _ ("Default"));
  return combo;
}

/* Our table has the columns that glade names; others come from the catalogue. */
static const ValiseKnob *
describe_column (const char *path)
{
  const ValiseKnob *curated = valise_knob_lookup (path);
  const ValiseKnobEntry *entry;

  if (curated != NULL)
    return curated;
  entry = valise_knob_catalogue_lookup (valise_knob_catalogue_get_default (), path);
  return entry != NULL ? &entry->knob : NULL;
}

static GtkWidget *
make_cell (ValiseTableRow *self, guint column)
{
  const ValiseKnob *knob = describe_column (self->columns[column]);
  const char *label = knob != NULL ? valise_knob_get_label (knob) : self->columns[column];
  const ValiseKnobChoice *choices = closed_choices (knob);
  GtkWidget *cell =
      choices != NULL ? make_combo (self, knob, choices) : valise_knob_entry_new (&self->parent_instance, 6);

  valise_settings_row_name_control (&self->parent_instance, cell, label);
  gtk_widget_set_tooltip_text (cell, knob != NULL ? valise_knob_get_help (knob) : NULL);
  return cell;
}

/* "Redirection: vendor" is "Vendor" in a table whose title says what it is about. */
static char *
caption_of (ValiseTableRow *self, guint column)
{
  const ValiseKnob *knob = describe_column (self->columns[column]);
  const char *label = knob != NULL ? valise_knob_get_label (knob) : self->columns[column];
  const char *colon = strstr (label, ": ");
  const char *words = colon != NULL ? colon + 2 : label;
  char first[8] = "";

  g_unichar_to_utf8 (g_unichar_toupper (g_utf8_get_char (words)), first);
  return g_strconcat (first, g_utf8_next_char (words), NULL);
}

/* A single column is what the row's own title says. */
static GtkWidget *
with_caption (ValiseTableRow *self, GtkWidget *cell, guint column)
{
  g_autofree char *words = caption_of (self, column);
  GtkWidget *box, *caption;

  if (self->columns[1] == NULL)
    return cell;
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  caption = gtk_label_new (words);
  gtk_label_set_xalign (GTK_LABEL (caption), 0);
  gtk_label_set_ellipsize (GTK_LABEL (caption), PANGO_ELLIPSIZE_END);
  gtk_style_context_add_class (gtk_widget_get_style_context (caption), GTK_STYLE_CLASS_DIM_LABEL);
  gtk_style_context_add_class (gtk_widget_get_style_context (caption), "valise-caption");
  gtk_container_add (GTK_CONTAINER (box), caption);
  gtk_container_add (GTK_CONTAINER (box), cell);
  return box;
}

static char *
read_cell (GtkWidget *cell)
{
  if (GTK_IS_COMBO_BOX (cell))
    return valise_knob_combo_get (cell);
  return *gtk_entry_get_text (GTK_ENTRY (cell)) != '\0' ? g_strdup (gtk_entry_get_text (GTK_ENTRY (cell))) : NULL;
}

static void
show_cell (GtkWidget *cell, const char *value)
{
  if (GTK_IS_COMBO_BOX (cell))
    valise_knob_combo_show (cell, value);
  else if (g_strcmp0 (gtk_entry_get_text (GTK_ENTRY (cell)), value != NULL ? value : "") != 0)
    gtk_entry_set_text (GTK_ENTRY (cell), value != NULL ? value : "");
}

/* --- lines --- */

/* What held only such elements says nothing any more. */
static void
remove_empty_parent (ValiseTableRow *self, const char *element)
{
  const char *slash = strrchr (element, '/');
  g_autofree char *parent = slash != NULL ? g_strndup (element, (gsize) (slash - element)) : NULL;
  ValiseDocument *draft = valise_settings_row_get_draft (&self->parent_instance);
  g_autofree char *source = NULL;

  if (parent == NULL || g_str_equal (parent, "devices")
      || g_strcmp0 (parent, valise_settings_row_get_device (&self->parent_instance)) == 0)
    return;
  source = valise_document_get_fragment (draft, parent);
  if (source != NULL && strchr (source + 1, '<') == strrchr (source, '<') && strchr (source, '=') == NULL)
    valise_settings_row_set_value (&self->parent_instance, parent, NULL);
}

static void
on_line_removed_cb (GtkWidget *button, ValiseTableRow *self)
{
  ValiseSettingsRow *row = &self->parent_instance;
  GtkWidget *line = gtk_widget_get_parent (button);
  g_autoptr (GList) lines = gtk_container_get_children (GTK_CONTAINER (self->lines));
  guint number = (guint) g_list_index (lines, line) + 1;
  g_autofree char *element = element_of (self);
  g_autofree char *path = g_strdup_printf ("%s[%u]", element, number);

  valise_settings_row_flush (row);
  gtk_widget_destroy (line);
  if (number > count_elements (self))
    {
      self->pending = FALSE;
      return;
    }
  valise_edit_session_begin (valise_settings_row_get_session (row));
  valise_settings_row_set_value (row, path, NULL);
  if (count_elements (self) == 0)
    remove_empty_parent (self, element);
  valise_edit_session_end (valise_settings_row_get_session (row));
  gtk_widget_grab_focus (self->add);
}

/* Two beside each other have room in the narrowest window. */
static GtkWidget *
make_cells (ValiseTableRow *self, GtkWidget *line)
{
  guint beside = MIN (g_strv_length (self->columns), CELLS_BESIDE);
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_homogeneous (GTK_GRID (grid), TRUE);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  for (guint i = 0; self->columns[i] != NULL; i++)
    {
      GtkWidget *cell = make_cell (self, i);
      GtkWidget *captioned = with_caption (self, cell, i);
      g_autofree char *key = g_strdup_printf (CELL "-%u", i);

      g_object_set_data (G_OBJECT (line), key, cell);
      gtk_widget_set_hexpand (captioned, TRUE);
      gtk_grid_attach (GTK_GRID (grid), captioned, (int) (i % beside), (int) (i / beside), 1, 1);
    }
  return grid;
}

static GtkWidget *
add_line (ValiseTableRow *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *remove = gtk_button_new_from_icon_name ("list-remove-symbolic", GTK_ICON_SIZE_BUTTON);

  gtk_box_pack_start (GTK_BOX (line), make_cells (self, line), TRUE, TRUE, 0);
  gtk_widget_set_valign (remove, self->columns[1] != NULL ? GTK_ALIGN_CENTER : GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (remove, _ ("Remove this line"));
  valise_settings_row_name_control (&self->parent_instance, remove, _ ("remove"));
  g_signal_connect_object (remove, "clicked", G_CALLBACK (on_line_removed_cb), self, 0);
  gtk_box_pack_end (GTK_BOX (line), remove, FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (self->lines), line);
  gtk_widget_show_all (line);
  return line;
}

static void
on_add_clicked_cb (ValiseTableRow *self)
{
  g_autoptr (GList) lines = NULL;

  valise_settings_row_flush (&self->parent_instance);
  if (!self->pending)
    add_line (self);
  self->pending = TRUE;
  lines = gtk_container_get_children (GTK_CONTAINER (self->lines));
  gtk_widget_grab_focus (get_cell (g_list_last (lines)->data, 0));
}

static void
destroy_lines (ValiseTableRow *self, guint from)
{
  g_autoptr (GList) lines = gtk_container_get_children (GTK_CONTAINER (self->lines));

  for (GList *line = g_list_nth (lines, from); line != NULL; line = line->next)
    gtk_widget_destroy (line->data);
}

static void
valise_table_row_bound (ValiseSettingsRow *row)
{
  ValiseTableRow *self = (ValiseTableRow *) row;
  g_autofree char *columns = NULL;

  if (self->lines != NULL)
    {
      destroy_lines (self, 0);
      self->pending = FALSE;
      return;
    }
  g_object_get (row, "also", &columns, NULL);
  self->columns = g_strsplit (columns, " ", -1);
  self->lines = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12));
  self->add = gtk_button_new_from_icon_name ("list-add-symbolic", GTK_ICON_SIZE_BUTTON);
  gtk_widget_set_tooltip_text (self->add, _ ("Add a line"));
  g_signal_connect_object (self->add, "clicked", G_CALLBACK (on_add_clicked_cb), self, G_CONNECT_SWAPPED);
  valise_settings_row_add_control (row, self->add, _ ("add"));
  valise_settings_row_add_wide (row, GTK_WIDGET (self->lines));
}

static void
valise_table_row_refresh (ValiseSettingsRow *row)
{
  ValiseTableRow *self = (ValiseTableRow *) row;
  guint count = MIN (count_elements (self), MOST_LINES);
  guint number = 1;
  g_autoptr (GList) lines = NULL;

  while (count_lines (self) < count)
    add_line (self);
  destroy_lines (self, count + (self->pending ? 1 : 0));
  lines = gtk_container_get_children (GTK_CONTAINER (self->lines));
  for (GList *line = lines; line != NULL && number <= count; line = line->next, number++)
    for (guint column = 0; self->columns[column] != NULL; column++)
      {
        g_autofree char *path = cell_path (self, number, column);
        g_autofree char *value = valise_edit_session_get (valise_settings_row_get_session (row), path);

        show_cell (get_cell (line->data, column), value);
      }
  gtk_widget_set_sensitive (self->add, count_elements (self) < MOST_LINES);
}

static void
commit_cell (ValiseTableRow *self, GtkWidget *cell, guint number, guint column)
{
  ValiseSettingsRow *row = &self->parent_instance;
  g_autofree char *path = cell_path (self, number, column);
  g_autofree char *value = read_cell (cell);
  g_autofree char *before = valise_edit_session_get (valise_settings_row_get_session (row), path);

  /* An element that holds nothing and one that is not there look the same here. */
  if (value == NULL && (before == NULL || *before == '\0'))
    return;
  if (g_strcmp0 (value, before) != 0)
    valise_settings_row_set_value (row, path, value);
}

static void
valise_table_row_commit (ValiseSettingsRow *row)
{
  ValiseTableRow *self = (ValiseTableRow *) row;
  g_autoptr (GList) lines = gtk_container_get_children (GTK_CONTAINER (self->lines));
  guint number = 1;

  valise_edit_session_begin (valise_settings_row_get_session (row));
  for (GList *line = lines; line != NULL; line = line->next, number++)
    for (guint column = 0; self->columns[column] != NULL; column++)
      commit_cell (self, get_cell (line->data, column), number, column);
  if (count_elements (self) >= g_list_length (lines))
    self->pending = FALSE;
  valise_edit_session_end (valise_settings_row_get_session (row));
}

static void
valise_table_row_reset (ValiseSettingsRow *row)
{
  ValiseTableRow *self = (ValiseTableRow *) row;
  ValiseEditSession *session = valise_settings_row_get_session (row);
  g_autofree char *element = element_of (self);

  self->pending = FALSE;
  valise_edit_session_begin (session);
  for (guint i = count_elements (self); i > 0; i--)
    {
      g_autofree char *path = g_strdup_printf ("%s[%u]", element, i);

      if (!valise_settings_row_set_value (row, path, NULL))
        break;
    }
  if (count_elements (self) == 0)
    remove_empty_parent (self, element);
  valise_edit_session_end (session);
}

static void
valise_table_row_finalize (GObject *object)
{
  g_strfreev (((ValiseTableRow *) object)->columns);
  G_OBJECT_CLASS (valise_table_row_parent_class)->finalize (object);
}

static void
valise_table_row_class_init (ValiseTableRowClass *klass)
{
  ValiseSettingsRowClass *row_class = VALISE_SETTINGS_ROW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = valise_table_row_finalize;
  row_class->bound = valise_table_row_bound;
  row_class->refresh = valise_table_row_refresh;
  row_class->commit = valise_table_row_commit;
  row_class->reset = valise_table_row_reset;
}
