/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-changes-bar.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "ui/valise-news.h"

struct _ValiseChangesBar
{
  GtkBin parent_instance;

  GtkMenuButton *details_button;
  GtkLabel *details_label;
  GtkLabel *words_label;
  GtkLabel *reason_label;
  GtkWidget *undo_button;
  GtkWidget *redo_button;
  GtkWidget *revert_button;
  GtkWidget *apply_button;

  ValiseEditSession *session;
};

enum
{
  SIGNAL_APPLY,
  SIGNAL_BEFORE_UNDO,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseChangesBar, valise_changes_bar, GTK_TYPE_BIN)

static char *
change_in_words (ValiseEditSession *session, const ValiseChange *change)
{
  g_autofree char *before = change->before != NULL ? valise_text_for_display (change->before, 40) : NULL;
  g_autofree char *after = change->after != NULL ? valise_text_for_display (change->after, 40) : NULL;
  g_autofree char *text = NULL;
  const char *when = change->timing == VALISE_KNOB_LIVE ? _ ("now") : _ ("after restart");

  if (before != NULL && after != NULL)
    text = g_strdup_printf ("%s %s → %s", change->label, before, after);
  else if (after != NULL && *after != '\0')
    text = g_strdup_printf ("%s: %s", change->label, after);
  else if (after != NULL)
    /* Translators: %s is a setting or a device */
    text = g_strdup_printf (_ ("%s added"), change->label);
  else if (before != NULL)
    /* Translators: %s is a setting */
    text = g_strdup_printf (_ ("%s back to the default"), change->label);
  else
    /* A whole device: its label says what happened to it. */
    text = g_strdup (change->label);
  if (!valise_edit_session_get_running (session))
    return g_steal_pointer (&text);
  return g_strdup_printf ("%s (%s)", text, when);
}

/* How many from @first on read alike: eleven controllers that went are one line. */
static guint
count_same (ValiseEditSession *session, GPtrArray *changes, guint first, const char *words)
{
  guint i = first + 1;

  for (; i < changes->len; i++)
    {
      g_autofree char *other = change_in_words (session, g_ptr_array_index (changes, i));
      if (!g_str_equal (other, words))
        break;
    }
  return i - first;
}

char *
valise_changes_in_words (ValiseEditSession *session, const char *separator)
{
  g_autoptr (GPtrArray) changes = valise_news_list (session);
  g_autoptr (GString) words = g_string_new (NULL);

  if (changes->len == 0)
    return g_strdup (_ ("No changes"));
  g_string_printf (words, g_dngettext (GETTEXT_PACKAGE, "%u change: ", "%u changes: ", changes->len), changes->len);
  for (guint i = 0, same; i < changes->len; i += same)
    {
      g_autofree char *one = change_in_words (session, g_ptr_array_index (changes, i));

      same = count_same (session, changes, i, one);
      if (i > 0 || *separator == '\n')
        g_string_append (words, separator);
      if (same > 1)
        g_string_append_printf (words, "%u × ", same);
      g_string_append (words, one);
    }
  return g_string_free (g_steal_pointer (&words), FALSE);
}

static void
on_undo_clicked_cb (ValiseChangesBar *self)
{
  g_signal_emit (self, signals[SIGNAL_BEFORE_UNDO], 0);
  if (self->session != NULL)
    valise_edit_session_undo (self->session);
}

static void
on_redo_clicked_cb (ValiseChangesBar *self)
{
  if (self->session != NULL)
    valise_edit_session_redo (self->session);
}

static void
on_revert_clicked_cb (ValiseChangesBar *self)
{
  g_signal_emit (self, signals[SIGNAL_BEFORE_UNDO], 0);
  if (self->session != NULL)
    valise_edit_session_revert (self->session);
}

static void
on_apply_clicked_cb (ValiseChangesBar *self)
{
  g_signal_emit (self, signals[SIGNAL_APPLY], 0);
}

static void
valise_changes_bar_dispose (GObject *object)
{
  g_clear_object (&VALISE_CHANGES_BAR (object)->session);
  G_OBJECT_CLASS (valise_changes_bar_parent_class)->dispose (object);
}

static void
valise_changes_bar_class_init (ValiseChangesBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_changes_bar_dispose;
  signals[SIGNAL_APPLY] = g_signal_new ("apply", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_BEFORE_UNDO] =
      g_signal_new ("before-undo", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/valise/Valise/ui/valise-changes-bar.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseChangesBar, details_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseChangesBar, details_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseChangesBar, words_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseChangesBar, reason_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseChangesBar, undo_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseChangesBar, redo_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseChangesBar, revert_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseChangesBar, apply_button);
  gtk_widget_class_bind_template_callback (widget_class, on_undo_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_redo_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_revert_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_apply_clicked_cb);
}

static void
valise_changes_bar_init (ValiseChangesBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
valise_changes_bar_set_session (ValiseChangesBar *self, ValiseEditSession *session)
{
  g_set_object (&self->session, session);
}

void
valise_changes_bar_refresh (ValiseChangesBar *self, const char *problem)
{
  gboolean changed = self->session != NULL && valise_edit_session_is_changed (self->session);
  g_autofree char *words = self->session != NULL ? valise_changes_in_words (self->session, "; ") : NULL;
  g_autofree char *details = self->session != NULL ? valise_changes_in_words (self->session, "\n• ") : NULL;
  g_autofree char *reason = NULL;
  gboolean can = self->session != NULL && valise_edit_session_can_apply (self->session, &reason) && problem == NULL;
  /* Why not is worth saying when there is something to apply; "nothing has changed" is said above already. */
  const char *shown = problem != NULL ? problem : changed && !can ? reason : NULL;

  gtk_label_set_text (self->words_label, words);
  gtk_label_set_text (self->details_label, details);
  gtk_widget_set_sensitive (GTK_WIDGET (self->details_button), changed);
  gtk_label_set_text (self->reason_label, shown != NULL ? shown : "");
  gtk_widget_set_visible (GTK_WIDGET (self->reason_label), shown != NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->reason_label), shown);
  gtk_widget_set_sensitive (self->undo_button, self->session != NULL && valise_edit_session_can_undo (self->session));
  gtk_widget_set_sensitive (self->redo_button, self->session != NULL && valise_edit_session_can_redo (self->session));
  gtk_widget_set_sensitive (self->revert_button, changed);
  gtk_widget_set_sensitive (self->apply_button, can);
  gtk_widget_set_tooltip_text (self->apply_button, can ? NULL : problem != NULL ? problem : reason);
}

void
valise_changes_bar_set_apply_visible (ValiseChangesBar *self, gboolean visible)
{
  gtk_widget_set_visible (self->apply_button, visible);
}
