/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-profile.h"
#include "ui/valise-new-machine.h"
#include "ui/valise-settings.h"

G_BEGIN_DECLS

/* The window of a new machine, for its two files: valise-new-machine-what.c is the first step, valise-new-machine.c the
 * second and the making. */

struct _ValiseNewMachine
{
  HdyWindow parent_instance;

  HdyHeaderBar *header_bar;
  GtkWidget *back_button;
  GtkWidget *spinner;
  GtkWidget *error_bar;
  GtkLabel *error_label;
  GtkStack *stack;
  GtkWidget *found_group;
  GtkLabel *wait_label;
  GtkWidget *machine_box;
  GtkEntry *name_entry;
  GtkWidget *folder_button;
  GtkLabel *folder_label;
  GtkLabel *summary_label;
  ValiseSettings *settings;
  GtkLabel *reason_label;
  GtkWidget *create_button;
  GtkWidget *start_button;

  ValiseLibrary *library;
  ValiseCapabilities *capabilities; /* a guess until they are known */
  gboolean known;
  ValiseProfile *profile; /* of what is shown in step 2 */
  ValiseEditSession *session;
  ValiseJob *job;
  GCancellable *cancellable; /* of the window */
  GCancellable *looking;     /* of what is being looked at */
  GtkFileChooserNative *chooser;
  ValiseHas chosen;   /* what a file chooser asks for */
  ValiseHas has;      /* what the machine is made from */
  char *path;         /* of that, or NULL */
  char *directory;    /* where the bundle goes */
  char *session_name; /* as the draft has it */
  guint64 free_space;
  gboolean start;
  gboolean create_waits; /* for the capabilities */
  guint wait_id;
  guint name_id;
};

void _valise_new_machine_show_error (ValiseNewMachine *self, const char *message);
/* Looks at what there is and goes on to the second step with it. @path is %NULL for nothing. */
void _valise_new_machine_take (ValiseNewMachine *self, ValiseHas has, const char *path);
/* A bundle or an archive is no new machine: whoever opened the window takes it. */
void _valise_new_machine_bring_in (ValiseNewMachine *self, const char *path);
/* The callbacks and further children of the first step. */
void _valise_new_machine_bind_what (GtkWidgetClass *widget_class);
void _valise_new_machine_find_discs (ValiseNewMachine *self);

G_END_DECLS
