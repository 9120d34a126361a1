/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-page-xml.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "ui/valise-gtksourceview-private.h"
#include "ui/valise-xml-completion.h"
#include "ui/valise-xml-difference.h"

#define COMMIT_DELAY_MS 300

ValiseLate _valise_gtksourceview = {
  .file = "libgtksourceview-4.so.0",
  .remedy =
      N_ ("The XML cannot be shown here. Install GtkSourceView (package libgtksourceview-4-0 or gtksourceview4) and "
          "come back to this page"),
};

struct _ValisePageXml
{
  GtkBin parent_instance;

  GtkWidget *problem_bar;
  GtkLabel *problem_label;
  GtkStack *stack;
  GtkContainer *scroller;
  ValiseXmlDifference *difference;
  GtkSourceView *view; /* NULL until the page is first shown */
  GtkSourceBuffer *buffer;

  ValiseEditSession *session;
  char *problem;
  int problem_line;
  guint commit_id;
  gboolean refreshing;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static const char *const categories[] = { "valise-info", "valise-warning", "valise-error" };
static const char *const mark_icons[] = { "dialog-information-symbolic", "dialog-warning-symbolic",
                                          "dialog-error-symbolic" };

G_DEFINE_FINAL_TYPE (ValisePageXml, valise_page_xml, GTK_TYPE_BIN)

static char *
get_text (ValisePageXml *self)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (GTK_TEXT_BUFFER (self->buffer), &start, &end);
  return gtk_text_buffer_get_text (GTK_TEXT_BUFFER (self->buffer), &start, &end, TRUE);
}

/* "config.xml:12:5: ..." and libxml's "line 12" both name the line first of all numbers. */
static int
find_line (const char *message)
{
  for (const char *at = message; *at != '\0'; at++)
    if (g_ascii_isdigit (*at) && (at == message || !g_ascii_isalnum (at[-1])))
      return atoi (at);
  return 0;
}

static void
set_problem (ValisePageXml *self, const char *message)
{
  gboolean same = g_strcmp0 (self->problem, message) == 0;

  if (same)
    return;
  g_free (self->problem);
  self->problem = g_strdup (message);
  self->problem_line = message != NULL ? find_line (message) : 0;
  gtk_label_set_text (self->problem_label, message != NULL ? message : "");
  gtk_widget_set_visible (self->problem_bar, message != NULL);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static char *
line_text (GtkTextBuffer *buffer, int line)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_iter_at_line (buffer, &start, line);
  end = start;
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);
  return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
}

/* The line that reads @text, nearest to @line; @line itself when there is none. */
static int
nearest_line (GtkTextBuffer *buffer, const char *text, int line)
{
  int count = gtk_text_buffer_get_line_count (buffer);

  for (int away = 0; away < count; away++)
    for (int sign = -1; sign <= 1; sign += 2)
      {
        int other = line + sign * away;
        g_autofree char *has = other >= 0 && other < count ? line_text (buffer, other) : NULL;
        if (g_strcmp0 (has, text) == 0)
          return other;
      }
  return MIN (line, count - 1);
}

