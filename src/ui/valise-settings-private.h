/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>

#include "ui/valise-changes-bar.h"
#include "ui/valise-device-list.h"
#include "ui/valise-page-xml.h"
#include "ui/valise-settings-page.h"
#include "ui/valise-settings.h"

G_BEGIN_DECLS

struct _ValiseSettings
{
  GtkBin parent_instance;

  HdyLeaflet *leaflet;
  GtkWidget *sidebar;
  GtkWidget *content;
  GtkEntry *search_entry;
  GtkStack *sidebar_stack;
  GtkListBox *page_list;
  GtkListBox *result_list;
  GtkMenuButton *hardware_button;
  GtkWidget *hardware_popover;
  GtkBox *hardware_box;
  GtkStack *page_stack;
  ValiseChangesBar *changes_bar;
  ValisePageXml *xml_page;

  ValiseEditSession *session;
  GPtrArray *entries; /* ValiseSidebarEntry, in the order of page_list */
  GHashTable *pages;  /* page id -> ValiseSettingsPage, made when first shown */
  GPtrArray *refusals;
  char *current;  /* key of the entry that is shown */
  char *identity; /* what it stays by when devices come and go */
  guint filled;   /* how many lines of page_list have more than their place */
  guint fill_id;
  gboolean rebuilding;
  gboolean reveal; /* the chosen line is to be scrolled to when the list has its size */
  gboolean apply_visible;
};

/* --- valise-settings-sidebar.c --- */
typedef struct
{
  char *key; /* "system", or a device's path */
  char *identity;
  const char *page;
  const char *icon;
  char *title;
  char *subtitle;
  int severity; /* worst finding, -1 for none */
  gboolean changed;
  gboolean quiet; /* a line of its own only while it is shown or there is something about it to see */
} ValiseSidebarEntry;
void _valise_settings_update_sidebar (ValiseSettings *self);
const ValiseSidebarEntry *_valise_settings_find_entry (ValiseSettings *self, const char *key);
/* What is wrong with what an entry is about. (element-type ValiseFinding) (transfer container) */
GPtrArray *_valise_settings_list_findings (ValiseSettings *self, const char *key);
/* The first entry that shows a page of the knob table. */
const ValiseSidebarEntry *_valise_settings_find_page (ValiseSettings *self, const char *page);
void _valise_settings_select_entry (ValiseSettings *self, const char *key);
void _valise_settings_reveal_current (ValiseSettings *self);
void _valise_settings_fill_hardware (ValiseSettings *self);

/* --- valise-sidebar-row.c --- */
/* A line that only has its place. */
GtkWidget *_valise_sidebar_row_new (const ValiseSidebarEntry *entry);
const char *_valise_sidebar_row_get_key (GtkListBoxRow *row);
/* As it is read out; and shows it, or not. */
void _valise_sidebar_row_name (GtkListBoxRow *row, const ValiseSidebarEntry *entry);
void _valise_sidebar_row_fill (GtkListBoxRow *row, const ValiseSidebarEntry *entry);

/* --- valise-settings-search.c --- */
void _valise_settings_search (ValiseSettings *self);
void _valise_settings_activate_result (ValiseSettings *self, GtkListBoxRow *row);
void _valise_settings_stop_search (ValiseSettings *self);

/* --- valise-settings-reveal.c --- */
/* Scrolls to a row that has just got the focus, also when it has no place yet: on a page, or in a fold, that is only
 * being shown. */
void _valise_settings_reveal_row (GtkWidget *row);

/* --- valise-settings.c --- */
void _valise_settings_empty (GtkContainer *container);
void _valise_settings_show_entry (ValiseSettings *self, const ValiseSidebarEntry *entry);

G_END_DECLS
