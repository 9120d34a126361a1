/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-several-row.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "ui/valise-news.h"

#define NAME_CHARACTERS 80

struct _ValiseSeveralRow
{
  GtkListBoxRow parent_instance;

  GtkImage *image;
  GtkLabel *name_label, *words_label, *remarks_label;
};

G_DEFINE_FINAL_TYPE (ValiseSeveralRow, valise_several_row, GTK_TYPE_LIST_BOX_ROW)

static const char *const icons[] = {
  [VALISE_SEVERAL_WAITS] = "content-loading-symbolic", [VALISE_SEVERAL_QUIET] = "list-remove-symbolic",
  [VALISE_SEVERAL_CHANGE] = "go-next-symbolic",        [VALISE_SEVERAL_DONE] = "emblem-ok-symbolic",
  [VALISE_SEVERAL_FAILED] = "dialog-error-symbolic",
};

/* "CPUs: 2 → 4 (after restart)", a line each. */
static char *
describe_changes (ValiseEditSession *session)
{
  g_autoptr (GPtrArray) changes = valise_news_list (session);
  gboolean running = valise_edit_session_get_running (session);
  GString *words = g_string_new (NULL);

  for (guint i = 0; i < changes->len; i++)
    {
      const ValiseChange *change = changes->pdata[i];
      const char *before = change->before != NULL ? change->before : _ ("Default");
      const char *after = change->after != NULL ? change->after : _ ("Default");

      /* Translators: a setting, what it was, what it becomes */
      g_string_append_printf (words, _ ("%s: %s → %s"), change->label, before, after);
      if (running)
        g_string_append_printf (words, " (%s)", change->timing == VALISE_KNOB_LIVE ? _ ("now") : _ ("after restart"));
      if (i + 1 < changes->len)
        g_string_append_c (words, '\n');
    }
  return g_string_free (words, FALSE);
}

static char *
describe_findings (GPtrArray *findings)
{
  g_autoptr (GString) words = g_string_new (NULL);

  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = findings->pdata[i];

      g_string_append_printf (words, "%s%s", words->len > 0 ? "\n" : "", finding->text);
      if (finding->remedy != NULL)
        g_string_append_printf (words, " %s", finding->remedy);
    }
  return words->len > 0 ? g_strdup (words->str) : NULL;
}

static void
valise_several_row_class_init (ValiseSeveralRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/valise/Valise/ui/valise-several-row.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralRow, image);
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralRow, words_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralRow, remarks_label);
}

static void
valise_several_row_init (ValiseSeveralRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
valise_several_row_new (const char *name)
{
  ValiseSeveralRow *self = g_object_new (VALISE_TYPE_SEVERAL_ROW, NULL);
  g_autofree char *shown = valise_text_for_display (name, NAME_CHARACTERS);

  gtk_label_set_text (self->name_label, shown);
  valise_several_row_say (self, VALISE_SEVERAL_WAITS, "", NULL);
  return GTK_WIDGET (self);
}

void
valise_several_row_say (ValiseSeveralRow *self, ValiseSeveralMark mark, const char *words, const char *remarks)
{
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (self->words_label));
  g_autofree char *name = g_strjoin ("\n", gtk_label_get_text (self->name_label), words, remarks, NULL);

  gtk_image_set_from_icon_name (self->image, icons[mark], GTK_ICON_SIZE_MENU);
  gtk_label_set_text (self->words_label, words);
  gtk_label_set_text (self->remarks_label, remarks != NULL ? remarks : "");
  gtk_widget_set_visible (GTK_WIDGET (self->remarks_label), remarks != NULL);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), name);
  if (mark == VALISE_SEVERAL_FAILED)
    gtk_style_context_add_class (context, "valise-reason");
  else
    gtk_style_context_remove_class (context, "valise-reason");
  if (mark == VALISE_SEVERAL_QUIET || mark == VALISE_SEVERAL_WAITS)
    gtk_style_context_add_class (context, GTK_STYLE_CLASS_DIM_LABEL);
  else
    gtk_style_context_remove_class (context, GTK_STYLE_CLASS_DIM_LABEL);
}

void
valise_several_row_show (ValiseSeveralRow *self, const ValiseSharedPart *part)
{
  g_autofree char *changes = NULL, *findings = NULL, *same = NULL;

  switch (part->state)
    {
    case VALISE_SHARED_CHANGES:
      changes = describe_changes (part->session);
      findings = describe_findings (part->findings);
      valise_several_row_say (self, VALISE_SEVERAL_CHANGE, changes, findings);
      break;
    case VALISE_SHARED_SAME:
      /* Translators: %s is the value that a machine has already */
      same = part->value != NULL ? g_strdup_printf (_ ("Stays as it is: %s"), part->value)
                                 : g_strdup (_ ("Stays as it is"));
      valise_several_row_say (self, VALISE_SEVERAL_QUIET, same, NULL);
      break;
    case VALISE_SHARED_REFUSED:
      changes = describe_changes (part->session);
      /* Translators: %s is why a machine cannot have a setting */
      same = g_strdup_printf (_ ("Is left as it is: %s"), part->reason);
      valise_several_row_say (self, VALISE_SEVERAL_FAILED, same, *changes != '\0' ? changes : NULL);
      break;
    case VALISE_SHARED_PENDING:
    default:
      valise_several_row_say (self, VALISE_SEVERAL_WAITS, "", NULL);
      break;
    }
}

void
valise_several_row_fail (ValiseSeveralRow *self, const ValiseSharedPart *part, const char *words)
{
  g_autofree char *changes = describe_changes (part->session);

  valise_several_row_say (self, VALISE_SEVERAL_FAILED, words, *changes != '\0' ? changes : NULL);
}
