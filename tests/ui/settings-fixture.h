/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "main-loop.h"
#include "ui/valise-settings-page.h"
#include "ui/valise-settings.h"

/* The editor in a window on tests/ui/data/machine.xml, or on the file there that the test's data names. */
typedef struct
{
  GtkWidget *window;
  ValiseSettings *settings;
  ValiseEditSession *session;
} SettingsFixture;

/* Loads resources and settles what GTK needs; once per program, after gtk_test_init. */
void settings_fixture_init (void);
void settings_fixture_set_up (SettingsFixture *self, gconstpointer data);
void settings_fixture_tear_down (SettingsFixture *self, gconstpointer data);

/* The key of the first of each page that the table of pages names, for a machine with one of every device.
 * (transfer full) */
GPtrArray *settings_fixture_list_pages (void);

/* Runs the main loop until nothing waits; for a frame or the X server it does not wait. */
void settings_fixture_settle (void);
/* The row of a knob, on the page that is shown for it. Never NULL. */
/* Shows a page that has rows. */
GtkWidget *settings_fixture_page (SettingsFixture *self, const char *page);
ValiseSettingsRow *settings_fixture_row (SettingsFixture *self, const char *page, const char *knob);
/* The @index-th control (from 0) of a kind inside a widget, or NULL. */
GtkWidget *settings_fixture_control (GtkWidget *in, GType type, guint index);
/* Whether a label that is shown inside has these words. */
gboolean settings_fixture_has_text (GtkWidget *in, const char *words);
/* Puts a value into the row's (@index-th) control as a person would, whatever kind it is. */
void settings_fixture_put (GtkWidget *in, guint index, const char *value);
/* Finds a knob, and asserts that its row has the focus and comes into sight. */
void settings_fixture_assert_found_in_sight (SettingsFixture *self, const char *knob);
/* The draft's text without the white space between its tags, with one kind of quotes. (transfer full) */
char *settings_fixture_draft (SettingsFixture *self);
void settings_fixture_assert_has (SettingsFixture *self, const char *fragment, gboolean expected);