/* Replaces only what differs, so that selection and scrolling stay; a caret amid it is put back on its line. */
static void
replace_text (ValisePageXml *self, const char *text)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (self->buffer);
  g_autofree char *before = get_text (self), *line = NULL;
  gsize length = strlen (before), new_length = strlen (text), head = 0, tail = 0;
  GtkTextIter start, end, caret;
  gboolean amid;
  int row, column;

  while (head < MIN (length, new_length) && before[head] == text[head])
    head++;
  while (tail < MIN (length, new_length) - head && before[length - tail - 1] == text[new_length - tail - 1])
    tail++;
  /* Between characters, not inside one. */
  while (head > 0 && (before[head] & 0xc0) == 0x80)
    head--;
  while (tail > 0 && (before[length - tail] & 0xc0) == 0x80)
    tail--;
  gtk_text_buffer_get_iter_at_offset (buffer, &start, (int) g_utf8_strlen (before, (gssize) head));
  gtk_text_buffer_get_iter_at_offset (buffer, &end, (int) g_utf8_strlen (before, (gssize) (length - tail)));
  gtk_text_buffer_get_iter_at_mark (buffer, &caret, gtk_text_buffer_get_insert (buffer));
  amid = gtk_text_iter_compare (&start, &caret) < 0 && gtk_text_iter_compare (&caret, &end) < 0;
  row = gtk_text_iter_get_line (&caret);
  column = gtk_text_iter_get_line_offset (&caret);
  line = line_text (buffer, row);
  gtk_text_buffer_delete (buffer, &start, &end);
  gtk_text_buffer_insert (buffer, &start, text + head, (int) (new_length - head - tail));
  if (!amid)
    return;
  gtk_text_buffer_get_iter_at_line (buffer, &caret, nearest_line (buffer, line, row));
  gtk_text_iter_forward_chars (&caret, MIN (column, MAX (0, gtk_text_iter_get_chars_in_line (&caret) - 1)));
  gtk_text_buffer_place_cursor (buffer, &caret);
}

static void
show_findings (ValisePageXml *self)
{
  GPtrArray *findings = valise_edit_session_get_findings (self->session);
  ValiseDocument *draft = valise_edit_session_get_draft (self->session);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (GTK_TEXT_BUFFER (self->buffer), &start, &end);
  gtk_source_buffer_remove_source_marks (self->buffer, &start, &end, NULL);
  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (findings, i);
      guint line = finding->where != NULL ? valise_document_line_of (draft, finding->where) : 0;
      g_autofree char *words = g_strjoin (" ", finding->text, finding->remedy, NULL);
      GtkSourceMark *mark;

      gtk_text_buffer_get_iter_at_line (GTK_TEXT_BUFFER (self->buffer), &start, line > 0 ? (int) line - 1 : 0);
      mark = gtk_source_buffer_create_source_mark (self->buffer, NULL, categories[finding->severity], &start);
      g_object_set_data_full (G_OBJECT (mark), "valise-words", g_steal_pointer (&words), g_free);
    }
}

static char *
on_mark_tooltip_cb (GtkSourceMarkAttributes *attributes, GtkSourceMark *mark, gpointer user_data)
{
  return g_strdup (g_object_get_data (G_OBJECT (mark), "valise-words"));
}

static gboolean
on_commit_due_cb (gpointer user_data)
{
  ValisePageXml *self = user_data;

  self->commit_id = 0;
  valise_page_xml_flush (self);
  return G_SOURCE_REMOVE;
}

static void
on_text_changed_cb (ValisePageXml *self)
{
  if (self->refreshing)
    return;
  g_clear_handle_id (&self->commit_id, g_source_remove);
  self->commit_id = g_timeout_add (COMMIT_DELAY_MS, on_commit_due_cb, self);
}

static void
on_discard_cb (ValisePageXml *self)
{
  g_clear_handle_id (&self->commit_id, g_source_remove);
  set_problem (self, NULL);
  if (self->session != NULL)
    valise_page_xml_refresh (self);
}

/* One undo for the whole editor: the text's own history would undo half of what a row did. */
static void
on_undo_cb (GtkSourceView *view, ValisePageXml *self)
{
  g_signal_stop_emission_by_name (view, "undo");
  if (valise_page_xml_flush (self))
    valise_edit_session_undo (self->session);
  else
    on_discard_cb (self);
}

static void
on_redo_cb (GtkSourceView *view, ValisePageXml *self)
{
  g_signal_stop_emission_by_name (view, "redo");
  if (valise_page_xml_flush (self))
    valise_edit_session_redo (self->session);
}

