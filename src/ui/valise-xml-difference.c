/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-xml-difference.h"

#include <glib/gi18n-lib.h>

#include "bundle/valise-bundle.h"
#include "bundle/valise-line-diff.h"

#define CONTEXT 3

struct _ValiseXmlDifference
{
  GtkBin parent_instance;

  GtkComboBoxText *version_combo;
  GtkWidget *take_button, *previous_button, *next_button;
  GtkLabel *summary_label;
  GtkTextView *view;

  ValiseEditSession *session;
  GPtrArray *versions; /* of the history, as the combo has them behind its first; NULL until they are listed */
  char *listed_for;    /* the saved text that they were listed for */
  char *older;         /* the text that is compared with; NULL while it is read or cannot be */
  GArray *starts;      /* lines of the view at which differences begin */
  GCancellable *listing, *comparing;
  gboolean filling;
};

G_DEFINE_FINAL_TYPE (ValiseXmlDifference, valise_xml_difference, GTK_TYPE_BIN)

/* --- in a thread --- */

typedef struct
{
  ValiseBundleVersion version; /* path is NULL: @older is given */
  char *older;
  char *newer;
  GPtrArray *lines;
} Comparison;

static void
comparison_free (gpointer data)
{
  Comparison *self = data;

  g_free (self->version.path);
  g_free (self->older);
  g_free (self->newer);
  g_clear_pointer (&self->lines, g_ptr_array_unref);
  g_free (self);
}

static void
compare_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Comparison *self = data;
  g_autoptr (GError) error = NULL;

  if (self->version.path != NULL)
    self->older = valise_bundle_read_version (&self->version, &error);
  if (self->older == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  self->lines = valise_line_diff (self->older, self->newer, CONTEXT);
  g_task_return_boolean (task, TRUE);
}

static void
list_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, valise_bundle_list_versions (data), (GDestroyNotify) g_ptr_array_unref);
}

/* A cancellable of the newest call of a kind: the one before is not waited for any longer. */
static GCancellable *
begin (GCancellable **current)
{
  g_cancellable_cancel (*current);
  g_clear_object (current);
  *current = g_cancellable_new ();
  return *current;
}

/* --- what is shown --- */

static void
append_line (ValiseXmlDifference *self, const ValiseDiffLine *line)
{
  static const char *const tags[] = { "same", "removed", "added", "skipped" };
  static const char *const signs[] = { "  ", "− ", "+ ", "" };
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  g_autofree char *words = NULL, *skipped = NULL;
  GtkTextIter end;

  if (line->kind == VALISE_LINE_SKIPPED)
    skipped = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "⋯ %u line that is the same",
                                            "⋯ %u lines that are the same", line->count),
                               line->count);
  words = g_strdup_printf ("%s%s\n", signs[line->kind], skipped != NULL ? skipped : line->text);
  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_insert_with_tags_by_name (buffer, &end, words, -1, tags[line->kind], NULL);
}

static gboolean
differs (const ValiseDiffLine *line)
{
  return line->kind == VALISE_LINE_REMOVED || line->kind == VALISE_LINE_ADDED;
}

static void
say (ValiseXmlDifference *self, GPtrArray *lines)
{
  guint counts[4] = { 0 };
  g_autofree char *added = NULL, *removed = NULL, *words = NULL;

  for (guint i = 0; i < lines->len; i++)
    counts[((ValiseDiffLine *) lines->pdata[i])->kind]++;
  if (lines->len == 0)
    {
      gtk_label_set_text (self->summary_label, _ ("Nothing differs."));
      return;
    }
  added = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u line added", "%u lines added", counts[VALISE_LINE_ADDED]),
                           counts[VALISE_LINE_ADDED]);
  removed = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u line removed", "%u lines removed",
                                          counts[VALISE_LINE_REMOVED]),
                             counts[VALISE_LINE_REMOVED]);
  /* Translators: "3 lines added", "1 line removed" */
  words = g_strdup_printf (_ ("%s, %s since then."), added, removed);
  gtk_label_set_text (self->summary_label, words);
}

static void
show_lines (ValiseXmlDifference *self, GPtrArray *lines)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->view), "", 0);
  g_array_set_size (self->starts, 0);
  for (guint i = 0; i < lines->len; i++)
    {
      append_line (self, lines->pdata[i]);
      if (differs (lines->pdata[i]) && (i == 0 || !differs (lines->pdata[i - 1])))
        g_array_append_val (self->starts, i);
    }
  say (self, lines);
}

static void
update_buttons (ValiseXmlDifference *self)
{
  gtk_widget_set_sensitive (self->take_button, self->older != NULL && self->starts->len > 0);
  gtk_widget_set_sensitive (self->previous_button, self->starts->len > 0);
  gtk_widget_set_sensitive (self->next_button, self->starts->len > 0);
}

