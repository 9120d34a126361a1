/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-import-rows.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/valise-controls-row.h"
#include "ui/valise-knob-control.h"

#define LONGEST_CHOICE 16
#define FIRST "first"
#define QUESTION "valise-question"

static GtkLabel *
label_new (const char *text)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (text));

  gtk_label_set_xalign (label, 0);
  gtk_label_set_line_wrap (label, TRUE);
  gtk_label_set_line_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
  return label;
}

static GtkLabel *
caption_new (const char *text)
{
  GtkLabel *label = label_new (text);

  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (label)), "valise-caption");
  return label;
}

static GtkWidget *
make_words (ValiseImportRow *self, const char *title)
{
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  self->title = label_new (title);
  self->subtitle = caption_new (NULL);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self->subtitle)), GTK_STYLE_CLASS_DIM_LABEL);
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (words), GTK_WIDGET (self->title));
  gtk_container_add (GTK_CONTAINER (words), GTK_WIDGET (self->subtitle));
  return words;
}

ValiseImportRow *
valise_import_row_new (GtkWidget *group, const char *title)
{
  ValiseImportRow *self = g_new0 (ValiseImportRow, 1);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->row = valise_controls_row_new ();
  self->beside = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));
  self->below = valise_knob_flow_new (3);
  self->findings = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 8));
  g_object_set (column, "margin", 10, NULL);
  gtk_box_pack_start (GTK_BOX (line), make_words (self, title), TRUE, TRUE, 0);
  gtk_box_pack_end (GTK_BOX (line), GTK_WIDGET (self->beside), FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (column), line);
  gtk_container_add (GTK_CONTAINER (column), self->below);
  gtk_container_add (GTK_CONTAINER (column), GTK_WIDGET (self->findings));
  gtk_container_add (GTK_CONTAINER (self->row), column);
  gtk_widget_show_all (self->row);
  gtk_widget_hide (GTK_WIDGET (self->subtitle));
  gtk_widget_hide (self->below);
  gtk_widget_hide (GTK_WIDGET (self->findings));
  gtk_container_add (GTK_CONTAINER (group), self->row);
  return self;
}

void
valise_import_row_set_subtitle (ValiseImportRow *self, const char *subtitle)
{
  gtk_label_set_text (self->subtitle, subtitle);
  gtk_widget_set_visible (GTK_WIDGET (self->subtitle), *subtitle != '\0');
}

static void
set_name (GtkWidget *control, const char *name)
{
  atk_object_set_name (gtk_widget_get_accessible (control), name);
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  gtk_widget_show (control);
}

void
valise_import_row_add (ValiseImportRow *self, GtkWidget *control, const char *name)
{
  set_name (control, name);
  gtk_box_pack_end (self->beside, control, FALSE, FALSE, 0);
}

void
valise_import_row_add_below (ValiseImportRow *self, GtkWidget *control, const char *name)
{
  set_name (control, name);
  valise_knob_flow_add (self->below, control);
  gtk_widget_show_all (self->below);
}

void
valise_import_clear (GtkWidget *container)
{
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (container));

  for (GList *child = children; child != NULL; child = child->next)
    gtk_widget_destroy (child->data);
}

/* --- choices --- */

/* Long words give way to the window, not the other way round. */
static void
let_shrink (GtkWidget *combo)
{
  g_autoptr (GList) cells = gtk_cell_layout_get_cells (GTK_CELL_LAYOUT (combo));

  for (GList *cell = cells; cell != NULL; cell = cell->next)
    g_object_set (cell->data, "ellipsize", PANGO_ELLIPSIZE_END, "width-chars", LONGEST_CHOICE, NULL);
}

GtkWidget *
valise_import_combo_new (const char *const *words, const char *first, const char *current)
{
  GtkWidget *combo = gtk_combo_box_text_new ();

  if (first != NULL)
    gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), FIRST, first);
  for (; words != NULL && *words != NULL; words++)
    gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (combo), *words, valise_import_word_label (*words));
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (combo), current != NULL ? current : FIRST);
  let_shrink (combo);
  return combo;
}

const char *
valise_import_combo_get (GtkWidget *combo, const char *const *words)
{
  const char *chosen = gtk_combo_box_get_active_id (GTK_COMBO_BOX (combo));

  for (; chosen != NULL && *words != NULL; words++)
    if (g_str_equal (*words, chosen))
      return *words;
  return NULL;
}

/* --- findings --- */

typedef struct
{
  const ValiseImportPoint *point;
  ValiseAnswerFunc answer;
  gpointer user_data;
} Question;

static void
on_answered_cb (GtkWidget *combo, Question *question)
{
  question->answer (question->point, valise_import_combo_get (combo, question->point->answers), question->user_data);
}

static void
question_free (gpointer data, GClosure *closure)
{
  (void) closure;
  g_free (data);
}