static void
go_to_line (ValisePageXml *self, int line)
{
  GtkTextIter iter;

  if (self->view == NULL || line <= 0)
    return;
  gtk_stack_set_visible_child_name (self->stack, "text");
  gtk_text_buffer_get_iter_at_line (GTK_TEXT_BUFFER (self->buffer), &iter, line - 1);
  gtk_text_buffer_place_cursor (GTK_TEXT_BUFFER (self->buffer), &iter);
  gtk_text_view_scroll_to_mark (GTK_TEXT_VIEW (self->view), gtk_text_buffer_get_insert (GTK_TEXT_BUFFER (self->buffer)),
                                0.2, FALSE, 0, 0);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
on_go_clicked_cb (ValisePageXml *self)
{
  go_to_line (self, self->problem_line);
}

/* What is compared is what is being typed, if it is well-formed. */
static void
on_view_changed_cb (ValisePageXml *self)
{
  valise_page_xml_flush (self);
}

static void
follow_theme (ValisePageXml *self)
{
  GtkSourceStyleSchemeManager *manager = gtk_source_style_scheme_manager_get_default ();
  GdkRGBA color;
  gboolean dark;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), GTK_STATE_FLAG_NORMAL, &color);
  dark = color.red + color.green + color.blue > 1.5;
  gtk_source_buffer_set_style_scheme (self->buffer,
                                      gtk_source_style_scheme_manager_get_scheme (manager,
                                                                                  dark ? "oblivion" : "classic"));
}

static void
add_mark_attributes (ValisePageXml *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (categories); i++)
    {
      GtkSourceMarkAttributes *attributes = gtk_source_mark_attributes_new ();
      gtk_source_mark_attributes_set_icon_name (attributes, mark_icons[i]);
      g_signal_connect (attributes, "query-tooltip-text", G_CALLBACK (on_mark_tooltip_cb), NULL);
      gtk_source_view_set_mark_attributes (self->view, categories[i], attributes, (int) i);
      g_object_unref (attributes);
    }
  gtk_source_view_set_show_line_marks (self->view, TRUE);
}

static void
say_missing (ValisePageXml *self, const GError *error)
{
  GtkWidget *label = gtk_label_new (error->message);

  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_container_add (self->scroller, label);
  gtk_widget_show (label);
}

static void
build_view (ValisePageXml *self)
{
  GtkSourceLanguageManager *languages = gtk_source_language_manager_get_default ();

  self->buffer = gtk_source_buffer_new_with_language (gtk_source_language_manager_get_language (languages, "xml"));
  gtk_source_buffer_set_max_undo_levels (self->buffer, 0);
  self->view = GTK_SOURCE_VIEW (gtk_source_view_new_with_buffer (self->buffer));
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (self->view), TRUE);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (self->view), 6);
  gtk_source_view_set_show_line_numbers (self->view, TRUE);
  gtk_source_view_set_auto_indent (self->view, TRUE);
  gtk_source_view_set_indent_width (self->view, 2);
  gtk_source_view_set_insert_spaces_instead_of_tabs (self->view, TRUE);
  /* Tab leaves the editor; the indentation comes with the line before. */
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (self->view), FALSE);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->view)), _ ("The machine as XML"));
  add_mark_attributes (self);
  g_signal_connect_object (self->buffer, "changed", G_CALLBACK (on_text_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "undo", G_CALLBACK (on_undo_cb), self, 0);
  g_signal_connect_object (self->view, "redo", G_CALLBACK (on_redo_cb), self, 0);
  valise_xml_completion_add (self->view);
  valise_xml_completion_set_session (self->view, self->session);
  gtk_container_add (self->scroller, GTK_WIDGET (self->view));
  gtk_widget_show (GTK_WIDGET (self->view));
  follow_theme (self);
}

static void
ensure_view (ValisePageXml *self)
{
  g_autoptr (GError) error = NULL;
  GtkWidget *said = gtk_bin_get_child (GTK_BIN (self->scroller)); /* the last time */

  if (said != NULL)
    gtk_widget_destroy (said);
  if (valise_late_load (&_valise_gtksourceview, &error))
    build_view (self);
  else
    say_missing (self, error);
}