static void
on_compared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ValiseXmlDifference *self = VALISE_XML_DIFFERENCE (source);
  Comparison *comparison = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->view), "", 0);
      g_array_set_size (self->starts, 0);
      gtk_label_set_text (self->summary_label, error->message);
    }
  else
    {
      self->older = g_strdup (comparison->older);
      show_lines (self, comparison->lines);
    }
  update_buttons (self);
}

static void
compare (ValiseXmlDifference *self)
{
  Comparison *comparison = g_new0 (Comparison, 1);
  int active = gtk_combo_box_get_active (GTK_COMBO_BOX (self->version_combo));
  g_autoptr (GTask) task = NULL;

  comparison->newer = g_strdup (valise_document_get_text (valise_edit_session_get_draft (self->session)));
  if (active > 0 && self->versions != NULL && (guint) active <= self->versions->len)
    comparison->version.path = g_strdup (((ValiseBundleVersion *) self->versions->pdata[active - 1])->path);
  else
    comparison->older = g_strdup (valise_document_get_text (valise_edit_session_get_original (self->session)));
  g_clear_pointer (&self->older, g_free);
  task = g_task_new (self, begin (&self->comparing), on_compared_cb, NULL);
  g_task_set_task_data (task, comparison, comparison_free);
  g_task_run_in_thread (task, compare_in_thread);
}

/* --- the versions --- */

static char *
name_of_version (const ValiseBundleVersion *version)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (version->time / G_USEC_PER_SEC);
  g_autofree char *when = time != NULL ? g_date_time_format (time, "%x, %X") : NULL;

  /* Translators: %s is a date and a time; the settings were like that until then */
  return g_strdup_printf (_ ("what it was until %s"), when != NULL ? when : "?");
}

static gint64
chosen_time (ValiseXmlDifference *self)
{
  int active = gtk_combo_box_get_active (GTK_COMBO_BOX (self->version_combo));

  return active > 0 && self->versions != NULL ? ((ValiseBundleVersion *) self->versions->pdata[active - 1])->time : 0;
}

/* What was chosen stays chosen when it is still there. */
static void
fill (ValiseXmlDifference *self, GPtrArray *versions)
{
  gint64 chosen = chosen_time (self);
  int active = 0;

  self->filling = TRUE;
  gtk_combo_box_text_remove_all (self->version_combo);
  gtk_combo_box_text_append_text (self->version_combo, _ ("what was saved last"));
  for (guint i = 0; versions != NULL && i < versions->len; i++)
    {
      const ValiseBundleVersion *version = versions->pdata[i];
      g_autofree char *name = name_of_version (version);

      gtk_combo_box_text_append_text (self->version_combo, name);
      if (version->time == chosen)
        active = (int) i + 1;
    }
  g_clear_pointer (&self->versions, g_ptr_array_unref);
  self->versions = versions;
  gtk_combo_box_set_active (GTK_COMBO_BOX (self->version_combo), active);
  self->filling = FALSE;
  compare (self);
}

static void
on_listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ValiseXmlDifference *self = VALISE_XML_DIFFERENCE (source);
  GPtrArray *versions = g_task_propagate_pointer (G_TASK (result), NULL);

  if (versions != NULL) /* it was not cancelled */
    fill (self, versions);
}

static void
list (ValiseXmlDifference *self)
{
  const char *directory = valise_edit_session_get_directory (self->session);
  g_autoptr (GTask) task = NULL;

  if (directory == NULL)
    {
      fill (self, NULL);
      return;
    }
  task = g_task_new (self, begin (&self->listing), on_listed_cb, NULL);
  g_task_set_task_data (task, g_strdup (directory), g_free);
  g_task_run_in_thread (task, list_in_thread);
}