static GtkWidget *
make_question (const ValiseImportPoint *point, ValiseAnswerFunc answer, gpointer user_data)
{
  GtkWidget *combo = valise_import_combo_new (point->answers, _ ("Decide…"), point->answer);
  Question *question = g_new0 (Question, 1);

  g_object_set_data_full (G_OBJECT (combo), QUESTION,
                          g_strconcat (point->finding->code, "\n", point->finding->where, NULL), g_free);
  question->point = point;
  question->answer = answer;
  question->user_data = user_data;
  gtk_widget_set_halign (combo, GTK_ALIGN_START);
  atk_object_set_name (gtk_widget_get_accessible (combo), point->finding->text);
  g_signal_connect_data (combo, "changed", G_CALLBACK (on_answered_cb), question, question_free, 0);
  return combo;
}

static const char *
judge (const ValiseImportPoint *point)
{
  if (point->answer != NULL)
    return _ ("Decided");
  if (point->finding->severity == VALISE_SEVERITY_ERROR)
    return point->answers[0] != NULL ? _ ("Needs your decision") : _ ("In the way");
  if (point->finding->severity == VALISE_SEVERITY_WARNING)
    return _ ("Look at this");
  if (strstr (point->finding->code, "dropped") != NULL || strstr (point->finding->code, "missing") != NULL)
    return _ ("Left out");
  return _ ("Changed");
}

static GtkWidget *
make_icon (const ValiseImportPoint *point)
{
  static const char *const icons[] = { "dialog-information-symbolic", "dialog-warning-symbolic",
                                       "dialog-error-symbolic" };
  GtkWidget *icon = gtk_image_new_from_icon_name (icons[point->finding->severity], GTK_ICON_SIZE_MENU);
  GtkStyleContext *style = gtk_widget_get_style_context (icon);

  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_style_context_add_class (style, "valise-mark");
  if (point->finding->severity != VALISE_SEVERITY_INFO)
    gtk_style_context_add_class (style, point->finding->severity == VALISE_SEVERITY_ERROR ? "error" : "warning");
  return icon;
}

static char *
make_text (const ValiseImportPoint *point)
{
  const ValiseFinding *finding = point->finding;
  gboolean remedy = finding->remedy != NULL && point->answer == NULL;

  return g_strdup_printf ("%s: %s%s%s", judge (point), finding->text, remedy ? " " : "", remedy ? finding->remedy : "");
}

void
valise_import_finding_add (GtkBox *box, const ValiseImportPoint *point, ValiseAnswerFunc answer, gpointer user_data)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  g_autofree char *text = make_text (point);
  GtkLabel *place = caption_new (point->finding->where);

  gtk_container_add (GTK_CONTAINER (column), GTK_WIDGET (caption_new (text)));
  if (point->finding->where != NULL)
    {
      gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (place)), GTK_STYLE_CLASS_DIM_LABEL);
      gtk_container_add (GTK_CONTAINER (column), GTK_WIDGET (place));
    }
  else
    g_object_unref (g_object_ref_sink (place));
  if (point->answers[0] != NULL)
    gtk_container_add (GTK_CONTAINER (column), make_question (point, answer, user_data));
  gtk_container_add (GTK_CONTAINER (line), make_icon (point));
  gtk_box_pack_start (GTK_BOX (line), column, TRUE, TRUE, 0);
  gtk_container_add (GTK_CONTAINER (box), line);
  gtk_widget_show_all (line);
  gtk_widget_show (GTK_WIDGET (box));
}

static const char *
question_of (GtkWidget *widget)
{
  const char *question = NULL;

  for (; widget != NULL && question == NULL; widget = gtk_widget_get_parent (widget))
    question = g_object_get_data (G_OBJECT (widget), QUESTION);
  return question;
}

/* (nullable) */
static GtkWidget *
find_question (GtkWidget *container, const char *question)
{
  g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (container));
  GtkWidget *found = NULL;

  for (GList *child = children; child != NULL && found == NULL; child = child->next)
    if (g_strcmp0 (g_object_get_data (child->data, QUESTION), question) == 0)
      found = child->data;
    else if (GTK_IS_CONTAINER (child->data))
      found = find_question (child->data, question);
  return found;
}

char *
valise_import_focused_question (GtkWidget *container)
{
  GtkWidget *window = gtk_widget_get_toplevel (container);
  GtkWidget *focus = GTK_IS_WINDOW (window) ? gtk_window_get_focus (GTK_WINDOW (window)) : NULL;

  return focus != NULL && gtk_widget_is_ancestor (focus, container) ? g_strdup (question_of (focus)) : NULL;
}

void
valise_import_focus_question (GtkWidget *container, const char *question)
{
  GtkWidget *combo = find_question (container, question);

  if (combo != NULL)
    gtk_widget_grab_focus (combo);
}