static void
valise_page_xml_map (GtkWidget *widget)
{
  ValisePageXml *self = VALISE_PAGE_XML (widget);

  if (self->view == NULL)
    ensure_view (self);
  valise_page_xml_refresh (self);
  GTK_WIDGET_CLASS (valise_page_xml_parent_class)->map (widget);
}

static void
valise_page_xml_style_updated (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (valise_page_xml_parent_class)->style_updated (widget);
  if (VALISE_PAGE_XML (widget)->buffer != NULL)
    follow_theme (VALISE_PAGE_XML (widget));
}

static void
valise_page_xml_dispose (GObject *object)
{
  ValisePageXml *self = VALISE_PAGE_XML (object);

  g_clear_handle_id (&self->commit_id, g_source_remove);
  g_clear_object (&self->session);
  g_clear_object (&self->buffer);
  self->view = NULL;
  G_OBJECT_CLASS (valise_page_xml_parent_class)->dispose (object);
}

static void
valise_page_xml_finalize (GObject *object)
{
  g_free (VALISE_PAGE_XML (object)->problem);
  G_OBJECT_CLASS (valise_page_xml_parent_class)->finalize (object);
}

static void
valise_page_xml_class_init (ValisePageXmlClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (VALISE_TYPE_XML_DIFFERENCE);
  G_OBJECT_CLASS (klass)->dispose = valise_page_xml_dispose;
  G_OBJECT_CLASS (klass)->finalize = valise_page_xml_finalize;
  widget_class->map = valise_page_xml_map;
  widget_class->style_updated = valise_page_xml_style_updated;
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", VALISE_TYPE_PAGE_XML, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/valise/Valise/ui/valise-page-xml.glade");
  gtk_widget_class_bind_template_child (widget_class, ValisePageXml, problem_bar);
  gtk_widget_class_bind_template_child (widget_class, ValisePageXml, problem_label);
  gtk_widget_class_bind_template_child (widget_class, ValisePageXml, stack);
  gtk_widget_class_bind_template_child (widget_class, ValisePageXml, scroller);
  gtk_widget_class_bind_template_child (widget_class, ValisePageXml, difference);
  gtk_widget_class_bind_template_callback (widget_class, on_go_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_discard_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_view_changed_cb);
}

static void
valise_page_xml_init (ValisePageXml *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
valise_page_xml_set_session (ValisePageXml *self, ValiseEditSession *session)
{
  g_clear_handle_id (&self->commit_id, g_source_remove);
  g_set_object (&self->session, session);
  if (self->view != NULL)
    valise_xml_completion_set_session (self->view, session);
  valise_xml_difference_set_session (self->difference, session);
  set_problem (self, NULL);
  if (session != NULL)
    valise_page_xml_refresh (self);
}

void
valise_page_xml_refresh (ValisePageXml *self)
{
  const char *text;

  /* Text that is not in the draft yet is not overwritten by it. */
  if (self->view == NULL || self->session == NULL || self->problem != NULL || self->commit_id != 0)
    return;
  text = valise_document_get_text (valise_edit_session_get_draft (self->session));
  self->refreshing = TRUE;
  replace_text (self, text);
  self->refreshing = FALSE;
  show_findings (self);
}

gboolean
valise_page_xml_flush (ValisePageXml *self)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (self->view == NULL || self->session == NULL || (self->commit_id == 0 && self->problem == NULL))
    return TRUE;
  g_clear_handle_id (&self->commit_id, g_source_remove);
  text = get_text (self);
  /* While the draft takes the text over, it is not written back. */
  self->refreshing = TRUE;
  valise_edit_session_set_text (self->session, text, &error);
  self->refreshing = FALSE;
  set_problem (self, error != NULL ? error->message : NULL);
  if (error == NULL)
    valise_page_xml_refresh (self);
  return error == NULL;
}

const char *
valise_page_xml_get_problem (ValisePageXml *self)
{
  return self->problem;
}
