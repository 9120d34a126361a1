/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/valise-import-points.h"

G_BEGIN_DECLS

/* One row of the table of a foreign machine: what it is about, what can be chosen, and beneath it what there is to be
 * said about it. The widgets belong to the row. */
typedef struct
{
  GtkWidget *row;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkBox *beside;   /* controls at the end of the first line */
  GtkWidget *below; /* a flow of controls under it */
  GtkBox *findings;
} ValiseImportRow;

/* @title: (nullable). (transfer full): to be freed with g_free(); the widgets are the @group's, a #HdyPreferencesGroup */
ValiseImportRow *valise_import_row_new (GtkWidget *group, const char *title);
void valise_import_row_set_subtitle (ValiseImportRow *self, const char *subtitle);
/* Puts @control at the end of the first line; @name is what a screen reader says. */
void valise_import_row_add (ValiseImportRow *self, GtkWidget *control, const char *name);
/* The same under the first line. */
void valise_import_row_add_below (ValiseImportRow *self, GtkWidget *control, const char *name);

/* Takes everything out of a container. */
void valise_import_clear (GtkWidget *container);

/* @words: (array zero-terminated=1): of the engine; @first: (nullable): a text before them for "as it is"; it is what is
 * chosen when @current is %NULL. */
GtkWidget *valise_import_combo_new (const char *const *words, const char *first, const char *current);
/* The word of @words that is chosen; %NULL for the first text. */
const char *valise_import_combo_get (GtkWidget *combo, const char *const *words);

/* Called when somebody has chosen an answer; %NULL: none. */
typedef void (*ValiseAnswerFunc) (const ValiseImportPoint *point, const char *answer, gpointer user_data);
/* Shows @point in @box, with its answers to choose from. @point lives as long as what is in the box. */
void
valise_import_finding_add (GtkBox *box, const ValiseImportPoint *point, ValiseAnswerFunc answer, gpointer user_data);
/* What is said is made anew; who was answering a question goes on there. Which one has the focus inside of @container;
 * %NULL: none. (transfer full) */
char *valise_import_focused_question (GtkWidget *container);
/* Focuses what answers it there, if there is one. */
void valise_import_focus_question (GtkWidget *container, const char *question);

G_END_DECLS