/* A save makes what was saved before a version of the history. */
static void
refresh (ValiseXmlDifference *self)
{
  const char *saved;

  if (self->session == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  saved = valise_document_get_text (valise_edit_session_get_original (self->session));
  if (g_strcmp0 (saved, self->listed_for) == 0)
    {
      compare (self);
      return;
    }
  g_free (self->listed_for);
  self->listed_for = g_strdup (saved);
  list (self);
}

/* --- callbacks --- */

static void
on_version_changed_cb (ValiseXmlDifference *self)
{
  if (!self->filling && self->session != NULL)
    compare (self);
}

static void
on_take_clicked_cb (ValiseXmlDifference *self)
{
  g_autofree char *older = g_strdup (self->older), *words = NULL;
  g_autoptr (GError) error = NULL;

  if (older == NULL || valise_edit_session_set_text (self->session, older, &error))
    return;
  words = g_strdup_printf (_ ("That version cannot be had back: %s"), error->message);
  gtk_label_set_text (self->summary_label, words);
}

static void
go_to (ValiseXmlDifference *self, gboolean forward)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  GtkTextIter iter;
  guint line, found;

  gtk_text_buffer_get_iter_at_mark (buffer, &iter, gtk_text_buffer_get_insert (buffer));
  line = (guint) gtk_text_iter_get_line (&iter);
  found = g_array_index (self->starts, guint, forward ? 0 : self->starts->len - 1);
  for (guint i = 0; i < self->starts->len; i++)
    {
      guint start = g_array_index (self->starts, guint, forward ? self->starts->len - 1 - i : i);

      if (forward ? start > line : start < line)
        found = start;
    }
  gtk_text_buffer_get_iter_at_line (buffer, &iter, (int) found);
  gtk_text_buffer_place_cursor (buffer, &iter);
  gtk_text_view_scroll_to_mark (self->view, gtk_text_buffer_get_insert (buffer), 0.2, FALSE, 0, 0);
}

static void
on_previous_clicked_cb (ValiseXmlDifference *self)
{
  go_to (self, FALSE);
}

static void
on_next_clicked_cb (ValiseXmlDifference *self)
{
  go_to (self, TRUE);
}

/* --- the widget --- */

static void
valise_xml_difference_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (valise_xml_difference_parent_class)->map (widget);
  refresh (VALISE_XML_DIFFERENCE (widget));
}

static void
valise_xml_difference_dispose (GObject *object)
{
  ValiseXmlDifference *self = VALISE_XML_DIFFERENCE (object);

  valise_xml_difference_set_session (self, NULL);
  g_clear_object (&self->listing);
  g_clear_object (&self->comparing);
  G_OBJECT_CLASS (valise_xml_difference_parent_class)->dispose (object);
}

static void
valise_xml_difference_finalize (GObject *object)
{
  ValiseXmlDifference *self = VALISE_XML_DIFFERENCE (object);

  g_clear_pointer (&self->versions, g_ptr_array_unref);
  g_free (self->listed_for);
  g_free (self->older);
  g_array_unref (self->starts);
  G_OBJECT_CLASS (valise_xml_difference_parent_class)->finalize (object);
}

static void
valise_xml_difference_class_init (ValiseXmlDifferenceClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_xml_difference_dispose;
  G_OBJECT_CLASS (klass)->finalize = valise_xml_difference_finalize;
  widget_class->map = valise_xml_difference_map;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/valise/Valise/ui/valise-xml-difference.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseXmlDifference, version_combo);
  gtk_widget_class_bind_template_child (widget_class, ValiseXmlDifference, take_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseXmlDifference, previous_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseXmlDifference, next_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseXmlDifference, summary_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseXmlDifference, view);
  gtk_widget_class_bind_template_callback (widget_class, on_version_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_take_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_previous_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_next_clicked_cb);
}

/* A choice is as wide as its longest words, which a telephone is not. */
static void
let_shrink (GtkCellLayout *combo)
{
  g_autoptr (GList) cells = gtk_cell_layout_get_cells (combo);

  g_object_set (cells->data, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
}

/* Transparent colours, so that they do on light and on dark; the signs before the lines say the same without them. */
static void
valise_xml_difference_init (ValiseXmlDifference *self)
{
  GtkTextBuffer *buffer;

  self->starts = g_array_new (FALSE, FALSE, sizeof (guint));
  gtk_widget_init_template (GTK_WIDGET (self));
  let_shrink (GTK_CELL_LAYOUT (self->version_combo));
  buffer = gtk_text_view_get_buffer (self->view);
  gtk_text_buffer_create_tag (buffer, "same", NULL);
  gtk_text_buffer_create_tag (buffer, "removed", "paragraph-background", "rgba(224,27,36,0.20)", NULL);
  gtk_text_buffer_create_tag (buffer, "added", "paragraph-background", "rgba(46,194,126,0.22)", NULL);
  gtk_text_buffer_create_tag (buffer, "skipped", "paragraph-background", "rgba(128,128,128,0.15)", "style",
                              PANGO_STYLE_ITALIC, NULL);
  update_buttons (self);
}

void
valise_xml_difference_set_session (ValiseXmlDifference *self, ValiseEditSession *session)
{
  if (self->session == session)
    return;
  g_cancellable_cancel (self->listing);
  g_cancellable_cancel (self->comparing);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_set_object (&self->session, session);
  g_clear_pointer (&self->listed_for, g_free);
  if (session == NULL)
    return;
  g_signal_connect_object (session, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  refresh (self);
}
